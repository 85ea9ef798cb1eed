"""The inside of a worker process: fits one candidate on fold after fold, and saves each fitted part.

Started by engine.pool with the number of a socket it inherited. Everything it is sent comes from
its own parent. The test rows are not among the data it can see.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import time
from dataclasses import replace
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from automl import memory
from automl.engine.watch import Reporter
from automl.engine.workfolder import WorkFolder
from automl.families import family, target_scale
from automl.families.base import Fitted
from automl.families.rounds import Course, best_round_of_all
from automl.features.clean import rows_without_outliers
from automl.features.pipeline import Features, Needs, TableFeatures, values_of
from automl.metrics import METRICS
from automl.store import room

log = logging.getLogger(__name__)

TRAIN_ROWS = 500  # of each fold that are predicted again, to tell what was learned by heart
AGREEING_FOLDS = 3  # of an order: so many and more choose their number of rounds together


class Fitter:
    """Holds the training rows and the features of each fold, so that candidates share them."""

    def __init__(self, folder: Path) -> None:
        self.work = WorkFolder(folder)
        self.job = self.work.read_job()
        self.y, self.weight = self.work.read_target()
        self.folds = self.work.read_folds()
        self.metric = METRICS[self.job["metric"]].for_outcome(self.job["positive"], self.job["threshold"])
        self._fold_rows: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._features: dict[tuple[str, int], tuple[TableFeatures, Features, Features | None]] = {}

    @cached_property
    def typed(self) -> pd.DataFrame:
        """The training rows; the baseline, which the parent scores, needs none of them."""
        return self.work.read_typed()

    @memory.few_collections()
    def features(self, needs: Needs, fold: int) -> tuple[Features, Features | None]:
        """Features of a fold's training and validation rows, learned from the training rows only.

        Fold -1 is all rows, with nothing to validate on.
        """
        key = (needs.key, fold)
        if key not in self._features:
            held = sum(map(_cells, self._features.values()))
            # of other kinds first, then the oldest
            for old in sorted(self._features, key=lambda k: k[0] == needs.key):
                if held > self.job["cache_cells"]:
                    held -= _cells(self._features.pop(old))
            train, valid = self._rows(fold)
            rows = pd.DataFrame(index=range(len(self.y))) if needs.nothing else self.typed
            table = TableFeatures(needs, self.job["kinds"], learned=self.job["learned"])
            weight = None if self.weight is None else self.weight[train]
            x_train = table.fit_transform(
                rows.iloc[train],
                self.y[train],
                task=self.job["task"],
                classes=self.job["classes"],
                sample_weight=weight,
            )
            x_valid = table.transform(rows.iloc[valid]) if len(valid) else None
            self.work.save_features(needs, fold, table)
            self._features[key] = (table, x_train, x_valid)
        _, x_train, x_valid = self._features[key]
        return x_train, x_valid

    def _rows(self, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows to learn from, without those that the recipe finds to be outliers among them, and to validate on."""
        if fold not in self._fold_rows:
            train, valid = np.arange(len(self.y)), np.array([], dtype=int)
            if fold >= 0:
                train, valid = self.folds.train_rows(fold), self.folds.valid_rows(fold)
            if any(step["op"] == "remove_outliers" for step in self.job["learned"]):
                columns = values_of(self.typed.iloc[train], self.typed.columns)
                codes = self.y[train] if self.job["classes"] else None
                train = train[rows_without_outliers(columns, self.job["learned"], codes)]
            self._fold_rows[fold] = train, valid
        return self._fold_rows[fold]

    def fit_fold(
        self, order: dict[str, Any], fold: int, deadline: float | None, send: Any = None
    ) -> tuple[Fitted, float]:
        """Fit one candidate on one fold, telling its states; returns it and the seconds it took."""
        kind = family(order["family"])
        started = time.monotonic()
        x_train, x_valid = self.features(kind.needs_for(order["params"]), fold)
        train, valid = self._rows(fold)
        fitted = target_scale.fit(
            kind,
            x_train,
            self.y[train],
            task=self.job["task"],
            classes=self.job["classes"],
            params=order["params"],
            sample_weight=self._weight(train),
            validation=None
            if x_valid is None or order.get("replay")
            else (x_valid, self.y[valid], self._weight(valid)),
            metric=self.metric,
            deadline=deadline,
            on_iteration=Reporter(fold, send) if send else None,
            threads=self.job["threads"],
            seed=self.job["seed"] + max(fold, 0),
        )
        return fitted, time.monotonic() - started

    def report(self, order: dict[str, Any], fold: int, fitted: Fitted, seconds: float) -> dict[str, Any]:
        """Save what was fitted on a fold; returns its validation predictions and what it took."""
        _save(fitted, self.work.member(order["number"], fold))
        message = {
            "kind": "fold",
            "fold": fold,
            "seconds": seconds,
            "replay": fitted.replay,
            "curve": fitted.curve,
            "rows": len(self._rows(fold)[0]),
        }
        x_train, x_valid = self.features(family(order["family"]).needs_for(order["params"]), fold)
        if x_valid is not None:
            started = time.monotonic()
            prediction = fitted.predict(x_valid, threads=self.job["threads"])
            message["predict_seconds"] = time.monotonic() - started
            if not np.isfinite(prediction).all():
                raise ValueError("it predicted values that are not finite")
            _, valid = self._rows(fold)
            message["prediction"] = prediction
            message["score"] = self.metric.score(
                self.y[valid], prediction, sample_weight=self._weight(valid)
            )
            message["train_score"] = self._train_score(fitted, x_train, fold)
            message["importance"] = _importance(fitted, x_train)
        return message

    def _train_score(self, fitted: Fitted, x_train: Features, fold: int) -> float:
        """The score on some of the rows that were learned from, beside which the other one can be held."""
        train, _ = self._rows(fold)
        some = np.unique(np.linspace(0, len(train) - 1, TRAIN_ROWS).astype(int))
        rows = train[some]
        prediction = fitted.predict(replace(x_train, matrix=x_train.matrix[some]), threads=self.job["threads"])
        return float(self.metric.score(self.y[rows], prediction, sample_weight=self._weight(rows)))

    def _weight(self, rows: np.ndarray) -> np.ndarray | None:
        return None if self.weight is None else self.weight[rows]

    def run(self, order: dict[str, Any], send: Any) -> None:
        """Fit the folds of an order; what is left of its time is shared among the folds to come."""
        folds, done = order["folds"], []
        for position, fold in enumerate(folds):
            deadline = None
            if order["deadline"]:
                left = order["deadline"] - time.monotonic()
                deadline = time.monotonic() + left / (len(folds) - position)
            fitted, seconds = self.fit_fold(order, fold, deadline, send)
            send(self.report(order, fold, fitted, seconds))
            if fitted.course is not None:
                done.append((fold, fitted.course, seconds))
            del fitted  # before the next one is fitted: two forests fill the memory
        if len(done) == len(folds) >= AGREEING_FOLDS and not self.folds.ordered:
            self._agree(order, done, send)
        send({"kind": "done"})

    def _agree(self, order: dict[str, Any], done: list[tuple[int, Course, float]], send: Any) -> None:
        """Report the folds of a booster again, now with the number of rounds that is best for all."""
        rounds = best_round_of_all([course for _, course, _ in done])
        for fold, course, seconds in done:
            if order["deadline"] and time.monotonic() > order["deadline"]:
                return  # each is sound as it is
            agreed = min(rounds, len(course.scores))
            if agreed != course.best:
                send(self.report(order, fold, course.model_after(agreed), seconds))


def _save(fitted: Fitted, folder: Path) -> None:
    """Written beside and then moved: what is there can be loaded, even if this process is killed while it saves again."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    fitted.save(fresh)
    folder.mkdir(exist_ok=True)
    for file in sorted(fresh.iterdir()):
        file.replace(folder / file.name)
    fresh.rmdir()


def _cells(cached: tuple[TableFeatures, Features, Features | None]) -> int:
    """Of four bytes, that the features of a fold take; where only some are stored, their places take as much again."""
    matrices = [X.matrix for X in cached[1:] if X is not None]
    return sum(2 * m.nnz if sparse.issparse(m) else m.size for m in matrices)


def _importance(fitted: Fitted, X: Features) -> dict[str, float]:
    try:
        return fitted.importance(X.names)
    except Exception:  # the boundary: a figure to look at must not cost a candidate
        log.warning("no importance", exc_info=True)
        return {}


def main() -> None:
    connection = Connection(int(sys.argv[1]))
    logging.basicConfig(level=logging.WARNING)
    fitter: Fitter | None = None
    try:
        setup = connection.recv()
        for key in setup["warm"]:
            family(key).warm_up()
        while True:
            order = connection.recv()
            try:
                if fitter is None:
                    fitter = Fitter(Path(setup["folder"]))
                fitter.run(order, connection.send)
                memory.give_back()
            except MemoryError:
                connection.send({"kind": "failed", "reason": "it needs more memory than there is"})
            except Exception as e:  # the boundary: one failing candidate never fails the build
                log.exception("candidate %s", json.dumps(order.get("candidate")))
                disk = "the disk is full, or can't be written" if room.sentence(e) else ""
                connection.send({"kind": "failed", "reason": disk or f"{type(e).__name__}: {e}"[:300]})
    except (EOFError, ConnectionResetError, BrokenPipeError):
        return  # the parent is gone


if __name__ == "__main__":
    main()
