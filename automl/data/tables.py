"""Several tables in one file, one below the other: which is the largest, and where the others stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from automl.data.around import LOOKED_AT, MISSING, Apart
from automl.data.header import typed_share
from automl.data.scan import Records, cells_of
from automl.data.words import count, listed

MOST_BLOCKS = 200  # between blank lines; of more, they separate rows of one table
MOST_TITLE = 3  # lines above the names of a further table


@dataclass
class _Part:
    """Records from one blank line to another that belong together, and the names of their columns."""

    blocks: list[np.ndarray]
    names: tuple[str, ...] = ()
    top: int = 0  # the record with the names

    @property
    def rows(self) -> int:
        return sum(map(len, self.blocks))


def largest(
    data: bytes, records: Records, filled: np.ndarray, delimiter: str, quoting: bool, open_end: bool = False
) -> tuple[np.ndarray, tuple[str, ...], list[Apart]]:
    """The records of the largest of several tables, lines above it that are none, and the others.

    A further table begins behind a blank line with names of its own: words above values. `open_end` marks the head
    of a file, whose last table goes on.
    """
    ending = 2 if b"\r\n" in data[:10_000] else 1
    empty = (records.fields > 1) & (records.ends - records.starts == records.fields - 1 + ending)
    solid = filled[~empty[filled]]
    gaps = np.cumsum(empty | records.blank)[solid]
    blocks = np.split(solid, np.flatnonzero(np.diff(gaps)) + 1)
    if not 1 < len(blocks) <= MOST_BLOCKS:
        return filled, (), []

    def cells(i: int) -> list[str]:
        return without_gaps_behind(cells_of(data, records, i, delimiter, quoting))

    def end_of(part: _Part) -> list[list[str]]:
        return [row for block in part.blocks for row in map(cells, map(int, block[-LOOKED_AT:]))]

    looked = [[cells(int(i)) for i in block[:LOOKED_AT]] for block in blocks]
    parts: list[_Part] = []
    part = _Part([])  # the one that the rows above are of
    for block, rows in zip(blocks, looked, strict=True):
        top = names_of_a_table(rows)
        above = end_of(part)
        names = names_behind_a_gap(rows, above, part.names) if parts else tuple(rows[top]) if top is not None else ()
        if parts and not names and part is not parts[0] and (back := goes_back(rows, above, part.names, [(p.names, end_of(p)) for p in parts[:-1]])):
            names = back
        if not parts or (names and names != part.names):
            part = next((p for p in parts if p.names == names), None) or _Part([], names, int(block[top or 0]))
            parts += [part] if not part.blocks else []
        part.blocks.append(block)
    if len(parts) == 1:
        return filled, (), []
    named = [part for part in parts if part.names]
    main = part if open_end and len(part.blocks) == 1 else max(named, key=lambda part: part.rows)
    first = parts[0]
    if not first.names and not open_end and first.rows > 2 * main.rows and not _is_form(looked[0]):
        main = first
    said = [] if first.names or first is main else [" ".join(filter(None, cells(int(i)))) for b in first.blocks for i in b]
    others = [part for part in parts if part is not main and (part.names or part is not first)]
    begin, end = int(main.blocks[0][0]), int(main.blocks[-1][-1])
    last = np.append(records.lines[1:], records.lines[-1] + 1) - 1
    apart = [a for part in others for a in _apart(part, records.lines, last, above=part.top < begin) if not open_end or part.top < begin]
    starts = np.array([block[0] for block in blocks])
    ours = np.isin(starts, [block[0] for block in main.blocks])
    at = np.maximum(np.searchsorted(starts, filled, side="right") - 1, 0)  # the block that a record is in, or below
    inside = ours[at] & (ours[np.minimum(at + 1, len(ours) - 1)] | ~empty[filled])  # empty rows above another table are no rows
    return filled[(filled >= begin) & (filled <= end) & inside], tuple(said), apart


def _apart(part: _Part, first: np.ndarray, last: np.ndarray, above: bool) -> list[Apart]:
    """The lines of a further table, block by block: rows of another may stand between them."""
    rows, at, found = part.rows, int(first[part.blocks[0][0]]), []
    for block in part.blocks:
        said = "" if found else said_of(part.names, at, rows, above)
        lines = tuple(int(first[i]) for i in block)
        found.append(Apart(lines, (lines[0], int(last[block[-1]])), "a line of another table", said))
    return found


def said_of(names: tuple[str, ...], line: int, lines: int, above: bool) -> str:
    """What is said of another table that begins at a line."""
    return (
        f"{'Above' if above else 'Below'} this table, from line {line:,}, stands another one with the columns {listed(names)}: its "
        f"{count(lines, 'line')} {'was' if lines == 1 else 'were'} set aside. Put it into a file of its own to read it."
    )


def without_gaps_behind(cells: list[str]) -> list[str]:
    """A row down to its last cell with a value."""
    filled = [i for i, cell in enumerate(cells) if cell]
    return cells[: filled[-1] + 1] if filled else []


def goes_back(
    rows: list[list[str]], above: list[list[str]], names: tuple[str, ...], before: list[tuple[tuple[str, ...], list[list[str]]]]
) -> tuple[str, ...]:
    """The names of the last table before this one that rows without names go on with; none where they may be of this one."""
    if not rows or not names or fits(rows, above, names):
        return ()
    return next((known for known, end in reversed(before) if known and fits(rows, end, known)), ())


def fits(rows: list[list[str]], above: list[list[str]], names: tuple[str, ...]) -> bool:
    """Whether rows may go on with a table: none is wider, most are as wide, and there are numbers where it has nothing else."""
    if any(len(row) > len(names) for row in rows) or 2 * sum(len(row) == len(names) for row in rows) < len(rows):
        return False
    typed = _typed_columns(above, names)
    cells = [row[j] for row in rows for j in typed if len(row) > j and row[j]]
    return not typed or typed_share([[], *([cell] for cell in cells)]) > 0.5


def names_behind_a_gap(rows: list[list[str]], above: list[list[str]], names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a table that begins with these rows, below the rows `above` of one with the given `names`; none where
    the rows go on with that."""
    top = names_of_a_table(rows)
    found = tuple(rows[top]) if top is not None else ()
    if not found and len(rows) > 1 and _never_fits(rows, above, names):
        top, found = 0, tuple(rows[0])
    return () if top == 0 and found != names and _goes_on(found, above, names) else found


def names_of_a_table(rows: list[list[str]]) -> int | None:
    """Which of the first rows between two blank lines holds names: words above rows with values that are no wider."""
    top = next((i for i, row in enumerate(rows[: MOST_TITLE + 1]) if sum(map(bool, row)) > 1), None)
    if top is None or len(rows) < top + 2 or _is_form(rows[top:]):
        return None
    names, below = rows[top], rows[top + 1 :]
    words = [name for name in names if not re.fullmatch(r"\d{4}", name)]
    if not all(names[1:]) or len(set(names)) < len(names) or not words or any(typed_share([[], [w]]) for w in words if w):
        return None
    if any(word.lower() in MISSING[1:] for word in words) or any(len(row) > len(names) for row in below):
        return None
    values = [cell for row in below for cell in row if cell]
    return top if typed_share([[], *([value] for value in values)]) > 0 else None


def _goes_on(words: tuple[str, ...], above: list[list[str]], names: tuple[str, ...]) -> bool:
    """Whether words may be a row of the table above: as wide, and hardly ever above numbers."""
    return len(words) == len(names) and len(_typed_columns(above, names)) < min(2, len(words))


def _never_fits(rows: list[list[str]], above: list[list[str]], names: tuple[str, ...]) -> bool:
    """Whether all rows are as wide as the table above and have words in every column where that has none but numbers."""
    typed = _typed_columns(above, names)
    if len(typed) < 2 or any(len(row) != len(names) or not all(row) for row in rows):
        return False
    return typed_share([[], *([row[j]] for row in rows for j in typed)]) == 0


def _typed_columns(rows: list[list[str]], names: tuple[str, ...]) -> list[int]:
    """The columns that hold nothing but numbers, dates and times below their names."""
    columns = [[row[j] for row in rows if len(row) > j and row[j] and row[j] != names[j]] for j in range(len(names))]
    return [j for j, cells in enumerate(columns) if cells and typed_share([[], *([cell] for cell in cells)]) == 1]


def _is_form(rows: list[list[str]]) -> bool:
    """Lines of a word with a colon and what it is, as above statements of a bank."""
    return sum(row[0].endswith(":") for row in rows if row) > len(rows) / 2
