"""LightGBM: histogram gradient boosting with native categories and missing values."""

from __future__ import annotations

import inspect
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Config, Family, Fitted, largest_shares, split_params, strongest
from automl.families.rounds import TIMED, Course, Pace, follow
from automl.features.pipeline import Features, Needs

MAX_ROUNDS = 2_000
PATIENCE = 60
ROUNDS_ALONE = 300  # without validation rows
OBJECTIVES = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}
# Rare classes with tiny leaves make the multiclass objective diverge (docs/decisions/0002): leaves
# need some hessian, and a step is bounded.
MULTICLASS_GUARD = {"min_sum_hessian_in_leaf": 0.5, "max_delta_step": 1.0, "min_data_in_leaf": 20}


def lightgbm_data(X, y, weight=None, reference=None):
    """A Dataset: category codes are marked as such, missing ones (-1) are missing values."""
    import lightgbm

    matrix, categorical = X.matrix, list(X.categorical)
    if categorical:
        matrix = np.array(matrix)
        codes = matrix[:, categorical]
        matrix[:, categorical] = np.where(codes < 0, np.nan, codes)
    return lightgbm.Dataset(
        matrix,
        y,
        weight=weight,
        reference=reference,
        categorical_feature=categorical,
        params={"verbosity": -1},
    )


def fit_lightgbm(X, y, task, classes, replay, sample_weight=None):
    import lightgbm

    settings = {k: v for k, v in replay.items() if k not in ("features", "num_boost_round")}
    rounds = replay["num_boost_round"]
    return lightgbm.train(settings, lightgbm_data(X, y, sample_weight), num_boost_round=rounds)


def predict_lightgbm(model, X, task, classes, threads=1, trees_at_once=40):
    """Some trees at a time, where rows are many: so they stay in a core's cache (1.3 to 2 times as fast)."""
    each, rounds = model.num_model_per_iteration(), model.current_iteration()
    step = max(1, trees_at_once // each) if len(X.matrix) > 100 else max(rounds, 1)
    score = 0.0
    for first in range(0, max(rounds, 1), step):
        score = score + model.predict(
            X.matrix, raw_score=True, num_threads=threads, start_iteration=first, num_iteration=step
        )
    if task == "regression":
        return np.exp(score) if model.params.get("objective") == "poisson" else score
    if task == "binary":
        p = np.exp(-np.logaddexp(0, -score))
        return np.column_stack([1 - p, p])
    p = np.exp(score - score.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


class FittedLightGBM(Fitted):
    def __init__(
        self, booster: Any, task: str, replay: dict[str, Any], curve: tuple[float, ...] = ()
    ) -> None:
        self.booster, self.task, self.replay, self.curve = booster, task, replay, curve
        self._one_at_a_time = threading.Lock()

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        with self._one_at_a_time:  # a booster holds which trees are asked: of two callers one would get wrong values
            return predict_lightgbm(self.booster, X, self.task, 0, threads)

    def importance(self, names: Sequence[str]) -> dict[str, float]:
        return largest_shares(names, self.booster.feature_importance("gain"))

    def save(self, folder: Path) -> None:
        self.booster.save_model(str(folder / "model.txt"))
        (folder / "task.json").write_text(
            json.dumps({"task": self.task, "replay": self.replay}), encoding="utf-8"
        )


class LightGBM(Family):
    key, label, needs = "lightgbm", "LightGBM", Needs(categories="codes", text="svd")
    library = "lightgbm"

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        rate = 0.05 if rows < 100_000 and classes <= 2 else 0.1  # a tree a class: fewer rounds
        return [
            Config("LightGBM", {"learning_rate": rate, "num_leaves": 31, "feature_fraction": 0.8}),
            Config(
                "LightGBM, rich features",
                {"features": "rich", "learning_rate": rate, "num_leaves": 31, "feature_fraction": 0.6},
            ),
            Config(
                "LightGBM, extra trees",
                {"learning_rate": rate, "num_leaves": 63, "extra_trees": True, "feature_fraction": 0.5},
            ),
            Config(
                "LightGBM, small steps",
                {
                    "learning_rate": rate * 0.5,
                    "num_leaves": 15,
                    "feature_fraction": 0.4,
                    "bagging_fraction": 0.8,
                    "bagging_freq": 1,
                    "min_data_per_group": 20,
                    "cat_smooth": 20,
                },
            ),
        ]

    def for_amounts(self, rows: int) -> list[Config]:
        """Poisson: the logarithm of the mean, and twice the usual rate, since its steps are small."""
        rate = 0.1 if rows < 100_000 else 0.2
        poisson = {"objective": "poisson", "learning_rate": rate, "num_leaves": 31, "feature_fraction": 0.8}
        return [Config("LightGBM, Poisson", poisson)]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.15, log=True),
            "num_leaves": trial.suggest_int("num_leaves", 4, 128, log=True),
            "feature_fraction": trial.suggest_float("feature_fraction", 0.3, 1.0),
            "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
            "bagging_freq": 1,
            "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 5, 100, log=True),
            "lambda_l2": trial.suggest_float("lambda_l2", 1e-3, 30.0, log=True),
            "extra_trees": trial.suggest_categorical("extra_trees", [False, True]),
        }

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedLightGBM:  # fmt: skip
        if "num_boost_round" in params:
            return FittedLightGBM(fit_lightgbm(X, y, task, classes, params, sample_weight), task, params)
        import lightgbm

        params, kept = split_params(params)
        replay = {
            "objective": OBJECTIVES[task],
            "metric": "None",
            "verbosity": -1,
            "num_threads": threads,
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            # Values with fewer rows than cat_smooth are not looked at: with 20, a column of 400 values in
            # 4,000 rows counted for nothing (AUC .50, now .91); the last of the portfolio keeps 20.
            "min_data_per_group": 10,
            "cat_smooth": 5,
            "learning_rate": 0.05,
        }
        if task == "multiclass":
            replay |= {"num_class": classes} | MULTICLASS_GUARD
        replay |= params
        data = lightgbm_data(X, y, sample_weight)
        valid = [lightgbm_data(*validation, reference=data)] if validation is not None else []
        record: list[float] = []

        def watch(env: Any) -> None:
            if env.evaluation_result_list:
                record.append(float(env.evaluation_result_list[0][2]))
                if on_iteration:
                    on_iteration(
                        env.iteration, record[-1], lambda: strongest(env.model.feature_importance("gain"))
                    )
            if deadline and time.monotonic() > deadline:
                raise lightgbm.callback.EarlyStopException(env.iteration, env.evaluation_result_list or [])

        pace = Pace(deadline, X.matrix.size * max(classes, 1))
        if pace.is_needed:

            def time_a_round(env: Any) -> None:
                if not pace.tick():
                    raise lightgbm.callback.EarlyStopException(env.iteration, [])

            lightgbm.train(replay, data, TIMED + 1, callbacks=[time_a_round])
            replay["learning_rate"] = pace.rate(replay["learning_rate"])
        name = _metric_name(task, metric)
        booster = lightgbm.train(
            {**replay, "metric": name},
            data,
            MAX_ROUNDS if valid else ROUNDS_ALONE,
            valid_sets=valid,
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False), watch] if valid else [watch],
            keep_training_booster=True,  # or the rounds after the luckiest one would be gone
        )

        def model_after(rounds: int) -> FittedLightGBM:
            text = booster.model_to_string(num_iteration=rounds)
            exact = {**replay, "num_boost_round": rounds} | kept
            return FittedLightGBM(lightgbm.Booster(model_str=text), task, exact, tuple(record))

        if not record:
            return model_after(booster.current_iteration())
        return follow(Course(tuple(record), name == "auc", name == "auc", model_after))

    def predict_us(self, replay: dict[str, Any], classes: int) -> float:
        trees = replay["num_boost_round"] * (classes if classes > 2 else 1)
        return 0.004 * replay.get("num_leaves", 31) ** 0.5 * trees

    def alone_us(self, replay: dict[str, Any], classes: int) -> float:
        return self.call_us + 0.35 * replay["num_boost_round"] * (classes if classes > 2 else 1)

    def load(self, folder: Path) -> FittedLightGBM:
        import lightgbm

        document = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        booster = lightgbm.Booster(model_file=str(folder / "model.txt"))
        return FittedLightGBM(booster, document["task"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(inspect.getsource(f) for f in (lightgbm_data, fit_lightgbm, predict_lightgbm))


def _metric_name(task: str, metric: Any) -> str:
    """What early stopping looks at: near the build's metric, but smooth."""
    if task == "regression":
        return (
            "l1" if metric is not None and metric.name in ("mae", "mape", "median_absolute_error") else "l2"
        )
    if task == "binary":
        return (
            "auc"
            if metric is not None and metric.name in ("roc_auc", "average_precision")
            else "binary_logloss"
        )
    return "multi_logloss"
