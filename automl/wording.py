"""Numbers as people read them: three significant digits, thousands separators, units.

Every figure on a page, in a report and in the shell goes through here, so that it reads the same.
What is missing (None, NaN, infinite) is shown as a dash.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

NOTHING = "–"
DIGITS = 3
DIRECTION_MARKS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SMALLEST = 1e-9  # below it a number is "about 0"


def _missing(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def number(value: float | None, digits: int = DIGITS) -> str:
    """Three significant digits, never an exponent; whole numbers and the thousands keep all digits.

    >>> number(0.8333333), number(0.9), number(12345.678), number(12), number(None)
    ('0.833', '0.900', '12,346', '12', '–')
    """
    if _missing(value):
        return NOTHING
    value = float(value) + 0.0  # no zero below zero
    if value.is_integer():
        return f"{value:,.0f}"
    if abs(value) < SMALLEST:
        return "about 0"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    rounded = round(value, places)  # 9.996 becomes 10.0, which has a digit more before the point
    places = max(digits - 1 - math.floor(math.log10(abs(rounded))), 0)
    return f"{value:,.{places}f}"


YEARS = (1800, 2100)  # a number between, in a column called a year, is one


def is_year(name: str, values: Iterable[float] = ()) -> bool:
    """Whether a column of numbers holds years, by its name and what it holds.

    >>> is_year("year"), is_year("YearBuilt", [1987, 2004.5]), is_year("yr_sold"), is_year("YearsAtCompany", [3])
    (True, True, True, False)
    >>> is_year("yearly income"), is_year("layer")
    (False, False)
    """
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", str(name))
    called = any(part.lower() in ("year", "years", "yr", "yyyy") for part in parts)
    return called and all(YEARS[0] <= value <= YEARS[1] for value in values)


def value(amount: float | None, name: str = "", digits: int = DIGITS) -> str:
    """A number as `number` has it, a year without a separator; `name` is its column's.

    >>> value(2022, "year"), value(2022.5, "year"), value(2022, "price"), value(20220, "year"), value(None, "year")
    ('2022', '2022.5', '2,022', '20,220', '–')
    """
    if _missing(amount) or not is_year(name, (amount,)):
        return number(amount, digits)
    return f"{amount:.1f}".removesuffix(".0")


def class_label(label: Any) -> str:
    """A class as it is named in a sentence: one that is a number with a fraction reads as a number.

    >>> class_label("-0.0"), class_label("1.0"), class_label(0.8333333), class_label("2022"), class_label("v1.0"), class_label(True)
    ('0', '1', '0.833', '2022', 'v1.0', 'True')
    """
    text = str(label)
    return number(float(text)) if re.fullmatch(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", text) else text


def ticks(name: str, values: Iterable[float]) -> str:
    """The format of an axis along a column: thousands separated, years not.

    >>> ticks("year", [1999, 2020]), ticks("price", [1999, 2020])
    ('d', ',~g')
    """
    return "d" if is_year(name, values) else ",~g"


def rounded(values: Any, *, share: bool = False) -> Any:
    """Numbers of a column to show as they are: four significant digits, or of shares what a tenth of a percent needs.

    >>> rounded([0.123456, 123456.7, float("nan")]).tolist(), rounded([0.98765], share=True).tolist()
    ([0.1235, 123457.0, nan], [0.988])
    """
    import numpy as np

    numbers = np.asarray(values, dtype=np.float64)
    if share:
        return np.round(numbers, 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.maximum(3 - np.floor(np.log10(np.abs(numbers))), 0)
    places = np.where(np.isfinite(places), np.minimum(places, 12), 0)
    return np.round(numbers * 10.0**places) / 10.0**places


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; only what is exactly none or all says so.

    >>> percent(0.1234), percent(1), percent(0.99999), percent(None)
    ('12.3 %', '100 %', 'over 99.9 %', '–')
    """
    if _missing(share):
        return NOTHING
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    return f"{share * 100:.1f} %"


def of_100(share: float | None) -> str:
    """A share as so many of 100, for sentences: whole, but never a false none or all.

    >>> of_100(0.914), of_100(0.997), of_100(0.99999), of_100(1)
    ('91', '99.7', 'over 99.9', '100')
    """
    if _missing(share):
        return NOTHING
    if 0.005 <= share < 0.995 or share in (0, 1):
        return f"{share * 100:.0f}"
    return percent(share).removesuffix(" %")


def isolated(text: str) -> str:
    """A name or value that keeps its direction to itself: Hebrew or Arabic must not turn the sentence around it.

    Marks of direction inside it are left out; text that runs from left to right is as it was.

    >>> isolated("plan"), isolated("\u202eevil\u202c")
    ('plan', 'evil')
    >>> isolated("\u05d0\u05d1") == "\u2068\u05d0\u05d1\u2069"
    True
    """
    if text.isascii():
        return text
    text = "".join(c for c in text if c not in DIRECTION_MARKS)
    turns = any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
    return f"\u2068{text}\u2069" if turns else text


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
    if seconds < 0.001:
        return f"{number(seconds * 1000, 1)} ms" if seconds > 0 else "0 s"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, "s")
    minutes = round(whole / 60)
    return _two(minutes // 60, "h", minutes % 60, "min")


def _two(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large} {unit}" + (f" {small} {small_unit}" if small else "")


def filesize(size: float | None) -> str:
    """Bytes in the unit that fits, 1 MB being a million of them.

    >>> filesize(4_200_000), filesize(812)
    ('4.2 MB', '812 bytes')
    """
    if _missing(size):
        return NOTHING
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if size >= 0.99995 * scale:
            return f"{size / scale:.1f} {unit}" if size < 99.95 * scale else f"{size / scale:,.0f} {unit}"
    return f"{size:.0f} bytes"
