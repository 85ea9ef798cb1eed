from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from automl.findings.record import Record
from automl.findings.training.base import Rule
from automl.wording import number, percent

MEMORISING = ("trees",)  # their leaves hold single rows by design: training rows say nothing about them
LEAST_LEARNED = 0.3  # of the way from the plain guess to a perfect score; below, there is nothing to lose


class Overfit(Rule):
    """What it learned on training rows does not hold on others.

    SageMaker Debugger compares losses (ratio_threshold 0.1), which flags every boosted tree: training
    rows are always predicted far better. So the gains over the plain guess are compared: of what the
    candidate gained on training rows, at least a third has to be left on validation rows.
    """

    code, title = "overfit", "It learned its training rows by heart"
    thresholds: ClassVar = {"ratio_threshold": 1 / 3, "patience": 1.0}
    advice = "More rows, fewer columns that name rows, or simpler candidates help."
    figure = "score"

    def look(
        self, record: Record, *, ratio_threshold: float = 1 / 3, patience: float = 1.0, **more: Any
    ) -> str | None:
        folds = [f for f in record.folds if f.score is not None and f.train_score is not None]
        if record.family in MEMORISING or record.baseline is None or len(folds) < max(patience, 1):
            return None
        train, valid = (
            float(np.mean(values)) for values in zip(*((f.train_score, f.score) for f in folds), strict=True)
        )
        perfect = 1.0 if record.sign > 0 else 0.0
        room = perfect - record.baseline
        if not room or not np.isfinite([train, valid, room]).all():
            return None
        learned, kept = (train - record.baseline) / room, (valid - record.baseline) / room
        if learned < LEAST_LEARNED or kept >= ratio_threshold * learned:
            return None
        return (
            f"it scores {number(train)} on rows it learned from and {number(valid)} on others, where a plain guess gets "
            f"{number(record.baseline)}: {percent(max(kept, 0) / learned)} of what it learned is left."
        )
