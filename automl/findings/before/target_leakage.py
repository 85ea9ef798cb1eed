from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from automl.data.insights import Power
from automl.data.words import shorten
from automl.findings.before.base import GIVES_AWAY, NEARLY_GIVES_AWAY, Check, Table, leave_out
from automl.types import Column, Finding, Severity
from automl.wording import class_label, number, percent

# So many rows, and so many outside the largest class, before a high power can't be chance.
SURE_ROWS, SURE_OTHERS = 100, 10
MOST = 20  # findings; more columns than that share a cause


class TargetLeakage(Check):
    """One column alone predicts the target almost perfectly."""

    code = "target_leakage"
    title = "What each column alone knows about the target"

    def look(self, table: Table) -> Iterable[Finding]:
        known = {column.name for column, _ in table.copies}
        kept = {c.name: c for c in table.kept}
        strong = sorted(
            ((p, kept[n]) for n, p in table.power.items() if max(p.score, p.told) >= NEARLY_GIVES_AWAY and n not in known),
            key=lambda one: -max(one[0].score, one[0].told),
        )
        for power, column in strong[:MOST]:
            yield self._said(table, column, power)

    def _said(self, table: Table, column: Column, power: Power) -> Finding:
        name, used = shorten(column.name), column.name in table.learned_from
        sure = power.rows >= SURE_ROWS and (not table.problem.has_probabilities or power.others >= SURE_OTHERS)
        high = max(power.score, power.told) >= GIVES_AWAY and sure and used
        if max(power.gaps, power.told) >= NEARLY_GIVES_AWAY:
            text = f"Whether '{name}' has a value follows from the outcome: {_filled(table, column)}. It is probably filled in afterwards."
        else:
            text = (
                f"A small model of '{name}' alone knows the target with a power of {number(power.score)} "
                "(0 is guessing, 1 is always right)."
            )
        if not used:
            text += " It is an identifier, which models leave out; but the order of your rows gives the outcome away."
        elif not sure:
            text += " There are few rows, so this may be chance."
        else:
            text += (
                " Leave it out, unless it is known at the time of the prediction."
                if high
                else " Check that it is known at the time of the prediction; if not, leave it out."
            )
        title = f"{name} gives the target away" if high else f"{name} alone nearly predicts the target"
        return self.finding(
            Severity.HIGH if high else Severity.WARNING,
            title,
            text,
            (column.name,),
            leave_out(column.name),
        )


def _filled(table: Table, column: Column) -> str:
    """In which outcomes a column is filled, as a sentence's part."""
    outcome = table.outcome
    filled = table.frame[column.name].iloc[outcome.rows].notna().to_numpy(dtype=bool)
    if outcome.is_number:
        if not filled.any() or filled.all():
            return "the target differs where it has one"
        with_, without = outcome.numbers[filled].mean(), outcome.numbers[~filled].mean()
        return f"the target is {number(float(with_))} on average where it has one, and {number(float(without))} elsewhere"
    shares = np.array([filled[outcome.codes == i].mean() for i in range(len(outcome.labels))])
    order = np.argsort(-shares, kind="stable")
    most, least = order[0], order[-1]
    return (
        f"it is filled in {percent(float(shares[most]))} of the rows with '{shorten(class_label(outcome.labels[most]))}' and "
        f"{percent(float(shares[least]))} of those with '{shorten(class_label(outcome.labels[least]))}'"
    )
