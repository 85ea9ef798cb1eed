from __future__ import annotations

import time

import numpy as np
import pytest

from automl.engine import combine
from automl.engine.folds import Folds
from automl.engine.race import Finished
from automl.families import family
from automl.metrics import METRICS
from automl.types import Task, Trial, TrialState, replace

METRIC = METRICS["roc_auc"]
FAMILIES = ("lightgbm", "xgboost", "catboost")


def a_race(predictions, y, count=5, trees=1):
    folds = Folds((np.arange(len(y)) % count).astype(np.int32), count)
    finished = []
    for order, p in enumerate(predictions, 1):
        both = np.column_stack([1 - p, p])
        scores = tuple(METRIC.score(y[folds.valid_rows(f)], both[folds.valid_rows(f)]) for f in range(count))
        trial = Trial(
            f"candidate {order}", FAMILIES[order % 3], TrialState.COMPLETED, "roc_auc", float(np.mean(scores)), 0.0, scores,
            fit_seconds=1.0, predict_ms_per_row=0.1, order=order,
        )  # fmt: skip
        finished.append(
            Finished(trial, both, {f: {"num_boost_round": trees, "iterations": trees} for f in range(count)})
        )
    finished.sort(key=lambda f: -f.trial.score)
    return finished, folds


def choose(finished, folds, y, **more):
    return combine.choose(
        finished, task=Task.BINARY, metric=METRIC, y=y, weight=None, folds=folds,
        deadline=time.monotonic() + 60, number=99, **more,
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


def test_a_candidate_ahead_by_luck_does_not_replace_the_ensemble():
    rng = np.random.default_rng(6)
    y = rng.integers(0, 2, 300)
    shared = y + rng.normal(0, 1, 300)
    finished, folds = a_race([shared + rng.normal(0, 0.35, 300) for _ in range(4)], y)
    winner, mixed = choose(finished, folds, y)
    alone = combine._best_single(finished, tuple(range(5)), METRIC)
    assert 0.001 < np.mean(alone) - winner.score < 0.01
    assert winner.trial is mixed
    assert combine._standard_error((0.7, 0.8, 0.6), (0.6, 0.8, 0.7)) == pytest.approx(0.1 / 3**0.5)
    assert combine._standard_error((0.7,), (0.6,)) == 0


def test_without_time_the_best_candidate_is_taken():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 200)
    finished, folds = a_race([y + rng.normal(0, 1, 200) for _ in range(3)], y)
    winner, mixed = combine.choose(
        finished, task=Task.BINARY, metric=METRIC, y=y, weight=None, folds=folds, deadline=0.0, number=99
    )
    assert mixed is None
    assert winner.trial is finished[0].trial


def test_an_ensemble_stays_fast(monkeypatch):
    monkeypatch.setattr(combine, "ALONE_US", 1e9)  # for many rows; of one row is the next test
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    noisy = [y + rng.normal(0, 1.3, 600) for _ in range(6)]

    def chosen(trees):
        finished, folds = a_race(noisy, y, trees=trees)
        winner, _ = choose(finished, folds, y)
        key = {f.trial.order: f.trial.family for f in finished}
        took = sum(
            family(key[n]).predict_us({"num_boost_round": trees, "iterations": trees}, 2) * len(used)
            for n, used in winner.folds.items()
        )
        return len(winner.members), {key[n]: len(used) for n, used in winner.folds.items()}, took

    many, every, _ = chosen(1)
    fewer, some, took = chosen(400)
    assert many >= fewer >= 1
    assert set(every.values()) == {5}
    assert some["catboost"] == 5 > min(some.values()) >= 1  # the quick one keeps all its folds
    assert took <= combine.PREDICT_US


def test_a_limit_that_was_asked_for_leaves_slow_candidates_out():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    finished, folds = a_race([y + rng.normal(0, 1.3, 600) for _ in range(6)], y, trees=800)
    prior = replace(finished[-1], trial=replace(finished[-1].trial, family="prior", order=0), replays={f: {} for f in range(5)})
    quick = combine.quick_enough([*finished, prior], 12.0)
    assert {f.trial.family for f in quick} == {"catboost", "prior"}
    winner, _ = choose(quick, folds, y, limit_us=12.0)
    one = family("catboost").predict_us({"iterations": 800}, 2)
    assert sum(map(len, winner.folds.values())) == int(12.0 / one)
    slow = [f for f in finished if f.trial.family != "catboost"]
    (_, only) = combine.quick_enough([prior, *slow], 12.0)  # none keeps it: the quickest is better than no model
    assert combine._cost(only) == min(map(combine._cost, slow)) and not combine.keeps(only, 12.0)


ONE_TREE = {"num_boost_round": 1, "iterations": 1}


def test_a_row_alone_takes_longer_of_more_trees():
    many = {"num_boost_round": 2_000, "iterations": 2_000}
    for key in ("lightgbm", "catboost", "xgboost"):
        assert 200 < family(key).alone_us(many, 2) - family(key).alone_us(ONE_TREE, 2) < 2_000
    assert family("xgboost").alone_us(many, 4) > 2.9 * family("xgboost").alone_us(many, 2)


def test_a_row_alone_is_not_asked_of_too_many_models(monkeypatch):
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    finished, folds = a_race([y + rng.normal(0, 1.3, 600) for _ in range(6)], y, trees=1)
    key = {f.trial.order: f.trial.family for f in finished}

    def took(winner):
        return {n: family(key[n]).alone_us(ONE_TREE, 2) * len(some) for n, some in winner.folds.items()}

    before, _ = choose(finished, folds, y)
    most = sum(took(before).values()) * 0.6
    monkeypatch.setattr(combine, "ALONE_US", most)
    winner, _ = choose(finished, folds, y)
    assert winner.members == before.members and len(winner.members) > 1
    assert most - 900 < sum(took(winner).values()) <= most


def only_looked_at(finished):
    """The candidate as if it had been fitted on the first fold alone."""
    first = finished.trial.fold_scores[:1]
    return Finished(
        replace(finished.trial, fold_scores=first, score=first[0]),
        finished.prediction,
        {0: finished.replays[0]},
    )


def test_more_folds_are_preferred_among_equals():
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 600)
    good = y + rng.normal(0, 0.6, 600)
    finished, folds = a_race([good, good + rng.normal(0, 0.01, 600), y + rng.normal(0, 3, 600)], y)
    looks = {f.trial.order: f for f in finished}
    looks[1] = only_looked_at(looks[1])
    winner, _ = choose(sorted(looks.values(), key=lambda f: -len(f.folds)), folds, y)
    assert 1 not in winner.members and 2 in winner.members


def test_a_clearly_better_look_outweighs_more_folds():
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 600)
    finished, folds = a_race([y + rng.normal(0, s, 600) for s in (0.6, 0.9, 3.0)], y)
    best, second, last = finished
    assert 1 in choose([second, last, only_looked_at(best)], folds, y)[0].members
