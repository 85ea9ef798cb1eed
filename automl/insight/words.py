"""Reasons, effects and changes as one would say them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl import wording
from automl.explain import Effect, Pair
from automl.types import Problem

FLAT = 0.03  # of the spread of predictions; what moves them less is said to hardly do so
STRAIGHT = 0.9  # rank correlation from which on an effect is said to go one way
ADDS_UP = 0.05  # share of a pair's effect that is no sum, up to which each acts by itself


def moved(problem: Problem, amount: float) -> str:
    """What a column adds: points of probability, or the value's own unit.

    >>> from automl.types import Task
    >>> moved(Problem("churn", Task.BINARY, "roc_auc", ()), 0.18), moved(Problem("y", Task.REGRESSION, "rmse", ()), -2)
    ('+18.0 points', '−2')
    """
    sign = "+" if amount > 0 else "−"
    if problem.has_probabilities:
        points = abs(amount) * 100
        return f"{sign}{points:.1f} points" if points >= 0.05 else f"{sign}under 0.1 points"
    return f"{sign}{wording.number(abs(amount))}"


def size(problem: Problem, amount: float, unit: bool = True) -> str:
    """How far a column moves predictions, whichever way.

    >>> from automl.types import Task
    >>> size(Problem("churn", Task.BINARY, "roc_auc", ()), 0.18), size(Problem("y", Task.REGRESSION, "rmse", ()), 2)
    ('18.0 points', '2')
    """
    if problem.has_probabilities:
        points = amount * 100
        text = f"{points:.1f}" if points >= 0.05 or points == 0 else "under 0.1"
        return f"{text} points" if unit else text
    return wording.number(amount)


def shown(value: Any, name: str = "") -> str:
    """A typed value as one would say it: a number rounded, a date without an idle time, or "missing".

    `name` is its column's: a year has no separator.

    >>> shown(2.0), shown(None), shown(np.datetime64("2024-03-01T00:00:00")), shown(2024.0, "year")
    ('2', 'missing', '2024-03-01', '2024')
    """
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return "missing"
    if isinstance(value, np.datetime64 | pd.Timestamp):
        if pd.isna(value):
            return "missing"
        return str(pd.Timestamp(value)).removesuffix(" 00:00:00")[:16]
    if isinstance(value, int | float | np.number):
        text = wording.value(float(value), name, 4)
        return text.rstrip("0").rstrip(".") if "." in text else text  # a value that was given, not measured
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


def predicted(problem: Problem, value: float) -> str:
    """A prediction: a share as a percentage, a value as a number."""
    return wording.percent(value) if problem.has_probabilities else wording.number(value)


def outcome(problem: Problem, output: int) -> str:
    """What is predicted: "the chance of churn = yes", or the target."""
    if not problem.has_probabilities:
        return short(problem.target)
    return f"the chance of {short(problem.target)} = {short(problem.classes[output])}"


def short(text: Any, most: int = 40) -> str:
    """A name on one line, cut where it gets long."""
    text = " ".join(str(text).split())
    return wording.isolated(text if len(text) <= most else text[: most - 1] + "…")


def effect_title(problem: Problem, found: Effect, output: int) -> str:
    """What an effect comes to, in a sentence.

    >>> from automl.types import Task
    >>> problem = Problem("price", Task.REGRESSION, "rmse", ())
    >>> lines = np.array([[[10.0], [20.0]], [[12.0], [24.0]]])
    >>> effect_title(problem, Effect("size", np.array([1.0, 2.0]), lines, np.array([5, 5]), 10), 0)
    'The more size, the higher price: 11 at 1, 22 at 2'
    """
    name, mean, said = short(found.column), found.mean(output), outcome(problem, output)
    what = _first(said) if problem.has_probabilities else said  # a column's name stays as it is written
    spread = float(found.lines[:, :, output].std())
    if np.ptp(mean) <= FLAT * max(spread, 1e-12) or len(mean) < 2:
        return f"{name} hardly moves {said}"
    top, low = int(mean.argmax()), int(mean.argmin())
    high, least = predicted(problem, mean[top]), predicted(problem, mean[low])
    at_top, at_low = (short(shown(found.values[i], found.column), 30) for i in (top, low))
    if found.words:
        return f"{what} is {high} with {name} {at_top} and {least} with {at_low}"
    way = pd.Series(np.arange(len(mean))).corr(pd.Series(mean).rank())
    if abs(way) >= STRAIGHT:
        first, last = (f"{predicted(problem, mean[i])} at {shown(found.values[i], found.column)}" for i in (0, -1))
        more = "later" if found.values.dtype.kind == "M" else "more"
        return f"The {more} {name}, the {'higher' if way > 0 else 'lower'} {said}: {first}, {last}"
    return f"{what} is highest around {name} {at_top} ({high}) and lowest around {at_low} ({least})"


def pair_title(problem: Problem, found: Pair, output: int) -> str:
    """What two columns come to together, in a sentence."""
    first, second = (short(c, 30) for c in found.columns)
    z = found.surface[:, :, output]
    if np.ptp(z) < 1e-12:
        return f"Neither {first} nor {second} moves {outcome(problem, output)}"
    i, j = np.unravel_index(z.argmax(), z.shape)
    at_first, at_second = shown(found.first[i], found.columns[0]), shown(found.second[j], found.columns[1])
    top = f"highest at {first} {at_first} and {second} {at_second} ({predicted(problem, z[i, j])})"
    share = found.together(output)
    if share < ADDS_UP:
        return f"{first} and {second} each have their own effect, whatever the other is: {top}"
    return f"{wording.percent(share)} of what {first} and {second} do, they do together: {top}"


def direction(way: Any, output_words: str = "it") -> str:
    """Which way a column moves the prediction.

    >>> direction("up"), direction("mixed"), direction(("pro", "basic"))
    ('more raises it', 'it depends on the row', 'highest with pro, lowest with basic')
    """
    if way == "up":
        return f"more raises {output_words}"
    if way == "down":
        return f"more lowers {output_words}"
    if way == "mixed":
        return "it depends on the row"
    return f"highest with {short(way[0], 24)}, lowest with {short(way[1], 24)}"


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]
