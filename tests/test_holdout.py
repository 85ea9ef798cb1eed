from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl import bundle, holdout
from automl.data.read import read_table
from automl.predict import predict_values
from automl.types import Problem, Task


def problem(**changes) -> Problem:
    usual = {"task": Task.BINARY, "metric": "roc_auc", "features": ("a",), "classes": ("no", "yes")}
    return Problem("target", **{**usual, **changes})


def stored(tmp_path, task, inputs, y, values, **options):
    holdout.write(tmp_path, task, np.arange(len(y)) * 3, inputs, y, values, **options)
    return holdout.read(tmp_path, task)


def test_a_build_stores_its_test_rows(churn_bundle, customers_csv) -> None:
    held, table = churn_bundle.test_rows(), read_table(customers_csv)
    assert len(held.y) == held.total == churn_bundle.evaluation["rows_test"]
    same = table.iloc[held.rows]
    pd.testing.assert_frame_equal(
        held.inputs, same[held.inputs.columns].reset_index(drop=True), check_dtype=False
    )
    assert held.labels[held.y].tolist() == same["churn"].tolist()
    np.testing.assert_allclose(held.values, predict_values(churn_bundle, same), rtol=1e-6)
    assert held.frame().columns[-4:].tolist() == ["actual", "prediction", "probability_no", "probability_yes"]


def test_two_writes_give_the_same_bytes(tmp_path) -> None:
    rng = np.random.default_rng(0)
    inputs = pd.DataFrame({"a": rng.normal(size=500), "b": rng.choice(["x", None], 500)})
    for name in "ab":
        (tmp_path / name).mkdir()
        stored(tmp_path / name, problem(), inputs, rng.integers(0, 2, 500) * 0, np.full((500, 2), 0.5), most=100)
    assert (tmp_path / "a" / holdout.NAME).read_bytes() == (tmp_path / "b" / holdout.NAME).read_bytes()


@pytest.mark.parametrize("classes", [("no", "yes"), (False, True), (0, 1), (1.5, 2.5)])
def test_labels_of_any_kind_come_back(tmp_path, classes) -> None:
    y = np.array([0, 1, 1])
    held = stored(tmp_path, problem(classes=classes), pd.DataFrame({"a": [1, 2, 3]}), y, np.full((3, 2), 0.5))
    assert held.y.tolist() == [0, 1, 1]
    assert held.frame()["actual"].tolist() == [classes[i] for i in y]
    assert held.called(0.5).tolist() == [0, 0, 0]
    assert held.called(0.4).tolist() == [1, 1, 1]


def test_columns_of_the_same_names_stay(tmp_path) -> None:
    inputs = pd.DataFrame({"actual": [1], "prediction": ["x"], "row": [7], "test_rows": [8]})
    held = stored(tmp_path, problem(), inputs, np.array([1]), np.array([[0.25, 0.75]]))
    assert held.inputs.to_dict("list") == inputs.to_dict("list")
    assert (held.y[0], held.values[0, 1], held.rows[0], held.total) == (1, 0.75, 0, 1)
    assert held.frame()["prediction_foretable"].tolist() == ["yes"]


def test_values_and_a_sample_of_many(tmp_path) -> None:
    y = np.arange(50.0)
    inputs = pd.DataFrame({"a": y, "mixed": pd.Series([1, "x"] * 25, dtype=object)})
    held = stored(tmp_path, problem(task=Task.REGRESSION, classes=()), inputs, y, y + 1, most=20)
    assert held.is_sample
    assert (len(held.y), held.total) == (20, 50)
    assert np.array_equal(held.values, held.y + 1)
    assert np.array_equal(held.inputs["a"], held.y)
    assert held.frame().columns.tolist() == ["a", "mixed", "actual", "prediction"]


def test_an_older_bundle_has_none(churn_bundle, tmp_path) -> None:
    assert holdout.read(tmp_path, churn_bundle.spec.problem) is None
    assert holdout.NAME not in bundle.REQUIRED
