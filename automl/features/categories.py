"""Categories: one column a value, or integer codes; rare and unseen values have a place of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import repeat
from typing import Any, Self

import numpy as np

MAX_CODES = 1000  # codes for boosters; what is rarer shares one code
MAX_SPARSE = 1000  # one-hot columns that cost nothing where they are 0
# One-hot columns of a dense matrix: as many as fit into so many cells, all columns together.
DENSE_CELLS = 30_000_000
MIN_DENSE, MAX_DENSE = 20, 300
MAX_SHARES = 50_000  # values whose frequency is kept


def room_for_values(how: str, sparse: bool, rows: int, columns: int) -> int:
    """How many values of one of `columns` categorical columns keep a place of their own.

    >>> room_for_values("onehot", False, 4000, 2), room_for_values("onehot", False, 1_000_000, 10)
    (300, 20)
    """
    if how == "codes":
        return MAX_CODES
    if sparse:
        return MAX_SPARSE
    return int(np.clip(DENSE_CELLS // max(rows * columns, 1), MIN_DENSE, MAX_DENSE))


class Categories:
    """One column of words.

    Parameters
    ----------
    how : "onehot" or "codes"
        Codes count by frequency from 0; missing is -1, what is not known is the last code.
    most : int
        The most frequent so many values are told apart. Where there are more, `frequency` tells
        common values from rare ones.
    """

    def __init__(self, how: str, most: int = MAX_CODES) -> None:
        self.how, self.most = how, most

    def fit(self, words: Iterable[str | None]) -> Self:
        counts = Counter(words)
        counts.pop(None, None)
        ranked = sorted(sorted(counts), key=counts.__getitem__, reverse=True)  # ties by name
        self.values = ranked[: self.most]
        self.shares: dict[str, float] | None = None
        if len(ranked) > self.most:
            # A value seen once says as little as one never seen.
            top = np.log1p(counts[ranked[0]])
            self.shares = {v: float(np.log1p(counts[v]) / top) for v in ranked[:MAX_SHARES] if counts[v] > 1}
        self._index()
        return self

    def _index(self) -> None:
        self.place = {v: i for i, v in enumerate(self.values)} | {None: -1}

    def codes(self, words: Iterable[str | None]) -> np.ndarray:
        """0 … for known values, len(values) for others, -1 for missing."""
        return np.fromiter(map(self.place.get, words, repeat(len(self.values))), dtype=np.int64)

    def frequency(self, words: Iterable[str | None]) -> np.ndarray:
        """How common each value was, on a logarithmic scale: 1 the commonest, 0 seen once or never."""
        return np.fromiter(map(self.shares.get, words, repeat(0.0)), dtype=np.float64)

    def state(self) -> dict[str, Any]:
        return {"how": self.how, "values": self.values} | ({"shares": self.shares} if self.shares else {})

    @classmethod
    def from_state(cls, document: dict[str, Any]) -> Self:
        block = cls(document["how"], max(len(document["values"]), 1))
        block.values, block.shares = document["values"], document.get("shares")
        block._index()
        return block
