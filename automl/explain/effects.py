"""How the prediction follows a column, or two of them, while all others stay as they are.

Partial dependence (Friedman 2001) with a line for each sampled row (ICE, Goldstein et al. 2015): the
column is set to one value after the other in every row of a sample. All of it is predicted in one call.
What two columns do together beyond each alone is Friedman's H² (Friedman & Popescu 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from automl.explain.grid import POINTS, as_numbers, is_words, missing, try_values
from automl.explain.walks import frame_of, two_dimensional

if TYPE_CHECKING:
    from automl.model import Model

EFFECT_ROWS, PAIR_ROWS = 200, 60
PAIR_POINTS, PAIR_WORDS = 12, 8
BINS = 30


@dataclass(frozen=True)
class Effect:
    """What is predicted while a column is changed.

    Attributes
    ----------
    column : str
    values : ndarray of shape (values,)
        Ascending numbers or dates, or words with the most frequent first; None stands for missing.
    lines : ndarray of shape (rows, values, outputs)
        Each sampled row's prediction.
    counts : ndarray of shape (values,)
        How many of all rows are nearest to each value.
    total : int
        Of so many rows.
    histogram : (edges, counts), optional
        Of numbers and dates, where all rows lie between the first and the last value.
    """

    column: str
    values: np.ndarray
    lines: np.ndarray
    counts: np.ndarray
    total: int
    histogram: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def words(self) -> bool:
        return is_words(self.values)

    def mean(self, output: int = 0) -> np.ndarray:
        """The partial dependence, of shape (values,)."""
        return self.lines[:, :, output].mean(axis=0)

    def centred(self, output: int = 0) -> np.ndarray:
        """The lines without where each starts, of shape (rows, values): what the column changes."""
        lines = self.lines[:, :, output]
        return lines - lines[:, :1]


@dataclass(frozen=True)
class Pair:
    """What is predicted while two columns are changed: `surface` of shape (first, second, outputs)."""

    columns: tuple[str, str]
    first: np.ndarray
    second: np.ndarray
    surface: np.ndarray
    counts: np.ndarray  # rows nearest to each cell, of shape (first, second)
    total: int

    def together(self, output: int = 0) -> float:
        """The share of the surface that is not the sum of what each column does alone (0–1)."""
        z = self.surface[:, :, output]
        z = z - z.mean()
        rest = z - z.mean(axis=0) - z.mean(axis=1, keepdims=True)
        return float((rest**2).sum() / max((z**2).sum(), 1e-300)) if np.ptp(z) > 1e-12 else 0.0


def effect(
    model: Model, reference: pd.DataFrame, column: str, *, rows: int = EFFECT_ROWS, seed: int = 0
) -> Effect:
    """The effect of a column.

    Parameters
    ----------
    model : Model
    reference : DataFrame of shape (rows, columns)
        Typed rows; a sample of `rows` is predicted, all tell where data lie.
    column : str
    """
    values = try_values(reference[column].to_numpy())
    sample = _sample(reference, rows, seed)
    tried = {column: np.repeat(values, len(sample))}
    lines = _predict_with(model, sample, tried, len(values))
    counts = np.bincount(_nearest(reference[column].to_numpy(), values), minlength=len(values) + 1)
    where = None if is_words(values) or len(values) < 2 else _histogram(reference[column].to_numpy(), values)
    return Effect(column, values, lines.transpose(1, 0, 2), counts[: len(values)], len(reference), where)


def pair(
    model: Model, reference: pd.DataFrame, columns: tuple[str, str], *, rows: int = PAIR_ROWS, seed: int = 0
) -> Pair:
    """The effect of two columns together; parameters as of `effect`."""
    first, second = (try_values(reference[c].to_numpy(), PAIR_POINTS, PAIR_WORDS) for c in columns)
    sample = _sample(reference, rows, seed)
    cells, each = len(first) * len(second), len(sample)
    tried = {
        columns[0]: np.repeat(first, len(second) * each),
        columns[1]: np.tile(np.repeat(second, each), len(first)),
    }
    mean = _predict_with(model, sample, tried, cells).mean(axis=1)
    places = [_nearest(reference[c].to_numpy(), v) for c, v in zip(columns, (first, second), strict=True)]
    inside = (places[0] < len(first)) & (places[1] < len(second))
    counts = np.bincount(places[0][inside] * len(second) + places[1][inside], minlength=cells)
    surface = mean.reshape(len(first), len(second), -1)
    return Pair(columns, first, second, surface, counts.reshape(surface.shape[:2]), len(reference))


def row_effects(
    model: Model, reference: pd.DataFrame, row: pd.DataFrame, columns: tuple[str, ...], points: int = POINTS
) -> list[Effect]:
    """For one row, what is predicted while each of the columns alone is changed; in one call.

    The row's own value is among those tried. The column that moves the prediction most comes first.
    """
    tried = {c: _with_own(try_values(reference[c].to_numpy(), points), row[c].to_numpy()) for c in columns}
    sizes = [len(v) for v in tried.values()]
    at = np.cumsum([0, *sizes])
    table = {name: np.repeat(row[name].to_numpy(), at[-1]) for name in row.columns}
    for number, (name, values) in enumerate(tried.items()):
        table[name][at[number] : at[number + 1]] = values
    predicted = two_dimensional(model.predict_typed(frame_of(table)))
    found = [
        Effect(name, values, predicted[None, start : start + len(values)], np.zeros(len(values), dtype=int), 0)
        for (name, values), start in zip(tried.items(), at[:-1], strict=True)
    ]
    return sorted(found, key=lambda e: -float(np.ptp(e.lines, axis=1).max()))


def _with_own(values: np.ndarray, own: np.ndarray) -> np.ndarray:
    gone = bool(missing(own)[0])
    if is_words(values):
        return values if own[0] in values.tolist() else np.concatenate([values, own])
    return values if gone else np.unique(np.concatenate([values, own]))


def _sample(reference: pd.DataFrame, rows: int, seed: int) -> pd.DataFrame:
    if len(reference) <= rows:
        return reference
    return reference.iloc[np.sort(np.random.default_rng(seed).choice(len(reference), rows, replace=False))]


def _predict_with(
    model: Model, sample: pd.DataFrame, tried: dict[str, np.ndarray], times: int
) -> np.ndarray:
    """The sample predicted with each of the values in place, of shape (values, rows, outputs)."""
    table = {name: np.tile(sample[name].to_numpy(), times) for name in sample.columns} | tried
    predicted = two_dimensional(model.predict_typed(frame_of(table)))
    return predicted.reshape(times, len(sample), -1)


def _histogram(column: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many rows lie in even steps between the first and the last of the values.

    Of few different values, or of whole numbers, each step holds as many of them: none is empty by its place alone.
    """
    numbers, ends = as_numbers(column), as_numbers(values)[[0, -1]]
    inside = numbers[(numbers >= ends[0]) & (numbers <= ends[1])]
    known = np.unique(inside)
    steps: int | np.ndarray = BINS
    if len(known) <= BINS:
        half = np.diff(known) / 2
        steps = np.r_[known[0] - half[0], known[:-1] + half, known[-1] + half[-1]] if len(known) > 1 else 1
    elif values.dtype.kind != "M" and (known == known.round()).all():
        width = np.ceil((ends[1] - ends[0] + 1) / BINS)
        steps = np.arange(np.floor(ends[0]) - 0.5, ends[1] + width, width)
    counts, edges = np.histogram(inside, bins=steps)
    return (edges.astype(np.int64).astype(values.dtype) if values.dtype.kind == "M" else edges), counts


def _nearest(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The place of the value nearest to each row's; len(values) where there is none."""
    if is_words(values):
        place = {v: i for i, v in enumerate(values.tolist())}
        return np.array([place.get(v, len(values)) for v in column.tolist()], dtype=int)
    points, numbers = as_numbers(values), as_numbers(column)
    middle = (points[1:] + points[:-1]) / 2
    return np.where(np.isnan(numbers), len(values), np.searchsorted(middle, numbers))
