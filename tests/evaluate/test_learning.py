from __future__ import annotations

import numpy as np
import pytest

from automl.evaluate.learning import describe

ROWS = np.array([100, 200, 400, 700, 1000])


def test_a_curve_that_climbs_gains_its_slope() -> None:
    rng = np.random.default_rng(0)
    scores = 0.5 + 0.03 * np.log2(ROWS / 100) + rng.normal(scale=0.001, size=(5, 5))
    found = describe("Linear", "roc_auc", ROWS, scores)
    assert found["helps"] is True
    assert found["doubling"]["value"] == pytest.approx(0.03, abs=0.003)
    assert found["doubling"]["low"] < 0.03 < found["doubling"]["high"]
    assert [p["rows"] for p in found["points"]] == ROWS.tolist()
    assert found["points"][2]["score"] == pytest.approx(scores[:, 2].mean())
    assert found["sentence"].startswith("Yes: twice the rows would gain about 0.03")


def test_errors_that_fall_are_a_gain() -> None:
    scores = np.array([[10, 8, 6, 4.9, 4.1], [10, 8.1, 6.1, 4.8, 4.2], [10, 8, 6, 4.9, 4.2]])
    found = describe("Linear", "rmse", ROWS, scores)
    assert found["helps"] is True
    assert found["doubling"]["value"] > 1
    assert "RMSE from 4.17 to about 2." in found["sentence"]


def test_a_flat_curve_gains_nothing() -> None:
    rng = np.random.default_rng(1)
    found = describe("Linear", "roc_auc", ROWS, 0.9 + rng.normal(scale=0.01, size=(5, 5)))
    assert found["helps"] is False
    assert found["sentence"].startswith(("Hardly", "No"))


def test_one_fold_is_not_sure() -> None:
    found = describe("Linear", "roc_auc", ROWS, np.array([[0.6, 0.7, 0.8, 0.85, 0.9]]))
    assert (found["helps"], found["doubling"]["low"]) == (None, None)
    assert "measured once" in found["sentence"]
