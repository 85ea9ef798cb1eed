"""How far the values of a column moved between two groups of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtri  # scipy.stats, which has it too, takes 0.4 s to load

BINS = 10
MOST_VALUES = 20  # of a category; rarer ones count together
LUCK = 0.001  # of a table whose rows are all of one kind, that a column is said to have moved
CHANCE = 4.0  # times what chance alone gives: below it there is no shift to speak of


def stability_index(before: pd.Series, after: pd.Series, columns: int = 1) -> float:
    """The population stability index of a column, less what chance alone would give.

    Sum of (share after - share before) · ln(share after / share before) over tenths of the values
    before, or the most frequent values (Siddiqi 2006). Two samples of one population give about
    (bins - 1) · (1/n + 1/m); an index below four times that counts as 0. Over (1/n + 1/m) it is chi-squared with bins - 1
    degrees of freedom: where it is the largest of many, so much more is asked of it as once in a thousand tables one is.

    Parameters
    ----------
    before, after : Series of shape (rows,)
        Numbers, dates or words; missing values are a bin of their own.
    columns : int
        That are looked at.

    >>> same = pd.Series(np.arange(1000.0))
    >>> stability_index(same, same), stability_index(same, same + 900) > 1
    (0.0, True)
    """
    if not len(before) or not len(after):
        return 0.0
    first, second = _bins(before, after)
    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    p, q = (np.bincount(codes, minlength=size) + 0.5 for codes in (first, second))
    free, each = np.count_nonzero(p > 0.5) - 1, 1 / len(before) + 1 / len(after)
    p, q = p / p.sum(), q / q.sum()
    index = float(((q - p) * np.log(q / p)).sum())
    return index if index > max(CHANCE * free, chdtri(max(free, 1), LUCK / columns)) * each else 0.0


def _bins(before: pd.Series, after: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    if before.dtype.kind in "iufM":
        numbers = [part.to_numpy().astype("float64") for part in (before, after)]
        numbers = [
            np.where(part.isna(), np.nan, values)
            for part, values in zip((before, after), numbers, strict=True)
        ]
        known = numbers[0][np.isfinite(numbers[0])]
        edges = (
            np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)
        )
        return tuple(
            np.where(np.isnan(v), len(edges) + 1, np.searchsorted(edges, v, side="right")) for v in numbers
        )
    top = before.dropna().value_counts().index[:MOST_VALUES]
    place = {value: i for i, value in enumerate(top)}
    missing = len(top) + 1
    return tuple(
        part.map(lambda v: missing if v is None or v != v else place.get(v, len(top))).to_numpy().astype(int)
        for part in (before, after)
    )
