"""Is a difference of two scores more than chance? Both are computed on the same drawn rows, again and again.

Two models err on the same hard rows, so their difference varies far less than either score: a paired
bootstrap (Efron & Tibshirani 1993) keeps that, comparing two intervals would not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl.metrics import ByWeight, Metric

RESAMPLES = 200
MOST_ROWS = 5_000  # drawn from; the spread is scaled to all rows by the square root of their number
Z = 1.959963984540054  # of a 95 % interval


@dataclass(frozen=True)
class Difference:
    """How much better the first score is than the second (above 0 when better), with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out that there is none."""
        return self.low > 0 or self.high < 0


def spread(scores: Sequence[ByWeight], rows: int, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Scores of the same drawn rows, of shape (resamples, scores); each takes the times each row was drawn."""
    rng = np.random.default_rng(seed)
    out = np.empty((resamples, len(scores)))
    for i in range(resamples):
        weight = np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(np.float64)
        out[i] = [score(weight) for score in scores]
    return out


def compare(
    metric: Metric,
    y: np.ndarray,
    first: np.ndarray,
    others: Sequence[np.ndarray],
    *,
    other_metric: Metric | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Difference]:
    """How much better `first` is than each of the others on the same rows.

    Parameters
    ----------
    metric : Metric
    y : ndarray of shape (rows,)
        Class codes, or values.
    first, others : ndarray of shape (rows, classes) or (rows,)
        Predictions.
    other_metric : Metric, optional
        The others' where they decide by another threshold.

    >>> from automl.metrics import METRICS
    >>> y = np.arange(100.0)
    >>> compare(METRICS["mae"], y, y + 1, [y + 2])
    [Difference(value=1.0, low=1.0, high=1.0)]
    """
    n, other = len(y), other_metric or metric
    whole = np.ones(n)
    values = [metric.prepare(y, first)(whole), *(other.prepare(y, p)(whole) for p in others)]
    pick = np.arange(n)
    if n > MOST_ROWS:
        pick = np.sort(np.random.default_rng(seed).choice(n, MOST_ROWS, replace=False))
    scores = [metric.prepare(y[pick], first[pick]), *(other.prepare(y[pick], p[pick]) for p in others)]
    drawn = spread(scores, len(pick), resamples, seed)
    out = []
    for i in range(1, len(values)):
        value = metric.sign * (values[0] - values[i])
        reach = Z * float((drawn[:, 0] - drawn[:, i]).std(ddof=1)) * (len(pick) / n) ** 0.5
        out.append(Difference(value, value - reach, value + reach))
    return out
