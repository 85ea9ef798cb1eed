"""What a join would do, before it is done: matches, rows after, keys that multiply rows, orphans, ways to compare.

Looks at the key columns only, so that wide tables cost nothing; counts every row of both tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.merge import as_text, key_frames, key_values
from automl.data.words import count, share, shorten, spelled
from automl.types import JoinKey, JoinStep

EXAMPLES = 5
WORTH = 0.02  # a way to compare that finds this share of rows more is pointed out

COMPARES = {
    "same": "as they are",
    "number": "as numbers: 007, 7 and 7.0 are the same",
    "text": "as text: 007 and 7 differ",
    "zeros": "as text without zeros in front: 007 and 7 are the same",
    "folded": "ignoring letter case and spaces",
    "day": "as dates, to the day",
    "hour": "as dates, to the hour",
}
# Which ways make sense for which types (sorted by name).
WAYS = {
    ("a number", "text"): ("number", "zeros", "text"),
    ("a date", "text"): ("day", "hour", "text"),
    ("a date", "a number"): ("day", "text"),
    ("a date", "a date"): ("same", "hour", "day"),
    ("text", "text"): ("same", "folded", "zeros", "number"),
    ("a number", "a number"): ("same",),
    ("true/false", "true/false"): ("same",),
}


@dataclass(frozen=True)
class Repeat:
    """A key that multiplies rows: how many rows of each table have it."""

    key: str
    left: int
    right: int


@dataclass(frozen=True)
class Way:
    """One way to compare two key columns, and the share of the left rows it finds."""

    compare: str
    found: float


@dataclass(frozen=True)
class JoinCheck:
    """What a join does, in rows.

    `matched_*` found a partner, `missing_*` have no key. `multiplied` counts the rows that come on top because keys
    repeat; `repeated` such keys, the worst of them in `top`. `orphans_*` are the most frequent keys without a partner.
    """

    rows_left: int
    rows_right: int
    rows_out: int
    matched_left: int
    matched_right: int
    missing_left: int
    missing_right: int
    multiplied: int
    repeated: int
    top: tuple[Repeat, ...] = ()
    orphans_left: tuple[tuple[str, int], ...] = ()
    orphans_right: tuple[tuple[str, int], ...] = ()

    @property
    def found_left(self) -> float:
        """Share of left rows that found a partner."""
        return self.matched_left / self.rows_left if self.rows_left else 0.0

    @property
    def found_right(self) -> float:
        """Share of right rows that found a partner."""
        return self.matched_right / self.rows_right if self.rows_right else 0.0


def examine(left: pd.DataFrame, right: pd.DataFrame, step: JoinStep) -> JoinCheck:
    """Count what a step would do.

    Parameters
    ----------
    left, right : DataFrame
        At least their key columns, all rows.
    step : JoinStep

    >>> from automl.types import JoinKey
    >>> a, b = pd.DataFrame({"k": [1, 2, 3]}), pd.DataFrame({"k": [1, 1, 9]})
    >>> check = examine(a, b, JoinStep("", "b", (JoinKey("k", "k"),)))
    >>> check.matched_left, check.rows_out, check.top
    (1, 4, (Repeat(key='1', left=1, right=2),))
    """
    keys = triples(step.keys)
    one, two = _codes(*key_frames(left, right, keys))
    size = int(max(one.max(initial=-1), two.max(initial=-1))) + 1
    ours = np.bincount(one[one >= 0], minlength=size)
    theirs = np.bincount(two[two >= 0], minlength=size)
    used = theirs if step.repeats == "all" else np.minimum(theirs, 1)
    matched_left, matched_right = int(ours[theirs > 0].sum()), int(theirs[ours > 0].sum())
    missing_left, missing_right = int((one < 0).sum()), int((two < 0).sum())
    rows = int((ours * used).sum())
    if step.how in ("left", "outer"):
        rows += len(left) - matched_left
    if step.how in ("right", "outer"):
        rows += int(used[ours == 0].sum()) + missing_right
    if step.how == "right":
        many, extra = (ours > 1) & (used > 0), used * np.maximum(ours - 1, 0)
    else:
        many, extra = (used > 1) & (ours > 0), ours * np.maximum(used - 1, 0)
    worst = np.flatnonzero(many)
    worst = worst[np.argsort(-(ours * used)[worst], kind="stable")][:EXAMPLES]
    names_left, names_right = [k.left for k in step.keys], [k.right for k in step.keys]
    return JoinCheck(
        rows_left=len(left),
        rows_right=len(right),
        rows_out=rows,
        matched_left=matched_left,
        matched_right=matched_right,
        missing_left=missing_left,
        missing_right=missing_right,
        multiplied=int(extra.sum()),
        repeated=int(many.sum()),
        top=tuple(
            Repeat(_shown(right, names_right, _first(two, code)), int(ours[code]), int(used[code]))
            for code in worst
        ),
        orphans_left=_orphans(left, names_left, one, ours, theirs),
        orphans_right=_orphans(right, names_right, two, theirs, ours),
    )


def triples(keys: tuple[JoinKey, ...]) -> list[tuple[str, str, str]]:
    """Keys as `data.merge` takes them."""
    return [(k.left, k.right, k.compare) for k in keys]


def _codes(left: pd.DataFrame, right: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The same whole number for the same key on both sides; -1 where a part of it is missing."""
    codes = np.zeros(len(left) + len(right), dtype=np.int64)
    missing = np.zeros(len(codes), dtype=bool)
    for name in left.columns:
        part, values = pd.factorize(pd.concat([left[name], right[name]], ignore_index=True))
        missing |= part < 0
        codes = pd.factorize(codes * (len(values) + 1) + part)[0]
    codes[missing] = -1
    return codes[: len(left)], codes[len(left) :]


def _first(codes: np.ndarray, code: int) -> int:
    return int(np.argmax(codes == code))


def _orphans(
    frame: pd.DataFrame, names: list[str], codes: np.ndarray, own: np.ndarray, other: np.ndarray
) -> tuple[tuple[str, int], ...]:
    lonely = np.flatnonzero((own > 0) & (other == 0))
    lonely = lonely[np.argsort(-own[lonely], kind="stable")][:EXAMPLES]
    return tuple((_shown(frame, names, _first(codes, code)), int(own[code])) for code in lonely)


def _shown(frame: pd.DataFrame, names: list[str], row: int) -> str:
    return " · ".join(shorten(as_text(frame[n].iloc[row : row + 1]).iloc[0]) for n in names)


# -- types and ways to compare ----------------------------------------------------------------


def type_word(column: pd.Series) -> str:
    """What a column's values are, in a word: text, a number, a date, true/false; nothing for an empty one."""
    if column.isna().all():
        return "nothing"
    if isinstance(column.dtype, (pd.StringDtype, pd.CategoricalDtype)) or column.dtype == object:
        return "text"
    return {"b": "true/false", "M": "a date"}.get(column.dtype.kind, "a number")


def ways(left: pd.Series, right: pd.Series) -> tuple[Way, ...]:
    """The ways in which two columns can be compared, each with the share of the left rows it finds; best first.

    Where their types agree, comparing them as they are comes first.
    """
    kinds = type_word(left), type_word(right)
    if "nothing" in kinds:
        return (Way("same", 0.0),)
    found = [Way(compare, found_share(left, right, compare)) for compare in ways_between(left, right)]
    return tuple(sorted(found, key=lambda way: (way.compare != "same", -way.found)))


def ways_between(left: pd.Series, right: pd.Series) -> tuple[str, ...]:
    """The ways that make sense for the types of two columns."""
    return WAYS.get(tuple(sorted((type_word(left), type_word(right)))), ("folded",))


def found_share(left: pd.Series, right: pd.Series, compare: str) -> float:
    """Share of the left rows whose value is found on the right."""
    counts = left.value_counts()
    if not len(counts):
        return 0.0
    values = pd.DataFrame({"k": pd.Series(counts.index)})
    keys = [("k", "k", compare)]
    one, two = key_frames(values, pd.DataFrame({"k": right.dropna().drop_duplicates().reset_index(drop=True)}), keys)
    known = one["key_0"].notna() & one["key_0"].isin(two["key_0"].dropna())
    return float(counts.to_numpy()[known.to_numpy()].sum() / max(len(left), 1))


def mismatch(left: pd.Series, right: pd.Series, names: tuple[str, str]) -> str | None:
    """In a sentence with example values, why two key columns can't be compared as they are; None where they can."""
    kinds = type_word(left), type_word(right)
    if kinds[0] == kinds[1] or "nothing" in kinds:
        return None
    own, other = (f"'{shorten(name)}'" for name in names)
    if own == other:
        own, other = f"{own} of the rows so far", f"{other} of the added table"
    return f"{own} is {kinds[0]} ({_example(left)}) and {other} is {kinds[1]} ({_example(right)})."


def hint(left: pd.Series, right: pd.Series, compare: str) -> tuple[Way, str] | None:
    """Another way to compare text that finds clearly more rows, with a pair of values that it brings together."""
    if type_word(left) != type_word(right):
        return None
    found = ways(left, right)
    now = next((w.found for w in found if w.compare == compare), 0.0)
    best = max(found, key=lambda way: way.found)
    if best.found < now + WORTH:
        return None
    a, b = left.dropna().drop_duplicates(), right.dropna().drop_duplicates()
    one, two = key_values(a, best.compare), key_values(b, best.compare)
    known = pd.Series(b.to_numpy(), index=two.to_numpy())
    known = known[~known.index.duplicated()]
    for value, key in zip(a, one, strict=True):
        if key in known.index and known[key] != value:
            example = f"“{shorten(value)}” and “{shorten(known[key])}”"
            more = share(round(best.found * len(left)), len(left))
            return best, f"{example} would match, and {more} of the rows instead of {share(round(now * len(left)), len(left))}."
    return None


def _example(column: pd.Series) -> str:
    """A value; of texts one that begins with a zero, where there is one: that is what gets lost in numbers."""
    values = column.dropna()
    if type_word(column) == "text" and (zero := values.astype(str).str.startswith("0")).any():
        values = values[zero]
    text = as_text(values.iloc[:1]).iloc[0]
    return f"such as “{shorten(text)}”"


# -- in words -----------------------------------------------------------------------------------


def said(check: JoinCheck, step: JoinStep, left: str, right: str) -> list[tuple[str, str]]:
    """What stands out, as (code, sentence); names are how the tables are called in the sentences."""
    out = [
        (
            "join",
            f"Joined on {shown(step.keys)} ({step.how}): {share(check.matched_left, check.rows_left)} of the "
            f"{count(check.rows_left, 'row')} of {left} found a partner; {count(check.rows_out, 'row')} came out.",
        )
    ]
    unused = check.rows_right - check.matched_right
    if unused:
        out.append(("join_unused", f"{unused:,} of the {count(check.rows_right, 'row')} of {right} matched no row."))
    lacking = [
        f"{count(n, 'row')} of {name}" for n, name in ((check.missing_left, left), (check.missing_right, right)) if n
    ]
    if lacking:
        verb = "has" if check.missing_left + check.missing_right == 1 else "have"
        out.append(("join_missing", f"{' and '.join(lacking)} {verb} no key; missing keys never match."))
    if check.multiplied:
        where = left if step.how == "right" else right
        out.append(
            (
                "join_multiplied",
                f"{spelled(check.repeated).capitalize()} {'key repeats' if check.repeated == 1 else 'keys repeat'} in "
                f"{where}, which adds {count(check.multiplied, 'row')}: one row can stand in the result several times.",
            )
        )
    return out


def shown(keys: tuple[JoinKey, ...]) -> str:
    """Keys in a sentence.

    >>> shown((JoinKey("dest", "faa"), JoinKey("day", "day")))
    "'dest' = 'faa' and 'day'"
    """
    names = [
        f"'{shorten(k.left)}'" if k.left == k.right else f"'{shorten(k.left)}' = '{shorten(k.right)}'" for k in keys
    ]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"
