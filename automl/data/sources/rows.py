"""Rows of a database as a Parquet file, in constant memory, whatever turns up late in a column."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from automl.data.words import shorten
from automl.types import Note

# From narrow to wide: a column that held one kind and then another is what both can be.
WIDER = {
    frozenset(("flag", "whole")): "whole", frozenset(("flag", "number")): "number", frozenset(("whole", "number")): "number",
}  # fmt: skip
TYPES = {
    "nothing": pa.string(), "flag": pa.bool_(), "whole": pa.int64(), "number": pa.float64(),
    "date": pa.timestamp("us"), "text": pa.string(),
}  # fmt: skip
MOST_DIGITS = 100  # of a whole number that is written out
FIRST, LAST = dt.datetime(1678, 1, 1), dt.datetime(2262, 1, 1)  # noqa: DTZ001 (UTC throughout)


class RowWriter:
    """Writes chunks of rows; use it as a context manager, at whose end the file is complete.

    Each chunk is written with the kinds known so far. Where a later chunk holds something else, it goes
    to a further file, and in the end all are brought to the widest kinds, piece by piece.

    Parameters
    ----------
    names : sequence of str
        The columns' names, each once.
    out : Path
    """

    def __init__(self, names: Sequence[str], out: Path) -> None:
        self.names, self.out = list(names), out
        self.kinds = dict.fromkeys(self.names, "nothing")
        self.parts: list[tuple[Path, pq.ParquetWriter]] = []
        self.lost: dict[str, str] = {}

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _, writer in self.parts:
            writer.close()
        if kind is None and self.parts:
            self._join()

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write a chunk."""
        cells = {name: self._plain(name, [row[i] for row in rows]) for i, name in enumerate(self.names)}
        before = dict(self.kinds)
        for name, values in cells.items():
            self.kinds[name] = _wider(self.kinds[name], _kind(values))
        schema = pa.schema([(n, TYPES[self.kinds[n]]) for n in self.names])
        if not self.parts or self.kinds != before:
            path = self.out.with_name(f"{self.out.stem}-{len(self.parts)}.part")
            self.parts.append((path, pq.ParquetWriter(path, schema, compression="zstd")))
        arrays = [pa.array(_as(self.kinds[n], v), TYPES[self.kinds[n]]) for n, v in cells.items()]
        self.parts[-1][1].write_table(pa.Table.from_arrays(arrays, schema=schema))

    def notes(self) -> list[Note]:
        """What was lost on the way."""
        return [Note("set_aside", f"'{shorten(n)}': {what}", n) for n, what in self.lost.items()]

    def _plain(self, name: str, values: list[Any]) -> list[Any]:
        """Values of the few types that a table knows; bytes and what Parquet can't date are left out, said once."""
        out = []
        for value in values:
            if isinstance(value, Decimal):
                value = _number(value)
            elif isinstance(value, float) and not math.isfinite(value):
                value = None
            elif isinstance(value, (bytes, bytearray, memoryview)):
                self.lost.setdefault(name, "cells that hold bytes, such as images, count as missing.")
                value = None
            elif isinstance(value, dt.datetime):
                value = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
            elif isinstance(value, dt.date):
                value = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001
            elif value is not None and not isinstance(value, (bool, int, float, str)):
                value = str(value)
            if isinstance(value, dt.datetime) and not FIRST <= value < LAST:
                self.lost.setdefault(name, "dates outside the years 1678 to 2261 count as missing.")
                value = None
            out.append(value)
        return out

    def _join(self) -> None:
        paths = [path for path, _ in self.parts]
        if len(paths) == 1:
            paths[0].rename(self.out)
            return
        schema = pa.schema([(n, TYPES[self.kinds[n]]) for n in self.names])
        with pq.ParquetWriter(self.out, schema, compression="zstd") as writer:
            for path in paths:
                for batch in pq.ParquetFile(path).iter_batches():
                    arrays = [_cast(batch.column(i), schema.field(i).type) for i in range(len(self.names))]
                    writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                path.unlink()


def _number(value: Decimal) -> int | float | None:
    """A number without places as a whole one, however long: its digits are not to be rounded."""
    if not value.is_finite():
        return None
    return int(value) if int(value.as_tuple().exponent) >= 0 and value.adjusted() < MOST_DIGITS else float(value)


def _kind(values: list[Any]) -> str:
    kind = "nothing"
    for type_ in {type(v) for v in values if v is not None}:
        one = {bool: "flag", int: "whole", float: "number", dt.datetime: "date"}.get(type_, "text")
        if one == "whole" and any(isinstance(v, int) and abs(v) >= 2**63 for v in values):
            one = "text"
        kind = _wider(kind, one)
    return kind


def _wider(one: str, two: str) -> str:
    if one == two or two == "nothing":
        return one
    if one == "nothing":
        return two
    return WIDER.get(frozenset((one, two)), "text")


def _as(kind: str, values: list[Any]) -> list[Any]:
    match kind:
        case "text":
            return [None if v is None else _text(v) for v in values]
        case "whole":
            return [None if v is None else int(v) for v in values]
        case "number":
            return [None if v is None else float(v) for v in values]
        case _:
            return values


def _text(value: Any) -> str:
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)


def _cast(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    if array.type == wanted:
        return array
    if wanted == pa.string():  # written as single cells are
        return pa.array([None if v is None else _text(v) for v in array.to_pylist()], wanted)
    if pa.types.is_boolean(array.type) and pa.types.is_floating(wanted):
        array = array.cast(pa.int64())
    return array.cast(wanted)
