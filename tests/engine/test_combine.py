from __future__ import annotations

import time

import numpy as np
import pytest

from automl.engine import combine
from automl.engine.folds import Folds
from automl.engine.race import Finished
from automl.metrics import METRICS
from automl.types import Task, Trial, TrialState, replace

METRIC = METRICS["roc_auc"]


def a_race(predictions, y, count=5, milliseconds=0.001):
    folds = Folds((np.arange(len(y)) % count).astype(np.int32), count)
    finished = []
    for order, p in enumerate(predictions, 1):
        both = np.column_stack([1 - p, p])
        scores = tuple(METRIC.score(y[folds.valid_rows(f)], both[folds.valid_rows(f)]) for f in range(count))
        trial = Trial(
            f"candidate {order}", f"family {order % 6}", TrialState.COMPLETED, "roc_auc", float(np.mean(scores)), 0.0, scores,
            fit_seconds=1.0, predict_ms_per_row=milliseconds, order=order,
        )  # fmt: skip
        finished.append(Finished(trial, both, {f: {} for f in range(count)}))
    finished.sort(key=lambda f: -f.trial.score)
    return finished, folds


def choose(finished, folds, y):
    return combine.choose(
        finished, task=Task.BINARY, metric=METRIC, y=y, weight=None, folds=folds,
        deadline=time.monotonic() + 60, number=99,
    )  # fmt: skip


def test_the_luckiest_of_many_promises_no_more_than_it_can_keep():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    finished, folds = a_race(rng.random((40, 300)), y)
    assert finished[0].trial.score > 0.56  # by luck alone
    winner, _ = choose(finished, folds, y)
    assert abs(winner.score - 0.5) < 0.05


def test_different_mistakes_make_an_ensemble():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    finished, folds = a_race([y + rng.normal(0, 1.3, 600) for _ in range(4)], y)
    winner, mixed = choose(finished, folds, y)
    assert winner.trial is mixed
    assert sum(winner.members.values()) == pytest.approx(1)
    assert winner.score > finished[0].trial.score + 0.02
    assert mixed.score >= finished[0].trial.score


def test_one_good_candidate_stands_alone_and_leads_the_board():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 400)
    finished, folds = a_race([y + rng.normal(0, 0.2, 400), rng.random(400), rng.random(400)], y)
    winner, mixed = choose(finished, folds, y)
    assert winner.members == {1: 1.0}
    assert mixed is None or mixed.score <= winner.trial.score


def test_without_time_the_best_candidate_is_taken():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 200)
    finished, folds = a_race([y + rng.normal(0, 1, 200) for _ in range(3)], y)
    winner, mixed = combine.choose(
        finished, task=Task.BINARY, metric=METRIC, y=y, weight=None, folds=folds, deadline=0.0, number=99
    )
    assert mixed is None
    assert winner.trial is finished[0].trial


def test_an_ensemble_stays_fast():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    noisy = [y + rng.normal(0, 1.3, 600) for _ in range(6)]
    sizes = [len(choose(*a_race(noisy, y, milliseconds=ms), y)[0].members) for ms in (0.001, 0.015, 1.0)]
    assert sizes[0] > 2 and sizes[1:] == [2, 1]  # 5 folds x 0.015 ms x 10,000 rows is half of what is allowed


def test_candidates_are_compared_on_the_folds_they_share():
    """The best of the first looks is not complete: what is complete is preferred if it is among the best two."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 600)
    finished, folds = a_race([y + rng.normal(0, s, 600) for s in (0.6, 0.9, 3.0)], y)
    best, second, last = finished
    look = replace(best.trial, fold_scores=best.trial.fold_scores[:1], score=best.trial.fold_scores[0])
    best = Finished(look, best.prediction, {0: {}})
    assert set(choose([second, last, best], folds, y)[0].members) == {2, 3}
    # were only the worst one complete, all would be compared on the first fold
    early = Finished(replace(second.trial, fold_scores=second.trial.fold_scores[:1]), second.prediction, {0: {}})
    assert 1 in choose([last, best, early], folds, y)[0].members
