"""The target on another scale: any family can learn the square root of an amount instead of the amount.

Amounts and counts (prices, visits, claims) scatter the more, the larger they are. Least squares on them is then
mostly about the largest few; on a root all rows count alike (Box and Cox 1964; the square root is what makes the
variance of counts even, Bartlett 1936). What is predicted is put back on the scale of the target, so that scores,
intervals, reasons and the notebook know of nothing else.

The parameters are `target_power` and, in a replay, `target_factor`: the square of a mean is less than the mean of
squares, so predictions are multiplied where the validation rows surely want it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Family, Fitted
from automl.features.pipeline import Features
from automl.metrics import Metric

SKEWED = 0.5  # skewness of a target from which on its roots are tried
POWERS = (0.5, 0.25)
NAMES = {0.5: "square root", 0.25: "fourth root"}
PARAMETERS = ("target_power", "target_factor")
SURE = 2.0  # standard errors that the factor has to be away from 1
SQUARES = ("rmse", "mse", "r2")  # metrics that the mean is best for; others are content with the root of a median


def to_scale(y, replay):
    """A target as it is learned: a root of it where the parameters say so."""
    power = replay.get("target_power", 1)
    return y if power == 1 else np.power(np.maximum(y, 0), power)


def from_scale(p, replay):
    """What was predicted there, on the scale of the target."""
    power = replay.get("target_power", 1)
    return p if power == 1 else np.power(np.maximum(p, 0), 1 / power) * replay.get("target_factor", 1.0)


def of_library(params):
    """The parameters without those of the scale."""
    return {k: v for k, v in params.items() if k not in ("target_power", "target_factor")}


def suits_roots(y: np.ndarray) -> bool:
    """Whether a numeric target is an amount or a count: never negative, with a long tail of large values.

    >>> suits_roots(np.arange(100.0) ** 2), suits_roots(np.arange(100.0)), suits_roots(np.array([-1.0, 2, 90]))
    (True, False, False)
    """
    if not len(y) or y.min() < 0:
        return False
    spread = float(np.std(y))
    if not np.isfinite(spread) or spread == 0:
        return False
    return float(np.mean(((y - np.mean(y)) / spread) ** 3)) > SKEWED


class OnScale(Fitted):
    """A fitted model of a root, as one of the target itself."""

    def __init__(self, inner: Fitted, scale: dict[str, float]) -> None:
        self.inner, self.curve, self.replay = inner, inner.curve, {**inner.replay, **scale}

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        return from_scale(self.inner.predict(X, threads), self.replay)

    def importance(self, names: Sequence[str]) -> dict[str, float]:
        return self.inner.importance(names)

    def save(self, folder: Path) -> None:
        self.inner.save(folder)


def fit(kind: Family, X: Features, y: np.ndarray, *, params: dict[str, Any], **options: Any) -> Fitted:
    """`kind.fit` on the scale that the parameters ask for; X, y and options as there."""
    scale = {k: v for k, v in params.items() if k in PARAMETERS}
    if not scale:
        return kind.fit(X, y, params=params, **options)
    validation, metric = options.get("validation"), options.get("metric")
    if validation is not None:
        options["validation"] = (validation[0], to_scale(validation[1], scale), validation[2])
    inner = kind.fit(X, to_scale(y, scale), params=of_library(params), **options)

    def put_back(fitted: Fitted) -> Fitted:
        if validation is None:
            return OnScale(fitted, scale)
        p = from_scale(fitted.predict(validation[0], options.get("threads", 1)), scale)
        return OnScale(fitted, {**scale, "target_factor": _factor(validation[1], p, validation[2], metric)})

    out, course = put_back(inner), inner.course
    if course is not None:
        out.course = replace(course, model_after=lambda rounds: put_back(course.model_after(rounds)))
    return out


def load(kind: Family, folder: Path, replay: dict[str, Any]) -> Fitted:
    """`kind.load`, on the scale that its replay tells."""
    fitted = kind.load(folder)
    scale = {k: v for k, v in replay.items() if k in PARAMETERS}
    return OnScale(fitted, scale) if scale else fitted


def _factor(y: np.ndarray, p: np.ndarray, weight: np.ndarray | None, metric: Metric | None) -> float:
    """By what predictions come nearest to the values, by least squares; 1 unless that is surely better."""
    if metric is None or metric.name not in SQUARES:
        return 1.0
    w = np.ones(len(y)) if weight is None else weight
    squares = float(np.sum(w * p * p))
    if squares <= 0 or not np.isfinite(squares):
        return 1.0
    found = float(np.sum(w * y * p)) / squares
    error = float(np.sqrt(np.sum((w * p * (y - found * p)) ** 2))) / squares
    return found if abs(found - 1) > SURE * error else 1.0
