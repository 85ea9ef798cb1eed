"""How sure a model is of its predictions: intervals around numbers, sets of outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from automl import conformal
from automl.errors import PredictionError
from automl.metrics import labels

if TYPE_CHECKING:
    from automl.bundle import Bundle

LEVEL = conformal.LEVEL
LEVELS = (0.8, 0.9, 0.95, 0.99)  # that a user may choose from
UNSURE_ROWS = 20  # validation rows with an empty set, at least, from which is said how often they are right all the same
CLASS_ROWS = 100  # validation rows of a class, at least, from which its own share is said: within ± 6 points at 90 %
NAMES_SEPARATOR = " | "  # between the outcomes of a set that is written into one cell


def can_tell_how_sure(bundle: Bundle) -> bool:
    """Whether the model has what intervals and sets need; one of an earlier version has not."""
    return bundle.intervals is not None


def calls_the_likeliest(bundle: Bundle) -> bool:
    """Whether rows are called what is likeliest, by no threshold of their own."""
    return conformal.is_likeliest(bundle.threshold)


def calibrated(bundle: Bundle) -> dict[str, Any] | None:
    """What intervals and sets are made of: as the build found it, or by a threshold chosen since, from its validation rows."""
    stored = bundle.intervals
    if stored is None or stored["kind"] == "interval":
        return stored
    threshold = None if calls_the_likeliest(bundle) else bundle.threshold
    if stored.get("threshold") == threshold:
        return stored
    kept = bundle.__dict__.setdefault("_calibrated", {})
    if threshold not in kept:
        known = bundle.validation_rows  # None in a bundle of an early version
        made = None if known is None else conformal.calibrate(
            bundle.spec.problem, known.y, known.values, threshold, never_empty=conformal.is_never_empty(stored)
        )  # fmt: skip
        kept[threshold] = made or stored
    return kept[threshold]


def check_level(bundle: Bundle, level: float) -> None:
    """Raise PredictionError where an interval or set of this level can't be given."""
    stored = calibrated(bundle)
    if stored is None:
        raise PredictionError(
            "This model can't say how sure it is: it was built from too few rows, or by an earlier version. "
            "Build it again, with more rows if there are fewer than 30."
        )
    conformal.check_level(stored, level)


def held_share(bundle: Bundle, level: float = LEVEL) -> float:
    """The share of rows whose truth intervals or sets of this level hold: the level.

    Sets of models of earlier versions are never empty: where the predicted outcome alone is right more often than the
    level asks for, they hold the truth as often as that.

    Raises
    ------
    PredictionError
        The model knows no sets or intervals, or can't promise so high a level.
    """
    check_level(bundle, level)
    stored = calibrated(bundle)
    return max(level, conformal.right_share(stored)) if conformal.is_never_empty(stored) else level


@dataclass(frozen=True)
class Unsure:
    """Rows whose set of a level is empty, among those that the model was validated on.

    Attributes
    ----------
    share : float
        Of all rows.
    right : float or None
        Of them, the share whose predicted outcome is the truth all the same; None where they are few.
    """

    share: float
    right: float | None


def unsure(bundle: Bundle, level: float = LEVEL) -> Unsure:
    """How often no outcome is likely enough for a level, and how often the predicted one is right there."""
    known = _known_sets(bundle, level)
    if known is None:
        return Unsure(0.0, None)
    inside, y, called = known
    empty = ~inside.any(axis=1)
    right = float(np.mean(called[empty] == y[empty])) if empty.sum() >= UNSURE_ROWS else None
    return Unsure(float(np.mean(empty)), right)


def held_by_class(bundle: Bundle, level: float = LEVEL) -> dict[Any, float]:
    """Of the rows of each class, the share whose set of this level holds it; of classes with enough validation rows.

    A level holds for all rows together; a class that is rare or hard to tell may be held less often than it.

    Raises
    ------
    PredictionError
        The model knows no sets, or can't promise so high a level.
    """
    known = _known_sets(bundle, level)
    if known is None:
        return {}
    inside, y, _ = known
    held, classes = inside[np.arange(len(y)), y], bundle.spec.problem.classes
    rows, hits = (np.bincount(each, minlength=len(classes)) for each in (y, y[held]))
    return {label: hits[code] / rows[code] for code, label in enumerate(classes) if rows[code] >= CLASS_ROWS}


def _known_sets(bundle: Bundle, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """The sets of validation rows, what they really were and what they are called; None where they are not known."""
    known = bundle.validation_rows
    if known is None or not bundle.spec.problem.has_probabilities:
        return None
    kept = bundle.__dict__.setdefault("_known_sets", {})
    if (level, bundle.threshold) not in kept:
        called = labels(known.values, bundle.spec.problem.positive_code, bundle.threshold)
        kept[level, bundle.threshold] = sets(bundle, known.values, level), known.y, called
    return kept[level, bundle.threshold]


def measured(bundle: Bundle, level: float = LEVEL) -> tuple[float, int] | None:
    """The share of test rows whose interval or set of this level held the truth, and how many rows that were.

    None where the bundle holds no test rows. They were not calibrated on: this is what a promise was worth.
    """
    held = bundle.test_rows()
    if held is None or not len(held.y):
        return None
    kept = bundle.__dict__.setdefault("_measured", {})
    if (level, bundle.threshold) not in kept:
        if bundle.spec.problem.has_probabilities:
            inside = sets(bundle, held.values, level)[np.arange(len(held.y)), held.y]
        else:
            low, high = intervals(bundle, held.values, level)
            inside = (low <= held.y) & (held.y <= high)
        kept[level, bundle.threshold] = float(np.mean(inside)), len(held.y)
    return kept[level, bundle.threshold]


def levels(bundle: Bundle) -> list[float]:
    """The levels to choose from, each with other sets or intervals. Of sets from 90 % on: with less than what is
    predicted reaches anyway, a model would be unsure of what it knows."""
    stored = calibrated(bundle)
    least, most = held_share(bundle, conformal.LOWEST), conformal.highest_level(stored)
    offered = LEVELS if stored["kind"] == "interval" or conformal.is_never_empty(stored) else LEVELS[LEVELS.index(LEVEL) :]
    alike = [each for each in offered if each <= least]  # of an earlier version: the predicted outcome alone
    return [*alike[-1:], *(each for each in offered if least < each <= most)]


def usual_level(bundle: Bundle) -> float:
    """90 %; of an earlier version, the first level above what the predicted outcome alone reaches."""
    options, least = levels(bundle), held_share(bundle, conformal.LOWEST)
    return next((each for each in options if each >= LEVEL and each > least), options[-1])


def intervals(bundle: Bundle, values: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds that hold the truth for a share `level` of rows.

    Parameters
    ----------
    bundle : Bundle
        A model of numbers.
    values : ndarray of shape (rows,)
        What it predicts.
    level : float
        From .5 to below 1.

    Returns
    -------
    (low, high)
        Of shape (rows,) each.

    Raises
    ------
    PredictionError
        The model predicts outcomes, knows no intervals, or can't promise so high a level.
    """
    if bundle.spec.problem.has_probabilities:
        raise PredictionError("This model predicts outcomes: ask for a set of outcomes, not an interval.")
    check_level(bundle, level)
    return conformal.interval(calibrated(bundle), values, level)


def sets(bundle: Bundle, probabilities: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Which outcomes may be meant, as bools of shape (rows, classes): the truth is among them for a share
    `level` of rows. What the model calls the row is, unless none is: then no outcome is likely enough.

    Raises
    ------
    PredictionError
        The model predicts numbers, knows no sets, or can't promise so high a level.
    """
    if not bundle.spec.problem.has_probabilities:
        raise PredictionError("This model predicts numbers: ask for an interval, not a set of outcomes.")
    check_level(bundle, level)
    stored = calibrated(bundle)
    if not conformal.is_never_empty(stored):
        return conformal.outcome_sets(stored, probabilities, level)
    called = labels(probabilities, bundle.spec.problem.positive_code, bundle.threshold)
    return conformal.full_sets(stored, probabilities, level, called)


def set_texts(bundle: Bundle, inside: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's set as text, the likeliest outcome first: ``yes | no``; an empty text where it is empty."""
    names = np.array([str(c) for c in bundle.spec.problem.classes], dtype=object)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    texts = [
        NAMES_SEPARATOR.join(names[code] for code in line if held[code])
        for line, held in zip(order, inside, strict=True)
    ]
    return np.array([*texts, None], dtype=object)[:-1]
