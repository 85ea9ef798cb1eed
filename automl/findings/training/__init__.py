"""Rules over the fitting of candidates, while it goes on as well as afterwards (SageMaker Debugger's).

A rule is a small class with a stable `code`, named thresholds and a `look(record, **thresholds)` that returns a
sentence or None. A new rule of ours is one file and one line in RULES. A rule of yours is a Python function,
registered as an entry point of the group `foretable.rules` under its code:

    def too_slow(record, *, most_seconds=60.0):
        \"\"\"A fold takes too long\"\"\"
        slow = [f for f in record.folds if f.seconds > most_seconds]
        return f"Fold {slow[0].fold} took {slow[0].seconds:.0f} s." if slow else None

Its keyword arguments with defaults are its thresholds, the first line of its docstring its title.
"""

from __future__ import annotations

import functools
import inspect
import logging
import math
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

from automl.errors import ProblemError, unknown_name
from automl.findings.base import made
from automl.findings.record import Record
from automl.findings.training.base import Rule
from automl.types import Finding, RuleAction, RuleSetting, Severity

RULES = (
    "automl.findings.training.exploding_tensor:ExplodingTensor",
    "automl.findings.training.vanishing_gradient:VanishingGradient",
    "automl.findings.training.dead_units:DeadUnits",
    "automl.findings.training.weight_update_ratio:WeightUpdateRatio",
    "automl.findings.training.loss_not_decreasing:LossNotDecreasing",
    "automl.findings.training.stalled_training:StalledTraining",
    "automl.findings.training.overfit:Overfit",
    "automl.findings.training.tree_depth:TreeDepth",
    "automl.findings.training.step_outlier:StepOutlier",
)
ENTRY_POINTS = "foretable.rules"

log = logging.getLogger(__name__)

__all__ = ["RULES", "Rule", "all_rules", "check_settings", "look", "rule", "setting_of"]


class FunctionRule(Rule):
    """A rule that somebody registered as a function."""

    severity = Severity.WARNING

    def __init__(self, code: str, function: Callable[..., str | None]) -> None:
        self.code, self.function = code, function
        self.title = (inspect.getdoc(function) or code).splitlines()[0].rstrip(".")
        found = inspect.signature(function).parameters.values()
        self.thresholds = {p.name: p.default for p in found if p.default is not inspect.Parameter.empty}

    def look(self, record: Record, **thresholds: Any) -> str | None:
        return self.function(record, **thresholds)


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Ours, then those that are registered; one that can't be loaded is logged and left out."""
    found: list[Rule] = made(RULES)
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        try:
            found.append(FunctionRule(entry.name, entry.load()))
        except Exception:
            log.warning("the rule %s can't be loaded", entry.name, exc_info=True)
    return tuple(found)


def rule(code: str) -> Rule:
    """A rule by its code; raises ProblemError naming the nearest."""
    for found in all_rules():
        if found.code == code:
            return found
    raise ProblemError(unknown_name("rule", code, [r.code for r in all_rules()]))


def check_settings(settings: Sequence[RuleSetting]) -> None:
    """Raise ProblemError where a setting names no rule, or a threshold that the rule has not."""
    for setting in settings:
        known = rule(setting.code).thresholds
        for name, value in setting.thresholds.items():
            if name not in known:
                raise ProblemError(unknown_name(f"threshold of the rule '{setting.code}'", name, known))
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                raise ProblemError(f"The threshold '{name}' of the rule '{setting.code}' has to be a number.")


def setting_of(text: str) -> RuleSetting:
    """A setting as the command line has it: CODE=ACTION, then thresholds, separated by commas.

    Raises
    ------
    ProblemError
        The rule, action or threshold is unknown, or the threshold no number.

    >>> setting_of("overfit=stop,ratio_threshold=0.5").thresholds
    {'ratio_threshold': 0.5}
    """
    first, *rest = [part.strip() for part in text.split(",")]
    code, _, action = first.partition("=")
    rule(code)
    if action not in list(RuleAction):
        raise ProblemError(unknown_name("action", action, list(RuleAction), f"of the rule '{code}'"))
    thresholds = {}
    for part in rest:
        name, _, value = part.partition("=")
        try:
            thresholds[name.strip()] = float(value)
        except ValueError:
            raise ProblemError(f"The threshold '{name}' of the rule '{code}' has to be a number, not '{value}'.") from None
    setting = RuleSetting(code, RuleAction(action), thresholds)
    check_settings([setting])
    return setting


def look(record: Record, settings: Sequence[RuleSetting] = ()) -> list[tuple[Finding, RuleAction]]:
    """Ask every rule that is on about a candidate; what each found, and what is to follow.

    A rule that fails is logged, never fatal.
    """
    chosen = {s.code: s for s in settings}
    found = []
    for each in all_rules():
        setting = chosen.get(each.code)
        action = setting.action if setting else each.action
        if action is RuleAction.OFF:
            continue
        thresholds = {**each.thresholds, **(setting.thresholds if setting else {})}
        try:
            sentence = each.look(record, **thresholds)
        except Exception:
            log.exception("rule %s", each.code)
            continue
        if sentence:
            message = f"{record.candidate}: {sentence}" + (f" {each.advice}" if each.advice else "")
            finding = Finding(
                each.code, each.severity, each.title, message, candidate=record.candidate, figure=each.figure
            )
            found.append((finding, action))
    return found
