"""Keys of rows to predict find their partner in the tables that a model carries, however they are written."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.data.carried import partners
from automl.types import JoinKey, JoinStep


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        (JoinKey("k", "k"), ["7", "x"], [7, 8]),  # text for numbers
        (JoinKey("k", "k"), [7.0, 9.0], ["7", "8"]),  # numbers for text
        (JoinKey("k", "k"), ["2024-01-31", "no"], pd.to_datetime(["2024-01-31", "2024-02-01"])),
        (JoinKey("k", "k", "number"), ["007", "x"], [7, 8]),
        (JoinKey("k", "k", "folded"), [" RIGA", "x"], ["Riga", "riga"]),
        (JoinKey("k", "k"), [None, None], ["a", "b"]),
    ],
)
def test_keys_that_another_file_writes_otherwise(key, given, kept):
    step = JoinStep("", "t", (key,))
    rows, found = partners(pd.DataFrame({"k": given}), pd.DataFrame({"k": kept}), step)
    assert rows.tolist() == ([-1, -1] if given[0] is None else [0, -1])
    assert found == (given[0] is not None)
