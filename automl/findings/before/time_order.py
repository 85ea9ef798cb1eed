from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from automl.data.insights import Outcome
from automl.data.insights.association import as_numbers
from automl.data.insights.outcome import CLIPPED
from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.types import Column, ColumnKind, Finding, Fix, Severity, SplitKind
from automl.wording import number, percent

LEAST_TIMES = 10
LATEST = 0.2  # of the rows, held against the earlier ones
YEAR = re.compile(r"(?i)(^|[\s_.\-])(year|jahr)$")
YEARS = (1900, 2100)
DRIFTED = 0.25  # of a standard deviation (Cohen 1988: .2 is a small effect), or …
DRIFTED_SHARE = 0.05  # … of the rows in another class


class TimeOrder(Check):
    """The rows are dated, so later rows may differ from earlier ones."""

    code = "time_order"
    title = "Order in time"

    def look(self, table: Table) -> Iterable[Finding]:
        assert table.problem is not None
        if table.problem.split.kind in (SplitKind.TIME, SplitKind.GROUP):
            return
        found = [c for c in table.kept if _is_time(table, c)]
        if not found:
            return
        column = min(found, key=lambda c: (c.kind is not ColumnKind.DATETIME, c.missing, -c.distinct))
        name = shorten(column.name)
        drift = _drift(table.outcome, as_numbers(table.frame[column.name], column.kind))
        yield self.finding(
            Severity.WARNING if drift else Severity.INFO,
            "The target changes over time" if drift else "The rows are dated",
            (f"{drift} " if drift else "")
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
    times = times[outcome.rows]
    known = np.isfinite(times)
    if known.sum() < 50:
        return ""
    late = known & (times > np.quantile(times[known], 1 - LATEST))
    early = known & ~late
    if not late.any() or not early.any():
        return ""
    if outcome.is_number:
        clipped = np.clip(outcome.numbers, *np.quantile(outcome.numbers, CLIPPED))
        spread = clipped.std()
        before, after = clipped[early].mean(), clipped[late].mean()
        if spread <= 0 or abs(after - before) < DRIFTED * spread:
            return ""
        return f"It is {number(float(after))} on average in the latest fifth of the rows, and {number(float(before))} before."
    size = len(outcome.labels)
    before, after = (np.bincount(outcome.codes[m], minlength=size) / m.sum() for m in (early, late))
    i = int(np.argmax(np.abs(after - before)))
    if abs(after[i] - before[i]) < DRIFTED_SHARE:
        return ""
    label = shorten(outcome.labels[i])
    return f"'{label}' is {percent(float(after[i]))} of the latest fifth of the rows, and {percent(float(before[i]))} before."
