from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from automl import explain
from automl.metrics import METRICS


class Known:
    """Stands in for a model: values from 'matters' (and a little from 'word'), nothing from the rest."""

    calls = 0

    def predict_typed(self, typed):
        self.calls += 1
        word = (typed["word"] == "a").to_numpy(dtype=float)
        return typed["matters"].to_numpy(dtype=float) * 10 + word * 2


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "noise": rng.normal(size=400),
            "matters": rng.normal(size=400),
            "word": pd.Series(
                np.array(["a", "b", None], dtype=object)[rng.integers(0, 3, 400)], dtype=object
            ),
            "when": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, 400), unit="D"),
        }
    )


@pytest.mark.parametrize("metric", ["rmse", "r2", "mae"])
def test_shares_tell_what_matters(rows, metric):
    model = Known()
    found = explain.column_impact(model, rows, model.predict_typed(rows), METRICS[metric])
    share = {i.column: i.impact for i in found}
    assert [i.column for i in found][:2] == ["matters", "word"]
    assert share["matters"] > 0.7
    assert 0 < share["word"] < 0.3
    assert share["noise"] == share["when"] == 0
    assert sum(share.values()) == pytest.approx(1)
    assert all(i.std >= 0 for i in found)


def test_the_same_seed_gives_the_same(rows):
    model = Known()
    y = model.predict_typed(rows)
    first, again, other = (explain.column_impact(model, rows, y, METRICS["rmse"], seed=s) for s in (1, 1, 2))
    assert first == again != other


def test_rows_are_left_as_they_were(rows):
    before, model = rows.copy(), Known()
    explain.column_impact(model, rows, model.predict_typed(rows), METRICS["rmse"])
    pd.testing.assert_frame_equal(rows, before)


def test_nothing_matters(rows):
    class Constant:
        def predict_typed(self, typed):
            return np.full(len(typed), 2.0)

    found = explain.column_impact(Constant(), rows, rows["noise"].to_numpy(), METRICS["rmse"])
    assert {i.impact for i in found} == {0.0}


def test_a_deadline_that_is_over_gives_no_shares_that_are_wrong(rows):
    model = Known()
    y = model.predict_typed(rows)
    assert explain.column_impact(model, rows, y, METRICS["rmse"], deadline=time.monotonic() - 1) == []


@pytest.mark.parametrize("seconds", [0.08, 0.15, 0.25, 0.6])
def test_of_a_slow_model_every_column_is_measured_or_none(rows, seconds):
    class Slow(Known):
        def predict_typed(self, typed):
            time.sleep(0.05 * len(typed) / 400)
            return super().predict_typed(typed)

    y = Known().predict_typed(rows)
    end = time.monotonic() + seconds
    found = explain.column_impact(Slow(), rows, y, METRICS["rmse"], deadline=end)
    assert len(found) in (0, len(rows.columns))
    if found:
        assert found[0].column == "matters"
    assert seconds < 0.6 or found


def test_many_rows_are_sampled(rows):
    many = pd.concat([rows] * 10)
    model = Known()
    y = model.predict_typed(many)
    started = time.monotonic()
    found = explain.column_impact(model, many, y, METRICS["rmse"])
    assert found[0].column == "matters"
    assert time.monotonic() - started < 5


def test_a_real_model_ranks_what_made_the_target(churn_bundle):
    impact = {c["name"]: c["importance"] for c in churn_bundle.schema["columns"]}
    assert max(impact, key=impact.get) in ("Day Minutes", "spend", "calls", "plan")
    assert impact["last note"] < 0.3
