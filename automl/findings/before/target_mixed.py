from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from automl.data.profile import numbers_of
from automl.data.words import shorten
from automl.findings.before.base import Check, Table, show_rows
from automl.findings.before.target_missing import places
from automl.problem import MANY_CLASSES_SHARE, MAX_CLASSES
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
                odd = np.zeros(len(table.frame), dtype=bool)
                odd[np.flatnonzero(table.frame[table.target].notna())[~known]] = True
                yield self._set_aside(table, values, odd, float((~known).mean()))
            return
        if not MOSTLY <= known.mean() < 1 or numbers[known].nunique() < LEAST_DISTINCT:
            return
        words = values[~known]
        yield self.finding(
            Severity.INFO if column.kind_by_user else Severity.WARNING,
            "Most of the target are numbers, but not all",
            f"{percent(float(known.mean()))} of '{shorten(table.target)}' read as numbers; {count(len(words))} do not, such as "
            f"'{shorten(words.iloc[0])}', so each value counts as a category. Read as a number, those rows are set aside.",
            (table.target,),
            Fix("Read it as a number", "change_kind", (table.target,), ColumnKind.NUMERIC.value),
            [show_rows(table, "words")],
        )

    def _set_aside(self, table: Table, values: pd.Series, odd: np.ndarray, share: float) -> Finding:
        example = table.frame[table.target].iloc[int(np.argmax(odd))]
        few = values.nunique() <= min(MAX_CLASSES, MANY_CLASSES_SHARE * len(values))
        return self.finding(
            Severity.WARNING if share >= MANY and not table.goal.kind_by_user else Severity.INFO,
            "Some of the target are no numbers",
            f"{percent(share)} of the values of '{shorten(table.target)}' read as no number, such as '{shorten(example)}'{places(table, odd)}. "
            "Their rows are set aside; check that this is meant.",
            (table.target,),
            Fix("Predict categories instead", "change_kind", (table.target,), ColumnKind.CATEGORICAL.value) if few else None,
            [show_rows(table, "words aside")],
        )
