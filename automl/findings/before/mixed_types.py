from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from automl.data.profile import numbers_of
from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.types import Column, ColumnKind, Finding, Fix, Severity
from automl.wording import count, percent

MOSTLY = 0.5  # of the cells read as numbers: below it words are the rule
LEAST_DISTINCT = 5  # different numbers
LOOK_VALUES = 5_000
DIGIT = re.compile(r"\d")


class MixedTypes(Check):
    """Numbers and words in one column: either the words are gaps, or the numbers are names."""

    code = "mixed_types"
    title = "Numbers and words in one column"

    def look(self, table: Table) -> Iterable[Finding]:
        for column in table.kept:
            if column.name not in table.learned_from or column.kind not in (ColumnKind.NUMERIC, ColumnKind.CATEGORICAL):
                continue
            if table.frame[column.name].dtype.kind in "biufM":
                continue
            values = table.frame[column.name].dropna()
            if not len(values):
                continue
            counts = values.astype("str").value_counts().head(LOOK_VALUES)
            if column.kind is not ColumnKind.NUMERIC and not DIGIT.search("\n".join(counts.index)):
                continue  # words only
            numbers = np.isfinite(numbers_of(pd.Series(counts.index, dtype="str")).to_numpy(dtype=np.float64))
            share = float(counts.to_numpy()[numbers].sum() / counts.sum())
            if column.kind is ColumnKind.NUMERIC and share < 1:
                yield self._junk(column, counts.index[~numbers][0], share)
            elif (
                column.kind is ColumnKind.CATEGORICAL and MOSTLY <= share < 1 and numbers.sum() >= LEAST_DISTINCT
            ):
                yield self._words(column, counts.index[~numbers], share)

    def _junk(self, column: Column, example: str, share: float) -> Finding:
        return self.finding(
            Severity.INFO,
            f"{shorten(column.name)} holds words among its numbers",
            f"{percent(1 - share)} of '{shorten(column.name)}' read as no number, such as '{shorten(example)}'; they count as "
            "missing. If its values are codes, read it as a category.",
            (column.name,),
            Fix("Read it as a category", "change_kind", (column.name,), ColumnKind.CATEGORICAL.value),
        )

    def _words(self, column: Column, words: pd.Index, share: float) -> Finding:
        return self.finding(
            Severity.INFO if column.kind_by_user else Severity.WARNING,
            f"{shorten(column.name)} mixes numbers and words",
            f"{percent(share)} of '{shorten(column.name)}' are numbers, and {count(len(words))} "
            f"{'value is not' if len(words) == 1 else 'values are not'}, such as '{shorten(words[0])}', so that each number counts "
            "as a category of its own. Read as a number, the words become missing.",
            (column.name,),
            Fix("Read it as a number", "change_kind", (column.name,), ColumnKind.NUMERIC.value),
        )
