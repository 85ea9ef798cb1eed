"""Walks from background rows to rows in question: what each column moves a prediction by, at its turn.

Every order is walked forwards and backwards (antithetic sampling, Mitchell et al. 2022), which halves the noise. A
background row's walks are predicted by one member of the model, drawn by its weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from automl.model import Model

GOLDEN = 0.6180339887498949  # its multiples lie evenly in 0–1, however many there are


class Walks:
    """Background rows, spread evenly over what is predicted, each with an order of the columns and a member to ask.

    Parameters
    ----------
    model : Model
        Anything with `predict_typed`; where it has `candidates` and `weights`, members are asked alone.
    reference : DataFrame of shape (rows, columns)
        Typed rows to choose from.
    predicted : ndarray of shape (rows, outputs)
        What the model says of them.
    count : int
        Background rows.
    rng : Generator
        Of the orders.

    Attributes
    ----------
    weight : ndarray of shape (count,)
        What each background row's walks count in their mean; sums to 1.
    """

    def __init__(
        self, model: Model, reference: pd.DataFrame, predicted: np.ndarray, count: int, rng: np.random.Generator
    ) -> None:
        self.model, self.columns = model, tuple(map(str, reference.columns))
        self.outputs, width = predicted.shape[1], len(self.columns)
        rows = _spread(predicted, count)
        self.background = {name: reference[name].to_numpy()[rows] for name in self.columns}
        self.part, self.weight = _shared_out(getattr(model, "candidates", ()), getattr(model, "weights", ()), count)
        self.start = predicted[rows]  # (background, outputs): what each one's walks start at
        if self.part is not None:
            own = reference.iloc[rows]
            for part in np.unique(self.part):
                those = np.flatnonzero(self.part == part)
                self.start[those] = self._by(own.iloc[those], part)
        forwards = np.array([rng.permutation(width) for _ in range(count)], dtype=np.intp).reshape(count, width)
        self.orders = np.stack([forwards, forwards[:, ::-1]], axis=1)  # (background, 2, columns)
        self.place = np.argsort(self.orders, axis=2)

    def __len__(self) -> int:
        """Background rows."""
        return len(self.orders)

    def moved(self, typed: pd.DataFrame, end: np.ndarray, row: np.ndarray, back: np.ndarray) -> np.ndarray:
        """What each column moves on the way from a background row to a row, of shape (pairs, columns, outputs).

        `row` and `back` are the pairs; all hybrid rows are predicted in one call, `end` is what the rows are predicted as.
        """
        width, outputs = len(self.columns), self.outputs
        if not width:
            return np.zeros((len(row), 0, outputs))
        values = {name: typed[name].to_numpy() for name in self.columns}
        differs = np.stack([_differs(values[n][row], self.background[n][back]) for n in self.columns], axis=1)
        # where a value is the background's already, its turn moves nothing and needs no prediction
        orders, place = self.orders[back], self.place[back]  # (pairs, 2, columns)
        moves = np.take_along_axis(differs[:, None], orders, axis=2)
        turn = moves.cumsum(axis=2)
        last = turn[..., -1:]
        asked = moves & (turn < last)  # the first is the background's prediction, the last the row's own
        pair, way, at = np.nonzero(asked)
        found = np.zeros((max(len(pair), 1), outputs))
        if len(pair):
            hybrids = {}
            for j, name in enumerate(self.columns):
                theirs = place[pair, way, j] <= at
                hybrids[name] = np.where(theirs, values[name][row[pair]], self.background[name][back[pair]])
            found = self._predict(frame_of(hybrids), back[pair])
        number = (asked.ravel().cumsum() - 1).clip(0).reshape(asked.shape)
        path = np.empty((len(row), 2, width + 1, outputs))
        starts = self.start[back][:, None]
        path[..., 0, :] = starts
        path[..., 1:, :] = found[number]
        before, after = (turn == 0)[..., None], (turn == last)[..., None]
        path[..., 1:, :] = np.where(before, starts[:, None], path[..., 1:, :])
        ends = self._ends(typed, end, row, back)[:, None, None]
        path[..., 1:, :] = np.where(after & ~before, ends, path[..., 1:, :])
        # a row that equals a background row moves nothing at all, and both have the same prediction
        steps = np.diff(path, axis=2)
        return np.take_along_axis(steps, place[..., None], axis=2).mean(axis=1)

    def _ends(self, typed: pd.DataFrame, end: np.ndarray, row: np.ndarray, back: np.ndarray) -> np.ndarray:
        """What each pair's walks end at, of shape (pairs, outputs)."""
        if self.part is None:
            return end[row]
        out = np.empty((len(row), end.shape[1]))
        for part in np.unique(self.part[back]):
            those = np.flatnonzero(self.part[back] == part)
            rows, place = np.unique(row[those], return_inverse=True)
            out[those] = self._by(typed.iloc[rows], part)[place]
        return out

    def _by(self, typed: pd.DataFrame, part: int) -> np.ndarray:
        """Predictions by one member, of shape (rows, outputs)."""
        return two_dimensional(self.model.predict_typed(typed, int(part)))

    def _predict(self, typed: pd.DataFrame, back: np.ndarray) -> np.ndarray:
        """Predictions of rows on the way from the background rows `back`."""
        if self.part is None:
            return two_dimensional(self.model.predict_typed(typed))
        out = np.empty((len(typed), self.outputs))
        for part in np.unique(self.part[back]):
            those = np.flatnonzero(self.part[back] == part)
            out[those] = self._by(typed.iloc[those], part)
        return out


def frame_of(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Typed values as a table; words stay objects, as `to_typed` has them."""
    return pd.DataFrame({name: pd.Series(v, dtype=v.dtype) for name, v in columns.items()})


def two_dimensional(predicted: np.ndarray) -> np.ndarray:
    """Values as one column, probabilities as they are."""
    predicted = np.asarray(predicted, dtype=np.float64)
    return predicted[:, None] if predicted.ndim == 1 else predicted


def _spread(predicted: np.ndarray, count: int) -> np.ndarray:
    """Rows spread evenly over what is predicted, so that their mean is near the mean of all."""
    if predicted.shape[1] > 2:
        likeliest = predicted.argmax(axis=1)
        order = np.lexsort((predicted.max(axis=1), likeliest))
    else:
        order = np.argsort(predicted[:, -1], kind="stable")
    places = (np.arange(count) + 0.5) * len(predicted) / max(count, 1)
    return np.sort(order[places.astype(int)])


def _differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where values differ; missing equals missing."""
    if a.dtype.kind in "OUT":
        return np.asarray(a != b, dtype=bool)  # words and None
    missing = np.isnat if a.dtype.kind == "M" else np.isnan
    return (a != b) & ~(missing(a) & missing(b))


def _shared_out(
    candidates: tuple[tuple[int, ...], ...], weights: tuple[float, ...], count: int
) -> tuple[np.ndarray | None, np.ndarray]:
    """Which member predicts each background row's walks (None: the whole model does), and what each row counts.

    Candidates are drawn in the proportion of their weights, their folds in turn; where a draw is not quite the
    proportion, its rows count for more or less.
    """
    if sum(map(len, candidates)) < 2:
        return None, np.full(count, 1 / max(count, 1))
    shares = np.array([sum(weights[m] for m in members) for members in candidates])
    ends = np.cumsum(shares / shares.sum())
    drawn = np.searchsorted(ends, (0.5 + GOLDEN * np.arange(count)) % 1).clip(max=len(candidates) - 1)
    turn = np.empty(count, dtype=int)  # how often its candidate was drawn before
    for candidate in range(len(candidates)):
        those = np.flatnonzero(drawn == candidate)
        turn[those] = np.arange(len(those))
    part = np.array([candidates[c][t % len(candidates[c])] for c, t in zip(drawn, turn, strict=True)], dtype=int)
    weight = shares[drawn] / np.bincount(drawn, minlength=len(candidates))[drawn]
    return part, weight / weight.sum()
