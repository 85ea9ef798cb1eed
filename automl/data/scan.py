"""Where the records of a text start and end, quotes and line breaks inside them respected."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

SAMPLE_ROWS = 500
MAX_SPAN = 1000  # lines that one quoted field may run over
csv.field_size_limit(1 << 30)  # a cell may hold a whole document


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
    breaks = breaks_in(body, data)
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


def breaks_in(body: np.ndarray, data: bytes) -> np.ndarray:
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


def line_count(data: bytes) -> int:
    breaks = breaks_in(np.frombuffer(data, dtype=np.uint8), data)
    return len(breaks) + int(not len(breaks) or breaks[-1] + 1 < len(data))


def cells_of(
    data: bytes, records: Records, i: int, delimiter: str, quoting: bool, strip: bool = True
) -> list[str]:
    text = data[records.starts[i] : records.ends[i]].decode("utf-8")
    style = csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE
    cells = next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter, quoting=style), [""])
    return [cell.strip() for cell in cells] if strip else cells
