"""Numbers as people read them: three significant digits, thousands separators, units."""

from __future__ import annotations

import math

NOTHING = "–"


def _missing(value: float | None) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits, never an exponent; whole numbers above 1,000 keep all digits.

    >>> number(0.8333333), number(12345.678), number(0), number(None)
    ('0.833', '12,346', '0', '–')
    """
    if _missing(value):
        return NOTHING
    value = float(value)
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    places = max(digits - 1 - size, 0)
    if places > 8:
        return "0" if abs(value) < 1e-9 else f"{value:,.8f}".rstrip("0")
    return f"{value:,.{places}f}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal.

    >>> percent(0.1234), percent(None)
    ('12.3 %', '–')
    """
    return NOTHING if _missing(share) else f"{share * 100:.1f} %"


def count(value: float | None) -> str:
    """A whole number with thousands separators.

    >>> count(12345)
    '12,345'
    """
    return NOTHING if _missing(value) else f"{round(value):,}"


def duration(seconds: float | None) -> str:
    """A time in the units people would say.

    >>> duration(72), duration(0.25), duration(8.04), duration(3725)
    ('1 min 12 s', '250 ms', '8.0 s', '1 h 2 min')
    """
    if _missing(seconds):
        return NOTHING
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 >= 60 else "")


def filesize(size: float | None) -> str:
    """Bytes in the unit that fits.

    >>> filesize(4_200_000), filesize(812)
    ('4.2 MB', '812 bytes')
    """
    if _missing(size):
        return NOTHING
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}" if size < 100 * scale else f"{size / scale:,.0f} {unit}"
    return f"{size:.0f} bytes"
