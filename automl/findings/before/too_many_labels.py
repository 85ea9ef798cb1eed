from __future__ import annotations

from collections.abc import Iterable

from automl.data.words import shorten
from automl.findings.before.base import Check, Table, add_rows, least_rows
from automl.types import ColumnKind, Finding, Fix, Severity, Task
from automl.wording import count

MANY = 30  # classes from which on mistakes are hard to read, and most classes are seldom right
ROWS_EACH = 20  # on average; below it there is little to learn a class from


class TooManyLabels(Check):
    """Many classes for the number of rows."""

    code = "too_many_labels"
    title = "Labels for the row count"

    def look(self, table: Table) -> Iterable[Finding]:
        problem = table.problem
        assert problem is not None
        labels = len(problem.classes)
        each = table.rows_with_target / max(labels, 1)
        if labels < 3 or (labels < MANY and each >= ROWS_EACH):
            return
        number = table.goal.kind is ColumnKind.NUMERIC
        few = each < ROWS_EACH
        least = least_rows(table, min(MANY - 2, int(table.rows_with_target / ROWS_EACH) - 1))
        yield self.finding(
            Severity.WARNING if few else Severity.INFO,
            f"{count(labels)} labels" + (" are many for so few rows" if few else " are many to tell apart"),
            f"'{shorten(table.target)}' has {count(labels)} different values in {count(table.rows_with_target)} rows, about "
            f"{count(each)} rows each. "
            + ("Predicting the number may fit better." if number else "Merge those that you would treat alike."),
            (table.target,),
            Fix("Predict it as a number", "choose_task", (table.target,), Task.REGRESSION.value) if number else None,
            [
                Fix(f"Group labels below {count(least)} rows", "group_labels", (table.target,), str(least)) if least else None,
                add_rows(table) if few else None,
            ],
        )
