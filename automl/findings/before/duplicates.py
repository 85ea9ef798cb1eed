from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from automl.data.clean.near import LOOK_ROWS, near_copies
from automl.data.clean.propose import DUPLICATES_MAX_SHARE
from automl.data.copies import copies
from automl.findings.before.base import Check, Table, step
from automl.types import Finding, Severity
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
            yield self._exact(table, part, exact, where)
        if exact > DUPLICATES_MAX_SHARE * len(part):
            return  # cases are simply alike
        near, names = near_copies(part, table.columns, exact)
        if near:
            yield self._near(table, near, names, f"{count(near)} rows{where} ({percent(near / len(part))})")

    def _near(self, table: Table, near: int, names: tuple[str, ...], rows: str) -> Finding:
        key, aside = f"drop_near_duplicates:{'|'.join(names)}", table.does("drop_near_duplicates", usually=False)
        text = f"{rows} differ from another row only in identifiers, dates, letter case, spaces or the last digits. "
        text += (
            "They are left out of training, see the cleaning plan."
            if aside
            else "If they are the same case entered again, a random split tests on what was learned: set them aside, or split by "
            "a column that names the case."
        )
        return self.finding(
            Severity.INFO if aside else Severity.WARNING,
            f"{count(near)} near copies are set aside" if aside else f"{count(near)} rows are nearly copies",
            text,
            (),
            step("Keep near copies" if aside else "Set near copies aside", key, names, on=not aside),
        )

    def _exact(self, table: Table, part: pd.DataFrame, exact: int, where: str) -> Finding:
        share = exact / len(part)
        few = share <= DUPLICATES_MAX_SHARE
        text = f"{count(exact)} rows{where} ({percent(share)}) repeat an earlier row in every column. Copies never stand on both sides of a split. "
        names = tuple(str(name) for name in part.columns)
        key, aside = f"drop_duplicates:{'|'.join(names)}", table.does("drop_duplicates", usually=few)
        title = f"{count(exact)} exact {'copy' if exact == 1 else 'copies'}"
        if aside:
            text += "They are left out of training, see the cleaning plan."
            return self.finding(Severity.INFO, title, text, (), step("Keep copies", key, names, on=False))
        fix = step("Set copies aside", key, names, on=True)
        if few:
            return self.finding(Severity.INFO, title, f"{text}They are kept; if they are no separate cases, set them aside.", (), fix)
        return self.finding(
            Severity.WARNING,
            f"{percent(share)} of the rows are copies",
            f"{text}So many are likely separate cases that look alike, and are kept. If they are copies, set them aside.",
            (),
            fix,
        )
