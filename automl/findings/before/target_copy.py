from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from automl.data.words import shorten
from automl.findings.before.base import Check, Table, leave_out
from automl.types import Column, ColumnKind, Finding, Severity
from automl.wording import count

LEAST_ROWS = 30  # two short columns may agree by chance
# Two columns that are different in nearly every row always go one to one; then only equal values count.
REPEATS = 0.9
HEAD_ROWS = 64


class TargetCopy(Check):
    """A column that is the target written again: the same values, or one value for each of its values."""

    code = "target_copy"
    title = "Copies of the target"

    def look(self, table: Table) -> Iterable[Finding]:
        for column, how in table.copies:
            what = (
                "holds the same values"
                if how == "copy"
                else "has one value for each value of the target, and no other: it is the target written in another way"
            )
            yield self.finding(
                Severity.HIGH,
                f"{shorten(column.name)} is a copy of the target",
                f"In all {count(len(table.outcome.rows))} rows that were compared, '{shorten(column.name)}' {what}. "
                "A model would only repeat it. Leave it out, unless you know it before the outcome.",
                (column.name,),
                leave_out(column.name),
            )


def copies(table: Table) -> list[tuple[Column, str]]:
    """Columns that are the target again: "copy" or "one to one"."""
    rows = table.outcome.rows
    if len(rows) < LEAST_ROWS:
        return []
    part = table.frame.iloc[rows]
    target = pd.factorize(part[table.target])[0]
    size = int(target.max()) + 1
    found = []
    head = part.head(HEAD_ROWS)
    for column in table.kept:
        if column.kind is ColumnKind.IDENTIFIER and not column.missing and column.distinct >= table.rows:
            continue
        first = pd.factorize(head[column.name], use_na_sentinel=False)[0]
        if not np.array_equal(first, target[: len(first)]):
            continue  # values are numbered as they come, so a copy agrees from its first rows on
        codes = pd.factorize(part[column.name], use_na_sentinel=False)[0]
        if int(codes.max()) + 1 != size or not np.array_equal(codes, target):
            continue
        same = _same(part[column.name], part[table.target])
        if same or size <= REPEATS * len(rows):
            found.append((column, "copy" if same else "one to one"))
    return found


def _same(a: pd.Series, b: pd.Series) -> bool:
    if a.dtype.kind in "biuf" and b.dtype.kind in "biuf":
        return bool(np.array_equal(a.to_numpy(dtype=float), b.to_numpy(dtype=float), equal_nan=True))
    x, y = (s.astype("str").str.strip().str.lower().to_numpy(dtype=object) for s in (a, b))
    return bool((x == y).all())
