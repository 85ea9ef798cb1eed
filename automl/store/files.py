"""Durable files: written under a temporary name, flushed, then renamed; tables as Parquet."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from automl.errors import StoreError
from automl.store import room

if TYPE_CHECKING:
    import pandas as pd

LEFTOVER_SECONDS = 24 * 3600.0  # staged files this old belong to nobody any more


def new_id(letter: str) -> str:
    """An opaque, unguessable id; the letter says what it names.

    >>> len(new_id("d"))
    17
    """
    return letter + secrets.token_hex(8)


def is_id(text: str) -> bool:
    """Whether a text is an id as `new_id` makes them, and so safe as the name of a folder.

    >>> is_id("d0123456789abcdef"), is_id("../d0123456789abc")
    (True, False)
    """
    return len(text) == 17 and text.isalnum() and text.isascii()


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet and flush it to disk.

    The index is dropped. What Parquet has no type for is stored as text: mixed object columns, and
    names that aren't text. `read_table` gives the same dtypes back, except that text in object
    columns comes back as ``str`` and whole-second dates as milliseconds.

    Raises
    ------
    StoreError
        The disk is full or can't be written.
    """
    import pyarrow as pa

    table = frame.copy(deep=False)
    table.columns = [str(name) for name in frame.columns]
    try:
        try:
            table.to_parquet(path, index=False, compression="zstd")
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            _mixed_to_text(table).to_parquet(path, index=False, compression="zstd")
        flush(path)
    except OSError as e:
        said = room.sentence(e, path.parent)
        raise StoreError(said or f"The table can't be written to the workspace: {e.strerror or e}.") from e


def _mixed_to_text(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    plain = ("string", "boolean", "empty")
    for position in range(table.shape[1]):
        column = table.iloc[:, position]
        if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) not in plain:
            table.isetitem(position, column.map(str, na_action="ignore").astype("str"))
    return table


def read_table(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a table written by `write_table`, or some columns of it; the same as ``pandas.read_parquet``."""
    import pandas as pd

    return pd.read_parquet(path, columns=columns)


def sample_rows(path: str | Path, rows: int, seed: int = 0) -> pd.DataFrame:
    """At most `rows` rows of a Parquet file, chosen at random, in its order; only they are held in memory."""
    import numpy as np
    import pandas as pd
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    total = file.metadata.num_rows
    if total <= rows:
        return pd.read_parquet(path)
    picked = np.sort(np.random.default_rng(seed).choice(total, rows, replace=False))
    parts, start = [], 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        inside = picked[(picked >= start) & (picked < end)] - start
        if len(inside):
            parts.append(file.read_row_group(group).take(inside).to_pandas())
        start = end
    return pd.concat(parts, ignore_index=True)


def count_rows(path: Path) -> int:
    """The number of rows of a table."""
    import pyarrow.parquet as pq

    return pq.read_metadata(path).num_rows


def names(path: Path) -> list[str]:
    """The names of a table's columns."""
    import pyarrow.parquet as pq

    return pq.read_schema(path).names


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Force a file, or a folder's list of names, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(staged: Path, target: Path) -> None:
    """Give a staged file or folder its final name, in one step that survives a power cut."""
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(target)
    flush(target.parent)


def discard(folder: Path, trash: Path) -> None:
    """Remove a folder: out of sight in one step, then file by file. Missing is fine."""
    trash.mkdir(parents=True, exist_ok=True)
    hidden = trash / f"{folder.name}.{secrets.token_hex(4)}"
    try:
        folder.rename(hidden)
    except FileNotFoundError:
        return
    shutil.rmtree(hidden, ignore_errors=True)


def sweep(staging: Path, older_than: float = LEFTOVER_SECONDS) -> int:
    """Remove what a crash left in the staging folder; returns how many entries went."""
    gone = 0
    if not staging.is_dir():
        return 0
    for entry in list(staging.iterdir()):
        try:
            old = time.time() - entry.stat().st_mtime > older_than
        except FileNotFoundError:
            continue
        if old:
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
            gone += 1
    return gone
