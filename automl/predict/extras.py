"""What stands beside a prediction where it is wished for: an interval or a set, the strongest reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl import insight
from automl.bundle import Bundle
from automl.errors import PredictionError

MANY_ROWS = 200  # above which reasons are the quick ones, of a table as of a batch


@dataclass(frozen=True)
class Extras:
    """Attributes
    ----------
    level : float, optional
        `prediction_low` and `prediction_high`, or `prediction_set`, hold the truth for such a share of rows.
    reasons : int
        The so many strongest reasons of each row, `reason_1` …
    quick : bool
        Rougher reasons, many times as fast, where rows are many (`MANY_ROWS`); their sum is as exact.
    """

    level: float | None = None
    reasons: int = 0
    quick: bool = False

    def names(self, bundle: Bundle) -> list[str]:
        """The columns that are added; raises PredictionError where they can't be given."""
        if self.reasons < 0:
            raise PredictionError(f"The number of reasons must be 0 or more, not {self.reasons}.")
        if self.reasons and (why := insight.too_wide(bundle)):
            raise PredictionError(f"{why} Predict without reasons.")
        names = []
        if self.level is not None:
            insight.check_level(bundle, self.level)
            classes = bundle.spec.problem.has_probabilities
            names = ["prediction_set"] if classes else ["prediction_low", "prediction_high"]
        return [*names, *(f"reason_{i + 1}" for i in range(self.reasons))]

    def columns(self, bundle: Bundle, typed: pd.DataFrame, values: np.ndarray) -> dict[str, np.ndarray]:
        """The columns of typed rows and what is predicted of them."""
        problem, out = bundle.model.problem, {}
        if self.level is not None and problem.has_probabilities:
            inside = insight.sets(bundle, values, self.level)
            out["prediction_set"] = insight.set_texts(bundle, inside, values)
        elif self.level is not None:
            low, high = insight.intervals(bundle, values, self.level)
            out |= {"prediction_low": low, "prediction_high": high}
        if self.reasons:
            why = insight.reasons(bundle, typed, quick=self.quick)
            texts = insight.reason_texts(problem, why, typed, self.reasons)
            out |= {f"reason_{i + 1}": texts[:, i] for i in range(self.reasons)}
        return out
