"""The distinct values of a column of text and how many cells hold each: sooner than pandas counts them in a wide table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def distinct_text(column: pd.Series) -> tuple[pa.Array, np.ndarray]:
    """Distinct values in the order they come, and the cells of each; missing ones are left out.

    Parameters
    ----------
    column : Series of str

    >>> values, cells = distinct_text(pd.Series(["b", None, "a", "b"]))
    >>> values.to_pylist(), cells.tolist()
    (['b', 'a'], [2, 1])
    """
    found = pc.value_counts(texts_of(column.array))
    values, counts = found.field(0), found.field(1).to_numpy()
    if values.null_count:
        there = values.is_valid()
        values, counts = values.filter(there), counts[there.to_numpy(zero_copy_only=False)]
    return values, counts


def texts_of(values: pd.api.extensions.ExtensionArray) -> pa.Array:
    """Texts as Arrow has them, in one piece."""
    cells = pa.array(values)
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def counted(values: pa.Array, cells: np.ndarray) -> pd.Series:
    """What `distinct_text` gave as pandas would have counted it: cells by value."""
    return pd.Series(cells, index=pd.Index(values.to_pandas(), dtype="str"))
