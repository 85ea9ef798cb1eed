"""What a family declares, and what a fitted model of it can do. One contract test runs over all."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from automl.errors import MissingExtraError
from automl.families.rounds import Course
from automl.features.pipeline import Features, Needs
from automl.metrics import Metric

MOST_NAMED = 20  # features whose importance is told

Validation = tuple[Features, np.ndarray, np.ndarray | None]
# The iteration, its validation score, and a function that gives what the model looks like inside.
OnIteration = Callable[[int, float, Callable[[], dict[str, float]]], None]


def nothing_inside() -> dict[str, float]:
    """What a family says of its inside while it is fitted, if it has nothing to say."""
    return {}


def strongest(gains: Sequence[float] | np.ndarray) -> dict[str, float]:
    """What boosters say of theirs: the share of their strongest feature in what the splits gained so far.

    >>> strongest([3.0, 1.0]), strongest([])
    ({'strongest_feature': 0.75}, {})
    """
    total = float(np.sum(gains))
    return {"strongest_feature": float(np.max(gains)) / total} if np.isfinite(total) and total > 0 else {}


@dataclass(frozen=True)
class Config:
    """One good configuration: a name for the leaderboard and the family's parameters.

    The parameter "features" is no library's own: "rich" asks for the features of `features.rich`.
    """

    name: str
    params: dict[str, Any] = field(default_factory=dict)


def split_params(params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the library is told, and what is only kept in the replay.

    >>> split_params({"features": "rich", "num_leaves": 7})
    ({'num_leaves': 7}, {'features': 'rich'})
    """
    kept = {k: v for k, v in params.items() if k == "features"}
    return {k: v for k, v in params.items() if k not in kept}, kept


def largest_shares(names: Sequence[str], gains: np.ndarray) -> dict[str, float]:
    """The largest of some gains as shares of all, by name.

    >>> largest_shares(["a", "b", "c"], np.array([3.0, 0.0, 1.0]))
    {'a': 0.75, 'c': 0.25}
    """
    total = float(gains.sum())
    if not np.isfinite(total) or total <= 0:
        return {}
    order = [i for i in np.argsort(-gains, kind="stable")[:MOST_NAMED] if gains[i] > 0]
    return {str(names[i]): round(float(gains[i]) / total, 4) for i in order}


def in_parts(
    predict: Callable[[Features], np.ndarray], X: Features, threads: int, multiple: int = 1
) -> np.ndarray:
    """The same as `predict(X)`, of a library that uses one thread: a part of the rows on each of several.

    Parts are cut at multiples of `multiple` rows.
    """
    rows = X.matrix.shape[0]
    size = -(-rows // max(threads * multiple, 1)) * multiple
    if size >= rows:
        return predict(X)
    parts = [replace(X, matrix=X.matrix[begin : begin + size]) for begin in range(0, rows, size)]
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(predict, parts)))


class Fitted(ABC):
    """A fitted model.

    Attributes
    ----------
    replay : dict
        The exact parameters (iterations, threads, seed included) with which `fit_<key>` of the
        family's notebook source gives this model again, without validation rows.
    curve : tuple of float
        The validation score over the iterations, where there is one.
    course : Course or None
        Of a booster that was just fitted with validation rows: what another number of rounds would be.
    """

    replay: dict[str, Any]
    curve: tuple[float, ...] = ()
    course: Course | None = None

    @abstractmethod
    def predict(self, X: Features, threads: int = 1) -> np.ndarray:
        """Values of shape (rows,) or probabilities of shape (rows, classes)."""

    def importance(self, names: Sequence[str]) -> dict[str, float]:
        """The share of the largest features in what the splits gained; empty for what has no splits."""
        return {}

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the library's native format, JSON or arrays; never a pickle, no times."""


class Family(ABC):
    """A model family. Subclasses import their library inside the functions that need it.

    Attributes
    ----------
    key, label : str
        In commands and files; on the page.
    needs : Needs
        What it needs of the features, where parameters do not say otherwise (`needs_for`).
    tasks : tuple of str
    """

    key: str
    label: str
    needs: Needs
    tasks: tuple[str, ...] = ("binary", "multiclass", "regression")
    library: str = "numpy"  # the module that fits, imported when it is first used
    extra: str | None = None  # what to pip install, where it is named otherwise than the library
    call_us: float = 200.0  # roughly, of the library's call for a row alone, features included
    base_mb: float = 60.0
    copies: float = 3.0  # of the training matrix that a fit holds at once

    def needs_for(self, params: dict[str, Any]) -> Needs:
        """What a configuration, or a replay of one, needs of the features."""
        return replace(self.needs, rich=params.get("features") == "rich")

    @abstractmethod
    def portfolio(self, task: str, rows: int, columns: int, classes: int) -> list[Config]:
        """Good configurations, the best default first."""

    def for_amounts(self, rows: int) -> list[Config]:
        """More of them, for a numeric target that is an amount or a count (`target_scale.suits_roots`)."""
        return []

    @abstractmethod
    def search_space(self, trial: Any, task: str) -> dict[str, Any]:
        """Parameters asked of an Optuna trial."""

    @abstractmethod
    def fit(
        self,
        X: Features,
        y: np.ndarray,
        *,
        task: str,
        classes: int,
        params: dict[str, Any],
        sample_weight: np.ndarray | None = None,
        validation: Validation | None = None,
        metric: Metric | None = None,
        deadline: float | None = None,
        on_iteration: OnIteration | None = None,
        threads: int = 1,
        seed: int = 0,
    ) -> Fitted:
        """Fit on X, y.

        Parameters
        ----------
        X : Features of shape (rows, features)
        y : ndarray of shape (rows,)
            Codes 0 … classes-1 (a class may be absent), or values.
        task : str
        classes : int
            0 for regression.
        params : dict
            Of the portfolio or the search space; or a `replay`, which is followed to the letter.
        sample_weight : ndarray of shape (rows,), optional
        validation : (X, y, weight), optional
            Rows to stop early on.
        metric : Metric, optional
            What the build optimises.
        deadline : float, optional
            `time.monotonic()` at which to hand in what there is.
        on_iteration : callable, optional
            Called with the iteration, its validation score and a function that gives figures of the model's
            inside at that moment (`nothing_inside` where there are none).
        threads, seed : int
        """

    @abstractmethod
    def load(self, folder: Path) -> Fitted:
        """Read what `Fitted.save` wrote."""

    @abstractmethod
    def notebook_source(self) -> str:
        """Source of `fit_<key>(X, y, task, classes, replay, sample_weight=None)` and
        `predict_<key>(model, X, task, classes)`, with its imports and nothing of this package."""

    def warm_up(self) -> None:
        """Import the library now, so that the first fit does not wait for it.

        Raises
        ------
        MissingExtraError
            The library is not installed; the sentence holds the command.
        """
        try:
            importlib.import_module(self.library)
        except ImportError as e:
            package = self.extra or self.library
            raise MissingExtraError(
                f"{self.label} needs a library that is not installed. Install it with: pip install {package}"
            ) from e

    def predict_us(self, replay: dict[str, Any], classes: int) -> float:
        """Roughly the microseconds that a row of many takes on one thread; the same on every machine."""
        return 8.0

    def alone_us(self, replay: dict[str, Any], classes: int) -> float:
        """Roughly the microseconds that a row alone takes: the call, and fetching the model from memory.

        The trees of one model crowd those of another out of a core's cache, so each is fetched anew for every row.
        """
        return self.call_us

    def memory_mb(self, rows: int, features: int, classes: int) -> float:
        """A rough upper estimate of what one fit holds, in MB; `Needs.more` columns count as well."""
        return self.base_mb + rows * max(features, 1) * 4 * self.copies / 2**20
