"""Rows unlike the others: an isolation forest finds them, their odd cells say why.

Isolation forest (Liu, Ting and Zhou 2008): rows that random cuts set apart after few cuts are unlike the
rest; a score of 0.5 is ordinary, towards 1 a row stands alone. From 0.6 on a row is counted here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.insights.association import as_numbers
from automl.data.words import listed, shorten
from automl.types import Column, ColumnKind
from automl.wording import percent, value

ROWS = 20_000
TREES, DRAWN = 100, 256  # the paper's own
UNUSUAL = 0.6
SHOWN = 10
RARE = 0.02  # a cell this far out, or this rare, is named
REASONS = 3
LEAST_ROWS = 30


@dataclass(frozen=True)
class Anomaly:
    """One row: its position in the table, how unusual, and what is unusual about it."""

    row: int
    score: float
    reasons: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Anomalies:
    """`count` rows past the limit of `rows` looked at; the most unusual ones in `shown`."""

    count: int
    rows: int
    shown: tuple[Anomaly, ...]


def anomalies(frame: pd.DataFrame, columns: tuple[Column, ...], seed: int = 0) -> Anomalies:
    """The most unusual rows, from at most 20,000.

    Parameters
    ----------
    frame : DataFrame
    columns : tuple of Column
        Its profile; text and identifiers are left out.

    >>> from automl.data.profile import profile
    >>> table = pd.DataFrame({"x": [*([1.0, 2.0, 3.0] * 40), 900.0], "y": [*([5.0, 6.0] * 60), -70.0]})
    >>> anomalies(table, profile(table)).shown[0].row
    120
    """
    rows = np.arange(len(frame))
    if len(frame) > ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(frame), ROWS, replace=False))
    table = frame.iloc[rows]
    x, odd = [], {}
    for c in columns:
        if c.distinct < 2 or c.name not in frame.columns:
            continue
        if c.kind in (ColumnKind.NUMERIC, ColumnKind.DATETIME):
            values = as_numbers(table[c.name], c.kind)
            known = np.isfinite(values)
            if known.any():
                x.append(np.where(known, values, np.median(values[known])))
                odd[c.name] = _tail(values)
        elif c.kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
            odd[c.name] = _frequency(table[c.name])
            x.append(-np.log(odd[c.name]))
    if len(table) < LEAST_ROWS or not x:
        return Anomalies(0, len(table), ())
    from sklearn.ensemble import IsolationForest

    matrix = np.column_stack(x).astype(np.float64)
    spread = matrix.std(axis=0)
    matrix = (matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    forest = IsolationForest(n_estimators=TREES, max_samples=min(DRAWN, len(matrix)), random_state=seed)
    scores = -forest.fit(matrix).score_samples(matrix)
    kinds, shown = {c.name: c.kind for c in columns}, []
    for i in np.argsort(-scores, kind="stable")[:SHOWN]:
        if scores[i] < UNUSUAL:
            break
        named = sorted((name for name in odd if odd[name][i] <= RARE), key=lambda name: odd[name][i])[:REASONS]
        reasons = tuple(_reason(table[name], int(i), float(odd[name][i]), kinds[name]) for name in named)
        if not named:
            named = sorted(odd, key=lambda name: odd[name][i])[:REASONS]
            reasons = (f"each value is ordinary; together {listed(named, quote='')} are not",)
        shown.append(Anomaly(int(rows[i]), float(scores[i]), reasons, tuple(named)))
    return Anomalies(int((scores >= UNUSUAL).sum()), len(table), tuple(shown))


def _tail(values: np.ndarray) -> np.ndarray:
    """The share of rows that are at least as far out on the same side of the median; 1 where missing."""
    known = np.isfinite(values)
    out = np.ones(len(values))
    ordered = np.sort(values[known])
    below = np.searchsorted(ordered, values[known], side="right") / len(ordered)
    above = 1 - np.searchsorted(ordered, values[known], side="left") / len(ordered)
    out[known] = np.minimum(below, above)
    return out


def _frequency(values: pd.Series) -> np.ndarray:
    codes = pd.factorize(values, use_na_sentinel=False)[0]
    return (np.bincount(codes) / len(codes))[codes]


def _reason(values: pd.Series, i: int, share: float, kind: ColumnKind) -> str:
    cell, name = values.iloc[i], shorten(values.name, 30)
    if kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        what = "is missing" if pd.isna(cell) else f"is '{shorten(cell, 24)}'"
        return f"{name} {what}, as in {percent(share)} of the rows"
    numbers = as_numbers(values, kind)
    high = numbers[i] >= np.nanmedian(numbers)
    if kind is ColumnKind.DATETIME:
        return f"{name} is {str(cell)[:10]}, {'later' if high else 'earlier'} than in {percent(1 - share)} of the rows"
    return (
        f"{name} is {value(float(numbers[i]), str(values.name))}, {'higher' if high else 'lower'} than in {percent(1 - share)} of the rows"
    )
