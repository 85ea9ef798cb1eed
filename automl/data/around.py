"""What stands above, between and below the rows of a table: titles, rules, units, remarks, other tables."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import numpy as np

from automl.data.header import typed_share
from automl.data.scan import Records, cells_of
from automl.data.words import count, listed
from automl.types import BadRow

MAX_PREAMBLE = 30  # title lines above the header, and remarks below the table
MIN_ROWS = 3  # above remarks
RULE = re.compile(r"[+|: ]*[-=_]{3}[-=_+|: ]*")  # dashes that frame a table of text
MISSING = ("", "-", "--", ".", "?", "na", "n/a", "nan", "null", "none", "unknown")  # rather than a unit
LONGEST_UNIT = 20  # characters
SHOWN_BAD = 1000  # rows set aside that are remembered with their text
SHOWN_TEXT = 500  # characters of it


@dataclass(frozen=True)
class Apart:
    """Lines that are rows of something else: where each begins, the first and last line, why, and what is said of it."""

    lines: tuple[int, ...]
    span: tuple[int, int]
    reason: str
    said: str


def rules(data: bytes, records: Records) -> np.ndarray:
    """Records that are rules of dashes, as around tables in text, and the mark that DOS put at the end of a file."""
    found = []
    if b"---" in data or b"===" in data or b"___" in data:
        ends = records.ends
        starts = (m.start() for m in re.finditer(rb"(?m)^[+|: ]*[-=_]{3}[-=_+|: ]*\r?$", data))
        found = [int(i) for i in np.searchsorted(ends, np.fromiter(starts, dtype=np.int64), side="right") if i < len(ends)]
    if data.rstrip(b"\r\n").endswith(b"\n\x1a"):
        found.append(int(np.flatnonzero(~records.blank)[-1]))
    return np.unique(np.array(found, dtype=np.int64))


def rule_below_names(rows: dict[int, list[str]], top: int) -> list[int]:
    """The rule under the names, where it stands in cells of its own as in Markdown."""
    return [
        i for i, cells in rows.items() if i > top and re.fullmatch(r":?-{2,}:?", next(filter(None, cells), ""))
        and all(re.fullmatch(r"(:?-{2,}:?)?", cell) for cell in cells)
    ][:1]  # fmt: skip


def units_below_names(rows: dict[int, list[str]], top: int) -> int | None:
    """The row under the names, where it says what numbers are in: words above numbers, nothing above other things."""
    places = [i for i in sorted(rows) if i > top and any(rows[i])]
    width = len(rows[top])
    below = [rows[i] for i in places[1:] if len(rows[i]) == width]
    if len(below) < MIN_ROWS or len(rows[places[0]]) != width or width < 2:
        return None
    words = [j for j, cell in enumerate(rows[places[0]]) if cell.strip("-")]
    for j in words:
        cell, values = rows[places[0]][j], [row[j] for row in below if row[j]]
        unit = len(cell) <= LONGEST_UNIT and cell.strip("[]()").lower() not in MISSING and not re.search(r"\d{3}", cell)
        if not unit or typed_share([[], [cell]]) > 0 or not values or typed_share([[], *([v] for v in values)]) < 1:
            return None
    return places[0] if words else None


def units(cells: list[str], line: int) -> Apart:
    """The row of units as lines that are set aside."""
    said = f"The row under the names, line {line:,}, says what numbers are in ({listed(filter(None, cells))}): it was set aside."
    return Apart((line,), (line, line), "units rather than values", said)


def set_aside(data: bytes, apart: list[Apart]) -> list[BadRow]:
    """Lines of something else, each with its reason and text."""
    if not apart:
        return []
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [
        BadRow(line, a.reason, lines[line - 1][:SHOWN_TEXT]) for a in apart for line in a.lines[:SHOWN_BAD]
    ]  # fmt: skip


def remarks_below(
    data: bytes, records: Records, filled: np.ndarray, width: int, delimiter: str, quoting: bool
) -> tuple[list[int], list[int]]:
    """Rows at the end that have their first cell only, under an empty row, and the empty rows: remarks, as sheets pad them."""
    below: list[int] = []
    apart: list[int] = []
    for i in map(int, filled[: -1 - MAX_PREAMBLE : -1] if width > 2 else ()):
        cells = cells_of(data, records, i, delimiter, quoting)
        if len(cells) != width or any(cells[1:]):
            break
        (below if cells[0] else apart).append(i)
    gap = next((i for i in apart if i < min(below, default=0)), None)
    blank = bool(below) and min(below) > 0 and bool(records.blank[min(below) - 1])
    return (below, apart) if blank or gap is not None else ([], [])


def same_record(data: bytes, records: Records, top: int, body: np.ndarray) -> np.ndarray:
    """Records that say the header once more, as in files that were put behind one another."""
    header = data[records.starts[top] : records.ends[top]].rstrip(b"\r\n")
    if data.count(header) < 2:
        return body[:0]
    sizes = records.ends[body] - records.starts[body] - len(header)
    same = [
        i for i in body[(sizes >= 0) & (sizes <= 2)] if data[records.starts[i] : records.ends[i]].rstrip(b"\r\n") == header
    ]
    return np.array(same, dtype=np.int64)


def skip_preamble(
    filled: np.ndarray, rows: dict[int, list[str]], width: int, named: bool
) -> tuple[int, tuple[str, ...]]:
    """Title and comment lines above a table: much narrower than it, marked with #, or (where names follow)
    padded to its width."""
    if named and (title := _padded_title(filled, rows, width)):
        said = (" ".join(filter(None, rows[int(i)])) for i in filled[:title])
        return int(filled[title]), tuple(filter(None, said))
    preamble: list[str] = []
    for place, (i, following) in enumerate(zip(filled[:MAX_PREAMBLE], filled[1:], strict=False)):
        cells, full = rows[int(i)], sum(bool(c) for c in rows[int(i)])
        below = sum(bool(c) for c in rows[int(following)])
        narrow = full <= max(1, width // 3) and len(cells) < width - (full > 1)
        padded = named and len(cells) == width > 1 and full == 1 and bool(cells[0]) and below > width / 2
        padded = padded and not typed_share([[], [c for c in rows[int(following)] if c]])
        if padded and width == 2:  # above two names rather than a name without a second one
            values = rows.get(int(filled[place + 2]), []) if place + 2 < len(filled) else []
            padded = not typed_share([[], rows[int(following)]]) and 0 < typed_share([[], values]) < 1
        comment = cells[0].startswith("#") and (len(cells) != width or _names_below(filled, rows, place))
        if width < 2 or not (narrow or padded or comment):
            return int(i), tuple(preamble)
        preamble.append(" ".join(c for c in cells if c))
    return int(filled[0]), ()


def _names_below(filled: np.ndarray, rows: dict[int, list[str]], place: int) -> bool:
    """Whether the next row that is no comment holds names: words above rows with other things."""
    below = [rows[int(i)] for i in filled[place + 1 :] if int(i) in rows]
    below = below[next((n for n, cells in enumerate(below) if not cells[0].startswith("#")), len(below)) :]
    return len(below) > 1 and not typed_share([[], below[0]]) and typed_share([[], *below[1:3]]) > 0


def _padded_title(filled: np.ndarray, rows: dict[int, list[str]], width: int) -> int:
    """How many rows stand above a row of empty cells under which a full row of words comes: a title, as Excel pads it."""
    for place, (i, following) in enumerate(itertools.pairwise(filled[:MAX_PREAMBLE])):
        if any(rows[int(i)]):
            if len(rows[int(i)]) == width and all(rows[int(i)]):
                return 0
            continue
        below = rows.get(int(following), [])
        if place and len(below) == width > 1 and all(below) and not typed_share([[], below]):
            return place + 1
    return 0


MOST_CLOSING = 5  # lines below a blank one at the end, such as the balance of an account
LEAST_ABOVE = 3  # rows


def closing_lines(
    data: bytes, records: Records, filled: np.ndarray, width: int, delimiter: str, quoting: bool
) -> list[Apart]:
    """Lines below a blank one at the end that begin with words where all rows above begin with dates or numbers, and have gaps."""
    gaps = np.cumsum(records.blank)[filled]
    last = filled[gaps == gaps[-1]] if len(filled) else filled
    above = filled[gaps < gaps[-1]] if len(filled) else filled
    if width < 2 or not len(last) <= MOST_CLOSING or len(above) < LEAST_ABOVE:
        return []
    begins = [cells_of(data, records, int(i), delimiter, quoting)[:1] for i in above[-LOOKED_AT:]]
    rows = [cells_of(data, records, int(i), delimiter, quoting) for i in last]
    if not all(row[0] for row in begins) or typed_share([[], *begins]) < 1:
        return []
    if any(len(row) != width or all(row) or not row[0] or typed_share([[], row[:1]]) > 0 for row in rows):
        return []
    lines = tuple(int(records.lines[i]) for i in last)
    which = f"Line {lines[0]:,}" if len(lines) == 1 else f"Lines {lines[0]:,} to {lines[-1]:,}"
    said = f"{which} below the table ({listed(row[0] for row in rows)}) {'is no row' if len(lines) == 1 else 'are no rows'} of it: set aside."
    return [Apart(lines, (lines[0], lines[-1]), "below the table, no row of it", said)]


# --- tables one below the other ----------------------------------------------------------


@dataclass
class _Part:
    """Records from one blank line to another that belong together, and the names of their columns."""

    blocks: list[np.ndarray]
    names: tuple[str, ...] = ()
    top: int = 0  # the record with the names

    @property
    def rows(self) -> int:
        return sum(map(len, self.blocks))


MOST_BLOCKS = 200  # between blank lines; of more, they separate rows of one table
LOOKED_AT = 30  # rows of each
MOST_TITLE = 3  # lines above the names of a further table


def tables(
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
        found = cells_of(data, records, i, delimiter, quoting)
        while found and not found[-1]:
            found.pop()
        return found

    looked = [[cells(int(i)) for i in block[:LOOKED_AT]] for block in blocks]
    parts: list[_Part] = []
    for block, rows in zip(blocks, looked, strict=True):
        top = _names_of_a_table(rows)
        names = tuple(rows[top]) if top is not None else ()
        above = [row for part in parts[-1:] for b in part.blocks for row in map(cells, map(int, b[-LOOKED_AT:]))]
        if not parts or (names and names != parts[-1].names and not (top == 0 and _goes_on(names, above, parts[-1].names))):
            parts.append(_Part([block], names, int(block[top or 0])))
        else:
            parts[-1].blocks.append(block)
    if len(parts) == 1:
        return filled, (), []
    named = [part for part in parts if part.names]
    main = parts[-1] if open_end else max(named, key=lambda part: part.rows)
    first = parts[0]
    if not first.names and not open_end and first.rows > 2 * main.rows and not _is_form(looked[0]):
        main = first
    said = [] if first.names or first is main else [" ".join(filter(None, cells(int(i)))) for b in first.blocks for i in b]
    others = [part for part in parts if part is not main and (part.names or part is not first)]
    begin, end = int(main.blocks[0][0]), int(main.blocks[-1][-1])
    last = np.append(records.lines[1:], records.lines[-1] + 1) - 1
    apart = [_apart(part, records.lines, last, above=part.top < begin) for part in others]
    return filled[(filled >= begin) & (filled <= end)], tuple(said), apart


def _apart(part: _Part, first: np.ndarray, last: np.ndarray, above: bool) -> Apart:
    lines = tuple(int(first[i]) for block in part.blocks for i in block)
    where = "Above" if above else "Below"
    said = (
        f"{where} this table, from line {lines[0]:,}, stands another one with the columns {listed(part.names)}: its "
        f"{count(len(lines), 'line')} {'was' if len(lines) == 1 else 'were'} set aside. Put it into a file of its own to read it."
    )
    return Apart(lines, (lines[0], int(last[part.blocks[-1][-1]])), "a line of another table", said)


def _names_of_a_table(rows: list[list[str]]) -> int | None:
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
    if len(words) != len(names):
        return False
    columns = [[row[j] for row in above if len(row) > j and row[j] and row[j] != names[j]] for j in range(len(words))]
    typed = sum(bool(column) and typed_share([[], *([v] for v in column)]) == 1 for column in columns)
    return typed < min(2, len(words))


def _is_form(rows: list[list[str]]) -> bool:
    """Lines of a word with a colon and what it is, as above statements of a bank."""
    return sum(row[0].endswith(":") for row in rows if row) > len(rows) / 2
