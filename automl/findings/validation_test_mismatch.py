from __future__ import annotations

from automl.data.words import shorten
from automl.findings.base import BuildResult, Check
from automl.types import Finding, Fix, Severity, SplitKind
from automl.wording import number

STANDARD_DEVIATIONS = 3.0


class ValidationTestMismatch(Check):
    """The test score is worse than validation promised by more than chance allows."""

    code = "validation_test_mismatch"

    def look(self, result: BuildResult) -> Finding | None:
        found = result.evaluation
        if not found or result.validation_score is None or not result.validation_std:
            return None
        from automl.metrics import METRICS

        metric = METRICS[found["metric"]]
        low, high = found["interval"]
        spread = max(result.validation_std, (high - low) / 4)
        gap = metric.sign * (result.validation_score - found["score"])
        if gap <= STANDARD_DEVIATIONS * spread:
            return None
        return self.finding(
            Severity.WARNING,
            "The test score is worse than validation promised",
            f"Validation said {number(result.validation_score)} ± {number(result.validation_std, 2)}, the test rows gave "
            f"{number(found['score'])}. Rows may depend on each other (the same customer twice) or change over time: "
            "try a split by group or by time.",
            fix=_split(result),
        )


def _split(result: BuildResult) -> Fix | None:
    """A split by time, where the table has a date and the split was another one."""
    if not result.dates or result.problem.split.kind is SplitKind.TIME:
        return None
    return Fix(f"Build again, split by {shorten(result.dates[0], 24)}", "split_time", result.dates[:1])
