"""From finished candidates to the winner: one of them, or a weighted ensemble of the best.

The best of many looks better than it is: it was chosen for its luck too. So the two compete by
cross-fitted scores (chosen on the other folds, scored on this one), and that is the score promised.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from automl.engine import ensemble
from automl.engine.folds import Folds
from automl.engine.race import Finished, fold_metrics
from automl.metrics import Metric
from automl.types import Task, Trial, TrialState

POOL = 12  # only the best so many candidates are considered for the ensemble


@dataclass(frozen=True)
class Winner:
    """The trial on top, the candidates behind it with their weights, and the score it promises.

    `score` and `std` are cross-fitted: chosen on the other folds, scored on each.
    """

    trial: Trial
    members: dict[int, float]  # candidate number: weight
    score: float
    std: float | None


def choose(
    ranked: list[Finished],
    *,
    task: Task,
    metric: Metric,
    y: np.ndarray,
    weight: np.ndarray | None,
    folds: Folds,
    deadline: float,
    number: int,
) -> tuple[Winner, Trial | None]:
    """Pick the winner by cross-fitted validation score.

    Returns the winner and the ensemble's trial, if there is one. The leaderboard shows the ensemble
    with its plain out-of-fold score, as it shows all candidates, when it is the winner.
    """
    best = ranked[0]
    honest = _best_single(ranked, metric)
    single = Winner(best.trial, {best.trial.order: 1.0}, *_mean_std(honest))
    pool = [f for f in ranked if f.trial.family != "prior"][:POOL]
    if len(pool) < 2 or time.monotonic() > deadline:
        return single, None
    rows = folds.scored_rows
    fitted = ensemble.build(
        [f.prediction[rows] for f in pool],
        y[rows],
        folds.assignment[rows],
        metric,
        None if weight is None else weight[rows],
    )
    if len(fitted.weights) < 2:
        return single, None
    members = {pool[i].trial.order: w for i, w in fitted.weights.items()}
    mixed = ensemble.blend([f.prediction for f in pool], fitted.weights)
    parts = [f.trial for f in pool if f.trial.order in members]
    metrics = fold_metrics(task, metric.positive, y, mixed, folds, weight)
    wins = metric.sign * fitted.score >= metric.sign * single.score
    score, std = metrics[metric.name] if wins else (fitted.score, _mean_std(fitted.fold_scores)[1])
    trial = Trial(
        candidate=f"Ensemble of {len(parts)}",
        family="ensemble",
        state=TrialState.COMPLETED,
        metric=metric.name,
        score=score,
        score_std=std,
        fold_scores=fitted.fold_scores,
        metrics=metrics,
        fit_seconds=sum(t.fit_seconds for t in parts),
        predict_ms_per_row=sum(t.predict_ms_per_row for t in parts),
        params={"weights": {t.candidate: members[t.order] for t in parts}},
        order=number,
    )
    if wins:
        return Winner(trial, members, *_mean_std(fitted.fold_scores)), trial
    return single, trial


def _best_single(ranked: list[Finished], metric: Metric) -> tuple[float, ...]:
    """For each fold the score of the candidate that is best on the other folds."""
    scores = np.array([f.trial.fold_scores for f in ranked])
    if scores.shape[1] == 1:
        return (float(scores[0, 0]),)
    others = (scores.sum(axis=1, keepdims=True) - scores) / (scores.shape[1] - 1)
    return tuple(float(scores[(metric.sign * others[:, f]).argmax(), f]) for f in range(scores.shape[1]))


def _mean_std(scores: tuple[float, ...]) -> tuple[float, float | None]:
    return float(np.mean(scores)), float(np.std(scores, ddof=1)) if len(scores) > 1 else None
