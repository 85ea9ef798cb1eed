"""Would more rows help? What a candidate scored after learning from ever more of them, in a sentence.

Learning curves flatten about evenly per doubling over a short stretch (Hestness et al. 2017 find power
laws): the slope of the last steps, per doubling, is what the next doubling may bring at most.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from automl import additions, wording
from automl.metrics import METRICS

LATER = "learning_curve.json"  # of a curve that was measured after the model was sealed

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)  # of the training rows
LAST = 3  # points that the slope is taken of
Z = 1.959963984540054  # of a 95 % interval


def keep(folder: Path, course: dict[str, Any]) -> None:
    """Keep a curve that was measured later beside the sealed model in `folder`; raises BundleError."""
    additions.write(folder, LATER, course)


def kept(folder: Path) -> dict[str, Any] | None:
    """The curve that was measured later, if one was; raises BundleError when its file is damaged."""
    return additions.read(folder, LATER)


def describe(candidate: str, metric: str, rows: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    """The learning curve and what it says.

    Parameters
    ----------
    candidate, metric : str
    rows : ndarray of shape (shares,)
        Rows that were learned from, ascending.
    scores : ndarray of shape (folds, shares)
        Validation scores; the same rows are scored in a fold throughout.

    Returns
    -------
    dict
        `points` (rows, score, standard error over the folds), `doubling` (what twice the rows would
        gain, above 0 when better, with its interval; None where one fold can't tell), `helps` (True,
        False, or None when unsure) and `sentence`.

    >>> found = describe("Linear", "roc_auc", np.array([100, 200, 400, 800]),
    ...                  np.array([[.7, .75, .8, .85], [.71, .75, .81, .85]]))
    >>> found["helps"], round(found["doubling"]["value"], 3)
    (True, 0.05)
    """
    folds, sign, label = len(scores), METRICS[metric].sign, METRICS[metric].label
    error = scores.std(axis=0, ddof=1) / folds**0.5 if folds > 1 else np.zeros(scores.shape[1])
    steps = np.log2(rows[-LAST:].astype(np.float64))
    slopes = sign * np.polyfit(steps, scores[:, -LAST:].T, 1)[0]
    value = float(slopes.mean())
    reach = _reach(slopes)
    low, high = (None, None) if reach is None else (value - reach, value + reach)
    helps = None if low is None else bool(low > 0)
    return {
        "candidate": candidate,
        "metric": metric,
        "folds": folds,
        "points": [
            {"rows": int(n), "score": float(s), "error": float(e)}
            for n, s, e in zip(rows, scores.mean(axis=0), error, strict=True)
        ],
        "doubling": {"value": value, "low": low, "high": high},
        "helps": helps,
        "sentence": _sentence(label, float(scores[:, -1].mean()), sign, value, low, high),
    }


def _reach(slopes: np.ndarray) -> float | None:
    """Half of the 95 % interval of their mean (Student's, the folds are few)."""
    if len(slopes) < 2:
        return None
    from scipy.stats import t

    return float(t.ppf(0.975, len(slopes) - 1) * slopes.std(ddof=1) / len(slopes) ** 0.5)


def _sentence(label: str, now: float, sign: int, value: float, low: float | None, high: float | None) -> str:
    if wording.number(now) == wording.number(now + sign * value):
        return f"Hardly: twice the rows would leave {label} at about {wording.number(now)}. Better columns would help more."
    then = f"{label} from {wording.number(now)} to about {wording.number(now + sign * value)}"
    if low is None:
        if value <= 0:
            return f"Probably not: the last rows gained nothing in {label}. It was measured once, so that is not sure."
        return f"Perhaps: twice the rows may bring {then}. It was measured once, so that is not sure."
    if low > 0:
        return (
            f"Yes: twice the rows would gain about {wording.number(value, 2)}, {then}, "
            f"between {wording.number(low, 2)} and {wording.number(high, 2)}, if it goes on as it did."
        )
    if high <= 0 or value <= 0:
        return f"No: more rows of the same kind gained nothing in {label}. Better columns would help more."
    return (
        f"Hardly: twice the rows would gain about {wording.number(value, 2)} in {label}, which is within what is luck "
        f"(at most {wording.number(high, 2)}). Better columns would help more."
    )
