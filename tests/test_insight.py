from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from automl import bundle, conformal, insight
from automl.errors import PredictionError
from automl.holdout import Validated
from automl.predict import predict_frame, predict_one
from automl.types import Problem, Task
from tests.conftest import customers


def test_sets_stand_beside_the_prediction(churn_bundle):
    rows = customers(60, seed=9)
    done = predict_frame(churn_bundle, rows.drop(columns="churn"), level=0.9)
    assert done.added == ("prediction", "probability_no", "probability_yes", "prediction_set", "warnings")
    sets = done.table["prediction_set"]
    assert set(sets) <= {"yes", "no", "yes | no", "no | yes"}
    likely = np.array(["no", "yes"])[done.values.argmax(axis=1)]
    assert all(called in text.split(" | ") for called, text in zip(done.table["prediction"], sets, strict=True))
    assert all(text.startswith(label) for text, label in zip(sets, likely, strict=True))
    held = [truth in text.split(" | ") for truth, text in zip(rows["churn"], sets, strict=True)]
    assert np.mean(held) >= 0.75
    higher = insight.sets(churn_bundle, done.values, 0.99)
    assert (higher | ~insight.sets(churn_bundle, done.values, 0.9)).all()


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


def scored(*shares):
    """Intervals of a stand-in for a bundle whose likeliest outcome was right for a share of rows."""
    (right,) = shares
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
def test_levels_that_give_the_same_sets_are_offered_once_with_what_they_hold(right, levels, usual, held):
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
    for level in (0.9, 0.95):
        inside = insight.sets(model, values, level)
        held = inside[np.arange(len(y)), y]
        assert np.mean(held) == pytest.approx(insight.held_share(model, level), abs=0.015)
        said = insight.held_by_class(model, level)
        assert [np.mean(held[y == 0]), np.mean(held[y == 1])] == pytest.approx([said["no"], said["yes"]], abs=0.05)
    assert insight.calibrated(model) is insight.calibrated(model)
    assert (insight.calibrated(model) is model.intervals) == (threshold is None)


def test_of_a_class_with_few_rows_nothing_is_said_by_itself():
    model, _, _ = told(None, n=300)
    assert set(insight.held_by_class(model, 0.9)) == {"no"}
