from __future__ import annotations

import numpy as np
import pytest

from automl.evaluate import noise
from automl.metrics import METRICS


def test_the_interval_is_that_of_the_mean_difference() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=2000)
    a, b = y + rng.normal(size=2000), y + rng.normal(scale=1.1, size=2000)
    found = noise.compare(METRICS["mae"], y, a, [b], resamples=400)[0]
    differences = np.abs(b - y) - np.abs(a - y)
    error = differences.std(ddof=1) / len(y) ** 0.5
    assert found.value == pytest.approx(differences.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.15)
    assert found.is_clear


def test_many_rows_are_drawn_from_a_sample_and_scaled() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=20_000)
    a, b = y + rng.normal(size=20_000), y + rng.normal(size=20_000)
    found = noise.compare(METRICS["mae"], y, a, [b])[0]
    error = (np.abs(b - y) - np.abs(a - y)).std(ddof=1) / len(y) ** 0.5
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.2)


def test_equal_models_differ_by_nothing() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 300)
    p = np.column_stack([1 - (chance := rng.random(300)), chance])
    found = noise.compare(METRICS["roc_auc"], y, p, [p])[0]
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert not found.is_clear


def test_another_threshold_for_the_others() -> None:
    y, p = np.array([1, 1, 0, 0]), np.array([[0.6, 0.4]] * 2 + [[0.9, 0.1]] * 2)
    tuned = METRICS["accuracy"].for_outcome(1, 0.3)
    assert noise.compare(tuned, y, p, [p], other_metric=METRICS["accuracy"])[0].value == 0.5
