from __future__ import annotations

from collections.abc import Iterable

from automl.findings.before.base import Check, Table
from automl.types import Finding, Severity


class TargetRefused(Check):
    """A target that can't be predicted: unique text, dates, one value, too few rows."""

    code = "target_refused"
    title = "Can the column be predicted"
    needs_problem = False

    def look(self, table: Table) -> Iterable[Finding]:
        if table.problem is None:
            yield self.finding(
                Severity.HIGH, "This column can't be predicted", table.refusal, (table.target,)
            )
