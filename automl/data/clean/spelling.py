"""Categories that are written in several ways, found by what is left without case, spaces, accents and marks."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
import pyarrow as pa

from automl.data.distinct import distinct_text

BETWEEN = re.compile(r"(?<=\w)[\s.,;:_'\"/\u2019-]+(?=\w)")
DIGIT = re.compile(r"[0-9]")
MOST_VALUES = 5_000  # distinct ones; a column with more is no category


def variants(column: pd.Series, most: int = MOST_VALUES) -> dict[str, dict[str, int]]:
    """For each value that is written in several ways: the way to keep, and the cells of the others.

    The most frequent one is kept; of equals, one that is not all capitals or all small. A column with more than `most`
    different values is not looked at.

    >>> variants(pd.Series(["New York", "New York", "new york ", "NEW-YORK", "Rome"]))
    {'New York': {'NEW-YORK': 1, 'new york': 1}}
    """
    if isinstance(column.dtype, pd.StringDtype):
        texts, held = distinct_text(column)
    else:
        given = column.value_counts(sort=False)
        texts, held = given.index, given.to_numpy()
    if len(texts) > most:
        return {}
    counts: dict[str, int] = {}
    values = texts.to_pylist() if isinstance(texts, pa.Array) else texts
    for value, cells in zip(values, held.tolist(), strict=True):
        if isinstance(value, str):
            counts[value.strip()] = counts.get(value.strip(), 0) + cells
    groups: dict[str, list[str]] = {}
    for value in sorted(counts):
        groups.setdefault(skeleton(value), []).append(value)
    found = {}
    for key, written in groups.items():
        if key and len(written) > 1:
            chosen = max(written, key=lambda v: (counts[v], v not in (v.upper(), v.lower()), v))
            found[chosen] = {v: counts[v] for v in written if v != chosen}
    return dict(sorted(found.items()))


def skeleton(value: str) -> str:
    """What is left of a text: letters and digits, small, without accents. Signs that carry meaning stay.

    >>> skeleton("NEW-YORK"), skeleton(" new york"), skeleton("A+"), skeleton("-1")
    ('newyork', 'newyork', 'a+', '-1')
    """
    plain = value.strip().casefold()
    if plain.isascii():  # much sooner, and most are
        return plain if plain.isalnum() or DIGIT.search(plain) else BETWEEN.sub("", plain)
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain if any(c.isdigit() for c in plain) else BETWEEN.sub("", plain)
