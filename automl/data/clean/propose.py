"""What a recipe starts with: proposed from a table's profile, each step with its reason and what it touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.data.clean.near import LOOK_ROWS, near_copies
from automl.data.clean.ops.limits import IQR_FACTOR
from automl.data.clean.spelling import MOST_VALUES, variants
from automl.data.copies import copies
from automl.data.distinct import counted, distinct_text
from automl.data.guess import DOUBTFUL_WORDS, MISSING_WORDS, guess_date
from automl.data.parse import amounts_of_text, dates_of_text
from automl.data.profile import MOSTLY, SAMPLE_VALUES, Amounts, is_tidy, read_amounts, tidy_counts
from automl.data.words import count, listed, share, shorten
from automl.types import Column, ColumnKind, Recipe, Step
from automl.wording import percent

# More repeated rows than this are hardly copying mistakes but cases that look alike: leaving them out
# would change how frequent each outcome is, so the step is offered switched off.
DUPLICATES_MAX_SHARE = 0.1
BLOCK_CELLS = 2_000_000  # of columns that are looked at together: of thousands, one by one takes long
SPELLED = 500_000  # values of all columns whose spellings are compared: of thousands of columns, those with fewer values
BY_FAMILY = "Each model family handles this in its own way"


def propose(
    frame: pd.DataFrame, columns: tuple[Column, ...], target: str | None, kept: Sequence[str] = ()
) -> Recipe:
    """Propose a recipe for a table.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        As it was read.
    columns : tuple of Column
        Its profile; kinds that a user chose are honoured.
    target : str or None
        Never dropped, filled or clipped.
    kept : sequence of str
        Useless columns that are learned from all the same: the step that leaves them out is switched off.

    Returns
    -------
    Recipe
        Only steps that have something to do, apart from `trim`, which new rows may need.
    """
    texts = _texts(frame)
    written = {
        c.name: _Written.of(frame[c.name], c.kind)
        for c in columns
        if c.kind in (ColumnKind.NUMERIC, ColumnKind.DATETIME) and c.name in texts
    }
    steps = [
        *_trim(frame, columns),
        *_parse(written),
        *_spellings(frame, columns, target),
        *_drop_columns(columns, len(frame), target, kept),
        *_copies(frame, columns),
        *fill_gaps(columns, target),
        *_outliers(frame, columns, target, written),
    ]
    return Recipe(tuple(steps))


# --- proposals --------------------------------------------------------------------------


def _trim(frame: pd.DataFrame, columns: tuple[Column, ...]) -> list[Step]:
    held = _texts(frame)
    texts = [c.name for c in columns if c.name in held]
    if not texts:
        return []
    keep: dict[str, list[str]] = {}
    spaces = missing = 0
    for name in texts:
        distinct, held = distinct_text(_strings(frame[name]))
        if is_tidy(distinct):
            continue
        values = counted(distinct, held)
        tidy, kept = tidy_counts(values, len(frame))
        missing += int(values.sum()) - int(tidy.sum())
        untidy = values.index != values.index.str.strip()
        if untidy.any():
            spaces += int(tidy_counts(values[untidy], len(frame))[0].sum())
        if kept:
            keep[name] = kept
    cells = spaces + missing
    done = (
        f"{count(spaces, 'cell')} with spaces around the text and {missing:,} with a word for missing are tidied"
        if cells
        else "No cell needs it now"
    )
    kept_note = (
        f" {listed(sorted({w for k in keep.values() for w in k}))} stays a value in {listed(keep)}."
        if keep
        else ""
    )
    words = list(MISSING_WORDS) + list(DOUBTFUL_WORDS)
    reason = f"{done}; rows predicted later are treated the same (NA, n/a, ?, - and the like mean missing).{kept_note}"
    return [
        Step("trim", tuple(texts), {"missing": words, "keep": keep}, "Tidy text", reason, {"cells": cells})
    ]


def _texts(frame: pd.DataFrame) -> set[str]:
    """The names of the columns that hold text, or mixed objects."""
    text = [isinstance(d, pd.StringDtype) or pd.api.types.is_object_dtype(d) for d in frame.dtypes]
    return set(frame.columns[text])


def _strings(column: pd.Series) -> pd.Series:
    """The texts in a column of text, or of mixed objects."""
    if isinstance(column.dtype, pd.StringDtype):
        return column
    return column[[isinstance(value, str) for value in column.to_numpy(dtype=object)]].astype("str")


@dataclass(frozen=True)
class _Written:
    """Numbers or dates written as text: distinct values, their cells, how they are read, and as what."""

    unique: pd.Series
    counts: np.ndarray
    params: dict[str, Any]
    read: np.ndarray

    @classmethod
    def of(cls, values: pd.Series, kind: ColumnKind) -> _Written:
        unique, counts = _distinct_text(values)
        params = _way_of_reading(unique, counts, kind)
        return cls(unique, counts, params, _parsed(unique, params).to_numpy())


def _parse(written: dict[str, _Written]) -> list[Step]:
    """One step for all columns that are read in the same way."""
    groups: dict[str, tuple[dict[str, Any], list[str], list[str], int, int]] = {}
    for name, column in written.items():
        if not len(column.unique):
            continue
        unread = pd.isna(column.read)
        params, names, junk, cells, lost = groups.get(str(column.params), (column.params, [], [], 0, 0))
        groups[str(params)] = (
            params,
            [*names, name],
            [*junk, *column.unique[unread]],
            cells + int(column.counts.sum()),
            lost + int(column.counts[unread].sum()),
        )
    steps = []
    for params, names, junk, cells, lost in groups.values():
        word = "number" if params["to"] == "number" else "date"
        unit = f" without '{params['unit']}'" if params.get("unit") else ""
        reason = f"{count(cells, 'cell')} of text in {listed(names)} become {word}s{unit}"
        reason += (
            f"; {count(lost, 'cell that is none', 'cells that are none')}, such as {listed(junk[:2])}, "
            f"{'becomes' if lost == 1 else 'become'} missing."
            if lost
            else "."
        )
        title = f"Read {listed(names, 2)} as {word}{'' if len(names) == 1 else 's'}"
        steps.append(Step("parse", tuple(names), params, title, reason, {"cells": cells}))
    return steps


def _distinct_text(values: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Trimmed distinct values that aren't words for missing, and the cells that hold each."""
    counts = values.dropna().astype("str").str.strip().value_counts(sort=False)
    counts = counts[~counts.index.str.lower().isin([*MISSING_WORDS, *DOUBTFUL_WORDS])]
    return pd.Series(counts.index, dtype="str"), counts.to_numpy()


def _way_of_reading(unique: pd.Series, counts: np.ndarray, kind: ColumnKind) -> dict[str, Any]:
    if len(unique) > SAMPLE_VALUES:
        unique = unique.sample(SAMPLE_VALUES, random_state=0)
        counts = counts[unique.index]
    if kind is ColumnKind.DATETIME:
        found = guess_date(unique, tolerance=MOSTLY) or guess_date(unique, tolerance=0.5)
        return {"to": "date", "format": found.plan["format"] if found else "ISO8601"}
    way = read_amounts(unique, counts) or Amounts(".", ",", "", 0.0)
    return {"to": "number", "decimal": way.decimal, "thousands": way.thousands, "unit": way.unit}


def _parsed(column: pd.Series, params: dict[str, Any]) -> pd.Series:
    if params["to"] == "date":
        return dates_of_text(column, params["format"])
    return amounts_of_text(column, params["decimal"], params["thousands"], params["unit"])


def _spellings(frame: pd.DataFrame, columns: tuple[Column, ...], target: str | None) -> list[Step]:
    """One step for all categories that are written in several ways."""
    found, cells, shown = {}, 0, ""
    texts = _texts(frame)
    categories = [c for c in columns if c.kind is ColumnKind.CATEGORICAL and c.name != target and c.name in texts]
    most = min(MOST_VALUES, max(SPELLED // max(len(categories), 1), 100))
    for column in categories:
        for chosen, others in variants(frame[column.name], most).items():
            cells += sum(others.values())
            found.setdefault(column.name, {}).update(dict.fromkeys(others, chosen))
            written = [f"'{shorten(word)}' ({n:,})" for word, n in others.items()]
            shown = shown or f"{listed(written, 3, '')} {'becomes' if len(written) == 1 else 'become'} '{shorten(chosen)}'"
    if not found:
        return []
    many = sum(map(len, found.values()))
    reason = (
        f"{count(many, 'spelling')} in {listed(found)} {'differs' if many == 1 else 'differ'} only in letter case, spaces, "
        f"accents or marks: {shown}. Switch off if they mean different things."
    )
    title = f"Unify spellings in {listed(found, 2)}"
    return [Step("spelling", (), {"spellings": found}, title, reason, {"cells": cells})]


def _drop_columns(
    columns: tuple[Column, ...], rows: int, target: str | None, kept: Sequence[str]
) -> list[Step]:
    """A step a sort of useless column; those that the user keeps are in a second one, switched off."""
    others = [c for c in columns if c.name != target]
    empty = [c.name for c in others if c.distinct == 0]
    constant = [c.name for c in others if c.distinct == 1 and not c.missing]
    names = [c for c in others if c.kind is ColumnKind.IDENTIFIER or (c.name in kept and c.kind_by_user)]
    identifiers = [c for c in names if c.distinct > 1]
    steps = []

    def step(names: list[str], title: str, reason: Callable[[list[str]], str]) -> None:
        for on, part in ((True, [n for n in names if n not in kept]), (False, [n for n in names if n in kept])):
            if part:
                why = reason(part) if on else f"You keep {listed(part)}. Switch on to leave {'it' if len(part) == 1 else 'them'} out."
                steps.append(Step("drop_columns", tuple(part), {}, title, why, {"columns": len(part)}, enabled=on))

    def holds(names: list[str]) -> str:
        return f"{listed(names)} {'holds' if len(names) == 1 else 'hold'}"

    def tells_apart(names: list[str]) -> str:
        least = min(c.distinct / max(rows - c.missing, 1) for c in identifiers if c.name in names)
        return (
            f"{holds(names)} a different value in {'at least ' if len(names) > 1 else ''}{percent(least)} of the "
            "rows: a model would learn them by heart, and new rows have new ones."
        )

    step(empty, "Leave out empty columns", lambda names: f"{holds(names)} no value in any of the {count(rows, 'row')}.")
    step(
        constant,
        "Leave out columns with one value",
        lambda names: f"{holds(names)} the same value in all {count(rows, 'row')}, which tells nothing apart.",
    )
    step([c.name for c in identifiers], "Leave out identifiers", tells_apart)
    return steps


def _copies(frame: pd.DataFrame, columns: tuple[Column, ...]) -> list[Step]:
    repeated = int(copies(frame).sum())
    exact = _duplicates(frame, repeated)
    if repeated > DUPLICATES_MAX_SHARE * len(frame):
        return exact  # as in the check before training: cases are simply alike
    return [*exact, *_near_duplicates(frame, columns, repeated)]


def _duplicates(frame: pd.DataFrame, repeated: int) -> list[Step]:
    if not repeated:
        return []
    reason = (
        f"{count(repeated, 'row')} ({share(repeated, len(frame))}) "
        f"{'repeats' if repeated == 1 else 'repeat'} an earlier row in every column. "
    )
    few = repeated <= DUPLICATES_MAX_SHARE * len(frame)
    reason += (
        "They are left out of training only: every row handed in is predicted and scored."
        if few
        else "So many are likely separate cases that look alike, so they are kept. Switch on if they are copies."
    )
    names = tuple(str(name) for name in frame.columns)
    return [
        Step(
            "drop_duplicates", names, {"keep": "first"}, "Leave out exact duplicates", reason,
            {"rows": repeated}, enabled=few, removes_rows=True,
        )
    ]  # fmt: skip


def _near_duplicates(frame: pd.DataFrame, columns: tuple[Column, ...], exact: int) -> list[Step]:
    near, names = near_copies(frame, columns, exact)
    if not near:
        return []
    looked = f" of a sample of {count(LOOK_ROWS, 'row')}" if len(frame) > LOOK_ROWS else ""
    reason = (
        f"{count(near, 'row')}{looked} {'differs' if near == 1 else 'differ'} from an earlier one only in identifiers, dates, "
        "letter case, spaces or the last digits. Switch on if they are the same case entered again: they are then left out of "
        "training only."
    )
    return [
        Step(
            "drop_near_duplicates", names, {"keep": "first"}, "Leave out near copies", reason,
            {"rows": near}, enabled=False, removes_rows=True,
        )
    ]  # fmt: skip


def _where(cells: dict[str, int], worst: str) -> str:
    return f"in '{shorten(worst)}'" if len(cells) == 1 else f"in {count(len(cells), 'column')}"


def _most(cells: dict[str, int], worst: str) -> str:
    return f", most in '{shorten(worst)}' ({cells[worst]:,})" if len(cells) > 1 else ""


def fill_gaps(columns: tuple[Column, ...], target: str | None) -> list[Step]:
    """The step that fills missing values, switched off; none where there is nothing to fill."""
    gaps = [c for c in columns if c.name != target and c.missing and c.distinct]
    gaps = [c for c in gaps if c.kind is not ColumnKind.IDENTIFIER]
    if not gaps:
        return []
    cells = sum(c.missing for c in gaps)
    missing = {c.name: c.missing for c in gaps}
    worst = max(missing, key=lambda name: missing[name])
    reason = (
        f"{count(cells, 'cell')} {_where(missing, worst)} {'has' if cells == 1 else 'have'} no value{_most(missing, worst)}. "
        f"{BY_FAMILY}. Switch on to fill them with the median, or the most frequent "
        "category, learned from the training rows."
    )
    params = {"numeric": "median", "categorical": "mode"}
    names = tuple(c.name for c in gaps)
    return [
        Step(
            "impute",
            names,
            params,
            "Fill missing values",
            reason,
            {"cells": cells},
            enabled=False,
            learned=True,
        )
    ]


def _outliers(
    frame: pd.DataFrame, columns: tuple[Column, ...], target: str | None, written: dict[str, _Written]
) -> list[Step]:
    found: dict[str, int] = {}
    names = [c.name for c in columns if c.kind is ColumnKind.NUMERIC and c.name != target and c.distinct >= 3]
    together = [name for name in names if name not in written]
    step = max(BLOCK_CELLS // max(len(frame), 1), 1)
    for first in range(0, len(together), step):
        some = together[first : first + step]
        found |= _outside(some, frame[some].to_numpy(dtype=np.float64).T)
    for name in set(names) & set(written):
        found |= _outside([name], np.repeat(written[name].read, written[name].counts)[None])
    found = {name: found[name] for name in names if name in found}
    if not found:
        return []
    cells, worst = sum(found.values()), max(found, key=lambda name: found[name])
    reason = (
        f"{count(cells, 'value')} {_where(found, worst)} {'lies' if cells == 1 else 'lie'} more than {IQR_FACTOR:g} times the "
        f"middle half's width outside it{_most(found, worst)}. {BY_FAMILY}. "
        "Switch on to move them to those limits, learned from the training rows."
    )
    params = {"method": "iqr", "factor": IQR_FACTOR}
    return [
        Step(
            "clip_outliers", tuple(found), params, "Limit outliers", reason, {"cells": cells},
            enabled=False, learned=True,
        )
    ]  # fmt: skip


def _outside(names: list[str], numbers: np.ndarray) -> dict[str, int]:
    """How many values are outliers, of the columns that have any; `numbers` has a row for each column."""
    gaps = np.isnan(numbers).any(axis=1)
    found = {}
    whole = np.flatnonzero(~gaps)
    for at, some in [
        (whole, numbers[whole]),
        *(([i], numbers[i][~np.isnan(numbers[i])][None]) for i in np.flatnonzero(gaps)),
    ]:
        if some.size:
            low, high = np.quantile(some, [0.25, 0.75], axis=1)[..., None]
            reach = IQR_FACTOR * (high - low)
            counts = ((some < low - reach) | (some > high + reach)).sum(axis=1, where=reach > 0)
            found |= {names[i]: int(n) for i, n in zip(at, counts, strict=True) if n}
    return found
