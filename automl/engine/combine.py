"""From finished candidates to the winner: one of them, or a weighted ensemble of the best.

The best of many looks better than it is: it was chosen for its luck too. So the two compete by
cross-fitted scores (chosen on the other folds, scored on this one), and that is the score promised.
What a single candidate is ahead by is often luck as well, and an ensemble errs less: it stays unless
a candidate is ahead by more than the standard error of their difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.engine import calibrate, ensemble, threshold
from automl.engine.calibrate import Calibration
from automl.engine.folds import Folds
from automl.engine.race import Finished, fold_metrics
from automl.engine.threshold import Threshold
from automl.families import family
from automl.metrics import Metric
from automl.model import recalibrate
from automl.types import Budget, Task, Trial, TrialState, replace

POOL = 20  # only the best so many candidates are considered for the ensemble,
SAME_FAMILY = 5  # and of one family only so many: variants of one model add little to each other
# Relative difference of two scores on the first fold that outweighs more folds: this over the square
# root of its rows.
CLEARLY = 0.5
# The winner of a minute's build takes at most so long for a row, of many on one thread: an ensemble stays smaller,
# and of a candidate only as many folds' models are used. With more time models have more trees, and who waited for
# them may wait for predictions too: the limit grows with the time, up to five minutes.
PREDICT_US, PREDICT_FROM, PREDICT_TO = 70.0, 60.0, 300.0
# However long the build was: for a row alone, a library is called for each model, and its trees come from memory
# (`Family.alone_us`).
ALONE_US = 10_000.0


@dataclass(frozen=True)
class Winner:
    """The trial on top, the candidates behind it with their weights, and the score it promises.

    `score` and `std` are cross-fitted: chosen on the other folds, scored on each. `folds` are those
    whose models are used. `threshold` was chosen because it gains; `metrics` are all of the task's,
    with their standard deviations over the folds.
    """

    trial: Trial
    members: dict[int, float]  # candidate number: weight
    folds: dict[int, tuple[int, ...]]  # candidate number: folds
    score: float
    std: float | None
    threshold: Threshold | None = None
    calibration: Calibration | None = None
    metrics: dict[str, tuple[float, float | None]] = field(default_factory=dict)


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
    tune: bool = True,
    limit_us: float = PREDICT_US,
) -> tuple[Winner, Trial | None]:
    """Pick the winner by cross-fitted validation score, and the threshold that it decides with.

    `limit_us` are the microseconds that a row of many may take (`most_us`).
    Returns the winner and the ensemble's trial, if there is one. The leaderboard shows the ensemble
    with its plain out-of-fold score, as it shows all candidates, when it is the winner; and all of
    them without a threshold.
    """
    winner, trial, rows = _pick(
        ranked, task=task, metric=metric, y=y, weight=weight, folds=folds, deadline=deadline, number=number,
        limit_us=limit_us,
    )  # fmt: skip
    by_number = {f.trial.order: f.prediction for f in ranked}
    members = list(winner.members)
    mixed = ensemble.blend([by_number[n] for n in members], dict(enumerate(winner.members.values())))
    w = None if weight is None else weight[rows]
    if winner.trial.family != "prior" and task.has_probabilities and time.monotonic() < deadline:
        mend = calibrate.choose(mixed[rows], y[rows], folds.assignment[rows], metric, w)
        if mend is not None:
            winner = replace(winner, calibration=mend)
            mixed[rows] = recalibrate(mixed[rows], mend.slope, mend.bias)
    if not tune:
        return replace(winner, metrics=_promised(winner, metric)), trial
    found = threshold.choose(mixed[rows], y[rows], folds.assignment[rows], metric, w)
    if found is None:
        return replace(winner, metrics=_promised(winner, metric)), trial
    done = np.unique(folds.assignment[rows])
    tuned = metric.for_outcome(metric.positive, found.value)
    metrics = fold_metrics(task, tuned, y, mixed, folds, weight, done)
    score, std = _mean_std(found.fold_scores)
    metrics[metric.name] = (score, std)
    return replace(winner, score=score, std=std, threshold=found, metrics=metrics), trial


def most_us(budget: Budget) -> float:
    """Microseconds that a row of many may take: what was asked for, or by the build's time.

    >>> [most_us(Budget(seconds)) for seconds in (10, 60, 120, 3600)], most_us(Budget(60, predict_us=12.0))
    ([70.0, 70.0, 140.0, 350.0], 12.0)
    """
    if budget.predict_us is not None:
        return budget.predict_us
    return PREDICT_US * min(max(budget.seconds, PREDICT_FROM), PREDICT_TO) / PREDICT_FROM


def keeps(found: Finished, limit_us: float) -> bool:
    """Whether one fold's model of a candidate takes at most so long for a row of many."""
    return _cost(found) <= limit_us


def quick_enough(ranked: list[Finished], limit_us: float) -> list[Finished]:
    """The candidates of which one fold's model keeps a limit that was asked for; where none does, the quickest."""
    learned = [f for f in ranked if f.trial.family != "prior"]
    kept = [f for f in learned if keeps(f, limit_us)] or sorted(learned, key=_cost)[:1]
    numbers = {f.trial.order for f in kept}
    return [f for f in ranked if f.trial.family == "prior" or f.trial.order in numbers]


def _promised(winner: Winner, metric: Metric) -> dict[str, tuple[float, float | None]]:
    return winner.trial.metrics | {metric.name: (winner.score, winner.std)}


def _pick(
    ranked: list[Finished],
    *,
    task: Task,
    metric: Metric,
    y: np.ndarray,
    weight: np.ndarray | None,
    folds: Folds,
    deadline: float,
    number: int,
    limit_us: float,
) -> tuple[Winner, Trial | None, np.ndarray]:
    """The winner, the ensemble's trial, and the rows that they were compared on."""
    everyone = [f for f in ranked if f.trial.family != "prior"]
    basis = _basis(everyone, y, metric, folds, weight)
    if not basis:  # the baseline alone
        found = ranked[0]
        score = _mean_std(found.trial.fold_scores)
        return Winner(found.trial, {found.trial.order: 1.0}, _folds_used([found], {found.trial.order: 1.0}, limit_us), *score), None, folds.scored_rows
    compared = [f for f in everyone if set(basis) <= set(f.folds)]
    compared.sort(key=lambda f: (-metric.sign * float(np.mean(_scores_on(f, basis))), f.trial.order))
    best = compared[0]
    alone = _best_single(compared, basis, metric)
    single = Winner(
        best.trial, {best.trial.order: 1.0}, _folds_used([best], {best.trial.order: 1.0}, limit_us), *_mean_std(alone)
    )
    pool = _pool(compared)
    rows = np.flatnonzero(np.isin(folds.assignment, basis))
    if len(pool) < 2 or time.monotonic() > deadline:
        return single, None, rows
    w = None if weight is None else weight[rows]
    cost = [_cost(f) for f in pool]
    fitted = ensemble.build(
        [f.prediction[rows] for f in pool], y[rows], folds.assignment[rows], metric, w,
        cost=cost, most_cost=limit_us,
    )  # fmt: skip
    if len(fitted.weights) < 2:
        return single, None, rows
    members = {pool[i].trial.order: w for i, w in fitted.weights.items()}
    mixed = ensemble.blend([f.prediction for f in pool], fitted.weights)
    parts = [f.trial for f in pool if f.trial.order in members]
    metrics = fold_metrics(task, metric, y, mixed, folds, weight, basis)
    wins = metric.sign * (fitted.score - single.score) >= -_standard_error(fitted.fold_scores, alone)
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
        used = _folds_used([f for f in pool if f.trial.order in members], members, limit_us)
        return Winner(trial, members, used, *_mean_std(fitted.fold_scores)), trial, rows
    return single, trial, rows


def _basis(
    everyone: list[Finished], y: np.ndarray, metric: Metric, folds: Folds, weight: Any
) -> tuple[int, ...]:
    """The folds that candidates are compared on: those that the best ones have in common.

    The best ones are the members of an ensemble of what is known on the first fold. Where they have
    only that in common, but others were fitted on more, these are preferred unless they are clearly worse.
    """
    if not everyone:
        return ()
    rows = folds.valid_rows(0)
    w = None if weight is None else weight[rows]

    def on_first(some: list[Finished]) -> tuple[list[Finished], float]:
        """The members of an ensemble, and what it scores on the first fold."""
        predictions = [f.prediction[rows] for f in some]
        chosen = ensemble.select(predictions, y[rows], metric, w)
        score = metric.score(y[rows], ensemble.blend(predictions, chosen), sample_weight=w)
        return [some[i] for i in chosen], metric.sign * score

    first = sorted(everyone, key=lambda f: (-metric.sign * f.trial.fold_scores[0], f.trial.order))
    members, reached = on_first(_pool(first))
    common = set.intersection(*(set(f.folds) for f in members))
    for basis in sorted({f.folds for f in everyone}, key=lambda b: (-len(b), b)):
        if len(basis) <= len(common):
            break
        some = _pool([f for f in first if set(basis) <= set(f.folds)])
        if on_first(some)[1] >= reached - CLEARLY / len(rows) ** 0.5 * abs(reached):
            return basis
    return tuple(sorted(common))


def _cost(found: Finished) -> float:
    """Microseconds that the model of one fold takes for a row of many."""
    return _mean_over_folds(found, family(found.trial.family).predict_us)


def _cost_alone(found: Finished) -> float:
    """Microseconds that the model of one fold takes for a row alone."""
    return _mean_over_folds(found, family(found.trial.family).alone_us)


def _mean_over_folds(found: Finished, cost: Callable[[dict[str, Any], int], float]) -> float:
    classes = found.prediction.shape[1] if found.prediction.ndim > 1 else 0
    return float(np.mean([cost(replay, classes) for replay in found.replays.values()]))


def _folds_used(
    members: list[Finished], weights: dict[int, float], limit_us: float
) -> dict[int, tuple[int, ...]]:
    """One fold of each member at least, and more of those where it helps most, until a prediction would be slow.

    Slow for many rows (`limit_us` a row), or for a row alone (`ALONE_US`), where the number of models counts, and that of trees.

    The mean of k models has 1/k of a single one's variance, and counts with the square of its weight.
    """
    used = {f.trial.order: 1 for f in members}
    cost = {f.trial.order: max(_cost(f), 1e-9) for f in members}
    alone = {f.trial.order: _cost_alone(f) for f in members}
    spent, spent_alone = sum(cost.values()), sum(alone.values())

    def gain(number: int) -> float:
        return weights[number] ** 2 / (used[number] * (used[number] + 1)) / cost[number]

    while open_ := [
        f.trial.order
        for f in members
        if used[f.trial.order] < len(f.folds)
        and spent + cost[f.trial.order] <= limit_us
        and spent_alone + alone[f.trial.order] <= ALONE_US
    ]:
        pick = max(open_, key=lambda number: (gain(number), -number))
        used[pick] += 1
        spent += cost[pick]
        spent_alone += alone[pick]
    return {f.trial.order: f.folds[-used[f.trial.order] :] for f in members}


def _scores_on(found: Finished, basis: tuple[int, ...]) -> list[float]:
    scores = dict(zip(found.folds, found.trial.fold_scores, strict=True))
    return [scores[fold] for fold in basis]


def _pool(compared: list[Finished]) -> list[Finished]:
    """The best candidates, best first, with room for every family."""
    kept: list[Finished] = []
    for found in compared:
        if sum(f.trial.family == found.trial.family for f in kept) < SAME_FAMILY and len(kept) < POOL:
            kept.append(found)
    return kept


def _best_single(compared: list[Finished], basis: tuple[int, ...], metric: Metric) -> tuple[float, ...]:
    """For each fold the score of the candidate that is best on the other folds."""
    scores = np.array([_scores_on(f, basis) for f in compared])
    if scores.shape[1] == 1:
        return (float(scores[0, 0]),)
    others = (scores.sum(axis=1, keepdims=True) - scores) / (scores.shape[1] - 1)
    return tuple(float(scores[(metric.sign * others[:, f]).argmax(), f]) for f in range(scores.shape[1]))


def _standard_error(some: tuple[float, ...], others: tuple[float, ...]) -> float:
    """Of the mean difference over the folds; nothing where one fold can't tell."""
    if len(some) != len(others) or len(some) < 2:
        return 0.0
    return float(np.std(np.subtract(some, others), ddof=1) / len(some) ** 0.5)


def _mean_std(scores: tuple[float, ...]) -> tuple[float, float | None]:
    return float(np.mean(scores)), float(np.std(scores, ddof=1)) if len(scores) > 1 else None
