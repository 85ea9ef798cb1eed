from __future__ import annotations

from typing import Any, ClassVar

from automl.findings.record import Record
from automl.findings.training.base import Rule
from automl.types import RuleAction
from automl.wording import duration


class StalledTraining(Rule):
    """Nothing was heard of a fit for very long (SageMaker Debugger: 1,800 s, stops the training)."""

    code, title = "stalled_training", "Training stalled"
    thresholds: ClassVar = {"threshold": 1800.0}
    advice = "It was stopped, and the build goes on with the others."
    action = RuleAction.STOP

    def look(self, record: Record, *, threshold: float = 1800.0, **more: Any) -> str | None:
        if record.quiet <= threshold:
            return None
        return f"nothing was heard of it for {duration(record.quiet)}; the limit is {duration(threshold)}."
