from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.explain import effect, pair, row_effects
from automl.explain.grid import try_values
from automl.features.typed import to_typed
from automl.types import Problem, Task

KINDS = {"size": "numeric", "plan": "categorical", "when": "datetime", "other": "numeric"}


class Formula:
    problem = Problem("y", Task.REGRESSION, "rmse", ())

    def __init__(self, formula) -> None:
        self.formula, self.calls = formula, 0

    def predict_typed(self, typed):
        self.calls += 1
        return np.asarray(self.formula(typed), dtype=float)


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    n = 500
    plan = np.array(["basic", "pro", "team", None], dtype=object)[rng.integers(0, 4, n)]
    raw = pd.DataFrame(
        {
            "size": np.where(rng.random(n) < 0.1, np.nan, rng.normal(50, 10, n)),
            "plan": plan,
            "when": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "other": rng.normal(size=n),
        }
    )
    return to_typed(raw, KINDS)


def test_the_effect_of_a_rising_function_rises(rows):
    model = Formula(lambda t: np.nan_to_num(t["size"].to_numpy()) * 2 + t["other"].to_numpy())
    found = effect(model, rows, "size")
    assert model.calls == 1
    assert (np.diff(found.values) > 0).all() and (np.diff(found.mean()) > 0).all()
    np.testing.assert_allclose(np.diff(found.mean()), 2 * np.diff(found.values))
    np.testing.assert_allclose(found.centred()[:, 0], 0)
    assert found.lines.shape == (200, len(found.values), 1)
    assert found.counts.sum() == rows["size"].notna().sum()


def test_words_come_by_how_frequent_they_are_and_missing_last(rows):
    found = effect(Formula(lambda t: (t["plan"] == "pro") * 1.0), rows, "plan")
    assert found.words and found.values[-1] is None
    assert dict(zip(found.values, found.mean(), strict=True)) == {"pro": 1, "basic": 0, "team": 0, None: 0}
    assert found.counts.sum() == 500


def test_dates_stay_dates(rows):
    found = effect(Formula(lambda t: t["when"].dt.day_of_year), rows, "when")
    assert found.values.dtype.kind == "M"
    assert (np.diff(found.mean()) > 0).all()


@pytest.mark.parametrize(
    "values", [np.arange(24.0), np.arange(10.0, 165.0, 5.0), np.arange(0.0, 120.0), np.arange(1990.0, 2023.0)]
)
def test_whole_numbers_leave_no_step_empty(values):
    rows = pd.DataFrame({"hour": np.repeat(values, 3)})
    found = effect(Formula(lambda t: t["hour"]), rows, "hour")
    edges, counts = found.histogram
    assert (counts > 0).all() and len(counts) <= 31
    inside = (values >= found.values[0]) & (values <= found.values[-1])
    assert counts.sum() == 3 * inside.sum()
    assert len(edges) == len(counts) + 1


def test_probabilities_keep_every_class(rows):
    def two(t):
        yes = 1 / (1 + np.exp(-t["other"].to_numpy()))
        return np.column_stack([1 - yes, yes])

    found = effect(Formula(two), rows, "other")
    np.testing.assert_allclose(found.mean(0) + found.mean(1), 1)
    assert (np.diff(found.mean(1)) > 0).all()


def test_a_pair_tells_a_sum_from_what_is_more(rows):
    alone = pair(Formula(lambda t: t["other"] + (t["plan"] == "pro") * 3.0), rows, ("other", "plan"))
    assert alone.together() == pytest.approx(0, abs=1e-12)
    both = pair(Formula(lambda t: t["other"] * (t["plan"] == "pro")), rows, ("other", "plan"))
    assert both.together() > 0.3
    assert both.surface.shape == (12, 4, 1) and both.counts.sum() == 500
    flat = pair(Formula(lambda t: np.ones(len(t))), rows, ("other", "plan"))
    assert flat.together() == 0


def test_one_row_is_changed_one_column_at_a_time(rows):
    model = Formula(lambda t: np.nan_to_num(t["size"].to_numpy()) + 100 * (t["plan"] == "pro"))
    row = rows.iloc[[3]]
    found = row_effects(model, rows, row, ("other", "size", "plan"))
    assert model.calls == 1
    assert [e.column for e in found] == ["plan", "size", "other"]
    assert np.ptp(found[-1].mean()) == 0
    own = row["size"].iloc[0]
    at = found[1].values.tolist().index(own)
    assert found[1].mean()[at] == model.predict_typed(row)[0]


def test_values_to_try_are_values_that_rows_have():
    values = np.random.default_rng(0).exponential(size=5_000)
    tried = try_values(values)
    assert len(tried) == 24 and set(tried) <= set(values)
    assert try_values(np.array([np.nan, np.nan])).shape == (1,)
    assert try_values(np.array([None, None], dtype=object)).tolist() == [None]
