from __future__ import annotations

from typing import Any, ClassVar

from automl.findings.record import Record
from automl.findings.training.base import Rule, layer_word, layers
from automl.wording import number

LOOKS = 3  # in a row


class VanishingGradient(Rule):
    """The gradients of a layer are as good as zero: it has stopped learning (SageMaker Debugger: 1e-7)."""

    code, title = "vanishing_gradient", "A layer has stopped learning"
    thresholds: ClassVar = {"threshold": 1e-7}
    advice = "Fewer layers, or a larger learning rate, let it learn again."
    figure = "gradient"

    def look(self, record: Record, *, threshold: float = 1e-7, **more: Any) -> str | None:
        for name, folds in layers(record, "gradient").items():
            for course in folds.values():
                last = [value for _, value in course[-LOOKS:]]
                if len(last) == LOOKS and max(last) < threshold:
                    return f"gradients of {layer_word(name)} are {number(last[-1], 1)}, below {number(threshold, 1)}."
        return None
