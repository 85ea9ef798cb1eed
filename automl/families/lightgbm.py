from __future__ import annotations

import inspect
import time

import numpy as np

from automl.families.base import Config, Family, Fitted
from automl.features.pipeline import Needs


def fit_lightgbm(X, y, task, classes, replay, sample_weight=None):
    import lightgbm

    replay = dict(replay)
    rounds = replay.pop("num_boost_round")
    data = lightgbm.Dataset(X.matrix, y, weight=sample_weight, categorical_feature=list(X.categorical), free_raw_data=True, params={"verbose": -1})
    return lightgbm.train(replay, data, num_boost_round=rounds)


def predict_lightgbm(model, X, task, classes):
    p = model.predict(X.matrix)
    return np.column_stack([1 - p, p]) if task == "binary" else p


class FittedLightGBM(Fitted):
    def __init__(self, booster, task, replay, curve=()):
        self.booster, self.task, self.replay, self.curve = booster, task, replay, curve

    def predict(self, X, threads=1):
        p = self.booster.predict(X.matrix, num_threads=threads)
        return np.column_stack([1 - p, p]) if self.task == "binary" else p

    def save(self, folder):
        self.booster.save_model(str(folder / "model.txt"))
        (folder / "task.txt").write_text(self.task)


class LightGBM(Family):
    key, label, needs = "lightgbm", "LightGBM", Needs()

    def portfolio(self, task, rows, columns, classes):
        return [
            Config("LightGBM", {"learning_rate": 0.05, "num_leaves": 31}),
            Config("LightGBM, extra trees", {"learning_rate": 0.05, "extra_trees": True, "feature_fraction": 0.6}),
        ]

    def search_space(self, trial, task):
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
            "num_leaves": trial.suggest_int("num_leaves", 8, 128, log=True),
            "feature_fraction": trial.suggest_float("feature_fraction", 0.4, 1.0),
            "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 5, 100, log=True),
        }

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None, deadline=None, on_iteration=None, threads=1, seed=0):
        import lightgbm

        if "num_boost_round" in params:
            return FittedLightGBM(fit_lightgbm(X, y, task, classes, params, sample_weight), task, params)
        replay = {"objective": {"binary": "binary", "multiclass": "multiclass"}.get(task, "regression"), "verbosity": -1, "num_threads": threads, "seed": seed, "deterministic": True, **params}
        if task == "multiclass":
            replay["num_class"] = classes
        data = lightgbm.Dataset(X.matrix, y, weight=sample_weight, categorical_feature=list(X.categorical), params={"verbose": -1})
        valid = lightgbm.Dataset(validation[0].matrix, validation[1], reference=data, params={"verbose": -1})

        def stop(env):
            if deadline and time.monotonic() > deadline:
                raise lightgbm.callback.EarlyStopException(env.iteration, env.evaluation_result_list)

        stop.order = 40
        booster = lightgbm.train(replay, data, 500, valid_sets=[valid], callbacks=[lightgbm.early_stopping(40, verbose=False), stop])
        best = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
        replay = {**replay, "num_boost_round": best}
        booster = lightgbm.Booster(model_str=booster.model_to_string(num_iteration=best))
        return FittedLightGBM(booster, task, replay)

    def load(self, folder):
        import lightgbm

        return FittedLightGBM(lightgbm.Booster(model_file=str(folder / "model.txt")), (folder / "task.txt").read_text(), {})

    def notebook_source(self):
        return inspect.getsource(fit_lightgbm) + "\n\n" + inspect.getsource(predict_lightgbm)
