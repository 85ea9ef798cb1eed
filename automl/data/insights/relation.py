"""How the target moves with one column: its mean, or the share of each class, by bin or value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.insights.association import as_numbers
from automl.data.insights.outcome import Outcome
from automl.data.words import shorten
from automl.types import Column, ColumnKind
from automl.wording import value

BINS = 10
VALUES = 12
MISSING, OTHERS = "missing", "all others"


@dataclass(frozen=True)
class Part:
    """Rows of one bin or value: how many have a target, and its mean, or the share of every class."""

    label: str
    rows: int
    mean: float | None
    shares: tuple[float, ...] = ()
    error: float = 0.0  # standard error of the mean, or of the largest share


@dataclass(frozen=True)
class Relation:
    """`whole` is over all rows; `labels` name the classes, none where the target is a number."""

    column: str
    kind: str  # bins | values
    parts: tuple[Part, ...]
    whole: Part
    labels: tuple[str, ...] = ()


def relation(frame: pd.DataFrame, column: Column, outcome: Outcome) -> Relation | None:
    """The target by bins of a number, date or text's length, or by the most frequent values.

    None where the column has one value or the target none.

    >>> table = pd.DataFrame({"plan": ["a", "a", "b", "b"], "paid": [1.0, 3.0, 10.0, 10.0]})
    >>> from automl.data.profile import profile
    >>> found = relation(table, profile(table)[0], Outcome.of(table, "paid", number=True))
    >>> [(p.label, p.mean) for p in found.parts]
    [('a', 2.0), ('b', 10.0)]
    """
    if not len(outcome.rows) or not column.distinct:
        return None
    values = frame[column.name].iloc[outcome.rows]
    kind, codes, labels = _parts(values, column)
    if not labels:
        return None
    parts = tuple(
        part for i, label in enumerate(labels) if (part := _part(label, codes == i, outcome)) is not None
    )
    whole = _part("all rows", np.ones(len(outcome.rows), dtype=bool), outcome)
    assert whole is not None
    return Relation(column.name, kind, parts, whole, tuple(str(v) for v in outcome.labels))


def _part(label: str, mine: np.ndarray, outcome: Outcome) -> Part | None:
    n = int(mine.sum())
    if not n:
        return None
    if outcome.is_number:
        values = outcome.numbers[mine]
        error = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0
        return Part(label, n, float(values.mean()), (), error)
    shares = np.bincount(outcome.codes[mine], minlength=len(outcome.labels)) / n
    top = float(shares.max())
    return Part(label, n, None, tuple(shares.tolist()), float(np.sqrt(top * (1 - top) / n)))


def _parts(values: pd.Series, column: Column) -> tuple[str, np.ndarray, list[str]]:
    gaps = values.isna().to_numpy(dtype=bool)
    if column.kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        return "values", *_by_value(values, gaps)
    if column.kind in (ColumnKind.TEXT, ColumnKind.IDENTIFIER) and values.dtype.kind not in "iufM":
        lengths = values.astype("str").str.len().to_numpy(dtype=np.float64)
        return "bins", *_by_bin(np.where(gaps, np.nan, lengths), lambda a, b: f"{a:.0f} to {b:.0f} characters")
    if column.kind is ColumnKind.DATETIME:
        seconds = as_numbers(values, column.kind)
        days = np.nanmax(seconds) - np.nanmin(seconds) > 3 * 86400 if np.isfinite(seconds).any() else True

        def between(a: float, b: float) -> str:
            form = "%Y-%m-%d" if days else "%Y-%m-%d %H:%M"
            return " to ".join(pd.Timestamp(v, unit="s").strftime(form) for v in (a, b))

        return "bins", *_by_bin(seconds, between)
    numbers = as_numbers(values, ColumnKind.NUMERIC)
    known = numbers[np.isfinite(numbers)]
    if len(np.unique(known)) <= VALUES:
        distinct = np.unique(known)
        codes = np.searchsorted(distinct, numbers)
        codes[~np.isfinite(numbers)] = len(distinct)
        labels = [value(float(v), column.name) for v in distinct]
        return "values", codes, [*labels, *([MISSING] if (~np.isfinite(numbers)).any() else [])]
    return "bins", *_by_bin(numbers, lambda a, b: f"{value(a, column.name)} to {value(b, column.name)}")


def _by_value(values: pd.Series, gaps: np.ndarray) -> tuple[np.ndarray, list[str]]:
    counts = values.value_counts()
    shown = counts.index[:VALUES]
    codes = np.full(len(values), len(shown))
    places = {v: i for i, v in enumerate(shown)}
    codes[~gaps] = [places.get(v, len(shown)) for v in values[~gaps]]
    labels = [shorten(v) for v in shown]
    if len(counts) > VALUES:
        labels.append(OTHERS)
    if gaps.any():
        codes[gaps] = len(labels)
        labels.append(MISSING)
    return codes, labels


def _by_bin(numbers: np.ndarray, worded: object) -> tuple[np.ndarray, list[str]]:
    """Bins with about as many rows each, named by the smallest and largest value in them."""
    known = np.isfinite(numbers)
    if not known.any():
        return np.zeros(len(numbers), dtype=np.int64), [MISSING]
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))
    codes = np.searchsorted(edges, numbers, side="left")
    codes[~known] = -1
    used = np.unique(codes[known])
    codes = np.where(known, np.searchsorted(used, codes), len(used))
    labels = []
    for i in range(len(used)):
        mine = numbers[codes == i]
        low, high = float(mine.min()), float(mine.max())
        labels.append(worded(low, high) if high > low else worded(low, high).split(" to ")[-1])
    return codes, [*labels, *([MISSING] if not known.all() else [])]
