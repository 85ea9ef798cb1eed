"""How two columns go together, whatever their kinds, each measure from 0 to 1.

- number and number: |Spearman's ρ|, the correlation of their ranks (Spearman 1904)
- category and category: Cramér's V, corrected for bias (Bergsma 2013), and Theil's U, the share of one
  column's uncertainty that the other takes away (Theil 1970)
- category and number: the correlation ratio η (Fisher 1925), on ranks and corrected for the number of
  values (ε, Kelley 1935)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.profile import dates_of, numbers_of
from automl.types import Column, ColumnKind

PAIR_ROWS = 10_000
MOST_COLUMNS = 60  # of a wide table; pairs grow with the square
MOST_VALUES = 200  # categories with more say little about pairs
STRONG = 0.7  # shown as going together
REDUNDANT = 0.95  # one of the two says nearly all that the other says
NUMBERS, VALUES, MIXED = "both rise or fall together", "one category tells the other", "the category sets the number apart"


@dataclass(frozen=True)
class Pair:
    """Two columns with the strength of their association; `same` says one is the other written anew."""

    first: str
    second: str
    value: float
    measure: str
    same: str = ""  # "copy" | "one to one" | ""


@dataclass(frozen=True)
class Associations:
    """`matrix` is square over `names`; `pairs` are the strong ones, strongest first."""

    names: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]
    pairs: tuple[Pair, ...]
    left_out: int = 0  # columns past the limit, or with too many values
    rows: int = 0


# -- measures -----------------------------------------------------------------------------


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """|ρ| of two columns of numbers, over the rows that have both.

    >>> spearman(np.array([1.0, 2, 3, 4]), np.array([1.0, 8, 27, 64]))
    1.0
    """
    from scipy.stats import rankdata

    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 3:
        return 0.0
    return _correlation(rankdata(a[both]), rankdata(b[both]))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    spread = np.sqrt((a @ a) * (b @ b))
    return float(np.round(min(abs(a @ b) / spread, 1.0), 12)) if spread > 0 else 0.0


def table_of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Rows by value of two columns of codes (−1 is missing); shape (values of a, values of b)."""
    both = (a >= 0) & (b >= 0)
    a, b = a[both], b[both]
    if not len(a):
        return np.zeros((0, 0))
    counts = np.bincount(a * (b.max() + 1) + b, minlength=(a.max() + 1) * (b.max() + 1))
    counts = counts.reshape(a.max() + 1, b.max() + 1).astype(np.float64)
    return counts[counts.any(axis=1)][:, counts.any(axis=0)]


def cramers_v(counts: np.ndarray) -> float:
    """Bias-corrected Cramér's V of a table of counts.

    >>> cramers_v(np.array([[50.0, 0], [0, 50]])), cramers_v(np.array([[25.0, 25], [25, 25]]))
    (1.0, 0.0)
    """
    if min(counts.shape, default=0) < 2:
        return 0.0
    n, (r, k) = counts.sum(), counts.shape
    if n < 3:
        return 0.0
    expected = counts.sum(axis=1)[:, None] * counts.sum(axis=0) / n
    phi = max(0.0, ((counts - expected) ** 2 / expected).sum() / n - (k - 1) * (r - 1) / (n - 1))
    most = min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1
    return float(np.round(min(np.sqrt(phi / most), 1.0), 12)) if most > 0 else 0.0


def theils_u(counts: np.ndarray) -> float:
    """The share of the uncertainty about the columns of a table that its rows take away.

    >>> theils_u(np.array([[30.0, 0], [20, 0], [0, 50]])), theils_u(np.array([[25.0, 25], [25, 25]]))
    (1.0, 0.0)
    """
    n = counts.sum()
    if not n:
        return 0.0
    whole = _entropy(counts.sum(axis=0) / n)
    if whole <= 0:
        return 1.0
    rows = counts.sum(axis=1)
    left = sum(size / n * _entropy(row / size) for row, size in zip(counts, rows, strict=True) if size)
    return float(np.round(np.clip(1 - left / whole, 0.0, 1.0), 12))


def _entropy(shares: np.ndarray) -> float:
    known = shares[shares > 0]
    return float(-(known * np.log(known)).sum())


def correlation_ratio(codes: np.ndarray, numbers: np.ndarray) -> float:
    """How far values of a category set a number's ranks apart; 0 where the corrected share is below 0.

    >>> correlation_ratio(np.repeat([0, 1], 50), np.arange(100.0)) > 0.8
    True
    """
    from scipy.stats import rankdata

    both = (codes >= 0) & np.isfinite(numbers)
    codes = np.unique(codes[both], return_inverse=True)[1]
    n, groups = len(codes), int(codes.max(initial=-1)) + 1
    if groups < 2 or n <= groups:
        return 0.0
    y = rankdata(numbers[both])
    sizes = np.bincount(codes)
    means = np.bincount(codes, y) / sizes
    whole = ((y - y.mean()) ** 2).sum()
    if whole <= 0:
        return 0.0
    inside = ((y - means[codes]) ** 2).sum()
    corrected = 1 - (inside / (n - groups)) / (whole / (n - 1))
    return float(np.round(np.sqrt(np.clip(corrected, 0.0, 1.0)), 12))


# -- a whole table ------------------------------------------------------------------------


def associations(frame: pd.DataFrame, columns: tuple[Column, ...], seed: int = 0) -> Associations:
    """Every pair of columns, from at most 10,000 rows and 60 columns.

    Text and identifiers are compared only as copies of one another.

    Parameters
    ----------
    frame : DataFrame
    columns : tuple of Column
        Its profile.

    >>> from automl.data.profile import profile
    >>> table = pd.DataFrame({"a": [i % 50 for i in range(100)], "c": ["x", "y"] * 50})
    >>> table["b"] = table["a"] ** 2 + table.index / 1000
    >>> [(p.first, p.second, round(p.value, 2)) for p in associations(table, profile(table)).pairs]
    [('a', 'b', 1.0)]
    """
    rows = np.arange(len(frame))
    if len(frame) > PAIR_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(frame), PAIR_ROWS, replace=False))
    table = frame.iloc[rows]
    used = [c for c in columns if c.distinct > 1 and c.name in frame.columns][:MOST_COLUMNS]
    measured: dict[str, tuple[bool, np.ndarray]] = {}
    for c in used:
        if c.kind in (ColumnKind.NUMERIC, ColumnKind.DATETIME):
            measured[c.name] = (True, as_numbers(table[c.name], c.kind))
        elif c.kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN) and c.distinct <= MOST_VALUES:
            measured[c.name] = (False, pd.factorize(table[c.name])[0])
    names = list(measured)
    matrix, pairs = np.eye(len(names)), []
    whole = _ranked({n: v for n, (number, v) in measured.items() if number and np.isfinite(v).all()})
    same = one_to_one(table, used)
    for i, a in enumerate(names):
        for j in range(i + 1, len(names)):
            b = names[j]
            value, measure = _pair(a, b, measured, whole)
            matrix[i, j] = matrix[j, i] = value
            if value >= STRONG and frozenset((a, b)) not in same:
                pairs.append(Pair(a, b, value, measure))
    pairs += [Pair(*sorted(both, key=list(frame.columns).index), 1.0, "", how) for both, how in same.items()]
    pairs.sort(key=lambda p: (-p.value, not p.same, p.first, p.second))
    left_out = sum(c.distinct > 1 for c in columns) - len(names)
    return Associations(
        tuple(names), tuple(tuple(float(v) for v in row) for row in matrix), tuple(pairs), left_out, len(rows)
    )


def as_numbers(values: pd.Series, kind: ColumnKind) -> np.ndarray:
    """Numbers, or dates as seconds; NaN where missing."""
    if kind is not ColumnKind.DATETIME:
        return numbers_of(values).to_numpy(dtype=np.float64)
    stamps = dates_of(values)
    seconds = stamps.to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9
    return np.where(stamps.notna().to_numpy(), seconds, np.nan)


def _ranked(numbers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Ranks of the columns without gaps, centred and of length 1: a product gives their correlation."""
    from scipy.stats import rankdata

    out = {}
    for name, values in numbers.items():
        centred = rankdata(values) - (len(values) + 1) / 2
        length = np.sqrt(centred @ centred)
        out[name] = centred / length if length > 0 else centred
    return out


def _pair(
    a: str, b: str, measured: dict[str, tuple[bool, np.ndarray]], whole: dict[str, np.ndarray]
) -> tuple[float, str]:
    (a_number, x), (b_number, y) = measured[a], measured[b]
    if a_number and b_number:
        if a in whole and b in whole:
            return float(np.round(min(abs(whole[a] @ whole[b]), 1.0), 12)), NUMBERS
        return spearman(x, y), NUMBERS
    if a_number or b_number:
        return (correlation_ratio(y, x) if a_number else correlation_ratio(x, y)), MIXED
    return cramers_v(table_of(x, y)), VALUES


def one_to_one(table: pd.DataFrame, columns: list[Column]) -> dict[frozenset[str], str]:
    """Pairs of columns that tell the same: copies, or one value of one for each value of the other.

    Gaps count as a value. Columns with a new value in (nearly) every row are only compared as copies:
    any two such columns go one to one.
    """
    codes = {c.name: pd.factorize(table[c.name], use_na_sentinel=False)[0] for c in columns}
    groups: dict[tuple[int, int], list[str]] = {}
    for name, found in codes.items():
        size = int(found.max(initial=-1)) + 1
        if size > 1:
            groups.setdefault((size, hash(found.tobytes())), []).append(name)
    kinds = {c.name: c.kind for c in columns}
    out: dict[frozenset[str], str] = {}
    for (size, _), names in groups.items():
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                if not np.array_equal(codes[a], codes[b]):
                    continue
                if _equal(table[a], table[b], kinds[a], kinds[b]):
                    out[frozenset((a, b))] = "copy"
                elif size <= 0.9 * len(table):
                    out[frozenset((a, b))] = "one to one"
    return out


def _equal(a: pd.Series, b: pd.Series, kind: ColumnKind, other: ColumnKind) -> bool:
    if {kind, other} <= {ColumnKind.NUMERIC, ColumnKind.DATETIME} and kind is other:
        x, y = as_numbers(a, kind), as_numbers(b, other)
        return bool(np.array_equal(x, y, equal_nan=True))
    x, y = (s.astype("str").str.strip().str.lower().where(s.notna(), "") for s in (a, b))
    return bool((x.to_numpy() == y.to_numpy()).all())


