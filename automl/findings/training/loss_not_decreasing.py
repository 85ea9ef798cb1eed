from __future__ import annotations

from typing import Any, ClassVar

from automl.findings.record import Record
from automl.findings.training.base import Rule
from automl.wording import number

STEPS = 10  # SageMaker Debugger: num_steps


class LossNotDecreasing(Rule):
    """The loss is not lower than when it began (SageMaker Debugger: diff_percent 0.1, over 10 steps)."""

    code, title = "loss_not_decreasing", "The loss does not decrease"
    thresholds: ClassVar = {"diff_percent": 0.1, "num_steps": float(STEPS)}
    advice = "The columns may say nothing about the target, or the learning rate is far off."
    figure = "loss"

    def look(
        self, record: Record, *, diff_percent: float = 0.1, num_steps: float = STEPS, **more: Any
    ) -> str | None:
        for fold, course in record.series("loss").items():
            steps, values = [s for s, _ in course], [v for _, v in course]
            if len(values) < 3 or steps[-1] - steps[0] < num_steps:
                continue
            gained = (values[0] - min(values[1:])) / max(abs(values[0]), 1e-12) * 100
            if gained < diff_percent:
                return (
                    f"after {steps[-1] + 1} steps of fold {fold + 1} the loss on training rows is "
                    f"{number(min(values[1:]))}, and it began at {number(values[0])}."
                )
        return None
