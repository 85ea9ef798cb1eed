from __future__ import annotations

from collections.abc import Iterable

from automl.data.words import listed, shorten
from automl.findings.before.base import Check, Table, keep, leave_out
from automl.types import ColumnKind, Finding, Severity
from automl.wording import count, percent

NEARLY = 0.5  # a new value in every second row: most values were never seen when a new row comes


class Identifiers(Check):
    """Columns that name rows: learned by heart they help no new row."""

    code = "identifiers"
    title = "Columns that name rows"

    def look(self, table: Table) -> Iterable[Finding]:
        names = tuple(c.name for c in table.kept if c.kind is ColumnKind.IDENTIFIER and c.distinct > 1)
        if names:
            one = len(names) == 1
            yield self.finding(
                Severity.INFO,
                f"{shorten(names[0])} names rows" if one else f"{count(len(names))} columns name rows",
                f"{listed(names)} {'has' if one else 'have'} a new value in nearly every row. "
                f"Models leave {'it' if one else 'them'} out.",
                names,
                keep(*names),
            )
        for column in table.kept:
            filled = table.rows - column.missing
            if column.kind is not ColumnKind.CATEGORICAL or column.name not in table.learned_from:
                continue
            if column.distinct > 50 and column.distinct >= NEARLY * filled:
                yield self.finding(
                    Severity.WARNING,
                    f"{shorten(column.name)} nearly names rows",
                    f"{count(column.distinct)} different values in {count(filled)} rows ({percent(column.distinct / filled)}): "
                    "most values of new rows will never have been seen.",
                    (column.name,),
                    leave_out(column.name),
                )
