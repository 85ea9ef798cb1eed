from __future__ import annotations

import os
import time

import numpy as np
import pandas as pd
import pytest

from automl.store import files

DATES = ["2020-01-01", None, "2021-06-01 12:30"]
COLUMNS = {
    "int": pd.Series([1, 2, 3]),
    "small": pd.Series([1, 2, 3], dtype="int8"),
    "float": pd.Series([1.5, np.nan, np.inf]),
    "bool": pd.Series([True, False, True]),
    "text": pd.Series(["a", None, ""], dtype="str"),
    "no text": pd.Series([None, None, None], dtype="str"),
    "yes, no or nothing": pd.Series([True, None, False], dtype=object),
    "dates ns": pd.to_datetime(pd.Series(DATES), format="mixed").astype("datetime64[ns]"),
    "dates us": pd.to_datetime(pd.Series(DATES), format="mixed").astype("datetime64[us]"),
    "zoned": pd.to_datetime(pd.Series(DATES), format="mixed").dt.tz_localize("Europe/Paris"),
    "category": pd.Series(["x", None, "y"], dtype="category"),
    "nullable": pd.Series([1, None, 3], dtype="Int64"),
    "nothing": pd.Series([np.nan] * 3),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_as_it_was(name, tmp_path):
    frame = COLUMNS[name].to_frame(name)
    files.write_table(frame, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(files.read_table(tmp_path / "t.parquet"), frame)


def test_an_empty_table_comes_back(tmp_path):
    frame = pd.DataFrame({"a": pd.Series(dtype="float64"), "b": pd.Series(dtype="str")})
    files.write_table(frame, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(files.read_table(tmp_path / "t.parquet"), frame)


def test_mixed_values_and_odd_names_are_stored_as_text(tmp_path):
    frame = pd.DataFrame({1: [1, "two", None], "list": [[1], [2], None]}, index=[5, 6, 7])
    before = frame.copy()
    files.write_table(frame, tmp_path / "t.parquet")
    found = files.read_table(tmp_path / "t.parquet")
    assert list(found.columns) == ["1", "list"]
    assert found["1"].tolist()[:2] == ["1", "two"]
    assert found["1"].isna().tolist() == [False, False, True]
    assert found.index.tolist() == [0, 1, 2]
    pd.testing.assert_frame_equal(frame, before)


def test_same_table_same_digest(tmp_path):
    frame = COLUMNS["text"].to_frame("a")
    files.write_table(frame, tmp_path / "1.parquet")
    files.write_table(frame, tmp_path / "2.parquet")
    assert files.digest(tmp_path / "1.parquet") == files.digest(tmp_path / "2.parquet")


def test_discard_forgives_what_is_gone(tmp_path):
    (tmp_path / "a").mkdir()
    files.discard(tmp_path / "a", tmp_path / "trash")
    files.discard(tmp_path / "a", tmp_path / "trash")
    assert not (tmp_path / "a").exists()
    assert list((tmp_path / "trash").iterdir()) == []


def test_sweep_takes_only_what_is_old(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    past = time.time() - 2 * files.LEFTOVER_SECONDS
    os.utime(tmp_path / "old", (past, past))
    assert files.sweep(tmp_path) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["new"]
