"""The baseline: class frequencies, or the mean (the median where absolute errors count)."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Config, Family, Fitted
from automl.features.pipeline import Features, Needs

ABSOLUTE = ("mae", "mape", "median_absolute_error")


def fit_prior(X, y, task, classes, replay, sample_weight=None):
    """The same answer for every row."""
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    if task == "regression":
        if not replay["median"]:
            return np.array([np.average(y, weights=weight)])
        order = np.argsort(y, kind="stable")
        reached = np.cumsum(weight[order])
        middle = [np.searchsorted(reached, reached[-1] / 2, side) for side in ("left", "right")]
        return np.array([np.mean(y[order][np.minimum(middle, len(y) - 1)])])
    counts = np.bincount(y, weight, classes)
    return counts / counts.sum()


def predict_prior(model, X, task, classes):
    rows = X.matrix.shape[0]
    return np.full(rows, model[0]) if task == "regression" else np.tile(model, (rows, 1))


class FittedPrior(Fitted):
    def __init__(self, values: np.ndarray, task: str, replay: dict[str, Any]) -> None:
        self.values, self.task, self.replay = values, task, replay

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        return predict_prior(self.values, X, self.task, len(self.values))

    def save(self, folder: Path) -> None:
        document = {"values": self.values.tolist(), "task": self.task, "replay": self.replay}
        (folder / "prior.json").write_text(json.dumps(document), encoding="utf-8")


class Prior(Family):
    key, label, needs = "prior", "Baseline", Needs(nothing=True)

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        return [Config("Baseline")]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        return {}

    def fit(self, X, y, *, task, classes, params, sample_weight=None, metric=None, **_: Any) -> FittedPrior:
        median = params.get("median", metric is not None and metric.name in ABSOLUTE)
        replay = {"median": bool(median)}
        return FittedPrior(fit_prior(X, y, task, classes, replay, sample_weight), task, replay)

    def load(self, folder: Path) -> FittedPrior:
        document = json.loads((folder / "prior.json").read_text(encoding="utf-8"))
        return FittedPrior(np.array(document["values"]), document["task"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(inspect.getsource(f) for f in (fit_prior, predict_prior))
