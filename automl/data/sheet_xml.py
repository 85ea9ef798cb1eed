"""Workbooks that Excel 2003 and many programs since write as XML: one sheet as the text of a CSV file."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from automl.errors import DataError


def xml_sheet_text(book: str | io.BytesIO, sheet: str, empty: bool = False) -> str:
    """A sheet as CSV text, cells where their numbers say; empty rows left out or as blank lines. Notebooks hold this function too.

    Raises ValueError where numbers of cells ask for 50 million cells and more: in a few bytes, to fill the memory.
    """
    from xml.etree import ElementTree

    def given(element, key):
        return next((value for name, value in element.attrib.items() if name.rsplit("}", 1)[-1] == key), "")

    def number(element, key, most):
        said = given(element, key)
        return min(int(said), most) if said.isdecimal() and len(said) < 9 else 0

    def value(data):
        text, kind = "".join(data.itertext()), given(data, "Type")
        if kind == "DateTime":
            return re.sub(r"T00:00:00(\.0*)?$", "", text).replace("T", " ").removesuffix(".000")
        return {"1": "true", "0": "false"}.get(text, text) if kind == "Boolean" else text

    rows, inside, line, made, most = [], False, 0, 0, 50_000_000
    for event, element in ElementTree.iterparse(book, events=("start", "end")):
        tag = element.tag.rsplit("}", 1)[-1]
        if tag == "Worksheet":
            inside = event == "start" and given(element, "Name") == sheet
        elif tag == "Row" and event == "end":
            at, cells = number(element, "Index", 1 << 20) or line + 1, []
            for cell in element if inside else ():
                if cell.tag.rsplit("}", 1)[-1] == "Cell":
                    place = number(cell, "Index", 1 << 14) or len(cells) + 1
                    cells += [""] * (place - 1 - len(cells))
                    data = next((part for part in cell if part.tag.rsplit("}", 1)[-1] == "Data"), None)
                    cells.append("" if data is None else value(data))
                    cells += [""] * min(number(cell, "MergeAcross", 1 << 14), (1 << 14) - len(cells))
            made += len(cells)
            if made > most:
                raise ValueError("too many cells")
            if inside and any(cells):
                rows += [[]] * (at - len(rows) - 1) if empty else []
                rows.append(cells)
            line = at if inside else 0
            element.clear()
    text = io.StringIO()
    writer, width = csv.writer(text, lineterminator="\n"), max(map(len, rows), default=0)
    if len(rows) * width > most:
        raise ValueError("too many cells")
    for cells in rows:
        if cells:
            writer.writerow([*cells, *[""] * (width - len(cells))])
        else:
            text.write("\n")
    return text.getvalue()


def sheets(path: Path, name: str) -> list[str]:
    """The names of the sheets that hold something.

    Raises
    ------
    DataError
        The file is damaged, declares entities, or has no values.
    """
    from xml.etree import ElementTree

    with path.open("rb") as file:
        head = file.read(1 << 16).replace(b"\0", b"")  # of UTF-16 too
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", head):
        raise DataError(f"'{name}' is an XML file that declares things of its own, which no workbook does, and is not read. Save it as .xlsx and use that.")
    found: list[str] = []
    sheet = ""
    try:
        for event, element in ElementTree.iterparse(path, events=("start", "end")):
            tag = element.tag.rsplit("}", 1)[-1]
            if tag == "Worksheet" and event == "start":
                sheet = next((value for key, value in element.attrib.items() if key.rsplit("}", 1)[-1] == "Name"), "")
            elif tag == "Row" and event == "end":
                if sheet not in found and any(part.tag.endswith("Data") for part in element.iter()):
                    found.append(sheet)
                element.clear()
    except ElementTree.ParseError as e:
        raise DataError(f"'{name}' is a workbook in XML but damaged or cut short. Save it again as .xlsx and use that.") from e
    if not found:
        raise DataError(f"'{name}' is a workbook without values. Fill a sheet or choose another file.")
    return found
