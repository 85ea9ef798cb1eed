"""The training rows that are most like a row, over columns of mixed kinds.

Gower (1971), "A general coefficient of similarity": numbers and dates differ by their distance as a share of
the usual range, words are equal or not; a missing value is equal to a missing one only. Columns count as
much as they matter to the model, so that like rows are alike in what moves the prediction.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.explain.grid import as_numbers, is_words

LEAST_WEIGHT = 0.02  # of a column that does not matter, so that ties are broken by what is alike


def nearest(
    reference: pd.DataFrame, row: pd.DataFrame, weights: dict[str, float], most: int = 5
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the nearest rows, and how much each differs (0: not at all, 1: in everything).

    Parameters
    ----------
    reference, row : DataFrame of shape (rows, columns) and (1, columns)
        Typed.
    weights : dict
        Column to its importance.
    """
    total, differs = 0.0, np.zeros(len(reference))
    for name in reference.columns:
        weight = max(weights.get(name, 0.0), 0.0) + LEAST_WEIGHT
        differs += weight * column_distance(reference[name].to_numpy(), row[name].to_numpy()[0])
        total += weight
    differs /= total or 1.0
    order = np.argsort(differs, kind="stable")[:most]
    return order, differs[order]


def column_distance(values: np.ndarray, own: object) -> np.ndarray:
    """How much a column's values differ from one of them, from 0 to 1."""
    if is_words(values):
        return np.array([v != own for v in values], dtype=float)
    numbers = as_numbers(values)
    mine = as_numbers(np.array([own], dtype=values.dtype))[0]
    known = numbers[~np.isnan(numbers)]
    span = float(np.subtract(*np.quantile(known, [0.95, 0.05]))) if len(known) else 0.0
    span = span or (float(np.ptp(known)) if len(known) else 0.0) or 1.0
    away = np.minimum(np.abs(numbers - mine) / span, 1.0)
    gone = np.isnan(numbers)
    if np.isnan(mine):
        return np.where(gone, 0.0, 1.0)
    return np.where(gone, 1.0, away)
