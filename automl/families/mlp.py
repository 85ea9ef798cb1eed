"""A neural network of our own (see network.py), stopped at its best round on the validation rows."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from automl.families import network
from automl.families import threads as blas
from automl.families.base import Config, Family, Fitted, in_parts
from automl.families.network_state import figures
from automl.features.pipeline import Features, Needs
from automl.metrics import METRICS, Metric

ROUNDS = 40  # after each, the validation rows are looked at and the clock too
MIN_EPOCHS, ROWS_SEEN = 8, 1_200_000  # with many rows: as many passes over them as see so many
MIN_BATCH, MAX_BATCH, BATCHES = 32, 256, 8  # a pass over the rows has at least so many batches
MARGIN = 0.05  # of the time is left when the schedule ends
PROBE_STEPS = 4  # that tell how many members the time allows
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
        with blas.at_most(1):  # see `MLP.fit`: two threads wait for each other
            return in_parts(
                lambda rows: network.predict_mlp(self.model, rows, self.task, self.classes),
                X,
                threads,
                network.CHUNK,
            )

    def save(self, folder: Path) -> None:
        np.savez(folder / "mlp.npz", **self.model)
        document = {"task": self.task, "classes": self.classes, "replay": self.replay}
        (folder / "mlp.json").write_text(json.dumps(document), encoding="utf-8")


class MLP(Family):
    key, label = "mlp", "Neural network"
    needs = Needs(categories="codes", impute=True, text="svd")
    base_mb = 80.0

    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        straight = {"bins": 0, "learning_rate": 0.03, "epochs": 40}
        wide = {"members": 2, "hidden": [256, 256], "dropout": 0.35}
        return [
            Config("Neural network", DEFAULT),
            Config("Neural network, straight", DEFAULT | straight),
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
        done, record, end = [], [], None
        if deadline is not None:
            end = deadline - MARGIN * (deadline - time.monotonic())
        with blas.at_most(1):
            training = network.Training(X, y, task, classes, replay, sample_weight)
            if end is not None and replay["members"] > 1:
                replay["members"] = _affordable(training, end)
                training.start(replay["members"])
            begun = time.monotonic()
            while training.progress < 1:
                left = ROUNDS - len(done)
                if end is not None and done:
                    # What is left of the schedule is shared among the rounds that still fit.
                    now = time.monotonic()
                    left = min(left, int((end - now) / (now - begun) * len(done)))
                    if left < 1:
                        break
                progress = 1.0 if left == 1 else training.progress + (1 - training.progress) / left
                training.round(progress)
                done.append(progress)
                if smooth is None:
                    continue
                p = network.predict_mlp(training.model, validation[0], task, classes)
                record.append(smooth.score(validation[1], p, sample_weight=validation[2]))
                if on_iteration:
                    on_iteration(len(done), record[-1], lambda: figures(training))
                score = smooth.sign * record[-1]
                if best is None or score > best[0]:
                    best = (score, len(done), training.trained())
        model, rounds = (training.trained(), len(done)) if best is None else (best[2], best[1])
        return FittedMLP(model, task, classes, {**replay, "progress": done[:rounds]}, tuple(record))

    def memory_mb(self, rows: int, features: int, classes: int) -> float:
        return super().memory_mb(rows, features, classes) + features * WEIGHTS_MB

    def predict_us(self, replay: dict[str, Any], classes: int) -> float:
        widths = [128, *replay["hidden"], max(classes, 1)]
        weights = sum(a * b for a, b in zip(widths[:-1], widths[1:], strict=True)) * replay["members"]
        return 1.0 + weights / 40_000

    def load(self, folder: Path) -> FittedMLP:
        document = json.loads((folder / "mlp.json").read_text(encoding="utf-8"))
        with np.load(folder / "mlp.npz", allow_pickle=False) as arrays:
            model = {name: arrays[name] for name in arrays.files}
        return FittedMLP(model, document["task"], document["classes"], document["replay"])

    def notebook_source(self) -> str:
        return inspect.getsource(network)


def _affordable(training: network.Training, end: float) -> int:
    """How many members see the rows as often as they should until then: worth more than many that don't."""
    replay = training.replay
    training.step(1.0)  # the first takes longer
    begun = time.monotonic()
    for _ in range(PROBE_STEPS):
        training.step(1.0)
    now = time.monotonic()
    whole = (now - begun) / PROBE_STEPS * replay["steps"] * ROUNDS
    return int(np.clip(replay["members"] * (end - now) / whole, 1, replay["members"]))


def _smooth(metric: Metric, y: np.ndarray, task: str) -> Metric:
    """What the best round is chosen by: the build's metric, or log loss where that jumps or is blind."""
    if metric.needs == "labels" or (task != "regression" and len(np.unique(y)) < 2):
        return METRICS["log_loss"]
    return metric
