"""The problem: task with a reason, targets that are refused, and test rows that stay apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.profile import profile
from automl.data.read import read_table
from automl.errors import ColumnError, ProblemError
from automl.problem import (
    copies,
    encode_target,
    has_target,
    infer,
    other_task,
    split_rows,
    split_source,
    test_share,
)
from automl.types import Problem, SplitKind, SplitPlan, Task, from_json, to_json

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")
N = 400


def table(y, **more) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = len(y)
    return pd.DataFrame({"a": rng.normal(size=n), "b": rng.choice(["u", "v"], n), "y": y, **more})


def problem(y, **choices) -> Problem:
    frame = table(y)
    found = infer(frame, profile(frame), "y", **choices)
    assert from_json(to_json(found), Problem) == found
    return found


# --- task -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "task", "borderline"),
    [
        (["yes", "no"] * 200, Task.BINARY, False),
        ([0, 1] * 200, Task.BINARY, False),
        ([True, False] * 200, Task.BINARY, False),
        ([1.5, 2.5] * 200, Task.BINARY, False),
        (["a", "b", "c", "d"] * 100, Task.MULTICLASS, False),
        ([10, 20, 30, 40] * 100, Task.MULTICLASS, False),
        ([1, 2, 3, 4, 5] * 80, Task.MULTICLASS, True),
        ([1.0, 2.0, 3.0, 4.0] * 100, Task.MULTICLASS, False),
        ([0.1, 0.2, 0.3, 0.4] * 100, Task.REGRESSION, False),
        (list(range(100)) * 4, Task.REGRESSION, False),
        (list(range(30)) * 40, Task.REGRESSION, True),
        (np.random.default_rng(0).normal(size=N), Task.REGRESSION, False),
        ([f"${i % 300}" for i in range(N)], Task.REGRESSION, False),
    ],
)
def test_task(y, task, borderline):
    found = problem(y)
    assert (found.task, found.borderline) == (task, borderline)
    assert found.reason.startswith(found.task.label)
    assert found.reason.endswith(".")


def test_sentences():
    assert problem(["yes", "no"] * 9).reason == "2 category prediction: 'y' has two values, no and yes."
    assert problem(["a", "b", "c"] * 9).reason == (
        "3+ category prediction: 'y' has three different values, such as a, b and c."
    )
    assert "400 different numbers between 0 and 399" in problem(range(N)).reason
    assert "choose numeric prediction" in problem([1, 2, 3, 4, 5] * 80).reason


@needs_shared
def test_the_shared_sets_get_their_task():
    for entry in json.loads((SHARED / "manifest.json").read_text()):
        if entry["task"] == "timeseries":
            continue
        frame = read_table(SHARED / entry["file"]) if "file" in entry else None
        frame = read_table(SHARED / "nycflights13" / "flights.parquet") if frame is None else frame
        found = infer(frame, profile(frame), entry["target"])
        assert found.task == ("regression" if entry["task"] == "join" else entry["task"]), entry["name"]
        assert len(found.classes) == (entry.get("n_classes") or 0)
        if entry["task"] == "binary":
            assert (frame[entry["target"]] == found.positive_class).mean() < 0.5


def test_defaults():
    found = problem(["yes", "no"] * 200)
    assert found.metric == "roc_auc"
    assert found.features == ("a", "b")
    assert (found.split.kind, found.split.test_share) == (SplitKind.STRATIFIED, 0.25)
    assert problem(["a", "b", "c"] * 9).metric == "log_loss"
    found = problem(range(N))
    assert (found.metric, found.split.kind) == ("rmse", SplitKind.RANDOM)


def test_features_leave_out_what_says_nothing():
    frame = table(["yes", "no"] * 50, id=[f"C{i:03d}" for i in range(100)], same="x", empty=np.nan)
    found = infer(frame, profile(frame), "y")
    assert found.features == ("a", "b")
    chosen = infer(frame, profile(frame), "y", features=["id", "a"])
    assert chosen.features == ("a", "id")
    with pytest.raises(ColumnError, match="Did you mean 'same'"):
        infer(frame, profile(frame), "y", features=["sane"])
    with pytest.raises(ProblemError, match="can't be predicted from"):
        infer(frame, profile(frame), "y", features=["y", "a"])
    with pytest.raises(ProblemError, match="at least one column"):
        infer(frame, profile(frame), "y", features=[])
    with pytest.raises(ProblemError, match="No column is left"):
        infer(frame[["y", "id"]], profile(frame[["y", "id"]]), "y")


@pytest.mark.parametrize(
    ("y", "other"),
    [
        ([10, 20, 30, 40] * 100, Task.REGRESSION),
        ([1, 2, 3, 4, 5] * 80, Task.REGRESSION),
        (list(range(150)) * 20, Task.MULTICLASS),
        ([0.1, 0.2, 0.3, 0.4] * 100, Task.MULTICLASS),
        ([0, 1] * 200, None),
        (["a", "b", "c", "d"] * 100, None),
        (np.random.default_rng(0).normal(size=N), None),
    ],
)
def test_the_other_task_can_be_chosen_where_there_is_one(y, other):
    columns = profile(table(y))
    assert other_task(problem(y), columns[-1], len(y)) is other
    if other is not None:
        assert problem(y, task=other).task is other


def test_choices():
    scale = [1, 2, 3, 4, 5] * 80
    assert problem(scale, task="regression").task is Task.REGRESSION
    assert not problem(scale, task="regression").borderline
    assert problem(scale, task=Task.MULTICLASS).classes == (1, 2, 3, 4, 5)
    assert problem(range(N), metric="mae").metric == "mae"
    with pytest.raises(ProblemError, match="Did you mean 'regression'"):
        problem(scale, task="regresion")
    with pytest.raises(ProblemError, match="can't be predicted as a number"):
        problem(["a", "b", "c"] * 9, task="regression")
    with pytest.raises(ProblemError, match="needs exactly two"):
        problem(["a", "b", "c"] * 9, task="binary")
    with pytest.raises(ProblemError, match="choose the 2 category prediction"):
        problem(["a", "b"] * 9, task="multiclass")
    with pytest.raises(ProblemError):
        problem(range(N), metric="roc_auc")


def test_targets_that_are_refused():
    frame = table(["yes", "no"] * 50, empty=np.nan, one="x", name=[f"p {i}" for i in range(100)])
    frame["when"] = pd.date_range("2024-01-01", periods=100)
    frame["few"] = [1.0, 2.0, *[np.nan] * 98]
    for target, words in {
        "empty": "no value in any of the 100 rows",
        "one": "only one value, 'x'",
        "name": "100 different values in 100 rows",
        "when": "holds dates",
        "few": "only 2 rows",
    }.items():
        with pytest.raises(ProblemError, match=words):
            infer(frame, profile(frame), target)
    with pytest.raises(ColumnError, match="There is no column 'Y'. Did you mean 'y'"):
        infer(frame, profile(frame), "Y")


def test_notes():
    found = problem([*["a"] * 30, *["b"] * 30, "c", "c", None, None])
    text = " ".join(note.message for note in found.notes)
    assert "2 rows without a value in 'y' are set aside." in text
    assert "One category has fewer than 10 rows: 'c'." in text


# --- classes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "classes", "dtype", "positive"),
    [
        (["no", "yes"] * 20, ("no", "yes"), "str", "yes"),
        ([0, 1] * 20, (0, 1), "int64", 1),
        ([False, True] * 20, (False, True), "bool", True),
        ([0.0, 1.0] * 20, (0.0, 1.0), "float64", 1.0),
        (["good"] * 30 + ["bad"] * 40, ("bad", "good"), "str", "bad"),
        (["x"] * 30 + ["w"] * 10, ("w", "x"), "str", "w"),
        (["x"] * 10 + ["w"] * 30, ("w", "x"), "str", "x"),
    ],
)
def test_classes_keep_their_type(y, classes, dtype, positive):
    found = problem(y)
    assert found.classes == classes
    assert [type(c) for c in found.classes] == [type(c) for c in classes]
    assert found.class_dtype == dtype
    assert found.positive_class == positive
    codes = encode_target(pd.Series(y), found)
    assert codes.dtype == np.int64
    assert [classes[c] for c in codes] == list(y)


def test_positive_class_by_the_user():
    assert problem(["no", "yes"] * 20, positive_class="no").positive_class == "no"
    assert problem([0, 1] * 20, positive_class="0").positive_class == 0
    with pytest.raises(ProblemError, match="Did you mean 'yes'"):
        problem(["no", "yes"] * 20, positive_class="yess")


def test_encoding_says_what_it_can_not_encode():
    found = problem(["no", "yes"] * 20)
    with pytest.raises(ProblemError, match="maybe"):
        encode_target(pd.Series(["yes", "maybe"]), found)
    numbers = problem(range(N))
    assert encode_target(pd.Series(["1", "2.5"]), numbers).tolist() == [1.0, 2.5]
    with pytest.raises(ProblemError, match="must hold numbers"):
        encode_target(pd.Series(["1", "x"]), numbers)
    assert encode_target(pd.Series([0.0, 1.0]), problem([0, 1] * 20)).tolist() == [0, 1]
    assert has_target(pd.Series(["a", None])).tolist() == [True, False]


# --- test rows --------------------------------------------------------------------------


def parts(frame: pd.DataFrame, found: Problem, share: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    train, test = split_rows(frame, found, share=share)
    assert not set(train) & set(test)
    assert sorted([*train, *test]) == np.flatnonzero(has_target(frame[found.target])).tolist()
    assert (np.diff(train) > 0).all()
    if share is None:
        source = split_source(found)
        assert "automl" not in source
        space = {"table": frame}
        exec(compile(source, "notebook", "exec"), space)
        assert (space["train_rows"] == train).all()
        assert (space["test_rows"] == test).all()
    return train, test


def test_shares():
    assert [test_share(n) for n in (500, 5_000, 300_000, 10**7)] == [0.25, 0.2, 0.1, 0.05]
    frame = table(["yes", "no"] * 200)
    found = infer(frame, profile(frame), "y")
    assert len(parts(frame, found)[1]) == 100
    assert len(parts(frame, found, 0.5)[1]) == 200
    assert len(parts(frame, found, 0.0)[1]) == 0


def test_stratified_and_rare_classes():
    y = ["a"] * 300 + ["b"] * 90 + ["c"] * 8 + ["d"]
    frame = table(y)
    _, test = parts(frame, infer(frame, profile(frame), "y"))
    counts = frame["y"].iloc[test].value_counts()
    assert (counts["a"], counts["b"], counts["c"]) == (75, 23, 2)
    assert "d" not in counts


def test_seeds():
    frame = table(["yes", "no"] * 200)
    columns = profile(frame)
    first, again, other = (parts(frame, infer(frame, columns, "y", seed=s))[1] for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_duplicates_stay_together():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 60, 600), "b": rng.choice(["u", None], 600)})
    frame["y"] = np.where(frame["a"] % 3 == 0, "p", "q")  # equal rows are copies: their target is the same
    frame["id"] = [f"C{i}" for i in range(600)]
    train, test = parts(frame, infer(frame, profile(frame), "y"))
    seen = set(map(str, frame.iloc[train][["a", "b", "y"]].itertuples(index=False)))
    assert seen.isdisjoint(map(str, frame.iloc[test][["a", "b", "y"]].itertuples(index=False)))
    assert 80 < len(test) < 160


def test_equal_rows_with_different_targets_count_each():
    """Were they kept together, a value's "p" could all be learned from and its "q" all be tested on."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 6, 600), "y": rng.choice(["p", "q"], 600)})
    frame["id"] = [f"C{i}" for i in range(600)]
    _, test = parts(frame, infer(frame, profile(frame), "y"))
    share = pd.crosstab(frame["a"], frame["y"], normalize="index") - pd.crosstab(
        frame["a"].iloc[test], frame["y"].iloc[test], normalize="index"
    )
    assert share.abs().to_numpy().max() < 0.25
    assert len(test) == 150


def test_groups_stay_together():
    rng = np.random.default_rng(0)
    frame = table(rng.normal(size=N), who=rng.integers(0, 40, N))
    plan = SplitPlan(SplitKind.GROUP, 0.2, column="who")
    train, test = parts(frame, infer(frame, profile(frame), "y", split=plan))
    assert set(frame["who"].iloc[train]).isdisjoint(frame["who"].iloc[test])
    assert 40 < len(test) <= 80


def test_groups_take_their_duplicates_along():
    frame = pd.DataFrame(
        {
            "a": [1, 1, 2, 3, 4, 5, 6, 7] * 5,
            "who": list("abcdefgh") * 5,
            "y": [1.5, 1.5, 2, 3, 4, 5, 6, 7] * 5,
        }
    )
    plan = SplitPlan(SplitKind.GROUP, 0.3, column="who", seed=3)
    found = infer(frame, profile(frame), "y", features=["a"], split=plan, task="regression")
    train, test = parts(frame, found)
    assert set(frame["a"].iloc[train]).isdisjoint(frame["a"].iloc[test])


def test_time_tests_on_the_latest():
    when = (
        pd.Series(pd.date_range("2024-01-01", periods=100))
        .repeat(4)
        .sample(N, random_state=0)
        .reset_index(drop=True)
    )
    frame = table(np.random.default_rng(0).normal(size=N), when=when)
    frame.loc[7, "when"] = pd.NaT
    plan = SplitPlan(SplitKind.TIME, 0.2, column="when")
    train, test = parts(frame, infer(frame, profile(frame), "y", split=plan))
    assert frame["when"].iloc[train].max() < frame["when"].iloc[test].min()
    assert 7 in train
    assert 76 <= len(test) <= 84


def test_split_columns_are_checked():
    frame = table(np.arange(100.0), who="x")
    with pytest.raises(ColumnError, match="Did you mean 'who'"):
        infer(frame, profile(frame), "y", split=SplitPlan(SplitKind.GROUP, column="whom"))
    with pytest.raises(ProblemError, match="only one value"):
        infer(frame, profile(frame), "y", split=SplitPlan(SplitKind.GROUP, column="who"))
    with pytest.raises(ProblemError, match="neither dates nor numbers"):
        infer(frame, profile(frame), "y", split=SplitPlan(SplitKind.TIME, column="b"))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(["p", "q", "r", None]), min_size=8, max_size=60),
    st.integers(0, 5),
    st.sampled_from(["random", "stratified", "group"]),
)
def test_splits_are_partitions(y, seed, kind):
    frame = pd.DataFrame(
        {"a": np.arange(len(y)) % 5, "g": np.arange(len(y)) % 3, "y": pd.Series(y, dtype="str")}
    )
    found = Problem(
        "y", Task.MULTICLASS, "log_loss", ("a",), SplitPlan(SplitKind(kind), 0.25, column="g", seed=seed)
    )
    parts(frame, found)


def test_rows_of_few_values_are_no_copies():
    """Two yes/no columns make four different rows, whatever they decide."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.random(200) > 0.5, "b": rng.random(200) > 0.5})
    assert len(set(copies(table, table["a"] & table["b"]))) == 200
    doubled = pd.DataFrame({"x": np.repeat(np.arange(100), 3)})
    assert len(set(copies(doubled, doubled["x"] % 2))) == 100


def test_values_that_cannot_be_squared_are_refused():
    frame = pd.DataFrame({"x": range(50), "y": np.arange(50) * 1e300})
    with pytest.raises(ProblemError, match=r"reach 5e\+301; errors of such numbers"):
        infer(frame, profile(frame), "y")
