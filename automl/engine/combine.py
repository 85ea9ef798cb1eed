"""From finished candidates to the winner: one of them, or a weighted ensemble of the best."""

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
    """The trial on top and the candidates behind it with their weights."""

    trial: Trial
    members: dict[int, float]  # candidate number: weight


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
    """Pick the winner by validation score.

    The ensemble's score is cross-fitted (each fold is scored with weights chosen on the others), so
    that it competes on equal terms. Returns the winner and the ensemble's trial, if there is one.
    """
    best = ranked[0]
    single = Winner(best.trial, {best.trial.order: 1.0})
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
    trial = Trial(
        candidate=f"Ensemble of {len(parts)}",
        family="ensemble",
        state=TrialState.COMPLETED,
        metric=metric.name,
        score=fitted.score,
        score_std=float(np.std(fitted.fold_scores, ddof=1)) if len(fitted.fold_scores) > 1 else None,
        fold_scores=fitted.fold_scores,
        metrics=fold_metrics(task, metric.positive, y, mixed, folds, weight),
        fit_seconds=sum(t.fit_seconds for t in parts),
        predict_ms_per_row=sum(t.predict_ms_per_row for t in parts),
        params={"weights": {t.candidate: members[t.order] for t in parts}},
        order=number,
    )
    if metric.sign * trial.score >= metric.sign * best.trial.score:
        return Winner(trial, members), trial
    return single, trial
