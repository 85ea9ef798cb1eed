"""What the time allows of a table: how long text is looked at, and how many columns are learned from."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from automl import config
from automl.data.profile import ALWAYS, UNREAD, profile
from automl.engine import plan
from automl.engine.prepare import prepare
from automl.errors import BuildError
from automl.spec import budget_of, looking_until, narrowed, order
from automl.types import Budget, Recipe, Step, replace


def wide(columns: int = 600) -> pd.DataFrame:
    """Numbers, words of few and many values, and dates as text, in turn."""
    rng = np.random.default_rng(0)
    made = {}
    for i in range(0, columns, 4):
        made[f"n{i}"] = rng.normal(size=40)
        made[f"w{i}"] = np.array(["red", "blue", "green"])[rng.integers(0, 3, 40)]
        made[f"m{i}"] = np.array([f"word {c}" for c in "abcdefghijklmnopqrstuvwxyz"])[rng.integers(0, 26, 40)]
        made[f"d{i}"] = [f"{1 + k % 28:02d}.03.2021" for k in rng.integers(0, 28, 40)]
    return pd.DataFrame({**made, "y": np.array(["yes", "no"])[rng.integers(0, 2, 40)]})


@pytest.fixture(scope="module")
def table():
    frame = wide()
    return frame, order(frame, profile(frame), "y", seconds=10)


def test_all_columns_stay_where_there_is_time(table):
    _, spec = table
    assert narrowed(spec, 1.0, 9.0) == (spec, ())
    assert narrowed(spec, 0.0, 0.0) == (spec, ())


def test_the_slowest_columns_stay_out_where_describing_took_long(table):
    frame, spec = table
    fewer, (note,) = narrowed(spec, 2.0, 8.0)
    kept = fewer.problem.features
    assert len(kept) == 150 + int(450 * 0.35 * 8.0 / (1.7 * 2.0)) == 520
    assert kept == tuple(f for f in spec.problem.features if f in set(kept))  # in their order
    assert [sum(name[0] == kind for name in kept) for kind in "nwmd"] == [150, 150, 150, 70]
    assert note.message == (
        "520 columns of 600 were learned from, those that are quickest to read: describing all took 2.0 of the 10 seconds. "
        "Give it more time to use them."
    )
    rows = prepare(frame, fewer, hold_out=False)
    assert set(rows.kinds) == set(rows.raw.columns) == set(kept)


def test_so_many_columns_stay_in_any_case(table):
    _, spec = table
    assert len(narrowed(spec, 7.0, 3.0)[0].problem.features) == 150 + 200
    kept = narrowed(spec, 9.0, 1.0)[0].problem.features  # hardly any time is left: of numbers as well
    assert [sum(name[0] == kind for name in kept) for kind in "nwmd"] == [150, 50, 0, 0]


def test_columns_stay_where_they_are_counted_on(table):
    _, spec = table
    counted = replace(spec, budget=replace(spec.budget, candidates=2))
    assert narrowed(counted, 9.0, 1.0) == (counted, ())
    made = replace(spec, recipe=Recipe((Step("formula", ("n0",), {"name": "twice", "formula": "n0 * 2"}),)))
    assert narrowed(made, 9.0, 1.0) == (made, ())


def test_text_is_taken_as_it_stands_once_the_time_is_over(monkeypatch):
    frame = pd.DataFrame({"paid": ["$5", "$7"] * 20, "day": ["01.03.2021", "17.04.2021"] * 20, "plan": ["a", "b"] * 20})
    assert [c.kind.value for c in profile(frame, until=0.0)] == ["numeric", "datetime", "categorical"]  # few columns: in full
    first = pd.DataFrame(np.zeros((40, ALWAYS))).add_prefix("first")
    assert [c.kind.value for c in profile(first.join(frame), until=0.0, whole=("paid",))[ALWAYS:]] == [
        "numeric", "categorical", "categorical"
    ]  # fmt: skip
    monkeypatch.setattr("automl.data.profile.ALWAYS", 0)
    assert [c.kind.value for c in profile(frame)] == ["numeric", "datetime", "categorical"]
    late = profile(frame, until=time.monotonic() - 1)
    assert [c.kind.value for c in late] == ["categorical"] * 3
    assert [UNREAD in c.reason for c in late] == [True, True, False]
    frame["y"] = ["yes", "no"] * 20
    spec = order(frame, profile(frame, until=time.monotonic() - 1), "y", seconds=5)
    notes = prepare(frame, spec, hold_out=False).notes
    assert [n.message for n in notes if n.code == "text_unread"] == [
        "Numbers and dates were not looked for in the text of 'paid' and 'day': the time was too short. Give it more."
    ]


def test_how_long_text_is_looked_at():
    assert looking_until(100.0, Budget(seconds=50)) == pytest.approx(103.0)
    assert looking_until(100.0, Budget(seconds=50, candidates=3)) is None  # the clock must not shape such a build


def test_rows_that_the_time_does_not_allow_are_said(table, monkeypatch):
    frame, spec = table
    monkeypatch.setattr(plan, "LEAST_ROWS", 10)
    short = replace(spec, budget=Budget(seconds=0.01, threads=1))
    monkeypatch.setattr(plan, "CELLS_A_SECOND", 900 * 100 * 100)  # 100 rows, and 20 of each class in any case
    grown = pd.concat([frame] * 5, ignore_index=True)
    notes = {n.code: n.message for n in prepare(grown, short, hold_out=False).notes}
    assert notes["rows_sampled"] == "123 of 200 training rows were used, a random sample. The time allows no more."


def test_budgets():
    assert budget_of(seconds=5, max_rows=None) == Budget(seconds=5.0)
    quick = config.preset("quick")
    assert budget_of(preset="quick", threads=2) == Budget(quick.seconds, None, 2, None, quick.max_rows, None)
    with pytest.raises(BuildError, match="The time limit must be a number of seconds above 0, not -1."):
        budget_of(seconds=-1)
