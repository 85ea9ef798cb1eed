from __future__ import annotations

from automl.findings.base import BuildResult, Check
from automl.types import Finding, Severity
from automl.wording import class_label, count

# SageMaker Debugger, ClassImbalance: threshold_imbalance 10.
MAX_RATIO = 10.0


class ClassImbalance(Check):
    """One class is much rarer than another, so that accuracy flatters."""

    code = "class_imbalance"

    def look(self, result: BuildResult) -> Finding | None:
        counts = {k: n for k, n in result.class_counts.items() if n}
        if len(counts) < 2:
            return None
        rare, common = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
        ratio = counts[common] / counts[rare]
        if ratio < MAX_RATIO:
            return None
        return self.finding(
            Severity.INFO,
            "The classes are of very different size",
            f"'{class_label(common)}' is {count(ratio)} times as frequent as '{class_label(rare)}' ({counts[common]:,} against {counts[rare]:,} rows). "
            "Accuracy looks high by guessing the larger class: read recall and precision of the rare one.",
        )
