"""Joins: the four kinds against pandas, keys that don't match, and the flights tables."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.join import HOWS, first_rows, join, replay
from automl.data.read import read_table
from automl.data.suggest import suggest_keys
from automl.errors import ColumnError, DataError
from automl.types import JoinKey, JoinPlan, JoinStep

FLIGHTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "nycflights13"
needs_flights = pytest.mark.skipif(not FLIGHTS.is_dir(), reason="the shared data sets are not here")

LEFT = pd.DataFrame({"k": ["a", "b", None, "c", "a"], "v": [1, 2, 3, 4, 5]})
RIGHT = pd.DataFrame(
    {"k": ["a", "a", "b", None, "z"], "w": [True, False, True, False, True], "v": [1, 2, 3, 4, 5]}
)


def test_left():
    table, report = join(LEFT, RIGHT, ["k"], "left")
    assert list(table.columns) == ["k", "v", "w", "v_right"]
    assert table["v"].tolist() == [1, 1, 2, 3, 4, 5, 5]
    assert table["w"].tolist()[:3] == ["True", "False", "True"]
    assert table["w"].isna().sum() == 2
    assert (report.rows_left, report.rows_right, report.rows_out) == (5, 5, 7)
    assert (report.matched_left, report.matched_right, report.multiplied) == (3, 3, 2)
    assert report.match_share == 0.6
    text = " ".join(n.message for n in report.notes)
    assert "60.0 % of the 5 rows" in text
    assert "'v_right'" in text
    assert "adds 2 rows" in text


def test_missing_keys_never_match():
    table, _ = join(LEFT, RIGHT, ["k"], "inner")
    assert table["k"].notna().all()
    table, _ = join(LEFT, RIGHT, ["k"], "outer")
    assert len(table) == 9


def test_right_and_outer_fill_the_key():
    table, _ = join(LEFT, RIGHT, [("k", "k")], "right")
    assert table["k"].tolist()[-1] == "z"
    assert table["v_right"].tolist() == [1, 1, 2, 2, 3, 4, 5]
    right = RIGHT.rename(columns={"k": "key"})
    table, report = join(LEFT, right, [("k", "key")], "outer")
    assert "key" not in table
    assert "z" in set(table["k"].dropna())
    assert any(n.code == "join_keys" for n in report.notes)


def test_types_of_keys():
    ints, floats = (
        pd.DataFrame({"k": [1, 2, 3]}),
        pd.DataFrame({"k": [1.0, np.nan, 3.0], "w": ["x", "y", "z"]}),
    )
    table, report = join(ints, floats, ["k"], "left")
    assert report.matched_left == 2
    assert table["w"].tolist()[::2] == ["x", "z"]
    texts = pd.DataFrame({"k": ["01", "02"], "w": [1, 2]})
    with pytest.raises(
        ColumnError, match="is a number .such as “1”. .* is text .such as “01”.. Choose .*: number, zeros, text"
    ):
        join(ints, texts, ["k"])
    dates = pd.DataFrame({"k": pd.date_range("2024-01-01", periods=2)})
    with pytest.raises(ColumnError, match="a date"):
        join(texts, dates, ["k"])
    assert join(dates, dates.assign(w=1), ["k"], "inner")[1].matched_left == 2


def test_errors_name_the_keys():
    with pytest.raises(ColumnError, match="no column 'key' in the left table. Did you mean 'k'"):
        join(LEFT, RIGHT, ["key"])
    with pytest.raises(ColumnError, match="no column 'kk' in the right table. Did you mean 'k'"):
        join(LEFT, RIGHT, [("k", "kk")])
    with pytest.raises(DataError, match="kind of join 'lefty'. Did you mean 'left'"):
        join(LEFT, RIGHT, ["k"], "lefty")
    with pytest.raises(DataError, match="at least one key"):
        join(LEFT, RIGHT, [])


def test_a_key_that_multiplies_everything_is_refused():
    same = pd.DataFrame({"k": np.zeros(10_000, dtype="int64")})
    with pytest.raises(DataError, match="would give 100,000,000 rows"):
        join(same, same, ["k"])


def test_empty_sides():
    nothing = RIGHT.iloc[:0]
    table, report = join(LEFT, nothing, ["k"], "left")
    assert len(table) == 5
    assert report.matched_left == 0
    assert len(join(nothing, LEFT, ["k"], "outer")[0]) == 5
    assert len(join(LEFT, nothing, ["k"], "inner")[0]) == 0


KEYS = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=8)


@settings(max_examples=80, deadline=None)
@given(KEYS, KEYS, st.sampled_from(HOWS))
def test_as_pandas_where_keys_are_there(a, b, how):
    left = pd.DataFrame({"k": pd.Series(a, dtype="str"), "v": np.arange(len(a), dtype="float64")})
    right = pd.DataFrame({"k": pd.Series(b, dtype="str"), "w": np.arange(len(b), dtype="float64")})
    mine, report = join(left, right, ["k"], how)
    # pandas lets missing keys match each other: give each side its own stand-in
    theirs = left.fillna({"k": "<left>"}).merge(right.fillna({"k": "<right>"}), on="k", how=how)
    theirs["k"] = theirs["k"].mask(theirs["k"].str.startswith("<"))
    order = ["k", "v", "w"]
    pd.testing.assert_frame_equal(
        mine.sort_values(order, ignore_index=True), theirs[order].sort_values(order, ignore_index=True)
    )
    assert report.rows_out == len(theirs)


@needs_flights
@pytest.mark.alone
def test_flights():
    tables = {
        name: read_table(FLIGHTS / f"{name}.parquet") for name in ("flights", "weather", "planes", "airports")
    }
    expected = (
        ("weather", ["origin", "time_hour"], 0.995),
        ("planes", ["tailnum"], 0.852),
        ("airports", [("dest", "faa")], 0.977),
    )
    for name, keys, part in expected:
        start = time.perf_counter()
        table, report = join(tables["flights"], tables[name], keys, "left")
        assert time.perf_counter() - start < 3
        assert len(table) == len(tables["flights"])
        assert round(report.match_share, 3) == part
    assert suggest_keys(tables["flights"], tables["weather"]) == [
        ("origin", "origin"),
        ("time_hour", "time_hour"),
    ]
    assert suggest_keys(tables["flights"], tables["planes"]) == [("tailnum", "tailnum")]
    ((_, right),) = suggest_keys(tables["flights"], tables["airports"])
    assert right == "faa"


def test_suggestions_may_be_none():
    assert suggest_keys(pd.DataFrame({"a": [1.5]}), pd.DataFrame({"b": ["x"]})) == []
    assert suggest_keys(pd.DataFrame({"ID": ["x", "y"]}), pd.DataFrame({"id": ["y", "x"]})) == [("ID", "id")]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("found", [1, 2000, 2999])
def test_first_rows_are_those_of_the_whole_join(how, found):
    tables = {
        "a": pd.DataFrame({"k": [f"k{i}" for i in range(3000)]}),
        "b": pd.DataFrame({"k": [f"k{i}" for i in range(found, 3005) for _ in "ab"], "v": "v"}),
    }

    def load(id, columns):
        return tables[id] if columns is None else tables[id][list(columns)]

    plan = JoinPlan("a", "a", (JoinStep("b", "b", (JoinKey("k", "k"),), how, {"v": "v"}),))
    whole, _ = replay(plan, load)
    pd.testing.assert_frame_equal(first_rows(plan, load, 10), whole.head(10))
