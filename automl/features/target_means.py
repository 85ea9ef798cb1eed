"""The mean outcome of each value of a column, shrunk towards the mean of all as far as it is noise."""

from __future__ import annotations

from typing import Self

import numpy as np

INNER_FOLDS = 5  # a training row is encoded by what the other four fifths say
# Means are rounded to about so much of their spread. A value's mean differs a little from one inner
# fold to the next, the lower the higher the outcomes that it leaves out: trees would learn that.
ROUNDING = 0.25


def outcomes(y: np.ndarray, task: str, classes: int, most: int) -> np.ndarray:
    """What is averaged, of shape (rows, outcomes): the value, or 0/1 for each of the commonest classes.

    >>> outcomes(np.array([0, 1, 2, 2]), "multiclass", 3, most=2).tolist()
    [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]
    """
    if task == "regression":
        return y[:, None].astype(np.float64)
    if task == "binary":
        return (y == 1)[:, None].astype(np.float64)
    common = np.argsort(-np.bincount(y, minlength=classes), kind="stable")[:most]
    return (y[:, None] == common).astype(np.float64)


class TargetMeans:
    """Mean outcomes of the rows that share a whole-numbered key.

    >>> keys, targets = np.repeat([0, 1], 50), np.repeat([[0.0], [8.0]], 50, axis=0)
    >>> TargetMeans().fit(keys, targets, np.ones(100)).transform(np.array([0, 1, 2])).ravel().tolist()
    [0.0, 8.0, 4.0]
    """

    def fit(self, keys: np.ndarray, targets: np.ndarray, weight: np.ndarray) -> Self:
        """keys : int64 of shape (rows,); targets : (rows, outcomes); weight : (rows,)."""
        self.fit_transform(keys, targets, weight)
        return self

    def fit_transform(self, keys: np.ndarray, targets: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Learn from all rows; each of them is encoded by the rows of the other inner folds alone."""
        self.keys, place = np.unique(keys, return_inverse=True)
        apart = cross_fitted_means(place, len(self.keys), targets, weight)
        self.prior, means = shrunken_means(place, len(self.keys), targets, weight)
        spread = apart.std(axis=0)
        # a power of two: one row's outcome does not move the grid, and with it the row's own mean
        step = np.exp2(np.round(np.log2(ROUNDING * np.where(spread > 0, spread, 1.0))))
        self.means, self.prior = np.round(means / step) * step, np.round(self.prior / step) * step
        return np.round(apart / step) * step

    def transform(self, keys: np.ndarray) -> np.ndarray:
        """Shape (rows, outcomes); a key that was not there gets the mean of all."""
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((self.keys[at] == keys)[:, None], self.means[at], self.prior)

    def state(self) -> dict[str, np.ndarray]:
        return {"keys": self.keys, "means": self.means, "prior": self.prior}

    @classmethod
    def from_state(cls, arrays: dict[str, np.ndarray]) -> Self:
        block = cls()
        vars(block).update(arrays)
        return block


def cross_fitted_means(place: np.ndarray, size: int, targets: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The mean of each row's place over the rows of other inner folds: its own outcome is not in it."""
    fold = np.random.default_rng(0).permutation(len(place)) % INNER_FOLDS
    out = np.empty(targets.shape)
    for number in range(INNER_FOLDS):
        rest, own = fold != number, fold == number
        _, means = shrunken_means(place[rest], size, targets[rest], weight[rest])
        out[own] = means[place[own]]
    return out


def shrunken_means(
    place: np.ndarray, size: int, targets: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of all, of shape (outcomes,), and of each place 0 … size-1, of shape (size, outcomes).

    A place's own mean counts for n / (n + m), the mean of all for the rest; m is the variance within
    places over the variance between them (empirical Bayes, by the method of moments): a column that
    says nothing gives the same number everywhere.
    """
    n = np.bincount(place, weight, size)
    total, groups = n.sum(), (n > 0).sum()
    prior = weight @ targets / max(total, 1e-12)
    means = np.tile(prior, (size, 1))
    for k, column in enumerate((targets - prior).T):  # centred: large values stay exact
        raw = np.divide(np.bincount(place, weight * column, size), n, out=np.zeros(size), where=n > 0)
        between = float(n @ raw**2)
        noise = max(float(weight @ column**2) - between, 0.0) / max(total - groups, 1.0)
        spread = (between - (groups - 1) * noise) / max(total - float(n @ n) / max(total, 1e-12), 1e-12)
        if spread > 0:
            means[:, k] += raw * np.divide(n, n + noise / spread, out=np.zeros(size), where=n > 0)
    return prior, means
