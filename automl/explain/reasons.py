"""Why a row is predicted as it is: what each column adds to the prediction, summing to it exactly.

Shapley values of the original columns, for any model and any ensemble: starting from a row of the
training table (the background), its values are replaced one by one by those of the row in question, and
each column is given what the prediction moves by at its turn. The mean over background rows and orders
is its contribution (Štrumbelj & Kononenko 2014, "Explaining prediction models and individual predictions
with feature contributions"; Lundberg & Lee 2017). Every order is walked forwards and backwards (antithetic
sampling, Mitchell et al. 2022), which halves the noise. Since each walk starts at the background's
prediction and ends at the row's, base + contributions = prediction holds for any number of walks.

A model is the weighted mean of its members, and contributions are linear in the model: so each background row's walks
are predicted by one member alone, chosen in the proportion of the weights, and their mean is the same but for noise.
What one prediction of the whole model costs pays for several walks, and walks are what the noise hangs on.

The background rows are few beside the rows they stand for. Over all of the reference rows contributions sum to nothing,
column by column (what a row gains over another, that one loses): so what they sum to from this background, measured once
on rows of the reference, is taken off every contribution, and the base is the mean prediction of the whole reference.
What is then still lacking to the model's prediction is given to the columns by their size: the sum is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from automl.model import Model

BACKGROUND_ROWS = 128  # walks a row; the noise of a contribution falls with their square root
MOST_STEPS = 6_000  # predictions a row, about: of wide tables fewer rows are walked
# where many rows are to be explained: for each candidate that is a part of the model, since a walk asks only one of them
QUICK_ROWS, QUICK_STEPS = 8, 320
QUICK_LEAST, QUICK_MOST = 12, 32
FEWEST_ROWS = 4  # for each candidate, however wide the table
CENTRE_STEPS = 10_000  # predictions, about, for what is taken off; and the pairs of rows that it is measured on:
CENTRE_LEAST, CENTRE_MOST = 16, 256
GOLDEN = 0.6180339887498949  # its multiples lie evenly in 0–1, however many there are
ROUNDING = 1e-14
CALL_CELLS = 2_000_000  # cells of a call of the model


@dataclass(frozen=True)
class Reasons:
    """What each column adds; `base` + the sum of `contributions` = `prediction`, row by row.

    Attributes
    ----------
    columns : tuple of str
    contributions : ndarray of shape (rows, columns)
        In the prediction's unit; of probabilities as shares, so that .18 is 18 points.
    base : ndarray of shape (rows,)
        The mean prediction of the background rows.
    prediction : ndarray of shape (rows,)
        The probability of the outcome explained, or the value.
    outcome : ndarray of shape (rows,) or None
        The class code that is explained; None for values.
    """

    columns: tuple[str, ...]
    contributions: np.ndarray
    base: np.ndarray
    prediction: np.ndarray
    outcome: np.ndarray | None = None

    def top(self, most: int) -> np.ndarray:
        """Positions of the columns that add or take most, of shape (rows, most)."""
        return np.argsort(-np.abs(self.contributions), axis=1, kind="stable")[:, :most]


class Explainer:
    """Explains rows of a model against background rows, the same ones for every row.

    Parameters
    ----------
    model : Model
        Anything with `predict_typed` and `problem`; where it has `candidates` and `weights`, each background row's
        walks are predicted by one member alone.
    reference : DataFrame of shape (rows, columns)
        Typed training rows; some of them are the background, spread evenly over their predictions.
    background : int, optional
        Walks a row, each forwards and backwards; 128 by default, or what `quick` gives.
    seed : int
        Of the orders in which columns are replaced.
    quick : bool
        Rougher and several times as fast, for many rows.
    """

    def __init__(
        self,
        model: Model,
        reference: pd.DataFrame,
        *,
        background: int | None = None,
        seed: int = 0,
        quick: bool = False,
    ) -> None:
        self.model, self.columns = model, tuple(map(str, reference.columns))
        candidates = getattr(model, "candidates", ())
        predicted = two_dimensional(model.predict_typed(reference))
        width, count = len(self.columns), self._count(background, len(candidates), quick, len(reference))
        rows = _spread(predicted, count)
        self.background = {name: reference[name].to_numpy()[rows] for name in self.columns}
        self.base = predicted.mean(axis=0)  # (outputs,)
        self.part, self.weight = _shared_out(candidates, getattr(model, "weights", ()), count)
        self.start = predicted[rows]  # (background, outputs): what each one's walks start at
        if self.part is not None:
            own = reference.iloc[rows]
            for part in np.unique(self.part):
                those = np.flatnonzero(self.part == part)
                self.start[those] = self._by(own.iloc[those], part)
        rng = np.random.default_rng(seed)
        forwards = np.array([rng.permutation(width) for _ in range(count)], dtype=np.intp).reshape(count, width)
        self.orders = np.stack([forwards, forwards[:, ::-1]], axis=1)  # (background, 2, columns)
        self.place = np.argsort(self.orders, axis=2)
        self.centre = self._centre(reference, predicted, rng)  # (columns, outputs)

    def _count(self, background: int | None, candidates: int, quick: bool, rows: int) -> int:
        """How many background rows there are."""
        turns = max(2 * (len(self.columns) - 1), 1)
        wanted, steps = BACKGROUND_ROWS, MOST_STEPS
        if quick:
            wanted = int(np.clip(QUICK_ROWS * candidates, QUICK_LEAST, QUICK_MOST))
            steps = QUICK_STEPS * wanted // QUICK_ROWS
        fewest = min(FEWEST_ROWS * max(candidates, 1), wanted)
        return min(background or wanted, max(fewest, steps // turns), rows)

    def explain(self, typed: pd.DataFrame, *, outcome: int | None = None) -> Reasons:
        """The reasons of rows; a row alone has the reasons it has among others.

        Parameters
        ----------
        typed : DataFrame of shape (rows, columns)
            As `model.prepare` gives it.
        outcome : int, optional
            The class code to explain; by default the outcome of interest of two, the predicted one of more.
        """
        if not len(typed):
            return Reasons(self.columns, np.zeros((0, len(self.columns))), np.zeros(0), np.zeros(0))
        predicted, contributions = self.every_output(typed)
        codes = self._outcomes(predicted, outcome)
        take = np.zeros(len(typed), dtype=int) if codes is None else codes
        at = np.arange(len(typed))
        return Reasons(self.columns, contributions[at, :, take], self.base[take], predicted[at, take], codes)

    def every_output(self, typed: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Predictions of shape (rows, outputs) and contributions of shape (rows, columns, outputs)."""
        predicted = two_dimensional(self.model.predict_typed(typed))
        parts, count = [], len(self.orders)
        rows_a_call = max(1, CALL_CELLS // max(2 * count * len(self.columns) ** 2, 1))
        for start in range(0, len(typed), rows_a_call):
            part = typed.iloc[start : start + rows_a_call]
            row, back = np.divmod(np.arange(len(part) * count), count)
            each = self._walks(part, predicted[start : start + rows_a_call], row, back)
            parts.append(np.einsum("b,rbco->rco", self.weight, each.reshape(len(part), count, *each.shape[1:])))
        return predicted, self._summing_up(np.concatenate(parts) - self.centre, predicted)

    def _centre(self, reference: pd.DataFrame, predicted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What contributions of the reference's rows sum to, column by column, less than nothing or more."""
        count, turns = len(self.orders), max(2 * (len(self.columns) - 1), 1)
        most = max(int(np.clip(CENTRE_STEPS // turns, CENTRE_LEAST, CENTRE_MOST)), 4 * count)
        some = rng.permutation(_spread(predicted, min(most, len(reference))))
        back = np.arange(len(some)) % count
        each = self._walks(reference.iloc[some], predicted[some], np.arange(len(some)), back)
        share = self.weight[back] / np.bincount(back, minlength=count)[back]
        return np.einsum("p,pco->co", share / share.sum(), each)

    def _summing_up(self, found: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Contributions, with what they lack of the model's prediction shared out by their size."""
        lacking = predicted - self.base - found.sum(axis=1)  # (rows, outputs)
        lacking[np.abs(lacking) <= ROUNDING * np.abs(predicted)] = 0.0
        size = np.abs(found)
        size += (size.sum(axis=1, keepdims=True) == 0) / max(found.shape[1], 1)  # none moved anything: alike
        return found + lacking[:, None] * size / size.sum(axis=1, keepdims=True)

    def _by(self, typed: pd.DataFrame, part: int) -> np.ndarray:
        """Predictions by one member, of shape (rows, outputs)."""
        return two_dimensional(self.model.predict_typed(typed, int(part)))

    def _predict(self, typed: pd.DataFrame, back: np.ndarray) -> np.ndarray:
        """Predictions of rows on the way from the background rows `back`."""
        if self.part is None:
            return two_dimensional(self.model.predict_typed(typed))
        out = np.empty((len(typed), len(self.base)))
        for part in np.unique(self.part[back]):
            those = np.flatnonzero(self.part[back] == part)
            out[those] = self._by(typed.iloc[those], part)
        return out

    @property
    def steps(self) -> int:
        """Predictions that one row needs, at most."""
        return self.orders[..., 0].size * len(self.columns)

    def _outcomes(self, predicted: np.ndarray, outcome: int | None) -> np.ndarray | None:
        problem = self.model.problem
        if not problem.has_probabilities:
            return None
        if outcome is None and len(problem.classes) == 2:
            outcome = problem.positive_code
        return predicted.argmax(axis=1) if outcome is None else np.full(len(predicted), outcome)

    def _walks(self, typed: pd.DataFrame, end: np.ndarray, row: np.ndarray, back: np.ndarray) -> np.ndarray:
        """What each column moves on the way from a background row to a row, of shape (pairs, columns, outputs).

        `row` and `back` are the pairs; all hybrid rows are predicted in one call, `end` is what the rows are predicted as.
        """
        width, outputs = len(self.columns), len(self.base)
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
    turn = np.array([int((drawn[:k] == c).sum()) for k, c in enumerate(drawn)], dtype=int)
    part = np.array([candidates[c][t % len(candidates[c])] for c, t in zip(drawn, turn, strict=True)], dtype=int)
    weight = shares[drawn] / np.bincount(drawn, minlength=len(candidates))[drawn]
    return part, weight / weight.sum()
