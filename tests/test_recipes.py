"""Recipes through a whole build: the contract speaks of the file's columns, and nothing is learned outside the folds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl import build, bundle
from automl.data.clean import OPS
from automl.engine.child import Fitter
from automl.engine.folds import Folds
from automl.engine.prepare import prepare
from automl.engine.workfolder import WorkFolder
from automl.errors import RecipeError
from automl.features.pipeline import Needs
from automl.predict import predict_frame, predict_one
from automl.schema import rows_to_json
from automl.types import Recipe, replace
from tests.conftest import a_spec, customers

STEPS = (
    OPS["rename"].new(names={"Day Minutes": "minutes"}),
    OPS["formula"].new(name="hours", formula="minutes / 60"),
    OPS["formula"].new(name="code", formula="right(customer_id, 1)"),
    OPS["replace"].new(("plan",), pairs=[["basic", "cheap"]]),
    OPS["date_parts"].new(("since",), parts=["month"], drop=True),
    OPS["drop_columns"].new(("spend", "last note")),
    OPS["filter_rows"].new(do="remove", conditions=[{"column": "calls", "test": "above", "value": 4}]),
    OPS["remove_outliers"].new(("minutes",), method="percentile", low=2.0, high=98.0),
    OPS["impute"].new(("minutes", "plan"), indicator=True),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder, frame = tmp_path_factory.mktemp("recipe"), customers(300)
    spec = a_spec(frame, families=("linear",), candidates=1, recipe=Recipe(STEPS))
    sealed = build.fit(frame, spec, target=folder / "bundle", scratch=folder / "work")
    return bundle.load(sealed)


def test_files_keep_the_columns_they_had(model):
    names = [c["name"] for c in model.schema["columns"]]
    assert names == ["Day Minutes", "plan", "calls", "since", "customer_id"]
    kinds = {c["name"]: c["kind"] for c in model.schema["columns"]}
    assert kinds["Day Minutes"] == "numeric" and kinds["since"] == "datetime"
    assert set(model.schema["columns"][1]["categories"]) == {"basic", "pro", "team"}
    assert set(model.model.document.kinds) == {"minutes", "plan", "calls", "hours", "code", "since month"}
    assert model.schema["columns"][0]["importance"] >= 0
    assert model.model.free_columns() == ["plan", "calls"]  # minutes and hours hang on one column of the file
    bundle.check_parity(model)


def test_every_row_gets_an_answer_alone_as_in_a_batch(model):
    frame = customers(60, seed=3).drop(columns="churn")
    frame.loc[0, "calls"] = 99  # the recipe would leave it out of training
    frame.loc[1, "Day Minutes"] = 1e6
    found = predict_frame(model, frame)
    assert len(found.table) == 60 and np.isfinite(found.values).all()
    for i in (0, 1, 7):
        np.testing.assert_array_equal(predict_frame(model, frame.iloc[[i]]).values[0], found.values[i])
    row = {k: v[7] for k, v in rows_to_json(frame[[c["name"] for c in model.schema["columns"]]]).items()}
    assert predict_one(model, row)["probabilities"]["yes"] == pytest.approx(found.values[7][1])
    assert "was not seen" not in " ".join(predict_one(model, {**row, "plan": "basic"})["warnings"])
    without = predict_frame(model, frame.drop(columns=["Day Minutes"]))
    assert without.missing_columns == ("Day Minutes",) and len(without.values) == 60


def test_what_removes_rows_is_noted_and_touches_training_only(model):
    said = " ".join(n["message"] for n in model.ledger)
    assert "removed by the cleaning recipe" in said and "are outliers by the recipe" in said
    removed = int(next(n["message"] for n in model.ledger if n["code"] == "rows_removed").split()[0])
    assert model.evaluation["rows_train"] + model.evaluation["rows_test"] + removed == 300


def test_what_was_learned_is_in_the_model(model):
    states = model.model.fitted_steps()
    assert len(states) > 1
    assert {s["op"] for s in states[0]} == {"impute"}
    assert len({s[0]["values"]["minutes"] for s in states}) > 1  # each fold its own


def test_the_same_bytes_again(tmp_path, model):
    frame = customers(300)
    spec = a_spec(frame, families=("linear",), candidates=1, recipe=Recipe(STEPS))
    sealed = build.fit(frame, spec, target=tmp_path / "bundle", scratch=tmp_path / "work")
    again = bundle.load(sealed)
    same = [n for n in model.manifest["files"] if n.startswith(("features/", "members/", "model"))]
    assert {n: again.manifest["files"][n] for n in same} == {n: model.manifest["files"][n] for n in same}


def fitter(folder, typed, rows, learned):
    work = WorkFolder(folder)
    folder.mkdir()
    job = {"task": "binary", "metric": "log_loss", "positive": 1, "threshold": None, "classes": 2, "kinds": rows.kinds,
           "learned": learned, "threads": 1, "seed": 0, "cache_cells": 10**7}  # fmt: skip
    folds = Folds(np.arange(len(typed)) % 3, 3, False)
    work.write(job, typed, rows.y, None, folds)
    return Fitter(folder), folds


def test_validation_rows_are_not_learned_from(tmp_path):
    """Wild values in the validation rows of a fold change nothing of what the fold learns."""
    frame = customers(300)
    rows = prepare(frame, a_spec(frame, recipe=Recipe(STEPS)), hold_out=True)
    steps = [*rows.learned, OPS["clip_outliers"].new(("calls",)), OPS["group_rare"].new(("code",), share=9.0)]
    learned = [s if isinstance(s, dict) else OPS[s.op].fitting(s) for s in steps]
    plain, folds = fitter(tmp_path / "a", rows.typed, rows, learned)
    valid = folds.valid_rows(0)
    wild = rows.typed.copy()
    wild.loc[valid, ["minutes", "calls"]] = 1e9
    wild.loc[valid, "code"] = "rare"
    other, _ = fitter(tmp_path / "b", wild, rows, learned)
    for one in (plain, other):
        one.features(Needs(), 0)
    np.testing.assert_array_equal(plain._rows(0)[0], other._rows(0)[0])
    states = [one._features[(Needs().key, 0)][0].step_states() for one in (plain, other)]
    assert states[0] == states[1]
    kept = plain._rows(0)[0]
    assert 0 < len(folds.train_rows(0)) - len(kept) < 15
    np.testing.assert_array_equal(plain._rows(0)[1], valid)  # every validation row is predicted


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (OPS["formula"].new(name="x", formula="calls + churn"), "Step 1 of the recipe, “Compute 'x'”: It uses 'churn'"),
        (OPS["formula"].new(name="x", formula="spend * 2"), "'spend', which this model leaves out"),
        (OPS["rename"].new(names={"clals": "x"}), "'clals' is not in the table"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused(step, said):
    frame = customers(100)
    spec = a_spec(frame, recipe=Recipe((step,)))
    features = tuple(f for f in spec.problem.features if f != "spend")
    with pytest.raises(RecipeError, match=said.replace("(", r"\(")):
        prepare(frame, replace(spec, problem=replace(spec.problem, features=features)), hold_out=True)


def test_in_python(tmp_path):
    from automl import AutoMLClassifier
    from automl.data.clean.document import dump

    frame = customers(120)
    (tmp_path / "r.json").write_text(dump(Recipe(STEPS)), encoding="utf-8")
    model = AutoMLClassifier(recipe=tmp_path / "r.json", max_candidates=1, families=["linear"], random_state=0)
    model.fit(frame.drop(columns="churn"), frame["churn"])
    assert "hours" in model.bundle_.model.document.kinds
    assert len(model.predict(pd.DataFrame(frame.drop(columns="churn").head(3)))) == 3
