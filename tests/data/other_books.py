"""Workbooks of other kinds than .xlsx, written by hand: .xlsb, .ods, XML of Excel 2003, and pages that pass for workbooks."""

from __future__ import annotations

import struct
from html import escape

from tests.data.corpus import zipped

Rows = list[list[object]]


def binary_workbook(rows: Rows, name: str = "S") -> bytes:
    """An .xlsb: records of BIFF12 in a ZIP archive; cells are text, numbers, true or false, or None."""

    def record(kind: int, body: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size, sizes = len(body), b""
        while True:
            sizes += bytes([size & 0x7F | (0x80 if size > 127 else 0)])
            size >>= 7
            if not size:
                return head + sizes + body

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cell(column: int, value: object) -> bytes:
        place = struct.pack("<II", column, 0)
        match value:
            case bool():
                return record(4, place + bytes([value]))
            case str():
                return record(6, place + wide(value))
            case _:
                return record(5, place + struct.pack("<d", value))

    body = b"".join(
        record(0, struct.pack("<IIHHBI", r, 0, 300, 0, 0, 0)) + b"".join(cell(c, v) for c, v in enumerate(row) if v is not None)
        for r, row in enumerate(rows)
    )  # fmt: skip
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{relation}/%s" Target="%s"/></Relationships>'
    return zipped({
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": (relations % ("officeDocument", "xl/workbook.bin")).encode(),
        "xl/_rels/workbook.bin.rels": (relations % ("worksheet", "worksheets/sheet1.bin")).encode(),
        "xl/workbook.bin": record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide(name)) + record(144) + record(132),
        "xl/worksheets/sheet1.bin": record(129) + record(148, size) + record(145) + body + record(146) + record(130),
    })  # fmt: skip


def open_workbook(rows: Rows, name: str = "S") -> bytes:
    """An .ods, with a million empty rows behind, as LibreOffice writes them."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        kind = "float" if isinstance(value, (int, float)) else "string"
        number = f' office:value="{value}"' if kind == "float" else ""
        return f'<table:table-cell office:value-type="{kind}"{number}><text:p>{escape(str(value))}</text:p></table:table-cell>'

    spaces = "".join(f' xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{k}:1.0"' for k in ("office", "table", "text"))
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="{name}">{body}{empty}</table:table></office:spreadsheet></office:body></office:document-content>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    manifest = f'<manifest:manifest xmlns:manifest="{space}"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    return zipped({"mimetype": kind.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()})


def xml_workbook(**sheets: str) -> bytes:
    """A workbook of XML; each sheet is the text of its rows."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    body = "".join(f'<Worksheet ss:Name="{name}"><Table>{rows}</Table></Worksheet>' for name, rows in sheets.items())
    return f'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="{space}" xmlns:ss="{space}">{body}</Workbook>'.encode()


def xml_row(*cells: object, index: int = 0) -> str:
    """A row of such a sheet; a cell is a value, or its type and how it is written."""
    kinds = {bool: "Boolean", int: "Number", float: "Number", str: "String"}
    written = (cell if isinstance(cell, tuple) else (kinds[type(cell)], escape(str(int(cell) if isinstance(cell, bool) else cell))) for cell in cells if cell is not None)
    places = (place for place, cell in enumerate(cells, 1) if cell is not None)
    inside = "".join(f'<Cell ss:Index="{place}"><Data ss:Type="{kind}">{text}</Data></Cell>' for place, (kind, text) in zip(places, written, strict=True))
    return f"<Row{f' ss:Index={chr(34)}{index}{chr(34)}' if index else ''}>{inside}</Row>"


def page(*tables: Rows, before: str = "") -> bytes:
    """A web page with these tables, the first row of each as names."""

    def row(cells: list[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{'' if cell is None else escape(str(cell))}</{tag}>" for cell in cells) + "</tr>\n"

    body = "".join(f"<table border=1>{row(rows[0], 'th')}{''.join(row(r, 'td') for r in rows[1:])}</table>" for rows in tables)
    return f"<html><head><meta charset=utf-8><style>td {{color: red}}</style></head><body>{before}{body}</body></html>".encode()
