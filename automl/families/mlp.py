"""A neural network on scaled features, stopped at its best epoch on the validation rows."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Config, Family, Fitted
from automl.features.pipeline import Features, Needs
from automl.metrics import METRICS, Metric

MAX_EPOCHS = 120
PATIENCE = 12
EPOCHS_ALONE = 40  # without validation rows


def start_mlp(y, task, replay, sample_weight=None):
    """An untrained network, and the targets it trains on (values are standardised)."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    settings = {k: v for k, v in replay.items() if k not in ("epochs", "threads")}
    if task == "regression":
        center = float(np.average(y, weights=sample_weight))
        spread = float(np.sqrt(np.average((y - center) ** 2, weights=sample_weight))) or 1.0
        return MLPRegressor(**settings), (y - center) / spread, center, spread
    return MLPClassifier(**settings), y, 0.0, 1.0


def fit_mlp(X, y, task, classes, replay, sample_weight=None):
    """Layers of weights after exactly `epochs` passes over the rows."""
    from threadpoolctl import threadpool_limits

    network, target, center, spread = start_mlp(y, task, replay, sample_weight)
    more = {} if task == "regression" else {"classes": np.arange(classes)}
    with threadpool_limits(replay["threads"]):
        for _ in range(replay["epochs"]):
            network.partial_fit(X.matrix, target, sample_weight=sample_weight, **more)
            more = {}
    return {
        "weights": [w.copy() for w in network.coefs_],
        "biases": [b.copy() for b in network.intercepts_],
        "center": center,
        "spread": spread,
    }


def predict_mlp(model, X, task, classes):
    signal = X.matrix.astype(np.float64)
    for number, (weight, bias) in enumerate(zip(model["weights"], model["biases"])):  # noqa: B905
        signal = signal @ weight + bias
        if number < len(model["weights"]) - 1:
            signal = np.maximum(signal, 0)
    if task == "regression":
        return signal[:, 0] * model["spread"] + model["center"]
    if classes == 2:
        p = 1 / (1 + np.exp(-np.clip(signal[:, 0], -500, 500)))
        return np.column_stack([1 - p, p])
    shifted = np.exp(signal - signal.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


class FittedMLP(Fitted):
    def __init__(
        self,
        model: dict[str, Any],
        task: str,
        classes: int,
        replay: dict[str, Any],
        curve: tuple[float, ...] = (),
    ) -> None:
        self.model, self.task, self.classes, self.replay, self.curve = model, task, classes, replay, curve

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        return predict_mlp(self.model, X, self.task, self.classes)

    def save(self, folder: Path) -> None:
        arrays = {f"weight{i}": w for i, w in enumerate(self.model["weights"])}
        arrays |= {f"bias{i}": b for i, b in enumerate(self.model["biases"])}
        np.savez(folder / "mlp.npz", **arrays)
        document = {"task": self.task, "classes": self.classes, "replay": self.replay}
        document |= {"center": self.model["center"], "spread": self.model["spread"]}
        (folder / "mlp.json").write_text(json.dumps(document), encoding="utf-8")


class MLP(Family):
    key, label = "mlp", "Neural network"
    library, extra = "sklearn.neural_network", "scikit-learn"
    needs = Needs(categories="onehot", scale=True, impute=True, text="svd")
    copies = 8.0

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        return [
            Config(
                "Neural network", {"hidden_layer_sizes": [128, 64], "learning_rate_init": 1e-3, "alpha": 1e-3}
            ),
            Config(
                "Neural network, wide",
                {"hidden_layer_sizes": [256], "learning_rate_init": 2e-3, "alpha": 1e-1},
            ),
        ]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        width = trial.suggest_int("width", 32, 256, log=True)
        layers = trial.suggest_int("layers", 1, 3)
        return {
            "hidden_layer_sizes": [width] * layers,
            "learning_rate_init": trial.suggest_float("learning_rate_init", 3e-4, 1e-2, log=True),
            "alpha": trial.suggest_float("alpha", 1e-5, 1.0, log=True),
        }

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedMLP:  # fmt: skip
        if "epochs" in params:
            return FittedMLP(fit_mlp(X, y, task, classes, params, sample_weight), task, classes, params)
        from threadpoolctl import threadpool_limits

        # One thread whatever was given: a step on some hundred rows is so short that two threads wait
        # for each other (10 times slower on a busy machine), and one gives the same bits everywhere.
        replay = {
            "random_state": seed,
            "batch_size": int(min(max(32, len(y) // 50), 512, len(y))),
            "threads": 1,
            **params,
        }
        if metric is None:
            validation = None
        network, target, center, spread = start_mlp(y, task, replay, sample_weight)
        more = {} if task == "regression" else {"classes": np.arange(classes)}
        best: tuple[float, int, dict[str, Any]] | None = None
        record: list[float] = []
        smooth = _smooth(metric, validation[1], task) if validation is not None else None
        with threadpool_limits(1):
            for epoch in range(1, (EPOCHS_ALONE if smooth is None else MAX_EPOCHS) + 1):
                network.partial_fit(X.matrix, target, sample_weight=sample_weight, **more)
                more = {}
                model = {
                    "weights": network.coefs_,
                    "biases": network.intercepts_,
                    "center": center,
                    "spread": spread,
                }
                score = float(epoch)  # with nothing to judge by, the last is the best
                if smooth is not None:
                    p = predict_mlp(model, validation[0], task, classes)
                    score = smooth.sign * smooth.score(validation[1], p, sample_weight=validation[2])
                    record.append(smooth.sign * score)
                    if on_iteration:
                        on_iteration(epoch, record[-1])
                if best is None or score > best[0]:
                    kept = {k: [a.copy() for a in v] if isinstance(v, list) else v for k, v in model.items()}
                    best = (score, epoch, kept)
                elif epoch - best[1] >= PATIENCE:
                    break
                if deadline and time.monotonic() > deadline:
                    break
        return FittedMLP(best[2], task, classes, {**replay, "epochs": best[1]}, tuple(record))

    def load(self, folder: Path) -> FittedMLP:
        document = json.loads((folder / "mlp.json").read_text(encoding="utf-8"))
        with np.load(folder / "mlp.npz", allow_pickle=False) as arrays:
            layers = len(arrays.files) // 2
            model = {
                "weights": [arrays[f"weight{i}"] for i in range(layers)],
                "biases": [arrays[f"bias{i}"] for i in range(layers)],
                "center": document["center"],
                "spread": document["spread"],
            }
        return FittedMLP(model, document["task"], document["classes"], document["replay"])

    def notebook_source(self) -> str:
        return "\n\n".join(inspect.getsource(f) for f in (start_mlp, fit_mlp, predict_mlp))


def _smooth(metric: Metric, y: np.ndarray, task: str) -> Metric:
    """What the best epoch is chosen by: the build's metric, or log loss where that jumps or is blind."""
    if metric.needs == "labels" or (task != "regression" and len(np.unique(y)) < 2):
        return METRICS["log_loss"]
    return metric
