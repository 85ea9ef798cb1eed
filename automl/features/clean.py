"""The recipe's learned steps, fitted inside each training fold: outliers, rare categories, missing values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np


def limits_of(values, method="iqr", factor=3.0, deviations=4.0, low=1.0, high=99.0):
    """The lowest and the highest value that is no outlier; None where all are alike or missing.

    "iqr": `factor` times the width of the middle half beyond it (Tukey 1977); "sd": so many standard `deviations`
    from the mean; "percentile": between `low` and `high`.

    >>> limits_of(np.array([1.0, 2.0, 3.0]), "percentile", low=0.0, high=50.0)
    [1.0, 2.0]
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    if method == "percentile":
        return [float(v) for v in np.percentile(values, [low, high])]
    if method == "sd":
        middle, reach = float(values.mean()), deviations * float(values.std())
        return [middle - reach, middle + reach]
    low, high = np.quantile(values, [0.25, 0.75])
    reach = factor * (high - low)
    return [float(low - reach), float(high + reach)]


class Clip:
    """Moves values beyond limits to them; see `limits_of`."""

    def __init__(self, columns: Iterable[str], factor: float = 3.0, method: str = "iqr", **more: float) -> None:
        self.columns, self.factor, self.method, self.more = list(columns), factor, method, more
        self.limits: dict[str, list[float]] = {}

    def fit(self, columns: dict[str, np.ndarray]) -> Self:
        for name in self.columns:
            if name in columns and columns[name].dtype.kind == "f":
                found = limits_of(columns[name], self.method, self.factor, **self.more)
                if found:
                    self.limits[name] = found
        return self

    def transform(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {k: np.clip(v, *self.limits[k]) if k in self.limits else v for k, v in columns.items()}


class GroupRare:
    """One category for all that fewer than `share` percent of the training rows have, and for new ones."""

    def __init__(self, columns: Iterable[str], share: float = 1.0, name: str = "Other") -> None:
        self.columns, self.share, self.name = list(columns), share, name
        self.kept: dict[str, list[str]] = {}

    def fit(self, columns: dict[str, np.ndarray]) -> Self:
        for column in self.columns:
            if column in columns and columns[column].dtype == object:
                known = [v for v in columns[column] if v is not None]
                if known:
                    words, counts = np.unique(np.array(known, dtype=object).astype(str), return_counts=True)
                    self.kept[column] = words[counts >= self.share / 100 * len(columns[column])].tolist()
        return self

    def transform(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        out = dict(columns)
        for column, kept in self.kept.items():
            known = {None, *kept}
            out[column] = np.array(
                [v if v in known else self.name for v in columns[column]] + [None], dtype=object
            )[:-1]
        return out


class Impute:
    """Numbers get the median (mean, most frequent, a fixed one), words the most frequent or a fixed one.

    With `indicator` a column of 0 and 1 says where a value was missing.
    """

    def __init__(
        self,
        columns: Iterable[str],
        numeric: str = "median",
        categorical: str = "mode",
        number: float = 0.0,
        word: str = "missing",
        indicator: bool = False,
    ) -> None:
        self.columns, self.numeric, self.categorical = list(columns), numeric, categorical
        self.number, self.word, self.indicator, self.values = number, word, indicator, {}

    def indicators(self, kinds: dict[str, str]) -> dict[str, str]:
        """The columns that it adds: their names by the column they speak of."""
        wanted = [n for n in self.columns if n in kinds and kinds[n] != "datetime"] if self.indicator else []
        made = {}
        for name in wanted:
            new = f"{name} is missing"
            while new in kinds:
                new += "_"
            made[name] = new
        return made

    def fit(self, columns: dict[str, np.ndarray]) -> Self:
        for name in self.columns:
            if name not in columns:
                continue
            values = columns[name]
            if values.dtype.kind == "f" and self.numeric != "none":
                known = values[np.isfinite(values)]
                if self.numeric == "constant":
                    self.values[name] = float(self.number)
                elif len(known):
                    self.values[name] = self._middle(known)
            elif values.dtype == object and self.categorical != "none":
                known = [v for v in values if v is not None]
                if self.categorical == "constant":
                    self.values[name] = self.word
                elif known:
                    words, counts = np.unique(np.array(known, dtype=object).astype(str), return_counts=True)
                    self.values[name] = str(words[counts.argmax()])
        return self

    def _middle(self, known: np.ndarray) -> float:
        if self.numeric == "mode":
            values, counts = np.unique(known, return_counts=True)
            return float(values[counts.argmax()])
        return float(known.mean() if self.numeric == "mean" else np.median(known))

    def transform(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        out = dict(columns)
        for name, fill in self.values.items():
            values = columns[name]
            if values.dtype == object:
                out[name] = np.array([fill if v is None else v for v in values] + [None], dtype=object)[:-1]
            else:
                out[name] = np.where(np.isfinite(values), values, fill)
        return out


def gap_of(values: np.ndarray) -> np.ndarray:
    """1 where a value is missing, else 0."""
    if values.dtype == object:
        return np.array([v is None for v in values], dtype=np.float64)
    return (~np.isfinite(values)).astype(np.float64)


LEARNED_STEPS = {"clip_outliers": Clip, "group_rare": GroupRare, "impute": Impute}


def rows_without_outliers(
    columns: dict[str, np.ndarray], steps: list[dict[str, Any]], codes: np.ndarray | None = None
) -> np.ndarray:
    """Which of the training rows are learned from, as bools: the steps that remove outliers, one after the other.

    A class (`codes`) that would lose all its rows keeps them.

    An isolation forest (Liu et al. 2008) marks the rows that are easiest to set apart from the others; a missing
    number counts as the median there, and is no outlier for the other methods.
    """
    keep = np.ones(len(next(iter(columns.values()), [])), dtype=bool)
    for step in steps:
        if step["op"] != "remove_outliers" or not keep.any():
            continue
        numbers = [columns[n][keep] for n in step["columns"] if n in columns and columns[n].dtype.kind == "f"]
        fine = np.ones(int(keep.sum()), dtype=bool)
        if step.get("method") == "forest":
            fine = _like_the_others(numbers, step.get("share", 1.0)) if numbers else fine
        else:
            ways = {k: step[k] for k in ("method", "factor", "deviations", "low", "high") if k in step}
            for values in numbers:
                if found := limits_of(values, **ways):
                    fine &= ~((values < found[0]) | (values > found[1]))
        if fine.any():
            keep[np.flatnonzero(keep)[~fine]] = False
    if codes is not None:
        keep |= ~np.isin(codes, codes[keep])
    return keep


def _like_the_others(numbers: list[np.ndarray], share: float) -> np.ndarray:
    from sklearn.ensemble import IsolationForest

    filled = []
    for values in numbers:
        known = values[np.isfinite(values)]
        filled.append(np.where(np.isfinite(values), values, np.median(known) if len(known) else 0.0))
    matrix = np.column_stack(filled)
    if len(matrix) < 3:
        return np.ones(len(matrix), dtype=bool)
    forest = IsolationForest(n_estimators=100, random_state=0).fit(matrix)
    strange = -forest.score_samples(matrix)
    most = int(len(matrix) * share / 100)
    fine = np.ones(len(matrix), dtype=bool)
    fine[np.argsort(-strange, kind="stable")[:most]] = False
    return fine
