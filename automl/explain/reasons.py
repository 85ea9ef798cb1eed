"""Why a row is predicted as it is: what each column adds to the prediction, summing to it exactly.

Shapley values of the original columns, for any model and any ensemble: starting from a row of the
training table (the background), its values are replaced one by one by those of the row in question, and
each column is given what the prediction moves by at its turn (see `walks`). The mean over background rows and orders
is its contribution (Štrumbelj & Kononenko 2014, "Explaining prediction models and individual predictions
with feature contributions"; Lundberg & Lee 2017). Since each walk starts at the background's
prediction and ends at the row's, base + contributions = prediction holds for any number of walks.

A model is the weighted mean of its members, and contributions are linear in the model: so each background row's walks
are predicted by one member alone, chosen in the proportion of the weights, and their mean is the same but for noise.
What one prediction of the whole model costs pays for several walks, and walks are what the noise hangs on.

The background rows are few beside the rows they stand for, and what they lack is the same for every row that is explained.
It is measured once, on rows of the reference. Over all of them contributions sum to nothing, column by column (what a row
gains over another, that one loses): what they sum to from this background is taken off every contribution, and the base
is the mean prediction of the whole reference. Where many rows are explained from very few background rows, it is also
learned how contributions from these go on to those from all: a ridge regression of what walks from any rows of the
reference find, on what the few find (after Covert et al. 2024, "Stochastic amortization", who learn contributions from
noisy ones), as far as it helps rows that it has not learned from.
What is then still lacking to the model's prediction is given to the columns by their size: the sum is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from automl.explain.walks import Walks, two_dimensional

if TYPE_CHECKING:
    from automl.model import Model

BACKGROUND_ROWS = 128  # walks a row; the noise of a contribution falls with their square root
MOST_STEPS = 6_000  # predictions a row, about: of wide tables fewer rows are walked
# where many rows are to be explained: for each candidate that is a part of the model, since a walk asks only one of them
QUICK_ROWS, QUICK_STEPS = 8, 320
QUICK_LEAST, QUICK_MOST = 12, 32
FEWEST_ROWS = 4  # for each candidate, however wide the table
CENTRE_STEPS, CENTRE_LEAST = 40_000, 64  # predictions, about, for what is taken off; pairs of rows, at least
# what few background rows lack is learned from so many rows, from so many walks each, with one of these shrinkings; where
# that takes too many predictions from fewer rows, and not at all from fewer than this many for each column
LEARN_ROWS, LEARN_WALKS, LEARN_SHRINK = 250, 12, (0.1, 0.3, 1.0, 3.0, 1e6)
LEARN_STEPS, LEARN_EACH = 500_000, 5
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
        Walks a row, each forwards and backwards; by default 128, fewer of wide tables, or what `quick` gives.
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
        self.model, self.columns, self.quick = model, tuple(map(str, reference.columns)), quick
        self.reference, self.seed = reference, seed
        self.predicted = two_dimensional(model.predict_typed(reference))
        self.base = self.predicted.mean(axis=0)  # (outputs,)
        count = min(background or self._count(len(getattr(model, "candidates", ()))), len(reference))
        self.walks = Walks(model, reference, self.predicted, count, np.random.default_rng(seed))

    @property
    def turns(self) -> int:
        """Predictions of a walk both ways, at most."""
        return max(2 * (len(self.columns) - 1), 1)

    @property
    def steps(self) -> int:
        """Predictions that one row needs, at most."""
        return len(self.walks) * self.turns

    def _count(self, candidates: int) -> int:
        """How many background rows there are."""
        wanted, steps = BACKGROUND_ROWS, MOST_STEPS
        if self.quick:
            wanted = int(np.clip(QUICK_ROWS * candidates, QUICK_LEAST, QUICK_MOST))
            steps = QUICK_STEPS * wanted // QUICK_ROWS
        return min(wanted, max(min(FEWEST_ROWS * max(candidates, 1), wanted), steps // self.turns))

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
        found, lacking = self._found(typed, predicted), self.lacking
        return predicted, self._summing_up(found + lacking.shift + lacking.leaning(found), predicted)

    def _found(self, typed: pd.DataFrame, predicted: np.ndarray) -> np.ndarray:
        """The mean over all walks, of shape (rows, columns, outputs)."""
        parts, count = [], len(self.walks)
        rows_a_call = max(1, CALL_CELLS // max(2 * count * len(self.columns) ** 2, 1))
        for start in range(0, len(typed), rows_a_call):
            part = typed.iloc[start : start + rows_a_call]
            row, back = np.divmod(np.arange(len(part) * count), count)
            each = self.walks.moved(part, predicted[start : start + rows_a_call], row, back)
            parts.append(np.einsum("b,rbco->rco", self.walks.weight, each.reshape(len(part), count, *each.shape[1:])))
        return np.concatenate(parts)

    @cached_property
    def lacking(self) -> Lacking:
        """What contributions from these background rows lack of those from all of the reference; measured once."""
        rng = np.random.default_rng([self.seed, 1])
        return (self._learned(rng) if self.quick else None) or self._centre(rng)

    def _centre(self, rng: np.random.Generator) -> Lacking:
        """What contributions of the reference's rows sum to, column by column, less than nothing or more."""
        count = len(self.walks)
        most = max(CENTRE_STEPS // self.turns, CENTRE_LEAST, 4 * count)
        some = rng.permutation(len(self.reference))[:most]
        back = np.arange(len(some)) % count
        each = self.walks.moved(self.reference.iloc[some], self.predicted[some], np.arange(len(some)), back)
        share = self.walks.weight[back] / np.bincount(back, minlength=count)[back]
        return Lacking(-np.einsum("p,pco->co", share / share.sum(), each))

    def _learned(self, rng: np.random.Generator) -> Lacking | None:
        """How contributions go on to those from all background rows; None where it can't be learned in time."""
        total, width = len(self.reference), len(self.columns)
        rows = min(LEARN_ROWS, LEARN_STEPS // (self.steps + LEARN_WALKS * self.turns), total)
        if rows < LEARN_EACH * width:
            return None
        some = rng.permutation(total)[:rows]
        typed, predicted = self.reference.iloc[some], self.predicted[some]
        found = self._found(typed, predicted)
        every = Walks(self.model, self.reference, self.predicted, total, rng)  # from any row of the reference
        row, back = np.repeat(np.arange(rows), LEARN_WALKS), rng.permutation(np.arange(rows * LEARN_WALKS) % total)
        each = every.moved(typed, predicted, row, back) * (every.weight[back] * total)[:, None, None]
        missing = each.reshape(rows, LEARN_WALKS, *found.shape[1:]).mean(axis=1) - found
        slopes, shifts = zip(*(_ridge(found[..., o], missing[..., o]) for o in range(found.shape[2])), strict=True)
        return Lacking(np.stack(shifts, axis=1), np.stack(slopes, axis=2))

    def _summing_up(self, found: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Contributions, with what they lack of the model's prediction shared out by their size."""
        lacking = predicted - self.base - found.sum(axis=1)  # (rows, outputs)
        lacking[np.abs(lacking) <= ROUNDING * np.abs(predicted)] = 0.0
        size = np.abs(found)
        size += (size.sum(axis=1, keepdims=True) == 0) / max(found.shape[1], 1)  # none moved anything: alike
        return found + lacking[:, None] * size / size.sum(axis=1, keepdims=True)

    def _outcomes(self, predicted: np.ndarray, outcome: int | None) -> np.ndarray | None:
        problem = self.model.problem
        if not problem.has_probabilities:
            return None
        if outcome is None and len(problem.classes) == 2:
            outcome = problem.positive_code
        return predicted.argmax(axis=1) if outcome is None else np.full(len(predicted), outcome)


@dataclass(frozen=True)
class Lacking:
    """What is added to contributions that few background rows give.

    Attributes
    ----------
    shift : ndarray of shape (columns, outputs)
        The same for every row.
    slope : ndarray of shape (columns, columns, outputs), optional
        From what each column was found to add, to what a column lacks.
    """

    shift: np.ndarray
    slope: np.ndarray | None = None

    def leaning(self, found: np.ndarray) -> np.ndarray | float:
        """What hangs on the contributions themselves, of shape (rows, columns, outputs)."""
        return 0.0 if self.slope is None else np.einsum("rko,kco->rco", found, self.slope)


def _ridge(known: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope of shape (columns, columns) and shift of shape (columns,) from `known` to `wanted`, rows of both.

    Shrunk by what errs least on rows left out one by one; so far that only the shift is left, where nothing is gained.
    """
    mean, level = known.mean(axis=0), wanted.mean(axis=0)
    axes, size, turned = np.linalg.svd(known - mean, full_matrices=False)
    along = axes.T @ (wanted - level)
    best, kept = np.inf, np.zeros(len(size))
    for shrink in LEARN_SHRINK:
        share = size**2 / np.maximum(size**2 + shrink * len(known) * known.var(), np.finfo(float).tiny)
        left = 1 - 1 / len(known) - (axes**2 @ share)  # what a row does not say of itself
        error = float(np.mean(((wanted - level - axes @ (share[:, None] * along)) / left[:, None]) ** 2))
        if error < best:
            best, kept = error, share
    slope = turned.T @ ((kept / np.maximum(size, np.finfo(float).tiny))[:, None] * along)
    return slope, level - mean @ slope
