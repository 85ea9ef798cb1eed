"""What a rule over the fitting of a candidate is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from automl.findings.record import Record
from automl.types import RuleAction, Severity


class Rule(ABC):
    """One rule. `code` is stable, and SageMaker Debugger's where that has one of the kind.

    Attributes
    ----------
    title : str
        What is the matter, in a few words.
    thresholds : dict
        Name to default. They are handed to `look`, or what the user chose instead.
    advice : str
        What to do, as a sentence.
    figure : str
        The curve behind it: "score", or the beginning of a figure's name; empty where there is none.
    action : RuleAction
        What follows, unless the user chose otherwise.
    """

    code: str
    title: str
    severity: Severity = Severity.WARNING
    thresholds: ClassVar[dict[str, float]] = {}
    advice: str = ""
    figure: str = ""
    action: RuleAction = RuleAction.REPORT

    @abstractmethod
    def look(self, record: Record, **thresholds: Any) -> str | None:
        """A sentence with the number in it, or None when there is nothing to say."""


def layers(record: Record, name: str) -> dict[str, dict[int, list[tuple[int, float]]]]:
    """The courses of a figure that each layer has: name to fold to (step, value)."""
    return {n: record.series(n) for n in record.figure_names if n.startswith(f"{name}_")}


def layer_word(name: str) -> str:
    """How a layer is called in a sentence.

    >>> layer_word("gradient_0")
    'layer 1'
    """
    return f"layer {int(name.rsplit('_', 1)[1]) + 1}"
