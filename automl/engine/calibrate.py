"""Probabilities that are too sure or too cautious are put right, if folds that had no say in it surely gain.

Two numbers on the log odds (Platt 1999; of several classes the slope alone, Guo et al. 2017): the order
of the rows of two classes stays, and so does the likeliest of several. See `model.recalibrate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.metrics import METRICS, Metric
from automl.model import recalibrate

FEWEST_ROWS = 200
SURELY = 2.0  # standard errors of the mean over the folds that their log loss must gain
SLOPES = (0.25, 4.0)


@dataclass(frozen=True)
class Calibration:
    """Slope and bias of the log odds; log loss before, and after on folds that it was not fitted on."""

    slope: float
    bias: float
    before: float
    after: float


def choose(
    prediction: np.ndarray, y: np.ndarray, fold: np.ndarray, metric: Metric, weight: np.ndarray | None = None
) -> Calibration | None:
    """A calibration that surely helps; None if there is none, or if the build's metric would suffer.

    Parameters
    ----------
    prediction : ndarray of shape (rows, classes)
        Out-of-fold probabilities.
    y, fold : ndarray of shape (rows,)
        Class codes, and the fold that each row was validated in.
    metric : Metric
    weight : ndarray of shape (rows,), optional

    >>> rng = np.random.default_rng(0)
    >>> truth = rng.beta(0.5, 0.5, 3000)
    >>> y, shy = (rng.random(3000) < truth).astype(int), 0.5 + (truth - 0.5) * 0.4
    >>> choose(np.column_stack([1 - shy, shy]), y, np.arange(3000) % 5, METRICS["roc_auc"]).slope > 1.5
    True
    """
    parts = [np.flatnonzero(fold == f) for f in np.unique(fold)]
    if prediction.ndim != 2 or len(y) < FEWEST_ROWS or len(parts) < 2:
        return None
    loss, everything = METRICS["log_loss"], np.arange(len(y))
    cross, plain, mended = np.array(prediction, dtype=np.float64), [], []
    for rows in parts:
        others = np.setdiff1d(everything, rows, assume_unique=True)
        if len(np.unique(y[others])) < 2:
            return None
        w = None if weight is None else weight[others]
        cross[rows] = recalibrate(prediction[rows], *_fit(prediction[others], y[others], w))
        here = None if weight is None else weight[rows]
        plain.append(loss.score(y[rows], prediction[rows], sample_weight=here))
        mended.append(loss.score(y[rows], cross[rows], sample_weight=here))
    gain = np.array(plain) - np.array(mended)
    if gain.mean() <= SURELY * gain.std(ddof=1) / len(gain) ** 0.5:
        return None
    if (
        metric.sign
        * (metric.score(y, cross, sample_weight=weight) - metric.score(y, prediction, sample_weight=weight))
        < 0
    ):
        whole = recalibrate(prediction, *_fit(prediction, y, weight))
        before = metric.score(y, prediction, sample_weight=weight)
        if metric.sign * (metric.score(y, whole, sample_weight=weight) - before) < -1e-12:
            return None
    return Calibration(*_fit(prediction, y, weight), float(np.mean(plain)), float(np.mean(mended)))


def _fit(prediction: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> tuple[float, float]:
    """Slope and bias with the least log loss."""
    from scipy.optimize import minimize

    loss, two = METRICS["log_loss"], prediction.shape[1] == 2

    def cost(at: np.ndarray) -> float:
        return loss.score(
            y, recalibrate(prediction, np.exp(at[0]), at[1] if two else 0.0), sample_weight=weight
        )

    found = minimize(cost, np.zeros(2 if two else 1), method="L-BFGS-B",
                     bounds=[tuple(np.log(SLOPES)), (-2.0, 2.0)][: 2 if two else 1])  # fmt: skip
    return float(np.exp(found.x[0])), float(found.x[1]) if two else 0.0
