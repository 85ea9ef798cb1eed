from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from automl.engine.folds import HOLDOUT_SHARE, fold_count, load_of, looks_at_every_fold, make_folds
from automl.types import Problem, SplitKind, SplitPlan, Task


def a_problem(task: Task = Task.BINARY, kind: SplitKind = SplitKind.STRATIFIED, seed: int = 0) -> Problem:
    return Problem("y", task, "roc_auc", ("a",), SplitPlan(kind, seed=seed))


@pytest.mark.parametrize(("rows", "folds"), [(300, 8), (4_000, 5), (43_000, 5), (300_000, 10)])
def test_folds_follow_the_number_of_rows(rows, folds):
    assert fold_count(rows, 1.0) == fold_count(rows, 1000.0) == folds


@pytest.mark.parametrize(("load", "windows"), [(1.0, 5), (20.0, 3), (60.0, 1)])
def test_windows_of_a_time_split_follow_the_time(load, windows):
    assert fold_count(4_000, load, ordered=True) == windows


def test_many_classes_weigh_more():
    assert load_of(60_000, 10, 60, classes=30) == 10 * load_of(60_000, 10, 60, classes=2)


def test_dear_fits_get_a_first_look_and_a_measurement_overrules_the_estimate():
    assert looks_at_every_fold(load_of(4_000, 20, 60), None)
    assert not looks_at_every_fold(load_of(300_000, 12, 60), None)
    assert looks_at_every_fold(1e9, 0.001)
    assert not looks_at_every_fold(0.001, 0.05)


def test_every_row_is_validated_once_and_classes_are_spread():
    y = np.array([0] * 90 + [1] * 10)
    folds = make_folds(a_problem(), pd.DataFrame({"a": np.arange(100.0)}), y, count=5)
    assert sorted(np.concatenate([folds.valid_rows(f) for f in range(5)])) == list(range(100))
    assert [int(y[folds.valid_rows(f)].sum()) for f in range(5)] == [2] * 5
    for f in range(5):
        assert not set(folds.train_rows(f)) & set(folds.valid_rows(f))


def test_a_class_of_two_rows_is_in_training_of_every_other_fold():
    y = np.array([0] * 50 + [1] * 2)
    folds = make_folds(a_problem(), pd.DataFrame({"a": np.arange(52.0)}), y, count=5)
    in_training = [int((y[folds.train_rows(f)] == 1).sum()) for f in range(5)]
    assert sorted(in_training) == [1, 1, 2, 2, 2]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=12, max_size=80), st.integers(2, 5), st.integers(0, 3))
def test_exact_duplicates_never_straddle(values, count, seed):
    assume(len(set(values)) >= 0.1 * len(values))  # else the rows are not copies, there are few values
    frame = pd.DataFrame({"a": np.array(values, dtype=float), "b": ["x"] * len(values)})
    y = np.array(values) % 2
    folds = make_folds(a_problem(seed=seed), frame, y, count=count)
    for value in set(values):
        assert len(set(folds.assignment[np.array(values) == value])) == 1


def test_groups_stay_together():
    groups = np.repeat(np.arange(20), 5)
    y = np.tile([0, 1], 50)
    folds = make_folds(
        a_problem(kind=SplitKind.GROUP), pd.DataFrame({"a": np.arange(100.0)}), y, count=4, groups=groups
    )
    assert all(len(set(folds.assignment[groups == g])) == 1 for g in range(20))
    assert folds.count == 4 and folds.covers_all


def test_time_folds_train_on_the_past_only():
    when = pd.date_range("2024-01-01", periods=60).to_numpy()[::-1]
    y = np.arange(60.0)
    folds = make_folds(
        a_problem(Task.REGRESSION, SplitKind.TIME), pd.DataFrame({"a": y}), y, count=3, groups=when
    )
    assert folds.ordered and not folds.covers_all
    for f in range(3):
        assert when[folds.train_rows(f)].max() < when[folds.valid_rows(f)].min()


def test_one_holdout_leaves_the_rest_for_training():
    y = np.arange(1000.0)
    folds = make_folds(a_problem(Task.REGRESSION, SplitKind.RANDOM), pd.DataFrame({"a": y}), y, count=1)
    assert len(folds.valid_rows(0)) == round(1000 * HOLDOUT_SHARE)
    assert len(folds.train_rows(0)) == 800 and folds.count == 1


def test_same_seed_same_folds():
    y = np.tile([0, 1], 50)
    frame = pd.DataFrame({"a": np.arange(100.0)})
    one, two, other = (make_folds(a_problem(seed=s), frame, y, count=5).assignment for s in (1, 1, 2))
    assert (one == two).all() and (one != other).any()
