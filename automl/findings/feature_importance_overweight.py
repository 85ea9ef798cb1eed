from __future__ import annotations

from automl.data.words import shorten
from automl.findings.base import BuildResult, Check
from automl.types import Finding, Fix, Severity
from automl.wording import percent

# SageMaker Debugger, FeatureImportanceOverweight: the top 3 features hold more than 0.8.
TOP, MAX_SHARE, MIN_COLUMNS = 3, 0.8, 8


class FeatureImportanceOverweight(Check):
    """A few columns carry nearly all of the prediction."""

    code = "feature_importance_overweight"

    def look(self, result: BuildResult) -> Finding | None:
        if len(result.impact) < MIN_COLUMNS:
            return None
        top = result.impact[:TOP]
        share = sum(i["impact"] for i in top)
        if share <= MAX_SHARE:
            return None
        names, first = tuple(i["column"] for i in top), percent(share)
        return self.finding(
            Severity.INFO,
            "A few columns carry nearly everything",
            f"{first[:1].upper()}{first[1:]} of the score comes from {', '.join(names)}. If one of them is wrong or missing at prediction "
            "time, the predictions suffer at once: watch these columns.",
            names,
            Fix(f"Build again without {shorten(names[0], 24)}", "exclude_columns", names[:1]),
        )
