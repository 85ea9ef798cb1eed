"""Measures the learning curve: one good, cheap candidate, fitted again on ever more of the training rows.

It runs after the race in a small slice of the budget kept for it, in this process: what a fit of the
candidate took is known, so that only one is chosen whose curve fits into the slice.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np

from automl.engine.child import Fitter
from automl.engine.race import Finished
from automl.engine.workfolder import WorkFolder
from automl.evaluate.learning import SHARES, describe
from automl.families import family
from automl.features.pipeline import TableFeatures
from automl.metrics import Metric

log = logging.getLogger(__name__)

FEWEST_ROWS = 500  # training rows; a tenth of fewer teaches nothing
MOST_FOLDS = 5
CAREFUL = 1.2  # times what it took before: smaller shares take less
ALIKE = 0.9  # of what the best gains over the plain guess; of a far weaker one the curve says nothing about the model


def choose(ranked: list[Finished], preferred: set[int], metric: Metric, seconds: float) -> Finished | None:
    """The candidate that is measured: a member of the winner if possible, the best that is cheap and good enough."""
    affordable, scores = [], [metric.sign * f.trial.score for f in ranked]
    plain = next((metric.sign * f.trial.score for f in ranked if f.trial.family == "prior"), min(scores, default=0.0))
    enough = plain + ALIKE * (max(scores, default=0.0) - plain)
    for found in ranked:
        if found.trial.order not in preferred and metric.sign * found.trial.score < enough:
            continue
        each = found.trial.fit_seconds / len(found.trial.fold_scores)
        if found.trial.family != "prior" and CAREFUL * sum(SHARES) * each <= seconds:
            affordable.append(found)
    if not affordable:
        return None
    return max(
        affordable, key=lambda f: (f.trial.order in preferred, metric.sign * f.trial.score, -f.trial.order)
    )


def measure(
    work: WorkFolder, ranked: list[Finished], preferred: set[int], metric: Metric, deadline: float
) -> dict[str, Any] | None:
    """The learning curve (see `evaluate.learning.describe`), or None when there is no time or too few rows.

    Parameters
    ----------
    work : WorkFolder
    ranked : list of Finished
    preferred : set of int
        Numbers of the winner's members.
    metric : Metric
    deadline : float
        `time.monotonic()` at which to stop; folds that are not done by then don't count.
    """
    seconds = deadline - time.monotonic()
    found = choose(ranked, preferred, metric, seconds)
    if found is None:
        return None
    fitter = Fitter(work.folder)
    if len(fitter.y) < FEWEST_ROWS or fitter.folds.ordered:
        return None
    scores, rows = [], None
    each = CAREFUL * sum(SHARES) * found.trial.fit_seconds / len(found.trial.fold_scores)
    for fold in found.folds[:MOST_FOLDS]:
        if time.monotonic() + each > deadline:
            break
        started = time.monotonic()
        try:
            course = [_fit_share(fitter, found, fold, share, metric, deadline) for share in SHARES]
        except Exception:  # the boundary: a curve that can't be measured never fails a build
            log.exception("learning curve of %s", found.trial.candidate)
            break
        if time.monotonic() > deadline:
            break
        each = max(each, time.monotonic() - started)
        scores.append([score for _, score in course])
        rows = np.array([n for n, _ in course])
    if rows is None or not np.isfinite(scores).all():
        return None
    course = describe(found.trial.candidate, metric.name, rows, np.array(scores))
    return course | {"stand_in": found.trial.order not in preferred}


def _first(train: np.ndarray, y: np.ndarray | None, share: float, seed: int) -> np.ndarray:
    """A random share of the rows that holds every smaller share, and at least one row of each class."""
    order = train[np.random.default_rng(seed).permutation(len(train))]
    some = order[: max(round(share * len(train)), 2)]
    if y is not None:
        some = np.union1d(some, order[np.unique(y[order], return_index=True)[1]])
    return np.sort(some)


def _fit_share(
    fitter: Fitter, found: Finished, fold: int, share: float, metric: Metric, deadline: float
) -> tuple[int, float]:
    """Rows learned from, and the score on the fold's validation rows."""
    job, kind = fitter.job, family(found.trial.family)
    train, valid = fitter.folds.train_rows(fold), fitter.folds.valid_rows(fold)
    train = _first(train, fitter.y if job["classes"] else None, share, fold)
    needs = kind.needs_for(found.trial.params)
    table = TableFeatures(needs, job["kinds"], learned=job["learned"])
    weight = None if fitter.weight is None else fitter.weight[train]
    valid_weight = None if fitter.weight is None else fitter.weight[valid]
    x_train = table.fit_transform(
        fitter.typed.iloc[train],
        fitter.y[train],
        task=job["task"],
        classes=job["classes"],
        sample_weight=weight,
    )
    x_valid = table.transform(fitter.typed.iloc[valid])
    fitted = kind.fit(
        x_train, fitter.y[train], task=job["task"], classes=job["classes"], params=found.trial.params,
        sample_weight=weight, validation=(x_valid, fitter.y[valid], valid_weight), metric=metric,
        deadline=deadline, threads=job["threads"], seed=job["seed"] + fold,
    )  # fmt: skip
    prediction = fitted.predict(x_valid, threads=job["threads"])
    return len(train), metric.score(fitter.y[valid], prediction, sample_weight=valid_weight)
