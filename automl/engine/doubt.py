"""Which candidates can't be told apart from the winner: the differences of a leaderboard that are noise.

Winner and candidate are compared on the same out-of-fold rows by a paired bootstrap, the best
candidates first, for as long as there is time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from automl.engine import ensemble
from automl.engine.combine import Winner
from automl.engine.folds import Folds
from automl.engine.race import Finished
from automl.evaluate import noise
from automl.metrics import Metric
from automl.model import recalibrate
from automl.types import Trial, replace

RESAMPLES = 100
NAMED = 4  # candidates in a sentence


def out_of_fold(
    winner: Winner, finished: dict[int, Finished], folds: Folds
) -> tuple[np.ndarray, np.ndarray]:
    """Rows that all members of the winner have out-of-fold predictions of, and the winner's for all rows."""
    members = {number: finished[number] for number in winner.members}
    common = set.intersection(*(set(f.folds) for f in members.values()))
    weights = dict(enumerate(winner.members.values()))
    mixed = ensemble.blend([f.prediction for f in members.values()], weights)
    rows = np.flatnonzero(np.isin(folds.assignment, sorted(common)))
    if winner.calibration is not None:
        mixed[rows] = recalibrate(mixed[rows], winner.calibration.slope, winner.calibration.bias)
    return rows, mixed


def mark(
    board: list[Trial],
    winner: Winner,
    finished: dict[int, Finished],
    folds: Folds,
    metric: Metric,
    y: np.ndarray,
    deadline: float,
) -> list[Trial]:
    """The leaderboard with how far each candidate is behind the winner, and the interval of that.

    The winner was chosen on these rows, so that it looks a little better than it is.

    Parameters
    ----------
    board : list of Trial
        Best first.
    winner, finished, folds, metric, y
        Of the build; `metric` without a threshold, as the board's scores are.
    deadline : float
        `time.monotonic()` at which to stop; candidates after that are not compared.
    """
    known, best = out_of_fold(winner, finished, folds)
    out = []
    for trial in board:
        found = finished.get(trial.order)
        if found is None or trial.order == winner.trial.order or time.monotonic() > deadline:
            out.append(trial)
            continue
        rows = known[np.isin(folds.assignment[known], found.folds)]
        if len(rows) < 2:
            out.append(trial)
            continue
        behind = noise.compare(metric, y[rows], best[rows], [found.prediction[rows]], resamples=RESAMPLES)[0]
        finite = np.isfinite([behind.value, behind.low, behind.high]).all()
        out.append(replace(trial, behind=(behind.value, behind.low, behind.high)) if finite else trial)
    return out


def said(board: Sequence[Trial]) -> list[str]:
    """Which differences of the leaderboard are noise, in words."""
    compared = [t for t in board if t.behind is not None]
    if not compared:
        return []
    same = [t for t in compared if t.behind[1] <= 0]
    if not same:
        clear = f"“{board[0].candidate}” is better than all {len(compared)} others by more than chance."
        return [clear] if len(compared) > 1 else []
    names = ", ".join(f"“{t.candidate}”" for t in same[:NAMED])
    more = f" and {len(same) - NAMED} more" if len(same) > NAMED else ""
    behind = len(compared) - len(same)
    rest = f" {behind} of {len(compared)} {'is' if behind == 1 else 'are'} clearly behind." if behind else ""
    what = "difference is" if len(same) == 1 else "differences are"
    return [
        f"{names}{more} can't be told apart from “{board[0].candidate}” on these rows: the {what} noise.{rest}",
        "Compared on the same validation rows, drawn again and again (paired bootstrap, 95 %).",
    ]
