"""How a text file is laid out, before any value is read: delimiter, header, rows that don't fit."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from automl.data import around, fixed, labels, marks, tables
from automl.data.around import SHOWN_BAD, SHOWN_TEXT
from automl.data.fixed import FIXED
from automl.data.header import (
    fit_header,
    has_header,
    names_in_two_rows,
    names_with_another_mark,
    splits_numbers,
    typed_share,
)
from automl.data.mend import (
    CUTS,
    IN_BRACKETS,
    MENDS,
    are_wrapped,
    braces_in_quotes,
    may_be_cut,
    mend,
    names_in_other_quotes,
)
from automl.data.scan import MAX_SPAN, SAMPLE_ROWS, Records, cells_of, line_count, scan, usual_width
from automl.data.words import count, shorten
from automl.errors import DataError
from automl.types import BadRow

NAMED_ROWS, NAMED_CELLS = 20, 100_000  # looked at, to tell which columns the names belong to
DELIMITERS = (",", ";", "\t", "|")
SPACES = r"\s+"  # one or more spaces or tabs
RARE_DELIMITERS = ("~", "^", "\x1f", "\x01", "!", "#", ":", SPACES)  # believed where all lines agree
RARE_SHARE = 0.95
DELIMITER_WORDS = {
    ",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", SPACES: "spaces", "~": "tildes",
    "^": "carets", ":": "colons", "!": "exclamation marks", "#": "number signs",
    "\x01": "the character U+0001", "\x1f": "the character U+001F", FIXED: "spaces that line columns up",
}  # fmt: skip
NEVER_THERE = "\x02"  # the delimiter of a file with one column whose text holds all the others
NOTHING = b",;\t| \r\n"
SAMPLE_BYTES = 256_000  # enough to decide on encoding, delimiter and header
MIN_CONSISTENT = 0.5  # a delimiter must give more than half of the sampled rows the same width
SURELY = 5  # cells of all rows, to believe a mark whatever stands between
LEAST_BELOW = 5  # lines of a table under prose
LINED_UP = 0.8  # share of the lines with decimal commas that have another mark as often
MOSTLY_FIT = 0.9  # from this share on, what leaves fewer lines above the table wins
MAX_BAD_SHARE = 0.5  # more rows than this that don't fit: the file is no table


# --- layout -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Foot:
    """Rows of mere separators below the last row with a value: all of them, those as wide as the table, and their lines."""

    rows: int = 0
    cut: int = 0  # rows that are taken off once the text is cut; others are left out by their lines
    first: int = 0
    last: int = 0


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
    dropped: tuple[int, ...] = ()  # lines that are no rows at all: rules of dashes, the end-of-file mark of DOS
    apart: tuple[around.Apart, ...] = ()  # lines that are rows of something else: units, another table
    lined_up: fixed.Fixed | None = None  # where columns are lined up with spaces: between which positions
    foot: Foot = field(default_factory=lambda: Foot())
    row_lines: np.ndarray | None = field(default=None, compare=False, repr=False)  # the first line of each row
    hash_rows: str = ""  # which lines with a number sign are comments; see `around.comments`

    @property
    def bad_rows(self) -> int:
        """How many lines are set aside."""
        return len(self.bad) + sum(len(a.lines) for a in self.apart)

    @property
    def no_rows(self) -> set[int]:
        """Lines (from 1) that are no rows, as far as they are known."""
        spans = (*((first, last) for first, last, _ in self.bad), *(a.span for a in self.apart))
        return {line for first, last in spans for line in range(first, last + 1)} | set(self.dropped)


def sniff_delimiter(data: bytes) -> str:
    """The delimiter that cuts most sampled rows into the same number of fields, at least two."""
    lines = [line for line in sample_lines(data) if not around.RULE.fullmatch(line.strip())] or sample_lines(data)
    lines = _below_comments(lines)
    quoted_only = _in_quotes_only(lines) | _decimal_only(lines)
    best: tuple[float, int, float, int] = (0.0, 0, 0.0, 0)
    chosen = None
    if _one_column_of_commas(lines):
        return NEVER_THERE
    for delimiter in DELIMITERS:
        rows = _rows(lines, delimiter) if delimiter not in quoted_only else []
        if not rows:
            continue
        width, hits = Counter(len(row) for row in rows).most_common(1)[0]
        fit = hits / len(rows)
        above = next(i for i, row in enumerate(rows) if len(row) == width)
        rank = (1.0 if fit >= MOSTLY_FIT else round(fit, 2), -above, typed_share(rows), width)
        if width > 1 and hits > MIN_CONSISTENT * len(rows) and rank > best:
            best, chosen = rank, delimiter
    if chosen == "\t" and _is_spaced(lines):
        return SPACES
    if mark := marks.find(lines, chosen, chosen is not None and best[1] == 0):
        return mark
    if chosen := chosen or _delimiter_of_names(lines):
        return FIXED if _is_lined_up(data, chosen) else chosen
    chosen = _rare_delimiter(lines)
    if _is_lined_up(data, chosen or ""):
        return FIXED
    if chosen is None and (lower := _below_prose(lines)):
        return lower
    return chosen or next((d for d in DELIMITERS if d.encode() not in data), NEVER_THERE)


def _below_prose(lines: list[str]) -> str | None:
    """What separates all lines below the last blank one at the top of a file, names over numbers; None where nothing does."""
    blank = max((i for i, line in enumerate(lines[: around.MAX_PREAMBLE]) if not line.strip() and any(s.strip() for s in lines[:i])), default=-1)
    lower = [line for line in lines[blank + 1 :] if line.strip()] if blank >= 0 else []
    for delimiter in DELIMITERS if len(lower) > LEAST_BELOW else ():
        rows = _rows(lower, delimiter)
        widths = Counter(map(len, rows))
        if rows and len(rows[0]) > 1 and widths[len(rows[0])] >= RARE_SHARE * len(rows) and not typed_share([[], rows[0]]) and typed_share(rows) > 0:
            return delimiter
    return None


def _below_comments(lines: list[str]) -> list[str]:
    """The lines below several that begin with a number sign at the top, as exports of statistics have them."""
    top = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    return lines[top:] if sum(line.startswith("#") for line in lines[:top]) > 1 and len(lines) - top > 1 else lines


def _in_quotes_only(lines: list[str]) -> set[str]:
    """Delimiters that stand inside quoted cells and nowhere else, where quotes come in pairs; none where that leaves nothing."""
    rows = [line for line in lines if '"' in line and line.count('"') % 2 == 0]
    if not rows or 2 * len(rows) < len(lines):
        return set()
    outside = "".join("".join(line.split('"')[::2]) for line in rows)
    inside = {d for d in DELIMITERS if d not in outside and any(d in line for line in rows)}
    return inside if any(d in outside for d in (*DELIMITERS, " ")) else set()


def _decimal_only(lines: list[str]) -> set[str]:
    """The comma, where it stands between digits only and another mark separates as many cells in nearly all lines."""
    commas = [line for line in lines if "," in line]
    if not commas or any(re.search(r"(?<!\d),|,(?!\d)", line) for line in commas):
        return set()
    for mark in (";", "\t", "|"):
        number, hits = Counter(line.count(mark) for line in commas).most_common(1)[0]
        if number and hits >= LINED_UP * len(commas):
            return {","}
    return set()


def _is_spaced(lines: list[str]) -> bool:
    """Whether a tab is one of many spaces between cells: runs of spaces in all lines too, each with as many cells."""
    lines = [line for line in lines if line.strip()]
    rows = _rows([" ".join(line.split()) for line in lines], " ")
    widths = {len(row) for row in rows}
    runs = all(re.search(r"\S {2,}\S", line.split("\t")[0]) or re.search(r"\S(?: +\t|\t +)", line) for line in lines)
    return runs and len(rows) > 2 and len(widths) == 1 and widths.pop() > max(2, len(lines[0].split("\t")))


@lru_cache(maxsize=2)
def _lined_up(lines: tuple[str, ...]) -> fixed.Fixed | None:
    """Remembered, since the same lines are asked about when a file is surveyed and when it is laid out."""
    return fixed.find(list(lines))


def _is_lined_up(data: bytes, mark: str) -> bool:
    """Whether columns are lined up with spaces rather than separated by a mark: one that isn't between the names."""
    lines = sample_lines(data)
    found = _lined_up(tuple(lines))
    if not found:
        return False
    table = [line for line in lines[found.top :] if line.strip() and not around.RULE.fullmatch(line.strip())]
    if mark not in ("", SPACES) and mark in table[0]:
        return False
    words = {len(line.split()) for line in table}
    if mark != SPACES or found.ruled or len(words) > 1 or any(line.strip() for line in lines[: found.top]):
        return True
    columns = {len(re.split(" {2,}", line.strip())) for line in table}  # cells of several words, wide gaps between
    return words != {len(found.gaps) + 1} == columns


def _one_column_of_commas(lines: list[str]) -> bool:
    """A name, and below it nothing but numbers with a decimal comma."""
    first, *rest = [line.strip() for line in lines if line.strip()] or [""]
    named = not re.search(r"[,;\t|]", first) and not re.fullmatch(r"[\d.,+-]*", first)
    numbers = [bool(re.fullmatch(r"[+-]?\d+(,\d+)?", line)) for line in rest]
    return named and any("," in line for line in rest) and all(numbers)


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    """The cells of each record; a quote that is never closed costs its own line, as in `_walk`."""
    if any(may_be_cut(line.encode(), "braces", delimiter) for line in lines[:5]):
        lines = [braces_in_quotes(line, delimiter) for line in lines]
    if any(line.count('"') % 2 for line in lines) and (whole := _whole_rows(lines, delimiter)):
        return whole
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


def _whole_rows(lines: list[str], delimiter: str) -> list[list[str]]:
    """The cells of each record where quotes are used by the book and all records have as many, several; else none."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, strict=True) if any(cell.strip() for cell in row)]
    except csv.Error:
        return []
    return rows if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 else []


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
        if delimiter == ":" and len(rows[0]) >= SURELY and all(len(row) == len(rows[0]) for row in rows) and not any(re.search(r"\d:\d\d(?!\d)", line) for line in lines):
            return delimiter  # as Unix writes its users
        if delimiter == ":" and not any(re.search(r":(?!\d\d)", line) for line in lines):
            continue  # times
        width, hits = Counter(len(row) for row in rows).most_common(1)[0]
        named = len(rows[0]) == width and not typed_share([[], rows[0]])
        typed = typed_share(rows)
        quoted = delimiter == SPACES and sum('"' in line for line in lines) > len(lines) / 2
        lacks_one = len(rows[0]) == width - 1 and not typed_share([[], rows[0]])
        if lacks_one and (quoted or delimiter == SPACES and _are_row_names(rows[1:])):  # R leaves out the name of the rows' names
            named, hits = True, hits + 1
        if quoted and width > 3 and typed >= 0.3:  # a log of a web server
            typed = 1.0
        if width > 1 and hits >= RARE_SHARE * len(rows) and (named and typed > 0 or width > 2 and typed > 0.5):
            return delimiter
    return None


def _are_row_names(rows: list[list[str]]) -> bool:
    """Whether the first cells name the rows: different words, or counted from 1; and numbers and dates stand behind each."""
    names, behind = [row[0] for row in rows], [row[1:] for row in rows]
    told = not typed_share([[], names]) or names == [str(i + 1) for i in range(len(rows))]
    alike = len(set(names)) == len(rows) and len({len(row) for row in rows}) == 1
    return told and alike and typed_share([[], *behind]) > 0.9


def without_lines(data: bytes, lines: int) -> bytes:
    """A text whose first lines are blank: all others keep their numbers."""
    mark = b"\n" if b"\n" in data else b"\r"
    end = 0
    for _ in range(int(lines)):
        end = data.find(mark, end) + 1
        if not end:
            return b""
    return mark * int(lines) + data[end:]


def one_space(data: bytes) -> bytes:
    """Runs of spaces and tabs as one space, none at the ends of lines."""
    return re.sub(rb"(?m)^ | (?=\r?$)", b"", re.sub(rb"[ \t]+", b" ", data))


def sample_lines(data: bytes) -> list[str]:
    above = len(data) - len(data.lstrip(NOTHING))  # rows of mere separators
    data = data[data.rfind(b"\n", 0, above) + 1 :] if above > SAMPLE_ROWS else data
    head = data[:SAMPLE_BYTES]
    text = head.decode("utf-8", "ignore")
    lines = io.StringIO(text, newline="").readlines()
    if len(data) > len(head) and len(lines) > 1:
        lines = lines[:-1]
    return lines[:SAMPLE_ROWS]


def lay_out(data: bytes, name: str, options: Mapping[str, Any], cut_short: bool = False) -> Layout:
    """Find delimiter, header and the rows that don't fit; of a text that is cut short, its last table goes on.

    Parameters
    ----------
    data : bytes
        The text in UTF-8.
    name : str
        What to call the file in sentences.
    options : mapping
        Those of `data.read.read_table` that are about rows and cells; what a report recorded is not looked for again.
    cut_short : bool

    Raises
    ------
    DataError
        If the text is no table, or has a header and nothing else.
    """
    if skip := options.get("skip"):
        data = without_lines(data, skip)
    if not data[:SAMPLE_BYTES].translate(None, NOTHING) and not data.translate(None, NOTHING):
        raise DataError(f"'{name}' holds no values, only separators. Export it again or choose another file.")
    delimiter, header, quoting = (options.get(key) for key in ("delimiter", "header", "quoting"))
    mended = "" if options.get("as_written") else options.get("mended")
    remarks = []
    if mended is None and delimiter is None and are_wrapped(sample_lines(data)):
        mended = "wrapped"
        remarks.append(mended)
        data = mend(data, mended, "")
    delimiter = sniff_delimiter(data) if delimiter is None else delimiter
    if delimiter == FIXED:
        return _lay_out_lined_up(data, name, options)
    if delimiter == SPACES:
        if mended is None and IN_BRACKETS.search(data[:SAMPLE_BYTES]):
            mended = "brackets"
        data = mend(data, mended, delimiter) if mended == "brackets" else data
        spaced = {**options, "delimiter": " ", "mended": mended}
        return replace(lay_out(one_space(data), name, spaced), delimiter=SPACES)
    if marks.is_long(delimiter) and delimiter.encode() in data and not set(delimiter) & set('"\r\n'):
        laid = lay_out(marks.as_one(data, delimiter), name, {**options, "delimiter": marks.CUT}, cut_short)
        shown = tuple(replace(row, text=marks.as_written(row.text, delimiter)) for row in laid.set_aside)
        return replace(laid, delimiter=delimiter, set_aside=shown)
    data = mend(data, mended or "", delimiter)
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise DataError(f"'{shorten(delimiter)}' can't separate columns. Give what stands between cells, such as a comma or 'tab'.")
    if mended is None and (b"\n\xef\xbb\xbf" in data or data.startswith(b"\xef\xbb\xbf")):
        mended = "marks"
        data = mend(data, mended, delimiter)
        remarks.append(mended)
    if mended is None and b"\x00" in data and (bare := mend(data, "padding", delimiter)) != data:
        mended, data = "padding", bare
        remarks.append(mended)
    records = scan(data, delimiter, quoting is not False)
    if quoting is not False and mended is None:
        data, records, mended = _mended(data, records, delimiter)
        remarks += [mended] if mended else []
    if quoting is None:
        quoting = True
        if not records.tidy:
            plain = scan(data, delimiter, False)
            opening = data.count(f'{delimiter}"'.encode()) + data.count(b'\n"')
            rare = opening < 0.05 * len(records.fields)  # quotes hardly ever open a field: mere inch marks
            odd = [line.count(b'"') % 2 for line in data[:SAMPLE_BYTES].splitlines()]
            alone = not _misfit(plain) and 2 * sum(odd) > len(odd)  # quotes that open and never close
            if (rare and _misfit(plain) < min(_misfit(records), 0.01)) or alone:
                records, quoting = plain, False
                remarks.append("quotes")
    filled = np.flatnonzero(~records.blank)
    if not len(filled):
        raise DataError(f"'{name}' holds nothing but blank lines. Export it again or choose another file.")
    dropped = around.rules(data, records) if (records.fields > 1).any() else filled[:0]
    table = filled[~np.isin(filled, dropped)] if len(dropped) < len(filled) else filled
    foot = table[:0]
    if options.get("blank_rows") != "kept":
        table, foot = around.without_foot(data, records, table, delimiter, quoting)
        above = next((n for n, i in enumerate(table) if not around.holds_nothing(data, records, int(i), delimiter, quoting)), 0)
        table = table[above if header is not False and above > around.MAX_PREAMBLE else 0 :]
    if not len(table):
        raise DataError(f"'{name}' holds no values, only separators. Export it again or choose another file.")
    hash_rows, said_apart = "", []
    if options.get("comments") != "kept" and (records.fields > 1).any():
        comments, hash_rows = around.comments(data, records, table, delimiter, quoting)
        said_apart = around.commented(records, comments)
        table = table[~np.isin(table, comments)]
    filled, above, apart = tables.largest(data, records, table, delimiter, quoting, cut_short)
    dropped = np.union1d(dropped, table[(table > filled[0]) & ~np.isin(table, filled)])  # empty rows above another table, and its own
    apart = [*apart, *said_apart]
    width = int(np.bincount(records.fields[around.below_comments(data, records, filled)]).argmax())
    rows = {int(i): cells_of(data, records, i, delimiter, quoting) for i in filled[: around.MAX_PREAMBLE + 20]}
    top, preamble = around.skip_preamble(filled, rows, width, named=header is not False)
    if header is not False and (title := around.title_above(records, filled, rows, top, width)):
        top, preamble = title[0], (*preamble, title[1])
    if rows[top][0] == "TOA5" and (below := [i for i in sorted(rows) if i > top]):  # a logger of Campbell Scientific
        top, preamble = below[0], (*preamble, " ".join(rows[top]))
    apart_names = None
    if preamble and header is not False and not has_header(rows[top], [r for i, r in rows.items() if i > top]):
        above_it = [rows[i] for i in sorted(rows) if i < top and any(rows[i])]
        apart_names = names_with_another_mark(delimiter.join(above_it[-1]) if above_it else "", width, delimiter)
    cells = rows[top]
    if apart_names:
        preamble, header = preamble[:-1], False
        remarks.append("other_mark")
    named = has_header(cells, [r for i, r in rows.items() if i > top]) if header is None else header
    start = top + 1 if named else top
    names = tuple(cells_of(data, records, top, delimiter, quoting, strip=False)) if named else None
    names = apart_names or names
    kept = options.get("under_names") == "kept"
    if named and not kept and (found := around.import_ids(rows, top)):
        start = found[-1] + 1
        apart = [*apart, around.descriptions(found, records.lines)]
    elif named and not kept and not names_in_two_rows([rows[i] for i in sorted(rows) if i >= top and any(rows[i])]) and (unit := around.units_below_names(rows, top)) is not None:
        start = unit + 1
        apart = [*apart, around.units(rows[unit], int(records.lines[unit]))]
    elif names and not kept and (told := labels.find(rows, top, names)):
        names, start = told.names, told.start
        apart = [*apart, *filter(None, [labels.apart(rows, told.aside, [int(records.lines[i]) for i in told.aside])])]
        remarks += [told.remark] if told.remark else []
    if names and options.get("comments") != "kept" and (marked := re.match(r"#\s+(?=\S)", names[0])):
        names = (names[0][marked.end() :], *names[1:])
        remarks.append("marked_names")
    below, padding = around.remarks_below(data, records, filled[filled > top + around.MIN_ROWS], width, delimiter, quoting)
    if below:
        fields = records.fields.copy()
        fields[below] = 1  # one cell is filled: as many as such a line has where it is not padded
        records = replace(records, fields=fields)
    closing = [] if below or cut_short else around.closing_lines(data, records, filled[filled >= start], width, delimiter, quoting)
    filled = filled[~np.isin(records.lines[filled], [line for part in closing for line in part.lines])]
    apart = [*apart, *closing]
    dropped = [*map(int, dropped), *around.rule_below_names(rows, top), *padding]
    body = filled[(filled >= start) & ~np.isin(filled, dropped)]
    if not len(body):
        raise DataError(f"'{name}' has column names but no rows. Add rows or choose another file.")
    if names is not None:
        _refuse_cut_numbers(data, records, name, delimiter, rows, top, len(names))
        width, names = _named(data, records, body, names, name, delimiter, quoting, options.get("nameless"), remarks)
    again = around.same_record(data, records, top, body) if named and width > 1 else body[:0]
    if header is None and len(again) > MAX_BAD_SHARE * len(body):
        again = {**options, "delimiter": delimiter, "header": False, "quoting": quoting, "mended": mended}
        return lay_out(data, name, again, cut_short)  # a row that is there again and again: values
    misfits = np.union1d(body[records.fields[body] != width], again)
    if len(misfits) > MAX_BAD_SHARE * len(body) and len(cells) > 1 and (records.fields[body] != len(cells)).any():
        width = len(cells)
        misfits = body[records.fields[body] != width]
    if len(misfits) > MAX_BAD_SHARE * len(body) and (options.get("bad_rows") != "aside" or len(misfits) == len(body)):
        line = data[records.starts[misfits[0]] : records.ends[misfits[0]]].decode("utf-8", "replace")
        raise DataError(
            f"'{name}' is no table: {count(len(misfits), 'row')} of {len(body):,} don't have the "
            f"{count(width, 'field')} that its first row has, first line {records.lines[misfits[0]]}: "
            f"{shorten(line, 60)}. Check the separators and quotes."
        )
    last = np.append(records.lines[1:], line_count(data) + 1) - 1
    bad = tuple((int(records.lines[i]), int(last[i]), int(records.fields[i])) for i in misfits)
    shown = tuple(
        bad_row(int(records.lines[i]), data[records.starts[i] : records.ends[i]], int(records.fields[i]), width)
        for i in misfits[:SHOWN_BAD]
    )
    ends = foot[records.fields[foot] == width]
    dropped = [*dropped, *np.setdiff1d(foot, ends)]
    below_it = Foot(len(foot), len(ends), int(records.lines[foot[0]]), int(records.lines[foot[-1]])) if len(foot) else Foot()
    blanks = int(records.blank[start : filled[-1] + 1].sum()) if apart else int(records.blank[start:].sum())
    first_line = int(records.lines[start]) if start < len(records.lines) else 1
    return Layout(
        delimiter, quoting, width, names, start, first_line, bad, len(body) - len(misfits),
        blanks, (*above, *preamble), tuple(remarks),
        records.tidy and not re.search(rb"\r(?!\n)", data),  # pandas loses a delimiter behind a lone CR
        tuple(sorted((*shown, *around.set_aside(data, apart)), key=lambda row: row.line)[:SHOWN_BAD]),
        mended or "", tuple(int(records.lines[i]) for i in dropped), tuple(apart), None, below_it,
        records.lines[np.setdiff1d(body, misfits, assume_unique=True)], hash_rows,
    )  # fmt: skip


def _mended(data: bytes, records: Records, delimiter: str) -> tuple[bytes, Records, str | None]:
    """The text in the way that makes its quotes tidy, or its rows as wide as they should be; as it is, where none does."""
    for how in MENDS:
        if records.tidy and how not in CUTS or how in CUTS and not may_be_cut(data, how, delimiter):
            continue
        better = mend(data, how, delimiter)
        if better == data or not (found := scan(better, delimiter)).tidy:
            continue
        if _misfit(found) < _misfit(records) or (how not in CUTS or how == "other" and names_in_other_quotes(data, delimiter)) and _misfit(found) == _misfit(records):
            return better, found, how
    return data, records, None


def _named(
    data: bytes, records: Records, body: np.ndarray, names: tuple[str, ...], name: str, delimiter: str, quoting: bool,
    nameless: str | None, remarks: list[str],
) -> tuple[int, tuple[str, ...]]:
    """The width of the rows, and a name for each column of them; `remarks` get what is to be said of it.

    Raises DataError where rows have more cells than there are names, and it can't be told which columns have none.
    """
    fields = records.fields[body]
    usual = body[fields == np.bincount(fields).argmax()]
    first = int(usual[0])
    looked = max(NAMED_CELLS // int(records.fields[first]), NAMED_ROWS)  # a table of thousands of columns needs fewer rows
    below = [cells_of(data, records, int(i), delimiter, quoting, strip=False) for i in usual[: min(looked, SAMPLE_ROWS)]]
    quoted = data[records.starts[first] : records.starts[first] + 1] == b'"'
    found = fit_header(fields, names, below, quoted, nameless)
    if found is None:
        line = data[records.starts[first] : records.ends[first]].decode("utf-8", "replace")
        more = len(below[0]) - len(names)
        if more > 0:
            mend_it = f"Put text that holds {DELIMITER_WORDS.get(delimiter, delimiter)} into quotation marks, or write {'a name for the column' if more == 1 else 'names for the columns'} without."
        else:
            mend_it = "Leave out names that have no values, or put cells that run over lines into quotation marks."
        raise DataError(
            f"'{name}' has {count(len(names), 'column name')} but {count(len(below[0]), 'cell')} in line {int(records.lines[first]):,} and those "
            f"below: {shorten(line, 60)}. Values would stand under wrong names. {mend_it}"
        )
    remarks += found[2]
    return found[:2]


def _refuse_cut_numbers(
    data: bytes, records: Records, name: str, delimiter: str, rows: dict[int, list[str]], top: int, names: int
) -> None:
    """Raise DataError where numbers with a decimal comma, not quoted, stand in more cells than there are names."""
    below = {i: row for i, row in rows.items() if i > top}
    width = Counter(map(len, below.values())).most_common(1)[0][0] if below else 0
    quoted = data[records.starts[top] : records.starts[top] + 1] == b'"'  # who quotes words quotes such numbers too
    if delimiter != "," or quoted or width <= names:
        return
    first = next(i for i, row in below.items() if len(row) == width)
    if splits_numbers([row for row in below.values() if len(row) == width], width - names):
        raise DataError(
            f"'{name}' has {count(names, 'column name')} but {width} cells in line {int(records.lines[first]):,}, "
            f"'{shorten(','.join(below[first]))}', as where numbers with a decimal comma (1,5) stand between commas without quotation "
            "marks. Export it with semicolons between the cells, or with decimal points."
        )


def _lay_out_lined_up(data: bytes, name: str, options: Mapping[str, Any]) -> Layout:
    """As `lay_out`, of columns that are lined up with spaces: as they are said to be, or as is found."""
    lined_up = fixed.Fixed.of(options.get("lined_up")) or fixed.find(sample_lines(data))
    if lined_up is None:
        raise DataError(f"'{name}' has no columns that are lined up with spaces. Leave the choice of the separator open.")
    cells = lined_up.cells(data.decode()).encode()
    header = options.get("header") if lined_up.named else False
    layout = lay_out(cells, name, {**options, "delimiter": ",", "header": header, "quoting": True, "mended": ""})
    lines = data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    shown = tuple(replace(row, text=shown_text(lines[row.line - 1])) for row in layout.set_aside)
    return replace(layout, delimiter=FIXED, lined_up=lined_up, set_aside=shown)


def bad_row(line: int, text: bytes, fields: int, width: int) -> BadRow:
    """A record that does not fit, with the reason in words."""
    shown = text.decode("utf-8", "replace").rstrip("\r\n")
    if fields == width:
        reason = "the column names once more"
    elif text.count(b'"') % 2:
        reason = "a quotation mark that is never closed"
    else:
        reason = f"{count(fields, 'cell')} instead of {width:,}"
    return BadRow(line, reason, shown_text(shown))


def shown_text(text: str) -> str:
    """A line as it is shown among those set aside: cut where it is long."""
    return text if len(text) <= SHOWN_TEXT else text[: SHOWN_TEXT - 1] + "…"


def _misfit(records: Records) -> float:
    fields = records.fields[~records.blank]
    return float((fields != usual_width(records)).mean()) if len(fields) else 1.0
