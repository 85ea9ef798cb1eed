"""Kinds of columns: on the shared sets, and where a mistake would cost."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from automl.data.profile import dates_of, distribution, numbers_of, profile, read_amounts
from automl.data.read import read_table
from automl.types import Column, ColumnKind

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")
N = 200


def kind(values, name: str = "x") -> str:
    (column,) = profile(pd.DataFrame({name: values}))
    assert column.reason
    return column.kind.value


def test_counts_and_examples():
    (column,) = profile(pd.DataFrame({"a": ["x", None, "y", "x", None]}))
    assert (column.missing, column.distinct) == (2, 2)
    assert column.examples == ("x", "y")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.5, 2.5] * 50, "numeric"),
        ([1, 2, 3, 4, 5] * 20, "numeric"),
        ([1, 2] * 50, "numeric"),
        ([0, 1] * 50, "boolean"),
        ([0.0, 1.0, np.nan] * 50, "boolean"),
        ([True, False] * 50, "boolean"),
        (["yes", "no"] * 50, "boolean"),
        (["Y", "N", None] * 50, "boolean"),
        (["True", "False"] * 50, "boolean"),
        (["male", "female"] * 50, "categorical"),
        (["yes", "yes"] * 50, "categorical"),
        (["a", "b", "c"] * 50, "categorical"),
        (pd.date_range("2024-01-01", periods=N), "datetime"),
        (pd.Series([f"{d:02d}/01/2024" for d in range(1, 32)] * 5 + ["soon"]), "datetime"),
        ([f"${x}" for x in range(10, 110)], "numeric"),
        ([f"{x},{x % 10}00 €" for x in range(10, 110)], "numeric"),
        ([f"{x} %" for x in range(100)], "numeric"),
        ([f"{x} kg" for x in range(99)] + ["unknown"], "numeric"),
        (["10 kg", "20 lb"] * 50, "categorical"),
        (["1-5", "6-10", "11-20"] * 50, "categorical"),
        ([np.nan] * N, "numeric"),
        (pd.Series([None] * N, dtype="str"), "categorical"),
    ],
)
def test_kinds(values, expected):
    assert kind(values) == expected


def test_identifiers():
    assert kind([f"C-{i:05d}" for i in range(N)]) == "identifier"
    assert kind([f"{i:032x}" for i in range(N)], "uuid") == "identifier"
    assert kind(range(1, N + 1)) == "identifier"
    assert kind(np.random.default_rng(0).permutation(10**6)[:N], "customer_id") == "identifier"
    assert kind([1, 2, 3], "id") == "identifier"
    assert kind([f"{i:05d}" for i in range(N)]) == "identifier"


def test_measurements_are_no_identifiers():
    rng = np.random.default_rng(0)
    assert kind(rng.normal(size=N)) == "numeric"
    assert kind(rng.choice(10**6, N, replace=False), "price") == "numeric"
    assert kind(rng.normal(size=N), "id") == "numeric"
    assert kind(pd.date_range("2024-01-01", periods=N), "order_id") == "datetime"
    assert kind([str(d.date()) for d in pd.date_range("2024-01-01", periods=N)]) == "datetime"
    assert kind([f"${x}.50" for x in range(N)], "amount") == "numeric"
    assert kind(["a", "b", "c", "d"], "name") == "categorical"


def test_free_text():
    words = [
        "the",
        "a",
        "good",
        "bad",
        "phone",
        "arrived",
        "late",
        "early",
        "box",
        "was",
        "broken",
        "fine",
        "never",
        "again",
    ]
    rng = np.random.default_rng(0)
    assert kind([" ".join(rng.choice(words, 12)) for _ in range(N)]) == "text"
    assert kind(["arrived late and broken", "all fine with this one"] * 100) == "categorical"


def test_objects_that_were_not_read():
    frame = pd.DataFrame(
        {"m": np.array([1, "a", None, 2.5] * 10, dtype=object), "c": pd.Categorical(["u", "v"] * 20)}
    )
    assert [c.kind.value for c in profile(frame)] == ["categorical", "categorical"]


def test_nullable_flags_and_zones_are_read_as_objects_are():
    """As a notebook holds them: flags with gaps come as objects or as nullable, times with their zone."""
    flag = pd.Series([True, None, False, True] * 10, dtype=object)
    when = pd.Series(pd.date_range("2020-03-01", periods=40, freq="h", tz="Europe/Amsterdam"))
    found = profile(pd.DataFrame({"flag": flag, "nullable": flag.astype("boolean"), "zone": when}))
    assert [(c.kind.value, c.missing, c.distinct) for c in found] == [("boolean", 10, 2), ("boolean", 10, 2), ("datetime", 0, 40)]
    assert found[0].examples == ("True", "False")


def test_words_for_missing_and_spaces_do_not_count():
    frame = pd.DataFrame(
        {
            "n": ["1", "2 ", "NA", "-", "3"] * 20,
            "b": [" yes", "yes", "no", "?", "no "] * 20,
            "level": ["none", "some", "much", "some", "much"] * 20,
        }
    )
    columns = profile(frame)
    assert [c.kind.value for c in columns] == ["numeric", "boolean", "categorical"]
    assert [c.missing for c in columns] == [40, 20, 0]
    assert [c.distinct for c in columns] == [3, 2, 3]
    assert profile(frame.astype(object)) == columns


def test_amounts():
    def way(*values):
        found = read_amounts(pd.Series(values, dtype="str"))
        return found and (found.decimal, found.thousands, found.unit)

    assert way("$1,234.50", "$2") == (".", ",", "$")
    assert way("1.234,50 €", "2,50 €") == (",", ". ", "€")
    assert way("12 %", "13.5 %") == (".", ",", "%")
    assert way("12 kg", "3 lb") is None
    assert way("A1", "B2") is None
    assert way("007", "008") is None
    assert way("x", "y") is None
    assert numbers_of(pd.Series(["$1,234.5", None, "-$3", "free", *["$7"] * 96])).tolist()[:3:2] == [
        1234.5,
        -3.0,
    ]


def test_dates_of_text():
    dates = dates_of(pd.Series(["31/01/2024", "01/02/2024", None, "soon"]))
    assert dates.tolist()[:2] == [pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-01")]
    assert dates.isna().sum() == 2


@pytest.mark.parametrize(
    ("values", "total"),
    [
        (np.arange(1000.0), 1000),
        ([3] * 50, 50),
        ([1, 2, 3] * 10 + [None], 30),
        ([None, np.nan], 0),
        (["$5", "$6", "$7"] * 10, 30),
        (pd.date_range("2024-01-01", periods=100), 100),
        (["a", "b"] * 30, 60),
        ([True, False] * 30, 60),
        ([f"v{i % 40}" for i in range(400)], 400),
    ],
)
def test_distribution(values, total):
    frame = pd.DataFrame({"x": values})
    (column,) = profile(frame)
    chart = json.loads(json.dumps(distribution(frame, column), allow_nan=False))
    assert sum(chart["counts"]) + chart.get("other", 0) == total
    if chart["type"] == "histogram":
        assert len(chart["edges"]) == (len(chart["counts"]) + 1 if total else 0)
        assert len(chart["counts"]) <= 12


def test_distribution_of_many_rows_is_scaled_up():
    frame = pd.DataFrame({"x": np.arange(400_000.0)})
    chart = distribution(frame, profile(frame)[0])
    assert sum(chart["counts"]) == pytest.approx(400_000, rel=0.001)


def test_a_kind_chosen_by_the_user_can_be_drawn():
    frame = pd.DataFrame({"x": ["a", "b", "12"]})
    shown = {}
    for chosen in ColumnKind:
        chart = json.loads(json.dumps(distribution(frame, Column("x", chosen)), allow_nan=False))
        shown[chosen] = (chart["type"], sum(chart["counts"]) + chart.get("other", 0))
    few = {ColumnKind.NUMERIC: ("histogram", 1), ColumnKind.DATETIME: ("histogram", 0)}
    assert shown == {kind: few.get(kind, ("top", 3)) for kind in ColumnKind}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.none()
        | st.booleans()
        | st.integers(-(2**70), 2**70)
        | st.floats()
        | st.text(max_size=12)
        | st.dates(),
        min_size=1,
        max_size=30,
    )
)
@example([0.0, sys.float_info.max])
@example([-sys.float_info.max, sys.float_info.max])
@example([-sys.float_info.max])
def test_any_column_can_be_profiled(values):
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    (column,) = profile(frame)
    assert 0 <= column.missing <= len(values)
    json.dumps(distribution(frame, column), allow_nan=False)


EXPECTED = {
    "credit_scoring": {"Records": "boolean", "Home": "categorical", "Price": "numeric"},
    "customer_churn": {
        "international_plan": "boolean",
        "area_code": "categorical",
        "total_day_calls": "numeric",
    },
    "police_force_type": {"response_datetime": "datetime", "problem": "categorical", "precinct": "numeric"},
    "bike_sharing": {"holiday": "boolean", "season": "numeric", "mnth": "categorical"},
    "storm_status": {"name": "categorical", "year": "numeric"},
}


@needs_shared
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.parquet")), ids=lambda p: p.stem)
def test_kinds_of_the_shared_sets(path):
    kinds = {c.name: c.kind.value for c in profile(read_table(path))}
    for name, expected in EXPECTED.get(path.stem, {}).items():
        assert kinds[name] == expected
    assert "identifier" not in kinds.values()
    texts = pd.read_parquet(path).select_dtypes("str").columns
    for name, found in kinds.items():
        assert found in (
            ("categorical", "boolean", "datetime", "text") if name in texts else ("numeric", "boolean")
        )


@needs_shared
def test_profiling_is_fast():
    flights = read_table(SHARED / "nycflights13" / "flights.parquet")
    start = time.perf_counter()
    columns = profile(flights)
    for column in columns:
        distribution(flights, column)
    assert time.perf_counter() - start < 4  # 0.3 s alone


def test_bars_of_whole_numbers_hold_as_many_each():
    frame = pd.DataFrame({"n": np.tile(np.arange(1, 20), 50)})
    chart = distribution(frame, profile(frame)[0])
    assert chart["edges"] == [0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5, 16.5, 18.5, 20.5]
    assert chart["counts"] == [100] * 9 + [50]


def test_large_columns_are_described_by_some_rows_once_the_time_is_over(monkeypatch):
    monkeypatch.setattr("automl.data.profile.ALWAYS", 0)
    rng, rows = np.random.default_rng(0), 60_000
    frame = pd.DataFrame(
        {
            "measured": rng.normal(size=rows),
            "rare": np.where(np.arange(rows) == 7, "yes", "no"),
            "city": [f"city {c}" for c in rng.integers(0, 3_000, rows)],
            "key": np.arange(rows),
            "customer_id": rng.integers(0, 200_000, rows),  # 86 % of them different
            "gaps": np.where(rng.random(rows) < 0.25, np.nan, rng.normal(size=rows)),
        }
    )
    whole, late = profile(frame), profile(frame, until=0.0)
    assert [c.kind for c in late] == [c.kind for c in whole]
    assert [c.missing for c in late] == [c.missing for c in whole]
    assert late[1] == whole[1]  # one row of another kind is no constant
    for one, other in zip(late, whole, strict=True):
        assert other.distinct * 0.9 <= one.distinct <= other.distinct * 1.1


def test_a_large_identifier_is_one_and_words_for_missing_count_once_the_time_is_over(monkeypatch):
    monkeypatch.setattr("automl.data.profile.ALWAYS", 0)
    ids = pd.DataFrame({"customer_id": np.random.default_rng(0).permutation(1_000_000)})
    assert profile(ids, until=0.0)[0].kind.value == "identifier"
    codes = [f"c{i % 300}" if i % 4 else "n/a" for i in range(25_000)]
    assert profile(pd.DataFrame({"code": codes}), until=0.0)[0].missing == 6_250
