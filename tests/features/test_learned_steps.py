"""Outliers, rare categories and filling: learned from the rows given, from no other."""

from __future__ import annotations

import numpy as np
import pytest

from automl.features.clean import Clip, GroupRare, Impute, limits_of, rows_without_outliers
from automl.features.pipeline import Needs, TableFeatures
from automl.features.typed import to_typed
from tests.conftest import customers


def words(*values):
    return np.array([*values, None], dtype=object)[:-1]


@pytest.mark.parametrize(
    ("method", "ways", "found"),
    [
        ("iqr", {"factor": 1.0}, [0.0, 6.0]),
        ("sd", {"deviations": 1.0}, [3 - 2**0.5, 3 + 2**0.5]),
        ("percentile", {"low": 25.0, "high": 75.0}, [2.0, 4.0]),
    ],
)
def test_limits(method, ways, found):
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
    assert limits_of(values, method, **ways) == pytest.approx(found)
    assert Clip(["a"], method=method, **ways).fit({"a": values}).limits["a"] == pytest.approx(found)
    assert limits_of(np.array([np.nan]), method) is None


def test_rare_and_new_categories_are_one_group():
    block = GroupRare(["w", "absent"], share=25.0, name="rest").fit({"w": words("a", "a", "b", "b", "c", None, "d", "a")})
    assert block.kept == {"w": ["a", "b"]}
    assert block.transform({"w": words("a", "c", None, "new")})["w"].tolist() == ["a", "rest", None, "rest"]


@pytest.mark.parametrize(("how", "fill"), [("mode", 2.0), ("mean", 3.0), ("constant", -1.0)])
def test_ways_of_filling(how, fill):
    block = Impute(["a", "w"], how, "constant", number=-1.0, word="none").fit(
        {"a": np.array([2.0, 2.0, 5.0, np.nan]), "w": words(None)}
    )
    assert block.values == {"a": fill, "w": "none"}
    assert Impute(["a"], "none").fit({"a": np.array([1.0])}).values == {}


def test_rows_that_are_outliers_are_not_learned_from():
    a = np.array([*range(100), 1e6, np.nan], dtype=float)
    b = np.where(np.arange(102) == 5, -900.0, 1.0 * (np.arange(102) % 7))
    steps = [{"op": "impute", "columns": ["a"]}, {"op": "remove_outliers", "columns": ["a", "b"], "method": "iqr"}]
    assert np.flatnonzero(~rows_without_outliers({"a": a, "b": b}, steps)).tolist() == [5, 100]
    forest = [{"op": "remove_outliers", "columns": ["a", "b"], "method": "forest", "share": 2.0}]
    assert set(np.flatnonzero(~rows_without_outliers({"a": a, "b": b}, forest))) == {5, 100}
    codes = (np.arange(102) == 100).astype(int)  # the only row of its class stays
    assert np.flatnonzero(~rows_without_outliers({"a": a, "b": b}, steps, codes)).tolist() == [5]


def test_a_column_says_where_values_were_missing():
    kinds = {"Day Minutes": "numeric", "plan": "categorical", "plan is missing": "categorical"}
    frame = customers(100).assign(**{"plan is missing": "x"})
    typed = to_typed(frame, kinds)
    step = {"op": "impute", "columns": ["Day Minutes", "plan"], "indicator": True}
    found = TableFeatures(Needs(), kinds, learned=[step]).fit(typed).transform(typed)
    gaps = found.matrix[:, found.names.index("Day Minutes is missing")]
    np.testing.assert_array_equal(gaps, frame["Day Minutes"].isna())
    assert "plan is missing_" in found.names
    assert np.isfinite(found.matrix).all()


def test_models_of_earlier_versions_still_open():
    typed = to_typed(customers(50), {"spend": "numeric", "plan": "categorical"})
    steps = [{"op": "clip_outliers", "columns": ["spend"], "factor": 1.0}, {"op": "impute", "columns": ["plan"]}]
    table = TableFeatures(Needs(), {"spend": "numeric", "plan": "categorical"}, learned=steps).fit(typed)
    document, arrays = table.state()
    clip, impute = document.pop("learned")
    document["clip"] = {"columns": ["spend"], "factor": 1.0, "limits": clip["limits"]}  # as they were written
    document["impute"] = {"columns": ["plan"], "numeric": "median", "values": impute["values"]}
    old = TableFeatures.from_state(document, arrays)
    np.testing.assert_array_equal(old.transform(typed).matrix, table.transform(typed).matrix)
