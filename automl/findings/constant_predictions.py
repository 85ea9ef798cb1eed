from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Severity

SMALLEST_SPREAD = 1e-6  # of predictions, beside that of the outcomes


class ConstantPredictions(Check):
    """Every row gets the same answer."""

    code = "constant_predictions"

    def look(self, result: BuildResult) -> Finding | None:
        spread = result.prediction_spread
        if spread is None or spread > SMALLEST_SPREAD:
            return None
        return self.finding(
            Severity.HIGH,
            "Every row gets the same prediction",
            f"Predictions of the {result.evaluation['rows_test']:,} test rows don't differ, whatever the columns say. "
            "The columns may hold nothing about the target: add others, or check that rows were joined rightly.",
        )
