"""Text files of rows and columns (CSV, TSV and their kin) as tables of text, and what to say about them."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.data import around, marks, renamed, sniff
from automl.data.empty import are_no_cases, foot_note, within_note, without_values
from automl.data.encoding import WINDOWS, Decoded
from automl.data.mend import mend
from automl.data.names import safe_names
from automl.data.source import csv_arguments
from automl.data.totals import Subtotals, Total, subtotals, total_row
from automl.data.words import count, listed, shorten
from automl.errors import DataError
from automl.types import BadRow, Note

SHOWN_LINES = 5
ABOUT_ROWS = ("total_row", "subtotals", "blank_rows", "nameless", "as_written", "comments", "under_names", "renamed", "skip", "bad_rows")  # choices
TOTALS = "totals of the rows above"  # why a row at the foot is set aside
SUBTOTAL = "subtotals of the rows above"  # and rows within the table
# A layout's remarks that are said the same of every file: the note's code and its sentence.
REMARKS = {
    "quotes": ("quotes", "Quotation marks are kept as they stand: they don't enclose whole values here."),
    "escaped": ("quotes", 'Quotation marks inside values are written \\" here, and read as such.'),
    "formulas": ("quotes", 'Cells written ="…", which keeps spreadsheets from changing codes, are read as what stands in them.'),
    "inner": ("quotes", "Quotation marks within quoted values are read as part of them: they are not doubled here."),
    "braces": ("quotes", "JSON in cells, which no quotation marks enclose, is read as one cell down to its last brace."),
    "wrapped": ("quotes", "Whole rows stand in quotation marks here, which are left out."),
    "other": ("quotes", "Single or typographic quotation marks enclose values here, and are read as such."),
    "padding": ("padding", "Null bytes behind cells or at the end of the file, as programs fill up space, are left out."),
    "spaced": ("quotes", "Spaces before quotation marks are left out."),
    "marks": ("encoding", "Marks of the encoding at the start of lines are left out, as in files that were put behind one another."),
    "other_mark": ("header", "The names above are separated otherwise than the rows, and were taken all the same."),
    "marked_names": ("comments", "The names stand behind a number sign, which is no part of them."),
}


@dataclass(frozen=True)
class Cut:
    """A table of text cells. `recorded` suffices to cut the same file so again, `european` marks semicolons."""

    frame: pd.DataFrame
    notes: list[Note]
    recorded: dict[str, Any]
    set_aside: tuple[BadRow, ...]
    bad_rows: int
    european: bool


def read_delimited(decoded: Decoded, name: str, options: dict[str, Any]) -> Cut:
    """Cut a text into rows and columns; see `sniff.lay_out` for what is refused."""
    layout = sniff.lay_out(decoded.data, name, options)
    if options.get("skip"):  # what stands in these lines may hold quotes: they are left out by their numbers
        layout = replace(layout, tidy=False)
    data = decoded.data
    if layout.lined_up:
        data = layout.lined_up.cells(data.decode()).encode()
    cut = marks.CUT if marks.is_long(layout.delimiter) else layout.delimiter
    data = marks.as_one(data, layout.delimiter) if cut != layout.delimiter else data
    names, name_notes = safe_names([marks.as_written(name, layout.delimiter) for name in layout.header or ("",) * layout.width])
    name_notes = name_notes if layout.header else []
    given = options.get("renamed") or {}
    names = renamed.called(names, given)
    name_notes += renamed.notes(given)
    left_out = _left_out(layout)
    frame = _cut(mend(data, layout.mended, cut), layout, left_out, cut)
    frame.columns = names
    if cut != layout.delimiter:
        frame = frame.apply(lambda column: column.str.replace(cut, layout.delimiter, regex=False))
    frame = frame.iloc[: len(frame) - layout.foot.cut]
    lines = layout.row_lines if layout.row_lines is not None and len(layout.row_lines) == len(frame) else None
    said: list[Note] = skipped_notes(options)
    said += [foot_note(layout.foot.rows, layout.foot.first)] if layout.foot.rows else []
    hollow = without_values(frame)
    no_cases = options.get("blank_rows") != "kept" and (options.get("blank_rows") == "aside" or are_no_cases(frame, hollow))
    empty_lines: set[int] = set()
    if hollow.any() and options.get("blank_rows") != "kept":
        first = None if lines is None else int(lines[np.argmax(hollow)])
        said.append(within_note(int(hollow.sum()), first, no_cases))
        if no_cases:
            empty_lines = set() if lines is None else set(map(int, lines[hollow]))
            frame, lines = frame[~hollow].reset_index(drop=True), None if lines is None else lines[~hollow]
    summed = None
    if lines is not None and "kept" not in (options.get("subtotals"), options.get("total_row")):
        summed = subtotals(frame)
    set_aside = layout.set_aside
    if summed:
        gone = _lines(decoded.data, lines[list(summed.rows)])
        layout = replace(layout, dropped=(*layout.dropped, *gone))
        left_out = _left_out(layout)
        frame = frame.drop(index=list(summed.rows)).reset_index(drop=True)
        set_aside = (*set_aside, *(BadRow(line, SUBTOTAL, text) for line, text in gone.items()))[: around.SHOWN_BAD]
        said.append(subtotal_note(summed, list(gone)))
    total = total_row(frame) if options.get("total_row") != "kept" else None
    line = _last_line(decoded.data, layout, empty_lines) if total else None
    if total and line and options.get("total_row") == "aside":
        layout = replace(layout, dropped=(*layout.dropped, line[0]))
        left_out = _left_out(layout)
        frame = frame.iloc[:-1]
    if empty := _nameless_and_empty(frame, layout.header):
        between = _between(names, empty)
        frame = frame.drop(columns=empty)
        name_notes = [note for note in name_notes if note.column not in empty]
        message = f"{count(len(empty), 'column')} without a name or a value left out{between}."
        name_notes.append(Note("empty_columns", message))
    recorded = {
        "delimiter": layout.delimiter,
        "encoding": decoded.encoding,
        "encoding_errors": decoded.errors,
        "header": layout.header is not None,
        "quoting": layout.quoting,
        "names": names,
        "start": layout.start,
        "tidy": layout.tidy,
        "left_out": left_out,
        "mended": layout.mended,
        "empty": empty,
        **({"lined_up": layout.lined_up.recorded} if layout.lined_up else {}),
        **{key: options[key] for key in ABOUT_ROWS if options.get(key)},
        **({"foot": layout.foot.cut} if layout.foot.cut else {}),
        **({"no_cases": True} if no_cases and hollow.any() else {}),
    }
    notes = [*layout_notes(decoded, layout, frame.shape), *said, *name_notes]
    aside = total is not None and line is not None and options.get("total_row") == "aside"
    if total and line:
        notes.append(total_note(total, line[0], aside))
    if aside:
        set_aside = (*set_aside, BadRow(line[0], TOTALS, line[1]))
    set_aside = tuple(sorted(set_aside, key=lambda row: row.line))
    bad = layout.bad_rows + aside + (len(summed.rows) if summed else 0)
    return Cut(frame, notes, recorded, set_aside, bad, layout.delimiter == ";")


def _lines(data: bytes, numbers: np.ndarray) -> dict[int, str]:
    """Lines (from 1) of a text, as they are shown."""
    lines = io.StringIO(data.decode("utf-8", "replace"), newline="").readlines()
    return {int(number): sniff.shown_text(lines[number - 1].rstrip("\r\n")) for number in numbers}


def _last_line(data: bytes, layout: sniff.Layout, empty: set[int]) -> tuple[int, str] | None:
    """The number and the text of the last row's line; None where a cell may run over lines."""
    out = layout.no_rows | empty
    end, number = len(data), data.count(b"\n") + 1
    while end > 0:
        begin = data.rfind(b"\n", 0, end) + 1
        text = data[begin:end].decode("utf-8", "replace").rstrip("\r\x1a")
        below = 0 < layout.foot.first <= number
        if text.strip() and number not in out and not below:
            if not begin or text.count('"') % 2:
                return None
            return number, text if len(text) <= sniff.SHOWN_TEXT else text[: sniff.SHOWN_TEXT - 1] + "…"
        end, number = begin - 1, number - 1
    return None


def skipped_notes(options: dict[str, Any]) -> list[Note]:
    """That lines at the top are not looked at, by choice."""
    lines = int(options.get("skip") or 0)
    if not lines:
        return []
    first = "The first line was" if lines == 1 else f"The first {lines:,} lines were"
    return [Note("skipped", f"{first} left out, as you chose.")]


def total_note(total: Total, line: int, aside: bool) -> Note:
    if aside:
        return Note("total_aside", f"The last row, line {line:,}, holds totals and was set aside, as you chose: {total.reasons}.")
    return Note(
        "total_row",
        f"The last row, line {line:,}, looks like a total rather than a case: {total.reasons}. It is in the table still; "
        "set it aside, or a model learns from it.",
    )


def subtotal_note(found: Subtotals, lines: list[int]) -> Note:
    one = len(lines) == 1
    where = f"line {lines[0]:,}" if one else f"lines {', '.join(f'{line:,}' for line in lines[:SHOWN_LINES])}"
    more = f" and {len(lines) - SHOWN_LINES:,} more" if len(lines) > SHOWN_LINES else ""
    return Note(
        "subtotals",
        f"{count(len(lines), 'row')} that {'sums' if one else 'sum'} up rows above {'was' if one else 'were'} set aside, {where}{more}: "
        f"{'it says' if one else 'they say'} {listed(found.words)}, and {listed(found.sums, 2)} {'adds' if len(found.sums) == 1 else 'add'} up.",
    )


def _nameless_and_empty(frame: pd.DataFrame, header: tuple[str, ...] | None) -> list[str]:
    """Columns that separators at the ends of lines make, or a margin in a sheet."""
    if header is None:
        return []
    nameless = [i for i, given in enumerate(header) if not given.strip()]
    empty = [str(frame.columns[i]) for i in nameless if not frame.iloc[:, i].str.strip().astype(bool).any()]
    return empty if len(empty) < frame.shape[1] else []


def _between(names: list[str], empty: list[str]) -> str:
    """What to say where an empty column parts others, as in a sheet with two tables side by side."""
    places = [i for i, name in enumerate(names) if name not in empty]
    for a, b in itertools.pairwise(places):
        if b - a > 1:
            one, two = shorten(names[a]), shorten(names[b])
            return f"; between '{one}' and '{two}', so if these are two tables side by side, put each into a file of its own"
    return ""


def _left_out(layout: sniff.Layout) -> list[int]:
    """Lines (from 1) that are dropped by number: all above the data once any row doesn't fit."""
    bad = sorted(line for line in layout.no_rows if line >= layout.first_line)
    return [*range(1, layout.first_line), *bad] if bad or not layout.tidy else []


def _cut(data: bytes, layout: sniff.Layout, left_out: list[int], cut: str) -> pd.DataFrame:
    start = layout.start
    if left_out:
        skipped = set(left_out)
        lines = io.StringIO(data.decode("utf-8"), newline="")
        data = "".join(line for number, line in enumerate(lines, 1) if number not in skipped).encode()
        start = 0
    try:
        return pd.read_csv(
            io.BytesIO(data), skiprows=start, **csv_arguments("," if layout.lined_up else cut, layout.quoting)
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as e:
        raise DataError("The rows can't be cut into columns: check the separators and quotes.") from e


def layout_notes(
    decoded: Decoded, layout: sniff.Layout, shape: tuple[int, int], bad: int | None = None
) -> list[Note]:
    """What is said about how a text was cut; `bad` rows, where not all of them are in the layout."""
    rows, columns = shape
    separated = f", separated by {sniff.DELIMITER_WORDS.get(layout.delimiter, shown_mark(layout.delimiter))}"
    notes = [
        Note(
            "read",
            f"Read {count(rows, 'row')} and {count(columns, 'column')}"
            f"{separated if columns > 1 else ''}, encoded as {_encoding_word(decoded.encoding)}.",
        )
    ]

    def note(code: str, message: str) -> None:
        notes.append(Note(code, message))

    if decoded.garbled and decoded.errors == WINDOWS:
        them = "is no UTF-8 and was read as a letter" if decoded.garbled == 1 else "are no UTF-8 and were read as letters"
        note("encoding", f"{count(decoded.garbled, 'place')} {them} of Windows-1252, as where texts of several programs were put together.")
    elif decoded.garbled:
        note("encoding", f"{count(decoded.garbled, 'character')} could not be read and became '\ufffd'.")
    if layout.preamble:
        note(
            "preamble",
            f"{count(len(layout.preamble), 'line')} above the table left out: {listed(layout.preamble)}.",
        )
    if layout.header is None:
        note(
            "no_header",
            "The first row holds values, so "
            + (f"the columns are called column_1 to column_{columns}." if columns > 1 else "the column is called column_1."),
        )
    for remark, said in REMARKS.items():
        if remark in layout.remarks:
            note(*said)
    if layout.mended == "brackets":
        note("quotes", "Square brackets around times are read like quotation marks.")
    if "delimiters" in layout.remarks:
        mark = layout.delimiter if layout.delimiter.isprintable() else sniff.DELIMITER_WORDS.get(layout.delimiter, "the separator")
        note("quotes", f"Where a backslash stands before it, '{mark}' is read as part of its cell.")
    if "two_rows" in layout.remarks:
        last = shorten((layout.header or ("",))[-1])
        note("header", f"The names stand in two rows, which were put together, as in '{last}'.")
    if "index_name" in layout.remarks:
        note("header", f"The first column's name, '{shorten((layout.header or ('',))[0])}', stands in a row of its own under the other names.")
    for remark in layout.remarks:
        kind, _, number = remark.partition(":")
        if kind == "wide_header":
            was = "was" if number == "1" else "were"
            note("nameless", f"{count(int(number), 'column name')} at the end had no values and {was} left out.")
        if kind == "row_names":
            which = "the first column has" if number == "1" else f"the first {number} columns have"
            note("nameless", f"The header has {columns - int(number)} names for {columns} columns: {which} none.")
        if kind == "narrow_header":
            note("nameless", f"{count(int(number), 'column')} at the end had no name.")
    if layout.blank:
        note("blank_lines", f"{count(layout.blank, 'blank line')} left out.")
    for apart in filter(lambda apart: apart.said, layout.apart):
        code = {around.COMMENT: "comments", "says what columns are, no values": "under_names", "units rather than values": "under_names"}
        note(code.get(apart.reason, "apart"), apart.said)
    if layout.bad:
        note("bad_rows", _bad_rows_sentence(layout, bad or len(layout.bad)))
    return notes


def shown_mark(mark: str) -> str:
    """A separator as it is written in a sentence."""
    return f"'{mark}'" if mark.isprintable() else repr(mark)


def _encoding_word(encoding: str) -> str:
    words = {
        "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a byte order mark", "cp1252": "Windows-1252", "cp932": "Shift-JIS", "cp874": "TIS-620",
        "cp949": "EUC-KR", "euc_jp": "EUC-JP", "iso2022_jp": "ISO-2022-JP", "mac_cyrillic": "Mac Cyrillic", "mac_roman": "Mac Roman",
    }  # fmt: skip
    return words.get(encoding, encoding.upper().replace("CP", "Windows-").replace("ISO8859_", "ISO-8859-"))


def _bad_rows_sentence(layout: sniff.Layout, bad: int) -> str:
    it = "it doesn't" if bad == 1 else "they don't"
    few = sum(fields < layout.width for _, _, fields in layout.bad)
    again = sum(fields == layout.width for _, _, fields in layout.bad)
    many = len(layout.bad) - few - again
    parts = [f"{few:,} with too few" if few else "", f"{many:,} with too many" if many else ""]
    if again:
        parts.append(f"{again:,} that {'repeats' if again == 1 else 'repeat'} the column names")
    reasons = " and ".join(p for p in parts if p) if bad == len(layout.bad) else "too few or too many"
    lines = ", ".join(f"{line:,}" for line, _, _ in layout.bad[:SHOWN_LINES])
    more = f" and {bad - SHOWN_LINES:,} more" if bad > SHOWN_LINES else ""
    return (
        f"{count(bad, 'row')} set aside because {it} have {count(layout.width, 'field')} "
        f"({reasons}): line{'s' if bad > 1 else ''} {lines}{more}."
    )
