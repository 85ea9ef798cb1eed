"""A file of rows to predict → a Parquet table, read as the training file was, in as little memory as it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl.bundle import Bundle
from automl.data.formats import Format
from automl.data.ingest import LARGE_BYTES
from automl.data.parse import to_plain
from automl.errors import DataError
from automl.predict.columns import fold, read_by
from automl.predict.contract import Status, Violation
from automl.types import ReadReport, Severity

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 50_000
SAID_OF_READING = {"dates": "date_format", "number_format": "number_format"}  # notes that are repairs

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Table:
    """Rows to predict as a Parquet file.

    Attributes
    ----------
    path : Path
    rows : int
    names : tuple of str
        Its columns, without those that hold lists or records.
    repairs : tuple of Violation
        What was read otherwise than it was written.
    """

    path: Path
    rows: int
    names: tuple[str, ...]
    repairs: tuple[Violation, ...] = ()


def open_table(path: Path) -> Table:
    """A Parquet file as it is; raises DataError when it is damaged or empty."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as e:
        raise DataError(f"'{path.name}' is a Parquet file but damaged or cut short. Upload it again.") from e
    with file:
        names = tuple(f.name for f in file.schema_arrow if not _is_nested(f.type))
        if not file.metadata.num_rows or not names:
            raise DataError(f"'{path.name}' has no rows to predict. Choose a file with at least one.")
        return Table(path, file.metadata.num_rows, names)


def to_table(
    bundle: Bundle, path: Path, folder: Path, *, name: str, progress: Progress = lambda share: None
) -> Table:
    """Read a file of any format and size into `folder`.

    Large text is converted piece by piece, a large Parquet file stays where it is; whatever is small goes
    through the reader of all tables.

    Raises
    ------
    DataError
        The file can't be read as a table, or has no rows.
    """
    from automl.data import stream
    from automl.data.unpack import unpacked
    from automl.store import files

    out = folder / "table.parquet"
    with unpacked(path, name) as found:
        large = found.path.stat().st_size >= LARGE_BYTES
        if large and found.format is Format.TEXT:
            options = _decimal(bundle)
            plans = stream.decide(found.path, name=name, options=options)
            options |= {"columns": _as_in_training(bundle, plans)}
            _, report = stream.to_parquet(found.path, out, name=name, options=options, progress=progress)
        elif large and found.format is Format.PARQUET:
            if found.path != path:  # out of an archive, which is removed when it has been read
                found.path.rename(out)
            return open_table(out if found.path != path else path)
        else:
            frame, report = _read(bundle, path, name)
            files.write_table(frame, out)
    opened = open_table(out)
    return Table(out, opened.rows, opened.names, _repairs(bundle, report))


def read_rows(bundle: Bundle, path: str | Path, name: str | None = None) -> pd.DataFrame:
    """Read a file of rows to predict as the training file was read, where its values allow that.

    So 03/04/2024 is the same day in both, and codes such as 007 stay text. `name` is what to call the
    file in sentences.
    """
    return _read(bundle, path, name)[0]


def pieces(
    table: Table, columns: list[str] | None = None, rows: int = CHUNK_ROWS
) -> Iterator[tuple[pa.Table, pd.DataFrame]]:
    """The rows of a table in pieces of at most `rows`, each as it is stored and as the model takes it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(table.names if columns is None else columns)
    with pq.ParquetFile(table.path) as file:
        for batch in file.iter_batches(batch_size=rows, columns=names):
            stored = pa.Table.from_batches([batch]).select(names)
            yield stored, to_frame(stored)


def to_frame(stored: pa.Table) -> pd.DataFrame:
    """Arrow's rows in pandas, in the plain types of every table."""
    frame = stored.to_pandas(ignore_metadata=True)
    odd = [i for i, dtype in enumerate(frame.dtypes) if not _is_plain(dtype)]
    for i in odd:
        frame.isetitem(i, to_plain(frame.iloc[:, i]))
    return frame


def _is_plain(dtype: Any) -> bool:
    return isinstance(dtype, pd.StringDtype) or str(dtype) in ("int64", "float64", "bool", "datetime64[ns]")


def _is_nested(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _read(bundle: Bundle, path: str | Path, name: str | None) -> tuple[pd.DataFrame, ReadReport]:
    from automl.data.read import read_with_report

    options = _decimal(bundle)
    frame, report = read_with_report(path, options=options, name=name)
    otherwise = _as_in_training(bundle, report.options["columns"])
    if not otherwise:
        return frame, report
    return read_with_report(path, options={**options, "columns": otherwise}, name=name)


def _decimal(bundle: Bundle) -> dict[str, Any]:
    plans = bundle.reading.values()
    decimals = {p["decimal"] for p in plans if p.get("decimal") == "," or p.get("thousands")}
    return {"decimal": decimals.pop()} if len(decimals) == 1 else {}


def _as_in_training(bundle: Bundle, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The columns that are better read with the training file's plan than with their own."""
    known = {fold(column): plan for column, plan in bundle.reading.items()}
    for other, own in bundle.called_otherwise.items():
        if fold(own) in known:
            known.setdefault(fold(other), known[fold(own)])
    otherwise = {}
    for column, plan in found.items():
        usual = known.get(fold(column))
        if usual and usual["type"] in ("date", "text") and not plan.get("empty"):
            same = all(usual.get(key) == plan.get(key) for key in ("type", "format", "keep"))
            if not same:
                otherwise[column] = usual
    return otherwise


def _repairs(bundle: Bundle, report: ReadReport) -> tuple[Violation, ...]:
    """What the reader said of the model's columns that are written otherwise than in the training file."""
    needed = {fold(name) for name in read_by(bundle)}
    known = {fold(name): plan for name, plan in bundle.reading.items()}
    plans = report.options.get("columns", {})
    out = []
    for note in report.notes:
        if note.code not in SAID_OF_READING or note.column is None or fold(note.column) not in needed:
            continue
        usual, plan = known.get(fold(note.column), {}), plans.get(note.column, {})
        if any(usual.get(key) != plan.get(key) for key in ("format", "decimal", "thousands")):
            code = SAID_OF_READING[note.code]
            out.append(Violation(code, Status.REPAIRED, Severity.INFO, note.message, note.column))
    return tuple(out)
