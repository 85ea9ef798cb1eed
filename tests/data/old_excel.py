"""A workbook as Excel 97 to 2003 stored it (.xls), written by hand: records of BIFF8 in a compound file."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SECTOR = 512
ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
PLAIN, DATE = 0, 1  # formats of cells, by their place in the workbook


@dataclass(frozen=True)
class Formula:
    """A formula with the result that was stored for it: a number, or an error."""

    result: float | str


@dataclass(frozen=True)
class Day:
    """A date, as the number of days that Excel stores."""

    serial: float


def old_workbook(rows: list[list[object]], name: str = "Sheet1") -> bytes:
    """A workbook of one sheet; cells are text, numbers, errors such as '#DIV/0!', `Formula`, `Day`, or None."""
    sheet = _begin(0x0010) + b"".join(
        _cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value is not None
    ) + _record(0x000A, b"")  # fmt: skip
    formats = b"".join(_record(0x00E0, struct.pack("<HHH", 0, ifmt, 1) + bytes(14)) for ifmt in (0, 14))
    title = struct.pack("<BB", len(name), 0) + name.encode("ascii")

    def globals_with(offset: int) -> bytes:
        bound = _record(0x0085, struct.pack("<IBB", offset, 0, 0) + title)
        return _begin(0x0005) + _record(0x0042, struct.pack("<H", 1200)) + formats + bound + _record(0x000A, b"")

    return _compound(globals_with(len(globals_with(0))) + sheet)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HH", row, column)
    plain, date = place + struct.pack("<H", PLAIN), place + struct.pack("<H", DATE)
    match value:
        case Formula(result=str() as error):
            stored = struct.pack("<BBBBHH", 2, 0, ERRORS[error], 0, 0, 0xFFFF)
            return _record(0x0006, plain + stored + struct.pack("<HIH", 0, 0, 3) + b"\x1e\x01\x00")
        case Formula(result=number):
            return _record(0x0006, plain + struct.pack("<d", number) + struct.pack("<HIH", 0, 0, 3) + b"\x1e\x01\x00")
        case Day(serial=serial):
            return _record(0x0203, date + struct.pack("<d", serial))
        case bool():
            return _record(0x0205, plain + struct.pack("<BB", value, 0))
        case str() if value in ERRORS:
            return _record(0x0205, plain + struct.pack("<BB", ERRORS[value], 1))
        case str():
            return _record(0x0204, plain + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        case _:
            return _record(0x0203, plain + struct.pack("<d", float(value)))  # type: ignore[arg-type]


def _compound(stream: bytes) -> bytes:
    """The stream 'Workbook' in a compound file: header, table of sectors, directory, the stream's sectors."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // SECTOR)
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [table, end, *(range(3, count + 2)), end]
    sectors = struct.pack(f"<{SECTOR // 4}I", *chain, *[free] * (SECTOR // 4 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le") if name else b""
        about = struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
        return text.ljust(64, b"\0") + about + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream)) + entry("", 0, free, 0, 0) * 2
    return header + sectors + directory + stream.ljust(count * SECTOR, b"\0")
