"""The rows of a join against pandas' own, and the ways in which keys are compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.doctor import examine, triples
from automl.data.merge import COUNT, key_frames, key_values, merge_tables, one_row_a_key
from automl.types import JoinKey, JoinStep

TEXT = st.sampled_from(["a", "b", "c", None])
NUMBER = st.sampled_from([1.0, 2.0, None])
ROWS = st.lists(st.tuples(TEXT, NUMBER), max_size=9)


def frame(rows, value):
    keys = pd.DataFrame(rows, columns=["k", "n"]).astype({"k": "str", "n": "float64"})
    return keys.assign(**{value: np.arange(len(rows), dtype="float64")})


@settings(max_examples=120, deadline=None)
@given(ROWS, ROWS, st.sampled_from(["inner", "left", "right", "outer"]), st.booleans())
def test_as_pandas_for_every_how_multiplicity_and_missing_key(a, b, how, both):
    left, right = frame(a, "v"), frame(b, "w")
    names = ["k", "n"] if both else ["k"]
    right = right[[*names, "w"]]
    step = JoinStep("", "right", tuple(JoinKey(n, n) for n in names), how, {"w": "w"})
    mine = merge_tables(left, right, triples(step.keys), how, step.columns)
    # pandas lets missing keys match each other: each row without a key gets a key of its own
    one, two = left.copy(), right.copy()
    one["side"] = np.where(left[names].isna().any(axis=1), np.arange(len(left)) + 1.0, 0.0)
    two["side"] = np.where(right[names].isna().any(axis=1), -np.arange(len(right)) - 1.0, 0.0)
    theirs = one.merge(two, on=[*names, "side"], how=how)[list(mine.columns)]
    order = list(mine.columns)
    pd.testing.assert_frame_equal(
        mine.sort_values(order, ignore_index=True), theirs.sort_values(order, ignore_index=True), check_dtype=False
    )
    check = examine(left, right, step)
    assert check.rows_out == len(theirs)
    inner = one.merge(two, on=[*names, "side"])
    assert check.matched_left == inner["v"].nunique()
    assert check.matched_right == inner["w"].nunique()


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.sampled_from(["inner", "left", "right", "outer"]), st.sampled_from(["first", "mean", "sum", "count"]))
def test_one_row_a_key_never_multiplies(a, b, how, repeats):
    left, right = frame(a, "v"), frame(b, "w")[["k", "w"]]
    columns = {COUNT: "rows"} if repeats == "count" else {"w": "w"}
    step = JoinStep("", "right", (JoinKey("k", "k"),), how, columns, repeats)
    table = merge_tables(left, right, triples(step.keys), how, columns, repeats)
    assert len(table) == examine(left, right, step).rows_out
    groups = right.dropna(subset=["k"]).groupby("k")["w"]
    expected = {"first": groups.first(), "mean": groups.mean(), "sum": groups.sum(), "count": groups.size()}[repeats]
    rows = table[table["v"].notna() & table["k"].isin(expected.index)]
    assert rows[next(iter(columns.values()))].tolist() == [expected[k] for k in rows["k"]]
    if how == "left":
        assert table["v"].tolist() == left["v"].tolist()


def test_the_latest_row_of_each_key():
    right = pd.DataFrame(
        {"k": ["a", "b", "a", None], "when": pd.to_datetime(["2024-03-01", "2024-01-01", "2024-02-01", None]), "w": range(4)}
    )
    assert one_row_a_key(right, [("k", "k", "same")], "latest", "when")["w"].tolist() == [0, 1, 3]
    assert one_row_a_key(right, [("k", "k", "same")], "first")["w"].tolist() == [0, 1, 3]
    assert one_row_a_key(right, [("k", "k", "same")], "all") is right


@pytest.mark.parametrize(
    ("compare", "values", "expected"),
    [
        ("number", ["007", " 7.0", "x"], [7.0, 7.0, None]),
        ("text", [7.0, 7.5, np.nan], ["7", "7.5", None]),
        ("zeros", ["007", "0", "x0"], ["7", "0", "x0"]),
        ("folded", [" New York", "newyork", None], ["newyork", "newyork", None]),
        ("day", ["31/01/2024 10:00", "02/03/2024", "no"], ["2024-01-31", "2024-03-02", None]),
        ("hour", ["2024-01-31T10:59:00Z", "2024-01-31", None], ["2024-01-31 10:00", "2024-01-31 00:00", None]),
        ("day", [20240131, 20241399], ["2024-01-31", None]),
    ],
)
def test_ways_to_compare(compare, values, expected):
    got = key_values(pd.Series(values), compare)
    if compare in ("day", "hour"):
        expected = [pd.NaT if e is None else pd.Timestamp(e) for e in expected]
    for a, b in zip(got, expected, strict=True):
        assert (pd.isna(a) and pd.isna(b)) or a == b


def test_numbers_of_different_types_meet():
    one, two = key_frames(
        pd.DataFrame({"k": np.array([1, 2])}), pd.DataFrame({"k": [1.0, np.nan]}), [("k", "k", "same")]
    )
    assert one["key_0"].dtype == two["key_0"].dtype == "float64"
    one, two = key_frames(
        pd.DataFrame({"k": pd.to_datetime(["2024-01-01"]).as_unit("ms")}),
        pd.DataFrame({"k": pd.to_datetime(["2024-01-01"]).as_unit("ns")}),
        [("k", "k", "same")],
    )
    assert one["key_0"].tolist() == two["key_0"].tolist()


def test_a_key_that_differs_in_type_is_filled_as_text():
    left, right = pd.DataFrame({"k": [7, 8]}), pd.DataFrame({"k": ["007", "9"], "w": [1, 2]})
    table = merge_tables(left, right, [("k", "k", "number")], "outer", {"w": "w"})
    assert table["k"].tolist() == ["7", "8", "9"]
    assert table["w"].tolist()[::2] == [1.0, 2.0]
