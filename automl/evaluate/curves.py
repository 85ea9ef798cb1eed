"""Curves of a yes/no outcome: ROC, precision and recall, cumulative gain and lift, calibration.

Of several classes, each against the rest. Points are thinned to what an eye can see.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np

POINTS = 200
TOLD = 0.1  # of the rows, likeliest first: what gain and lift are told of in words
BINS = 10  # of the calibration curve, equally wide: scikit-learn's calibration_curve has the same
Z = NormalDist().inv_cdf(0.975)


def curve(hit: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """All curves of an outcome.

    Parameters
    ----------
    hit : ndarray of bool, shape (rows,)
        Whether the outcome happened; both must occur.
    score : ndarray of shape (rows,)
        Its probability.

    Returns
    -------
    dict
        `roc` (fpr, tpr, auc), `pr` (recall, precision, ap), `gain` (share of rows taken, likeliest first,
        and share of the outcome found), `calibration` (see `calibration`) and the outcome's `share`.

    >>> curve(np.array([True, False, True, False]), np.array([.9, .8, .7, .1]))["gain"]["found"]
    [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last = np.r_[np.flatnonzero(np.diff(ordered)), len(ordered) - 1]  # equal scores make one point
    found, taken = np.cumsum(hit[order])[last], last + 1
    recall, precision = found / hit.sum(), found / taken
    tpr, fpr = np.r_[0.0, recall], np.r_[0.0, (taken - found) / (~hit).sum()]
    share = np.r_[0.0, taken / len(hit)]
    # even steps along the curves, so that steep parts keep their shape
    wiggle = np.cumsum(np.abs(np.diff(precision, prepend=precision[0])))
    roc_at, pr_at, gain_at = thin(tpr + fpr), thin(recall + wiggle / max(wiggle[-1], 1.0)), thin(tpr + share)
    told = np.searchsorted(share, TOLD)  # both sides of it: what is said of it is exact
    gain_at = np.union1d(gain_at, [told - 1, told])
    return {
        "roc": {
            "fpr": fpr[roc_at].tolist(),
            "tpr": tpr[roc_at].tolist(),
            "auc": float(np.trapezoid(tpr, fpr)),
        },
        "pr": {
            "recall": recall[pr_at].tolist(),
            "precision": precision[pr_at].tolist(),
            "ap": float((np.diff(recall, prepend=0.0) * precision).sum()),
        },
        "gain": {"share": share[gain_at].tolist(), "found": tpr[gain_at].tolist()},
        "calibration": calibration(hit, score),
        "share": float(hit.mean()),
    }


def thin(along: np.ndarray) -> np.ndarray:
    """Positions of at most POINTS points, evenly spaced by the distance `along` the curve."""
    if len(along) <= POINTS:
        return np.arange(len(along))
    steps = np.linspace(along[0], along[-1], POINTS)
    at = np.searchsorted(along, steps).clip(0, len(along) - 1)
    return np.unique(np.r_[0, at[1:-1], len(along) - 1])


def found_in_first(gain: dict[str, list[float]], share: float) -> float:
    """Share of the outcome that is found among the likeliest `share` of the rows; lift is this over `share`.

    >>> found_in_first({"share": [0, .5, 1], "found": [0, .8, 1]}, .25)
    0.4
    """
    return float(np.interp(share, gain["share"], gain["found"]))


def calibration(hit: np.ndarray, score: np.ndarray, bins: int = BINS) -> dict[str, Any]:
    """How often the outcome happened where it was given a probability of about so much.

    Returns
    -------
    dict
        One entry a bin that has rows: `predicted` (mean probability), `happened` (share), `low` and
        `high` (95 %, Wilson 1927), `rows`; and `error`, the expected calibration error: the mean distance
        of predicted and happened, weighted by rows (Naeini, Cooper & Hauskrecht 2015).

    >>> calibration(np.array([True, False]), np.array([0.5, 0.5]))["error"]
    0.0
    """
    edges = np.linspace(0, 1, bins + 1)
    at = np.searchsorted(edges[1:-1], score)  # scikit-learn's: a bin ends with its upper edge
    rows = np.bincount(at, minlength=bins)
    there = rows > 0
    n = rows[there]
    predicted = np.bincount(at, score, bins)[there] / n
    happened = np.bincount(at, hit.astype(np.float64), bins)[there] / n
    low, high = wilson(happened, n)
    return {
        "predicted": predicted.tolist(),
        "happened": happened.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "rows": n.tolist(),
        "error": float((np.abs(predicted - happened) * n).sum() / max(len(score), 1)),
    }


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of a share of n rows (Wilson 1927), good for few rows and rare outcomes too."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1)
