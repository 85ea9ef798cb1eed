from __future__ import annotations

from typing import Any, ClassVar

from automl.findings.record import Record
from automl.findings.training.base import Rule, layer_word, layers
from automl.wording import percent


class DeadUnits(Rule):
    """Most units of a layer answer alike to every row (SageMaker Debugger's DeadRelu: a layer of 50 %)."""

    code, title = "dead_relu", "Most units of a layer are dead"
    thresholds: ClassVar = {"threshold_layer": 0.5}
    advice = "A smaller learning rate, or numbers without wild values, keeps them alive."
    figure = "dead"

    def look(self, record: Record, *, threshold_layer: float = 0.5, **more: Any) -> str | None:
        for name, folds in layers(record, "dead").items():
            for course in folds.values():
                if course[-1][1] > threshold_layer:
                    return (
                        f"{percent(course[-1][1])} of the units of {layer_word(name)} answer alike to every row, "
                        f"more than {percent(threshold_layer)}."
                    )
        return None
