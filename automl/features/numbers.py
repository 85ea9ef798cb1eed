"""Numbers: as they are for trees; filled, marked and scaled for models that need it."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

BLOCK_CELLS = 2_000_000  # of columns that are looked at together


def medians(matrix: np.ndarray, finite: np.ndarray) -> np.ndarray:
    """The median of each column's finite values, 0 where there is none: whole columns at once, as there may be thousands.

    >>> medians(np.array([[1.0, np.nan], [4.0, np.nan]]), np.array([[True, False], [True, False]])).tolist()
    [2.5, 0.0]
    """
    out, rows = np.zeros(matrix.shape[1]), len(matrix)
    whole = np.flatnonzero(finite.all(axis=0)) if rows else []
    step = max(BLOCK_CELLS // max(rows, 1), 1)
    for first in range(0, len(whole), step):
        some = whole[first : first + step]
        middle = [(rows - 1) // 2, rows // 2]
        out[some] = np.partition(matrix[:, some].T, middle, axis=1)[:, middle].mean(axis=1)
    for column in np.flatnonzero(finite.any(axis=0) & ~finite.all(axis=0)):
        out[column] = np.median(matrix[finite[:, column], column])
    return out


class Numbers:
    """A block of numeric columns.

    With `impute`, missing values become the median and a 0/1 column marks them where the training
    rows had any. With `scale`, values are centred and divided by their standard deviation, then
    clipped at ±10 so that one wild value can't rule a linear model.
    """

    def __init__(self, impute: bool, scale: bool) -> None:
        self.impute, self.scale = impute, scale

    def fit(self, matrix: np.ndarray, names: list[str]) -> Self:
        self.names, width = list(names), matrix.shape[1]
        self.fill, self.center, self.spread = np.zeros(width), np.zeros(width), np.ones(width)
        self.marked = np.array([], dtype=int)
        if not self.impute:  # nothing is asked of it
            return self
        finite = np.isfinite(matrix)
        self.fill = medians(matrix, finite)
        self.marked = np.flatnonzero((~finite).any(axis=0))
        if self.scale and matrix.size:
            filled = np.where(finite, matrix, self.fill)
            self.center, spread = filled.mean(axis=0), filled.std(axis=0)
            self.spread = np.where(spread > 1e-12, spread, 1.0)
        return self

    def transform(self, matrix: np.ndarray) -> np.ndarray:
        if not self.impute:
            return matrix
        finite = np.isfinite(matrix)
        out = np.where(finite, matrix, self.fill)
        if self.scale:
            out -= self.center
            out /= self.spread
            np.clip(out, -10, 10, out=out)
        return np.hstack([out, (~finite)[:, self.marked].astype(float)]) if len(self.marked) else out

    def output_names(self) -> list[str]:
        return self.names + [f"{self.names[i]} is missing" for i in self.marked]

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {"impute": self.impute, "scale": self.scale, "names": self.names}, {
            "fill": self.fill,
            "marked": self.marked,
            "center": self.center,
            "spread": self.spread,
        }

    @classmethod
    def from_state(cls, document: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        block = cls(document["impute"], document["scale"])
        block.names = document["names"]
        block.fill, block.marked = arrays["fill"], arrays["marked"]
        block.center, block.spread = arrays["center"], arrays["spread"]
        return block
