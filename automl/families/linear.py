"""Linear models: logistic regression and ridge on scaled, one-hot features; text counts word by word."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Config, Family, Fitted
from automl.features.pipeline import Features, Needs

# Inverse regularisation strengths tried on the validation rows, the likeliest first.
STRENGTHS = (1.0, 0.1, 10.0, 0.01)


def fit_linear(X, y, task, classes, replay, sample_weight=None):
    """Coefficients of shape (features, outputs), intercepts, and the codes of the classes seen."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from threadpoolctl import threadpool_limits

    X, y = X.matrix.astype(np.float64), np.asarray(y)
    with threadpool_limits(replay["threads"]):
        if task == "regression":
            center = float(np.average(y, weights=sample_weight))
            spread = float(np.sqrt(np.average((y - center) ** 2, weights=sample_weight))) or 1.0
            model = Ridge(alpha=1 / replay["C"], solver="lsqr" if replay["wide"] else "auto", tol=1e-6)
            model.fit(X, (y - center) / spread, sample_weight=sample_weight)
            return {
                "coef": model.coef_.reshape(1, -1).T * spread,
                "intercept": np.atleast_1d(model.intercept_ * spread + center),
                "seen": np.zeros(0, dtype=np.int64),
            }
        seen = np.unique(y)
        if len(seen) == 1:
            return {
                "coef": np.zeros((X.shape[1], 1)),
                "intercept": np.zeros(1),
                "seen": seen,
            }
        model = LogisticRegression(C=replay["C"], max_iter=replay["max_iter"], tol=1e-4, solver="lbfgs")
        model.fit(X, y, sample_weight=sample_weight)
        return {"coef": model.coef_.T, "intercept": model.intercept_, "seen": seen}


def predict_linear(model, X, task, classes):
    raw = np.asarray(X.matrix @ model["coef"]) + model["intercept"]
    if task == "regression":
        return raw[:, 0]
    seen, out = model["seen"], np.zeros((raw.shape[0], classes))
    if len(seen) == 1:
        out[:, seen[0]] = 1.0
    elif len(seen) == 2:
        p = 1 / (1 + np.exp(-np.clip(raw[:, 0], -500, 500)))
        out[:, seen[0]], out[:, seen[1]] = 1 - p, p
    else:
        shifted = np.exp(raw - raw.max(axis=1, keepdims=True))
        out[:, seen] = shifted / shifted.sum(axis=1, keepdims=True)
    return out


class FittedLinear(Fitted):
    def __init__(self, model: dict[str, np.ndarray], task: str, classes: int, replay: dict[str, Any]) -> None:
        self.model, self.task, self.classes, self.replay = model, task, classes, replay

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        return predict_linear(self.model, X, self.task, self.classes)

    def save(self, folder: Path) -> None:
        np.savez(folder / "linear.npz", **self.model)
        document = {"task": self.task, "classes": self.classes, "replay": self.replay}
        (folder / "linear.json").write_text(json.dumps(document), encoding="utf-8")


class Linear(Family):
    key, label = "linear", "Linear"
    library = "sklearn.linear_model"
    needs = Needs(categories="onehot", scale=True, impute=True, text="tfidf", sparse=True)

    def portfolio(self, task, rows, columns, classes):
        return [Config("Linear")]

    def search_space(self, trial, task):
        return {"C": trial.suggest_float("C", 1e-3, 1e2, log=True)}

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedLinear:  # fmt: skip
        import warnings

        from sklearn.exceptions import ConvergenceWarning

        base = {"threads": threads, "max_iter": 200, "wide": X.matrix.shape[1] > 2_000}
        tries = [params["C"]] if "C" in params else list(STRENGTHS)
        if validation is None or metric is None:
            tries = tries[:1]
        best: tuple[float, dict[str, np.ndarray], dict[str, Any]] | None = None
        spent = 0.0
        for i, strength in enumerate(tries):
            started = time.monotonic()
            if best is not None and deadline and started + spent > deadline:
                break
            replay = {**base, "C": strength} | {k: params[k] for k in base if k in params}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # a bounded number of steps is meant
                model = fit_linear(X, y, task, classes, replay, sample_weight)
            spent = max(spent, time.monotonic() - started)
            if len(tries) == 1:
                return FittedLinear(model, task, classes, replay)
            p = predict_linear(model, validation[0], task, classes)
            score = metric.sign * metric.score(validation[1], p, sample_weight=validation[2])
            if on_iteration:
                on_iteration(i, metric.sign * score)
            if best is None or score > best[0]:
                best = (score, model, replay)
        return FittedLinear(best[1], task, classes, best[2])

    def load(self, folder: Path) -> FittedLinear:
        document = json.loads((folder / "linear.json").read_text(encoding="utf-8"))
        with np.load(folder / "linear.npz", allow_pickle=False) as arrays:
            model = {name: arrays[name] for name in arrays.files}
        return FittedLinear(model, document["task"], document["classes"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(inspect.getsource(f) for f in (fit_linear, predict_linear))
