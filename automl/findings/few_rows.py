from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Severity

# Autopilot refuses fewer than 500 rows; we build, and say what that means.
MIN_ROWS = 500


class FewRows(Check):
    """Too few training rows for scores that can be relied on."""

    code = "few_rows"

    def look(self, result: BuildResult) -> Finding | None:
        if result.rows_train >= MIN_ROWS:
            return None
        return self.finding(
            Severity.WARNING,
            "There are few rows to learn from",
            f"The model learned from {result.rows_train:,} rows; below {MIN_ROWS} scores swing with every row. "
            "Add rows before you rely on it, and read the interval, not the score.",
        )
