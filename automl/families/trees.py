"""Extra trees: many random trees, averaged. Different mistakes than boosting, good in ensembles."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Config, Family, Fitted
from automl.features.pipeline import Features, Needs

STEP = 50  # trees are grown in steps, so that the clock can stop them
TREES = 300


def fit_trees(X, y, task, classes, replay, sample_weight=None):
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    kind = ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier
    return kind(**replay).fit(X.matrix, y, sample_weight=sample_weight)


def predict_trees(model, X, task, classes):
    if task == "regression":
        return model.predict(X.matrix)
    out = np.zeros((X.matrix.shape[0], classes))
    out[:, model.classes_] = model.predict_proba(X.matrix)
    return out


class FittedTrees(Fitted):
    """The trees as flat arrays: small to load, quick for one row, exactly scikit-learn's answers."""

    def __init__(self, arrays: dict[str, np.ndarray], task: str, replay: dict[str, Any]) -> None:
        self.arrays, self.task, self.replay = arrays, task, replay

    @classmethod
    def of(cls, model: Any, task: str, classes: int, replay: dict[str, Any]) -> FittedTrees:
        trees = [e.tree_ for e in model.estimators_]
        starts = np.cumsum([0] + [t.node_count for t in trees[:-1]])
        leaf = []
        for t in trees:
            value = t.value[:, 0, :]
            if task != "regression":
                value = value / value.sum(axis=1, keepdims=True)
                spread = np.zeros((len(value), classes))
                spread[:, model.classes_] = value
                value = spread
            leaf.append(value)

        def child(t: Any, side: np.ndarray, start: int) -> np.ndarray:
            own = np.arange(t.node_count)
            return np.where(t.children_left < 0, own, side) + start  # a leaf points to itself

        arrays = {
            "left": np.concatenate(
                [child(t, t.children_left, s) for t, s in zip(trees, starts, strict=True)]
            ),
            "right": np.concatenate(
                [child(t, t.children_right, s) for t, s in zip(trees, starts, strict=True)]
            ),
            "feature": np.concatenate([np.maximum(t.feature, 0) for t in trees]).astype(np.int32),
            "threshold": np.concatenate([t.threshold for t in trees]),
            "value": np.concatenate(leaf),
            "start": starts.astype(np.int64),
            "depth": np.array(max(t.max_depth for t in trees)),
        }
        arrays["left"], arrays["right"] = arrays["left"].astype(np.int32), arrays["right"].astype(np.int32)
        return cls(arrays, task, replay)

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        a, rows = self.arrays, X.matrix.shape[0]
        out = np.empty((rows, a["value"].shape[1]))
        step = max(1, 400_000 // len(a["start"]))
        for begin in range(0, rows, step):
            part = X.matrix[begin : begin + step]
            at = np.tile(a["start"], (len(part), 1))
            row = np.arange(len(part))[:, None]
            for _ in range(int(a["depth"])):
                right = part[row, a["feature"][at]] > a["threshold"][at]
                at = np.where(right, a["right"][at], a["left"][at])
            out[begin : begin + step] = a["value"][at].mean(axis=1)
        return out[:, 0] if self.task == "regression" else out

    def save(self, folder: Path) -> None:
        np.savez_compressed(folder / "trees.npz", **self.arrays)
        (folder / "trees.json").write_text(
            json.dumps({"task": self.task, "replay": self.replay}), encoding="utf-8"
        )


class Trees(Family):
    key, label = "trees", "Extra trees"
    library = "sklearn.ensemble"
    needs = Needs(categories="onehot", impute=True, text="svd")
    copies = 6.0

    def portfolio(self, task, rows, columns, classes):
        leaf = 2 if rows < 20_000 else 5
        return [
            Config(
                "Extra trees",
                {"min_samples_leaf": leaf, "max_features": 0.5 if task == "regression" else "sqrt"},
            )
        ]

    def search_space(self, trial, task):
        return {
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 20, log=True),
            "max_features": trial.suggest_float("max_features", 0.15, 1.0),
        }

    def memory_mb(self, rows, features, classes):
        return (
            super().memory_mb(rows, features, classes)
            + TREES * rows * 2 * (24 + 8 * max(classes, 1)) / 2 / 2**20
        )

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedTrees:  # fmt: skip
        if "n_estimators" in params:
            model = fit_trees(X, y, task, classes, params, sample_weight)
            return FittedTrees.of(model, task, classes, params)
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        replay = {"n_estimators": TREES, "n_jobs": threads, "random_state": seed, **params}
        kind = ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier
        model, spent = kind(**{**replay, "n_estimators": 0}, warm_start=True), 0.0
        while model.n_estimators < TREES:
            started = time.monotonic()
            if model.n_estimators and deadline and started + spent > deadline:
                break
            model.n_estimators += STEP if model.n_estimators else min(STEP, 10)
            model.n_estimators = min(model.n_estimators, TREES)
            model.fit(X.matrix, y, sample_weight=sample_weight)
            spent = (time.monotonic() - started) * (5 if model.n_estimators <= 10 else 1)
        replay["n_estimators"] = model.n_estimators
        return FittedTrees.of(model, task, classes, replay)

    def load(self, folder: Path) -> FittedTrees:
        document = json.loads((folder / "trees.json").read_text(encoding="utf-8"))
        with np.load(folder / "trees.npz", allow_pickle=False) as arrays:
            return FittedTrees({n: arrays[n] for n in arrays.files}, document["task"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(inspect.getsource(f) for f in (fit_trees, predict_trees))
