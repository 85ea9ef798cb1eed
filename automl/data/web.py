"""Tables of a web page, as many programs save them under the name of a workbook: rows of cells as the text of a CSV file."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from automl.data.encoding import decode
from automl.errors import DataError

LEAST_ROWS, LEAST_COLUMNS = 3, 2  # of a table; what is smaller lays a page out, or says that something went wrong
MOST_BYTES = 300 << 20  # of a page
MOST_CELLS = 100_000_000  # of a table whose rows are all as wide as the widest: one wide row among many short ones fills the memory


def page_rows(text: str) -> list[tuple[str, list[list[str]]]]:
    """The tables of a web page with what they are called, each as rows of cells. Notebooks hold this function as it stands here.

    A cell that spans columns has empty ones beside it; one that spans rows stands in each of them, but for names.
    Spans that make a million cells and more in all are a few bytes that fill the memory, and count for nothing from then on.

    >>> page_rows("<table><tr><th>a<th colspan=2>b</tr><tr><td>1<td>x &amp; y<td>z</table>")
    [('', [['a', 'b', ''], ['1', 'x & y', 'z']])]
    """
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.found, self.open, self.silent, self.left = [], [], 0, 1_000_000

        def handle_starttag(self, tag, attributes):
            table = self.open[-1] if self.open else None
            if tag in ("script", "style", "template"):
                self.silent += 1
            elif tag == "table":
                self.open.append({"rows": [], "caption": [], "cell": None, "spans": {}, "titled": False})
                self.found.append(self.open[-1])
            elif table is None:
                return
            elif tag == "caption":
                table["titled"] = True
            elif tag == "tr":
                self.close(table)
                table["rows"].append([])
            elif tag in ("td", "th"):
                self.close(table)
                if not table["rows"]:
                    table["rows"].append([])
                given = dict(attributes)
                wide, tall = ((given.get(key) or "1").strip() for key in ("colspan", "rowspan"))
                wide, tall = (int(n) if n.isdecimal() and len(n) < 6 else 1 for n in (wide, tall))
                table["cell"] = ([], min(max(wide, 1), 1000), max(tall, 1), tag)
            elif tag in ("br", "p", "div", "li") and table["cell"]:
                table["cell"][0].append(" ")

        def handle_endtag(self, tag):
            table = self.open[-1] if self.open else None
            if tag in ("script", "style", "template"):
                self.silent = max(self.silent - 1, 0)
            elif table is None:
                return
            elif tag == "caption":
                table["titled"] = False
            elif tag in ("td", "th", "tr", "table"):
                self.close(table)
                if tag == "table":
                    self.open.pop()

        def handle_data(self, data):
            table = self.open[-1] if self.open else None
            if self.silent or table is None:
                return
            if table["titled"]:
                table["caption"].append(data)
            elif table["cell"]:
                table["cell"][0].append(data)

        def close(self, table):
            if table["cell"] is None:
                return
            pieces, wide, tall, tag = table["cell"]
            table["cell"] = None
            row, spans = table["rows"][-1], table["spans"]
            self.fill(row, spans)
            self.left -= wide - 1
            wide = wide if self.left > 0 else 1
            text = " ".join("".join(pieces).split())
            for i in range(wide):
                if tall > 1:
                    spans[len(row)] = [tall - 1, text if tag == "td" and i == 0 else "", len(table["rows"])]
                row.append("" if i else text)
            self.fill(row, spans)

        def fill(self, row, spans):
            rows = self.open[-1]["rows"]
            while self.left > 0 and (span := spans.get(len(row))) and span[2] < len(rows):
                self.left -= 1
                row.append(span[1])
                span[0], span[2] = span[0] - 1, len(rows)
                if not span[0]:
                    del spans[len(row) - 1]

    reader = Reader()
    reader.feed(text)
    while reader.open:  # tables that were never closed
        reader.handle_endtag("table")
    return [(" ".join("".join(t["caption"]).split()), [row for row in t["rows"] if row]) for t in reader.found]


def page_text(book: str | io.BytesIO, sheet: str, encoding: str = "utf-8", errors: str = "strict") -> str:
    """One table of a web page as CSV text; `sheet` is its number, such as "table 2". Notebooks hold this too."""
    with io.FileIO(book) if isinstance(book, str) else book as file:
        raw = file.read()
    rows, text = page_rows(raw.decode(encoding, errors))[int(sheet.split()[1]) - 1][1], io.StringIO()
    width = max(map(len, rows))
    csv.writer(text, lineterminator="\n").writerows([*row, *[""] * (width - len(row))] for row in rows)
    return text.getvalue()


def encoding_of(raw: bytes, name: str, chosen: str | None = None, errors: str | None = None) -> tuple[str, str]:
    """How a page is encoded: as it says itself, where that is so, and how errors are dealt with."""
    told = re.search(rb"""<meta[^>]{0,200}charset=["']?([\w-]+)""", raw[:4096], re.IGNORECASE)
    if chosen is None and told and not raw.startswith(b"\xef\xbb\xbf"):
        try:
            raw.decode(told[1].decode())
            return told[1].decode(), "strict"
        except (UnicodeError, LookupError):
            pass
    found = decode(raw, name, chosen, errors)
    return found.encoding, found.errors


def sheets(path: Path, name: str, encoding: str | None = None, errors: str | None = None) -> list[str]:
    """The tables of a page that may be data, the largest first.

    Raises
    ------
    DataError
        There is none: the page says something else, such as that something went wrong.
    """
    raw = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    found = page_rows(raw.decode(*encoding_of(raw, name, encoding, errors))) if raw else []
    sizes = {}
    for number, (_, rows) in enumerate(found, 1):
        filled = [sum(map(bool, row)) for row in rows]
        fits = len(rows) * max(map(len, rows), default=0) <= MOST_CELLS
        if fits and sum(n >= LEAST_COLUMNS for n in filled) >= max(LEAST_ROWS, len(rows) / 2):
            sizes[f"table {number}"] = sum(filled)
    if not sizes:
        raise DataError(f"'{name}' is a web page (HTML) without a table of rows and columns. Use CSV, TSV, Excel, Parquet or JSON lines.")
    return sorted(sizes, key=lambda sheet: -sizes[sheet])
