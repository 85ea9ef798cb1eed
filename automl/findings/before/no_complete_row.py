from __future__ import annotations

from collections.abc import Iterable

from automl.data.clean.propose import fill_gaps
from automl.data.words import listed
from automl.findings.before.base import Check, Table, leave_out, step
from automl.types import Finding, Severity
from automl.wording import count, percent

MOSTLY_EMPTY = 0.9
MANY_GAPS = 0.95  # share of rows with a gap, from which on it is said


class NoCompleteRow(Check):
    """No row, or hardly one, has a value in every column."""

    code = "no_complete_row"
    title = "Rows without gaps"

    def look(self, table: Table) -> Iterable[Finding]:
        used = [c for c in table.kept if c.name in table.learned_from]
        empty = tuple(c.name for c in used if c.missing / max(table.rows, 1) >= MOSTLY_EMPTY)
        gaps = table.frame[[c.name for c in used]].isna().any(axis=1)
        share = float(gaps.mean()) if len(gaps) else 0.0
        if share < MANY_GAPS:
            return
        first = "No row has" if share == 1 else f"Only {percent(1 - share)} of the rows have"
        tail = (
            f" {listed(empty)} {'is' if len(empty) == 1 else 'are'} missing in {percent(MOSTLY_EMPTY)} of the rows or more."
            if empty
            else ""
        )
        filled = table.does("impute", usually=False)
        how = "They are filled, see the cleaning plan." if filled else "Models cope with gaps, but check that they are meant."
        step_ = fill_gaps(table.columns, table.target)
        fill = None
        if step_:
            label = "Leave the gaps open" if filled else "Fill the gaps"
            fill = step(label, f"impute:{'|'.join(step_[0].columns)}", step_[0].columns, on=not filled)
        yield self.finding(
            Severity.WARNING if share == 1 and not filled else Severity.INFO,
            "No row is complete" if share == 1 else "Hardly a row is complete",
            f"{first} a value in each of the {count(len(used))} columns. {how}{tail}",
            empty,
            leave_out(*empty) if empty else None,
            [fill],
        )
