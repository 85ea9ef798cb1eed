"""A neural network of our own (see network.py), stopped at its best round on the validation rows."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from automl.families import network
from automl.families.base import Config, Family, Fitted
from automl.features.pipeline import Features, Needs
from automl.metrics import METRICS, Metric

ROUNDS = 40  # after each, the validation rows are looked at and the clock too
MIN_EPOCHS, ROWS_SEEN = 8, 1_200_000  # with many rows: as many passes over them as see so many
MIN_BATCH, MAX_BATCH, BATCHES = 32, 256, 8  # a pass over the rows has at least so many batches
SAFETY = 0.95  # of the time: the schedule ends then
WEIGHTS_MB = 0.08  # of a column's weights in the first layer, with what a step of Adam keeps of each
DEFAULT = {
    "members": 4,
    "hidden": [128, 128],
    "bins": 12,
    "learning_rate": 0.02,
    "weight_decay": 0.02,
    "dropout": 0.2,
    "epochs": 32,
}


class FittedMLP(Fitted):
    def __init__(
        self,
        model: dict[str, np.ndarray],
        task: str,
        classes: int,
        replay: dict[str, Any],
        curve: tuple[float, ...] = (),
    ) -> None:
        self.model, self.task, self.classes, self.replay, self.curve = model, task, classes, replay, curve

    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        return network.predict_mlp(self.model, X, self.task, self.classes)

    def save(self, folder: Path) -> None:
        trained = {"target"}  # learned in float64; all else in float32, which loses nothing
        np.savez(
            folder / "mlp.npz",
            **{
                k: v.astype(np.float32) if v.dtype == np.float64 and k not in trained else v
                for k, v in self.model.items()
            },
        )
        document = {"task": self.task, "classes": self.classes, "replay": self.replay}
        (folder / "mlp.json").write_text(json.dumps(document), encoding="utf-8")


class MLP(Family):
    key, label = "mlp", "Neural network"
    needs = Needs(categories="codes", impute=True, text="svd")
    base_mb = 80.0

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        gentle = {"learning_rate": 0.01, "epochs": 20, "dropout": 0.3, "bins": 0}
        wide = {"members": 2, "hidden": [256, 256], "epochs": 64, "dropout": 0.05}
        return [
            Config("Neural network", DEFAULT),
            Config("Neural network, gentle", DEFAULT | gentle),
            Config("Neural network, wide", DEFAULT | wide),
        ]

    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        width = trial.suggest_categorical("width", [64, 128, 256])
        return {
            "members": {64: 8, 128: 4, 256: 2}[width],
            "hidden": [width] * trial.suggest_int("layers", 1, 3),
            "bins": trial.suggest_categorical("bins", [0, 6, 12, 24]),
            "learning_rate": trial.suggest_float("learning_rate", 5e-3, 5e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-3, 1.0, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
            "epochs": trial.suggest_int("epochs", 12, 64, log=True),
        }

    def fit(self, X, y, *, task, classes, params, sample_weight=None, validation=None, metric=None,
            deadline=None, on_iteration=None, threads=1, seed=0) -> FittedMLP:  # fmt: skip
        if "progress" in params:
            model = network.fit_mlp(X, y, task, classes, params, sample_weight)
            return FittedMLP(model, task, classes, params)
        from threadpoolctl import threadpool_limits

        # One thread whatever was given: a step on some hundred rows is so short that two threads wait
        # for each other (10 times slower on a busy machine), and one gives the same bits everywhere.
        settings = {**DEFAULT, **params}
        rows = len(y)
        batch = min(rows, max(MIN_BATCH, min(MAX_BATCH, rows // BATCHES)))
        epochs = min(settings.pop("epochs"), max(MIN_EPOCHS, ROWS_SEEN // rows))
        steps = max(1, round(epochs * (rows // batch) / ROUNDS))
        replay = {"seed": seed, "batch_size": batch, "steps": steps, "threads": 1, **settings}
        if metric is None:
            validation = None
        smooth = _smooth(metric, validation[1], task) if validation is not None else None
        best: tuple[float, int, dict[str, np.ndarray]] | None = None
        started = begun = time.monotonic()
        with threadpool_limits(1):
            training, done, record = network.Training(X, y, task, classes, replay, sample_weight), [], []
            while training.progress < 1:
                left = ROUNDS - len(done)
                if deadline is not None and done:
                    now = time.monotonic()
                    fit = int((started + SAFETY * (deadline - started) - now) / (now - begun) * len(done))
                    if fit < 1:
                        break
                    if fit < left and len(done) == 1 and replay["members"] > 1:
                        # Fewer members that see the rows as often as they should are worth more.
                        replay["members"] = max(1, replay["members"] * fit // left)
                        begun, best = now, None
                        training, done, record = (
                            network.Training(X, y, task, classes, replay, sample_weight),
                            [],
                            [],
                        )
                        continue
                    left = min(
                        left, fit
                    )  # what is left of the schedule is shared among the rounds that still fit
                progress = 1.0 if left == 1 else training.progress + (1 - training.progress) / left
                training.round(progress)
                done.append(progress)
                if smooth is None:
                    continue
                p = network.predict_mlp(training.model, validation[0], task, classes)
                record.append(smooth.score(validation[1], p, sample_weight=validation[2]))
                if on_iteration:
                    on_iteration(len(done), record[-1])
                score = smooth.sign * record[-1]
                if best is None or score > best[0]:
                    best = (score, len(done), training.trained())
        model, rounds = (training.trained(), len(done)) if best is None else (best[2], best[1])
        return FittedMLP(model, task, classes, {**replay, "progress": done[:rounds]}, tuple(record))

    def memory_mb(self, rows: int, features: int, classes: int) -> float:
        return super().memory_mb(rows, features, classes) + features * WEIGHTS_MB

    def load(self, folder: Path) -> FittedMLP:
        document = json.loads((folder / "mlp.json").read_text(encoding="utf-8"))
        with np.load(folder / "mlp.npz", allow_pickle=False) as arrays:
            model = network.ready({name: arrays[name] for name in arrays.files})
        return FittedMLP(model, document["task"], document["classes"], document["replay"])

    def notebook_source(self) -> str:
        return inspect.getsource(network)


def _smooth(metric: Metric, y: np.ndarray, task: str) -> Metric:
    """What the best round is chosen by: the build's metric, or log loss where that jumps or is blind."""
    if metric.needs == "labels" or (task != "regression" and len(np.unique(y)) < 2):
        return METRICS["log_loss"]
    return metric
