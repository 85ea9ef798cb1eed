"""The foot of a large file: rows of mere separators, remarks that are padded like rows, and whether the last row holds totals,
told by sums that are kept while the rows above are read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl.data import around, sniff, tables
from automl.data.cells import Column
from automl.data.scan import cells_of, scan
from automl.data.totals import LEAST_ROWS, LastRow, Total, adds_up

TAIL_BYTES = 64 << 10  # a longer last row is not looked at
MOST_BELOW = 100  # blank lines and remarks under it
LOOKED_BACK = 1 << 20  # bytes at a time


@dataclass(frozen=True)
class Hollow:
    """Rows of mere separators at the foot: where they begin in the file, how many they are, and the first one's line there."""

    start: int
    rows: int = 0
    line: int = 0
    blank: int = 0  # lines between and below them

    @classmethod
    def of(cls, path: Path, skip: int, size: int, delimiter: str) -> Hollow:
        """Those behind `skip` bytes of a file of `size`; they begin at its end where there are none."""
        mark = delimiter.encode()
        with path.open("rb") as file:
            at, end = size, skip
            while at > skip and end == skip:
                begin = max(at - LOOKED_BACK, skip)
                file.seek(begin)
                kept = len(file.read(at - begin).rstrip(mark + b" \t\r\n\x1a"))
                at, end = begin, begin + kept if kept else skip
            file.seek(end)
            start = end + len(file.readline())
            rows = first = blank = 0
            for line, text in enumerate(file if end > skip else (), 1):
                if mark in text:
                    rows, first = rows + 1, first or line
                blank += not text.strip()
        return cls(start, rows, first, blank) if rows else cls(size)


def remarks_below(
    path: Path, size: int, layout: sniff.Layout, mended: Callable[[bytes], bytes]
) -> tuple[int, list[tuple[int, bytes, str]]]:
    """Where the rows of a file end, and the lines below: each with its number counted from there, its text and why it is no row,
    where that is not that it has too few cells. See `around.remarks_below` and `around.closing_lines`."""
    with path.open("rb") as file:
        file.seek(max(size - TAIL_BYTES, 0))
        tail = file.read(min(TAIL_BYTES, size))
    tail = tail[tail.find(b"\n") + 1 :]
    if layout.width < 2 or not tail or mended(tail) != tail:
        return size, []
    records = scan(tail, layout.delimiter, layout.quoting)
    filled = np.flatnonzero(~records.blank)
    below, padding = around.remarks_below(tail, records, filled, layout.width, layout.delimiter, layout.quoting)
    closing: set[int] = set()
    if not below:
        found = around.closing_lines(tail, records, filled, layout.width, layout.delimiter, layout.quoting)
        closing = set(np.searchsorted(records.lines, [line for part in found for line in part.lines]).tolist())
        below = [int(i) for i in filled[filled >= min(closing)]] if closing else []
        rows = [cells_of(tail, records, i, layout.delimiter, layout.quoting) for i in below]
        if tables.names_of_a_table([tables.without_gaps_behind(row) for row in rows]) is not None:
            below = []
    if not below:
        return size, []
    first = min([*below, *padding])
    begin, line = int(records.starts[first]), int(records.lines[first])
    return size - len(tail) + begin, [
        (int(records.lines[i]) - line, tail[records.starts[i] : records.ends[i]], around.CLOSING if i in closing else "")
        for i in sorted(below)
    ]


@dataclass
class Foot:
    """A last row that may hold totals, where it stands in the file, and what is known of the rows above it."""

    start: int
    end: int  # behind its line end
    text: str
    row: LastRow
    sums: dict[int, float] = field(default_factory=dict)
    a_value: bool = False  # the word that says so is in other rows too

    @classmethod
    def of(cls, path: Path, size: int, layout: sniff.Layout, mended: Callable[[bytes], bytes]) -> Foot | None:
        """The last row of a text file; None where it is like any other.

        Parameters
        ----------
        path, size
            The file as UTF-8, and its bytes down to remarks below the table.
        layout : sniff.Layout
        mended : callable
            How a piece of the file is mended before it is cut into cells.
        """
        with path.open("rb") as file:
            file.seek(max(size - TAIL_BYTES, 0))
            tail = file.read(min(TAIL_BYTES, size))
        quoting = csv.QUOTE_MINIMAL if layout.quoting else csv.QUOTE_NONE
        end = len(tail)
        for _ in range(MOST_BELOW):
            begin = tail.rfind(b"\n", 0, end) + 1
            text = mended(tail[begin:end].rstrip(b"\r\x1a")).decode("utf-8", "replace")
            if not begin or text.count('"') % 2:
                return None
            cells = next(csv.reader([text], delimiter=layout.delimiter, quoting=quoting), [])
            if text.strip() and len(cells) == layout.width:
                row = LastRow.of(cells)
                if row is None:
                    return None
                before = size - len(tail)
                return cls(before + begin, min(before + end + 1, size), text, row)
            end = begin - 1
        return None

    def may_be(self, numbers: Sequence[bool]) -> bool:
        """Whether it still may hold totals, once it is known which columns hold numbers."""
        return self.row.named is not None or all(numbers[i] for i in self.row.others)

    def begin(self) -> None:
        """Forget the rows above: the file is read from its start."""
        self.sums, self.a_value = dict.fromkeys(self.row.others, 0.0), False

    def add(self, place: int, cells: pa.ChunkedArray, array: pa.Array | pa.ChunkedArray) -> None:
        """Take the cells of a block into account, as Arrow read them and as they are kept."""
        if place == self.row.named and pa.types.is_dictionary(cells.type):
            word = self.row.cells[place]
            kept = (pc.utf8_trim_whitespace(chunk.dictionary) for chunk in cells.chunks)
            self.a_value |= any(pc.any(pc.equal(values, word)).as_py() for values in kept)
        if place in self.sums and pa.types.is_floating(array.type) | pa.types.is_integer(array.type):
            self.sums[place] += pc.sum(array.cast(pa.float64())).as_py() or 0.0

    def total(self, rows: int, columns: Sequence[Column]) -> Total | None:
        """What it is, once all rows above it were added."""
        if rows < LEAST_ROWS or self.a_value:
            return None

        def is_sum(place: int) -> bool:
            plan = columns[place].plan
            known = plan["type"] == "number" and not plan.get("empty") and np.isfinite(self.sums[place])
            return known and adds_up(self.row.cells[place], plan, self.sums[place])

        return self.row.judged([column.name for column in columns], is_sum)
