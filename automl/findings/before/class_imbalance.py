from __future__ import annotations

from collections.abc import Iterable

from automl.data.words import shorten
from automl.findings.before.base import Check, Table
from automl.types import Finding, Fix, Severity, Task
from automl.wording import class_label, count

MAX_RATIO = 10.0  # SageMaker Debugger, ClassImbalance: threshold_imbalance
# Metrics that a guess of the larger class can't flatter.
STEADY = frozenset({"average_precision", "balanced_accuracy", "f1", "f1_macro", "recall_macro", "precision_macro"})


class ClassImbalance(Check):
    """One class is much rarer than another, so that accuracy flatters."""

    code = "class_imbalance"
    title = "Balance of the classes"

    def look(self, table: Table) -> Iterable[Finding]:
        counts, problem = table.class_counts, table.problem
        if len(counts) < 2:
            return
        assert problem is not None
        rare, common = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
        ratio = counts[common] / max(counts[rare], 1)
        if ratio < MAX_RATIO:
            return
        two = problem.task is Task.BINARY
        metric, label = (
            ("average_precision", "Optimise average precision") if two else ("balanced_accuracy", "Score every class alike")
        )
        yield self.finding(
            Severity.INFO,
            "The classes are of very different size",
            f"'{shorten(class_label(common))}' is {count(ratio)} times as frequent as '{shorten(class_label(rare))}' ({count(counts[common])} against "
            f"{count(counts[rare])} rows). Accuracy looks high by guessing the larger class; "
            + ("average precision tells how well the rare one is found." if two else "balanced accuracy counts every class alike.")
            + (" The score you chose is steady against that already, and no row needs a weight." if problem.metric in STEADY else ""),
            (table.target,),
            None if problem.metric in STEADY else Fix(label, "choose_metric", (table.target,), metric),
        )
