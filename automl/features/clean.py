"""The recipe's learned steps, fitted inside each training fold: filling missing values, clipping outliers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import numpy as np


class Clip:
    """Limits by the interquartile range: `factor` times it beyond the quartiles (Tukey 1977)."""

    def __init__(self, columns: Iterable[str], factor: float = 3.0) -> None:
        self.columns, self.factor, self.limits = list(columns), factor, {}

    def fit(self, columns: dict[str, np.ndarray]) -> Self:
        for name in self.columns:
            if name in columns and columns[name].dtype.kind == "f":
                values = columns[name][np.isfinite(columns[name])]
                if len(values):
                    low, high = np.quantile(values, [0.25, 0.75])
                    reach = self.factor * (high - low)
                    self.limits[name] = [float(low - reach), float(high + reach)]
        return self

    def transform(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {k: np.clip(v, *self.limits[k]) if k in self.limits else v for k, v in columns.items()}


class Impute:
    """Numbers get the median (or mean), words the most frequent one."""

    def __init__(self, columns: Iterable[str], numeric: str = "median") -> None:
        self.columns, self.numeric, self.values = list(columns), numeric, {}

    def fit(self, columns: dict[str, np.ndarray]) -> Self:
        for name in self.columns:
            if name not in columns:
                continue
            values = columns[name]
            if values.dtype.kind == "f":
                known = values[np.isfinite(values)]
                if len(known):
                    self.values[name] = float(np.median(known) if self.numeric == "median" else known.mean())
            elif values.dtype == object:
                known = [v for v in values if v is not None]
                if known:
                    words, counts = np.unique(np.array(known, dtype=object).astype(str), return_counts=True)
                    self.values[name] = str(words[counts.argmax()])
        return self

    def transform(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        out = dict(columns)
        for name, fill in self.values.items():
            values = columns[name]
            if values.dtype == object:
                out[name] = np.array([fill if v is None else v for v in values] + [None], dtype=object)[:-1]
            else:
                out[name] = np.where(np.isfinite(values), values, fill)
        return out
