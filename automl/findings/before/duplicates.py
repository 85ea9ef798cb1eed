from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from automl.data.clean.propose import DUPLICATES_MAX_SHARE
from automl.findings.before.base import Check, Table
from automl.types import ColumnKind, Finding, Fix, Severity
from automl.wording import count, percent

LOOK_ROWS = 100_000
LEAST_SHARE, LEAST_ROWS = 0.005, 5  # of near copies, to be worth a word
BY_CHANCE = 10.0  # so many times what independent columns would give
DIGITS = 3  # near copies agree in so many digits, and in words without case and spaces


class Duplicates(Check):
    """Rows that are there twice, exactly or nearly: a test row that was learned from tells nothing."""

    code = "duplicate_rows"
    title = "Copies of rows"

    def look(self, table: Table) -> Iterable[Finding]:
        part = table.frame if len(table.frame) <= LOOK_ROWS else table.frame.sample(LOOK_ROWS, random_state=0)
        where = "" if len(part) == table.rows else f" of a sample of {count(len(part))}"
        exact = int(part.duplicated().sum())
        if exact:
            yield self._exact(part, exact, where)
        if exact > DUPLICATES_MAX_SHARE * len(part):
            return  # cases are simply alike
        near = _near(table, part) - exact
        if near >= max(LEAST_ROWS, LEAST_SHARE * len(part)):
            yield self.finding(
                Severity.WARNING,
                f"{count(near)} rows are nearly copies",
                f"{count(near)} rows{where} ({percent(near / len(part))}) differ from another row only in identifiers, dates, "
                "letter case, spaces or the last digits. If they are the same case entered again, a random split tests on what "
                "was learned: remove them from your data, or split by a column that names the case.",
            )

    def _exact(self, part: pd.DataFrame, exact: int, where: str) -> Finding:
        share = exact / len(part)
        few = share <= DUPLICATES_MAX_SHARE
        text = f"{count(exact)} rows{where} ({percent(share)}) repeat an earlier row in every column. Copies never stand on both sides of a split. "
        if few:
            return self.finding(
                Severity.INFO,
                f"{count(exact)} exact {'copy' if exact == 1 else 'copies'}",
                f"{text}They are left out of training, see the cleaning plan.",
            )
        key = f"drop_duplicates:{'|'.join(str(name) for name in part.columns)}"
        return self.finding(
            Severity.WARNING,
            f"{percent(share)} of the rows are copies",
            f"{text}So many are likely separate cases that look alike, and are kept. If they are copies, set them aside.",
            (),
            Fix("Set copies aside", "switch_step_on", (), key),
        )


def _near(table: Table, part: pd.DataFrame) -> int:
    """Rows like an earlier one but for identifiers, dates, case, spaces and digits; 0 where chance explains them."""
    kinds = {c.name: c.kind for c in table.columns}
    left_out = (ColumnKind.IDENTIFIER, ColumnKind.DATETIME)
    names = [n for n in part.columns if kinds.get(n) not in left_out]
    codes, log_chance = [], 0.0
    for name in names:
        values = part[name]
        if values.dtype.kind == "f":
            values = _rounded(values)
        elif values.dtype.kind not in "biuM":
            values = values.astype("str").str.strip().str.lower().str.replace(r"\s+", " ", regex=True)
        found = pd.factorize(values, use_na_sentinel=False)[0]
        codes.append(found)
        shares = np.bincount(found) / len(found)
        log_chance += float(np.log((shares**2).sum()))
    if len(names) < 3:
        return 0
    found = int(pd.DataFrame(dict(enumerate(codes))).duplicated().sum())
    n = len(part)
    expected = np.exp(np.log(max(n, 2)) * 2 - np.log(2) + log_chance)
    return found if found > BY_CHANCE * expected else 0


def _rounded(values: pd.Series) -> pd.Series:
    numbers = values.to_numpy(dtype=np.float64)
    size = np.floor(np.log10(np.abs(numbers), out=np.zeros_like(numbers), where=numbers != 0))
    scale = 10.0 ** np.clip(DIGITS - 1 - size, -300, 300)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.round(numbers * scale) / scale
    return pd.Series(np.where(np.isfinite(rounded), rounded, numbers), index=values.index)
