"""Which rows validate which: the folds of a build, by the size of the data and the time there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.problem import copies
from automl.types import Problem, SplitKind, Task


@dataclass(frozen=True)
class FoldRule:
    """Applies up to `max_rows` training rows."""

    max_rows: float
    folds: int


# More folds where rows are few: each model should learn from most of them. Where rows are very
# many, one fold of ten is enough to tell candidates apart.
FOLD_RULES = (FoldRule(1_500, 8), FoldRule(100_000, 5), FoldRule(float("inf"), 10))


@dataclass(frozen=True)
class LookRule:
    """Applies up to `max_load`: thousand cells per second of budget, or `max_share` of the budget for one fit."""

    max_load: float
    max_share: float
    every_fold: bool


# Whether a candidate is fitted on every fold at once, or on the first fold only until it proves
# to be among the best. One fold of a booster on 100,000 cells takes about 0.4 s on two cores.
# With a budget in candidates, which must give the same build on any machine, the load decides, else
# the share of the budget that one fold of a candidate of the same family took.
LOOK_RULES = (LookRule(2.0, 0.008, True), LookRule(float("inf"), float("inf"), False))
ORDERED_RULES = ((5.0, 5), (30.0, 3), (float("inf"), 1))  # load, windows: later ones cost more
HOLDOUT_SHARE = 0.2  # where one fold was asked for: one holdout
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


def load_of(rows: int, columns: int, seconds: float, classes: int = 0) -> float:
    """Thousand cells per second of budget.

    Boosting fits one tree a class: with many classes each cell costs more.

    >>> load_of(60_000, 10, 60)
    10.0
    """
    return rows * max(columns, 1) * max(1.0, classes / 3) / 1000 / max(seconds, 1e-9)


def fold_count(rows: int, load: float, ordered: bool = False) -> int:
    """How many folds fit the size of the data; of a time split, how many windows fit the time as well.

    Parameters
    ----------
    rows : int
        Training rows.
    load : float
        See `load_of`.
    ordered : bool
        Whether rows are split by time.

    >>> fold_count(1000, 1.0), fold_count(4000, 1.0), fold_count(4000, 50.0, ordered=True)
    (8, 5, 1)
    """
    if ordered:
        return next(count for most, count in ORDERED_RULES if load <= most)
    return next(rule.folds for rule in FOLD_RULES if rows <= rule.max_rows)


def looks_at_every_fold(load: float, share: float | None) -> bool:
    """Whether candidates are fitted on every fold at once.

    Parameters
    ----------
    load : float
        See `load_of`.
    share : float or None
        Of the budget, what one fold takes; None where it was not measured.
    """
    return next(
        r.every_fold for r in LOOK_RULES if (load <= r.max_load if share is None else share <= r.max_share)
    )


def make_folds(
    problem: Problem, frame: pd.DataFrame, y: np.ndarray, *, count: int, groups: np.ndarray | None = None
) -> Folds:
    """Assign every training row to the fold that validates it.

    Rows that were written twice share a fold (`problem.copies`), so that none is both learned from and scored on; classes are
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
    if groups is None:
        groups = copies(frame, y)
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
