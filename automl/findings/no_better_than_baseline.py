from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Severity
from automl.wording import number


class NoBetterThanBaseline(Check):
    """The test score's interval reaches down to what guessing would get."""

    code = "no_better_than_baseline"

    def look(self, result: BuildResult) -> Finding | None:
        found = result.evaluation
        if not found or found.get("baseline_score") is None:
            return None
        from automl.metrics import METRICS

        low, high = found["interval"]
        baseline = found["baseline_score"]
        worst = low if METRICS[found["metric"]].greater_is_better else high
        if METRICS[found["metric"]].sign * (worst - baseline) > 0:
            return None
        return self.finding(
            Severity.HIGH,
            "The model is no better than guessing",
            f"On the test rows it scored {number(found['score'])} (between {number(low)} and {number(high)}); a plain guess scores "
            f"{number(baseline)}. The columns hold little about '{result.problem.target}': add columns that do, or more rows.",
        )
