"""Every metric: its scikit-learn name, its function, which way is better, and a plain sentence.

Functions are plain numpy, so that they are cheap enough for an ensemble's thousand scores and this
module imports at once. Each is tested against scikit-learn. Scores have their natural sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from automl.errors import ProblemError, unknown_name
from automl.types import Task

LOG_LOSS_CLIP = 1e-15
MAPE_FLOOR = np.finfo(np.float64).eps  # scikit-learn's guard against division by zero
BOOTSTRAP_RESAMPLES = 400
BOOTSTRAP_CELLS = 8_000_000  # rows x resamples at most; fewer resamples beyond it


@dataclass(frozen=True)
class Metric:
    """A metric.

    `needs` is "probabilities" (n, classes), "labels" (probabilities too, their likeliest class is
    taken) or "values" (n,). `sentence` explains it to someone who never heard of it.
    """

    name: str
    label: str
    tasks: tuple[Task, ...]
    greater_is_better: bool
    needs: str
    sentence: str
    function: Callable[[np.ndarray, np.ndarray, np.ndarray, int], float]
    bounds: tuple[float | None, float | None] = (None, None)

    @property
    def sign(self) -> int:
        """1 when greater is better, else -1: `sign * score` is always to be maximised."""
        return 1 if self.greater_is_better else -1

    def score(
        self,
        y: np.ndarray,
        prediction: np.ndarray,
        *,
        sample_weight: np.ndarray | None = None,
        positive: int = 1,
    ) -> float:
        """Score predictions.

        Parameters
        ----------
        y : ndarray of shape (rows,)
            Class codes 0 … classes-1, or values.
        prediction : ndarray of shape (rows, classes) or (rows,)
            Probabilities, or values.
        sample_weight : ndarray of shape (rows,), optional
        positive : int
            Code of the outcome of interest, for f1, precision, recall, average_precision.

        >>> METRICS["accuracy"].score(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
        1.0
        """
        y = np.asarray(y)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return float(self.function(y, np.asarray(prediction), weight, positive))


def metric(name: str, task: Task) -> Metric:
    """Look a metric up for a task; raises ProblemError naming the nearest valid one.

    >>> metric("roc_auc", Task.BINARY).label
    'ROC AUC'
    """
    if name not in METRICS:
        raise ProblemError(unknown_name("metric", name, [m.name for m in for_task(task)]))
    if task not in METRICS[name].tasks:
        valid = ", ".join(m.name for m in for_task(task))
        raise ProblemError(f"The metric '{name}' does not fit a {task.label}. Choose one of {valid}.")
    return METRICS[name]


def for_task(task: Task) -> list[Metric]:
    """All metrics of a task, in the order they are shown."""
    return [m for m in METRICS.values() if task in m.tasks]


def bootstrap_interval(
    metric: Metric,
    y: np.ndarray,
    prediction: np.ndarray,
    sample_weight: np.ndarray | None = None,
    *,
    positive: int = 1,
    level: float = 0.95,
    resamples: int = BOOTSTRAP_RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a score (Efron & Tibshirani 1993, chapter 13).

    Parameters
    ----------
    metric, y, prediction, sample_weight, positive
        As in `Metric.score`.
    level : float
        Share of resamples inside the interval.
    resamples : int
        At most; fewer where rows are many.

    Returns
    -------
    tuple of float
        Low and high, widened where needed so that the score itself is inside.
    """
    n = len(y)
    score = metric.score(y, prediction, sample_weight=sample_weight, positive=positive)
    if n < 2:
        return score, score
    rng = np.random.default_rng(seed)
    count = int(min(resamples, max(50, BOOTSTRAP_CELLS // n)))
    scores = []
    for _ in range(count):
        rows = rng.integers(0, n, n)
        w = None if sample_weight is None else sample_weight[rows]
        scores.append(metric.score(y[rows], prediction[rows], sample_weight=w, positive=positive))
    scores = np.array(scores)[np.isfinite(scores)]
    if not len(scores):
        return score, score
    low, high = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2])
    return float(min(low, score)), float(max(high, score))


# -- the functions --------------------------------------------------------------------------


def _codes(prediction: np.ndarray) -> np.ndarray:
    return prediction.argmax(axis=1) if prediction.ndim == 2 else prediction.astype(np.int64)


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    total = weight.sum()
    return float(values @ weight / total) if total > 0 else 0.0


def _auc(y: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
    """Area under the ROC curve of a yes/no outcome; 0.5 when only one of them is there."""
    order = np.argsort(score, kind="stable")
    s, yes, no = score[order], (y[order] * weight[order]), ((1 - y[order]) * weight[order])
    last = np.r_[np.flatnonzero(np.diff(s)), len(s) - 1] if len(s) else np.array([], dtype=int)
    yes_at, no_at = np.cumsum(yes)[last], np.cumsum(no)[last]
    yes_of, no_of = np.diff(yes_at, prepend=0.0), np.diff(no_at, prepend=0.0)
    pairs = yes_at[-1] * no_at[-1] if len(last) else 0.0
    if pairs <= 0:
        return 0.5
    return float((yes_of * (no_at - no_of / 2)).sum() / pairs)


def _roc_auc(y, p, w, positive):
    return _auc((y == 1).astype(float), p[:, 1], w)


def _roc_auc_ovr(y, p, w, positive):
    """Unweighted mean of one-against-the-rest areas over the classes that are there."""
    present = [k for k in range(p.shape[1]) if 0 < np.count_nonzero(y == k) < len(y)]
    return float(np.mean([_auc((y == k).astype(float), p[:, k], w) for k in present])) if present else 0.5


def _average_precision(y, p, w, positive):
    score = p[:, positive] if p.ndim == 2 else p
    hit = (y == positive).astype(float) * w
    if hit.sum() <= 0:
        return 0.0
    order = np.argsort(-score, kind="stable")
    s = score[order]
    last = np.r_[np.flatnonzero(np.diff(s)), len(s) - 1]
    found, taken = np.cumsum(hit[order])[last], np.cumsum(w[order])[last]
    keep = taken > 0
    found, taken = found[keep], taken[keep]
    return float((np.diff(found, prepend=0.0) * found / taken).sum() / found[-1])


def _log_loss(y, p, w, positive):
    p = p / p.sum(axis=1, keepdims=True)
    chosen = np.clip(p[np.arange(len(y)), y.astype(int)], LOG_LOSS_CLIP, 1.0)
    return _mean(-np.log(chosen), w)


def _brier(y, p, w, positive):
    return _mean((p[:, 1] - (y == 1)) ** 2, w)


def _accuracy(y, p, w, positive):
    return _mean((_codes(p) == y).astype(float), w)


def _per_class(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hits, rows and predictions of each class, weighted."""
    label = _codes(p)
    size = int(max(p.shape[1] if p.ndim == 2 else 0, label.max(initial=-1) + 1, y.max(initial=-1) + 1))
    y = y.astype(np.int64)
    rows = np.bincount(y, w, size)
    called = np.bincount(label, w, size)
    hits = np.bincount(y, w * (label == y), size)
    return hits, rows, called


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a, dtype=float), where=b > 0)


def _balanced_accuracy(y, p, w, positive):
    hits, rows, _ = _per_class(y, p, w)
    return float(_ratio(hits, rows)[rows > 0].mean()) if (rows > 0).any() else 0.0


def _of_positive(which: str) -> Callable[..., float]:
    def function(y, p, w, positive):
        hits, rows, called = _per_class(y, p, w)
        h, r, c = hits[positive], rows[positive], called[positive]
        top, bottom = {"precision": (h, c), "recall": (h, r), "f1": (2 * h, r + c)}[which]
        return float(top / bottom) if bottom > 0 else 0.0

    return function


def _macro(which: str) -> Callable[..., float]:
    def function(y, p, w, positive):
        hits, rows, called = _per_class(y, p, w)
        there = (rows > 0) | (called > 0)
        top, bottom = {"precision": (hits, called), "recall": (hits, rows), "f1": (2 * hits, rows + called)}[
            which
        ]
        return float(_ratio(top, bottom)[there].mean()) if there.any() else 0.0

    return function


def _mse(y, p, w, positive):
    return _mean((y - p) ** 2, w)


def _rmse(y, p, w, positive):
    return float(np.sqrt(_mse(y, p, w, positive)))


def _mae(y, p, w, positive):
    return _mean(np.abs(y - p), w)


def _mape(y, p, w, positive):
    return _mean(np.abs(y - p) / np.maximum(np.abs(y), MAPE_FLOOR), w)


def _r2(y, p, w, positive):
    spread = ((y - _mean(y, w)) ** 2 * w).sum()
    left = ((y - p) ** 2 * w).sum()
    if spread <= 0:
        return 1.0 if left <= 0 else 0.0
    return float(1 - left / spread)


def _median_absolute_error(y, p, w, positive):
    errors = np.abs(y - p)
    if (w == w[0]).all():
        return float(np.median(errors))
    order = np.argsort(errors)
    total = np.cumsum(w[order])
    return float(errors[order][np.searchsorted(total, total[-1] / 2)])


_B, _M, _R = (Task.BINARY,), (Task.MULTICLASS,), (Task.REGRESSION,)
_C = (Task.BINARY, Task.MULTICLASS)

METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Metric("roc_auc", "ROC AUC", _B, True, "probabilities",
               "How often a random row of the one outcome is ranked above a random row of the other; 0.5 is guessing.",
               _roc_auc, (0.0, 1.0)),
        Metric("log_loss", "Log loss", _C, False, "probabilities",
               "How surprised the model is by what really happened; sure and wrong costs most.", _log_loss, (0.0, None)),
        Metric("accuracy", "Accuracy", _C, True, "labels", "The share of rows that are predicted right.",
               _accuracy, (0.0, 1.0)),
        Metric("balanced_accuracy", "Balanced accuracy", _C, True, "labels",
               "The share predicted right within each class, averaged over the classes.", _balanced_accuracy, (0.0, 1.0)),
        Metric("f1", "F1", _B, True, "labels",
               "The balance of precision and recall for the outcome of interest.", _of_positive("f1"), (0.0, 1.0)),
        Metric("precision", "Precision", _B, True, "labels",
               "Of the rows called the outcome of interest, the share that really are.",
               _of_positive("precision"), (0.0, 1.0)),
        Metric("recall", "Recall", _B, True, "labels",
               "Of the rows that really are the outcome of interest, the share that is found.",
               _of_positive("recall"), (0.0, 1.0)),
        Metric("average_precision", "Average precision", _B, True, "probabilities",
               "Precision averaged over all thresholds; fair when the outcome of interest is rare.",
               _average_precision, (0.0, 1.0)),
        Metric("brier", "Brier score", _B, False, "probabilities",
               "The squared distance of the probability from what happened.", _brier, (0.0, 1.0)),
        Metric("f1_macro", "F1 (macro)", _M, True, "labels",
               "F1 of each class, averaged over the classes.", _macro("f1"), (0.0, 1.0)),
        Metric("precision_macro", "Precision (macro)", _M, True, "labels",
               "Precision of each class, averaged over the classes.", _macro("precision"), (0.0, 1.0)),
        Metric("recall_macro", "Recall (macro)", _M, True, "labels",
               "Recall of each class, averaged over the classes.", _macro("recall"), (0.0, 1.0)),
        Metric("roc_auc_ovr", "ROC AUC (one vs rest)", _M, True, "probabilities",
               "How well each class is ranked above the others, averaged; 0.5 is guessing.", _roc_auc_ovr, (0.0, 1.0)),
        Metric("rmse", "RMSE", _R, False, "values",
               "The typical error in the target's units; large errors count most.", _rmse, (0.0, None)),
        Metric("mae", "MAE", _R, False, "values", "The average error in the target's units.", _mae, (0.0, None)),
        Metric("mse", "MSE", _R, False, "values", "The average squared error.", _mse, (0.0, None)),
        Metric("r2", "R²", _R, True, "values",
               "The share of the target's variation that is explained; 0 is guessing the mean.", _r2, (None, 1.0)),
        Metric("mape", "MAPE", _R, False, "values", "The average error as a share of the true value.",
               _mape, (0.0, None)),
        Metric("median_absolute_error", "Median absolute error", _R, False, "values",
               "Half of the predictions are closer than this.", _median_absolute_error, (0.0, None)),
    )
}  # fmt: skip
