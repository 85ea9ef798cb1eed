"""CatBoost: gradient boosting with ordered statistics of categories."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Config, Family, Fitted, largest_shares, nothing_inside, split_params
from automl.families.rounds import TIMED, Course, Pace, follow
from automl.features.pipeline import Features, Needs

MAX_ROUNDS = 2_500
PATIENCE = 60
ROUNDS_ALONE = 300  # without validation rows
# CatBoost chooses these by the data and by the number of iterations. What it chose in the fit that
# stopped early is written into the replay, or the fit with fewer iterations would be another one.
CHOSEN_BY_ITSELF = (
    "leaf_estimation_iterations",
    "leaf_estimation_method",
    "leaf_estimation_backtracking",
    "max_ctr_complexity",
    "one_hot_max_size",
    "border_count",
    "boost_from_average",
    "random_strength",
    "model_size_reg",
    "min_data_in_leaf",
    "score_function",
    "sampling_frequency",
)
LOSSES = {"binary": "Logloss", "multiclass": "MultiClass", "regression": "RMSE"}


def catboost_pool(X, y=None, weight=None):
    """A Pool: category codes as integers, the rest as numbers."""
    import catboost

    numbers = [i for i in range(X.matrix.shape[1]) if i not in set(X.categorical)]
    codes = X.matrix[:, list(X.categorical)].astype(np.int64)
    lowest, highest = codes.min(initial=0), codes.max(initial=0)  # each code is written once, not row by row
    words = np.array([str(code).encode() for code in range(lowest, highest + 1)], dtype=object)
    data = catboost.FeaturesData(
        num_feature_data=np.ascontiguousarray(X.matrix[:, numbers], dtype=np.float32) if numbers else None,
        cat_feature_data=words[codes - lowest] if X.categorical else None,
    )
    return catboost.Pool(data, y, weight=weight)


def catboost_constant(X, y, task, classes, weight=None):
    """The frequencies or the mean, where columns or target are all one value: CatBoost refuses to fit."""
    first = X.matrix[:1]
    same = (X.matrix == first) | (np.isnan(X.matrix) & np.isnan(first))
    if not same.all() and len(np.unique(np.float32(y))) > 1:  # it reads targets as float32
        return None
    if task == "regression":
        return [float(np.average(y, weights=weight))]
    counts = np.bincount(y, weight, classes)
    return (counts / counts.sum()).tolist()


def fit_catboost(X, y, task, classes, replay, sample_weight=None):
    import catboost

    constant = catboost_constant(X, y, task, classes, sample_weight)
    if constant is not None:
        return constant
    kind = catboost.CatBoostRegressor if task == "regression" else catboost.CatBoostClassifier
    settings = {k: v for k, v in replay.items() if k != "features"}
    return kind(**settings).fit(catboost_pool(X, y, sample_weight))


def predict_catboost(model, X, task, classes, threads=1):
    if isinstance(model, list):
        return (
            np.full(len(X.matrix), model[0]) if task == "regression" else np.tile(model, (len(X.matrix), 1))
        )
    kind = "RawFormulaVal" if task == "regression" else "Probability"
    return np.asarray(
        model.predict(catboost_pool(X), prediction_type=kind, thread_count=threads), dtype=np.float64
    )


class FittedCatBoost(Fitted):
    def __init__(
        self, model: Any, task: str, classes: int, replay: dict[str, Any], curve: tuple[float, ...] = ()
    ) -> None:
        self.model, self.task, self.classes, self.replay, self.curve = model, task, classes, replay, curve

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        return predict_catboost(self.model, X, self.task, self.classes, threads)

    def importance(self, names: Sequence[str]) -> dict[str, float]:
        if isinstance(self.model, list):
            return {}
        return largest_shares(names, np.asarray(self.model.get_feature_importance()))

    def save(self, folder: Path) -> None:
        constant = self.model if isinstance(self.model, list) else None
        if constant is None:
            facts = self.model.get_metadata()
            for name in ("train_finish_time", "model_guid"):  # the same fit gives the same bytes
                if name in facts:
                    del facts[name]
            self.model.save_model(str(folder / "model.cbm"))
        document = {"task": self.task, "classes": self.classes, "replay": self.replay, "constant": constant}
        (folder / "task.json").write_text(json.dumps(document), encoding="utf-8")


class CatBoost(Family):
    key, label, needs = "catboost", "CatBoost", Needs(categories="codes", text="svd")
    library = "catboost"
    call_us = 450.0
    base_mb = 120.0

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        rate = 0.05 if rows < 20_000 and classes <= 2 else 0.1  # with many classes a round is dear
        return [
            Config("CatBoost", {"learning_rate": rate, "depth": 6}),
            Config("CatBoost, rich features", {"features": "rich", "learning_rate": rate, "depth": 6}),
            Config("CatBoost, deep", {"learning_rate": rate, "depth": 8, "l2_leaf_reg": 8.0, "rsm": 0.6}),
        ]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
            "depth": trial.suggest_int("depth", 3, 9),
            "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 1.0, 30.0, log=True),
            "random_strength": trial.suggest_float("random_strength", 0.2, 5.0, log=True),
            "rsm": trial.suggest_float("rsm", 0.4, 1.0),
        }

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedCatBoost:  # fmt: skip
        if "iterations" in params:
            return FittedCatBoost(
                fit_catboost(X, y, task, classes, params, sample_weight), task, classes, params
            )
        import catboost

        params, kept = split_params(params)
        replay = {
            "loss_function": LOSSES[task],
            "learning_rate": 0.05,  # or it would be chosen by the number of iterations
            # 254 by default: three times as slow on few rows, and no better there
            "border_count": 64 if len(y) < 20_000 else 128,
            "max_ctr_complexity": 2,
            "boosting_type": "Plain",
            "bootstrap_type": "MVS",
            "subsample": 0.8,
            "thread_count": threads,
            "random_seed": seed,
            "logging_level": "Silent",
            "allow_writing_files": False,
            **({"classes_count": classes} if task == "multiclass" else {}),
            **params,
        }
        constant = catboost_constant(X, y, task, classes, sample_weight)
        if constant is not None:
            return FittedCatBoost(constant, task, classes, {**replay, "iterations": 1} | kept)
        record: list[float] = []
        name = _metric_name(task, metric)

        class Watch:
            def after_iteration(self, info: Any) -> bool:
                if validation is not None:
                    record.append(float(info.metrics["validation"][name][-1]))
                    if on_iteration:
                        on_iteration(info.iteration, record[-1], nothing_inside)
                return not (deadline and time.monotonic() > deadline)

        kind = catboost.CatBoostRegressor if task == "regression" else catboost.CatBoostClassifier
        data = catboost_pool(X, y, sample_weight)
        pace = Pace(deadline, X.matrix.size * max(classes, 1))
        if pace.is_needed:

            class TimeARound:
                def after_iteration(self, info: Any) -> bool:
                    return pace.tick()

            kind(**replay, iterations=TIMED + 1).fit(data, callbacks=[TimeARound()])
            replay["learning_rate"] = pace.rate(replay["learning_rate"])
        if validation is None:
            model = kind(**replay, iterations=ROUNDS_ALONE)
            model.fit(data, callbacks=[Watch()])
        else:
            model = kind(**replay, iterations=MAX_ROUNDS, eval_metric=name, od_type="Iter", od_wait=PATIENCE)
            model.fit(
                data,
                eval_set=catboost_pool(*validation),
                use_best_model=False,
                callbacks=[Watch()],
            )
        chosen = model.get_all_params()
        replay |= {k: chosen[k] for k in CHOSEN_BY_ITSELF if k in chosen}
        has_stumps = bool((model.get_tree_leaf_counts() < 2).any())

        def model_after(rounds: int) -> FittedCatBoost:
            exact = {**replay, "iterations": rounds}
            if has_stumps:  # shrink does not count trees without a split
                cut = fit_catboost(X, y, task, classes, exact, sample_weight)
            else:
                cut = model.copy()
                if rounds < cut.tree_count_:
                    cut.shrink(rounds)
            return FittedCatBoost(cut, task, classes, exact | kept, tuple(record))

        if not record:
            return model_after(max(model.tree_count_, 1))
        return follow(Course(tuple(record), name == "AUC", name == "AUC", model_after))

    def predict_us(self, replay: dict[str, Any], classes: int) -> float:
        return 0.5 + 0.003 * replay["iterations"]

    def alone_us(self, replay: dict[str, Any], classes: int) -> float:
        return self.call_us + 0.12 * replay["iterations"]

    def load(self, folder: Path) -> FittedCatBoost:
        import catboost

        document = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        kind = catboost.CatBoostRegressor if document["task"] == "regression" else catboost.CatBoostClassifier
        model = document["constant"]
        if model is None:
            model = kind().load_model(str(folder / "model.cbm"))
        return FittedCatBoost(model, document["task"], document["classes"], document["replay"])

    def notebook_source(self) -> str:
        functions = (catboost_pool, catboost_constant, fit_catboost, predict_catboost)
        return "\n\n".join(inspect.getsource(f) for f in functions)


def _metric_name(task: str, metric: Any) -> str:
    if task == "regression":
        return (
            "MAE"
            if metric is not None and metric.name in ("mae", "mape", "median_absolute_error")
            else "RMSE"
        )
    if task == "binary":
        return "AUC" if metric is not None and metric.name in ("roc_auc", "average_precision") else "Logloss"
    return "MultiClass"
