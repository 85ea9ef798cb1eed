"""Measures the learning curve: one good, cheap candidate, fitted again on ever more of the training rows.

It runs after the race in a small slice of the budget kept for it, in this process: what a fit of the
candidate took is known, so that only one is chosen whose curve fits into the slice. `again` measures it
for a sealed model, whenever somebody wants to know; what it finds is kept beside the model.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl import wording
from automl.engine import plan
from automl.engine.child import Fitter
from automl.engine.layout import lay_out
from automl.engine.prepare import prepare
from automl.engine.race import Finished
from automl.engine.workfolder import WorkFolder
from automl.errors import BuildCancelled, BuildError
from automl.evaluate import learning as curves
from automl.evaluate.learning import SHARES, describe
from automl.families import FAMILIES, family, target_scale
from automl.features.pipeline import TableFeatures
from automl.metrics import METRICS, Metric
from automl.types import Trial, TrialState

if TYPE_CHECKING:
    import pandas as pd

    from automl.bundle import Bundle

log = logging.getLogger(__name__)

FEWEST_ROWS = 500  # training rows; a tenth of fewer teaches nothing
MOST_FOLDS = 5
CAREFUL = 1.2  # times what it took before: smaller shares take less
LATER_SECONDS = 600.0  # that a curve measured later may take, by default
ALIKE = 0.9  # of what the best gains over the plain guess; of a far weaker one the curve says nothing about the model


def choose(ranked: list[Finished], preferred: set[int], metric: Metric, seconds: float) -> Finished | None:
    """The candidate that is measured: a member of the winner if possible, the best that is cheap and good enough."""
    affordable, scores = [], [metric.sign * f.trial.score for f in ranked]
    plain = next((metric.sign * f.trial.score for f in ranked if f.trial.family == "prior"), min(scores, default=0.0))
    enough = plain + ALIKE * (max(scores, default=0.0) - plain)
    for found in ranked:
        if found.trial.order not in preferred and metric.sign * found.trial.score < enough:
            continue
        if found.trial.family != "prior" and _course_seconds(found.trial) <= seconds:
            affordable.append(found)
    if not affordable:
        return None
    return max(
        affordable, key=lambda f: (f.trial.order in preferred, metric.sign * f.trial.score, -f.trial.order)
    )


def _course_seconds(trial: Trial) -> float:
    """What fitting a candidate on every share of one fold takes at most."""
    return CAREFUL * sum(SHARES) * trial.fit_seconds / len(trial.fold_scores)


def measure(
    work: WorkFolder,
    ranked: list[Finished],
    preferred: set[int],
    metric: Metric,
    deadline: float,
    progress: Callable[[float], None] = lambda share: None,
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
    progress : callable, optional
        Takes the share that is done; may raise BuildCancelled.
    """
    seconds = deadline - time.monotonic()
    found = choose(ranked, preferred, metric, seconds)
    if found is None:
        return None
    fitter = Fitter(work.folder)
    if len(fitter.y) < FEWEST_ROWS:
        return None
    scores, rows = [], None
    each = _course_seconds(found.trial)
    # of windows over time only the last has nearly all rows to learn from
    chosen = found.folds[-1:] if fitter.folds.ordered else found.folds[:MOST_FOLDS]
    for number, fold in enumerate(chosen):
        if time.monotonic() + each > deadline:
            break
        started = time.monotonic()
        try:
            course = []
            for share in SHARES:
                done = (number + sum(SHARES[: len(course)]) / sum(SHARES)) / len(chosen)
                progress(done)
                course.append(_fit_share(fitter, found, fold, share, metric, deadline))
        except BuildCancelled:
            raise
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
    return course | {"stand_in": found.trial.order not in preferred, "ordered": fitter.folds.ordered}


def again(
    loaded: Bundle,
    frame: pd.DataFrame,
    scratch: Path,
    *,
    seconds: float = LATER_SECONDS,
    threads: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Measure the learning curve of a sealed model, and keep it beside the model.

    The rows are split as they were when it was built: test rows stay aside, and each fold's validation rows
    are never learned from.

    Parameters
    ----------
    loaded : Bundle
    frame : DataFrame of shape (rows, columns)
        The table that it was built from, target included.
    scratch : Path
        A folder to work in; removed in the end.
    seconds : float
        The most it may take.
    threads : int, optional
    progress : callable, optional
        Takes the share that is done; may raise BuildCancelled.

    Raises
    ------
    BuildCancelled
    BuildError
        The rows are too few, or not the ones it was built from, or no candidate can be measured in the time.
    """
    started = time.monotonic()
    spec = loaded.spec
    lacking = [c for c in (*loaded.model.document.inputs, spec.problem.target) if c not in frame.columns]
    if lacking:
        raise BuildError(
            f"The table has no column '{lacking[0]}', so it is not the one that the model was built from. Give that one."
        )
    rows = prepare(frame, spec, hold_out=loaded.evaluation is not None)
    if len(rows.y) < FEWEST_ROWS:
        raise BuildError(
            f"There are {wording.count(len(rows.y))} rows to learn from. A tenth of fewer than {FEWEST_ROWS} teaches "
            "nothing, so that no curve can be drawn: more rows would probably help."
        )
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        work, folds, _ = lay_out(rows, spec, scratch, threads or plan.thread_count(spec.budget))
        members = {m.candidate for m in loaded.model.document.members}
        ranked = [
            Finished(t, np.zeros(1), {fold: {} for fold in range(folds.count)})
            for t in loaded.leaderboard
            if t.state is TrialState.COMPLETED and t.family in FAMILIES and t.fold_scores and t.fit_seconds is not None
        ]
        preferred = {f.trial.order for f in ranked if f.trial.candidate in members}
        metric = METRICS[spec.problem.metric].for_outcome(spec.problem.positive_code, spec.problem.threshold)
        course = measure(work, ranked, preferred, metric, started + seconds, progress)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if course is None:
        raise BuildError(
            f"No candidate as good as the model can be fitted on ever more rows within {wording.duration(seconds)}. "
            "Give it more time."
        )
    curves.keep(loaded.folder, course)
    return course


def expected_seconds(loaded: Bundle) -> float | None:
    """About how long `again` takes; None where no candidate can be measured."""
    members = {m.candidate for m in loaded.model.document.members}
    known = [t for t in loaded.leaderboard if t.family in FAMILIES and t.fold_scores and t.fit_seconds is not None]
    fitting = [t for t in known if t.family != "prior"]
    if not fitting:
        return None
    best = next((t for t in fitting if t.candidate in members), fitting[0])
    return min(_course_seconds(best) / CAREFUL * MOST_FOLDS, LATER_SECONDS)


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
    fitted = target_scale.fit(
        kind, x_train, fitter.y[train], task=job["task"], classes=job["classes"], params=found.trial.params,
        sample_weight=weight, validation=(x_valid, fitter.y[valid], valid_weight), metric=metric,
        deadline=deadline, threads=job["threads"], seed=job["seed"] + fold,
    )  # fmt: skip
    prediction = fitted.predict(x_valid, threads=job["threads"])
    return len(train), metric.score(fitter.y[valid], prediction, sample_weight=valid_weight)
