"""How the column to predict is read before anything is learned: a part of its values, gaps and rare labels.

The functions with plain arguments stand in notebooks as they are here.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from automl.data.profile import dates_of, numbers_of
from automl.data.words import count, shorten, spelled
from automl.errors import ProblemError, unknown_name
from automl.types import Column, ColumnKind, Note, Problem, TargetReading, Task

PARTS = {"month": "the month of", "weekday": "the day of the week of", "number": "the number in"}
MISSING, OTHER = "(missing)", "other"


@dataclass(frozen=True)
class Read:
    """A target as it is read: its values, what they are, the way as far as it fits, and what is said of it.

    `empty` counts rows without a value, those whose rare label is set aside not among them.
    """

    values: pd.Series
    column: Column
    way: TargetReading | None
    notes: tuple[Note, ...]
    empty: int


def read_target(values: pd.Series, column: Column, way: TargetReading | None, task: Task | None = None) -> Read:
    """Read a target another way than it stands in the table.

    Parameters
    ----------
    values : Series of shape (rows,)
    column : Column
        Its profile.
    way : TargetReading or None
    task : Task, optional
        The one that was chosen: of a number only gaps can be filled.

    Raises
    ------
    ProblemError
        The part is not to be had of such values, or no label has as many rows as are asked for.

    >>> kinds = Column("y", ColumnKind.CATEGORICAL, missing=1, distinct=3)
    >>> read = read_target(pd.Series(["a", "b", "a", "c", None]), kinds, TargetReading(least_rows=2, rare="other"))
    >>> read.values.tolist()[:4], read.notes[0].message
    (['a', 'other', 'a', 'other'], "Two of three labels of 'y' have fewer than 2 rows each, 2 rows in all. They count as 'other'.")
    """
    way = that_fits(way, task)
    if way is None:
        return Read(values, column, None, (), int(values.isna().sum()))
    notes: list[Note] = []
    name = shorten(column.name)
    if way.part:
        _check_part(values, column, way.part)
        values = part_of(values, way.part)
        kind = ColumnKind.NUMERIC if way.part == "number" else ColumnKind.CATEGORICAL
        column = replace(column, kind=kind)
        notes.append(Note("target_part", f"What is predicted is {PARTS[way.part]} '{name}'.", column.name))
    empty = int(values.isna().sum())
    if way.missing and empty:
        values = with_gaps(values, way.missing)
        said = f"{count(empty, 'row')} without a value in '{name}' {'counts' if empty == 1 else 'count'} as '{shorten(way.missing)}'."
        notes.append(Note("target_missing_as", said, column.name))
        empty = 0
    if way.least_rows:
        values, said = _grouped(values, way, name)
        notes.append(Note("labels_grouped", said, column.name))
    if way.least_rows or (way.missing and not _is_number(way.missing)):
        column = replace(column, kind=ColumnKind.CATEGORICAL)
    column = replace(column, missing=empty, distinct=int(values.nunique()))
    return Read(values, column, way, tuple(notes), empty)


def that_fits(way: TargetReading | None, task: Task | None) -> TargetReading | None:
    """A way without what a number can't be read as."""
    if way is not None and task is Task.REGRESSION:
        way = TargetReading(
            part=way.part if way.part == "number" else "", missing=way.missing if _is_number(way.missing) else ""
        )
    return None if way == TargetReading() else way


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _check_part(values: pd.Series, column: Column, part: str) -> None:
    name = f"'{shorten(column.name)}'"
    if part not in PARTS:
        raise ProblemError(unknown_name("part", part, PARTS, f"of {name}"))
    if part == "number":
        if values.dtype.kind in "biufM" or part_of(values, part).notna().sum() == 0:
            raise ProblemError(f"{name} holds no text with a number in it. Predict it as it is.")
    elif values.dtype.kind != "M":
        raise ProblemError(f"{name} holds no dates, so it has no {part}. Predict it as it is.")


def _grouped(values: pd.Series, way: TargetReading, name: str) -> tuple[pd.Series, str]:
    labels = labels_of(values)
    counts = labels.value_counts()
    kept = counts.index[counts >= way.least_rows]
    other = _spelling(way.rare, counts.index)
    rare = counts[counts < way.least_rows].drop(other, errors="ignore")
    if len(kept) < (1 if other and len(rare) else 2):
        most = f"the most frequent has {counts.iloc[0]:,}" if len(counts) else "there is none"
        raise ProblemError(
            f"Too few labels of '{name}' have {count(way.least_rows, 'row')}: {most}. Ask for fewer rows a label."
        )
    rows = int(rare.sum())
    if not len(rare):
        return labels, f"Every label of '{name}' has {count(way.least_rows, 'row')} or more."
    said = (
        f"{spelled(len(rare)).capitalize()} of {spelled(len(counts))} labels of '{name}' "
        f"{'has' if len(rare) == 1 else 'have'} fewer than {way.least_rows:,} rows{' each' if len(rare) > 1 else ''}, "
        f"{count(rows, 'row')} in all. "
    )
    said += f"They count as '{shorten(other)}'." if other else "Their rows are set aside."
    return known_only(labels, kept.tolist(), other), said


def _spelling(rare: str, labels: Sequence[str]) -> str:
    """The name for all rare labels, as a label of the same name is written."""
    return next((str(label) for label in labels if str(label).strip().lower() == rare.lower()), rare) if rare else ""


def as_learned(frame: pd.DataFrame, problem: Problem) -> pd.DataFrame:
    """The table with its target as the problem reads it; numbers in text become numbers, what is none is missing.

    >>> problem = Problem("y", Task.REGRESSION, "rmse", ("x",))
    >>> as_learned(pd.DataFrame({"y": ["1.5", "none yet", "2"]}), problem)["y"].tolist()
    [1.5, nan, 2.0]
    """
    given = frame[problem.target]
    values = as_read(given, problem)
    if not problem.has_probabilities and values.dtype.kind not in "biuf":
        values = numbers_of(values)
    return frame if values is given else frame.assign(**{problem.target: values})


def as_read(values: pd.Series, problem: Problem) -> pd.Series:
    """Values read as they were when the problem was settled, with its classes."""
    way = problem.reading
    if way is None:
        return values
    if way.part:
        values = part_of(values, way.part)
    if way.missing:
        values = with_gaps(values, way.missing)
    return _with_classes(values, problem)


def as_outcomes(values: pd.Series, problem: Problem) -> pd.Series:
    """Outcomes of any table as the problem's own; what is missing stays so: it may only be unknown yet."""
    way = problem.reading
    if way is None:
        return values
    if way.part == "number" and values.dtype.kind not in "biuf":
        values = part_of(values, way.part)
    elif way.part in ("month", "weekday"):
        dates = dates_of(values)
        values = part_of(dates, way.part) if dates.notna().any() else values
    return _with_classes(values, problem)


def _with_classes(values: pd.Series, problem: Problem) -> pd.Series:
    way = problem.reading
    if way is None or not way.least_rows:
        return values
    classes = list(map(str, problem.classes))
    return known_only(labels_of(values), classes, _spelling(way.rare, classes))


def notebook_source(problem: Problem) -> str:
    """What reads `table[TARGET]` as the problem does; empty where it is taken as it stands."""
    way, functions, lines = problem.reading or TargetReading(), [], []
    if way.part:
        functions.append(part_of)
        lines.append(f"table[TARGET] = part_of(table[TARGET], {way.part!r})")
    if way.missing:
        functions += [labels_of, with_gaps]
        lines.append(f"table[TARGET] = with_gaps(table[TARGET], {way.missing!r})  # rows without a value")
    if way.least_rows:
        functions += [labels_of, known_only]
        other = _spelling(way.rare, list(map(str, problem.classes)))
        lines.append(
            f"# labels with fewer than {way.least_rows:,} rows {f'count as {other!r}' if other else 'are set aside'}\n"
            f"table[TARGET] = known_only(labels_of(table[TARGET]), CLASSES, {other!r})"
        )
    return "\n\n".join((*map(inspect.getsource, dict.fromkeys(functions)), "\n".join(lines)))


# --- what stands in notebooks too ---------------------------------------------------------


def labels_of(column):
    """Values as text, whole numbers without a decimal point; what is missing stays missing."""
    def word(value):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    return column.astype(object).map(word, na_action="ignore").astype("str")


def part_of(column, part):
    """The month or weekday of dates, or the first number in texts."""
    if part == "number":
        found = column.astype("str").str.extract(r"([-+]?\d+(?:\.\d+)?)", expand=False)
        return pd.to_numeric(found).astype("float64")
    return (column.dt.month_name() if part == "month" else column.dt.day_name()).astype("str")


def with_gaps(column, word):
    """A column whose gaps count as a value: as a number where both are, else as a label."""
    if column.dtype.kind in "iuf":
        try:
            return column.fillna(float(word))
        except ValueError:
            pass
    return labels_of(column).fillna(word)


def known_only(labels, known, other):
    """Labels of which all that are not known count as another; where that is empty, they are missing."""
    return labels.where(labels.isna() | labels.isin(known), other or np.nan)
