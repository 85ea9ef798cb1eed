from __future__ import annotations

from collections.abc import Iterable

from automl.findings.before.base import Check, Table, add_rows
from automl.types import Finding, Severity
from automl.wording import count

MIN_ROWS = 500  # Autopilot refuses fewer; we build, and say what that means


class FewRows(Check):
    """Too few rows for scores that can be relied on."""

    code = "few_rows"
    title = "Number of rows"

    def look(self, table: Table) -> Iterable[Finding]:
        rows = table.rows_with_target
        if rows >= MIN_ROWS:
            return
        yield self.finding(
            Severity.WARNING,
            "There are few rows to learn from",
            f"{count(rows)} rows have a target; below {MIN_ROWS} scores swing with every row. You can build, but add rows "
            "before you rely on the model, and read the interval, not the score.",
            (),
            add_rows(table),
        )
