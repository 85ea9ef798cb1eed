"""What moves the prediction: how much worse the score gets when a column is shuffled.

Breiman (2001), "Random forests", section 10; here on rows the model has not learned from, for any
model, ensembles included. All shuffled copies are predicted in few calls, so that it takes
seconds, and it stops at its deadline with the columns it has.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.metrics import Metric
from automl.model import Model

IMPACT_ROWS = 1_000
IMPACT_REPEATS = 3
ROWS_A_CALL = 20_000


@dataclass(frozen=True)
class Impact:
    """A column's share of the total loss of score (0–1), and its standard deviation over shuffles."""

    column: str
    impact: float
    std: float


def column_impact(
    model: Model,
    typed: pd.DataFrame,
    y: np.ndarray,
    metric: Metric,
    *,
    deadline: float | None = None,
    seed: int = 0,
) -> list[Impact]:
    """Permutation importance, largest first; shares sum to 1 (or are all 0).

    Parameters
    ----------
    model : Model
    typed : DataFrame of shape (rows, columns)
        Typed rows (`model.prepare`) the model has not learned from; a sample of 1,000 is used.
    y : ndarray of shape (rows,)
        Class codes or values.
    metric : Metric
    deadline : float, optional
        `time.monotonic()` to stop at; columns that were not reached are left out.
    """
    rng = np.random.default_rng(seed)
    if len(y) > IMPACT_ROWS:
        rows = rng.choice(len(y), IMPACT_ROWS, replace=False)
        typed, y = typed.iloc[rows], y[rows]
    typed = typed.reset_index(drop=True)
    n = len(y)
    base = metric.sign * metric.score(y, model.predict_typed(typed))
    names = list(typed.columns)
    shuffles = [rng.permutation(n) for _ in range(IMPACT_REPEATS)]
    losses: dict[str, list[float]] = {}
    per_call = max(1, ROWS_A_CALL // max(n * IMPACT_REPEATS, 1))
    for start in range(0, len(names), per_call):
        if deadline is not None and time.monotonic() > deadline:
            break
        group = names[start : start + per_call]
        block = pd.concat([typed] * (len(group) * IMPACT_REPEATS), ignore_index=True)
        for i, name in enumerate(group):
            original = typed[name].to_numpy()
            column = block[name].to_numpy(copy=True)
            for r, order in enumerate(shuffles):
                at = (i * IMPACT_REPEATS + r) * n
                column[at : at + n] = original[order]
            block[name] = column
        predicted = model.predict_typed(block)
        for i, name in enumerate(group):
            losses[name] = []
            for r in range(IMPACT_REPEATS):
                at = (i * IMPACT_REPEATS + r) * n
                losses[name].append(base - metric.sign * metric.score(y, predicted[at : at + n]))
    means = {name: max(float(np.mean(v)), 0.0) for name, v in losses.items()}
    total = sum(means.values()) or 1.0
    found = [Impact(k, means[k] / total, float(np.std(losses[k])) / total) for k in means]
    return sorted(found, key=lambda i: -i.impact)
