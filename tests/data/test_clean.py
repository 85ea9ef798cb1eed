"""The recipe: what is proposed with what count, the same for one row and many, and as code."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl.data.clean import apply_steps, notebook_source, propose, training_row_mask
from automl.data.parse import tidy_text
from automl.data.profile import profile
from automl.data.read import read_table
from automl.errors import RecipeError
from automl.types import ColumnKind, Recipe, Step, from_json, to_json

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")


@pytest.fixture
def dirty() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 100
    frame = pd.DataFrame(
        {
            "id": [f"C{i:04d}" for i in range(n)],
            "price": [f"${1000 + i:,}" for i in range(n - 2)] + ["free", None],
            "weight": [f"{i % 30} kg" for i in range(n)],
            "when": [f"{1 + i % 28:02d}/01/2024" for i in range(n - 1)] + ["soon"],
            "city": rng.choice([" Bern", "Bern", "Basel ", "n/a"], n),
            "age": np.where(np.arange(n) == 5, 900.0, rng.normal(40, 5, n)),
            "same": "x",
            "nothing": np.nan,
            "target": rng.choice(["yes", "no"], n),
        }
    )
    frame.loc[3, "age"] = np.nan
    return frame


def steps_of(recipe: Recipe) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in recipe.steps:
        found.setdefault(step.op, []).append(step)
    return found


def check_notebook(frame: pd.DataFrame, recipe: Recipe) -> None:
    source = notebook_source(recipe)
    assert "automl" not in source
    space = {"table": frame.copy()}
    exec(compile(source, "notebook", "exec"), space)
    pd.testing.assert_frame_equal(space["table"], apply_steps(frame, recipe))
    mask = training_row_mask(frame, recipe)
    assert (space.get("kept_for_training", np.ones(len(frame), dtype=bool)) == mask).all()


def test_proposal(dirty):
    recipe = propose(dirty, profile(dirty), "target")
    assert from_json(to_json(recipe), Recipe) == recipe
    found = steps_of(recipe)
    (trim,) = found["trim"]
    untidy = int((dirty["city"] != dirty["city"].str.strip()).sum() + (dirty["city"] == "n/a").sum())
    assert trim.effect == {"cells": untidy}
    assert {step.columns for step in found["parse"]} == {("price",), ("weight",), ("when",)}
    price = next(step for step in found["parse"] if step.columns == ("price",))
    assert "1 cell that is none, such as 'free'" in price.reason
    assert {step.columns for step in found["drop_columns"]} == {("nothing",), ("same",), ("id",)}
    assert "drop_duplicates" not in found
    (impute,) = found["impute"]
    assert (impute.enabled, impute.learned) == (False, True)
    assert impute.params == {"numeric": "median", "categorical": "mode"}
    assert "age" in impute.columns
    (clip,) = found["clip_outliers"]
    assert (clip.enabled, clip.learned, clip.columns, clip.effect) == (False, True, ("age",), {"cells": 1})
    for step in recipe.steps:
        assert step.title
        assert step.reason.endswith(".")
        assert "target" not in step.columns or step.op == "trim"


def test_applying(dirty):
    recipe = propose(dirty, profile(dirty), "target")
    before = dirty.copy()
    clean = apply_steps(dirty, recipe)
    pd.testing.assert_frame_equal(dirty, before)
    assert {"id", "same", "nothing"}.isdisjoint(clean.columns)
    assert clean["price"].tolist()[:2] == [1000.0, 1001.0]
    assert clean["price"].isna().sum() == 2
    assert clean["weight"].dtype == np.float64
    assert clean["when"].iloc[0] == pd.Timestamp("2024-01-01")
    assert set(clean["city"].dropna()) == {"Bern", "Basel"}
    check_notebook(dirty, recipe)


def test_one_row_is_treated_as_in_a_batch(dirty):
    recipe = propose(dirty, profile(dirty), "target")
    batch = apply_steps(dirty, recipe)
    for i in (0, 5, 98, 99):
        pd.testing.assert_frame_equal(apply_steps(dirty.iloc[[i]], recipe), batch.iloc[[i]])


def test_columns_may_be_absent_or_already_read(dirty):
    recipe = propose(dirty, profile(dirty), "target")
    clean = apply_steps(dirty[["price", "city"]], recipe)
    assert list(clean.columns) == ["price", "city"]
    again = apply_steps(apply_steps(dirty, recipe), recipe)
    pd.testing.assert_frame_equal(again, apply_steps(dirty, recipe))


def test_disabled_steps_do_nothing(dirty):
    recipe = propose(dirty, profile(dirty), "target")
    off = Recipe(tuple(replace(step, enabled=False) for step in recipe.steps))
    pd.testing.assert_frame_equal(apply_steps(dirty, off), dirty)
    check_notebook(dirty, off)


def test_duplicates_touch_training_only():
    frame = pd.DataFrame({"a": [*range(50), 0, 1], "b": [*["x"] * 50, "x", "y"]})
    recipe = propose(frame, profile(frame), None)
    (step,) = steps_of(recipe)["drop_duplicates"]
    assert step.effect == {"rows": 1}
    assert step.removes_rows
    assert step.enabled
    assert "1 row (1.9 %) repeats" in step.reason
    mask = training_row_mask(frame, recipe)
    assert mask.sum() == 51
    assert not mask[50]
    assert len(apply_steps(frame, recipe)) == 52
    check_notebook(frame, recipe)


def test_many_duplicates_are_left_in():
    frame = pd.DataFrame({"a": [1, 2] * 50})
    (step,) = steps_of(propose(frame, profile(frame), None))["drop_duplicates"]
    assert not step.enabled
    assert "98 rows (98.0 %) repeat" in step.reason


def test_a_level_called_none_is_kept():
    frame = pd.DataFrame({"pain": ["none", "mild", "severe"] * 20, "rh": ["+", "-", "+"] * 20})
    recipe = propose(frame, profile(frame), None)
    (trim,) = steps_of(recipe)["trim"]
    assert trim.params["keep"] == {"pain": ["none"], "rh": ["-"]}
    pd.testing.assert_frame_equal(apply_steps(frame, recipe), frame)
    check_notebook(frame, recipe)


def test_a_kind_chosen_by_the_user_is_honoured():
    frame = pd.DataFrame({"size": ["12", "14b", "15", "x"] * 10})
    columns = tuple(replace(c, kind=ColumnKind.NUMERIC) for c in profile(frame))
    recipe = propose(frame, columns, None)
    assert apply_steps(frame, recipe)["size"].tolist()[0] == 12.0
    check_notebook(frame, recipe)


def test_objects_of_mixed_types():
    frame = pd.DataFrame({"m": np.array([1, " a ", None, 2.5, "NA"] * 10, dtype=object)})
    recipe = propose(frame, profile(frame), None)
    clean = apply_steps(frame, recipe)
    assert clean["m"].tolist()[:2] == [1, "a"]
    assert clean["m"].isna().sum() == 20


def test_unknown_steps_are_refused(dirty):
    recipe = Recipe((Step("trimm"),))
    for function in (lambda: apply_steps(dirty, recipe), lambda: training_row_mask(dirty, recipe)):
        with pytest.raises(RecipeError, match="Did you mean 'trim'"):
            function()
    with pytest.raises(RecipeError):
        notebook_source(recipe)


def test_nothing_to_do():
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=30)})
    assert propose(frame, profile(frame), None) == Recipe()
    check_notebook(frame, Recipe())


@needs_shared
@pytest.mark.parametrize(
    "path",
    [*sorted(SHARED.glob("*.parquet")), SHARED / "nycflights13" / "flights.parquet"],
    ids=lambda p: p.stem,
)
def test_shared_sets(path):
    frame = read_table(path)
    columns = profile(frame)
    start = time.perf_counter()
    recipe = propose(frame, columns, frame.columns[-1])
    clean = apply_steps(frame, recipe)
    training_row_mask(frame, recipe)
    assert time.perf_counter() - start < 4  # flights: 0.3 s alone
    assert len(clean) == len(frame)
    if len(frame) < 60_000:
        check_notebook(frame, recipe)
    if path.stem == "credit_scoring":
        assert steps_of(recipe)["impute"][0].effect == {"cells": 455}
    if path.stem == "image_segment":
        assert steps_of(recipe)["drop_columns"][0].columns == ("region-pixel-count",)


def test_few_rows_are_tidied_as_many_are():
    values = [" a", "n/a", None, "b", np.nan, "NA ", "c"]
    for dtype in ("str", "object"):
        few = pd.Series(values, dtype=dtype)
        many = pd.concat([few] * 10, ignore_index=True)
        once, often = tidy_text(few, {"n/a", "na"}), tidy_text(many, {"n/a", "na"})
        assert once.tolist()[:1] == ["a"] and once.isna().tolist() == [False, True, True, False, True, True, False]
        pd.testing.assert_series_equal(once, often.iloc[: len(few)])
        assert [type(v) for v in once] == [type(v) for v in often[: len(few)]]
        clean = pd.Series(["a", None, "b"], dtype=dtype)
        assert tidy_text(clean, {"na"}) is clean
