"""What stands beside a prediction where it is wished for: an interval or a set, the strongest reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl import insight, wording
from automl.bundle import Bundle
from automl.data.words import count
from automl.errors import PredictionError

SET = "prediction_set"
MANY_ROWS = 200  # above which reasons are the quick ones, of a table as of a batch


@dataclass(frozen=True)
class Extras:
    """Attributes
    ----------
    level : float, optional
        `prediction_low` and `prediction_high`, or `prediction_set`, hold the truth for such a share of rows. A set is
        empty where no outcome is likely enough: the model is unsure of that row.
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
            names = [SET] if classes else ["prediction_low", "prediction_high"]
        return [*names, *(f"reason_{i + 1}" for i in range(self.reasons))]

    def columns(self, bundle: Bundle, typed: pd.DataFrame, values: np.ndarray) -> dict[str, np.ndarray]:
        """The columns of typed rows and what is predicted of them."""
        problem, out = bundle.model.problem, {}
        if self.level is not None and problem.has_probabilities:
            inside = insight.sets(bundle, values, self.level)
            out[SET] = insight.set_texts(bundle, inside, values)
        elif self.level is not None:
            low, high = insight.intervals(bundle, values, self.level)
            out |= {"prediction_low": low, "prediction_high": high}
        if self.reasons:
            why = insight.reasons(bundle, typed, quick=self.quick)
            texts = insight.reason_texts(problem, why, typed, self.reasons)
            out |= {f"reason_{i + 1}": texts[:, i] for i in range(self.reasons)}
        return out

    def unsure(self, added: Mapping[str, Any]) -> np.ndarray:
        """Which of the rows whose columns these are have an empty set; no rows where no sets are wished for."""
        sets = added.get(SET)
        return np.zeros(0, dtype=int) if sets is None else np.flatnonzero(sets == "")

    @property
    def said_of_unsure(self) -> str:
        """The warning of a row with an empty set."""
        return f"unsure: no answer is likely enough at {wording.of_100(self.level)} %"


def unsure_sentence(unsure: int, rows: int, level: float) -> str:
    """How many rows have an empty set.

    >>> unsure_sentence(405, 5_000, 0.9)
    '405 rows (8.1 %) are unsure: no answer is likely enough at 90 %.'
    """
    are = f"{count(unsure, 'row')} ({wording.percent(unsure / rows)}) {'is' if unsure == 1 else 'are'}"
    return f"{are} unsure: no answer is likely enough at {wording.of_100(level)} %."
