from __future__ import annotations

from collections.abc import Iterable

from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.types import Finding, Fix, Severity
from automl.wording import class_label, count

MIN_ROWS_A_CLASS = 10  # as in the check after a build
EACH_ALIKE = "balanced_accuracy"


class RareClasses(Check):
    """Classes with so few rows that nothing can be learned about them."""

    code = "rare_classes"
    title = "Classes with few rows"

    def look(self, table: Table) -> Iterable[Finding]:
        rare = sorted((n, k) for k, n in table.class_counts.items() if n < MIN_ROWS_A_CLASS)
        if not rare:
            return
        assert table.problem is not None
        shown = ", ".join(f"'{shorten(class_label(k), 24)}' ({n})" for n, k in rare[:5]) + (" …" if len(rare) > 5 else "")
        fix = Fix("Score every class alike", "choose_metric", (table.target,), EACH_ALIKE)
        yield self.finding(
            Severity.WARNING,
            f"{'One class has' if len(rare) == 1 else f'{count(len(rare))} classes have'} hardly any rows",
            f"{count(len(rare))} of {count(len(table.class_counts))} classes {'has' if len(rare) == 1 else 'have'} fewer than "
            f"{MIN_ROWS_A_CLASS} rows: {shown}. They will seldom be predicted. Balanced accuracy is the score that counts every class alike. Which classes "
            "belong together only you know: merge or leave them out with Replace values or Filter rows under Clean, and "
            "keep the cleaned table, so that the score is without them too.",
            (table.target,),
            None if table.problem.metric == EACH_ALIKE else fix,
        )
