"""XGBoost: gradient boosting with native categories and missing values."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import (
    Config,
    Family,
    Fitted,
    in_parts,
    largest_shares,
    split_params,
    strongest,
)
from automl.families.rounds import TIMED, Course, Pace, follow
from automl.features.pipeline import Features, Needs

MAX_ROUNDS = 1_500
PATIENCE = 60
ROUNDS_ALONE = 300  # without validation rows
OBJECTIVES = {"binary": "binary:logistic", "multiclass": "multi:softprob", "regression": "reg:squarederror"}


def xgboost_matrix(X, known):
    """The columns with missing (-1) and unknown category codes as missing values."""
    matrix = np.array(X.matrix, dtype=np.float32)
    for column, most in zip(X.categorical, known):  # noqa: B905
        codes = matrix[:, column]
        matrix[(codes < 0) | (codes > most), column] = np.nan
    return matrix


def xgboost_data(X, y=None, weight=None, threads=1, known=None):
    """A DMatrix: category codes are marked as such."""
    import xgboost

    matrix = xgboost_matrix(X, known_codes(X) if known is None else known)
    types = ["c" if i in set(X.categorical) else "q" for i in range(matrix.shape[1])]
    return xgboost.DMatrix(
        matrix, y, weight=weight, feature_types=types, enable_categorical=True, nthread=threads
    )


def fit_xgboost(X, y, task, classes, replay, sample_weight=None):
    import xgboost

    settings = {k: v for k, v in replay.items() if k not in ("features", "num_boost_round")}
    rounds = replay["num_boost_round"]
    data = xgboost_data(X, y, sample_weight, settings["nthread"])
    return xgboost.train(settings, data, num_boost_round=rounds), known_codes(X)


def known_codes(X):
    """The largest code of each categorical column in the training rows."""
    return [int(X.matrix[:, column].max(initial=-1)) for column in X.categorical]


def predict_xgboost(model, X, task, classes, threads=1):
    booster, known = model
    p = booster.inplace_predict(xgboost_matrix(X, known), validate_features=False).astype(np.float64)
    if task == "binary":
        return np.column_stack([1 - p, p])
    return p / p.sum(axis=1, keepdims=True) if task == "multiclass" else p


class FittedXGBoost(Fitted):
    def __init__(
        self, model: tuple[Any, list[int]], task: str, replay: dict[str, Any], curve: tuple[float, ...] = ()
    ) -> None:
        self.model, self.task, self.replay, self.curve = model, task, replay, curve
        self._alone = False

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        if not self._alone:  # or it takes all cores, and they wait for each other
            self.model[0].set_param({"nthread": 1})
            self._alone = True
        return in_parts(lambda rows: predict_xgboost(self.model, rows, self.task, 0), X, threads)

    def importance(self, names: Sequence[str]) -> dict[str, float]:
        gains = np.zeros(len(names))
        for name, gain in self.model[0].get_score(importance_type="total_gain").items():
            gains[int(name.removeprefix("f"))] = gain
        return largest_shares(names, gains)

    def save(self, folder: Path) -> None:
        self.model[0].save_model(str(folder / "model.ubj"))
        document = {"task": self.task, "replay": self.replay, "known": self.model[1]}
        (folder / "task.json").write_text(json.dumps(document), encoding="utf-8")


class XGBoost(Family):
    key, label, needs = "xgboost", "XGBoost", Needs(categories="codes", text="svd")
    library, extra = "xgboost", "xgboost-cpu"  # the package named xgboost brings CUDA along
    call_us = 900.0

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        rate = 0.06 if rows < 100_000 and classes <= 2 else 0.1  # a tree a class: fewer rounds
        return [
            Config("XGBoost", {"eta": rate, "max_depth": 6, "subsample": 0.8, "colsample_bytree": 0.8}),
            Config(
                "XGBoost, rich features",
                {"features": "rich", "eta": rate, "max_depth": 6, "subsample": 0.8, "colsample_bytree": 0.5},
            ),
            Config(
                "XGBoost, shallow",
                {
                    "eta": rate,
                    "max_depth": 3,
                    "subsample": 0.9,
                    "colsample_bytree": 0.6,
                    "min_child_weight": 3,
                },
            ),
        ]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        return {
            "eta": trial.suggest_float("eta", 0.015, 0.2, log=True),
            "max_depth": trial.suggest_int("max_depth", 3, 9),
            "subsample": trial.suggest_float("subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1.0),
            "min_child_weight": trial.suggest_float("min_child_weight", 0.5, 20.0, log=True),
            "lambda": trial.suggest_float("lambda", 0.1, 20.0, log=True),
        }

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedXGBoost:  # fmt: skip
        if "num_boost_round" in params:
            return FittedXGBoost(fit_xgboost(X, y, task, classes, params, sample_weight), task, params)
        import xgboost

        params, kept = split_params(params)
        replay = {
            "objective": OBJECTIVES[task],
            "tree_method": "hist",
            "nthread": threads,
            "seed": seed,
            "verbosity": 0,
            "max_cat_to_onehot": 8,
            "eta": 0.05,
            **({"num_class": classes} if task == "multiclass" else {}),
            **params,
        }
        if task == "regression":
            replay["base_score"] = float(np.average(y, weights=sample_weight))
        name = _metric_name(task, metric)
        data = xgboost_data(X, y, sample_weight, threads)
        known = known_codes(X)
        pace = Pace(deadline, X.matrix.size * max(classes, 1))
        if pace.is_needed:

            class TimeARound(xgboost.callback.TrainingCallback):
                def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
                    return not pace.tick()

            xgboost.train(replay, data, num_boost_round=TIMED + 1, callbacks=[TimeARound()])
            replay["eta"] = pace.rate(replay["eta"])
        valid = [] if validation is None else [(xgboost_data(*validation, threads, known), "valid")]
        record: list[float] = []

        class Watch(xgboost.callback.TrainingCallback):
            def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
                if valid:
                    record.append(float(evals_log["valid"][name][-1]))
                    if on_iteration:
                        on_iteration(epoch, record[-1], lambda: _strongest(model))
                return bool(deadline and time.monotonic() > deadline)

        callbacks: list[Any] = [Watch()]
        if valid:
            callbacks.append(
                xgboost.callback.EarlyStopping(rounds=PATIENCE, metric_name=name, data_name="valid")
            )
        booster = xgboost.train(
            {**replay, "eval_metric": name},
            data,
            num_boost_round=MAX_ROUNDS if valid else ROUNDS_ALONE,
            evals=valid,
            verbose_eval=False,
            callbacks=callbacks,
        )

        def model_after(rounds: int) -> FittedXGBoost:
            exact = {**replay, "num_boost_round": rounds} | kept
            return FittedXGBoost((booster[:rounds], known), task, exact, tuple(record))

        if not record:
            return model_after(booster.num_boosted_rounds())
        return follow(Course(tuple(record), name == "auc", name == "auc", model_after))

    def predict_us(self, replay: dict[str, Any], classes: int) -> float:
        return (
            0.0036 * replay.get("max_depth", 6) * replay["num_boost_round"] * (classes if classes > 2 else 1)
        )

    def alone_us(self, replay: dict[str, Any], classes: int) -> float:
        return self.call_us + 0.9 * replay["num_boost_round"] * (classes if classes > 2 else 1)

    def load(self, folder: Path) -> FittedXGBoost:
        import xgboost

        document = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        booster = xgboost.Booster(model_file=str(folder / "model.ubj"))
        return FittedXGBoost((booster, document["known"]), document["task"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(
            inspect.getsource(f)
            for f in (xgboost_matrix, xgboost_data, known_codes, fit_xgboost, predict_xgboost)
        )


def _metric_name(task: str, metric: Any) -> str:
    if task == "regression":
        return (
            "mae"
            if metric is not None and metric.name in ("mae", "mape", "median_absolute_error")
            else "rmse"
        )
    if task == "binary":
        return "auc" if metric is not None and metric.name in ("roc_auc", "average_precision") else "logloss"
    return "mlogloss"


def _strongest(model: Any) -> dict[str, float]:
    return strongest([*model.get_score(importance_type="total_gain").values()])
