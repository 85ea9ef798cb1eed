from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Fix, Severity
from automl.wording import class_label, percent

EACH_ALIKE = "balanced_accuracy"  # a metric that a rare class weighs as much in as a frequent one
MIN_ROWS = 20  # test rows of a class; of fewer, chance decides


class Confusion(Check):
    """Rows of a class are mostly taken for one other class.

    SageMaker Debugger's rule of the name asks for 90 % of each class on the diagonal, which few honest
    models of business tables reach; here another class has to be called more often than the right one.
    """

    code = "confusion"

    def look(self, result: BuildResult) -> Finding | None:
        matrix = (result.evaluation or {}).get("confusion")
        if not matrix:
            return None
        worst: tuple[float, int, int] | None = None
        for i, row in enumerate(matrix["counts"]):
            total = sum(row)
            others = [(count, j) for j, count in enumerate(row) if j != i]
            most, j = max(others, default=(0, i))
            if total >= MIN_ROWS and most > row[i] and (worst is None or most / total > worst[0]):
                worst = (most / total, i, j)
        if worst is None:
            return None
        share, i, j = worst
        really, taken = class_label(matrix["labels"][i]), class_label(matrix["labels"][j])
        row = matrix["counts"][i]
        return self.finding(
            Severity.INFO,
            f"“{really}” is mostly taken for “{taken}”",
            f"Of {sum(row):,} test rows that are “{really}”, {row[j]:,} ({percent(share)}) are called “{taken}” and {row[i]:,} "
            "rightly. If these rows matter most, choose another threshold or metric, or bring more of them.",
            fix=None
            if result.problem.metric == EACH_ALIKE
            else Fix("Build again, every class counting alike", "choose_metric", (result.problem.target,), EACH_ALIKE),
        )
