from __future__ import annotations

import numpy as np
import pytest

from automl.features.clean import Clip, Impute


def words(*values):
    return np.array([*values, None], dtype=object)[:-1]


@pytest.fixture
def columns():
    return {
        "a": np.array([1.0, 2.0, 3.0, 4.0, np.nan]),
        "empty": np.full(5, np.nan),
        "w": words("x", "y", "y", None, None),
        "none": words(None, None, None, None, None),
        "when": np.array(["2024-01-01"] * 5, dtype="datetime64[ns]"),
    }


def test_clip_by_the_quartiles(columns):
    clip = Clip(["a", "empty", "when", "not there"], factor=1.5).fit(columns)
    assert set(clip.limits) == {"a"}
    low, high = clip.limits["a"]
    assert (low, high) == (1.75 - 1.5 * 1.5, 3.25 + 1.5 * 1.5)
    out = clip.transform({**columns, "a": np.array([-100.0, 100.0, 2.0, np.nan, np.inf])})
    np.testing.assert_array_equal(out["a"], [low, high, 2, np.nan, high])
    assert out["w"] is columns["w"]


def test_clip_leaves_a_constant(columns):
    clip = Clip(["a"]).fit({"a": np.full(4, 7.0)})
    assert clip.transform({"a": np.array([7.0])})["a"][0] == 7


@pytest.mark.parametrize(("how", "fill"), [("median", 2.5), ("mean", 2.5)])
def test_impute(columns, how, fill):
    filler = Impute(["a", "empty", "w", "none", "when", "not there"], how).fit(columns)
    assert filler.values == {"a": fill, "w": "y"}
    out = filler.transform(columns)
    assert out["a"].tolist() == [1, 2, 3, 4, fill]
    assert out["w"].tolist() == ["x", "y", "y", "y", "y"]
    assert out["none"].tolist() == [None] * 5 and np.isnan(out["empty"]).all()
    assert np.isnan(columns["a"][4])


def test_nothing_is_learned_when_transforming(columns):
    filler = Impute(["a", "w"]).fit(columns)
    one = {"a": np.array([np.nan]), "w": words(None)}
    assert filler.transform(one)["a"].tolist() == [2.5]
    assert filler.transform(one)["w"].tolist() == ["y"]
    assert filler.transform({"a": np.array([]), "w": words()})["w"].tolist() == []
