"""Which rows validate which: the folds of a build, by the size of the data and the time there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.types import Problem, SplitKind, Task


@dataclass(frozen=True)
class FoldRule:
    """Applies up to `max_rows` training rows and `max_load` thousand cells per second of budget."""

    max_rows: int
    max_load: float
    folds: int


# More folds where rows are few (scores are noisy), fewer where each fit is dear. Loads were read
# off single fits of a 300-tree booster on two cores (about 0.4 s per 100,000 cells).
FOLD_RULES = (
    FoldRule(1_000, 1.0, 8),
    FoldRule(60_000, 5.0, 5),
    FoldRule(150_000, 30.0, 3),
)
HOLDOUT_SHARE = 0.2  # where none of the rules applies: one holdout
HOLDOUT_MAX_ROWS = 50_000


@dataclass(frozen=True)
class Folds:
    """`assignment[i]` is the fold that validates row i, -1 for rows that only train.

    `ordered` folds (time splits) train on what comes before them only.
    """

    assignment: np.ndarray
    count: int
    ordered: bool = False

    def train_rows(self, fold: int) -> np.ndarray:
        if self.ordered:
            return np.flatnonzero(self.assignment < fold)
        return np.flatnonzero(self.assignment != fold)

    def valid_rows(self, fold: int) -> np.ndarray:
        return np.flatnonzero(self.assignment == fold)

    @property
    def scored_rows(self) -> np.ndarray:
        """Rows that have an out-of-fold prediction."""
        return np.flatnonzero(self.assignment >= 0)

    @property
    def covers_all(self) -> bool:
        """Whether the folds' models together have learned from every row."""
        return self.count > 1 and not self.ordered


def fold_count(rows: int, columns: int, seconds: float, classes: int = 0) -> int:
    """How many folds fit the size of the data and the time; 1 means one holdout.

    Parameters
    ----------
    rows, columns : int
        Training rows and feature columns.
    seconds : float
        The build's time limit.
    classes : int
        Boosting fits one tree a class: with many classes each fold costs more.

    >>> fold_count(4000, 20, 60), fold_count(300_000, 12, 60)
    (5, 1)
    """
    load = rows * max(columns, 1) * max(1.0, classes / 3) / 1000 / max(seconds, 1e-9)
    for rule in FOLD_RULES:
        if rows <= rule.max_rows and load <= rule.max_load:
            return rule.folds
    return 3 if load <= FOLD_RULES[-1].max_load and rows <= FOLD_RULES[-1].max_rows else 1


def make_folds(
    problem: Problem, frame: pd.DataFrame, y: np.ndarray, *, count: int, groups: np.ndarray | None = None
) -> Folds:
    """Assign every training row to the fold that validates it.

    Exact duplicate rows share a fold, so that none is both learned from and scored on; classes are
    spread evenly, however rare; groups stay together; time splits validate on what comes later.

    Parameters
    ----------
    problem : Problem
        Its split plan (kind, seed) is honoured.
    frame : DataFrame of shape (rows, columns)
        The training rows, as the model will see them.
    y : ndarray of shape (rows,)
        Class codes or values.
    count : int
        Number of folds; 1 for one holdout.
    groups : ndarray of shape (rows,), optional
        Rows with the same value stay together; for a time split, when each row happened.
    """
    if problem.split.kind is SplitKind.TIME and groups is not None:
        return Folds(assign_in_order(groups, max(count, 1)), max(count, 1), ordered=True)
    values = problem.task is Task.REGRESSION
    assignment = assign_folds(
        frame, y, count, values, problem.split.seed, groups, HOLDOUT_SHARE, HOLDOUT_MAX_ROWS
    )
    return Folds(assignment, int(assignment.max()) + 1)


# The functions below stand in notebooks as they are: numpy and pandas only.


def assign_folds(frame, y, count, values, seed, groups=None, holdout_share=0.2, holdout_most=50_000):
    """The fold that validates each row, -1 for rows that only train (one holdout, count 1)."""
    if groups is None:  # exact duplicates share a fold
        groups = (
            pd.util.hash_pandas_object(frame, index=False).to_numpy() if frame.shape[1] else np.arange(len(y))
        )
    unit = pd.factorize(pd.Series(groups))[0]
    first = np.unique(unit, return_index=True)[1]
    label = y[first]
    if values:  # deciles of a numeric target, so that folds see the same range
        label = np.searchsorted(np.quantile(label, np.linspace(0.1, 0.9, 9)), label)
    parts = min(count if count > 1 else max(2, round(1 / holdout_share)), max(2, len(first)))
    # deal the units out class by class, like cards: no class is dropped, however rare
    order = np.random.default_rng(seed).permutation(len(label))
    order = order[np.argsort(label[order], kind="stable")]
    dealt = np.empty(len(label), dtype=np.int64)
    dealt[order] = np.arange(len(label)) % parts
    fold = dealt[unit]
    if count == 1:
        fold = np.where(fold == 0, 0, -1)
        fold[np.flatnonzero(fold == 0)[holdout_most:]] = -1
    return fold.astype(np.int32)


def assign_in_order(when, count):
    """Expanding windows over time: the first block only trains (-1), each later one is validated."""
    when = pd.Series(when)
    rank = when.rank(method="first", na_option="top").to_numpy() - 1
    block = np.minimum((rank * (count + 1) / max(len(rank), 1)).astype(np.int32), count)
    # equal instants stay on one side: all take the block of the first of them
    block = pd.Series(block).groupby(pd.factorize(when)[0]).transform("min").to_numpy()
    return (block - 1).astype(np.int32)
