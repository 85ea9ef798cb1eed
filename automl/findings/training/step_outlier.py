from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from automl.findings.record import Record
from automl.findings.training.base import Rule
from automl.types import Severity
from automl.wording import duration

FEWEST = 30  # steps; of fewer, none can be so far out
SHORTEST = 2.0  # seconds; what is shorter bothers nobody


class StepOutlier(Rule):
    """A step took far longer than the others (SageMaker Debugger: 5 standard deviations)."""

    code, title, severity = "step_outlier", "A step took far longer than the others", Severity.INFO
    thresholds: ClassVar = {"stddev": 5.0}
    advice = "Another program may have been busy on this machine."

    def look(self, record: Record, *, stddev: float = 5.0, **more: Any) -> str | None:
        for fold in dict.fromkeys(s.fold for s in record.states):
            states = record.of_fold(fold)
            if len(states) < FEWEST:
                continue
            steps = np.maximum(np.diff([s.step for s in states]), 1)
            each = np.diff([s.seconds for s in states]) / steps
            worst = int(each.argmax())
            if each[worst] > SHORTEST and each[worst] > each.mean() + stddev * each.std():
                return f"step {states[worst + 1].step + 1} took {duration(each[worst])}, others {duration(float(np.median(each)))}."
        return None
