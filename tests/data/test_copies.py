"""Rows that are there again: the same as pandas says, whatever the columns; near copies in a wide table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data import copies as module
from automl.data.clean import propose
from automl.data.clean.functions import nearly
from automl.data.clean.near import near_copies
from automl.data.copies import copies
from automl.data.profile import profile

CELLS = {
    "number": [1.0, 1.0001, np.nan, -0.0, 0.0],
    "text": ["a", "A ", None, "b  c", "b c"],
    "flag": [True, False],
    "whole": [1, 2],
    "date": [pd.Timestamp("2024-01-01"), pd.NaT],
}


@pytest.mark.parametrize("at_once", [0, 10**6])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_as_pandas_says(at_once, data) -> None:
    kinds = data.draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=5))
    rows = data.draw(st.integers(0, 12))
    frame = pd.DataFrame(
        {f"{kind}{i}": pd.Series(data.draw(st.lists(st.sampled_from(CELLS[kind]), min_size=rows, max_size=rows)), dtype=_dtype(kind))
         for i, kind in enumerate(kinds)}
    )  # fmt: skip
    before, module.AT_ONCE = module.AT_ONCE, at_once
    try:
        for keep in ("first", "last"):
            assert copies(frame, keep).tolist() == frame.duplicated(keep=keep).tolist()
            assert copies(frame, keep, nearly).tolist() == frame.apply(nearly).duplicated(keep=keep).tolist()
    finally:
        module.AT_ONCE = before


def _dtype(kind: str) -> str:
    return {"number": "float64", "text": "str", "flag": "bool", "whole": "int64", "date": "datetime64[ns]"}[kind]


def wide(columns: int) -> pd.DataFrame:
    """400 rows, of which 12 are there again in capitals and 3 as they are."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"n{i}": rng.normal(size=385) for i in range(columns)})
    frame["word"] = rng.choice(["red", "green"], 385)
    return pd.concat([frame, frame.head(12).assign(word=lambda f: f["word"].str.upper()), frame.tail(3)], ignore_index=True)


def test_near_copies_are_found_and_can_be_set_aside_in_a_wide_table() -> None:
    frame = wide(600)
    columns = profile(frame)
    near, names = near_copies(frame, columns)
    assert near == 12
    assert set(names) == set(frame.columns)
    step = next(s for s in propose(frame, columns, None).steps if s.op == "drop_near_duplicates")
    assert (step.effect, step.enabled, step.columns) == ({"rows": 12}, False, names)


def test_rows_that_chance_makes_alike_are_no_near_copies() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.choice(["a", "b", "c"], 2000) for name in "pqrstu"})
    frame = pd.concat([frame, frame.head(20).map(str.upper)], ignore_index=True)
    assert near_copies(frame, profile(frame))[0] == 0
