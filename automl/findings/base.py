"""What a check looks at, and what a check is."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from automl.findings.record import Profile
from automl.types import Finding, Fix, Problem, Severity

_ORDER = {Severity.HIGH: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class BuildResult:
    """A finished build, as the checks see it.

    `class_counts` are training rows by label; `evaluation` is evaluation.json, or None when no test
    rows were set aside.
    `prediction_spread` is the standard deviation of the predictions of the test rows beside that of the
    outcomes; `shift` says how far each column moved from training to test rows (findings.shift).
    `dates` are columns that a split by time could follow, `drift` what is to be said of those along which the target
    changes (findings.drift); `seconds` is the build's time limit, 0 without one;
    `tried` and `had_no_time` count candidates.
    """

    problem: Problem
    rows_train: int
    class_counts: dict[str, int]
    evaluation: dict[str, Any] | None
    validation_score: float | None
    validation_std: float | None
    baseline_validation: float | None
    impact: list[dict[str, Any]]
    prediction_spread: float | None = None
    shift: dict[str, float] = field(default_factory=dict)
    profile: Profile | None = None
    dates: tuple[str, ...] = ()
    drift: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    tried: int = 0
    had_no_time: int = 0


class Adviser(ABC):
    """What checks before and after a build share. `code` is stable: texts may change, codes may not."""

    code: str

    def finding(
        self,
        severity: Severity,
        title: str,
        message: str,
        columns: tuple[str, ...] = (),
        fix: Fix | None = None,
        more: Iterable[Fix | None] = (),
    ) -> Finding:
        """Advice; without a first fix, the first of the further ones is it."""
        ways = [f for f in (fix, *more) if f is not None]
        return Finding(self.code, severity, title, message, columns, *ways[:1], more=tuple(ways[1:]))


class Check(Adviser):
    """One rule over a finished build."""

    @abstractmethod
    def look(self, result: BuildResult) -> Finding | None:
        """Return a Finding, or None when there is nothing to say."""


def made(places: Iterable[str]) -> list[Any]:
    """One of each class of a table of places such as "automl.findings.few_rows:FewRows", in its order."""
    out = []
    for place in places:
        module, name = place.split(":")
        out.append(getattr(importlib.import_module(module), name)())
    return out


def by_severity(found: Iterable[Finding]) -> list[Finding]:
    """The most severe findings first."""
    return sorted(found, key=lambda f: _ORDER[f.severity])
