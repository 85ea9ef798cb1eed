from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.types import Column, ColumnKind, Finding, Fix, Severity, SplitKind
from automl.wording import count
from automl.wording import number as worded

# Last words of names of things that come back: a model that saw one of their rows knows the others.
KEYS = frozenset(("id", "ids", "key", "uuid", "guid", "no", "nr", "code", "number", "unitid", "userid"))
SURE_KEYS = frozenset(("id", "ids", "uuid", "guid"))  # a repeated one is said even without further signs
THINGS = frozenset(
    (
        "name", "customer", "client", "user", "member", "patient", "person", "account", "household",
        "employee", "student", "subject", "session", "device", "machine", "unit", "vehicle", "tailnum",
        "store", "shop", "school", "hospital", "company", "vendor", "supplier", "product", "sku",
        "item", "author", "team", "player",
    )
)  # fmt: skip
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
LEAST_VALUES = 20  # groups; with fewer, hardly any are left to test on
MOST_VALUES_SHARE = 0.67  # values by rows: above it too few rows share a value
IN_GROUPS = 0.5  # share of rows whose value comes more than once
ALIKE, LEAST_ALIKE = 0.95, 2  # so many other columns are constant in nearly every group
KNOWS = 0.1  # prediction power from which on groups matter without further signs
LOOK_ROWS = 50_000


@dataclass(frozen=True)
class _Group:
    column: Column
    rows_each: float
    shared: int  # other columns that are the same within a group
    power: float
    named: bool
    key: bool

    @property
    def weight(self) -> tuple[float, float, float]:
        return (self.key + self.named + (self.shared >= LEAST_ALIKE), self.power, -self.column.distinct)


class Groups(Check):
    """The same customer, machine or school in several rows: a random split tests on what was learned.

    A column that is left out is looked at too: the rows of one customer stay alike without it.
    """

    code = "groups_repeat"
    title = "The same thing in several rows"

    def look(self, table: Table) -> Iterable[Finding]:
        assert table.problem is not None
        if table.problem.split.kind in (SplitKind.GROUP, SplitKind.TIME):
            return
        part = table.frame if len(table.frame) <= LOOK_ROWS else table.frame.head(LOOK_ROWS)
        found = [g for c in (*table.kept, *table.left_out) if (g := _group(table, part, c)) is not None]
        if not found:
            return
        best = max(found, key=lambda g: g.weight)
        name = shorten(best.column.name)
        signs = []
        if best.shared >= LEAST_ALIKE:
            signs.append(f"{count(best.shared)} other columns stay the same within it")
        if best.power >= KNOWS:
            signs.append(f"it alone knows the target with a power of {worded(best.power)}")
        why = f" ({'; '.join(signs)})" if signs else ""
        yield self.finding(
            Severity.WARNING if signs else Severity.INFO,
            f"The same {name} is in several rows",
            f"Each of the {count(best.column.distinct)} values of '{name}' has about {worded(best.rows_each, 2)} rows{why}. "
            "If you will predict for new ones, keep all rows of one together, so that the score is of ones never seen.",
            (best.column.name,),
            Fix(f"Split by {shorten(best.column.name, 24)}", "split_group", (best.column.name,)),
        )


def _group(table: Table, part: pd.DataFrame, column: Column) -> _Group | None:
    """A column as the name of a group, or None."""
    if column.kind not in (ColumnKind.CATEGORICAL, ColumnKind.IDENTIFIER, ColumnKind.NUMERIC):
        return None
    filled = table.rows - column.missing
    if column.distinct < LEAST_VALUES or column.distinct > MOST_VALUES_SHARE * filled:
        return None
    values = part[column.name]
    words = [w.lower() for w in WORD.findall(column.name)] or [""]
    number = column.kind is ColumnKind.NUMERIC  # of a number only a key's name makes a thing: not years_at_company
    named = words[-1] in KEYS or (not number and words[-1].removesuffix("s") in THINGS)
    if number:
        numbers = values.dropna()
        if not named or values.dtype.kind not in "iuf" or (numbers != np.floor(numbers)).any():
            return None
    codes = pd.factorize(values)[0]
    sizes = np.bincount(codes[codes >= 0])
    if not len(sizes) or sizes[sizes > 1].sum() < IN_GROUPS * len(part):
        return None
    shared = _shared(table, part, column, codes)
    power = table.power_of(column)
    rows_each = filled / max(column.distinct, 1)
    key = words[-1] in SURE_KEYS
    if not key and not (named and (power >= KNOWS or shared >= LEAST_ALIKE)) and not (
        shared >= LEAST_ALIKE and power >= KNOWS
    ):
        return None
    return _Group(column, rows_each, shared, power, named, key)


def _shared(table: Table, part: pd.DataFrame, column: Column, codes: np.ndarray) -> int:
    """Other columns with many values of which nearly every group has one only."""
    several = np.bincount(codes[codes >= 0]) > 1
    alike = 0
    for other in table.kept:
        if other.name == column.name or other.distinct < LEAST_ALIKE:
            continue
        theirs = pd.factorize(part[other.name], use_na_sentinel=False)[0]
        if np.bincount(theirs).max() > ALIKE * len(theirs):
            continue  # one value nearly everywhere is the same in any group
        known = codes >= 0
        pairs = pd.DataFrame({"group": codes[known], "value": theirs[known]}).drop_duplicates()
        kinds = np.bincount(pairs["group"], minlength=len(several))
        alike += float((kinds[several] == 1).mean()) >= ALIKE if several.any() else False
    return alike
