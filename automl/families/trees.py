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
FEW_ROWS = 32  # up to so many, all trees are walked at once
BATCH_ROWS = 20_000


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


def taken_apart(model: Any, task: str, classes: int) -> list[dict[str, np.ndarray]]:
    """The trees that a forest of scikit-learn has, as arrays of a quarter of their size; the forest forgets them, but their number."""
    found = []
    for place, estimator in enumerate(model.estimators_):
        if estimator is None:
            continue
        tree, model.estimators_[place] = estimator.tree_, None
        leaf = tree.children_left < 0
        if not (leaf | (tree.children_left == np.arange(tree.node_count) + 1)).all():
            raise ValueError("the trees are not laid out depth first")
        value = tree.value[leaf, 0, :]
        if task != "regression":
            spread = np.zeros((len(value), classes))
            spread[:, model.classes_] = value / value.sum(axis=1, keepdims=True)
            value = spread
        threshold = tree.threshold.astype(np.float32)
        threshold = np.where(threshold > tree.threshold, np.nextafter(threshold, -np.inf), threshold)
        found.append(
            {
                "right": np.where(leaf, 0, tree.children_right).astype(np.int32),
                "feature": np.maximum(tree.feature, 0).astype(np.int32),
                "threshold": np.where(leaf, 0, threshold).astype(np.float32),
                "value": value,
            }
        )
    return found


class FittedTrees(Fitted):
    """The trees as flat arrays: quick to load, quick for one row, scikit-learn's own answers.

    Children of node i stand at i + 1 and right[i]; a leaf has right = 0, and its row of `value` at
    the place of leaves counted so far. Thresholds are rounded down to float32, which decides every
    float32 value the same.
    """

    def __init__(self, arrays: dict[str, np.ndarray], task: str, replay: dict[str, Any]) -> None:
        self.arrays, self.task, self.replay = arrays, task, replay
        right, start = arrays["right"], arrays["start"].astype(np.int32)
        node = np.arange(len(right), dtype=np.int32)
        leaf = right == 0
        own = np.repeat(start, np.diff([*start, len(right)]))
        # A leaf leads to itself, so that a row which has arrived stays while others go on.
        self.child = np.stack([np.where(leaf, node, node + 1), np.where(leaf, node, right + own)], axis=1)
        self.leaf, self.place, self.start = leaf, np.cumsum(leaf, dtype=np.int32) - 1, start

    @classmethod
    def of(cls, trees: list[dict[str, np.ndarray]], task: str, replay: dict[str, Any]) -> FittedTrees:
        """A forest of trees that were taken apart."""
        arrays = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
        counts = [len(tree["right"]) for tree in trees]
        arrays["start"] = np.cumsum([0, *counts[:-1]]).astype(np.int64)
        return cls(arrays, task, replay)

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        rows, value = X.matrix.shape[0], self.arrays["value"]
        out = np.empty((rows, value.shape[1]))
        step = max(1, 2_000_000 // (len(self.start) * value.shape[1]))
        find = self._leaves_by_level if rows <= FEW_ROWS else self._leaves_by_tree
        for begin in range(0, rows, BATCH_ROWS):
            at = find(X.matrix[begin : begin + BATCH_ROWS], threads)
            for first in range(0, len(at), step):
                part = value[self.place[at[first : first + step]]]
                out[begin + first : begin + first + len(part)] = part.mean(axis=1)
        return out[:, 0] if self.task == "regression" else out

    def _leaves_by_level(self, matrix: np.ndarray, threads: int) -> np.ndarray:
        """The leaf of each row in each tree, all trees at once: best for few rows."""
        feature, threshold = self.arrays["feature"], self.arrays["threshold"]
        at, row = np.tile(self.start, (len(matrix), 1)), np.arange(len(matrix))[:, None]
        while not self.leaf[at].all():
            right = matrix[row, feature[at]] > threshold[at]
            at = self.child[at, right.astype(np.int8)]
        return at

    def _leaves_by_tree(self, matrix: np.ndarray, threads: int) -> np.ndarray:
        """The same with scikit-learn's own walk, tree by tree: best for many rows."""
        from concurrent.futures import ThreadPoolExecutor

        from sklearn.tree._tree import NODE_DTYPE, Tree

        matrix = np.ascontiguousarray(matrix, dtype=np.float32)
        at = np.empty((len(matrix), len(self.start)), dtype=np.int32)
        ends = [*self.start[1:], len(self.leaf)]

        def walk(number: int) -> None:
            begin, end = self.start[number], ends[number]
            leaf, right = self.leaf[begin:end], self.arrays["right"][begin:end]
            nodes = np.zeros(end - begin, dtype=NODE_DTYPE)
            nodes["left_child"] = np.where(leaf, -1, np.arange(1, len(leaf) + 1))
            nodes["right_child"] = np.where(leaf, -1, right)
            nodes["feature"] = np.where(leaf, -2, self.arrays["feature"][begin:end])
            nodes["threshold"] = self.arrays["threshold"][begin:end]
            tree = Tree(matrix.shape[1], np.array([1], dtype=np.intp), 1)
            values = np.zeros((len(nodes), 1, 1))
            tree.__setstate__({"max_depth": 0, "node_count": len(nodes), "nodes": nodes, "values": values})
            at[:, number] = tree.apply(matrix) + begin

        with ThreadPoolExecutor(max(threads, 1)) as pool:
            list(pool.map(walk, range(len(self.start))))
        return at

    def save(self, folder: Path) -> None:
        np.savez(folder / "trees.npz", **self.arrays)
        (folder / "trees.json").write_text(
            json.dumps({"task": self.task, "replay": self.replay}), encoding="utf-8"
        )


class Trees(Family):
    key, label = "trees", "Extra trees"
    library, extra = "sklearn.ensemble", "scikit-learn"
    call_us = 500.0
    needs = Needs(categories="onehot", impute=True, text="svd")
    copies = 6.0

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        leaf = 2 if rows < 20_000 else 5
        return [
            Config(
                "Extra trees",
                {"min_samples_leaf": leaf, "max_features": 0.5 if task == "regression" else "sqrt"},
            ),
            Config(
                "Extra trees, more columns",
                {"min_samples_leaf": 2 * leaf, "max_features": 1.0 if task == "regression" else 0.5},
            ),
        ]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        return {
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 20, log=True),
            "max_features": trial.suggest_float("max_features", 0.15, 1.0),
        }

    def memory_mb(self, rows: int, features: int, classes: int) -> float:
        return (
            super().memory_mb(rows, features, classes)
            + TREES * rows * 2 * (24 + 8 * max(classes, 1)) / 2 / 2**20
        )

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedTrees:  # fmt: skip
        if "n_estimators" in params:
            model = fit_trees(X, y, task, classes, params, sample_weight)
            return FittedTrees.of(taken_apart(model, task, classes), task, params)
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        replay = {"n_estimators": TREES, "n_jobs": threads, "random_state": seed, **params}
        kind = ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier
        model, spent, trees = kind(**{**replay, "n_estimators": 0}, warm_start=True), 0.0, []
        while model.n_estimators < TREES:
            started = time.monotonic()
            if model.n_estimators and deadline and started + spent > deadline:
                break
            model.n_estimators += STEP if model.n_estimators else min(STEP, 10)
            model.n_estimators = min(model.n_estimators, TREES)
            model.fit(X.matrix, y, sample_weight=sample_weight)
            trees += taken_apart(model, task, classes)  # now, as all of a forest fill the memory
            spent = (time.monotonic() - started) * (5 if model.n_estimators <= 10 else 1)
        replay["n_estimators"] = model.n_estimators
        return FittedTrees.of(trees, task, replay)

    def predict_us(self, replay: dict[str, Any], classes: int) -> float:
        return (0.12 + 0.018 * max(classes, 1)) * replay["n_estimators"]

    def load(self, folder: Path) -> FittedTrees:
        document = json.loads((folder / "trees.json").read_text(encoding="utf-8"))
        with np.load(folder / "trees.npz", allow_pickle=False) as arrays:
            return FittedTrees({n: arrays[n] for n in arrays.files}, document["task"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(inspect.getsource(f) for f in (fit_trees, predict_trees))
