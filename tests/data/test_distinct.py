"""Distinct texts and their cells, as pandas counts them."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from automl.data.distinct import counted, distinct_text

WORDS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "", " a", "\u00e9", "NA"]), st.text(max_size=3)), max_size=30)


@given(WORDS)
def test_counts_are_those_of_pandas(values):
    column = pd.Series(values, dtype="str")
    found, cells = distinct_text(column)
    expected = column.value_counts(sort=False)
    assert found.to_pylist() == expected.index.tolist()
    assert cells.tolist() == expected.tolist()
    assert counted(found, cells).equals(expected.rename(None).astype("int64").set_axis(expected.index.rename(None)))


def test_parts_of_a_column_are_one():
    column = pd.concat([pd.Series(["a", "b"], dtype="str"), pd.Series(["b", None], dtype="str")])
    found, cells = distinct_text(column)
    assert (found.to_pylist(), cells.tolist()) == (["a", "b"], [1, 2])
