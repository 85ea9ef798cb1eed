"""How far a prediction can be trusted: an interval around a number, a set of outcomes, each holding the
truth for a chosen share of rows (90 % unless another level is asked for).

Calibrated on the out-of-fold predictions of the training rows, made by models that had not learned from
them: the residuals of cross-validation (Barber, Candès, Ramdas & Tibshirani 2021, "Predictive inference
with the jackknife+"; of CV+ the variant whose centre is the shipped model's own prediction). Group and
time splits are honoured, since the folds are.

Numbers: signed residuals divided by how large residuals usually are at such a prediction, where that makes
the intervals better (normalised scores: Papadopoulos et al. 2002; Lei et al. 2018).
Classes: every outcome that is as likely as the truth is for such a share of rows (Sadinle, Lei & Wasserman 2019, "Least
ambiguous set-valued classifiers"). Where a model is right more often than was asked for, some rows get no outcome at
all: none is likely enough, and that is worth knowing. With a threshold of its own, odds are first shifted so that what a
row is called is the likelier outcome.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.errors import PredictionError
from automl.metrics import LIKELIEST, labels
from automl.types import Problem
from automl.wording import percent

LEVEL = 0.9
LOWEST = 0.5  # that may be asked for
FEWEST_ROWS = 30  # with fewer, a 90 % interval would rest on one row
KEPT = 500  # scores stored, evenly by rank: a level is met within 0.1 points
BIN_ROWS = 60  # rows that tell how large residuals are at such a prediction, at least,
MOST_BINS = 25
GAIN = 0.01  # of the interval score, what scaling must save


def calibrate(
    problem: Problem,
    y: np.ndarray,
    prediction: np.ndarray,
    threshold: float | None = None,
    *,
    never_empty: bool = False,
) -> dict[str, Any] | None:
    """Learn from out-of-fold predictions how far off the model is.

    Parameters
    ----------
    problem : Problem
    y : ndarray of shape (rows,)
        Class codes, or values.
    prediction : ndarray of shape (rows, classes) or (rows,)
        Of models that had not learned from the row.
    threshold : float, optional
        Of two classes, the probability from which on a row is called the outcome of interest; by default the likeliest.
    never_empty : bool
        Sets as models of earlier versions give them.

    Returns
    -------
    dict or None
        intervals.json; None where there are too few rows.

    >>> from automl.types import Task
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(size=2000)
    >>> stored = calibrate(Problem("y", Task.REGRESSION, "rmse", ()), truth, np.zeros(2000))
    >>> [np.round(bound, 1).tolist() for bound in interval(stored, np.array([5.0]), 0.9)]
    [[3.4], [6.6]]
    """
    known = np.isfinite(prediction) if prediction.ndim == 1 else np.isfinite(prediction).all(axis=1)
    y, prediction = y[known], prediction[known].astype(np.float64)
    if len(y) < FEWEST_ROWS:
        return None
    if problem.has_probabilities:
        own = {} if is_likeliest(threshold) else {"threshold": threshold, "positive": problem.positive_code}
        if never_empty:
            score = mass_ahead(prediction, labels(prediction, problem.positive_code, threshold))
        else:
            score = unlikely(prediction, **own)
            own |= {"empty": True}
        return {"kind": "set", "rows": len(y), "scores": _thin(np.sort(score[np.arange(len(y)), y]))} | own
    residuals = y - prediction
    at, size = _usual_size(prediction, residuals)
    if not _scaling_helps(prediction, residuals):
        at, size = [0.0], [1.0]
    scores = np.sort(residuals / np.interp(prediction, at, size))
    bound = {"lowest": 0.0} if (y >= 0).all() else {}
    return {"kind": "interval", "rows": len(y), "at": at, "size": size, "scores": _thin(scores)} | bound


def check_level(stored: dict[str, Any], level: float) -> None:
    """Raise PredictionError where no level like this can be promised."""
    most = highest_level(stored)
    if not LOWEST <= level < 1:
        raise PredictionError(f"The level must be from 0.5 to below 1, such as 0.9, not {level:g}.")
    if level > most:
        raise PredictionError(
            f"Too few rows to promise {percent(level)}: {stored['rows']} allow {percent(most)} at most. "
            "Ask for a lower level."
        )


def highest_level(stored: dict[str, Any]) -> float:
    """The highest level that the number of rows allows."""
    tails = 2 if stored["kind"] == "interval" else 1
    return 1 - tails / (stored["rows"] + 1)


def is_likeliest(threshold: float | None) -> bool:
    """Whether rows are called what is likeliest, by no threshold of their own."""
    return threshold is None or threshold == LIKELIEST


# The functions below stand in notebooks as they are: numpy only.


def interval(stored, prediction, level=0.9):
    """Lower and upper bounds, both of shape (rows,), that hold the truth for a share `level` of rows."""
    rows, scores = stored["rows"], np.asarray(stored["scores"])
    tail = (1 - level) / 2
    # the rank that a new row's score stays within, in a sample of so many rows (Barber et al. 2021)
    ranks = np.array([np.floor(tail * (rows + 1)), np.ceil((1 - tail) * (rows + 1))]).clip(1, rows)
    low, high = np.interp((ranks - 1) / max(rows - 1, 1), np.linspace(0, 1, len(scores)), scores)
    size = np.interp(prediction, stored["at"], stored["size"])
    lowest = stored.get("lowest", -np.inf)
    return np.maximum(prediction + low * size, lowest), np.maximum(prediction + high * size, lowest)


def unlikely(probabilities, threshold=None, positive=1):
    """How unlikely each outcome is, of shape (rows, classes); of two, odds as if what is called from the threshold on were likelier from there on."""
    if threshold is not None:
        weighed = probabilities * np.where(np.arange(2) == positive, 1 - threshold, threshold)
        probabilities = weighed / weighed.sum(axis=1, keepdims=True)
    return 1 - probabilities


def outcome_sets(stored, probabilities, level=0.9):
    """Which outcomes are in each row's set, of shape (rows, classes): those that are likely enough, which may be none."""
    rows, scores = stored["rows"], np.asarray(stored["scores"])
    rank = np.ceil(level * (rows + 1)).clip(1, rows)
    most = np.interp((rank - 1) / max(rows - 1, 1), np.linspace(0, 1, len(scores)), scores)
    # a hair more: of rows that are all alike, a sum in another order must not leave one out
    return unlikely(probabilities, stored.get("threshold"), stored.get("positive", 1)) <= most + 1e-9


# -- sets of models of earlier versions, which always hold what is predicted -----------------------
# (adaptive prediction sets: Romano, Sesia & Candès 2020; with the rank penalty of Angelopoulos et al. 2021)


def is_never_empty(stored: dict[str, Any]) -> bool:
    """Whether these are sets of an earlier version."""
    return stored["kind"] == "set" and not stored.get("empty")


def right_share(stored: dict[str, Any]) -> float:
    """The share of rows that the predicted outcome alone is right for: such sets hold the truth no less often."""
    return float(np.mean(np.asarray(stored["scores"]) <= 0))


def full_sets(stored: dict[str, Any], probabilities: np.ndarray, level: float, called: np.ndarray) -> np.ndarray:
    """What each row is called, and further outcomes until those ahead of the next one reach the calibrated mass."""
    rows, scores = stored["rows"], np.asarray(stored["scores"])
    rank = np.ceil(level * (rows + 1)).clip(1, rows)
    most = np.interp((rank - 1) / max(rows - 1, 1), np.linspace(0, 1, len(scores)), scores)
    return mass_ahead(probabilities, called) <= most


def mass_ahead(probabilities: np.ndarray, called: np.ndarray) -> np.ndarray:
    """For each outcome the probability of those before it, of shape (rows, classes): what the row is called, then the likeliest."""
    first = np.zeros(probabilities.shape)
    first[np.arange(len(called)), called] = 2.0
    order = np.argsort(-probabilities - first, axis=1, kind="stable")
    ordered = np.take_along_axis(probabilities, order, axis=1)
    rank = np.arange(probabilities.shape[1])
    ahead = np.cumsum(ordered, axis=1) - ordered + 0.01 * np.maximum(rank - 5, 0)
    out = np.empty_like(ahead)
    np.put_along_axis(out, order, ahead, axis=1)
    return out


# -- numbers: how large residuals usually are ----------------------------------------------------


def _usual_size(prediction: np.ndarray, residuals: np.ndarray) -> tuple[list[float], list[float]]:
    """Predictions, ascending, and the mean size of the residuals around each."""
    bins = int(np.clip(len(prediction) // BIN_ROWS, 1, MOST_BINS))
    order = np.argsort(prediction, kind="stable")
    parts = np.array_split(order, bins)
    at = np.array([prediction[p].mean() for p in parts])
    size = np.array([np.abs(residuals[p]).mean() for p in parts])
    if bins > 2:  # a bin's neighbours know something of it as well
        padded = np.pad(size, 1, mode="edge")
        size = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    size = np.maximum(size, 0.05 * np.abs(residuals).mean() + 1e-12)
    at, first = np.unique(at, return_index=True)
    return at.tolist(), size[first].tolist()


def _scaling_helps(prediction: np.ndarray, residuals: np.ndarray) -> bool:
    """Whether scaled intervals have the better interval score on the other half of the rows."""
    if len(prediction) < 4 * BIN_ROWS:
        return False
    half = np.random.default_rng(0).permutation(len(prediction)) % 2 == 0
    plain, scaled = 0.0, 0.0
    for some, others in ((half, ~half), (~half, half)):
        at, size = _usual_size(prediction[some], residuals[some])
        learned, applied = (np.interp(prediction[rows], at, size) for rows in (some, others))
        plain += _interval_score(residuals[some], residuals[others], 1.0)
        scaled += _interval_score(residuals[some] / learned, residuals[others] / applied, applied)
    return scaled < (1 - GAIN) * plain


def _interval_score(learned: np.ndarray, applied: np.ndarray, size: np.ndarray | float) -> float:
    """Width plus what the misses cost (Gneiting & Raftery 2007); lower is better."""
    missed = 1 - LEVEL
    low, high = np.quantile(learned, [missed / 2, 1 - missed / 2])
    over = np.maximum(applied - high, 0) + np.maximum(low - applied, 0)
    return float(np.mean(size * (high - low + 2 / missed * over)))


def _thin(ordered: np.ndarray) -> list[float]:
    """At most KEPT scores, evenly by rank, both ends included."""
    if len(ordered) <= KEPT:
        return ordered.tolist()
    places = np.linspace(0, len(ordered) - 1, KEPT)
    return np.interp(places, np.arange(len(ordered)), ordered).tolist()
