"""Keys that two tables may be joined on: by name, kind and values, several columns at once, each with its reason."""

from __future__ import annotations

import difflib
import itertools
import math
from dataclasses import dataclass

import pandas as pd

from automl.data.doctor import _codes, found_share, triples, type_word, ways
from automl.data.merge import key_frames
from automl.data.words import share
from automl.types import JoinKey

SAMPLE_ROWS = 20_000  # of the left table
FOUND = 0.5  # share of the left rows that must be found
ALIKE = 0.72  # of two names, by difflib's ratio, from which on they are held to mean the same
MOST_PAIRS, MOST_KEYS, MOST = 8, 4, 5
MOST_COLUMNS = 60  # of each table that are compared where names do not help
TELLS_APART = 0.9  # share of distinct values from which on a column alone may be a key by its values
MIN_VALUES = 3  # distinct values of a key that is found by its values only
MULTIPLIES = 0.5  # what it costs that right rows share a key: once where hardly any do, twice where ten or more do
COVERS = 0.5  # how much the share of right rows that are used counts beside that of left rows found


@dataclass(frozen=True)
class Suggestion:
    """Keys, with the share of the left rows that they find and how many right rows have the same key."""

    keys: tuple[JoinKey, ...]
    found: float
    rows_a_key: float
    reason: str

    @property
    def tells_apart(self) -> bool:
        """Whether no two right rows share a key."""
        return self.rows_a_key <= 1


def suggest(left: pd.DataFrame, right: pd.DataFrame, name: str = "the other table") -> list[Suggestion]:
    """Rank the keys that could join two tables; empty if nothing fits.

    Columns whose names mean the same come first, alone or together, the fewest that tell the right rows apart;
    then columns whose values are found in the other table. Keys whose types differ are compared in the way that
    finds most.

    >>> a = pd.DataFrame({"customer_id": [1, 2, 2], "sum": [5.5, 6.5, 7.5]})
    >>> b = pd.DataFrame({"id": [1, 2, 3], "city": ["Riga", "Oslo", "Rome"]})
    >>> [s.reason for s in suggest(a, b, "customers")]
    ['100 % of the values are found, and it tells the rows of customers apart']
    """
    sample = left.sample(SAMPLE_ROWS, random_state=0) if len(left) > SAMPLE_ROWS else left
    sample = sample.reset_index(drop=True)
    named = _by_name(sample, right)
    out = _together(sample, right, named, name)
    known = {(k.left, k.right) for k in named}
    for key in _by_values(sample, right, known):
        out.append(_weighed(sample, right, (key,), name))
    unique: dict[tuple[JoinKey, ...], tuple[float, Suggestion]] = {}
    for rank, found in out:
        if found.found >= FOUND and found.keys not in unique:
            unique[found.keys] = (rank, found)
    return [s for _, s in sorted(unique.values(), key=lambda pair: -pair[0])][:MOST]


def suggest_keys(left: pd.DataFrame, right: pd.DataFrame) -> list[tuple[str, str]]:
    """The best suggestion as pairs of names; empty if nothing fits."""
    found = suggest(left, right)
    return [(k.left, k.right) for k in found[0].keys] if found else []


def _fold(name: str) -> str:
    return "".join(c for c in str(name).casefold() if c.isalnum())


def alike(a: str, b: str) -> float:
    """How much two column names say the same, between 0 and 1.

    >>> alike("Customer ID", "customer_id"), alike("customer_id", "id") > 0.7, alike("tailnum", "tail_number") > 0.7
    (1.0, True, True)
    >>> alike("year", "seats") > 0.7
    False
    """
    one, two = _fold(a), _fold(b)
    if not one or not two:
        return 0.0
    if one == two:
        return 1.0
    short, long = sorted((one, two), key=len)
    if short in ("id", "key", "code", "no", "nr") and long.endswith(short):
        return 0.8
    if len(short) >= 4 and (long.startswith(short) or long.endswith(short)):
        return 0.85
    ratio = difflib.SequenceMatcher(None, one, two).ratio()
    return ratio if min(len(one), len(two)) >= 4 else 0.0


def _by_name(left: pd.DataFrame, right: pd.DataFrame) -> list[JoinKey]:
    """One key for each right column that has a namesake, those with the same name first."""
    pairs = [
        (score, str(a), str(b))
        for a in left.columns[: 10 * MOST_COLUMNS]
        for b in right.columns[: 10 * MOST_COLUMNS]
        if (score := 1.0 if _fold(a) == _fold(b) else alike(a, b) if len(left.columns) <= MOST_COLUMNS else 0.0) >= ALIKE
    ]
    pairs.sort(key=lambda p: -p[0])
    used_left, used_right, out = set(), set(), []
    for _, a, b in pairs:
        if a in used_left or b in used_right:
            continue
        best = max(ways(left[a], right[b]), key=lambda way: (way.found, way.compare == "same"))
        same = next((w for w in ways(left[a], right[b]) if w.compare == "same"), None)
        if same is not None and same.found >= FOUND:
            best = same
        if best.found >= FOUND:
            used_left.add(a)
            used_right.add(b)
            out.append(JoinKey(a, b, best.compare))
    return out[:MOST_PAIRS]


def _together(
    left: pd.DataFrame, right: pd.DataFrame, named: list[JoinKey], name: str
) -> list[tuple[float, Suggestion]]:
    """The fewest namesakes that tell the right rows apart; failing that, all of them, and each alone."""
    for size in range(1, min(len(named), MOST_KEYS) + 1):
        found = [_weighed(left, right, some, name, bonus=1.0) for some in itertools.combinations(named, size)]
        fitting = [f for f in found if f[1].tells_apart and f[1].found >= FOUND]
        if fitting:
            return fitting
    groups = [tuple(named[:MOST_KEYS])] if len(named) > 1 else []
    return [_weighed(left, right, keys, name, bonus=0.5) for keys in [*groups, *((k,) for k in named)]]


def _by_values(left: pd.DataFrame, right: pd.DataFrame, known: set[tuple[str, str]]) -> list[JoinKey]:
    """Pairs of columns, whatever they are called, whose values are the same and that tell right rows apart."""
    out = []
    rights = [
        b
        for b in right.columns[:MOST_COLUMNS]
        if _may_be_key(right[b]) and right[b].nunique() >= TELLS_APART * len(right)
    ]
    for b in rights:
        for a in left.columns[:MOST_COLUMNS]:
            if (str(a), str(b)) in known or not _may_be_key(left[a]) or type_word(left[a]) != type_word(right[b]):
                continue
            if left[a].nunique() < MIN_VALUES and len(right) > MIN_VALUES:
                continue
            if type_word(right[b]) == "a number" and left[a].nunique() < 20:
                continue  # small whole numbers are everywhere
            if found_share(left[a], right[b], "same") >= FOUND:
                out.append(JoinKey(str(a), str(b)))
    return out


def _may_be_key(column: pd.Series) -> bool:
    kind = type_word(column)
    if kind == "a number" and column.dtype.kind == "f":
        return bool((column.dropna() % 1 == 0).all())
    return kind in ("text", "a number", "a date")


def _weighed(
    left: pd.DataFrame, right: pd.DataFrame, keys: tuple[JoinKey, ...], name: str, bonus: float = 0.0
) -> tuple[float, Suggestion]:
    one, two = _codes(*key_frames(left, right, triples(keys)))
    filled = two[two >= 0]
    distinct = len(set(filled.tolist())) if len(filled) < 1000 else len(pd.unique(filled))
    rows_a_key = len(filled) / distinct if distinct else 0.0
    found = float((pd.Series(one).isin(filled) & (one >= 0)).mean()) if len(one) else 0.0
    used = float(pd.Series(filled).isin(one[one >= 0]).mean()) if len(filled) else 0.0
    it = "it" if len(keys) == 1 else "together they"
    tells = "tells" if len(keys) == 1 else "tell"
    if rows_a_key <= 1:
        about = f"and {it} {tells} the rows of {name} apart"
    else:
        about = f"but {rows_a_key:,.1f} rows of {name} share a value on average: rows would multiply"
    said = share(round(found * len(left)), len(left))
    multiplies = MULTIPLIES * (1 + min(math.log10(rows_a_key), 1.0)) if rows_a_key > 1 else 0.0
    rank = found + COVERS * used + bonus - multiplies - 0.01 * len(keys)
    return rank, Suggestion(keys, found, rows_a_key, f"{said} of the values are found, {about}")
