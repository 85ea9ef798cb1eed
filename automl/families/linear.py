"""Linear models: logistic regression and ridge on scaled, one-hot features; text counts word by word."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from automl.families import threads as blas
from automl.families.base import Config, Family, Fitted, nothing_inside
from automl.features.pipeline import Features, Needs

# Inverse regularisation strengths. The search starts at 1, goes down while that is better on the
# validation rows, else up: three fits where all would be six.
LADDER = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
START = LADDER.index(1.0)
MAX_STEPS = 200
QUICK_STEPS = 20  # of a first answer, where a full fit could take long
LONG = 5_000_000  # stored values × outputs from which it could
KNOTS = 5


def bends_of(matrix, count):
    """Where the line of each number may bend: `count` values at even shares of the rows."""
    filled = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) > 0.5 * matrix.shape[0])
    columns, at = [], []
    for column in filled[:200]:
        values = matrix[:, [column]].toarray()[:, 0]
        knots = np.unique(np.quantile(values, np.linspace(0, 1, count + 2)[1:-1]))
        if len(knots) > 2:  # else it is no number but a flag
            columns += [column] * len(knots)
            at += list(knots)
    return np.array(columns, dtype=np.int64), np.array(at, dtype=np.float64)


def bent(matrix, columns, at):
    """How far each value lies past each bend."""
    own, place = np.unique(columns, return_inverse=True)
    return np.maximum(matrix[:, own].toarray().astype(np.float64)[:, place] - at, 0)


def fit_linear(X, y, task, classes, replay, sample_weight=None):
    """`solved` with the threads of the build: the same bits on every machine."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(replay["threads"]):
        return solved(X, y, task, classes, replay, sample_weight)


def solved(X, y, task, classes, replay, sample_weight=None):
    """Coefficients of shape (features, outputs), intercepts, and the codes of the classes seen."""
    import warnings

    from scipy import sparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    matrix, y, bends = X.matrix.astype(np.float64), np.asarray(y), {}
    if replay["knots"]:
        columns, at = bends_of(X.matrix, replay["knots"])
        if len(at):
            bends = {"bend_columns": columns, "bend_at": at}
            matrix = sparse.csr_matrix(sparse.hstack([matrix, bent(X.matrix, columns, at)]))
    seen = np.zeros(0, dtype=np.int64) if task == "regression" else np.unique(y)
    if len(seen) == 1:
        return {"coef": np.zeros((matrix.shape[1], 1)), "intercept": np.zeros(1), "seen": seen, **bends}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a bounded number of steps is meant
        if task == "regression":
            center = float(np.average(y, weights=sample_weight))
            spread = float(np.sqrt(np.average((y - center) ** 2, weights=sample_weight))) or 1.0
            solver = "lsqr" if replay["wide"] else "auto"
            model = Ridge(alpha=1 / replay["C"], solver=solver, tol=1e-6, max_iter=10 * replay["max_iter"])
            model.fit(matrix, (y - center) / spread, sample_weight=sample_weight)
            coef, intercept = model.coef_.reshape(1, -1) * spread, model.intercept_ * spread + center
        else:
            model = LogisticRegression(C=replay["C"], max_iter=replay["max_iter"], tol=1e-4, solver="lbfgs")
            model.fit(matrix, y, sample_weight=sample_weight)
            coef, intercept = model.coef_, model.intercept_
    return {"coef": coef.T, "intercept": np.atleast_1d(intercept), "seen": seen, **bends}


def predict_linear(model, X, task, classes):
    coef, width = model["coef"], X.matrix.shape[1]
    raw = np.asarray(X.matrix @ coef[:width]) + model["intercept"]
    if "bend_at" in model:
        raw = raw + bent(X.matrix, model["bend_columns"], model["bend_at"]) @ coef[width:]
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
    library, extra = "sklearn.linear_model", "scikit-learn"
    needs = Needs(categories="onehot", scale=True, impute=True, text="tfidf", sparse=True)

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        return [Config("Linear"), Config("Linear with bends", {"knots": KNOTS})]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        return {
            "C": trial.suggest_float("C", 1e-3, 1e2, log=True),
            "knots": trial.suggest_categorical("knots", [0, 3, KNOTS, 9]),
        }

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedLinear:  # fmt: skip
        # One thread whatever was given: on matrices of this shape two wait for each other most of
        # the time (0.3 s became 1.2 s), and one gives the same bits on every machine.
        base = {"threads": 1, "max_iter": MAX_STEPS, "wide": X.matrix.shape[1] > 2_000, "knots": 0}
        base |= {k: params[k] for k in base if k in params}
        found: dict[int, tuple[float, FittedLinear]] = {}
        spent, stored = 0.0, max(X.matrix.nnz, 1) * max(classes, 1)

        def attempt(place: int, strength: float, steps: int) -> float:
            nonlocal spent
            started = time.monotonic()
            replay = {**base, "C": strength, "max_iter": steps}
            with blas.at_most(replay["threads"]):
                model = solved(X, y, task, classes, replay, sample_weight)
            spent = time.monotonic() - started
            score = 0.0
            if validation is not None and metric is not None:
                p = predict_linear(model, validation[0], task, classes)
                score = metric.sign * metric.score(validation[1], p, sample_weight=validation[2])
                if on_iteration:
                    on_iteration(len(found), metric.sign * score, nothing_inside)
            if place not in found or score >= found[place][0]:
                found[place] = (score, FittedLinear(model, task, classes, replay))
            return score

        def time_for_another() -> bool:
            return deadline is None or time.monotonic() + spent < deadline

        steps, fixed = base["max_iter"], params.get("C")
        first = LADDER[START] if fixed is None else fixed
        if deadline is not None and "max_iter" not in params and stored > LONG:
            attempt(START, first, QUICK_STEPS)
            left = (deadline - time.monotonic()) / max(spent / QUICK_STEPS, 1e-9)
            steps = int(min(MAX_STEPS, left / 1.2))
            if steps <= QUICK_STEPS:
                return found[START][1]
        best = attempt(START, first, steps)
        if fixed is None and validation is not None and metric is not None:
            for way in (range(START - 1, -1, -1), range(START + 1, len(LADDER))):
                for place in way:
                    if not time_for_another():
                        break
                    score = attempt(place, LADDER[place], steps)
                    if score <= best:
                        break
                    best = score
                if min(found) < START - 1:  # smaller was better: larger won't be
                    break
        return max(found.values(), key=lambda pair: pair[0])[1]

    def load(self, folder: Path) -> FittedLinear:
        document = json.loads((folder / "linear.json").read_text(encoding="utf-8"))
        with np.load(folder / "linear.npz", allow_pickle=False) as arrays:
            model = {name: arrays[name] for name in arrays.files}
        return FittedLinear(model, document["task"], document["classes"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(inspect.getsource(f) for f in (bends_of, bent, solved, fit_linear, predict_linear))
