"""Workbooks (.xlsx, .xlsb, .xls, .ods): one sheet as the text of a CSV file, which is then read like any other."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from automl.errors import DataError, unknown_name

MOST_XML = 1 << 30  # bytes of a sheet whose formulas are looked at


def sheet_text(book: str | io.BytesIO, sheet: str, empty: bool = False) -> str:
    """A sheet as CSV text: dates in ISO form, whole numbers without a fraction, empty rows left out or as blank lines."""
    from python_calamine import CalamineWorkbook

    def cell(value):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        if isinstance(value, datetime.datetime):
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
        if isinstance(value, datetime.timedelta):
            return repr(value.total_seconds())
        return value.isoformat() if hasattr(value, "isoformat") else str(value)

    text, gap = io.StringIO(), 0
    writer = csv.writer(text, lineterminator="\n")
    for row in CalamineWorkbook.from_object(book).get_sheet_by_name(sheet).iter_rows():
        cells = [cell(value) for value in row]
        if any(cells):
            text.write("\n" * gap if empty else "")
            writer.writerow(cells)
        gap = 0 if any(cells) else gap + 1
    return text.getvalue()


def sheets(path: Path, name: str) -> list[str]:
    """The names of the sheets that can be seen and hold something; see `sizes`."""
    return list(sizes(path, name))


def sizes(path: Path, name: str) -> dict[str, tuple[int, int]]:
    """The sheets that can be seen and hold something, with their rows and columns.

    Raises
    ------
    DataError
        For a workbook that is damaged or protected by a password, or has no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        shown = [
            s.name
            for s in book.sheets_metadata
            if s.visible == SheetVisibleEnum.Visible and s.typ == SheetTypeEnum.WorkSheet
        ]
        measured = ((name, book.get_sheet_by_name(name)) for name in shown)
        filled = {name: (sheet.height, sheet.width) for name, sheet in measured if sheet.height}
    except (CalamineError, OSError) as e:
        why = "protected by a password" if "assword" in str(e) else "damaged or no workbook"
        raise DataError(f"'{name}' can't be opened: it is {why}. Save it again without, or as CSV.") from e
    if not filled:
        raise DataError(f"'{name}' is a workbook without values. Fill a sheet or choose another file.")
    return filled


def likely(sizes: dict[str, tuple[int, int]]) -> str:
    """The first sheet; where that is one column of remarks, the first one that has more columns, and more rows.

    >>> likely({"About": (4, 1), "Data": (90, 5)}), likely({"Codes": (90, 1), "Data": (4, 2)})
    ('Data', 'Codes')
    """
    first, *others = sizes
    height, width = sizes[first]
    if width > 1:
        return first
    return next((name for name in others if sizes[name][1] > 1 and sizes[name][0] > max(height, 2)), first)


def choose(names: list[str], sheet: str | None, name: str) -> str:
    """The sheet that was asked for, or the first one."""
    if sheet is None:
        return names[0]
    if sheet not in names:
        raise DataError(unknown_name("sheet", sheet, names, f"in '{name}'"))
    return sheet


# --- formulas ----------------------------------------------------------------------------

_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v\b[^>]*>([^<]*)</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass(frozen=True)
class Unfinished:
    """Formulas of a sheet that were never calculated, counted by column (from 0): without a result, or with 0 for one."""

    missing: dict[int, int]
    zero: dict[int, int]


def unfinished(path: Path, sheet: str) -> Unfinished:
    """Which formulas of an .xlsx workbook have no results stored, as libraries write them.

    Some libraries store 0 for each and ask that all be calculated when the workbook is opened. Only where no formula
    of a column has another result is that taken for none.
    """
    from python_calamine import CalamineWorkbook

    nothing = Unfinished({}, {})
    if not zipfile.is_zipfile(path):
        return nothing
    with zipfile.ZipFile(path) as book:
        part = _part_of(book, sheet)
        if part is None or book.getinfo(part).file_size > MOST_XML:
            return nothing
        xml = book.read(part)
        asks = b'fullCalcOnLoad="1"' in book.read("xl/workbook.xml")
    if not re.search(rb"<(?:\w+:)?f\b", xml):
        return nothing
    first = (CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).start or (0, 0))[1]
    missing: dict[int, int] = {}
    results: dict[int, list[bytes]] = {}
    for about, result in _FORMULA.findall(xml):
        place = re.search(rb'\br="([A-Z]+)\d+"', about)
        if not place:
            continue
        column = _number(place[1]) - first
        if not result.strip() and not re.search(rb't="str"', about):
            missing[column] = missing.get(column, 0) + 1
        elif asks:
            results.setdefault(column, []).append(result)
    zero = {column: len(found) for column, found in results.items() if set(found) == {b"0"}}
    return Unfinished(missing, zero)


def _part_of(book: zipfile.ZipFile, sheet: str) -> str | None:
    """The file inside a workbook that holds a sheet."""
    from xml.etree import ElementTree

    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    try:
        told = ElementTree.fromstring(book.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    except ElementTree.ParseError:
        return None
    sheets = [e.attrib for e in told.iter() if e.tag.endswith("}sheet")]
    id = next((value for s in sheets if s.get("name") == sheet for key, value in s.items() if key.endswith("}id")), None)
    target = next((e.attrib.get("Target", "") for e in relations.iter() if e.attrib.get("Id") == id), "")
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return part if part in names else None


def _number(letters: bytes) -> int:
    """A column's letters as its number from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1
