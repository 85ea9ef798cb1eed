from __future__ import annotations

from collections.abc import Iterable

from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.types import Finding, Severity
from automl.wording import count, percent

MANY = 0.2  # from this share on, what is left may differ from what is predicted later


class TargetMissing(Check):
    """Rows without a target: nothing can be learned from them."""

    code = "target_missing"
    title = "Rows without a target"

    def look(self, table: Table) -> Iterable[Finding]:
        missing = table.rows - table.rows_with_target
        if not missing:
            return
        share = missing / max(table.rows, 1)
        text = (
            f"{count(missing)} of {count(table.rows)} rows ({percent(share)}) have no value in "
            f"'{shorten(table.target)}'. They are set aside; the model learns from the other {count(table.rows_with_target)}."
        )
        if share >= MANY:
            text += " Check that the rows that have one are like those you want to predict."
        yield self.finding(
            Severity.WARNING if share >= MANY else Severity.INFO,
            f"{count(missing)} {'row has' if missing == 1 else 'rows have'} no target",
            text,
            (table.target,),
        )
