"""Numbers: as they are for trees; filled, marked and scaled for models that need it."""

from __future__ import annotations

from typing import Any, Self

import numpy as np


class Numbers:
    """A block of numeric columns.

    With `impute`, missing values become the median and a 0/1 column marks them where the training
    rows had any. With `scale`, values are centred and divided by their standard deviation, then
    clipped at ±10 so that one wild value can't rule a linear model.
    """

    def __init__(self, impute: bool, scale: bool) -> None:
        self.impute, self.scale = impute, scale

    def fit(self, matrix: np.ndarray, names: list[str]) -> Self:
        self.names = list(names)
        finite = np.isfinite(matrix)
        with np.errstate(all="ignore"):
            self.fill = np.array(
                [np.median(c[f]) if f.any() else 0.0 for c, f in zip(matrix.T, finite.T, strict=True)]
            )
        self.marked = np.flatnonzero((~finite).any(axis=0)) if self.impute else np.array([], dtype=int)
        filled = np.where(finite, matrix, self.fill) if matrix.size else matrix
        self.center = filled.mean(axis=0) if self.scale else np.zeros(len(self.names))
        spread = filled.std(axis=0) if self.scale else np.ones(len(self.names))
        self.spread = np.where(spread > 1e-12, spread, 1.0)
        return self

    def transform(self, matrix: np.ndarray) -> np.ndarray:
        finite = np.isfinite(matrix)
        if self.impute:
            out = np.where(finite, matrix, self.fill)
            if self.scale:
                out = np.clip((out - self.center) / self.spread, -10, 10)
            return np.hstack([out, (~finite)[:, self.marked].astype(float)])
        return matrix

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
