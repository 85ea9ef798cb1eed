"""How far each column moves predictions, and in which direction: the mean size of its contributions.

From the reasons of a sample of rows (see `reasons`), so that it holds for any model; the summary of
Lundberg & Lee (2017). Unlike the loss of score by shuffling it needs no true outcomes, and it has a sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.explain.grid import as_numbers, is_words, missing
from automl.explain.reasons import Explainer

STEPS = 40_000  # predictions that the summary may take, about
FEWEST, MOST = 20, 200  # rows
CLEAR = 0.5  # rank correlation of value and contribution from which on "more of it" has a direction
FEW_ROWS = 4  # of a word, to be named


@dataclass(frozen=True)
class Influence:
    """How far a column moves predictions.

    Attributes
    ----------
    column : str
    size, error : ndarray of shape (outputs,)
        The mean size of its contributions, and its standard error over the rows.
    direction : tuple
        For each output: "up" or "down" (more of it raises or lowers the prediction), "mixed", or for words
        (value that raises most, value that lowers most).
    """

    column: str
    size: np.ndarray
    error: np.ndarray
    direction: tuple[Any, ...]


def influence(explainer: Explainer, typed: pd.DataFrame, *, seed: int = 0) -> tuple[list[Influence], int]:
    """The influence of every column, and the number of rows it was measured on."""
    count = int(np.clip(STEPS // max(explainer.steps, 1), FEWEST, MOST))
    if len(typed) > count:
        typed = typed.iloc[np.sort(np.random.default_rng(seed).choice(len(typed), count, replace=False))]
    _, found = explainer.every_output(typed)
    out = []
    for at, name in enumerate(explainer.columns):
        sizes = np.abs(found[:, at])
        values = typed[name].to_numpy()
        directions = tuple(_direction(values, found[:, at, k]) for k in range(found.shape[2]))
        out.append(Influence(name, sizes.mean(axis=0), sizes.std(axis=0) / max(len(typed), 1) ** 0.5, directions))
    return out, len(typed)


def _direction(values: np.ndarray, moved: np.ndarray) -> Any:
    known = ~missing(values)
    if is_words(values):
        means = pd.Series(moved[known]).groupby(values[known].astype(str)).agg(["mean", "size"])
        means = means[means["size"] >= FEW_ROWS]["mean"]
        if len(means) < 2:
            return "mixed"
        return (str(means.idxmax()), str(means.idxmin()))
    x, y = pd.Series(as_numbers(values)[known]), pd.Series(moved[known])
    if x.nunique() < 2 or y.nunique() < 2:
        return "mixed"
    correlation = x.rank().corr(y.rank())
    if abs(correlation) < CLEAR:
        return "mixed"
    return "up" if correlation > 0 else "down"
