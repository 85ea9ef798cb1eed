from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from automl.evaluate import curves


def rows(n: int = 3000):
    rng = np.random.default_rng(0)
    chance = rng.beta(0.6, 1.4, n)
    return rng.random(n) < chance, chance


def test_calibration_agrees_with_scikit_learn() -> None:
    hit, chance = rows()
    found = curves.calibration(hit, chance)
    happened, predicted = calibration_curve(hit, chance, n_bins=10)
    np.testing.assert_allclose(found["happened"], happened)
    np.testing.assert_allclose(found["predicted"], predicted)
    assert sum(found["rows"]) == 3000
    assert found["error"] == pytest.approx(np.abs(happened - predicted) @ np.array(found["rows"]) / 3000)
    assert found["error"] < 0.03
    assert all(a <= b <= c for a, b, c in zip(found["low"], found["happened"], found["high"], strict=True))


def test_what_is_too_sure_has_an_error() -> None:
    hit, chance = rows()
    sure = curves.calibration(hit, np.where(chance > 0.5, 0.95, 0.05))
    plain = (hit[chance > 0.5].mean() - 0.95) * (chance > 0.5).mean()
    assert sure["error"] >= abs(plain) > 0.05


def test_probabilities_of_none_and_all() -> None:
    found = curves.calibration(np.array([True, False]), np.array([1.0, 0.0]))
    assert found["rows"] == [1, 1]
    assert found["error"] == 0


def test_wilson_is_the_textbook_interval() -> None:
    low, high = curves.wilson(np.array([0.0, 0.5]), np.array([10, 100]))
    np.testing.assert_allclose([low[0], high[0]], [0, 0.2775], atol=1e-3)
    np.testing.assert_allclose([low[1], high[1]], [0.4038, 0.5962], atol=1e-3)


def test_gain_and_lift_are_those_of_counting() -> None:
    hit, chance = rows()
    gain = curves.curve(hit, chance)["gain"]
    first = np.argsort(-chance)[:300]
    assert curves.found_in_first(gain, 0.1) == pytest.approx(hit[first].sum() / hit.sum())
    assert (gain["share"][-1], gain["found"][-1]) == (1, 1)
    assert len(gain["share"]) <= curves.POINTS + 2
