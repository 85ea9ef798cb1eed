"""The values of a column that are worth trying: those that training rows have."""

from __future__ import annotations

import numpy as np

POINTS = 24
MOST_WORDS = 15
RANGE = (0.01, 0.99)  # a few wild values would squeeze the rest into one corner


def is_words(values: np.ndarray) -> bool:
    return values.dtype == object


def missing(values: np.ndarray) -> np.ndarray:
    """Which values are missing."""
    if values.dtype == object:
        return np.array([v is None for v in values], dtype=bool)
    return np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)


def try_values(values: np.ndarray, points: int = POINTS, most_words: int = MOST_WORDS) -> np.ndarray:
    """Values to try, of the column's dtype: ascending numbers or dates that rows have, the most frequent words.

    >>> try_values(np.array([3.0, 1.0, np.nan, 2.0, 1.0])).tolist()
    [1.0, 2.0, 3.0]
    >>> try_values(np.array(["a", "b", "b", None], dtype=object)).tolist()
    ['b', 'a', None]
    """
    gone = missing(values)
    known = values[~gone]
    if is_words(values):
        names, counts = np.unique(known.astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")[:most_words]
        words = [str(names[i]) for i in order]
        return np.array([*words, *([None] if gone.any() or not words else []), None], dtype=object)[:-1]
    if not len(known):
        return values[:1]
    distinct = np.unique(known)
    if len(distinct) <= points:
        return distinct
    low, high = RANGE
    places = np.linspace(low, high, points) * (len(known) - 1)
    return np.unique(np.sort(known)[places.round().astype(int)])


def as_numbers(values: np.ndarray) -> np.ndarray:
    """Numbers, and dates as nanoseconds, so that both can be measured; missing ones are NaN."""
    if values.dtype.kind == "M":
        numbers = values.astype("datetime64[ns]").astype(np.int64).astype(np.float64)
        return np.where(np.isnat(values), np.nan, numbers)
    return values.astype(np.float64)
