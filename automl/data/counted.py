"""Numbers that count from a day on, as spreadsheets and computers store dates: told from their size and their column's name."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from automl.data.parse import to_date

# Each way with the numbers that the years 1990 to 2040 have in it; formats as `parse.to_date` takes them.
WAYS = (
    ("days since 1899-12-30", 32_874.0, 51_502.0),
    ("seconds since 1970", 631_152_000.0, 2_240_524_800.0),
    ("milliseconds since 1970", 631_152_000e3, 2_240_524_800e3),
    ("microseconds since 1970", 631_152_000e6, 2_240_524_800e6),
    ("nanoseconds since 1970", 631_152_000e9, 2_240_524_800e9),
)
SAID = {"days since 1899-12-30": "days since 1899-12-30, as spreadsheets store dates"}
_NAMED = re.compile(
    r"date|datum|fecha|dato\b|data\b|jour|time|zeit|stamp|epoch|unix|created|updated|modified|(^|_)(ts|dt|at|on|day|tag|when|start|end|begin)($|_)",
    re.IGNORECASE,
)
_DAY_NAMED = re.compile(r"date|datum|fecha|dato\b|jour|(^|_)(dt|day|tag|when|on|data)($|_)", re.IGNORECASE)
LEAST = 2  # different numbers


def is_named(name: str) -> bool:
    """Whether a column is called as one of dates or times.

    >>> is_named("created_at"), is_named("Rating")
    (True, False)
    """
    return bool(_NAMED.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)))


def way_of(numbers: np.ndarray) -> str | None:
    """How these numbers would be dates between 1990 and 2040; None where they can't be.

    >>> way_of(np.array([1.7e9, 1.71e9])), way_of(np.array([45000.0, 45001.5])), way_of(np.array([5.0, 6.0]))
    ('seconds since 1970', 'days since 1899-12-30', None)
    """
    known = numbers[np.isfinite(numbers)]
    if len(known) < LEAST or known.min() == known.max():
        return None
    return next((way for way, low, high in WAYS if low <= known.min() and known.max() <= high), None)


def hint(name: str, numbers: np.ndarray) -> str:
    """What to say of a column of numbers that look like dates by their size and name; empty where they don't."""
    if not is_named(name) or (way := way_of(numbers)) is None:
        return ""
    if way == WAYS[0][0] and not _DAY_NAMED.search(name):
        return ""
    ends = to_date(pd.Series([np.nanmin(numbers), np.nanmax(numbers)]), way).dt.strftime("%Y-%m-%d")
    return f"looks like {SAID.get(way, way)}, which would be {ends[0]} to {ends[1]}. It is read as numbers; to read it as dates, say so for the column (in the shell --read-as '{name}=date')."
