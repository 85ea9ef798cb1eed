"""What a user chose for a finished model: from which probability on a row is called the outcome of interest.

Saved beside the sealed files (see `additions`), read when the model is opened, used by every prediction.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from automl import additions
from automl.errors import PredictionError
from automl.types import Problem, from_dict, to_dict

NAME = "choices.json"
FIXED = "Only a model of two classes calls rows by a threshold; this one takes the likeliest class, or predicts values."


@dataclass(frozen=True)
class Payoff:
    """What each outcome of a decision brings, in `currency`; costs are negative.

    A hit is a row rightly called the outcome of interest, a false alarm one wrongly called so,
    a miss one that really is and was not called, a pass one rightly left alone.
    """

    hit: float
    false_alarm: float
    miss: float = 0.0
    passed: float = 0.0
    currency: str = "€"


@dataclass(frozen=True)
class Choices:
    """`threshold` replaces the model's own; `payoff` is what it was chosen for, if for money."""

    threshold: float | None = None
    payoff: Payoff | None = None


def read(folder: Path) -> Choices:
    """The choices saved with a model; none where nothing was chosen. Raises BundleError when damaged."""
    content = additions.read(Path(folder), NAME)
    return Choices() if content is None else from_dict(content, Choices)


def save(folder: Path, problem: Problem, choices: Choices) -> None:
    """Save choices with the model in `folder`; predictions of whoever opens it next follow them.

    Raises
    ------
    PredictionError
        The model knows no threshold, or the threshold is no probability between 0 and 1.
    """
    if choices.threshold is not None:
        if len(problem.classes) != 2:
            raise PredictionError(FIXED)
        if not 0 < choices.threshold < 1:
            raise PredictionError(
                f"A threshold is a probability between 0 and 1, not {choices.threshold:g}. 0.5 calls what is likelier."
            )
    if choices == Choices():
        additions.remove(Path(folder), NAME)
    else:
        additions.write(Path(folder), NAME, to_dict(choices))
