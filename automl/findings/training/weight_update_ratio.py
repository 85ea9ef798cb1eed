from __future__ import annotations

from typing import Any, ClassVar

from automl.findings.record import Record
from automl.findings.training.base import Rule, layer_word, layers
from automl.wording import number

LOOKS = 3  # in a row


class WeightUpdateRatio(Rule):
    """Steps are far too large beside the weights they change (SageMaker Debugger: 10)."""

    code, title = "weight_update_ratio", "Steps are too large for the weights"
    thresholds: ClassVar = {"large_threshold": 10.0}
    advice = "Use a smaller learning rate."
    figure = "update_ratio"

    def look(self, record: Record, *, large_threshold: float = 10.0, **more: Any) -> str | None:
        for name, folds in layers(record, "update_ratio").items():
            for course in folds.values():
                last = [value for _, value in course[-LOOKS:]]
                if len(last) == LOOKS and min(last) > large_threshold:
                    return f"a step changes {layer_word(name)} by {number(last[-1])} times its weights."
        return None
