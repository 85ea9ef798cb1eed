"""What it tells of the target in which of a few groups a row lies, for many columns at once: from counts alone."""

from __future__ import annotations

import numpy as np

from automl.data.insights.outcome import Outcome

PRIOR_ROWS = 4.0  # of the plain guess, mixed into the mean of each group
BLOCK_CELLS = 4_000_000  # columns are taken together up to so many rows × columns
LEAST_GAPS = 10


def skill_of_groups(
    codes: np.ndarray, aims: np.ndarray, folds: np.ndarray, outcome: Outcome
) -> np.ndarray:
    """The skill of guessing each row's target by the mean of its group in the other folds, shrunk to the plain guess.

    Parameters
    ----------
    codes : int array of shape (rows, columns)
        The group of each row, from 0, by each column.
    aims : array of shape (rows, outputs)
        As `Outcome.aims` gives them.
    folds : int array of shape (rows,)
    outcome : Outcome
        Of the same rows.

    Returns
    -------
    array of shape (columns,)
        From 0 to 1; see the top of `power`.

    >>> import pandas as pd
    >>> outcome = Outcome.of(pd.DataFrame({"y": ["a", "b"] * 40}), "y", number=False)
    >>> codes = np.column_stack([outcome.codes, np.zeros(80, dtype=int)])
    >>> skill_of_groups(codes, outcome.aims(), outcome.folds(4), outcome).tolist()
    [1.0, 0.0]
    """
    step = max(1, BLOCK_CELLS // max(len(codes) * aims.shape[1], 1))
    blocks = [codes[:, i : i + step] for i in range(0, codes.shape[1], step)]
    return np.concatenate([_of_block(b, aims, folds, outcome) for b in blocks]) if blocks else np.empty(0)


def _of_block(codes: np.ndarray, aims: np.ndarray, folds: np.ndarray, outcome: Outcome) -> np.ndarray:
    rows, sums = _counted(codes, aims, folds)
    plain = np.stack([aims[folds != f].mean(axis=0) for f in range(rows.shape[2])])
    others, theirs = rows.sum(axis=2, keepdims=True) - rows, sums.sum(axis=2, keepdims=True) - sums
    guesses = (theirs + PRIOR_ROWS * plain) / (others + PRIOR_ROWS)[..., None]
    shape = len(rows), -1
    rows = rows.reshape(shape)
    if outcome.is_number:
        cells = [(g.reshape(shape), s.reshape(shape)) for g, s in zip(np.moveaxis(guesses, 3, 0), np.moveaxis(sums, 3, 0), strict=True)]
        squares = [(rows * g**2).sum(axis=1) - 2 * (g * s).sum(axis=1) for g, s in cells]
        spread = ((aims - aims.mean(axis=0)) ** 2).sum(axis=0)
        errors = np.column_stack(squares) + (aims**2).sum(axis=0)
        left = np.divide(errors, spread, out=np.ones_like(errors), where=spread > 0)
        return np.clip(1 - left.min(axis=1), 0.0, 1.0)
    ginis = [ginis_of_counts(guesses[..., w].reshape(shape), sums[..., w].reshape(shape), rows) for w in range(aims.shape[1])]
    return np.clip(np.average(np.stack(ginis), axis=0, weights=outcome.shares), 0.0, 1.0)


def _counted(codes: np.ndarray, aims: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of each column, group and fold, and the sums of their targets."""
    width, groups, parts = codes.shape[1], int(codes.max(initial=0)) + 1, int(folds.max(initial=0)) + 1
    cells = ((np.arange(width) * groups + codes) * parts + folds[:, None]).ravel()
    shape = width, groups, parts
    rows = np.bincount(cells, minlength=width * groups * parts).reshape(shape).astype(np.float64)
    sums = [
        np.bincount(cells, np.repeat(aims[:, w], width), width * groups * parts).reshape(shape)
        for w in range(aims.shape[1])
    ]
    return rows, np.stack(sums, axis=-1)


def ginis_of_counts(scores: np.ndarray, wanted: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """2 × AUC − 1 of each line: cells with a score, how many of their rows are wanted, and how many there are.

    >>> ginis_of_counts(np.array([[0.1, 0.4, 0.35, 0.8]]), np.array([[0, 0, 1, 1]]), np.ones((1, 4))).tolist()
    [0.5]
    """
    order = np.argsort(scores, axis=1, kind="stable")
    scores, wanted, rows = (np.take_along_axis(a, order, axis=1) for a in (scores, wanted, rows))
    ends = np.cumsum(rows, axis=1)
    new = np.ones(scores.shape, dtype=bool)  # cells of equal scores share their mean rank
    new[:, 1:] = scores[:, 1:] != scores[:, :-1]
    last = np.ones(scores.shape, dtype=bool)
    last[:, :-1] = new[:, 1:]
    first = np.maximum.accumulate(np.where(new, ends - rows, 0), axis=1)
    end = np.minimum.accumulate(np.where(last, ends, np.inf)[:, ::-1], axis=1)[:, ::-1]
    ones = wanted.sum(axis=1)
    pairs = ones * (rows.sum(axis=1) - ones)
    ranked = (wanted * (first + end + 1) / 2).sum(axis=1) - ones * (ones + 1) / 2
    return np.where(pairs > 0, 2 * ranked / np.maximum(pairs, 1) - 1, 0.0)


def told_by_target(gaps: np.ndarray, outcome: Outcome) -> np.ndarray:
    """How well the target ranks the gaps before the other rows, 2 × AUC − 1; 0 with fewer than 10 of either.

    `gaps` are bool of shape (rows, columns).
    """
    missing = gaps.sum(axis=0).astype(np.float64)
    if outcome.is_number:
        from scipy.stats import rankdata

        ranked = rankdata(outcome.numbers) @ gaps - missing * (missing + 1) / 2
        found = np.abs(2 * ranked / np.maximum(missing * (len(gaps) - missing), 1) - 1)
    else:
        each = (outcome.codes[:, None] == np.arange(len(outcome.labels))).astype(np.float64)
        wanted, rows = (each.T @ gaps).T, np.broadcast_to(each.sum(axis=0), (gaps.shape[1], each.shape[1]))
        found = ginis_of_counts(wanted / np.maximum(rows, 1), wanted, rows)
    return np.where(np.minimum(missing, len(gaps) - missing) >= LEAST_GAPS, found, 0.0)
