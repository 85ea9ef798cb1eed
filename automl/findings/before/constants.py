from __future__ import annotations

from collections.abc import Iterable

from automl.data.insights.columns import NEARLY_CONSTANT
from automl.data.words import listed, shorten
from automl.findings.before.base import Check, Table, keep, leave_out
from automl.types import ColumnKind, Finding, Severity
from automl.wording import count, percent

TELLS = 0.02  # prediction power from which on even a rare value is worth its column


class Constants(Check):
    """Columns with one value, or nearly."""

    code = "constants"
    title = "Columns with one value"

    def look(self, table: Table) -> Iterable[Finding]:
        same = tuple(
            c.name for c in table.kept
            if c.name not in table.kept_all_the_same and (c.distinct == 0 or (c.distinct == 1 and not c.missing))
        )
        if same:
            one = len(same) == 1
            yield self.finding(
                Severity.INFO,
                f"{shorten(same[0])} is always the same" if one else f"{count(len(same))} columns are always the same",
                f"{listed(same)} {'tells' if one else 'tell'} nothing apart. Models leave {'it' if one else 'them'} out.",
                same,
                keep(*same),
            )
        nearly = []
        for column in table.kept:
            if column.distinct < 2 or column.name not in table.learned_from or column.kind is ColumnKind.TEXT:
                continue
            if column.distinct - 1 > (1 - NEARLY_CONSTANT) * table.rows:
                continue  # each other value has a row at least, so that none can fill so many
            share = table.frame[column.name].value_counts(normalize=True, dropna=False).iloc[0]
            power = table.power.get(column.name)
            if share >= NEARLY_CONSTANT and (power is None or power.score < TELLS):
                nearly.append((float(share), column.name))
        if nearly:
            names = tuple(name for _, name in sorted(nearly, reverse=True))
            yield self.finding(
                Severity.INFO,
                f"{shorten(names[0])} is nearly always the same" if len(names) == 1 else f"{count(len(names))} columns are nearly always the same",
                f"One value fills {percent(min(nearly)[0])} or more of {listed(names)}, and the rest tells nothing about the target.",
                names,
                leave_out(*names),
            )
