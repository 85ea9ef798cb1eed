"""Facts of a whole table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.data.insights import Outcome, associations, explore, relation
from automl.data.profile import profile


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 400
    minutes = rng.gamma(3, 40, n).round(1)
    plan = rng.choice(["basic", "pro", "team"], n)
    frame = pd.DataFrame(
        {
            "minutes": minutes,
            "charge": minutes * 0.17,
            "plan": plan,
            "plan_code": pd.Series(plan).map({"basic": 7, "pro": 3, "team": 5}),
            "again": plan,
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="D"),
            "noise": rng.normal(size=n),
            "a": rng.normal(size=n),
            "b": rng.choice(["x", "y"], n),
        }
    )
    frame.loc[frame.index % 5 == 0, ["a", "b"]] = None
    frame.loc[7, ["minutes", "noise"]] = [9000.0, 55.0]
    return frame


@pytest.fixture
def found(table):
    return explore(table, profile(table), rows=4000)


def test_pairs_name_copies_recodings_and_strong_associations(found) -> None:
    pairs = {(p.first, p.second): (p.same, p.measure) for p in found.associations.pairs}
    assert pairs["plan", "again"] == ("copy", "")
    assert pairs["plan", "plan_code"] == ("one to one", "")
    assert ("minutes", "charge") in pairs
    assert not [p for p in pairs if "noise" in p]
    assert np.allclose(found.associations.matrix, np.transpose(found.associations.matrix))


def test_the_odd_row_is_found_with_its_reason(found) -> None:
    first = found.anomalies.shown[0]
    assert first.row == 7
    assert "minutes" in first.columns
    assert "minutes is 9,000, higher than in 99.8 % of the rows" in first.reasons


def test_columns_that_are_missing_together(found) -> None:
    assert found.missingness.together == (("a", "b"),)
    assert (found.missingness.rows, found.missingness.whole) == (400, 320)
    assert [(p.columns, p.rows) for p in found.missingness.patterns] == [(("a", "b"), 80)]


def test_of_a_sample_the_charts_speak_of_the_whole(found) -> None:
    assert (found.rows, found.sampled) == (4000, 400)
    chart = next(c.chart for c in found.columns if c.column.name == "plan")
    assert sum(chart["counts"]) == 4000


def test_a_column_is_warned_of() -> None:
    table = pd.DataFrame(
        {
            "city": ["Riga", "riga ", "Oslo", "Rome"] * 30,
            "same": ["x"] * 120,
            "nearly": ["no"] * 119 + ["perhaps"],
            "gappy": [1.0, None, None, None] * 30,
            "far": [*np.arange(118.0), 1e6, 1e6],
        }
    )
    codes = {(n.column, n.code) for c in explore(table, profile(table)).columns for n in c.warnings}
    assert {("city", "spelled_differently"), ("same", "constant"), ("gappy", "often_missing"), ("far", "outliers")} <= codes
    assert not [c for c in codes if c[0] == "city" and c[1] != "spelled_differently"]


def test_the_target_by_bin_and_value(table) -> None:
    columns = {c.name: c for c in profile(table)}
    number = Outcome.of(table, "charge", number=True)
    bins = relation(table, columns["minutes"], number)
    means = [p.mean for p in bins.parts]
    assert means == sorted(means)
    assert sum(p.rows for p in bins.parts) == 400
    assert bins.whole.mean == pytest.approx(table["charge"].mean())
    classes = Outcome.of(table, "plan", number=False)
    shares = relation(table, columns["b"], classes)
    assert shares.labels == ("basic", "pro", "team")
    assert {p.label: p.rows for p in shares.parts} == {**table["b"].value_counts().to_dict(), "missing": 80}
    assert all(sum(p.shares) == pytest.approx(1) for p in shares.parts)
    assert len(relation(table, columns["since"], number).parts) == 10


def test_odd_tables_pass() -> None:
    for table in (
        pd.DataFrame({"a": [None, None, None]}),
        pd.DataFrame({"a": [1]}),
        pd.DataFrame({"a": [np.inf, -np.inf, 1.0, None] * 20, "b": ["", " ", None, "x"] * 20}),
        pd.DataFrame({"a": pd.to_datetime(["1700-01-01", None, "2200-05-05"] * 20), "b": range(60)}),
        pd.DataFrame({"a": ["<b>", "=1+1", "'"] * 10, "b": [2**62, 1, 0] * 10}),
    ):
        columns = profile(table)
        assert explore(table, columns).rows == len(table)
        for number in (True, False):
            outcome = Outcome.of(table, "a", number=number) if not (number and table["a"].dtype.kind == "M") else None
            for column in columns if outcome else ():
                relation(table, column, outcome)


def test_wide_tables_are_cut_and_say_so() -> None:
    table = pd.DataFrame({f"c{i}": np.random.default_rng(i).normal(size=50) for i in range(70)})
    found = associations(table, profile(table))
    assert (len(found.names), found.left_out) == (60, 10)


def test_it_tells_how_far_it_is(table):
    said: list[tuple[float, str]] = []
    explore(table, profile(table), told=lambda share, what: said.append((share, what)))
    assert [share for share, _ in said] == sorted(share for share, _ in said)
    assert f"Looking at column 1 of {table.shape[1]}" in [what for _, what in said]
    assert said[-1][0] == 1.0
