from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from automl.data.profile import numbers_of
from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.types import ColumnKind, Finding, Fix, Severity
from automl.wording import count, percent

# Canvas: "too many non-numeric target values". From half on, a column is meant to hold numbers.
MOSTLY = 0.5
MANY = 0.1  # of the values: what is left may differ from what is predicted later
LEAST_DISTINCT = 5  # fewer different numbers may well be the names of classes


class TargetMixed(Check):
    """A target of numbers with words among them, which makes categories of it."""

    code = "target_mixed"
    title = "Numbers and words in the target"
    needs_problem = False

    def look(self, table: Table) -> Iterable[Finding]:
        column = next(c for c in table.columns if c.name == table.target)
        values = table.frame[table.target].dropna()
        if column.kind in (ColumnKind.DATETIME, ColumnKind.BOOLEAN) or values.dtype.kind in "biufM":
            return
        if not len(values):
            return
        numbers = numbers_of(values)
        known = np.isfinite(numbers.to_numpy(dtype=np.float64))
        if column.kind is ColumnKind.NUMERIC:
            if not known.all():
                yield self._set_aside(table, values[~known].iloc[0], float((~known).mean()))
            return
        if not MOSTLY <= known.mean() < 1 or numbers[known].nunique() < LEAST_DISTINCT:
            return
        words = values[~known]
        yield self.finding(
            Severity.WARNING,
            "Most of the target are numbers, but not all",
            f"{percent(float(known.mean()))} of '{shorten(table.target)}' read as numbers; {count(len(words))} do not, such as "
            f"'{shorten(words.iloc[0])}', so each value counts as a category. Read as a number, those rows are set aside.",
            (table.target,),
            Fix("Read it as a number", "change_kind", (table.target,), ColumnKind.NUMERIC.value),
        )

    def _set_aside(self, table: Table, example: object, share: float) -> Finding:
        return self.finding(
            Severity.WARNING if share >= MANY else Severity.INFO,
            "Some of the target are no numbers",
            f"{percent(share)} of the values of '{shorten(table.target)}' read as no number, such as '{shorten(example)}'. "
            "Their rows are set aside; check that this is meant.",
            (table.target,),
        )
