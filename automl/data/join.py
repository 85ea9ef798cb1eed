"""Two tables become one on chosen keys, with what matched and what didn't."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.words import count, listed, share, shorten
from automl.errors import ColumnError, DataError, unknown_name
from automl.types import Note

HOWS = ("inner", "left", "right", "outer")
MAX_ROWS = 20_000_000  # more rows than this is a mistaken key, not a join
SUGGEST_ROWS = 20_000
SUGGEST_OVERLAP = 0.5  # share of a key's values that must be found on the other side


@dataclass(frozen=True)
class JoinReport:
    """What a join did, in rows. `multiplied` counts the extra rows from keys that match several."""

    rows_left: int
    rows_right: int
    rows_out: int
    matched_left: int
    matched_right: int
    multiplied: int
    notes: tuple[Note, ...] = ()

    @property
    def match_share(self) -> float:
        """Share of left rows that found a partner."""
        return self.matched_left / self.rows_left if self.rows_left else 0.0


def join(
    left: pd.DataFrame, right: pd.DataFrame, on: list[str] | list[tuple[str, str]], how: str = "left"
) -> tuple[pd.DataFrame, JoinReport]:
    """Join two tables.

    Parameters
    ----------
    left, right : DataFrame
        As `data.read` gives them.
    on : list of str or of (left name, right name)
        The keys. Missing keys never match each other.
    how : {"inner", "left", "right", "outer"}

    Returns
    -------
    (DataFrame, JoinReport)
        The left columns, then the right ones without their keys; a name that both have gets the
        suffix `_right`.

    Raises
    ------
    ColumnError
        For a key that isn't there, or is text on one side and a number on the other.
    DataError
        For an unknown `how`, or keys that would multiply the rows beyond all measure.

    >>> a, b = pd.DataFrame({"k": ["x", "y"]}), pd.DataFrame({"k": ["x"], "v": [1]})
    >>> table, report = join(a, b, ["k"], "left")
    >>> table["v"].tolist(), report.matched_left
    ([1.0, nan], 1)
    """
    if how not in HOWS:
        raise DataError(unknown_name("kind of join", how, HOWS))
    pairs = _checked_keys(left, right, on)
    left_codes, right_codes = _key_codes(left, right, pairs)
    order = np.argsort(right_codes, kind="stable")
    ranked = right_codes[order]
    begin, end = np.searchsorted(ranked, left_codes, "left"), np.searchsorted(ranked, left_codes, "right")
    matches = np.where(left_codes < 0, 0, end - begin)
    matched_right = np.isin(right_codes, left_codes[left_codes >= 0])
    keep_left, keep_right = how in ("left", "outer"), how in ("right", "outer")
    repeats = np.maximum(matches, 1) if keep_left else matches
    rows = int(repeats.sum()) + (int((~matched_right).sum()) if keep_right else 0)
    if rows > MAX_ROWS:
        raise DataError(
            f"Joining on {_shown(pairs)} would give {rows:,} rows from {len(left):,} and {len(right):,}: "
            "the keys repeat on both sides. Add a key, or remove repeated rows first."
        )
    left_rows = np.repeat(np.arange(len(left)), repeats)
    offset = np.arange(len(left_rows)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    found = np.repeat(matches > 0, repeats)
    position = np.minimum(np.repeat(begin, repeats) + offset, max(len(order) - 1, 0))
    right_rows = np.where(found, order[position] if len(order) else -1, -1)
    if keep_right:
        extra = np.flatnonzero(~matched_right)
        left_rows = np.concatenate((left_rows, np.full(len(extra), -1)))
        right_rows = np.concatenate((right_rows, extra))
    if how == "right":  # in the order of the right table
        sort = np.argsort(right_rows, kind="stable")
        left_rows, right_rows = left_rows[sort], right_rows[sort]
    table, notes = _assemble(left, right, pairs, left_rows, right_rows)
    matched = int((matches > 0).sum())
    multiplied = int(np.maximum(matches - 1, 0).sum())
    summary = _summary(
        pairs, how, len(left), len(right), matched, int(matched_right.sum()), multiplied, table
    )
    report = JoinReport(
        len(left), len(right), len(table), matched, int(matched_right.sum()), multiplied, (*summary, *notes)
    )
    return table, report


def _checked_keys(
    left: pd.DataFrame, right: pd.DataFrame, on: list[str] | list[tuple[str, str]]
) -> list[tuple[str, str]]:
    pairs = [(key, key) if isinstance(key, str) else (str(key[0]), str(key[1])) for key in on]
    if not pairs:
        raise DataError("A join needs at least one key: name a column that both tables have.")
    for a, b in pairs:
        if a not in left.columns:
            raise ColumnError(unknown_name("column", a, left.columns, "in the left table"))
        if b not in right.columns:
            raise ColumnError(unknown_name("column", b, right.columns, "in the right table"))
        types = _type_word(left[a]), _type_word(right[b])
        if types[0] != types[1] and "nothing" not in types:
            other = next(t for t in types if t != "a number") if "a number" in types else types[0]
            fix = (
                "Change the number column to text in its file (keeping leading zeros), or choose other keys."
                if set(types) == {"text", "a number"}
                else f"Bring both to {other}, or choose other keys."
            )
            raise ColumnError(
                f"The key {_shown([(a, b)])} is {types[0]} in the left table "
                f"('{shorten(_first(left[a]))}') and {types[1]} in the right "
                f"('{shorten(_first(right[b]))}'). {fix}"
            )
    return pairs


def _first(column: pd.Series) -> object:
    filled = column.dropna()
    return filled.iloc[0] if len(filled) else ""


def _type_word(column: pd.Series) -> str:
    if column.isna().all():
        return "nothing"
    if isinstance(column.dtype, (pd.StringDtype, pd.CategoricalDtype)) or column.dtype == object:
        return "text"
    return {"b": "true/false", "M": "a date"}.get(column.dtype.kind, "a number")


def _shown(pairs: list[tuple[str, str]]) -> str:
    return listed([a if a == b else f"{a} = {b}" for a, b in pairs])


def _key_codes(
    left: pd.DataFrame, right: pd.DataFrame, pairs: list[tuple[str, str]]
) -> tuple[np.ndarray, np.ndarray]:
    """The same whole number for the same key on both sides; -1 where a part of it is missing."""
    codes = np.zeros(len(left) + len(right), dtype=np.int64)
    missing = np.zeros(len(codes), dtype=bool)
    for a, b in pairs:
        both = [_comparable(left[a]), _comparable(right[b])]
        if both[0].dtype != both[1].dtype:
            both = [
                part.astype("float64") if part.dtype.kind in "biuf" else part.astype("str") for part in both
            ]
            both = [part.astype("str") for part in both] if both[0].dtype != both[1].dtype else both
        part, values = pd.factorize(pd.concat(both, ignore_index=True))
        missing |= part < 0
        codes = pd.factorize(codes * (len(values) + 1) + part)[0]
    codes[missing] = -1
    return codes[: len(left)], codes[len(left) :]


def _comparable(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, (pd.StringDtype, pd.CategoricalDtype)) or column.dtype == object:
        return column.astype("str").str.strip()
    return column


def _assemble(
    left: pd.DataFrame,
    right: pd.DataFrame,
    pairs: list[tuple[str, str]],
    left_rows: np.ndarray,
    right_rows: np.ndarray,
) -> tuple[pd.DataFrame, list[Note]]:
    columns: dict[str, pd.Series] = {}
    notes: list[Note] = []
    partner = dict(pairs)
    for name in left.columns:
        column = _take(left[name], left_rows)
        if name in partner and (left_rows < 0).any():
            column = column.where(left_rows >= 0, _take(right[partner[name]], right_rows))
        columns[name] = column
    keys = {b for _, b in pairs}
    for name in right.columns:
        if name in keys:
            continue
        new, number = name, 1
        while new in columns or (new != name and new in right.columns):
            new = f"{name}_right" if number == 1 else f"{name}_right{number}"
            number += 1
        if new != name:
            what = f"Both tables have a column '{shorten(name)}': the right one is called '{shorten(new)}'."
            notes.append(Note("join_names", what, new))
        columns[new] = _take(right[name], right_rows)
    for a, b in pairs:
        if a != b:
            what = f"'{shorten(b)}' is not repeated: where rows match it equals '{shorten(a)}'."
            notes.append(Note("join_keys", what, a))
    return pd.DataFrame(columns), notes


def _take(column: pd.Series, rows: np.ndarray) -> pd.Series:
    """Rows of a column, missing where the row is -1 (whole numbers then become float64)."""
    gaps = rows < 0
    if not gaps.any():
        return column.take(rows).reset_index(drop=True)
    if not len(column):
        dtype = (
            "float64" if column.dtype.kind in "iu" else "str" if column.dtype.kind == "b" else column.dtype
        )
        return pd.Series(np.nan, index=range(len(rows))).astype(dtype)
    taken = column.take(np.where(gaps, 0, rows)).reset_index(drop=True)
    if taken.dtype.kind == "b":
        taken = taken.map({True: "True", False: "False"}).astype("str")
    return taken.mask(gaps)


def _summary(
    pairs: list[tuple[str, str]],
    how: str,
    rows_left: int,
    rows_right: int,
    matched: int,
    matched_right: int,
    multiplied: int,
    table: pd.DataFrame,
) -> list[Note]:
    notes = [
        Note(
            "join",
            f"Joined on {_shown(pairs)} ({how}): {share(matched, rows_left)} of the {count(rows_left, 'row')} of the "
            f"left table found a partner; {count(len(table), 'row')} and {count(table.shape[1], 'column')} came out.",
        )
    ]
    unused = rows_right - matched_right
    if unused:
        notes.append(
            Note(
                "join_unused",
                f"{unused:,} of the {count(rows_right, 'row')} of the right table matched no row.",
            )
        )
    if multiplied:
        notes.append(
            Note(
                "join_multiplied",
                f"Keys repeat in the right table, which adds {count(multiplied, 'row')}: "
                "one left row can stand in the result several times.",
            )
        )
    return notes


def suggest_keys(left: pd.DataFrame, right: pd.DataFrame) -> list[tuple[str, str]]:
    """Propose keys: the fewest columns that tell the right rows apart and are found on the left.

    Columns of the same name come first (letter case aside); failing those, the pair of text columns
    whose values overlap most. Empty if nothing fits.
    """
    sample = left.sample(SUGGEST_ROWS, random_state=0) if len(left) > SUGGEST_ROWS else left
    lowered = {str(name).lower(): str(name) for name in reversed(left.columns)}
    same = [(lowered[str(b).lower()], str(b)) for b in right.columns if str(b).lower() in lowered]
    same = [pair for pair in same if _overlap(sample[pair[0]], right[pair[1]]) >= SUGGEST_OVERLAP]
    for size in range(1, min(len(same), 4) + 1):
        fitting = [
            (_match_share(sample, right, list(some)), list(some))
            for some in itertools.combinations(same[:8], size)
            if not right.duplicated([b for _, b in some]).any()
        ]
        fitting = [f for f in fitting if f[0] >= SUGGEST_OVERLAP]
        if fitting:
            return max(fitting, key=lambda f: f[0])[1]
    if same:
        return same
    pairs = [
        (_overlap(sample[a], right[b]), (str(a), str(b)))
        for a in left.columns
        for b in right.columns
        if _type_word(left[a]) == _type_word(right[b]) == "text" and right[b].nunique() >= 0.9 * len(right)
    ]
    best = max(pairs, default=(0.0, ("", "")))
    return [best[1]] if best[0] >= SUGGEST_OVERLAP else []


def _overlap(a: pd.Series, b: pd.Series) -> float:
    if _type_word(a) != _type_word(b) or _type_word(a) == "nothing":
        return 0.0
    values = a.dropna().drop_duplicates()
    return float(values.isin(b.dropna().unique()).mean())


def _match_share(left: pd.DataFrame, right: pd.DataFrame, pairs: list[tuple[str, str]]) -> float:
    left_codes, right_codes = _key_codes(left, right, pairs)
    return float((np.isin(left_codes, right_codes) & (left_codes >= 0)).mean())
