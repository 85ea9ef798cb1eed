"""How a text file is laid out, before any value is read: delimiter, header, rows that don't fit."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from automl.data.header import fit_header, has_header, names_in_two_rows, typed_share
from automl.data.words import count, shorten
from automl.errors import DataError
from automl.types import BadRow

csv.field_size_limit(1 << 30)  # a cell may hold a whole document

DELIMITERS = (",", ";", "\t", "|")
SPACES = r"\s+"  # one or more spaces or tabs
RARE_DELIMITERS = ("~", "^", "\x1f", "\x01", "!", "#", ":", SPACES)  # believed where all lines agree
RARE_SHARE = 0.95
DELIMITER_WORDS = {
    ",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", SPACES: "spaces", "~": "tildes",
    "^": "carets", ":": "colons", "!": "exclamation marks", "#": "number signs",
    "\x01": "the character U+0001", "\x1f": "the character U+001F",
}  # fmt: skip
SHOWN_BAD = 1000  # rows set aside that are remembered with their text
SHOWN_TEXT = 500  # characters of it
NEVER_THERE = "\x02"  # the delimiter of a file with one column whose text holds all the others
SAMPLE_BYTES = 256_000  # enough to decide on encoding, delimiter and header
SAMPLE_ROWS = 500
MIN_CONSISTENT = 0.5  # a delimiter must give more than half of the sampled rows the same width
MOSTLY_FIT = 0.9  # from this share on, what leaves fewer lines above the table wins
MAX_SPAN = 1000  # lines that one quoted field may run over
MAX_PREAMBLE = 30  # title lines above the header, and remarks below the table
MIN_ROWS = 3  # above remarks
MAX_BAD_SHARE = 0.5  # more rows than this that don't fit: the file is no table


# --- records ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Records:
    """Where each record starts and ends (bytes), its fields, and its first line (from 1)."""

    starts: np.ndarray
    ends: np.ndarray  # behind the line end
    fields: np.ndarray
    lines: np.ndarray
    blank: np.ndarray
    tidy: bool  # quotes are used by the book


def scan(data: bytes, delimiter: str, quoting: bool = True) -> Records:
    """Count the fields of every record, quotes and line breaks inside them respected.

    Works on all bytes at once where quotes are used by the book; else walks line by line, so that
    a stray quote costs its own line and not those behind it.
    """
    body = np.frombuffer(data, dtype=np.uint8)
    breaks = _line_breaks(body, data)
    cuts = np.flatnonzero(body == ord(delimiter))
    line_breaks = breaks
    if quoting and b'"' in data:
        quotes = np.flatnonzero(body == 34)
        if not _by_the_book(body, quotes, ord(delimiter)):
            return _walk(data, delimiter, breaks)
        breaks = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
        cuts = cuts[np.searchsorted(quotes, cuts) % 2 == 0]
    ends = breaks + 1
    if not len(ends) or ends[-1] < len(body):
        ends = np.append(ends, len(body))
    starts = np.concatenate(([0], ends[:-1]))
    fields = np.diff(np.concatenate(([0], np.searchsorted(cuts, ends)))) + 1
    lines = np.searchsorted(line_breaks, starts) + 1
    records = Records(starts, ends, fields, lines, _blank(data, starts, ends, fields, delimiter), True)
    width = usual_width(records)
    long = (np.diff(np.append(lines, len(line_breaks) + 1)) > 1) & (fields != width)
    return _walk(data, delimiter, line_breaks, width) if quoting and long.any() else records


def usual_width(records: Records) -> int:
    """The number of fields that most records have."""
    fields = records.fields[~records.blank]
    return int(np.bincount(fields).argmax()) if len(fields) else 0


def _line_breaks(body: np.ndarray, data: bytes) -> np.ndarray:
    breaks = np.flatnonzero(body == 10)
    if b"\r" not in data:
        return breaks
    returns = np.flatnonzero(body == 13)
    behind = np.append(body[1:], 0)[returns]
    return np.union1d(breaks, returns[behind != 10])


def _by_the_book(body: np.ndarray, quotes: np.ndarray, delimiter: int) -> bool:
    """Every quote opens a field, closes one, or is doubled inside one."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    before = body[np.maximum(opening - 1, 0)]
    after = body[np.minimum(closing + 1, len(body) - 1)]
    edge = (delimiter, 10, 13, 34)
    return bool(
        (np.isin(before, edge) | (opening == 0)).all()
        and (np.isin(after, edge) | (closing == len(body) - 1)).all()
    )


def _blank(
    data: bytes, starts: np.ndarray, ends: np.ndarray, fields: np.ndarray, delimiter: str
) -> np.ndarray:
    blank = np.zeros(len(starts), dtype=bool)
    space = b" \r\n" if delimiter == "\t" else b" \t\r\n"
    for i in np.flatnonzero(fields == 1):
        blank[i] = not data[starts[i] : ends[i]].strip(space)
    return blank


def _walk(data: bytes, delimiter: str, breaks: np.ndarray, width: int | None = None) -> Records:
    """Records line by line with the csv module's rules; a record that spans lines and has the
    wrong width is taken for a stray quote: only its first line is given up."""
    edges = breaks + 1
    if not len(edges) or edges[-1] < len(data):
        edges = np.append(edges, len(data))
    begins = np.concatenate(([0], edges[:-1]))
    text = [data[a:b].decode("utf-8") for a, b in zip(begins, edges, strict=True)]
    if width is None:
        some = [line for line in text[:SAMPLE_ROWS] if line.strip()]
        widths = Counter(len(next(csv.reader([line], delimiter=delimiter), "")) for line in some)
        width = widths.most_common(1)[0][0] if widths else 1
    found: list[tuple[int, int, int]] = []  # first line, lines, fields (lines count from 0)
    while (at := found[-1][0] + found[-1][1] if found else 0) < len(text):
        found += _read_until_stray(text, at, delimiter, width)
    first, spans, fields = (np.array(part) for part in zip(*found, strict=True))
    starts, ends = begins[first], edges[first + spans - 1]
    return Records(starts, ends, fields, first + 1, _blank(data, starts, ends, fields, delimiter), False)


def _read_until_stray(text: list[str], at: int, delimiter: str, width: int) -> list[tuple[int, int, int]]:
    """Records from line `at` to the end, or to the first stray quote, which is included."""
    found: list[tuple[int, int, int]] = []
    used = begun = at

    def feed() -> Iterator[str]:
        nonlocal used
        while used < min(len(text), begun + MAX_SPAN):
            used += 1
            yield text[used - 1]

    for cells in csv.reader(feed(), delimiter=delimiter, strict=False):
        if used - begun > 1 and (len(cells) != width or _swallows(text[begun:used], delimiter, width)):
            alone = text[begun].count(delimiter) + 1
            return [*found, (begun, 1, alone if alone != width else width + 1)]
        found.append((begun, used - begun, max(len(cells), 1)))
        begun = used
    return found


def _swallows(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell that runs over these lines is a stray quote's: it isn't closed by the book, and each line below the
    first is a row by itself."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
        return False
    except csv.Error:
        return all(len(next(csv.reader([line], delimiter=delimiter), ())) == width for line in lines[1:])


# --- layout -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """How the text is laid out: enough to cut it into equal rows.

    `start` is the number of records above the first data row; `left_out` the lines (from 1) that
    are no data rows, which `drop_lines` removes where skipping by number would not be safe.
    """

    delimiter: str
    quoting: bool
    width: int
    header: tuple[str, ...] | None
    start: int
    first_line: int
    bad: tuple[tuple[int, int, int], ...] = ()  # line, last line, fields
    rows: int = 0
    blank: int = 0
    preamble: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())
    tidy: bool = True  # rows above the data can be skipped by their number
    set_aside: tuple[BadRow, ...] = ()  # the first of the bad rows
    mended: str = ""  # see `mend`
    dropped: tuple[int, ...] = ()  # lines that are no rows at all: a rule under the names, the end-of-file mark of DOS


def sniff_delimiter(data: bytes) -> str:
    """The delimiter that cuts most sampled rows into the same number of fields, at least two."""
    lines = _sample_lines(data)
    best: tuple[float, int, float, int] = (0.0, 0, 0.0, 0)
    chosen = None
    if _one_column_of_commas(lines):
        return NEVER_THERE
    for delimiter in DELIMITERS:
        rows = _rows(lines, delimiter)
        if not rows:
            continue
        width, hits = Counter(len(row) for row in rows).most_common(1)[0]
        fit = hits / len(rows)
        above = next(i for i, row in enumerate(rows) if len(row) == width)
        rank = (1.0 if fit >= MOSTLY_FIT else round(fit, 2), -above, typed_share(rows), width)
        if width > 1 and hits > MIN_CONSISTENT * len(rows) and rank > best:
            best, chosen = rank, delimiter
    if chosen := chosen or _delimiter_of_names(lines):
        return chosen
    return _rare_delimiter(lines) or next((d for d in DELIMITERS if d.encode() not in data), NEVER_THERE)


def _one_column_of_commas(lines: list[str]) -> bool:
    """A name, and below it nothing but numbers with a decimal comma."""
    first, *rest = [line.strip() for line in lines if line.strip()] or [""]
    named = not re.search(r"[,;\t|]", first) and not re.fullmatch(r"[\d.,+-]*", first)
    numbers = [bool(re.fullmatch(r"[+-]?\d+(,\d+)?", line)) for line in rest]
    return named and any("," in line for line in rest) and all(numbers)


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    """The cells of each record; a quote that is never closed costs its own line, as in `_walk`."""
    alone = Counter(len(row) for row in csv.reader((s for s in lines if s.count('"') % 2 == 0), delimiter=delimiter))
    usual = alone.most_common(1)[0][0] if alone else 0
    rows: list[list[str]] = []
    at = 0
    try:
        while at < len(lines):
            reader, begun = csv.reader(lines[at : at + MAX_SPAN], delimiter=delimiter), at
            for row in reader:
                if reader.line_num > at - begun + 1 and len(row) != usual:
                    rows.append(lines[at].rstrip("\r\n").split(delimiter))
                    at += 1
                    break
                rows.append(row)
                at = begun + reader.line_num
    except csv.Error:
        return []
    return [row for row in rows if any(c.strip() for c in row)]


def _delimiter_of_names(lines: list[str]) -> str | None:
    """What separates short words in the first line and stands in most lines: a table, but a broken one."""
    for delimiter in DELIMITERS:
        rows = _rows(lines, delimiter)
        cells = rows[0] if rows else []
        words = all(0 < len(c) <= 40 and c[0] != " " for c in cells)
        if len(cells) > 1 and words and sum(len(row) > 1 for row in rows) > len(rows) / 2:
            return delimiter
    return None


def _rare_delimiter(lines: list[str]) -> str | None:
    """A mark that is common in text too: every line must have it as often, and names must stand on top."""
    for delimiter in RARE_DELIMITERS:
        if delimiter == SPACES:
            rows = _rows([" ".join(line.split()) for line in lines], " ")
        else:
            rows = _rows(lines, delimiter)
        if len(rows) < 3:
            continue
        width, hits = Counter(len(row) for row in rows).most_common(1)[0]
        named = len(rows[0]) == width and not typed_share([[], rows[0]])
        typed = typed_share(rows)
        if width > 1 and hits >= RARE_SHARE * len(rows) and (named and typed > 0 or width > 2 and typed > 0.5):
            return delimiter
    return None


def one_space(data: bytes) -> bytes:
    """Runs of spaces and tabs as one space, none at the ends of lines."""
    return re.sub(rb"(?m)^ | (?=\r?$)", b"", re.sub(rb"[ \t]+", b" ", data))


def _sample_lines(data: bytes) -> list[str]:
    head = data[:SAMPLE_BYTES]
    text = head.decode("utf-8", "ignore")
    lines = io.StringIO(text, newline="").readlines()
    if len(data) > len(head) and len(lines) > 1:
        lines = lines[:-1]
    return lines[:SAMPLE_ROWS]


def lay_out(
    data: bytes,
    name: str,
    delimiter: str | None = None,
    header: bool | None = None,
    quoting: bool | None = None,
    mended: str | None = None,
) -> Layout:
    """Find delimiter, header and the rows that don't fit.

    Raises
    ------
    DataError
        If the text is no table, or has a header and nothing else.
    """
    delimiter = sniff_delimiter(data) if delimiter is None else delimiter
    if delimiter == SPACES:
        return replace(lay_out(one_space(data), name, " ", header, quoting, mended), delimiter=SPACES)
    data = mend(data, mended or "", delimiter)
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise DataError(f"'{delimiter}' can't separate columns. Give one character, such as a comma or 'tab'.")
    remarks = []
    if mended is None and b"\n\xef\xbb\xbf" in data:
        mended = "marks"
        data = mend(data, mended, delimiter)
        remarks.append(mended)
    records = scan(data, delimiter, quoting is not False)
    if quoting is not False and mended is None and not records.tidy:
        for how in MENDS:
            better = mend(data, how, delimiter)
            if better != data and (found := scan(better, delimiter)).tidy and _misfit(found) <= _misfit(records):
                data, records, mended = better, found, how
                remarks.append(how)
                break
    if quoting is None:
        quoting = True
        if not records.tidy:
            plain = scan(data, delimiter, False)
            opening = data.count(f'{delimiter}"'.encode()) + data.count(b'\n"')
            rare = opening < 0.05 * len(records.fields)  # quotes hardly ever open a field: mere inch marks
            if rare and _misfit(plain) < min(_misfit(records), 0.01):
                records, quoting = plain, False
                remarks.append("quotes")
    filled = np.flatnonzero(~records.blank)
    if not len(filled):
        raise DataError(f"'{name}' holds nothing but blank lines. Export it again or choose another file.")
    width = usual_width(records)
    rows = {int(i): _cells(data, records, i, delimiter, quoting) for i in filled[: MAX_PREAMBLE + 20]}
    top, preamble = _skip_preamble(filled, rows, width, named=header is not False)
    cells = rows[top]
    named = has_header(cells, [r for i, r in rows.items() if i > top]) if header is None else header
    start = top + 1 if named else top
    names = tuple(_cells(data, records, top, delimiter, quoting, strip=False)) if named else None
    if names and (both := names_in_two_rows([rows[i] for i in sorted(rows) if i >= top and any(rows[i])])):
        names, start = both, next(i for i in sorted(rows) if i > top and any(rows[i])) + 1
        remarks.append("two_rows")
    below, apart = _remarks_below(data, records, filled[filled > top + MIN_ROWS], width, delimiter, quoting)
    if below:
        fields = records.fields.copy()
        fields[below] = 1  # one cell is filled: as many as such a line has where it is not padded
        records = replace(records, fields=fields)
    dropped = [*_no_rows(data, records, filled, rows, top), *apart]
    body = np.flatnonzero(~records.blank & (np.arange(len(records.fields)) >= start))
    body = body[~np.isin(body, dropped)]
    if not len(body):
        raise DataError(f"'{name}' has column names but no rows. Add rows or choose another file.")
    if names is not None:
        width, names, extra = fit_header(records.fields[body], names, rows, top, width)
        remarks += extra
    again = _same_record(data, records, top, body) if named and width > 1 else body[:0]
    if header is None and len(again) > MAX_BAD_SHARE * len(body):
        return lay_out(data, name, delimiter, False, quoting, mended)  # a row that is there again and again: values
    misfits = np.union1d(body[records.fields[body] != width], again)
    if len(misfits) > MAX_BAD_SHARE * len(body):
        if len(cells) > 1 and (records.fields[body] != len(cells)).any():
            width = len(cells)
            misfits = body[records.fields[body] != width]
        line = data[records.starts[misfits[0]] : records.ends[misfits[0]]].decode("utf-8", "replace")
        raise DataError(
            f"'{name}' is no table: {count(len(misfits), 'row')} of {len(body):,} don't have the "
            f"{count(width, 'field')} that its first row has, first line {records.lines[misfits[0]]}: "
            f"{shorten(line, 60)}. Check the separators and quotes."
        )
    last = np.append(records.lines[1:], _line_count(data) + 1) - 1
    bad = tuple((int(records.lines[i]), int(last[i]), int(records.fields[i])) for i in misfits)
    shown = tuple(
        bad_row(int(records.lines[i]), data[records.starts[i] : records.ends[i]], int(records.fields[i]), width)
        for i in misfits[:SHOWN_BAD]
    )
    blanks = int(records.blank[start:].sum())
    first_line = int(records.lines[start]) if start < len(records.lines) else 1
    return Layout(
        delimiter, quoting, width, names, start, first_line, bad, len(body) - len(misfits),
        blanks, preamble, tuple(remarks),
        records.tidy and not re.search(rb"\r(?!\n)", data),  # pandas loses a delimiter behind a lone CR
        shown, mended or "", tuple(int(records.lines[i]) for i in dropped),
    )  # fmt: skip


MENDS = ("escaped", "spaced")


def mend(data: bytes, how: str, delimiter: str) -> bytes:
    """Quotes as the csv module wants them: `escaped` ones were written \\" , `spaced` ones stand behind a space.

    `marks` of the encoding at the start of lines, as in files put behind one another, are left out.
    """
    match how:
        case "escaped":
            return data.replace(b'\\"', b'""')
        case "spaced":
            return re.sub(rb'(%s) +(?=")' % re.escape(delimiter.encode()), rb"\1", data)
        case "marks":
            return re.sub(rb"(?m)^\xef\xbb\xbf", b"", data)
        case _:
            return data


def bad_row(line: int, text: bytes, fields: int, width: int) -> BadRow:
    """A record that does not fit, with the reason in words."""
    shown = text.decode("utf-8", "replace").rstrip("\r\n")
    if fields == width:
        reason = "the column names once more"
    elif text.count(b'"') % 2:
        reason = "a quotation mark that is never closed"
    else:
        reason = f"{count(fields, 'cell')} instead of {width:,}"
    return BadRow(line, reason, shown if len(shown) <= SHOWN_TEXT else shown[: SHOWN_TEXT - 1] + "…")


def _same_record(data: bytes, records: Records, top: int, body: np.ndarray) -> np.ndarray:
    """Records that say the header once more, as in files that were put behind one another."""
    header = data[records.starts[top] : records.ends[top]].rstrip(b"\r\n")
    if data.count(header) < 2:
        return body[:0]
    sizes = records.ends[body] - records.starts[body] - len(header)
    same = [
        i for i in body[(sizes >= 0) & (sizes <= 2)] if data[records.starts[i] : records.ends[i]].rstrip(b"\r\n") == header
    ]
    return np.array(same, dtype=np.int64)


def _no_rows(
    data: bytes, records: Records, filled: np.ndarray, rows: dict[int, list[str]], top: int
) -> list[int]:
    """The rule under the names of a table in Markdown, and the mark that DOS put at the end of a file."""
    found = [
        i for i in filled if i in rows and i > top and re.fullmatch(r":?-{2,}:?", next(filter(None, rows[i]), ""))
        and all(re.fullmatch(r"(:?-{2,}:?)?", cell) for cell in rows[i])
    ][:1]  # fmt: skip
    final = int(filled[-1])
    if data[records.starts[final] : records.ends[final]].strip() == b"\x1a":
        found.append(final)
    return [int(i) for i in found]


def _remarks_below(
    data: bytes, records: Records, filled: np.ndarray, width: int, delimiter: str, quoting: bool
) -> tuple[list[int], list[int]]:
    """Rows at the end that have their first cell only, under an empty row, and the empty rows: remarks, as sheets pad them."""
    below: list[int] = []
    apart: list[int] = []
    for i in map(int, filled[: -1 - MAX_PREAMBLE : -1] if width > 2 else ()):
        cells = _cells(data, records, i, delimiter, quoting)
        if len(cells) != width or any(cells[1:]):
            break
        (below if cells[0] else apart).append(i)
    gap = next((i for i in apart if i < min(below, default=0)), None)
    blank = bool(below) and min(below) > 0 and bool(records.blank[min(below) - 1])
    return (below, apart) if blank or gap is not None else ([], [])


def _misfit(records: Records) -> float:
    fields = records.fields[~records.blank]
    return float((fields != usual_width(records)).mean()) if len(fields) else 1.0


def _line_count(data: bytes) -> int:
    breaks = _line_breaks(np.frombuffer(data, dtype=np.uint8), data)
    return len(breaks) + int(not len(breaks) or breaks[-1] + 1 < len(data))


def _cells(
    data: bytes, records: Records, i: int, delimiter: str, quoting: bool, strip: bool = True
) -> list[str]:
    text = data[records.starts[i] : records.ends[i]].decode("utf-8")
    style = csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE
    cells = next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter, quoting=style), [""])
    return [cell.strip() for cell in cells] if strip else cells


def _skip_preamble(
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


