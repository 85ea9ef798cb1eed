from __future__ import annotations

from collections.abc import Iterable

from automl.data.words import listed, shorten
from automl.findings.before.base import FEW, Check, Table, add_rows
from automl.types import Finding, Fix, Severity
from automl.wording import class_label, count

EACH_ALIKE = "balanced_accuracy"


class RareClasses(Check):
    """Classes with so few rows that nothing can be learned about them."""

    code = "rare_classes"
    title = "Classes with few rows"

    def look(self, table: Table) -> Iterable[Finding]:
        rare = sorted((n, k) for k, n in table.class_counts.items() if n < FEW)
        if not rare:
            return
        assert table.problem is not None
        shown = listed((f"'{shorten(class_label(k), 24)}' ({n})" for n, k in rare), 5, quote="")
        alike = table.problem.metric == EACH_ALIKE
        yield self.finding(
            Severity.INFO if alike else Severity.WARNING,
            f"{'One class has' if len(rare) == 1 else f'{count(len(rare))} classes have'} hardly any rows",
            f"{count(len(rare))} of {count(len(table.class_counts))} classes {'has' if len(rare) == 1 else 'have'} fewer than "
            f"{FEW} rows: {shown}. They will seldom be predicted. "
            + ("The score you chose counts every class alike. " if alike else "Balanced accuracy is the score that counts every class alike. ")
            + "Which classes belong together only you know: group the rare ones as one, leave them out, or merge them by name with "
            "Replace values under Clean and keep the cleaned table.",
            (table.target,),
            None if alike else Fix("Score every class alike", "choose_metric", (table.target,), EACH_ALIKE),
            [*self._fewer(table, rare), add_rows(table)],
        )

    def _fewer(self, table: Table, rare: list[tuple[int, str]]) -> Iterable[Fix]:
        """Ways to have fewer classes, where enough of them stay."""
        left = len(table.class_counts) - len(rare)
        if len(rare) > 1 and left and sum(n for n, _ in rare) >= FEW:
            yield Fix("Group them as 'other'", "group_labels", (table.target,), str(FEW))
        if left > 1:
            yield Fix("Leave their rows out", "drop_labels", (table.target,), str(FEW))
