"""Tables written piece by piece: CSV that no spreadsheet runs, Parquet, Excel within its limits."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from automl.errors import PredictionError

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("csv", "parquet", "xlsx")
FORMULA = "=+-@\t\r"  # OWASP, "CSV injection": what a spreadsheet takes for the start of a formula
EXCEL_ROWS, EXCEL_COLUMNS, EXCEL_TEXT = 1_048_576, 16_384, 32_767  # Excel's specifications and limits
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no sheet may hold them


class Writer(Protocol):
    """Takes pieces of a table that all have the same columns."""

    def write(self, piece: pa.Table) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    """CSV in which text that begins like a formula has an apostrophe before it."""

    def __init__(self, path: Path) -> None:
        self.path, self._file, self._writer = path, path.open("wb"), None

    def write(self, piece: pa.Table) -> None:
        import pyarrow.csv as pacsv

        shown = for_csv(piece)
        if self._writer is None:
            self._writer = pacsv.CSVWriter(self._file, shown.schema)
        self._writer.write_table(shown)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._file.close()


class ParquetWriter:
    """Parquet, one row group a piece."""

    def __init__(self, path: Path) -> None:
        self.path, self._writer = path, None

    def write(self, piece: pa.Table) -> None:
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, piece.schema, compression="snappy")
        self._writer.write_table(piece)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class ExcelWriter:
    """One sheet, written row by row; text is text there, whatever it begins with."""

    def __init__(self, path: Path) -> None:
        from openpyxl import Workbook

        self.path, self._book, self._started = path, Workbook(write_only=True), False
        self._sheet = self._book.create_sheet("Predictions")

    def write(self, piece: pa.Table) -> None:
        if not self._started:
            self._sheet.append([self._text(name) for name in piece.column_names])
            self._started = True
        columns = [_cells(piece.column(i)) for i in range(piece.num_columns)]
        for row in zip(*columns, strict=True):
            self._sheet.append([self._text(v) if isinstance(v, str) and v[:1] in FORMULA else v for v in row])

    def _text(self, value: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet, value=value)
        cell.data_type = "s"
        return cell

    def close(self) -> None:
        self._book.save(self.path)
        self._book.close()


WRITERS: dict[str, type[Writer]] = {"csv": CsvWriter, "parquet": ParquetWriter, "xlsx": ExcelWriter}


def check_output(out: Path, formats: tuple[str, ...] = ("csv", "parquet")) -> None:
    """Raise PredictionError unless `out` can be written in one of the formats."""
    if out.suffix.lower().removeprefix(".") not in formats:
        *first, last = [f".{f}" for f in formats]
        raise PredictionError(f"'{out.name}' must end in {', '.join(first)} or {last}.")
    if not out.parent.is_dir():
        raise PredictionError(f"The folder '{out.parent}' does not exist. Create it or choose another one.")


def fits_excel(rows: int, columns: int) -> str | None:
    """Why a table can't be an Excel sheet; None where it can."""
    if rows >= EXCEL_ROWS:
        return f"An Excel sheet holds at most {EXCEL_ROWS - 1:,} rows; this table has {rows:,}. Take CSV or Parquet."
    if columns > EXCEL_COLUMNS:
        return f"An Excel sheet holds at most {EXCEL_COLUMNS:,} columns; this table has {columns:,}."
    return None


def for_csv(piece: pa.Table) -> pa.Table:
    """The cells as CSV has them: text guarded, dates as ISO text, flags as True and False."""
    import pyarrow as pa

    columns = [_csv_cells(column.combine_chunks()) for column in piece.columns]
    return pa.table(columns, names=[guarded(name) for name in piece.column_names])


def guarded(value: str) -> str:
    """A text that no spreadsheet runs.

    >>> guarded("=1+1"), guarded("plain")
    ("'=1+1", 'plain')
    """
    return f"'{value}" if value and value[0] in FORMULA else value


def _csv_cells(cells: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(cells, pa.ChunkedArray):
        cells = cells.chunk(0) if cells.num_chunks else pa.array([], cells.type)
    kind = cells.type
    if pa.types.is_dictionary(kind):
        cells = cells.dictionary_decode()
        kind = cells.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        risky = pc.match_substring_regex(cells, r"\A[=+\-@\t\r]")
        if pc.any(risky).as_py():
            cells = pc.if_else(risky, pc.binary_join_element_wise("'", cells.cast(pa.string()), ""), cells.cast(pa.string()))
        return cells.cast(pa.string())
    if pa.types.is_boolean(kind):
        return pc.if_else(cells, "True", "False")
    if pa.types.is_timestamp(kind):
        midnight = pc.equal(pc.floor_temporal(cells, unit="day"), cells)
        fine = pc.all(pc.equal(pc.floor_temporal(cells, unit="second"), cells)).as_py() is not False
        text = cells.cast(pa.timestamp("s")).cast(pa.string()) if fine else cells.cast(pa.string())
        return pc.if_else(midnight, cells.cast(pa.timestamp("s")).cast(pa.date32(), safe=False).cast(pa.string()), text)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
        return cells
    return cells.cast(pa.string())


def _cells(column: Any) -> list[Any]:
    """A column's cells as Excel takes them: text within its length, no NaN, dates without a zone."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        series = column.cast(pa.timestamp("us"), safe=False).to_pylist()
        return [v.replace(tzinfo=None) if v is not None and v.year >= 1900 else v and str(v) for v in series]
    values = column.to_pylist()
    if pa.types.is_floating(kind):
        return [v if v is not None and np.isfinite(v) else None for v in values]
    if pa.types.is_integer(kind):
        return [v if v is None or abs(v) < 2**53 else str(v) for v in values]
    if pa.types.is_boolean(kind):
        return values
    return [None if v is None else CONTROL.sub("", str(v))[:EXCEL_TEXT] for v in values]


# --- a table in memory ------------------------------------------------------------------


def write_table(table: pd.DataFrame, out: Path) -> None:
    """Write a table whole: a temporary name first, then a rename."""
    staged = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        if out.suffix.lower() == ".csv":
            guard_formulas(table).to_csv(staged, index=False)
        else:
            portable(table).to_parquet(staged, index=False)
        staged.replace(out)
    finally:
        staged.unlink(missing_ok=True)


def guard_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text cells and headers that a spreadsheet would run as a formula."""
    out = table.copy()
    for position in range(out.shape[1]):
        column = out.iloc[:, position]
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            out.isetitem(position, column.astype(object).map(lambda v: guarded(v) if isinstance(v, str) else v))
    out.columns = [guarded(c) if isinstance(c, str) else c for c in out.columns]
    return out


def portable(table: pd.DataFrame) -> pd.DataFrame:
    """A copy that Parquet can hold: mixed object columns as text, names as text."""
    out = table.copy()
    out.columns = [str(c) for c in out.columns]
    for position in np.flatnonzero([pd.api.types.is_object_dtype(dtype) for dtype in out.dtypes]):
        column = out.iloc[:, position]
        if pd.api.types.infer_dtype(column, skipna=True) not in (
            "string",
            "boolean",
        ):
            out.isetitem(position, column.map(str, na_action="ignore"))
    return out
