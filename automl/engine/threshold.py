"""From which probability on a row is called the outcome of interest, where the metric counts labels.

The likeliest label is right most often. It is not what balances precision and recall of a rare
outcome: of one that is never likelier than not, no row would ever be called it. So the threshold is
chosen on the out-of-fold predictions, and kept only if folds that it was not chosen on gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.metrics import LIKELIEST, Metric

# Not precision or recall alone: calling one row, or all, is best for them.
TUNED = ("f1", "balanced_accuracy", "accuracy")
STEPS = 100  # thresholds that are tried, at even shares of the rows
SMOOTHED = 5  # neighbours averaged: the best of all would be the luckiest
SURELY = 1.0  # standard errors that the folds must gain


@dataclass(frozen=True)
class Threshold:
    """The threshold, and what it scores on folds that it was not chosen on; with the likeliest label before."""

    value: float
    fold_scores: tuple[float, ...]
    before: float

    @property
    def score(self) -> float:
        return float(np.mean(self.fold_scores))


def choose(
    prediction: np.ndarray,
    y: np.ndarray,
    fold: np.ndarray,
    metric: Metric,
    weight: np.ndarray | None = None,
) -> Threshold | None:
    """A threshold that is surely better than calling the likeliest; None if there is none.

    Parameters
    ----------
    prediction : ndarray of shape (rows, 2)
        Out-of-fold probabilities.
    y, fold : ndarray of shape (rows,)
        Class codes, and the fold that each row was validated in.
    metric : Metric
    weight : ndarray of shape (rows,), optional

    >>> from automl.metrics import METRICS
    >>> chance = np.tile(np.linspace(0, 0.4, 100), 10)
    >>> y, fold = (chance > 0.25).astype(int), np.repeat(np.arange(10), 100)
    >>> round(choose(np.column_stack([1 - chance, chance]), y, fold, METRICS["f1"]).value, 2)
    0.25
    """
    if metric.name not in TUNED or prediction.ndim != 2 or prediction.shape[1] != 2:
        return None
    chance = prediction[:, metric.positive].astype(np.float64)
    values = np.unique(np.quantile(chance, np.linspace(0, 1, STEPS + 1)))
    candidates = np.unique(np.append((values[1:] + values[:-1]) / 2, LIKELIEST))
    parts = [np.flatnonzero(fold == f) for f in np.unique(fold)]
    if len(parts) < 2:
        return None

    def score(rows: np.ndarray, threshold: float) -> float:
        at = metric.for_outcome(metric.positive, threshold)
        w = None if weight is None else weight[rows]
        return metric.sign * at.score(y[rows], prediction[rows], sample_weight=w)

    def best(rows: np.ndarray) -> float:
        scores = np.array([score(rows, t) for t in candidates])
        sums = np.convolve(scores, np.ones(SMOOTHED), "same")
        return float(candidates[np.argmax(sums / np.convolve(np.ones(len(scores)), np.ones(SMOOTHED), "same"))])

    everything = np.arange(len(y))
    tuned = [score(rows, best(np.setdiff1d(everything, rows, assume_unique=True))) for rows in parts]
    plain = [score(rows, LIKELIEST) for rows in parts]
    gain = np.array(tuned) - np.array(plain)
    if gain.mean() <= SURELY * gain.std(ddof=1) / len(gain) ** 0.5:
        return None
    return Threshold(
        best(everything), tuple(metric.sign * s for s in tuned), metric.sign * float(np.mean(plain))
    )
