"""What stands above, between and below the rows of a table: titles, rules, units, remarks."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import numpy as np

from automl.data.header import names_in_two_rows, typed_share
from automl.data.scan import Records, cells_of, line_count
from automl.data.words import listed
from automl.types import BadRow

MAX_PREAMBLE = 100  # title lines above the header, and remarks below the table
MIN_ROWS = 3  # above remarks
RULE = re.compile(r"[+|: ]*[-=_]{3}[-=_+|: ]*")  # dashes that frame a table of text
RULES = re.compile(rb"(?m)^[+|: ]*[-=_]{3}[-=_+|: ]*\r?$")
RULED = b"---", b"===", b"___"
COMMENT = "a comment"
CLOSING = "below the table, no row of it"
MISSING = ("", "-", "--", ".", "?", "na", "n/a", "nan", "null", "none", "unknown")  # rather than a unit
LONGEST_UNIT = 20  # characters
LOOKED_AT = 30  # rows, of many
MOST_CLOSING = 5  # lines below a blank one at the end, such as the balance of an account
LEAST_ABOVE = 3  # rows above these
SHOWN_BAD = 1000  # rows set aside that are remembered with their text
SHOWN_TEXT = 500  # characters of it


@dataclass(frozen=True)
class Apart:
    """Lines that are rows of something else: where each begins, the first and last line, why, and what is said of it."""

    lines: tuple[int, ...]
    span: tuple[int, int]
    reason: str
    said: str


def has_any(data: bytes, *marks: bytes) -> bool:
    """Whether one of the marks is in a large block: its single bytes are looked for first, which takes far less time.

    >>> has_any(b"a,b", b"---", b"> "), has_any(b"a,b\\n---,---", b"---")
    (False, True)
    """
    return any(all(mark[i : i + 1] in data for i in range(len(mark))) and _may_have(data, mark) and mark in data for mark in marks)


def _may_have(data: bytes, mark: bytes) -> bool:
    """Whether the first two bytes of a mark stand beside each other."""
    values = np.frombuffer(data, dtype=np.uint8)
    first = values == mark[0]
    second = first if mark[1] == mark[0] else values == mark[1]
    return bool((first[:-1] & second[1:]).any())


def rules(data: bytes, records: Records) -> np.ndarray:
    """Records that are rules of dashes, as around tables in text, and the mark that DOS put at the end of a file."""
    found = []
    if has_any(data, *RULED):
        ends = records.ends
        starts = (m.start() for m in RULES.finditer(data))
        found = [int(i) for i in np.searchsorted(ends, np.fromiter(starts, dtype=np.int64), side="right") if i < len(ends)]
    if data.rstrip(b"\r\n").endswith(b"\n\x1a"):
        found.append(int(np.flatnonzero(~records.blank)[-1]))
    return np.unique(np.array(found, dtype=np.int64))


PROMPT = re.compile(rb"(?m)^(?:SQL|mysql|sqlite|MariaDB \[[^\]]*\]|\w{1,30}=[#>])>? [^\r\n]*\r?$")
PROMPTED = b"> ", b"=# "
_ERROR = re.compile(rb"#(?:N/?[AV]|REF!|DIV/0!|NAME\?|NUM!|VALUE!|NULL!|WERT!|BEZUG!|ZAHL!|VALEUR!)")
MOST_COMMENTS = 0.3  # share of the rows; of more that begin with a number sign, it is part of a value


def comments(data: bytes, records: Records, table: np.ndarray, delimiter: str, quoting: bool) -> tuple[np.ndarray, str]:
    """Records among the rows that begin with a number sign or what a shell of SQL asks with, and which the former are.

    "spaced" ones have a space behind the sign, "all" have not where else numbers and dates stand in the first column. Those above
    the first row without may be titles and names.
    """
    if not len(table):
        return table, ""
    signs = np.frombuffer(data, dtype=np.uint8)[records.starts[table]] == 35
    first = int(np.argmin(signs)) if not signs.all() else len(table)
    kind = ""
    if signs[first:].sum() <= MOST_COMMENTS * len(table):
        begins = [cells_of(data, records, int(i), delimiter, quoting)[0] for i in table[first:][~signs[first:]][1 : LOOKED_AT + 1]]
        typed = bool(begins) and typed_share([[], *([cell] for cell in begins if cell)]) == 1
        kind = "all" if typed else "spaced"
    found = commented_out(data, records, kind)
    return np.intersect1d(table[first:], np.flatnonzero(found)), kind


def commented_out(data: bytes, records: Records, kind: str) -> np.ndarray:
    """Which records are comments of a kind, or begin as what is typed into a shell of SQL."""
    found = np.zeros(len(records.starts), dtype=bool)
    if not data:
        return found
    for i in np.flatnonzero(np.frombuffer(data, dtype=np.uint8)[records.starts] == 35) if kind else ():
        record = data[records.starts[i] : records.starts[i] + 12]
        found[i] = record[1:2] in (b" ", b"\t", b"!", b"#") or kind == "all" and not _ERROR.match(record)
    if has_any(data, *PROMPTED):
        begins = np.array([m.start() for m in PROMPT.finditer(data)], dtype=np.int64)
        found[np.flatnonzero(np.isin(records.starts, begins))] = True
    return found


def commented(records: Records, found: np.ndarray) -> list[Apart]:
    """Comments as lines that are set aside."""
    lines = [int(line) for line in records.lines[found]]
    said = comments_said(lines)
    return [Apart((line,), (line, line), COMMENT, "" if n else said) for n, line in enumerate(lines)]


def comments_said(lines: list[int]) -> str:
    """What is said of lines that are comments."""
    shown = ", ".join(f"{line:,}" for line in lines[:5]) + (f" and {len(lines) - 5:,} more" if lines[5:] else "")
    return f"{len(lines):,} {'line is a comment' if len(lines) == 1 else 'lines are comments'}, no rows, and set aside: line{'s' if lines[1:] else ''} {shown}."


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


def import_ids(rows: dict[int, list[str]], top: int) -> list[int]:
    """Rows under the names down to one of import ids, as survey tools write them: questions and ids, no answers."""
    below = [i for i in sorted(rows) if i > top and any(rows[i])][:3]
    at = next((n for n, i in enumerate(below) if all(cell.startswith('{"ImportId"') for cell in rows[i] if cell)), None)
    return below[: at + 1] if at is not None else []


def descriptions(found: list[int], lines: np.ndarray) -> Apart:
    """Rows of questions and ids as lines that are set aside."""
    numbers = tuple(int(lines[i]) for i in found)
    where = f"Line {numbers[0]:,} under the names describes" if len(found) == 1 else f"Lines {numbers[0]:,} to {numbers[-1]:,} under the names describe"
    said = f"{where} the columns, as survey tools write it, and {'was' if len(found) == 1 else 'were'} set aside."
    return Apart(numbers, (numbers[0], numbers[-1]), "says what columns are, no values", said)


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


def holds_nothing(data: bytes, records: Records, i: int, delimiter: str, quoting: bool) -> bool:
    """Whether a record has several cells and none of them holds anything but spaces."""
    if records.fields[i] < 2:
        return False
    record = data[records.starts[i] : records.ends[i]]
    if record.translate(None, delimiter.encode() + b' \t\r\n"'):
        return False
    return b'"' not in record or not any(cells_of(data, records, i, delimiter, quoting))


def hollow(data: bytes, records: Records, delimiter: str, quoting: bool) -> np.ndarray:
    """Which records have several cells that all hold nothing."""
    found = np.zeros(len(records.starts), dtype=bool)
    if not data:
        return found
    nothing = np.frombuffer(delimiter.encode() + b' \t"', dtype=np.uint8)
    starts = np.frombuffer(data, dtype=np.uint8)[records.starts]
    for i in np.flatnonzero(np.isin(starts, nothing) & (records.fields > 1)):
        found[i] = holds_nothing(data, records, int(i), delimiter, quoting)
    return found


def without_foot(
    data: bytes, records: Records, filled: np.ndarray, delimiter: str, quoting: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The records down to the last one that holds a value, and those below it: rows of mere separators, as sheets are
    written down to the last row that was ever used. Empty quotes are cells that a program wrote."""
    end = len(filled)
    while end and holds_nothing(data, records, (last := int(filled[end - 1])), delimiter, quoting):
        if b'"' in data[records.starts[last] : records.ends[last]]:
            break
        end -= 1
    return filled[:end], filled[end:]


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
        if named and len(cells) == width and full == 1 and cells[0] and not padded:  # above names over two rows
            padded = names_in_two_rows([rows[int(j)] for j in filled[place + 1 :] if int(j) in rows] or [[]]) is not None
        if width < 2 or not (narrow or padded or comment):
            return int(i), tuple(preamble)
        preamble.append(" ".join(c for c in cells if c))
    return int(filled[0]), ()


def below_comments(data: bytes, records: Records, filled: np.ndarray) -> np.ndarray:
    """The records below several that begin with a number sign at the top; all, where that leaves hardly any."""
    top = next((n for n, i in enumerate(filled[:MAX_PREAMBLE]) if data[records.starts[i] : records.starts[i] + 1] != b"#"), 0)
    return filled[top:] if top > 1 and len(filled) > top + 1 else filled


def title_above(
    records: Records, filled: np.ndarray, rows: dict[int, list[str]], top: int, width: int
) -> tuple[int, str] | None:
    """Where a row of another width stands above a blank line and names, as lists of SAP begin: the names, and what it says."""
    place = int(np.searchsorted(filled, top))
    if place + 2 >= len(filled) or not records.blank[top + 1] or records.fields[top] == width:
        return None
    names, below = rows.get(int(filled[place + 1]), []), rows.get(int(filled[place + 2]), [])
    words = [name for name in names if name]
    if len(names) != width or len(words) < max(2, width / 2) or typed_share([[], words]) or not typed_share([[], below]):
        return None
    return int(filled[place + 1]), " ".join(filter(None, rows[top]))


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


def closing_lines(
    data: bytes, records: Records, filled: np.ndarray, width: int, delimiter: str, quoting: bool
) -> list[Apart]:
    """Lines below a blank one at the end that begin with words where all rows above begin with dates or numbers, and have gaps.

    There may be several such groups, each below a blank line.
    """
    gaps = np.cumsum(records.blank)[filled]
    lines: tuple[int, ...] = ()
    words: list[str] = []
    while len(filled) and width > 1:
        last, above = filled[gaps == gaps[-1]], filled[gaps < gaps[-1]]
        if not len(last) <= MOST_CLOSING or len(above) < LEAST_ABOVE:
            break
        whole = last[records.fields[last] == width]  # others don't fit anyway
        rows = [cells_of(data, records, int(i), delimiter, quoting) for i in whole]
        if any(all(row) or not row[0] or typed_share([[], row[:1]]) > 0 for row in rows):
            break
        lines = (*(int(records.lines[i]) for i in whole), *lines)
        words = [*(row[0] for row in rows), *words]
        filled, gaps = above, gaps[: len(above)]
    begins = [cells_of(data, records, int(i), delimiter, quoting)[:1] for i in filled[-LOOKED_AT:]]
    if not lines or not all(row[0] for row in begins) or typed_share([[], *begins]) < 1:
        return []
    end = int(np.searchsorted(records.lines, lines[-1]))
    last_line = lines[-1] + line_count(data[records.starts[end] : records.ends[end]]) - 1
    return [Apart(lines, (lines[0], last_line), CLOSING, closing_said([*lines[:-1], last_line], words))]


def closing_said(lines: list[int], words: list[str]) -> str:
    """What is said of lines below the table, which begin with these words."""
    which = f"Line {lines[0]:,}" if len(words) == 1 else f"Lines {lines[0]:,} to {lines[-1]:,}"
    return f"{which} below the table ({listed(words)}) {'is no row' if len(words) == 1 else 'are no rows'} of it: set aside."
