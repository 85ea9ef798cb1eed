"""The target as insights use it: codes of classes or numbers, and the rows that are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.copies import copies
from automl.data.profile import numbers_of
from automl.types import Label

MOST_CLASSES = 20  # told apart; rarer ones are one class together
CLIPPED = (0.005, 0.995)  # quantiles: a few huge values must not decide alone
LEAST_ROWS = 20  # below it nothing is said about a target
DISTINCT_ROWS = 0.5  # share of rows that differ from each other, below which copies are cases of their own


@dataclass(frozen=True)
class Outcome:
    """A target's known values.

    `rows` are positions in the table, `codes` positions in `labels` (−1 where the target is a number),
    `numbers` the values (empty where the target is a class), `shares` how frequent each class is.
    """

    name: str
    rows: np.ndarray
    codes: np.ndarray
    numbers: np.ndarray
    labels: tuple[Label, ...] = ()
    shares: tuple[float, ...] = ()

    @property
    def is_number(self) -> bool:
        return not self.labels

    @classmethod
    def of(cls, frame: pd.DataFrame, target: str, *, number: bool) -> Outcome:
        """Read the target, as a number or as classes.

        >>> Outcome.of(pd.DataFrame({"y": ["b", "a", None]}), "y", number=False).labels
        ('a', 'b')
        """
        column = frame[target]
        if number:
            values = numbers_of(column).to_numpy(dtype=np.float64)
            rows = np.flatnonzero(np.isfinite(values))
            return cls(target, rows, np.full(len(rows), -1), values[rows])
        rows = np.flatnonzero(column.notna().to_numpy(dtype=bool))
        codes, labels = _classes(column.iloc[rows])
        shares = np.bincount(codes, minlength=len(labels)) / max(len(codes), 1)
        return cls(target, rows, codes, np.empty(0), labels, tuple(shares.tolist()))

    def take(self, which: np.ndarray) -> Outcome:
        """Some of the rows; the shares stay those of all."""
        numbers = self.numbers[which] if self.is_number else self.numbers
        return Outcome(self.name, self.rows[which], self.codes[which], numbers, self.labels, self.shares)

    def sample(self, frame: pd.DataFrame, most: int, seed: int = 0) -> Outcome:
        """At most so many rows: copies of a row once, and of rare classes as many rows as there are.

        A copy on both sides of a fold would let any column look as if it knew the target. How frequent
        a class is changes no ranking, so that rare ones may be drawn more often.
        """
        which = np.arange(len(self.rows))
        repeated = copies(frame.iloc[self.rows])
        if 0 < repeated.sum() < (1 - DISTINCT_ROWS) * len(which):
            which = which[~repeated]
        if len(which) > most:
            rng = np.random.default_rng(seed)
            if self.is_number:
                which = rng.choice(which, most, replace=False)
            else:
                mixed = rng.permutation(which)
                order = mixed[np.argsort(_rank_in_class(self.codes[mixed]), kind="stable")]
                which = order[:most]
        return self.take(np.sort(which))

    def aims(self) -> np.ndarray:
        """What a small model predicts, of shape (rows, outputs): one column a class, or value and rank.

        Numbers are clipped at their 0.5 % and 99.5 % quantiles, and both columns have mean 0 and
        spread 1.
        """
        if not self.is_number:
            return (self.codes[:, None] == np.arange(len(self.labels))).astype(np.float64)
        from scipy.stats import rankdata

        clipped = np.clip(self.numbers, *np.quantile(self.numbers, CLIPPED))
        both = np.column_stack([clipped, rankdata(self.numbers)])
        spread = both.std(axis=0)
        return (both - both.mean(axis=0)) / np.where(spread > 0, spread, 1.0)

    def folds(self, count: int, seed: int = 0) -> np.ndarray:
        """A fold's number for every row; classes are spread evenly."""
        mixed = np.random.default_rng(seed).permutation(len(self.rows))
        out = np.empty(len(mixed), dtype=np.int64)
        out[mixed] = _rank_in_class(self.codes[mixed]) % count
        return out


def _classes(values: pd.Series) -> tuple[np.ndarray, tuple[Label, ...]]:
    codes, found = pd.factorize(values)
    order = np.argsort(np.array([str(v) for v in found], dtype=object), kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    codes = place[codes]
    labels = [v.item() if isinstance(v, np.generic) else v for v in (found[i] for i in order)]
    if len(labels) > MOST_CLASSES:
        counts = np.bincount(codes)
        kept = np.sort(np.argsort(-counts, kind="stable")[: MOST_CLASSES - 1])
        new = np.full(len(labels), len(kept))
        new[kept] = np.arange(len(kept))
        codes, labels = new[codes], [*(labels[i] for i in kept), "other"]
    return codes, tuple(labels)


def _rank_in_class(codes: np.ndarray) -> np.ndarray:
    """The how-manieth row of its class each row is."""
    order = np.argsort(codes, kind="stable")
    sizes = np.unique(codes[order], return_counts=True)[1]
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    out = np.empty(len(codes), dtype=np.int64)
    out[order] = np.arange(len(codes)) - starts
    return out
