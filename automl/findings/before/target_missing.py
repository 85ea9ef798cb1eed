from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from automl.data.target import MISSING
from automl.data.words import listed, shorten
from automl.findings.before.base import FEW, Check, Table, show_rows
from automl.types import Finding, Fix, Severity
from automl.wording import count, percent

MANY = 0.2  # from this share on, what is left may differ from what is predicted later


class TargetMissing(Check):
    """Rows without a target: nothing can be learned from them."""

    code = "target_missing"
    title = "Rows without a target"

    def look(self, table: Table) -> Iterable[Finding]:
        missing = table.goal.missing
        if not missing:
            return
        share = missing / max(table.rows, 1)
        text = (
            f"{count(missing)} of {count(table.rows)} rows ({percent(share)}) have no value in "
            f"'{shorten(table.target)}'{places(table, table.frame[table.target].isna().to_numpy())}. "
            f"They are set aside; the model learns from the other {count(table.rows_with_target)}."
        )
        if share >= MANY:
            text += " Check that the rows that have one are like those you want to predict."
        yield self.finding(
            Severity.WARNING if share >= MANY else Severity.INFO,
            f"{count(missing)} {'row has' if missing == 1 else 'rows have'} no target",
            text,
            (table.target,),
            self._counted(table, missing),
            [show_rows(table, "missing")],
        )

    def _counted(self, table: Table, missing: int) -> Fix | None:
        """What the gaps may mean: a category of their own where there are enough of them, or none of an amount."""
        assert table.problem is not None
        if not table.problem.has_probabilities:
            return Fix("Count missing as 0", "count_missing", (table.target,), "0")
        return Fix("Count missing as a category", "count_missing", (table.target,), MISSING) if missing >= FEW else None


def places(table: Table, rows: np.ndarray) -> str:
    """Where the first of some rows are, for a sentence; nothing of a sample, whose rows are not the table's."""
    found = np.flatnonzero(rows)[:3] + 1
    if len(table.frame) != table.rows or not len(found):
        return ""
    return f", such as {'row' if len(found) == 1 else 'rows'} {listed((f'{n:,}' for n in found), quote='')}"
