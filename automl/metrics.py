"""Every metric: its scikit-learn name, its function, which way is better, and a plain sentence.

Plain numpy, so that a score is cheap enough for an ensemble's thousand of them and this module
imports at once. Each is tested against scikit-learn. Scores have their natural sign.

A metric works in two steps. *Preparing* does all that doesn't depend on the rows' weights (sorting,
logarithms, comparing labels) and returns a function of the weights; calling that gives the score.
A bootstrap prepares once and calls it some hundred times, with the times each row was drawn as weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from automl.errors import ProblemError, unknown_name
from automl.types import Task

EPSILON = float(np.finfo(np.float64).eps)  # scikit-learn's clip in log_loss, its floor in MAPE
LIKELIEST = 0.5  # the threshold that calls each row what is likeliest
BOOTSTRAP_RESAMPLES = 400  # the ends of a 95 % interval then vary by about a tenth of its width
BOOTSTRAP_CELLS = 16_000_000  # rows x columns x resamples: about a second for all metrics of a task
BOOTSTRAP_FEWEST = 25  # enough for a standard deviation
BOOTSTRAP_CLASSES = 8_000  # resamples × classes: some metrics look at each class by itself
BOOTSTRAP_FOR_PERCENTILES = 100  # with fewer: the normal interval, which asks less of them

ByWeight = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class Metric:
    """A metric.

    Attributes
    ----------
    name : str
        scikit-learn's name.
    needs : str
        "probabilities" (rows, classes), "labels" (probabilities too: the likeliest class is taken)
        or "values" (rows,).
    sentence : str
        What it is, for someone who never heard of it.
    bounds : tuple
        Lowest and highest possible score, None where there is no end.
    positive : int
        Code of the outcome of interest, for f1, precision, recall and average_precision.
    threshold : float
        Of two classes, the probability from which on a row is called the outcome of interest.
    """

    name: str
    label: str
    tasks: tuple[Task, ...]
    greater_is_better: bool
    needs: str
    sentence: str
    function: Callable[[np.ndarray, np.ndarray, int], ByWeight]
    bounds: tuple[float | None, float | None] = (None, None)
    positive: int = 1
    threshold: float = LIKELIEST

    def for_outcome(self, code: int, threshold: float | None = None) -> Metric:
        """The same metric with another outcome of interest, called so from another probability on."""
        return replace(self, positive=code, threshold=LIKELIEST if threshold is None else threshold)

    @property
    def sign(self) -> int:
        """1 when greater is better, else -1: `sign * score` is always to be maximised."""
        return 1 if self.greater_is_better else -1

    def prepare(self, y: np.ndarray, prediction: np.ndarray, *, positive: int | None = None) -> ByWeight:
        """Return the score as a function of the rows' weights. Parameters as in `score`."""
        prediction = np.asarray(prediction, dtype=np.float64)
        if not np.isfinite(prediction).all():
            return _not_a_number
        y = np.asarray(y)
        y = y.astype(np.float64) if self.needs == "values" else y.astype(np.int64)
        positive = self.positive if positive is None else positive
        if self.needs == "labels" and self.threshold != LIKELIEST:
            prediction = np.eye(2)[labels(prediction, positive, self.threshold)]
        return self.function(y, prediction, positive)

    def score(
        self,
        y: np.ndarray,
        prediction: np.ndarray,
        *,
        sample_weight: np.ndarray | None = None,
        positive: int | None = None,
    ) -> float:
        """Score predictions.

        Parameters
        ----------
        y : ndarray of shape (rows,)
            Class codes 0 … classes-1, or values.
        prediction : ndarray of shape (rows, classes) or (rows,)
            Probabilities, or values.
        sample_weight : ndarray of shape (rows,), optional
        positive : int, optional
            Code of the outcome of interest; the metric's own by default.

        Returns
        -------
        float
            Finite, also when classes are absent or nothing can be compared (then what guessing
            would get). NaN only when a prediction is NaN or infinite.

        >>> METRICS["accuracy"].score(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
        1.0
        """
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return self.prepare(y, prediction, positive=positive)(weight)


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


def labels(prediction: np.ndarray, positive: int = 1, threshold: float | None = None) -> np.ndarray:
    """Class codes of probabilities: the likeliest; of two classes, the outcome of interest from a threshold on.

    >>> labels(np.array([[0.7, 0.3], [0.9, 0.1]]), threshold=0.25).tolist()
    [1, 0]
    """
    prediction = np.asarray(prediction)
    if threshold is None or threshold == LIKELIEST or prediction.shape[1] != 2:
        return prediction.argmax(axis=1)
    return np.where(prediction[:, positive] >= threshold, positive, 1 - positive)


def bootstrap_interval(
    metric: Metric,
    y: np.ndarray,
    prediction: np.ndarray,
    sample_weight: np.ndarray | None = None,
    *,
    positive: int | None = None,
    level: float = 0.95,
    resamples: int = BOOTSTRAP_RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """Bootstrap interval of a score: percentiles (Efron & Tibshirani 1993, chapter 13).

    Where rows and classes are so many that few resamples are affordable, it is the score plus and
    minus normal quantiles of their standard deviation; intervals are narrow and even there.

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

    >>> wrong_once = np.array([[0.2, 0.8]] * 19 + [[0.8, 0.2]])
    >>> bootstrap_interval(METRICS["accuracy"], np.ones(20), wrong_once)
    (0.85, 1.0)
    """
    n = len(y)
    score = metric.prepare(y, prediction, positive=positive)
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    value = score(weight)
    if n < 2:
        return value, value
    rng = np.random.default_rng(seed)
    classes = prediction.shape[1] if np.ndim(prediction) == 2 else 1
    affordable = min(BOOTSTRAP_CELLS // max(np.size(prediction), 1), BOOTSTRAP_CLASSES // classes)
    count = min(resamples, max(BOOTSTRAP_FEWEST, affordable))
    scores = np.array([score(weight * np.bincount(rng.integers(0, n, n), minlength=n)) for _ in range(count)])
    if not np.isfinite(scores).all():
        return value, value
    if count >= min(resamples, BOOTSTRAP_FOR_PERCENTILES):
        low, high = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2])
    else:
        reach = NormalDist().inv_cdf((1 + level) / 2) * scores.std(ddof=1)
        low, high = np.clip([value - reach, value + reach], *metric.bounds)
    return float(min(low, value)), float(max(high, value))


# -- two and more classes -------------------------------------------------------------------


def _not_a_number(weight: np.ndarray) -> float:
    return float("nan")


def _mean_of(values: np.ndarray) -> ByWeight:
    def mean(weight: np.ndarray) -> float:
        total = weight.sum()
        return float(values @ weight / total) if total > 0 else 0.0

    return mean


def _ends_of_ties(ordered: np.ndarray) -> np.ndarray:
    """Positions of the last of each run of equal scores."""
    return np.r_[np.flatnonzero(np.diff(ordered)), len(ordered) - 1] if len(ordered) else np.empty(0, int)


def _auc(hit: np.ndarray, score: np.ndarray) -> ByWeight:
    """Area under the ROC curve of a yes/no outcome; 0.5 when only one of them is there."""
    order = np.argsort(score, kind="stable")
    yes, last = hit[order].astype(np.float64), _ends_of_ties(score[order])

    def area(weight: np.ndarray) -> float:
        w = weight[order]
        yes_to, all_to = np.cumsum(yes * w)[last], np.cumsum(w)[last]
        no_to = all_to - yes_to
        pairs = yes_to[-1] * no_to[-1] if len(last) else 0.0
        if pairs <= 0:
            return 0.5
        no_here = np.diff(no_to, prepend=0.0)
        return float((np.diff(yes_to, prepend=0.0) * (no_to - no_here / 2)).sum() / pairs)

    return area


def _roc_auc(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    return _auc(y == 1, p[:, 1])  # the same for either outcome of interest


def _roc_auc_ovr(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    """Plain mean of one-against-the-rest areas over the classes that are there."""
    classes = [(rows, _auc(rows, p[:, k])) for k in range(p.shape[1]) if (rows := y == k).any()]

    def mean(weight: np.ndarray) -> float:
        values = [area(weight) for rows, area in classes if weight[rows].any()]
        return float(np.mean(values)) if values else 0.5

    return mean


def _average_precision(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    order = np.argsort(-p[:, positive], kind="stable")
    hit, last = (y == positive)[order].astype(np.float64), _ends_of_ties(p[order, positive])

    def average(weight: np.ndarray) -> float:
        w = weight[order]
        found, taken = np.cumsum(hit * w)[last], np.cumsum(w)[last]
        if not len(last) or found[-1] <= 0:
            return 0.0
        return float((np.diff(found, prepend=0.0) * _ratio(found, taken)).sum() / found[-1])

    return average


def _log_loss(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    total = p.sum(axis=1)
    chosen = p[np.arange(len(y)), y] / np.where(total > 0, total, 1.0)
    return _mean_of(-np.log(np.clip(chosen, EPSILON, 1 - EPSILON)))


def _brier(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    return _mean_of((p[:, 1] - (y == 1)) ** 2)


def _accuracy(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    return _mean_of((labels(p) == y).astype(np.float64))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0)


def _by_class(score: Callable[[np.ndarray, np.ndarray, np.ndarray, int], float]) -> Callable[..., ByWeight]:
    """A metric computed from each class's hits, rows and predictions, weighted."""

    def function(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
        label, size = labels(p), p.shape[1]
        hit = label == y

        def by_weight(weight: np.ndarray) -> float:
            hits = np.bincount(y[hit], weight[hit], size)
            return score(hits, np.bincount(y, weight, size), np.bincount(label, weight, size), positive)

        return by_weight

    return function


@_by_class
def _balanced_accuracy(hits: np.ndarray, rows: np.ndarray, called: np.ndarray, positive: int) -> float:
    there = rows > 0
    return float((hits[there] / rows[there]).mean()) if there.any() else 0.0


@_by_class
def _matthews(hits: np.ndarray, rows: np.ndarray, called: np.ndarray, positive: int) -> float:
    """Correlation of what is called and what is; of several classes Gorodkin's (2004)."""
    n, right = rows.sum(), hits.sum()
    spread = (n**2 - called @ called) * (n**2 - rows @ rows)
    return float((right * n - rows @ called) / np.sqrt(spread)) if spread > 0 else 0.0


# Each is top / bottom of a class's hits, rows (that really are it) and predictions (that call it so).
_PARTS = {
    "precision": lambda hits, rows, called: (hits, called),
    "recall": lambda hits, rows, called: (hits, rows),
    "f1": lambda hits, rows, called: (2 * hits, rows + called),
}


def _of_positive(which: str) -> Callable[..., ByWeight]:
    @_by_class
    def function(hits: np.ndarray, rows: np.ndarray, called: np.ndarray, positive: int) -> float:
        return float(_ratio(*_PARTS[which](hits, rows, called))[positive])

    return function


def _macro(which: str) -> Callable[..., ByWeight]:
    @_by_class
    def function(hits: np.ndarray, rows: np.ndarray, called: np.ndarray, positive: int) -> float:
        there = (rows > 0) | (called > 0)
        return float(_ratio(*_PARTS[which](hits, rows, called))[there].mean()) if there.any() else 0.0

    return function


# -- values ---------------------------------------------------------------------------------


def _mse(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    return _mean_of((y - p) ** 2)


def _rmse(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    squared = _mse(y, p, positive)
    return lambda weight: float(np.sqrt(squared(weight)))


def _mae(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    return _mean_of(np.abs(y - p))


def _mape(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    return _mean_of(np.abs(y - p) / np.maximum(np.abs(y), EPSILON))


def _r2(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    """1 for a perfect and 0 for any other prediction of a constant, as scikit-learn has it."""
    squared = (y - p) ** 2
    center = y.mean() if len(y) else 0.0  # keeps the sums below precise
    centered = y - center

    def explained(weight: np.ndarray) -> float:
        total = weight.sum()
        if total <= 0:
            return 0.0
        left = squared @ weight
        spread = ((centered - centered @ weight / total) ** 2) @ weight
        if spread <= 0:
            return 1.0 if left <= 0 else 0.0
        return float(1 - left / spread)

    return explained


def _median_absolute_error(y: np.ndarray, p: np.ndarray, positive: int) -> ByWeight:
    errors = np.abs(y - p)
    order = np.argsort(errors, kind="stable")
    errors = errors[order]

    def median(weight: np.ndarray) -> float:
        """The middle one; the mean of the middle two where exactly half the weight lies below."""
        w = weight[order]
        kept = errors[w > 0]
        total = np.cumsum(w[w > 0])
        if not len(total):
            return 0.0
        half = total[-1] / 2
        at = int(np.searchsorted(total, half))
        if total[at] == half and at + 1 < len(kept):
            return float((kept[at] + kept[at + 1]) / 2)
        return float(kept[at])

    return median


# -- the table ------------------------------------------------------------------------------

_BINARY, _MULTI, _VALUES = (Task.BINARY,), (Task.MULTICLASS,), (Task.REGRESSION,)
_CLASSES = (Task.BINARY, Task.MULTICLASS)
_SHARE, _LOSS = (0.0, 1.0), (0.0, None)

METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Metric(
            "roc_auc", "ROC AUC", _BINARY, True, "probabilities",
            "How often a random row of the one outcome is ranked above a random row of the other; "
            "0.5 is guessing.",
            _roc_auc, _SHARE,
        ),
        Metric(
            "log_loss", "Log loss", _CLASSES, False, "probabilities",
            "How surprised the model is by what really happened; sure and wrong costs most.",
            _log_loss, _LOSS,
        ),
        Metric(
            "accuracy", "Accuracy", _CLASSES, True, "labels",
            "The share of rows that are predicted right.",
            _accuracy, _SHARE,
        ),
        Metric(
            "balanced_accuracy", "Balanced accuracy", _CLASSES, True, "labels",
            "The share predicted right within each class, averaged over the classes.",
            _balanced_accuracy, _SHARE,
        ),
        Metric(
            "f1", "F1", _BINARY, True, "labels",
            "The balance of precision and recall for the outcome of interest.",
            _of_positive("f1"), _SHARE,
        ),
        Metric(
            "precision", "Precision", _BINARY, True, "labels",
            "Of the rows called the outcome of interest, the share that really are.",
            _of_positive("precision"), _SHARE,
        ),
        Metric(
            "recall", "Recall", _BINARY, True, "labels",
            "Of the rows that really are the outcome of interest, the share that is found.",
            _of_positive("recall"), _SHARE,
        ),
        Metric(
            "matthews_corrcoef", "MCC", _CLASSES, True, "labels",
            "Matthews correlation of what is called and what is; 0 is guessing, also where one class is rare.",
            _matthews, (-1.0, 1.0),
        ),
        Metric(
            "average_precision", "Average precision", _BINARY, True, "probabilities",
            "Precision averaged over all thresholds; telling when the outcome of interest is rare.",
            _average_precision, _SHARE,
        ),
        Metric(
            "brier", "Brier score", _BINARY, False, "probabilities",
            "The squared distance of the probability from what happened.",
            _brier, _SHARE,
        ),
        Metric(
            "f1_macro", "F1 (macro)", _MULTI, True, "labels",
            "The balance of precision and recall of each class, averaged over the classes.",
            _macro("f1"), _SHARE,
        ),
        Metric(
            "precision_macro", "Precision (macro)", _MULTI, True, "labels",
            "Of the rows called a class, the share that really are, averaged over the classes.",
            _macro("precision"), _SHARE,
        ),
        Metric(
            "recall_macro", "Recall (macro)", _MULTI, True, "labels",
            "Of the rows that really are a class, the share that is found, averaged over the classes.",
            _macro("recall"), _SHARE,
        ),
        Metric(
            "roc_auc_ovr", "ROC AUC (one vs rest)", _MULTI, True, "probabilities",
            "How well the rows of each class are ranked above all others, averaged; 0.5 is guessing.",
            _roc_auc_ovr, _SHARE,
        ),
        Metric(
            "rmse", "RMSE", _VALUES, False, "values",
            "The typical error in the target's units; large errors count most.",
            _rmse, _LOSS,
        ),
        Metric(
            "mae", "MAE", _VALUES, False, "values",
            "The average error in the target's units.",
            _mae, _LOSS,
        ),
        Metric(
            "mse", "MSE", _VALUES, False, "values",
            "The average squared error.",
            _mse, _LOSS,
        ),
        Metric(
            "r2", "R²", _VALUES, True, "values",
            "The share of the target's variation that is explained; 0 is guessing the mean.",
            _r2, (None, 1.0),
        ),
        Metric(
            "mape", "MAPE", _VALUES, False, "values",
            "The average error as a share of the true value.",
            _mape, _LOSS,
        ),
        Metric(
            "median_absolute_error", "Median absolute error", _VALUES, False, "values",
            "Half of the predictions are closer than this.",
            _median_absolute_error, _LOSS,
        ),
    )
}  # fmt: skip
