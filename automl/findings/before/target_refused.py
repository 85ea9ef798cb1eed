from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from automl.data.target import part_of
from automl.data.words import shorten
from automl.errors import ProblemError
from automl.findings.before.base import Check, Table, add_rows, keep, least_rows
from automl.types import Column, ColumnKind, Finding, Fix, Severity
from automl.wording import count

MOST_OFFERED = 3  # ways to make something of the column, and other columns to predict
MANY_LABELS = 28  # see too_many_labels
COVERED = 0.2  # share of the rows that labels with enough rows have at least, for the others to be one
READS = 0.9  # share of the texts with a number in them, for the number to be meant
NUMBERED = 0.9  # share of different whole numbers from which on they only name rows, as in case 17
FEWEST = 5  # rows with a value, see problem.MIN_ROWS


class TargetRefused(Check):
    """A target that can't be predicted: unique text, dates, one value, too few rows."""

    code = "target_refused"
    title = "Can the column be predicted"
    needs_problem = False

    def look(self, table: Table) -> Iterable[Finding]:
        if table.problem is None:
            ways = list(_ways(table)) or [Fix("Join another table", "join_table", (table.target,))]
            yield self.finding(
                Severity.HIGH, "This column can't be predicted", table.refusal, (table.target,), more=ways
            )


def _ways(table: Table) -> Iterable[Fix]:
    """What makes the column one that can be predicted, then other columns that can be."""
    if table.only_by_choice:
        yield Fix("Choose anew", "reset_choices", (table.target,))
        return
    useless = [c for c in table.kept if c.kind is ColumnKind.IDENTIFIER or c.distinct <= 1]
    if len(useless) == len(table.kept):
        if filled := [c.name for c in useless if c.distinct]:
            yield keep(*filled)
        yield Fix("Join another table", "join_table", (table.target,))
        return
    if 0 < table.rows_with_target < FEWEST:
        yield add_rows(table)
    derived = list(_derived(table))
    yield from derived
    for name in plausible(table, max(MOST_OFFERED - len(derived), 1)):
        yield Fix(f"Predict {shorten(name, 24)} instead", "choose_target", (name,))


def _derived(table: Table) -> Iterable[Fix]:
    """What of the column's values may be meant."""
    values, column = table.frame[table.target], table.goal
    target = (table.target,)
    if values.dtype.kind == "M":
        for part, label in (("month", "Predict its month"), ("weekday", "Predict its day of the week")):
            if part_of(values, part).nunique() > 1:
                yield Fix(label, "target_part", target, part)
        return
    if values.dtype.kind in "biuf" or column.distinct < 2:
        return
    least = least_rows(table, MANY_LABELS)
    counts = values.value_counts()
    if least and counts[counts >= least].sum() >= COVERED * len(values):
        yield Fix(f"Group labels below {count(least)} rows", "group_labels", target, str(least))
    numbers = part_of(values, "number").dropna()
    names_rows = bool((numbers % 1 == 0).all()) and numbers.nunique() > NUMBERED * len(numbers)
    if len(numbers) >= READS * values.notna().sum() and numbers.nunique() > 1 and not names_rows:
        yield Fix("Predict the number in it", "target_part", target, "number")


def plausible(table: Table, most: int) -> list[str]:
    """Other columns that may be meant as the target: yes/no first, then categories, then numbers; the last ones first."""
    from automl.problem import infer

    found, places = [], {c.name: i for i, c in enumerate(table.kept)}
    for column in sorted(table.kept, key=lambda c: (_order(c), -places[c.name])):
        if column.kind in (ColumnKind.TEXT, ColumnKind.IDENTIFIER, ColumnKind.DATETIME) or column.distinct < 2:
            continue
        with suppress(ProblemError):
            infer(table.frame, table.columns, column.name, kept=table.kept_all_the_same)
            found.append(column.name)
        if len(found) == most:
            break
    return found


def _order(column: Column) -> int:
    if column.distinct == 2:
        return 0
    return 1 if column.kind is ColumnKind.CATEGORICAL else 2
