"""Weighted ensemble by greedy selection on out-of-fold predictions.

Caruana, Niculescu-Mizil, Crew & Ksikes (2004), "Ensemble selection from libraries of models":
starting from the best candidate, add (with replacement) the one that helps the score most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from automl.metrics import Metric

ROUNDS = 25  # weights are multiples of 1/25 at the most
STALE_ROUNDS = 5  # without a gain, then it is over
MAX_MEMBERS = 6  # prediction stays fast; more members gained less than the noise of a fold
SELECTION_ROWS = 10_000
MIN_GAIN = 1e-6  # relative: an addition must help


@dataclass(frozen=True)
class Ensemble:
    """Weights that sum to 1, by candidate index; zero weights left out."""

    weights: dict[int, float]
    score: float
    fold_scores: tuple[float, ...]


def select(
    predictions: Sequence[np.ndarray],
    y: np.ndarray,
    metric: Metric,
    weight: np.ndarray | None = None,
    *,
    cost: Sequence[float] | None = None,
    most_cost: float = float("inf"),
) -> dict[int, float]:
    """Choose weights greedily.

    Parameters
    ----------
    predictions : list of ndarray of shape (rows,) or (rows, classes)
        Out-of-fold predictions, one array a candidate.
    y : ndarray of shape (rows,)
        Class codes or values.
    metric : Metric
    weight : ndarray of shape (rows,), optional
        Sample weights.
    cost : list of float, optional
        What each candidate adds to the time of a prediction.
    most_cost : float
        No member is added beyond this sum; the best candidate alone may cost more.

    Returns
    -------
    dict
        Candidate index to weight; the weights sum to 1.
    """
    return _select(*_scorer(predictions, y, metric, weight), cost, most_cost)


def _select(
    score: Callable[[np.ndarray], float],
    looked_at: list[np.ndarray],
    cost: Sequence[float] | None,
    most_cost: float,
) -> dict[int, float]:
    """`select`, by a score of what is looked at of each candidate."""
    cost = [0.0] * len(looked_at) if cost is None else cost
    singles = [score(p) for p in looked_at]
    chosen = [int(np.argmax(singles))]
    total = looked_at[chosen[0]].astype(np.float64, copy=True)
    best, best_size = singles[chosen[0]], 1
    for _ in range(ROUNDS - 1):
        members = set(chosen)
        spent = sum(cost[i] for i in members)
        full = len(members) >= MAX_MEMBERS
        pool = [
            i for i in range(len(looked_at)) if i in members or (not full and spent + cost[i] <= most_cost)
        ]
        trials = {i: score((total + looked_at[i]) / (len(chosen) + 1)) for i in pool}
        pick = max(sorted(trials), key=trials.__getitem__)
        chosen.append(pick)
        total += looked_at[pick]
        if trials[pick] > best + MIN_GAIN * max(abs(best), 1e-12):
            best, best_size = trials[pick], len(chosen)
        elif len(chosen) - best_size >= STALE_ROUNDS:
            break
    kept = chosen[:best_size]
    return {i: kept.count(i) / len(kept) for i in sorted(set(kept))}


def _scorer(
    predictions: Sequence[np.ndarray], y: np.ndarray, metric: Metric, weight: np.ndarray | None
) -> tuple[Callable[[np.ndarray], float], list[np.ndarray]]:
    """A score to be maximised, and what it looks at: of log loss only the true class's probability, of RMSE `_errors`."""
    if metric.name == "rmse":
        return _length, list(_errors(predictions, y, weight).T)
    if metric.name == "log_loss":
        true = [p[np.arange(len(y)), y] for p in predictions]
        floor = float(np.finfo(np.float32).tiny)
        return lambda p: float(np.average(np.log(np.maximum(p, floor)), weights=weight)), true

    def score(p: np.ndarray) -> float:
        return metric.sign * metric.score(y, p, sample_weight=weight)

    return score, list(predictions)


def _errors(predictions: Sequence[np.ndarray], y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Each candidate's errors as a column of no more rows than there are candidates (QR).

    Lengths of sums of columns stay what they are, but for a factor those of RMSE; so do they where such tables of
    several parts of the rows are put below each other.
    """
    errors = np.column_stack(predictions).astype(np.float64) - y[:, None]
    if weight is not None:
        errors *= np.sqrt(weight)[:, None]
    return np.linalg.qr(errors, mode="r")


def _length(errors: np.ndarray) -> float:
    return -float(np.sqrt(errors @ errors))


def blend(predictions: Sequence[np.ndarray], weights: dict[int, float]) -> np.ndarray:
    """The weighted mean of predictions."""
    return sum(w * predictions[i].astype(np.float64) for i, w in weights.items())


def build(
    predictions: Sequence[np.ndarray],
    y: np.ndarray,
    fold: np.ndarray,
    metric: Metric,
    weight: np.ndarray | None = None,
    *,
    cost: Sequence[float] | None = None,
    most_cost: float = float("inf"),
    most_rows: int = SELECTION_ROWS,
) -> Ensemble:
    """Select on all folds, and score honestly: each fold with weights chosen on the other folds.

    Parameters
    ----------
    predictions : list of ndarray of shape (rows,) or (rows, classes)
        Out-of-fold predictions, one array a candidate.
    y, fold : ndarray of shape (rows,)
        Targets, and the fold that each row was validated in.
    metric : Metric
    weight : ndarray of shape (rows,), optional
    cost, most_cost
        As in `select`.
    most_rows : int
        Weights are chosen on a sample of this size, for RMSE on all rows (see `_errors`); scores use every row.
    """
    parts = [np.flatnonzero(fold == f) for f in np.unique(fold)]
    if len(parts) == 1:  # one holdout: there is no other fold to choose on, so halves choose for each other
        half = np.random.default_rng(0).permutation(len(y)) % 2 == 0
        parts = [np.flatnonzero(half), np.flatnonzero(~half)]

    def some(rows: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, np.ndarray | None]:
        return [p[rows] for p in predictions], y[rows], None if weight is None else weight[rows]

    errors = [_errors(*some(rows)) for rows in parts] if metric.name == "rmse" else []

    def choose(without: int | None = None) -> dict[int, float]:
        kept = [i for i in range(len(parts)) if i != without]
        if errors:
            together = np.linalg.qr(np.vstack([errors[i] for i in kept]), mode="r")
            return _select(_length, list(together.T), cost, most_cost)
        rows = np.sort(np.concatenate([parts[i] for i in kept]))
        if len(rows) > most_rows:
            rows = np.sort(np.random.default_rng(0).choice(rows, most_rows, replace=False))
        of_some, y_some, w = some(rows)
        return select(of_some, y_some, metric, w, cost=cost, most_cost=most_cost)

    def score(rows: np.ndarray, weights: dict[int, float]) -> float:
        of_some, y_some, w = some(rows)
        return metric.score(y_some, blend(of_some, weights), sample_weight=w)

    scores = []
    for i, rows in enumerate(parts):
        others = np.concatenate([part for j, part in enumerate(parts) if j != i])
        if len(np.unique(y[others])) > 1 or len(np.unique(y)) == 1:
            scores.append(score(rows, choose(without=i)))
    weights = choose()
    scores = scores or [score(np.arange(len(y)), weights)]
    return Ensemble(weights, float(np.mean(scores)), tuple(float(s) for s in scores))
