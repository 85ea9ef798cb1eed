"""Further tables below the one that a large file is read for, noticed while it is read block by block.

As in `tables.largest`, one begins behind a gap with names of its own. Only blocks with gaps are looked at so; of two
large tables the first is kept, since which is larger shows at the end only.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from automl.data import around, tables
from automl.data.scan import Records, cells_of, scan

AHEAD = 16 << 10  # bytes behind a gap that are looked at
ABOVE = 8 << 10  # and before it
OTHER = "a line of another table"


@dataclass
class Other:
    """A further table: its columns, where it begins, and how many lines it has."""

    names: tuple[str, ...]
    line: int
    lines: int = 0
    tail: bytes = b""  # its last lines, where another table begins below it

    @property
    def said(self) -> str:
        return tables.said_of(self.names, self.line, self.lines, above=False)


@dataclass
class Further:
    """What is known of other tables down to where a file was read.

    Parameters
    ----------
    names : tuple of str
        The columns of the table that is read; without any, none is looked for.
    """

    names: tuple[str, ...]
    delimiter: str
    quoting: bool
    others: list[Other] = field(default_factory=list)
    inside: Other | None = None
    gaps: int = 0
    behind_gap: bool = False  # the block before ended in one
    tail: bytes = b""  # of the block before
    beside: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))  # empty rows between tables, of the last block
    own_tail: bytes = b""  # of the table that is read, where another one begins below it

    @property
    def looks(self) -> bool:
        """Whether gaps are looked at still: of many, they part rows of one table."""
        return len(self.names) > 1 and self.gaps <= tables.MOST_BLOCKS

    def passed(self, data: bytes) -> None:
        """A block without gaps was read."""
        self.tail, self.behind_gap = data[-ABOVE:], False

    def mark(
        self, data: bytes, records: Records, hollow: np.ndarray, first_line: int, ahead: Callable[[], bytes] = lambda: b""
    ) -> np.ndarray:
        """Which records of a block are lines of other tables.

        Parameters
        ----------
        data, records
            The block, and its records.
        hollow : array of bool
            Records that hold nothing, or separators only.
        first_line : int
            The block's, counted in the file.
        ahead : callable
            Gives what comes behind the block.
        """
        gap = records.blank | hollow
        solid = np.flatnonzero(~gap)
        marked = np.zeros(len(gap), dtype=bool)
        self.beside = np.zeros(len(gap), dtype=bool)
        if len(solid) and (self.inside or self.looks):
            before = np.append(self.behind_gap, gap[:-1])
            begins = {int(i) for i in solid[before[solid]][: tables.MOST_BLOCKS + 1]}
            edges = [*sorted(begins | {int(solid[0])}), len(gap)]
            for begin, end in itertools.pairwise(edges):
                if begin in begins and self.looks:
                    self.gaps += 1
                    before_it = self.inside
                    self._turn(data, records, begin, first_line, ahead)
                    if self.inside is not before_it:  # empty rows between are of none
                        solid_above = solid[solid < begin]
                        self.beside[int(solid_above[-1]) + 1 if len(solid_above) else 0 : begin] = True
                        self.beside &= hollow
                if self.inside:
                    rows = solid[(solid >= begin) & (solid < end)]
                    marked[rows] = True
                    self.inside.lines += len(rows)
                self.tail = data[records.starts[begin] : records.ends[end - 1]][-ABOVE:]
        self.behind_gap = bool(gap[-1]) if len(gap) else self.behind_gap
        return marked

    def _turn(self, data: bytes, records: Records, begin: int, first_line: int, ahead: Callable[[], bytes]) -> None:
        """Decide what begins behind a gap: another table, the one that is read once more, or further rows."""
        start = int(records.starts[begin])
        text = data[start : start + AHEAD]
        whole = start + AHEAD < len(data)
        if not whole and (more := ahead()):
            text, whole = text + more, True
        rows = self._rows(text[: text.rfind(b"\n") + 1] if whole else text)
        blank = next((n for n, row in enumerate(rows) if not any(row)), len(rows))
        rows = rows[:blank][: around.LOOKED_AT]
        current = self.inside.names if self.inside else self.names
        above = self._end(self.tail)
        names = tables.names_behind_a_gap(rows, above, current)
        if not names and self.inside and rows:
            before = [*((other.names, self._end(other.tail)) for other in self.others if other is not self.inside), (self.names, self._end(self.own_tail))]
            names = tables.goes_back(rows, above, current, before)
        if names == self.names or (rows and tuple(rows[0]) == self.names):
            self._turn_to(None)
        elif names and names != current:
            known = next((other for other in self.others if other.names == names), None)
            other = known or Other(names, first_line + int(records.lines[begin]) - 1)
            self.others += [] if known else [other]
            self._turn_to(other)

    def _turn_to(self, other: Other | None) -> None:
        """From here on rows are of that table, or of the one that is read."""
        if self.inside:
            self.inside.tail = self.tail
        else:
            self.own_tail = self.tail
        self.inside = other

    def _end(self, tail: bytes) -> list[list[str]]:
        return [row for row in self._rows(tail[tail.find(b"\n") + 1 :]) if any(row)][-around.LOOKED_AT :]

    def _rows(self, text: bytes) -> list[list[str]]:
        records = scan(text, self.delimiter, self.quoting) if text else None
        found = [cells_of(text, records, i, self.delimiter, self.quoting) for i in range(len(records.starts))] if records else []
        return [tables.without_gaps_behind(cells) for cells in found]
