"""What the checks and rules say of a finished build, from all that the build knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from automl import findings
from automl.engine.combine import Winner
from automl.engine.prepare import Prepared
from automl.engine.watch import Watch
from automl.findings import BuildResult
from automl.findings.drift import drift
from automl.findings.record import Profile
from automl.findings.shift import stability_index
from automl.types import Finding, RuleAction, Trial, TrialState

NO_TIME = (TrialState.SKIPPED, TrialState.TIMED_OUT)
LEAST_TIMES = 10  # different ones, for rows to be dated
SHIFT_ROWS = 5_000  # of each side; columns of free text are left out
SHIFT_COLUMNS = 500  # those of the largest impact: where there are thousands, looking at each takes seconds


def advise(
    rows: Prepared,
    winner: Winner,
    board: Sequence[Trial],
    watch: Watch,
    *,
    evaluation: dict[str, Any] | None = None,
    prediction: np.ndarray | None = None,
    typed_test: pd.DataFrame | None = None,
    profile: Profile | None = None,
    seconds: float = 0.0,
) -> list[Finding]:
    """All findings, the most severe first; whoever wants to be told of one is told.

    Parameters
    ----------
    evaluation : dict, optional
        evaluation.json, where there are test rows.
    prediction : ndarray of shape (test rows, classes) or (test rows,), optional
    typed_test : DataFrame of shape (test rows, columns), optional
    seconds : float
        The build's time limit; 0 where its budget is in candidates.
    """
    baseline = next((t for t in board if t.family == "prior"), None)
    dates = tuple(name for name, kind in rows.kinds.items() if kind == "datetime")
    result = BuildResult(
        problem=rows.problem,
        rows_train=len(rows.y),
        class_counts={str(k): n for k, n in class_counts(rows).items()},
        evaluation=evaluation,
        validation_score=winner.score,
        validation_std=winner.std,
        baseline_validation=baseline.score if baseline else None,
        impact=evaluation["impact"] if evaluation else [],
        prediction_spread=_spread(prediction, rows.y) if prediction is not None else None,
        shift=_shift(rows, typed_test, evaluation["impact"] if evaluation else []) if typed_test is not None else {},
        profile=profile,
        dates=dates,
        drift=_drift(rows, dates),
        seconds=seconds,
        tried=sum(t.state is TrialState.COMPLETED for t in board),
        had_no_time=sum(t.state in NO_TIME for t in board),
    )
    found = findings.by_severity([*findings.look(result), *watch.findings(set(winner.members))])
    wanted = {s.code for s in watch.settings if s.action is RuleAction.NOTIFY}
    for finding in found:
        if (
            finding.code in wanted and not finding.candidate
        ):  # of candidates, somebody was told when it happened
            watch.notify(finding)
    return found


def class_counts(rows: Prepared) -> Counter[Any]:
    """Training rows of each class."""
    if not rows.problem.has_probabilities:
        return Counter()
    return Counter({label: int((rows.y == i).sum()) for i, label in enumerate(rows.problem.classes)})


def _drift(rows: Prepared, dates: tuple[str, ...]) -> dict[str, str]:
    labels = rows.problem.classes
    found = {}
    for name in dates:
        if name in rows.typed:
            at = rows.typed[name].to_numpy()
            times = np.where(np.isnat(at), np.nan, at.astype("datetime64[s]").astype(np.int64))
            if len(np.unique(times[np.isfinite(times)])) >= LEAST_TIMES:
                found[name] = drift(times, rows.y, labels)
    return {name: said for name, said in found.items() if said}


def _spread(prediction: np.ndarray, y: np.ndarray) -> float | None:
    if len(prediction) < 2:
        return None
    if prediction.ndim == 2:
        return float(prediction.std(axis=0).max())
    return float(prediction.std() / max(float(np.std(y)), 1e-12))


def _shift(rows: Prepared, typed_test: pd.DataFrame, impact: list[dict[str, Any]]) -> dict[str, float]:
    train = rows.typed.iloc[:: max(len(rows.typed) // SHIFT_ROWS, 1)]
    test = typed_test.iloc[:: max(len(typed_test) // SHIFT_ROWS, 1)]
    kinds = {n: k for n, k in rows.kinds.items() if k not in ("text", "identifier") and n in train and n in test}
    strongest = dict.fromkeys([e["column"] for e in impact if e["column"] in kinds] + list(kinds))
    some = list(strongest)[:SHIFT_COLUMNS]
    return {name: stability_index(train[name], test[name], len(some)) for name in some}
