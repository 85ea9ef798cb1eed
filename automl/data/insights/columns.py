"""Facts of one column: its statistics, and what deserves a look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.insights.association import as_numbers
from automl.data.words import count, shorten
from automl.types import Column, ColumnKind, Note
from automl.wording import percent

OFTEN_MISSING = 0.4
NEARLY_CONSTANT = 0.995  # share of the most frequent value
SKEWED = 3.0  # |skewness|; 0 is symmetric, 2 an exponential distribution
FAR_OUT, MANY_FAR_OUT = 3.0, 0.01  # Tukey's far out fences, and the share of values beyond them
MANY_VALUES, FEW_ROWS_EACH = 50, 10  # categories: this many values with so few rows each
TOP = 5


@dataclass(frozen=True)
class Fact:
    """One figure with its name, as number or text."""

    name: str
    value: float | str


def statistics(values: pd.Series, kind: ColumnKind) -> tuple[Fact, ...]:
    """The usual figures of a column of this kind; none where it is empty.

    >>> [(f.name, f.value) for f in statistics(pd.Series([1.0, 2, 3]), ColumnKind.NUMERIC)][:3]
    [('mean', 2.0), ('median', 2.0), ('standard deviation', 1.0)]
    """
    filled = values.dropna()
    if not len(filled):
        return ()
    if kind is ColumnKind.NUMERIC:
        numbers = as_numbers(filled, kind)
        numbers = numbers[np.isfinite(numbers)]
        if not len(numbers):
            return ()
        low, first, middle, third, high = np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1])
        spread = float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0
        pairs = [
            ("mean", numbers.mean()), ("median", middle), ("standard deviation", spread), ("smallest", low),
            ("quarter below", first), ("quarter above", third), ("largest", high),
            ("zeros", percent(float((numbers == 0).mean()))),
        ]  # fmt: skip
        return tuple(Fact(n, v if isinstance(v, str) else float(v)) for n, v in pairs)
    if kind is ColumnKind.DATETIME:
        seconds = as_numbers(filled, kind)
        seconds = seconds[np.isfinite(seconds)]
        if not len(seconds):
            return ()
        stamps = [pd.Timestamp(v, unit="s") for v in np.quantile(seconds, [0, 0.5, 1])]
        words = [str(s.date()) if s == s.normalize() else f"{s:%Y-%m-%d %H:%M}" for s in stamps]
        return tuple(Fact(n, w) for n, w in zip(("earliest", "median", "latest"), words, strict=True))
    counts = filled.astype("str").value_counts()
    top = counts.iloc[0]
    facts = [Fact("most frequent", shorten(counts.index[0])), Fact("its share", percent(float(top / len(filled))))]
    if kind in (ColumnKind.TEXT, ColumnKind.IDENTIFIER):
        lengths = filled.astype("str").str.len()
        facts += [Fact("characters, median", float(lengths.median())), Fact("longest", float(lengths.max()))]
    else:
        facts.append(Fact("values with one row", float((counts == 1).sum())))
    return tuple(facts)


def warnings(values: pd.Series, column: Column, rows: int) -> tuple[Note, ...]:
    """What deserves a look in one column.

    Parameters
    ----------
    values : Series
        The column, or a sample of it.
    column : Column
        Its profile, of the whole.
    rows : int
        Of the whole table.
    """
    notes = []

    def say(code: str, message: str) -> None:
        notes.append(Note(code, message, column.name))

    if not column.distinct:
        return (Note("empty", "It holds no value.", column.name),)
    share = column.missing / max(rows, 1)
    if column.distinct == 1:
        say("constant", "It holds one value only, which tells nothing apart.")
    if column.kind is ColumnKind.IDENTIFIER:
        say("identifier", "It names rows; models leave it out.")
    if share >= OFTEN_MISSING:
        say("often_missing", f"{percent(share)} of its cells have no value.")
    filled = values.dropna()
    if len(filled) and column.distinct > 1 and column.kind is not ColumnKind.IDENTIFIER:
        if column.distinct - 1 <= (1 - NEARLY_CONSTANT) * rows:  # with more values none can fill so many cells
            most = float(filled.value_counts(sort=True).iloc[0] / len(filled))
            if most >= NEARLY_CONSTANT:
                say("nearly_constant", f"One value fills {percent(most)} of its cells.")
        if column.kind is ColumnKind.NUMERIC:
            _numbers(filled, say)
        elif column.kind is ColumnKind.CATEGORICAL:
            _categories(filled, column, say)
    return tuple(notes)


def _numbers(filled: pd.Series, say: object) -> None:
    numbers = as_numbers(filled, ColumnKind.NUMERIC)
    known = numbers[np.isfinite(numbers)]
    lost = len(numbers) - len(known)
    if lost:
        example = shorten(filled[~np.isfinite(numbers)].iloc[0])
        say("mixed", f"{count(lost, 'value')} of {len(numbers):,} read as no number, such as '{example}'.")
    if len(known) < 20:
        return
    low, high = np.quantile(known, [0.25, 0.75])
    reach = FAR_OUT * (high - low)
    outside = float(((known < low - reach) | (known > high + reach)).mean()) if reach > 0 else 0.0
    if outside >= MANY_FAR_OUT:
        say("outliers", f"{percent(outside)} of its values lie far outside the rest.")
    spread = known.std()
    if spread > 0 and abs(float((((known - known.mean()) / spread) ** 3).mean())) >= SKEWED:
        say("skewed", "A few values are much larger or smaller than the rest.")


def _categories(filled: pd.Series, column: Column, say: object) -> None:
    words = filled.astype("str")
    unique = pd.Series(words.unique(), dtype="str")
    tidy = unique.str.strip().str.lower().str.replace(r"\s+", " ", regex=True)
    variants = len(unique) - tidy.nunique()
    if variants:
        twice = tidy[tidy.duplicated()].iloc[0]
        pair = unique[(tidy == twice).to_numpy()].iloc[:2].tolist()
        say(
            "spelled_differently",
            f"{count(variants, 'value')} differ from another only in case or spaces, such as '{shorten(pair[0])}' and '{shorten(pair[1])}'.",
        )
    if column.distinct > MANY_VALUES and len(filled) / max(len(unique), 1) < FEW_ROWS_EACH:
        say("many_values", f"{column.distinct:,} different values, with few rows each to learn from.")
