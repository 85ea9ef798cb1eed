"""How sure a model is of its predictions: intervals around numbers, sets of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl import conformal
from automl.errors import PredictionError
from automl.metrics import labels

if TYPE_CHECKING:
    from automl.bundle import Bundle

LEVEL = conformal.LEVEL
LEVELS = (0.8, 0.9, 0.95, 0.99)  # that a user may choose from
CLASS_ROWS = 100  # validation rows of a class, at least, from which its own share is said: within ± 6 points at 90 %
NAMES_SEPARATOR = " | "  # between the outcomes of a set that is written into one cell


def can_tell_how_sure(bundle: Bundle) -> bool:
    """Whether the model has what intervals and sets need; one of an earlier version has not."""
    return bundle.intervals is not None


def calibrated(bundle: Bundle) -> dict[str, Any] | None:
    """What intervals and sets are made of: as the build found it, or by a threshold chosen since, from its validation rows."""
    stored = bundle.intervals
    if stored is None or stored["kind"] == "interval":
        return stored
    threshold = None if conformal.is_likeliest(bundle.threshold) else bundle.threshold
    if stored.get("threshold") == threshold:
        return stored
    kept = bundle.__dict__.setdefault("_calibrated", {})
    if threshold not in kept:
        known = bundle.validation_rows  # None in a bundle of an early version
        made = None if known is None else conformal.calibrate(bundle.spec.problem, known.y, known.values, threshold)
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


def highest_level(bundle: Bundle) -> float:
    """The highest level that can be promised; 0 where none can."""
    stored = calibrated(bundle)
    return 0.0 if stored is None else conformal.highest_level(stored)


def right_share(bundle: Bundle) -> float:
    """The share of validation rows whose predicted outcome was the truth; 0 for values.

    Sets of a lower level hold the predicted outcome alone.
    """
    stored = calibrated(bundle)
    if stored is None or stored["kind"] != "set":
        return 0.0
    return conformal.held_share(stored, 0.0)


def held_share(bundle: Bundle, level: float = LEVEL) -> float:
    """The share of rows whose truth intervals or sets of this level hold: what may be said beside them.

    More than the level where the predicted outcome alone, which is in every set, is right more often than that.

    Raises
    ------
    PredictionError
        The model knows no sets or intervals, or can't promise so high a level.
    """
    check_level(bundle, level)
    return conformal.held_share(calibrated(bundle), level)


def held_by_class(bundle: Bundle, level: float = LEVEL) -> dict[Any, float]:
    """Of the rows of each class, the share whose set of this level holds it; of classes with enough validation rows.

    A level holds for all rows together; a class that is rare or hard to tell may be held less often than it.

    Raises
    ------
    PredictionError
        The model knows no sets, or can't promise so high a level.
    """
    check_level(bundle, level)
    known, classes = bundle.validation_rows, bundle.spec.problem.classes
    if known is None or not bundle.spec.problem.has_probabilities:
        return {}
    kept = bundle.__dict__.setdefault("_held_by_class", {})
    if (level, bundle.threshold) not in kept:
        held = sets(bundle, known.values, level)[np.arange(len(known.y)), known.y]
        rows = np.bincount(known.y, minlength=len(classes))
        inside = np.bincount(known.y[held], minlength=len(classes))
        kept[level, bundle.threshold] = {
            label: inside[code] / rows[code] for code, label in enumerate(classes) if rows[code] >= CLASS_ROWS
        }
    return kept[level, bundle.threshold]


def levels(bundle: Bundle) -> list[float]:
    """The levels to choose from, each with other sets: of those that the predicted outcome alone reaches, the highest."""
    most, right = highest_level(bundle), right_share(bundle)
    found = [each for each in LEVELS if each <= most] or [most]
    single = [each for each in found if each <= right]
    return [*single[-1:], *(each for each in found if each > right)]


def usual_level(bundle: Bundle) -> float:
    """90 %, or the first level above what the predicted outcome alone reaches: below it a set says nothing."""
    options = levels(bundle)
    return next((e for e in options if e >= LEVEL and e > right_share(bundle)), options[-1])


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
    `level` of rows at least. What the model calls the row is always among them.

    Raises
    ------
    PredictionError
        The model predicts numbers, knows no sets, or can't promise so high a level.
    """
    if not bundle.spec.problem.has_probabilities:
        raise PredictionError("This model predicts numbers: ask for an interval, not a set of outcomes.")
    check_level(bundle, level)
    called = labels(probabilities, bundle.spec.problem.positive_code, bundle.threshold)
    return conformal.outcome_sets(calibrated(bundle), probabilities, level, called)


def set_texts(bundle: Bundle, inside: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's set as text, the likeliest outcome first: ``yes | no``."""
    names = np.array([str(c) for c in bundle.spec.problem.classes], dtype=object)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    texts = [
        NAMES_SEPARATOR.join(names[code] for code in line if held[code])
        for line, held in zip(order, inside, strict=True)
    ]
    return np.array([*texts, None], dtype=object)[:-1]
