from __future__ import annotations

import numpy as np
import pandas as pd

from automl.engine.folds import Folds
from automl.engine.workfolder import WorkFolder
from automl.features.typed import to_typed
from automl.types import Trial, TrialState


def test_children_see_the_very_rows_that_predictions_are_made_of(tmp_path):
    raw = pd.DataFrame(
        {
            "words": ["a", None, "None", "nan", " b "],
            "flag": [True, False, True, False, True],
            "number": [1.5, np.nan, -2.0, 0.0, 1e300],
            "day": pd.to_datetime(["2024-01-01", None, "1999-12-31", "2024-02-29", "2024-03-01"]),
            "note": ["long text", "", None, "ü", "x" * 500],
        }
    )
    kinds = {"words": "categorical", "flag": "boolean", "number": "numeric", "day": "datetime", "note": "text"}
    typed = to_typed(raw, kinds)
    folds = Folds(np.array([0, 1, 0, 1, -1], dtype=np.int32), 2)
    work = WorkFolder(tmp_path)
    work.write({"seed": 0}, typed, np.arange(5.0), np.ones(5), folds)
    read, (y, weight) = work.read_typed(), work.read_target()
    for name in typed.columns:
        want, got = typed[name].to_numpy(), read[name].to_numpy()
        assert want.dtype == got.dtype, name
        if want.dtype == object:
            assert [type(v) for v in got] == [type(v) for v in want], name
            assert list(got) == list(want), name
        else:
            np.testing.assert_array_equal(got, want)
    assert read["words"].tolist() == ["a", None, "None", "nan", "b"]
    np.testing.assert_array_equal(y, np.arange(5.0))
    np.testing.assert_array_equal(weight, np.ones(5))
    assert work.read_folds().count == 2
    np.testing.assert_array_equal(work.read_folds().assignment, folds.assignment)


def test_finished_candidates_are_found_again(tmp_path):
    work = WorkFolder(tmp_path)
    typed = pd.DataFrame({"a": [1.0, 2.0]})
    work.write({}, typed, np.zeros(2), None, Folds(np.array([0, 1], dtype=np.int32), 2))
    trial = Trial("Linear", "linear", TrialState.COMPLETED, "rmse", 1.0, params={"C": 1.0}, order=3)
    work.save_trial(trial, np.array([1.0, 2.0]), {0: {"C": 1.0}, 1: {"C": 10.0}})
    ((found, prediction, replays),) = work.finished_trials()
    assert found == trial
    np.testing.assert_array_equal(prediction, [1.0, 2.0])
    assert replays == {0: {"C": 1.0}, 1: {"C": 10.0}}
