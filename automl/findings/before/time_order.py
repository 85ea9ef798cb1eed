from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from automl.data.insights import Outcome
from automl.data.insights.association import as_numbers
from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.findings.drift import drift
from automl.types import Column, ColumnKind, Finding, Fix, Severity, SplitKind

LEAST_TIMES = 10
YEAR = re.compile(r"(?i)(^|[\s_.\-])(year|jahr)$")
YEARS = (1900, 2100)


class TimeOrder(Check):
    """The rows are dated, so later rows may differ from earlier ones.

    A date that is left out still orders them, unless it gives the target away.
    """

    code = "time_order"
    title = "Order in time"

    def look(self, table: Table) -> Iterable[Finding]:
        assert table.problem is not None
        if table.problem.split.kind in (SplitKind.TIME, SplitKind.GROUP):
            return
        found = [c for c in table.kept if _is_time(table, c)]
        if not found:
            found = [c for c in table.left_out if _is_time(table, c)]
        if not found:
            return
        column = min(found, key=lambda c: (c.kind is not ColumnKind.DATETIME, c.missing, -c.distinct))
        name = shorten(column.name)
        changed = _drift(table.outcome, as_numbers(table.frame[column.name], column.kind))
        yield self.finding(
            Severity.WARNING if changed else Severity.INFO,
            "The target changes over time" if changed else "The rows are dated",
            (f"{changed} " if changed else "")
            + f"If you will predict what comes after your data, test on the latest rows by '{name}' rather than on rows from "
            "between; the score is then what to expect next.",
            (column.name,),
            Fix(f"Split by time, {shorten(column.name, 24)}", "split_time", (column.name,)),
        )


def _is_time(table: Table, column: Column) -> bool:
    values = table.frame[column.name]
    if column.distinct < 2 or column.missing > 0.5 * table.rows:
        return False
    if column.kind is ColumnKind.DATETIME:
        return column.distinct >= LEAST_TIMES and values.dtype.kind == "M"
    if column.kind is not ColumnKind.NUMERIC or not YEAR.search(column.name) or values.dtype.kind not in "iuf":
        return False
    return bool(values.dropna().between(*YEARS).all()) and column.distinct >= 4


def _drift(outcome: Outcome, times: np.ndarray) -> str:
    """How the target of the latest fifth differs from that of the others; empty where it hardly does."""
    return drift(times[outcome.rows], outcome.numbers if outcome.is_number else outcome.codes, outcome.labels)
