"""Where values are missing: how many rows are whole, which columns are empty together, what it tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.types import Column

TOGETHER = 0.9  # of the rows where one of two columns is missing, both are (Jaccard)
LEAST_MISSING = 0.001  # share of rows; fewer gaps form no pattern …
LEAST_CELLS = 5  # … and as many cells at least
MOST_COLUMNS = 200
MOST_PATTERNS = 8


@dataclass(frozen=True)
class Pattern:
    """Rows with gaps in exactly these columns."""

    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Missingness:
    """Counts are of the `rows` looked at. `together` are groups of columns that are missing together."""

    rows: int
    whole: int  # rows without a gap
    together: tuple[tuple[str, ...], ...] = ()
    patterns: tuple[Pattern, ...] = ()  # most frequent first; the whole rows not among them


def missingness(frame: pd.DataFrame, columns: tuple[Column, ...]) -> Missingness:
    """Patterns of missing cells.

    >>> from automl.data.profile import profile
    >>> table = pd.DataFrame({"a": [1, None] * 10, "b": ["x", None] * 10, "c": range(20)})
    >>> missingness(table, profile(table)).together
    (('a', 'b'),)
    """
    names = [c.name for c in columns if c.name in frame.columns]
    gaps = frame[names].isna()
    counts = gaps.sum()
    some = [n for n in names if counts[n]][:MOST_COLUMNS]
    mask = gaps[some].to_numpy(dtype=bool)
    whole = int((~mask.any(axis=1)).sum()) if some else len(frame)
    least = max(LEAST_CELLS, LEAST_MISSING * len(frame))
    often = [i for i, n in enumerate(some) if least <= counts[n] < len(frame)]
    return Missingness(len(frame), whole, _together(mask, some, often), _patterns(mask, some))


def _together(mask: np.ndarray, names: list[str], often: list[int]) -> tuple[tuple[str, ...], ...]:
    part = mask[:, often].astype(np.float32)
    both = part.T @ part
    sizes = np.diag(both)
    either = sizes[:, None] + sizes - both
    close = np.divide(both, either, out=np.zeros_like(both), where=either > 0) >= TOGETHER
    groups, left = [], list(range(len(often)))
    while left:
        first = left.pop(0)
        group = [first, *(j for j in left if close[first, j])]
        left = [j for j in left if j not in group]
        if len(group) > 1:
            groups.append(tuple(names[often[j]] for j in group))
    return tuple(groups)


def _patterns(mask: np.ndarray, names: list[str]) -> tuple[Pattern, ...]:
    if not names:
        return ()
    packed = np.packbits(mask, axis=1)
    _, first, counts = np.unique(packed, axis=0, return_index=True, return_counts=True)
    out = []
    for i in np.argsort(-counts, kind="stable"):
        row = mask[first[i]]
        if row.any():
            out.append(Pattern(tuple(n for n, gap in zip(names, row, strict=True) if gap), int(counts[i])))
    return tuple(out[:MOST_PATTERNS])
