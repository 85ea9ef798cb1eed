"""Workbooks (.xlsx, .xlsb, .xls, .ods): one sheet as the text of a CSV file, which is then read like any other."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path

from automl.errors import DataError, unknown_name


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
    """The names of the sheets that can be seen and hold something.

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
        filled = [s for s in shown if book.get_sheet_by_name(s).height]
    except (CalamineError, OSError) as e:
        why = "protected by a password" if "assword" in str(e) else "damaged or no workbook"
        raise DataError(f"'{name}' can't be opened: it is {why}. Save it again without, or as CSV.") from e
    if not filled:
        raise DataError(f"'{name}' is a workbook without values. Fill a sheet or choose another file.")
    return filled


def choose(names: list[str], sheet: str | None, name: str) -> str:
    """The sheet that was asked for, or the first one."""
    if sheet is None:
        return names[0]
    if sheet not in names:
        raise DataError(unknown_name("sheet", sheet, names, f"in '{name}'"))
    return sheet
