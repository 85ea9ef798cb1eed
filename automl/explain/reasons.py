"""Why a row is predicted as it is: what each column adds to the prediction, summing to it exactly.

Shapley values of the original columns, for any model and any ensemble: starting from a row of the
training table (the background), its values are replaced one by one by those of the row in question, and
each column is given what the prediction moves by at its turn. The mean over background rows and orders
is its contribution (Štrumbelj & Kononenko 2014, "Explaining prediction models and individual predictions
with feature contributions"; Lundberg & Lee 2017). Every order is walked forwards and backwards (antithetic
sampling, Mitchell et al. 2022), which halves the noise. Since each walk starts at the background's
prediction and ends at the row's, base + contributions = prediction holds for any number of walks.

Where many rows are to be explained, each background row's walks are predicted by one fold of every candidate
instead of all: the model is the mean of its folds, and contributions are linear in the model, so that their
mean is the same but for noise. What the folds of the walks taken differ from the model by is given to the
columns by their size, so that the sum stays exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from automl.model import Model

BACKGROUND_ROWS = 32  # walks a row; the noise of a contribution falls with their square root,
QUICK_ROWS = 8  # where many rows are to be explained, each predicted by one fold,
MOST_STEPS, QUICK_STEPS = 3_000, 320  # and of wide tables fewer are walked: predictions a row, about,
FEWEST_ROWS = 4
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
        Anything with `predict_typed` and `problem`.
    reference : DataFrame of shape (rows, columns)
        Typed training rows; `background` of them are used, spread evenly over their predictions.
    background : int
        Walks a row, each forwards and backwards.
    seed : int
        Of the orders in which columns are replaced.
    by_fold : bool
        Predict each background row's walks by one fold of the model; see above.
    """

    def __init__(
        self,
        model: Model,
        reference: pd.DataFrame,
        *,
        background: int = BACKGROUND_ROWS,
        seed: int = 0,
        by_fold: bool = False,
    ) -> None:
        self.model, self.columns = model, tuple(map(str, reference.columns))
        width = len(self.columns)
        steps = QUICK_STEPS if by_fold else MOST_STEPS
        most = max(FEWEST_ROWS, steps // max(2 * (width - 1), 1))
        count = min(background, most, len(reference))
        predicted = two_dimensional(model.predict_typed(reference))
        rows = _spread(predicted, count)
        self.background = {name: reference[name].to_numpy()[rows] for name in self.columns}
        self.start = predicted[rows]  # (background, outputs)
        folds = model.parts if by_fold else 1
        self.part = np.arange(count) % folds if folds > 1 else None  # (background,): which fold predicts its walks
        self.part_start = self.start
        if self.part is not None:
            own = reference.iloc[rows]
            self.part_start = np.stack([self._by(own.iloc[[b]], self.part[b])[0] for b in range(count)])
        rng = np.random.default_rng(seed)
        forwards = np.array([rng.permutation(width) for _ in range(count)], dtype=np.intp).reshape(
            count, width
        )
        self.orders = np.stack([forwards, forwards[:, ::-1]], axis=1)  # (background, 2, columns)
        self.place = np.argsort(self.orders, axis=2)

    @property
    def base(self) -> np.ndarray:
        """The mean prediction of the background, of shape (outputs,)."""
        return self.start.mean(axis=0)

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
        parts, walks = [], self.orders[..., 0].size
        rows_a_call = max(1, CALL_CELLS // max(walks * len(self.columns) ** 2, 1))
        for start in range(0, len(typed), rows_a_call):
            part = typed.iloc[start : start + rows_a_call]
            parts.append(self._contributions(part, predicted[start : start + rows_a_call]))
        found = np.concatenate(parts)
        return predicted, found if self.part is None else self._summing_up(found, predicted)

    def _summing_up(self, found: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Contributions of folds, with what they lack of the model's prediction shared out by their size."""
        lacking = predicted - self.base - found.sum(axis=1)  # (rows, outputs)
        size = np.abs(found)
        size += (size.sum(axis=1, keepdims=True) == 0) / found.shape[1]  # none moved anything: alike
        return found + lacking[:, None] * size / size.sum(axis=1, keepdims=True)

    def _by(self, typed: pd.DataFrame, part: int | None) -> np.ndarray:
        """Predictions by one fold, or by the whole model, of shape (rows, outputs)."""
        if part is None:
            return two_dimensional(self.model.predict_typed(typed))
        return two_dimensional(self.model.predict_typed(typed, int(part)))

    def _predict(self, typed: pd.DataFrame, back: np.ndarray) -> np.ndarray:
        """Predictions of rows on the way from the background rows `back`."""
        if self.part is None:
            return self._by(typed, None)
        out = np.empty((len(typed), self.start.shape[1]))
        for part in np.unique(self.part[back]):
            those = np.flatnonzero(self.part[back] == part)
            out[those] = self._by(typed.iloc[those], part)
        return out

    def _ends(self, typed: pd.DataFrame, end: np.ndarray) -> np.ndarray:
        """What each background row's walks end at, of shape (rows, background, outputs)."""
        if self.part is None:
            return np.broadcast_to(end[:, None], (len(end), len(self.start), end.shape[1]))
        found = {part: self._by(typed, part) for part in np.unique(self.part)}
        return np.stack([found[part] for part in self.part], axis=1)

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

    def _contributions(self, typed: pd.DataFrame, end: np.ndarray) -> np.ndarray:
        """Contributions of shape (rows, columns, outputs); all hybrid rows are predicted in one call."""
        rows, width = len(typed), len(self.columns)
        values = {name: typed[name].to_numpy() for name in self.columns}
        differs = np.stack([_differs(values[n][:, None], self.background[n][None]) for n in self.columns], 2)
        # where a value is the background's already, its turn moves nothing and needs no prediction
        moves = differs[:, np.arange(len(self.orders))[:, None, None], self.orders]  # (rows, back., 2, turns)
        turn = moves.cumsum(axis=3)
        last = turn[..., -1:]
        asked = moves & (turn < last)  # the first is the background's prediction, the last the row's own
        row, back, way, at = np.nonzero(asked)
        outputs = end.shape[1]
        found = np.zeros((max(len(row), 1), outputs))
        if len(row):
            hybrids = {}
            for j, name in enumerate(self.columns):
                theirs = self.place[back, way, j] <= at
                hybrids[name] = np.where(theirs, values[name][row], self.background[name][back])
            found = self._predict(frame_of(hybrids), back)
        number = (asked.ravel().cumsum() - 1).clip(0).reshape(asked.shape)
        path = np.empty((rows, len(self.orders), 2, width + 1, outputs))
        path[..., 0, :] = self.part_start[None, :, None]
        path[..., 1:, :] = found[number]
        before, after = turn == 0, turn == last
        starts = np.broadcast_to(self.part_start[None, :, None, None], path[..., 1:, :].shape)
        ends = np.broadcast_to(self._ends(typed, end)[:, :, None, None], path[..., 1:, :].shape)
        path[..., 1:, :] = np.where(before[..., None], starts, path[..., 1:, :])
        path[..., 1:, :] = np.where((after & ~before)[..., None], ends, path[..., 1:, :])
        # a row that equals a background row moves nothing at all, and both have the same prediction
        steps = np.diff(path, axis=3)
        each = np.take_along_axis(steps, self.place[None, ..., None], axis=3)
        return each.mean(axis=(1, 2))


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
