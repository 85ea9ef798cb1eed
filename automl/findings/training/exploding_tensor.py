from __future__ import annotations

import math
from typing import Any

from automl.findings.record import Record
from automl.findings.training.base import Rule
from automl.types import RuleAction, Severity


class ExplodingTensor(Rule):
    """A loss, gradient or score became infinite or no number: nothing that follows can be trusted."""

    code, title, severity = "exploding_tensor", "Training exploded", Severity.WARNING
    advice = "A smaller learning rate helps; look for wild values in the columns too."
    figure, action = "loss", RuleAction.STOP

    def look(self, record: Record, **thresholds: Any) -> str | None:
        for state in record.states:
            values = {"validation score": state.score, **state.figures}
            for name, value in values.items():
                if value is not None and not math.isfinite(value):
                    return f"its {name.replace('_', ' ')} was no finite number at step {state.step + 1}."
        return None
