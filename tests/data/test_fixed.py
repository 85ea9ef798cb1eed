"""Printed tables come back as they were, or as one column: never cut at the wrong place."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest

from automl.data.read import read_table

WORDS = {
    "name": ["Ann Lee", "Bob", "Cy Fox", "Di"],
    "city": ["New York", "Oslo", "Rome", "Los Angeles"],
    "state": ["NY", "CA", "TX"],
    "note": ["paid late", "ok", "to check again"],
}
NUMBERS = {"age": (1, 99, 0), "income": (900, 60_000, 2), "share": (0.001, 1, 3)}


def printed(seed: int) -> tuple[pd.DataFrame, str]:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(4, 60))
    names = rng.permutation([*WORDS, *NUMBERS])[: rng.integers(2, 8)]
    columns = {
        name: rng.choice(WORDS[name], rows) if name in WORDS else rng.uniform(*NUMBERS[name][:2], rows).round(NUMBERS[name][2])
        for name in names
    }  # fmt: skip
    frame = pd.DataFrame(columns).astype({"age": "int64"} if "age" in names else {})
    return frame, frame.to_string(index=False, justify="left" if rng.integers(2) else "right") + "\n"


@cache
def read_again(seed: int) -> pd.DataFrame:
    with TemporaryDirectory() as folder:
        (Path(folder) / "printed.txt").write_text(printed(seed)[1])
        return read_table(Path(folder) / "printed.txt")


@pytest.mark.parametrize("seed", range(60))
def test_a_printed_table_is_cut_where_it_was_put_together(seed):
    frame, found = printed(seed)[0], read_again(seed)
    if found.shape[1] == 1:  # not unmistakable: left as it is
        assert len(found) == len(frame)
        return
    assert list(found.columns) == list(frame.columns)
    for name in frame:
        if name in NUMBERS:
            np.testing.assert_allclose(found[name], frame[name])
        else:
            assert found[name].tolist() == frame[name].tolist()


def test_most_printed_tables_are_told():
    assert sum(read_again(seed).shape[1] > 1 for seed in range(60)) >= 45
