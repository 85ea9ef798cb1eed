"""What each step does, in figures and side by side."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from automl.data.clean import OPS, propose
from automl.data.profile import profile
from automl.preview import EXACT_ROWS, trace
from automl.types import Recipe


def table(rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "city": np.resize(["Bern", "bern ", None, "Basel"], rows),
            "size": np.where(np.arange(rows) % 10 == 0, np.nan, rng.normal(50, 5, rows)),
            "kept": np.resize(["yes", "no"], rows),
        }
    )


def test_counts_and_changes_side_by_side() -> None:
    frame = table()
    steps = (
        OPS["trim"].new(("city",)),
        OPS["spelling"].new(spellings={"city": {"bern": "Bern"}}),
        OPS["formula"].new(name="half", formula="size / 2"),
        OPS["filter_rows"].new(conditions=[{"column": "half", "test": "above", "value": 0}]),
        OPS["rename"].new(names={"size": "large"}),
        OPS["drop_columns"].new(("nowhere",)),
        OPS["clip_outliers"].new(("large",), method="percentile", low=10.0, high=90.0),
        OPS["impute"].new(("city",)),
    )
    found = trace(frame, profile(frame), Recipe(steps), "kept")
    looks = found.looks
    assert [look.touched for look in looks] == [50, 50, 1, 20, 1, 0, 36, 40]
    assert looks[0].rows == (("city", "“bern”", "bern", "50"),) or looks[0].rows[0][3] == "50"
    assert looks[1].rows == (("city", "bern", "Bern", "50"),)
    assert looks[2].header == ("size", "half")
    assert not looks[5].fatal and "not in the table" in looks[5].issue  # what is not there needs no leaving out
    assert looks[6].learned[0].startswith("large: between ")
    assert looks[7].learned == ("city: missing becomes Bern",)
    assert found.exact and list(found.table.columns) == ["city", "large", "kept", "half"]


def test_a_large_table_is_looked_at_in_a_sample_and_fast() -> None:
    frame = pd.concat([table(25_000)] * 2, ignore_index=True)
    frame = pd.concat([frame.add_suffix(f" {i}") for i in range(10)], axis=1)
    columns = profile(frame.head(1_000))
    recipe = propose(frame, columns, None)
    more = (OPS["formula"].new(name="x", formula="[size 1] * 2 + length([city 3])"), OPS["text"].new(("city 0", "city 1")))
    started = time.process_time()
    found = trace(frame, columns, Recipe((*recipe.steps, *more)))
    assert time.process_time() - started < 1
    assert (found.looked_at, found.rows, found.exact) == (EXACT_ROWS, 50_000, False)
    trim = next(look for look, s in zip(found.looks, found.recipe.steps, strict=True) if s.op == "trim")
    assert abs(trim.touched - 125_000) < 5_000


def test_a_filter_that_leaves_no_row_is_refused() -> None:
    frame = table()
    none = OPS["filter_rows"].new(conditions=[{"column": "size", "test": "is", "value": 1e9}])
    some = OPS["filter_rows"].new(conditions=[{"column": "size", "test": "above", "value": 0}])
    alone, after = trace(frame, profile(frame), Recipe((none,)), "kept"), trace(frame, profile(frame), Recipe((some,)), "kept")
    assert alone.looks[0].fatal and alone.looks[0].issue.startswith("No row would be left")
    assert not after.looks[0].fatal


def test_what_a_formula_leaves_empty_or_takes_the_place_of_is_said() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, None, 4.0], "b": [0, 2, 3, 0]})
    steps = (("c", "a / b"), ("d", "a / 0"), ("b", "b + 1"), ("e", "a + b"))
    found = trace(frame, profile(frame), Recipe(tuple(OPS["formula"].new(name=n, formula=f) for n, f in steps)))
    assert [look.issue for look in found.looks] == [
        "2 rows have no value in it, where something is divided by 0, or can't be computed or read.",
        "No row has a value in it: something is divided by 0, or can't be computed or read. Change the formula.",
        "It takes the place of the column 'b'.",
        "",
    ]
    assert not any(look.fatal for look in found.looks)
