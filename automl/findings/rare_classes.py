from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Severity
from automl.wording import class_label

MIN_ROWS_A_CLASS = 10


class RareClasses(Check):
    """Classes with so few rows that nothing can be learned about them."""

    code = "rare_classes"

    def look(self, result: BuildResult) -> Finding | None:
        rare = sorted((n, k) for k, n in result.class_counts.items() if n < MIN_ROWS_A_CLASS)
        if not rare:
            return None
        shown = ", ".join(f"'{class_label(k)}' ({n})" for n, k in rare[:5]) + (" …" if len(rare) > 5 else "")
        return self.finding(
            Severity.WARNING,
            "Some classes have hardly any rows",
            f"{len(rare)} of {len(result.class_counts)} classes have fewer than {MIN_ROWS_A_CLASS} rows: {shown}. "
            "They are kept, but will seldom be predicted; add rows or merge them with a similar class.",
        )
