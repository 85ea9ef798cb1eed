from __future__ import annotations

import numpy as np
import pytest

from automl.engine import ensemble
from automl.metrics import METRICS


def noisy_candidates(n=600, count=4, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    out = []
    for _ in range(count):
        score = y + rng.normal(0, 1.2, n)
        p = 1 / (1 + np.exp(-score))
        out.append(np.column_stack([1 - p, p]))
    return y, out


def test_weights_sum_to_one_and_beat_each_member():
    y, predictions = noisy_candidates()
    metric = METRICS["roc_auc"]
    weights = ensemble.select(predictions, y, metric)
    assert abs(sum(weights.values()) - 1) < 1e-12
    mixed = metric.score(y, ensemble.blend(predictions, weights))
    assert mixed > max(metric.score(y, p) for p in predictions) + 0.02


def test_a_perfect_candidate_stands_alone():
    y, predictions = noisy_candidates(count=3)
    perfect = np.column_stack([1.0 - y, y]).astype(float)
    assert ensemble.select([*predictions, perfect], y, METRICS["log_loss"]) == {3: 1.0}


def test_lower_is_better_metrics_are_minimised():
    rng = np.random.default_rng(1)
    y = rng.normal(size=300)
    good, bad = y + rng.normal(0, 0.1, 300), y + rng.normal(0, 3, 300)
    assert ensemble.select([bad, good], y, METRICS["rmse"]).get(1, 0) > 0.9


def test_at_most_so_many_members():
    y, predictions = noisy_candidates(count=12)
    assert len(ensemble.select(predictions, y, METRICS["log_loss"])) <= ensemble.MAX_MEMBERS


def test_score_is_cross_fitted():
    """On pure noise, choosing among many candidates must not look better than guessing."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 400)
    predictions = [np.column_stack([1 - p, p]) for p in rng.random((30, 400))]
    fold = np.arange(400) % 5
    fitted = ensemble.build(predictions, y, fold, METRICS["roc_auc"])
    chosen_on_itself = METRICS["roc_auc"].score(y, ensemble.blend(predictions, fitted.weights))
    assert chosen_on_itself > 0.54
    assert abs(fitted.score - 0.5) < 0.04
    assert len(fitted.fold_scores) == 5


def test_one_holdout_is_scored_on_halves():
    y, predictions = noisy_candidates(n=200)
    fitted = ensemble.build(predictions, y, np.zeros(200, dtype=int), METRICS["roc_auc"])
    assert len(fitted.fold_scores) == 2 and fitted.score > 0.75


@pytest.mark.parametrize("weighted", [False, True])
def test_errors_of_parts_put_together_are_those_of_all_rows(weighted):
    rng = np.random.default_rng(0)
    y = rng.normal(size=500)
    predictions = [(y + rng.normal(0.2 * i, 0.5 + 0.1 * i, 500)).astype(np.float32) for i in range(6)]
    weight = rng.uniform(0.1, 3, 500) if weighted else None
    parts = [slice(0, 3), slice(3, 200), slice(200, 500)]  # one of them with fewer rows than candidates
    errors = np.vstack([
        ensemble._errors([p[rows] for p in predictions], y[rows], weight[rows] if weighted else None) for rows in parts
    ])  # fmt: skip
    total = weight.sum() if weighted else len(y)
    for chosen in ([0], [1, 1, 4], [0, 2, 3, 5]):
        plain = METRICS["rmse"].score(y, sum(predictions[i] for i in chosen) / len(chosen), sample_weight=weight)
        mixed = sum(errors.T[i] for i in chosen) / len(chosen)
        assert ensemble._length(mixed) / total**0.5 == pytest.approx(-plain, rel=1e-6)


def test_of_rmse_more_rows_than_are_sampled_for_others_count():
    rng = np.random.default_rng(0)
    y = rng.normal(size=30_000)
    fold = np.arange(len(y)) % 3
    good, biased = y + rng.normal(0, 0.5, len(y)), y + rng.normal(0, 0.5, len(y)) + 0.3
    few, all_of_them = (ensemble.build([good, biased], y, fold, METRICS["rmse"], most_rows=n) for n in (100, 30_000))
    assert few == all_of_them
