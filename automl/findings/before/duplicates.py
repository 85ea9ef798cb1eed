from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from automl.data.clean.near import LOOK_ROWS, near_copies
from automl.data.clean.propose import DUPLICATES_MAX_SHARE
from automl.data.copies import copies
from automl.findings.before.base import Check, Table
from automl.types import Finding, Fix, Severity
from automl.wording import count, percent


class Duplicates(Check):
    """Rows that are there twice, exactly or nearly: a test row that was learned from tells nothing."""

    code = "duplicate_rows"
    title = "Copies of rows"

    def look(self, table: Table) -> Iterable[Finding]:
        part = table.frame if len(table.frame) <= LOOK_ROWS else table.frame.sample(LOOK_ROWS, random_state=0)
        where = "" if len(part) == table.rows else f" of a sample of {count(len(part))}"
        exact = int(copies(part).sum())
        if exact:
            yield self._exact(part, exact, where)
        if exact > DUPLICATES_MAX_SHARE * len(part):
            return  # cases are simply alike
        near, names = near_copies(part, table.columns, exact)
        if near:
            yield self.finding(
                Severity.WARNING,
                f"{count(near)} rows are nearly copies",
                f"{count(near)} rows{where} ({percent(near / len(part))}) differ from another row only in identifiers, dates, "
                "letter case, spaces or the last digits. If they are the same case entered again, a random split tests on what "
                "was learned: set them aside, or split by a column that names the case.",
                (),
                Fix("Set near copies aside", "switch_step_on", names, f"drop_near_duplicates:{'|'.join(names)}"),
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
