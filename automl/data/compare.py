"""Two versions of a table side by side: columns new, gone, renamed or of another kind; new values and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd

from automl.data.words import count, listed, shorten
from automl.types import Column, ColumnKind
from automl.wording import number, percent

ALIKE = 0.6  # from this likeness of values on, a column that went and one that came are taken for the same
NAME_WEIGHT = 0.2  # how much alike names count beside alike values
MOST_VALUES = 20_000  # distinct values that are compared
MOST_CATEGORIES = 1_000  # a column with more has no categories that could be new
# A range is said to have changed where it grew by this share of its width, or this share of values lies outside.
RANGE_STEP, OUTSIDE_STEP = 0.05, 0.01
MISSING_STEP = 0.05  # change of the share of missing cells that is worth a line
NUMBERS = (ColumnKind.NUMERIC,)
DATES = (ColumnKind.DATETIME,)


@dataclass(frozen=True)
class Side:
    """One version: its profile, its rows, and the table or a sample of it."""

    columns: Sequence[Column]
    rows: int
    frame: pd.DataFrame


@dataclass(frozen=True)
class Change:
    """One thing that differs. `code` is gone, new, renamed, kind, categories, range or missing."""

    code: str
    column: str  # as it is called now; where it is gone, as it was called
    message: str
    was: str | None = None  # its former name, where it is renamed


@dataclass(frozen=True)
class Difference:
    """What differs between two versions; `same` counts columns that neither came, went nor changed."""

    rows_before: int
    rows_after: int
    changes: tuple[Change, ...]
    same: int

    def of(self, *codes: str) -> list[Change]:
        """The changes of some codes."""
        return [c for c in self.changes if c.code in codes]


def compare(before: Side, after: Side) -> Difference:
    """What differs between two versions of a table.

    Parameters
    ----------
    before, after : Side
        Of large tables a random sample suffices: rare new categories may then be missed.

    >>> def side(frame):
    ...     from automl.data.profile import profile
    ...     return Side(profile(frame), len(frame), frame)
    >>> old, new = pd.DataFrame({"plan": ["a", "b"] * 9}), pd.DataFrame({"tariff": ["a", "b"] * 9})
    >>> [(c.code, c.was, c.column) for c in compare(side(old), side(new)).changes]
    [('renamed', 'plan', 'tariff')]
    """
    old, new = {c.name: c for c in before.columns}, {c.name: c for c in after.columns}
    pairs = [(name, name) for name in old if name in new]
    gone, came = [n for n in old if n not in new], [n for n in new if n not in old]
    changes: list[Change] = []
    for was, name, message in renamed(gone, came, before, after):
        changes.append(Change("renamed", name, message, was))
        pairs.append((was, name))
        gone.remove(was)
        came.remove(name)
    changes += [
        Change("gone", n, f"'{shorten(n)}' is gone ({old[n].kind.word}). Models that learned from it miss it.")
        for n in gone
    ]
    changes += [Change("new", n, f"'{shorten(n)}' is new ({new[n].kind.word}{_examples(new[n])}).") for n in came]
    for was, name in pairs:
        changes += _changes(old[was], new[name], before, after)
    touched = {c.column for c in changes}
    return Difference(before.rows, after.rows, tuple(changes), sum(name not in touched for _, name in pairs))


def _examples(column: Column) -> str:
    if not column.examples:
        return ", empty"
    if column.kind in NUMBERS:
        return f", such as {' and '.join(_in_digits(e) for e in column.examples[:2])}"
    return f", such as {listed(column.examples[:2])}"


def _in_digits(example: str) -> str:
    try:
        return number(float(example))
    except ValueError:
        return example


# --- renamed ----------------------------------------------------------------------------


def renamed(
    gone: Sequence[str], came: Sequence[str], before: Side, after: Side
) -> list[tuple[str, str, str]]:
    """Pairs of a column that went and one that came whose values are alike, the likest first; a sentence for each."""
    found = []
    for was in gone:
        for name in came:
            if fold(was) == fold(name):
                found.append((2.0, was, name, "it is only written another way"))
                continue
            alike, why = _likeness(before.frame[was], after.frame[name])
            if alike >= ALIKE:
                named = SequenceMatcher(None, fold(was), fold(name)).ratio()
                found.append((alike + NAME_WEIGHT * named, was, name, why))
    out, used = [], set()
    for _, was, name, why in sorted(found, key=lambda f: -f[0]):
        if ("was", was) in used or ("is", name) in used:
            continue
        used |= {("was", was), ("is", name)}
        sure = "is" if why.startswith("it is only") else "is probably"
        out.append((was, name, f"'{shorten(was)}' {sure} called '{shorten(name)}' now: {why}."))
    return out


def _likeness(a: pd.Series, b: pd.Series) -> tuple[float, str]:
    """How alike the values of two columns are, from 0 to 1, and why in a few words."""
    if kind_of_values(a) != kind_of_values(b) or not a.notna().any() or not b.notna().any():
        return 0.0, ""
    one, two = (set(s.dropna().unique()[:MOST_VALUES].tolist()) for s in (a, b))
    shared = len(one & two) / min(len(one), len(two))
    why = f"{percent(shared)} of its values are the same"
    if min(len(one), len(two)) == 1 and len(one | two) > 1:
        shared = len(one & two) / len(one | two)
    if kind_of_values(a) == "text":
        return shared, why
    spread = 1.0 - 3.0 * _distance(a, b)
    return (shared, why) if shared >= spread else (spread, "its values are spread alike")


def _distance(a: pd.Series, b: pd.Series) -> float:
    """The Kolmogorov-Smirnov distance: the largest gap between the two cumulative distributions."""
    one, two = (np.sort(s.dropna().to_numpy().astype("float64")) for s in (a, b))
    both = np.concatenate((one, two))
    gap = np.searchsorted(one, both, "right") / len(one) - np.searchsorted(two, both, "right") / len(two)
    return float(np.abs(gap).max())


def kind_of_values(column: pd.Series) -> str:
    """number, date or text, by how the values are stored."""
    return {"i": "number", "u": "number", "f": "number", "M": "date"}.get(column.dtype.kind, "text")


# --- of the same column -----------------------------------------------------------------


def _changes(old: Column, new: Column, before: Side, after: Side) -> list[Change]:
    out, shown = [], f"'{shorten(new.name)}'"
    if old.kind is not new.kind:
        out.append(Change("kind", new.name, f"{shown} was {_a(old.kind)} and is {_a(new.kind)} now."))
    a, b = before.frame[old.name], after.frame[new.name]
    if old.kind is new.kind and new.kind in (*NUMBERS, *DATES) and kind_of_values(a) == kind_of_values(b) != "text":
        out += _range(new.name, a, b)
    elif old.kind is new.kind and new.kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        out += _categories(new.name, a, b)
    shares = [c.missing / max(s.rows, 1) for c, s in ((old, before), (new, after))]
    if abs(shares[1] - shares[0]) >= MISSING_STEP:
        what = f"{shown}: {percent(shares[1])} of its cells have no value, before {percent(shares[0])}."
        out.append(Change("missing", new.name, what))
    return out


def _range(name: str, a: pd.Series, b: pd.Series) -> list[Change]:
    a, b = a.dropna(), b.dropna()
    if not len(a) or not len(b):
        return []
    low, high = a.min(), a.max()
    outside = float(((b < low) | (b > high)).mean())
    grown = max(b.max() - high, low - b.min())
    if not outside or (grown <= RANGE_STEP * (high - low) and outside < OUTSIDE_STEP):
        return []
    now, then = f"{_value(b.min())} to {_value(b.max())}", f"{_value(low)} to {_value(high)}"
    what = f"'{shorten(name)}' goes from {now}, before from {then}: {percent(outside)} of its values lie outside."
    return [Change("range", name, what)]


def _categories(name: str, a: pd.Series, b: pd.Series) -> list[Change]:
    a, b = a.dropna().astype("str"), b.dropna().astype("str")
    known, found = set(a.unique()), b.value_counts()
    if not known or not len(found) or len(known) > MOST_CATEGORIES or len(found) > MOST_CATEGORIES:
        return []
    came = [v for v in found.index if v not in known]
    went = sorted(known - set(found.index))
    out = []
    if came:
        cells = int(found[came].sum())
        what = (
            f"'{shorten(name)}' has {count(len(came), 'new category', 'new categories')}: {listed(came)} "
            f"({percent(cells / len(b))} of its values)."
        )
        out.append(Change("categories", name, what))
    if went:
        have = "does" if len(went) == 1 else "do"
        out.append(Change("categories", name, f"In '{shorten(name)}' {listed(went)} {have} not occur any more."))
    return out


def _a(kind: ColumnKind) -> str:
    return kind.word if kind in (ColumnKind.TEXT, ColumnKind.BOOLEAN) else f"{'an' if kind.word[0] in 'aeiou' else 'a'} {kind.word}"


def _value(value: Any) -> str:
    return str(value)[:10] if isinstance(value, pd.Timestamp) else number(float(value))


def fold(name: str) -> str:
    """Letters and digits of a name, in lower case."""
    return "".join(c for c in name.casefold() if c.isalnum())
