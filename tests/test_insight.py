from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from automl import bundle, conformal, insight
from automl.errors import PredictionError
from automl.holdout import Validated
from automl.metrics import labels
from automl.predict import predict_frame, predict_one
from automl.types import Problem, Task
from tests.conftest import customers


def test_sets_stand_beside_the_prediction(churn_bundle):
    rows = customers(60, seed=9)
    done = predict_frame(churn_bundle, rows.drop(columns="churn"), level=0.9)
    assert done.added == ("prediction", "probability_no", "probability_yes", "prediction_set", "warnings")
    sets = done.table["prediction_set"]
    assert set(sets) <= {"yes", "no", "yes | no", "no | yes", ""}
    likely = np.array(["no", "yes"])[done.values.argmax(axis=1)]
    assert all(not text or text.startswith(label) for text, label in zip(sets, likely, strict=True))
    assert all(not text or called in text.split(" | ") for called, text in zip(done.table["prediction"], sets, strict=True))
    held = [truth in text.split(" | ") for truth, text in zip(rows["churn"], sets, strict=True)]
    assert np.mean(held) >= 0.75
    higher = insight.sets(churn_bundle, done.values, 0.99)
    assert (higher | ~insight.sets(churn_bundle, done.values, 0.9)).all()


def test_what_a_level_was_worth_is_measured_on_the_test_rows(churn_bundle):
    held, (share, rows) = churn_bundle.test_rows(), insight.measured(churn_bundle, 0.9)
    inside = insight.sets(churn_bundle, held.values, 0.9)
    assert share == np.mean([inside[i, code] for i, code in enumerate(held.y)]) and rows == len(held.y)
    task, errors = Problem("y", Task.REGRESSION, "rmse", ()), np.linspace(-1, 1, 201)
    stored = conformal.calibrate(task, 5 + errors, np.full(201, 5.0))
    held = SimpleNamespace(y=5 + 2 * errors, values=np.full(201, 5.0))
    model = SimpleNamespace(intervals=stored, threshold=None, test_rows=lambda: held, spec=SimpleNamespace(problem=task))
    assert insight.measured(model, 0.9) == (pytest.approx(0.45, abs=0.02), 201)
    assert insight.levels(model) == [0.8, 0.9, 0.95, 0.99]
    without = SimpleNamespace(test_rows=lambda: None)
    assert insight.measured(without, 0.9) is None


def test_one_row_gets_its_set_and_reasons(churn_bundle):
    said = predict_one(churn_bundle, {"plan": "basic"}, level=0.9, reasons=True)
    assert said["prediction"] in said["set"]
    assert said["reasons"].base[0] + said["reasons"].contributions.sum() == pytest.approx(said["probabilities"]["yes"])
    assert set(predict_one(churn_bundle, {"plan": "basic"})) == {"prediction", "probabilities", "warnings"}


def test_a_model_of_an_earlier_version_says_that_it_can_not_tell(churn_bundle, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(churn_bundle.folder, old)
    (old / "intervals.json").unlink()
    manifest = json.loads((old / "manifest.json").read_text())
    del manifest["files"]["intervals.json"]
    (old / "manifest.json").write_text(json.dumps(manifest))
    loaded = bundle.load(old)
    assert not insight.can_tell_how_sure(loaded) and insight.can_tell_how_sure(churn_bundle)
    with pytest.raises(PredictionError, match="can't say how sure it is"):
        predict_one(loaded, {}, level=0.9)
    assert predict_one(loaded, {})["prediction"] in ("yes", "no")


def test_what_does_not_fit_the_model_is_said(churn_bundle):
    with pytest.raises(PredictionError, match="set of outcomes, not an interval"):
        insight.intervals(churn_bundle, np.zeros(1))
    with pytest.raises(PredictionError, match="from 0.5 to below 1"):
        insight.sets(churn_bundle, np.zeros((1, 2)), 1.5)


def test_a_row_that_no_outcome_is_likely_enough_for_says_so(churn_bundle):
    rows = customers(60, seed=9).drop(columns="churn")
    done = predict_frame(churn_bundle, rows, level=0.6)
    empty = (done.table["prediction_set"] == "").to_numpy()
    assert 0 < empty.sum() < 60
    said = "unsure: no answer is likely enough at 60 %"
    assert done.table["warnings"].str.contains(said).tolist() == empty.tolist()
    at = int(np.flatnonzero(empty)[0])
    row = {name: None if pd.isna(cell) else cell for name, cell in rows.iloc[at].items()}
    assert predict_one(churn_bundle, row, level=0.6)["set"] == []


def scored(right):
    """A stand-in for a bundle of an earlier version whose likeliest outcome was right for a share of rows."""
    scores = np.sort(np.where(np.arange(1_000) < right * 1_000, 0.0, np.linspace(0.5, 1, 1_000)))
    return SimpleNamespace(intervals={"kind": "set", "rows": 1_000, "scores": scores.tolist()}, threshold=None)


@pytest.mark.parametrize(
    ("right", "levels", "usual", "held"),
    [
        (0.70, [0.8, 0.9, 0.95, 0.99], 0.9, [0.8, 0.9, 0.95, 0.99]),
        (0.85, [0.8, 0.9, 0.95, 0.99], 0.9, [0.85, 0.9, 0.95, 0.99]),
        (0.96, [0.95, 0.99], 0.99, [0.96, 0.99]),
        (0.995, [0.99], 0.99, [0.995]),
    ],
)
def test_of_an_earlier_version_levels_that_give_the_same_sets_are_offered_once(right, levels, usual, held):
    model = scored(right)
    assert insight.levels(model) == levels
    assert insight.usual_level(model) == usual
    assert [round(insight.held_share(model, level), 3) for level in levels] == held
    assert insight.held_share(model, 0.6) == pytest.approx(max(right, 0.6))


def told(threshold, n=4_000, seed=0):
    """A stand-in for a bundle of two classes, one of them rare, and further rows that it was not calibrated on."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(0.6, 2.4, 2 * n)
    y = (rng.random(2 * n) < chance).astype(int)
    values = np.stack([1 - chance, chance], axis=1)
    task = Problem("left", Task.BINARY, "log_loss", (), classes=("no", "yes"))
    known = Validated(np.arange(n), np.zeros(n, dtype=int), y[:n], values[:n])
    stored = conformal.calibrate(task, known.y, known.values)
    model = SimpleNamespace(intervals=stored, threshold=threshold, validation_rows=known, spec=SimpleNamespace(problem=task))
    return model, y[n:], values[n:]


@pytest.mark.parametrize("threshold", [None, 0.15, 0.7])
def test_with_a_threshold_chosen_later_sets_hold_what_is_said_in_all_and_of_each_class(threshold):
    model, y, values = told(threshold)
    assert insight.levels(model) == [0.9, 0.95, 0.99] and insight.usual_level(model) == 0.9
    for level in (0.8, 0.9, 0.95):
        inside = insight.sets(model, values, level)
        held = inside[np.arange(len(y)), y]
        assert np.mean(held) == pytest.approx(level, abs=0.015)
        assert insight.held_share(model, level) == level
        said = insight.held_by_class(model, level)
        assert [np.mean(held[y == 0]), np.mean(held[y == 1])] == pytest.approx([said["no"], said["yes"]], abs=0.05)
    assert insight.calibrated(model) is insight.calibrated(model)
    assert (insight.calibrated(model) is model.intervals) == (threshold is None)


@pytest.mark.parametrize("threshold", [None, 0.15])
def test_an_earlier_versions_sets_stay_as_they_were_with_a_threshold_chosen_later_too(threshold):
    model, y, values = told(threshold)
    model.intervals = conformal.calibrate(model.spec.problem, model.validation_rows.y, model.validation_rows.values, never_empty=True)
    inside, called = insight.sets(model, values, 0.8), labels(values, 1, threshold)
    assert inside[np.arange(len(y)), called].all()
    assert np.mean(inside[np.arange(len(y)), y]) == pytest.approx(insight.held_share(model, 0.8), abs=0.015)
    assert insight.unsure(model, 0.8) == insight.Unsure(0.0, None)


def test_how_often_it_is_unsure_and_what_the_likeliest_is_worth_there():
    model, y, values = told(None)
    level = 0.6
    empty = ~insight.sets(model, values, level).any(axis=1)
    found = insight.unsure(model, level)
    assert found.share == pytest.approx(empty.mean(), abs=0.02) and empty.mean() > 0.1
    assert found.right == pytest.approx(np.mean(values.argmax(axis=1)[empty] == y[empty]), abs=0.05)
    few, _, _ = told(None, n=100)
    assert insight.unsure(few, 0.8).right is None


def test_of_a_class_with_few_rows_nothing_is_said_by_itself():
    model, _, _ = told(None, n=300)
    assert set(insight.held_by_class(model, 0.9)) == {"no"}


def test_how_long_a_prediction_takes_is_measured_later_where_the_build_had_no_time(churn_bundle, tmp_path):
    shutil.copytree(churn_bundle.folder, tmp_path / "model")
    loaded = bundle.load(tmp_path / "model")
    held = loaded.test_rows()
    built = loaded.latency
    assert built is None or insight.latency(loaded) == {**built, "later": False}
    (tmp_path / "model" / "latency.json").unlink(missing_ok=True)
    loaded = bundle.load(tmp_path / "model", verify=False)
    found = insight.latency(loaded)
    assert found["later"] and found["rows"] == len(held.y) and 0 < found["many_ms"] < found["one_ms"]
    loaded.model.predict_values = None  # kept: nothing is predicted again
    assert insight.latency(loaded) == found
