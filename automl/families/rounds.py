"""A booster's rounds: which one was best, for one fold and for all, and the learning rate that suits how many
there is time for.

With a small rate and few rounds a booster hands in a model that has hardly begun to learn. So the
first rounds are timed, and where fewer than `ENOUGH` would fit, the rate goes up in proportion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

ENOUGH = 200  # fewer rounds than that would be cut off before early stopping, at usual rates
FASTEST = 0.35
TIMED = 5  # rounds that are timed, after the first one, which prepares the data
WORTH_TIMING = 300_000  # cells × outputs; smaller fits have time enough

SMOOTHED = 21  # rounds around one that are averaged before the best is chosen


def best_round(scores: list[float], *, greater_is_better: bool, jumpy: bool) -> int:
    """The number of rounds after which the validation score was best; the first one is 1.

    Ranks of few rows jump from round to round: the best of all may be the luckiest after four
    rounds. Then neighbours count as well (CatBoost's AUC on new rows: +0.004 on 1,470 rows).

    >>> best_round([0.5, 0.4, 0.45], greater_is_better=False, jumpy=False)
    2
    """
    values = np.array(scores) if greater_is_better else -np.array(scores)
    known = np.isfinite(values)
    if not known.any():  # of validation rows of one class only
        return len(values)
    values[~known] = values[known].min()
    if jumpy:
        place, sums = np.arange(len(values)), np.concatenate([[0.0], np.cumsum(values)])
        after = np.minimum(SMOOTHED // 2, len(values) - 1 - place)
        first, last = np.maximum(place - after, 0), place + after + 1
        values = (sums[last] - sums[first]) / (last - first)
    return int(np.argmax(values)) + 1


@dataclass(frozen=True)
class Course:
    """How a boosting went: the validation score after each round, and a function that gives the model after
    any of them."""

    scores: tuple[float, ...]
    greater_is_better: bool
    jumpy: bool
    model_after: Callable[[int], Any]

    @property
    def best(self) -> int:
        return best_round(list(self.scores), greater_is_better=self.greater_is_better, jumpy=self.jumpy)


def follow(course: Course) -> Any:
    """The model after the best round, with its course."""
    fitted = course.model_after(course.best)
    fitted.course = course
    return fitted


def best_round_of_all(courses: Sequence[Course]) -> int:
    """The number of rounds that is best for all folds together, as `cv` of the libraries has it.

    A fold's own best round is chosen with the rows that score it, which flatters; and it is the luck of
    few rows. A fold that stopped earlier counts with what it had reached.

    >>> after = lambda rounds: None
    >>> best_round_of_all([Course((1.0, 3.0), True, False, after), Course((1.0, 2.0, 4.0), True, False, after)])
    3
    """
    longest = max(len(c.scores) for c in courses)
    curves = [np.pad(c.scores, (0, longest - len(c.scores)), mode="edge") for c in courses]
    mean = np.mean(curves, axis=0)
    first = courses[0]
    return best_round(list(mean), greater_is_better=first.greater_is_better, jumpy=first.jumpy)


class Pace:
    """Counts the rounds of a short fit, then says with which learning rate the real one should go.

    Parameters
    ----------
    deadline : float or None
        `time.monotonic()` at which the fit has to end; None: there is no hurry.
    cells : int
        Rows × columns × outputs of the fit.

    >>> Pace(None, 10**9).rate(0.05)
    0.05
    """

    def __init__(self, deadline: float | None, cells: int) -> None:
        self.deadline = deadline
        self.is_needed = deadline is not None and cells > WORTH_TIMING
        self._rounds: list[float] = []

    def tick(self) -> bool:
        """A round is over; returns whether to go on timing."""
        now = time.monotonic()
        self._rounds.append(now)
        return len(self._rounds) <= TIMED and now < self.deadline

    def rate(self, usual: float) -> float:
        """The learning rate for the real fit."""
        if len(self._rounds) < 2:
            return usual
        each = (self._rounds[-1] - self._rounds[0]) / (len(self._rounds) - 1)
        possible = max((self.deadline - self._rounds[-1]) / max(each, 1e-6), 1.0)
        return usual if possible >= ENOUGH else min(usual * ENOUGH / possible, max(FASTEST, usual))
