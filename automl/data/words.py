"""How numbers, names and values are put into the sentences people read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from automl.wording import isolated, percent

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(n: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "row"), count(5000, "row"), count(2, "category", "categories")
    ('1 row', '5,000 rows', '2 categories')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def spelled(n: int) -> str:
    """Small numbers as words, others in digits.

    >>> spelled(2), spelled(1200)
    ('two', '1,200')
    """
    return _SMALL[n] if 0 <= n < len(_SMALL) else f"{n:,}"


def listed(items: Iterable[Any], limit: int = 3, quote: str = "'") -> str:
    """Names in a row, the rest counted.

    >>> listed(["a", "b"]), listed("abcde")
    ("'a' and 'b'", "'a', 'b', 'c' and 2 more")
    """
    shown = [f"{quote}{shorten(i)}{quote}" for i in items]
    if len(shown) > limit + 1:
        shown = [*shown[:limit], f"{len(shown) - limit:,} more"]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" and {shown[-1]}" if shown else ""


def shorten(value: Any, limit: int = 40) -> str:
    """A value on one line, cut where it gets long."""
    text = " ".join(str(value).split())
    return isolated(text if len(text) <= limit else text[: limit - 1] + "…")


def share(part: int, whole: int) -> str:
    """A share in percent with one decimal.

    >>> share(852, 1000)
    '85.2 %'
    """
    return percent(part / whole if whole else 0.0)
