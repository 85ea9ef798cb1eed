"""What moves the prediction: how much worse the score gets when a column is shuffled.

Breiman (2001), "Random forests", section 10; here on rows the model has not learned from, for any
model, ensembles included. All shuffled copies are predicted in few calls, so that it takes
seconds. Where the time is short it takes fewer rows; all columns are measured, or none.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.metrics import Metric
from automl.model import Model

IMPACT_ROWS = 1_000
FEWEST_ROWS = 300  # where the time is short; every column counts on the same rows
IMPACT_REPEATS = 3
SPARE = 0.6  # of the time left is planned with
CALL_SECONDS = 0.4  # columns are predicted together in calls of about this long


@dataclass(frozen=True)
class Impact:
    """A column's share of the total loss of score (0–1), and its standard deviation over shuffles."""

    column: str
    impact: float
    std: float


def of_inputs(shares: dict[str, float], sources: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """The impact of what the model reads, summed over the columns of the file that it is made of.

    >>> of_inputs({"price": 0.3, "total": 0.5}, {"price": ("price",), "total": ("price", "number")})
    {'price': 0.8, 'number': 0.5}
    """
    found: dict[str, float] = {}
    for name, share in shares.items():
        for source in sources.get(name, (name,)):
            found[source] = found.get(source, 0.0) + share
    return found


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
        `time.monotonic()` to stop at: fewer rows then, and no impacts at all if not every column was reached,
        since the shares of some columns would be taken for those of all.
    """
    rng = np.random.default_rng(seed)
    if len(y) > IMPACT_ROWS:
        rows = rng.choice(len(y), IMPACT_ROWS, replace=False)
        typed, y = typed.iloc[rows], y[rows]
    typed = typed.reset_index(drop=True)
    started = time.monotonic()
    base = metric.sign * metric.score(y, model.predict_typed(typed))
    seconds = max(time.monotonic() - started, 1e-4)  # for one column, shuffled once
    if deadline is not None and (left := deadline - time.monotonic()) < typed.shape[1] * seconds:
        rows = max(int(len(y) * SPARE * left / (typed.shape[1] * seconds)), FEWEST_ROWS)
        if rows < len(y):
            seconds *= rows / len(y)
            fewer = rng.choice(len(y), rows, replace=False)
            typed, y = typed.iloc[fewer].reset_index(drop=True), y[fewer]
            base = metric.sign * metric.score(y, model.predict_typed(typed))
    columns_a_call = max(1, int(CALL_SECONDS / seconds))
    losses: dict[str, list[float]] = {name: [] for name in typed.columns}
    for _ in range(IMPACT_REPEATS):  # every column once, before any of them twice
        order = rng.permutation(len(y))
        for start in range(0, typed.shape[1], columns_a_call):
            names = list(typed.columns[start : start + columns_a_call])
            if deadline is not None and time.monotonic() + len(names) * seconds > deadline:
                break
            for name, predicted in zip(names, _predict_shuffled(model, typed, names, order), strict=True):
                losses[name].append(base - metric.sign * metric.score(y, predicted))
    if not all(losses.values()):
        return []
    means = {name: max(float(np.mean(found)), 0.0) for name, found in losses.items()}
    total = sum(means.values()) or 1.0
    impacts = [
        Impact(name, mean / total, float(np.std(losses[name])) / total) for name, mean in means.items()
    ]
    return sorted(impacts, key=lambda i: -i.impact)


def _predict_shuffled(
    model: Model, typed: pd.DataFrame, names: list[str], order: np.ndarray
) -> list[np.ndarray]:
    """Predictions with each of the columns shuffled, in one call."""
    n = len(typed)
    block = pd.concat([typed] * len(names), ignore_index=True)
    for i, name in enumerate(names):
        column = block[name].to_numpy(copy=True)
        column[i * n : (i + 1) * n] = typed[name].to_numpy()[order]
        block[name] = column
    predicted = model.predict_typed(block)
    return [predicted[i * n : (i + 1) * n] for i in range(len(names))]
