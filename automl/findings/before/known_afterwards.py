from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from automl.data.insights import prediction_power
from automl.data.profile import dates_of
from automl.data.words import shorten
from automl.findings.before.base import NEARLY_GIVES_AWAY, Check, Table, leave_out
from automl.types import Column, ColumnKind, Finding, Severity
from automl.wording import number, percent

# Words of things that happen when, or after, an outcome is there.
AFTERWARDS = frozenset(
    (
        "closed", "closing", "closure", "cancelled", "canceled", "cancellation", "cancel", "terminated",
        "termination", "churned", "resolved", "resolution", "outcome", "result", "refund", "refunded",
        "refunds", "settled", "settlement", "payoff", "writeoff", "chargeoff", "recovered", "recovery",
        "recoveries", "discharge", "discharged", "death", "died", "deceased", "exit", "exited", "ended",
        "completed", "completion", "final", "delivered", "returned", "rejected", "approved", "decision",
        "verdict", "finished",
    )
)  # fmt: skip
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
LEAST_LETTERS = 4  # of a target's name, to be looked for in other names
NAME_POWER = 0.1  # a name alone is no reason to worry where the column knows nothing
# By date: later than another date in nearly every row that has both, and telling of the outcome.
LATER, DATE_POWER = 0.98, 0.3
MOST_DATES = 8
LEAST_ROWS = 20


class KnownAfterwards(Check):
    """By its name, or since its date comes later, a column is filled when the outcome is known."""

    code = "known_afterwards"
    title = "Columns that are known only afterwards"

    def look(self, table: Table) -> Iterable[Finding]:
        told = {c.name for c, _ in table.copies} | {n for n, p in table.power.items() if max(p.score, p.told) >= NEARLY_GIVES_AWAY}
        later = dict(self._later(table, told))
        for column in table.kept:
            name = column.name
            if name in told or name not in table.learned_from:
                continue
            power = table.power[name].score if name in table.power else 0.0
            named = by_name(name, table.target)
            if name in later:
                yield self._finding(column, later[name])
            elif named and power >= NAME_POWER:
                yield self._finding(
                    column,
                    f"'{shorten(name)}' speaks of {named}, and knows something about the target "
                    f"(power {number(power)}, where 1 is always right).",
                )

    def _finding(self, column: Column, reason: str) -> Finding:
        return self.finding(
            Severity.WARNING,
            f"{shorten(column.name)} may be known only afterwards",
            f"{reason} If it is filled in when the outcome is there, a model can't use it: leave it out.",
            (column.name,),
            leave_out(column.name),
        )

    def _later(self, table: Table, told: set[str]) -> Iterable[tuple[str, str]]:
        """Dates that come after another date of the same row and tell of the outcome, with the reason."""
        dates = [c for c in table.kept if c.kind is ColumnKind.DATETIME and c.distinct > 1][:MOST_DATES]
        if len(dates) < 2:
            return
        stamps = {c.name: dates_of(table.frame[c.name]).reset_index(drop=True) for c in dates}
        for column in dates:
            if column.name in told:
                continue
            mine = stamps[column.name]
            for other in dates:
                gap = (mine - stamps[other.name]).dt.total_seconds()
                known = gap.notna().to_numpy()
                if other.name == column.name or known.sum() < LEAST_ROWS:
                    continue
                if float((gap[known] >= 0).mean()) < LATER or not float(gap[known].median()) > 0:
                    continue
                power = _power_of(gap, table)
                if power >= DATE_POWER:
                    share = float((gap[known] >= 0).mean())
                    yield (
                        column.name,
                        f"'{shorten(column.name)}' is later than '{shorten(other.name)}' in {percent(share)} of the rows, "
                        f"and the time between them knows the target with a power of {number(power)}.",
                    )
                    break


def by_name(name: str, target: str) -> str:
    """What in a name speaks of the time after the outcome, for a sentence; empty where nothing does.

    >>> by_name("refund_amount", "churn"), by_name("ChurnReason", "churn"), by_name("city", "churn")
    ("'refund'", "the target 'churn'", '')
    """
    words = {w.lower() for w in WORD.findall(name)}
    goals = [w.lower() for w in WORD.findall(target) if len(w) >= LEAST_LETTERS]
    goal = next((g for g in goals if g in words), None)
    if goal and len(words) > 1 and len(goals) == 1:
        return f"the target '{goal}'"
    found = sorted(words & AFTERWARDS)
    return f"'{found[0]}'" if found else ""


def _power_of(gap: pd.Series, table: Table) -> float:
    column = Column("gap", ColumnKind.NUMERIC, int(gap.isna().sum()), int(gap.nunique()))
    frame = pd.DataFrame({"gap": gap.to_numpy(dtype=np.float64)})
    found = prediction_power(frame, (column,), table.outcome)
    return found["gap"].score if "gap" in found else 0.0
