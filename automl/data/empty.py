"""Rows in which no cell holds anything: at the foot of a table they are no rows; within it, that depends on the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from automl.data.words import count
from automl.types import Note

LEAST_OTHERS = 30  # rows, all of which fill a column, to take one that fills none for no case


def without_values(frame: pd.DataFrame) -> np.ndarray:
    """Which rows of a table of text cells hold nothing, or spaces.

    >>> without_values(pd.DataFrame({"a": ["1", "", ""], "b": ["x", " ", "y"]}, dtype="str")).tolist()
    [False, True, False]
    """
    empty = np.full(len(frame), frame.shape[1] > 1)
    for i in range(frame.shape[1]):
        if not empty.any():
            break
        empty &= (frame.iloc[:, i].str.strip() == "").to_numpy(dtype=bool, na_value=True)
    return empty


def are_no_cases(frame: pd.DataFrame, empty: np.ndarray) -> bool:
    """Whether rows without a value can't be cases that happen to miss everything: all others, at least 30, fill a column."""
    others = frame[~empty] if empty.any() else frame
    if len(others) < LEAST_OTHERS:
        return False
    return any((others.iloc[:, i].str.strip() != "").all() for i in range(frame.shape[1]))


def may_be_within(table: pa.Table) -> bool:
    """Whether cells as Arrow read them leave room for a row without a value: mostly told by one column that has no gap."""
    if table.num_columns < 2:
        return False
    empty: np.ndarray | None = None
    for column in sorted(table.columns, key=lambda column: pa.types.is_dictionary(column.type)):
        gaps = _gaps(column)
        if gaps is None or not (gaps if empty is None else empty & gaps).any():
            return False
        empty = gaps if empty is None else empty & gaps
    return True


def _gaps(column: pa.ChunkedArray) -> np.ndarray | None:
    """Which cells hold nothing; None where all hold something."""
    if not pa.types.is_dictionary(column.type):
        return column.is_null().to_numpy() if column.null_count else None
    parts, found = [], False
    for chunk in column.chunks:
        blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(chunk.dictionary), ""), True).to_numpy(zero_copy_only=False)
        places = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        part = places < 0
        if blank.any():
            part |= blank[places] & (places >= 0)
        found = found or bool(part.any())
        parts.append(part)
    return np.concatenate(parts) if found else None


def foot_note(rows: int, line: int) -> Note:
    """What is said of rows below the last one with a value."""
    where = f"line {line:,}" if rows == 1 else f"from line {line:,} on"
    return Note("empty_rows", f"{count(rows, 'row')} without any value at the foot left out, {where}.")


def within_note(rows: int, line: int | None, aside: bool) -> Note:
    """What is said of those within a table."""
    where = "" if line is None else f", line {line:,}" if rows == 1 else f", the first in line {line:,}"
    if aside:
        return Note("empty_rows", f"{count(rows, 'row')} without any value within the table left out{where}.")
    are = "has no value at all and is" if rows == 1 else "have no value at all and are"
    return Note("empty_rows", f"{count(rows, 'row')} within the table {are} in it still{where}.")
