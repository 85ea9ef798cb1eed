"""One row looked at from all sides: where to start from, rows like it, what would change its prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl.errors import PredictionError
from automl.explain import Effect, Flip, flips, nearest, row_effects
from automl.explain.nearest import column_distance
from automl.insight.why import reasons

if TYPE_CHECKING:
    from automl.bundle import Bundle

TINY = 1e-9
NOTICED = 0.02  # of a column's usual range: numbers nearer than that count as the same


def usual_row(bundle: Bundle) -> dict[str, Any]:
    """The usual value of every column."""
    return {c["name"]: c.get("default") for c in bundle.schema["columns"]}


def row_values(bundle: Bundle, inputs: pd.DataFrame) -> dict[str, Any]:
    """A raw row as a form shows it: numbers, words, dates as ISO text; None where a value is missing."""
    typed = bundle.model.given(inputs)
    names = [c["name"] for c in bundle.schema["columns"]]
    # a column that the recipe only computes with is no column of the model: as it came
    return {n: as_value((typed if n in typed else inputs)[n].to_numpy()[0]) for n in names if n in inputs}


def as_value(value: Any) -> Any:
    """A typed cell as a form takes it."""
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, np.datetime64 | pd.Timestamp):
        return pd.Timestamp(value).isoformat()
    return value.item() if hasattr(value, "item") else value


def rows_to_start_from(bundle: Bundle) -> int:
    """How many rows `start_row` has."""
    held = bundle.test_rows()
    return len(bundle.reference) if held is None else len(held.y)


def start_row(bundle: Bundle, at: int) -> tuple[dict[str, Any], str, Any]:
    """A row that is known: its values, what it is called, and its true outcome. Test rows where there are any."""
    held = bundle.test_rows()
    if held is None:
        row = bundle.reference.iloc[[at]]
        truth = row[bundle.spec.problem.target].iloc[0]
        return row_values(bundle, row[list(bundle.model.document.inputs)]), f"Training row {at + 1:,}", truth
    truth = held.y[at]
    truth = bundle.spec.problem.classes[int(truth)] if bundle.spec.problem.has_probabilities else float(truth)
    return row_values(bundle, held.inputs.iloc[[at]]), f"Test row {at + 1:,}", truth


def rows_like(
    bundle: Bundle, typed: pd.DataFrame, most: int = 5
) -> tuple[pd.DataFrame, list[Any], np.ndarray, pd.DataFrame]:
    """The nearest of the sampled training rows.

    Returns the rows, typed; their true outcomes; how much each differs, from 0 to 1; and which of their cells differ.
    """
    weights = row_weights(bundle, typed)
    order, away = nearest(bundle.typed_reference, typed, weights, most)
    truth = bundle.reference[bundle.spec.problem.target].to_numpy(dtype=object)[order]
    known, own = bundle.typed_reference, {name: typed[name].to_numpy()[0] for name in typed.columns}
    apart = {n: column_distance(known[n].to_numpy(), own[n])[order] > NOTICED for n in known.columns}
    return known.iloc[order].reset_index(drop=True), truth.tolist(), away, pd.DataFrame(apart)


def row_weights(bundle: Bundle, typed: pd.DataFrame) -> dict[str, float]:
    """How much each column matters: by the score it is worth; where that was not measured, by this row's reasons."""
    weights = {c["name"]: c["importance"] for c in bundle.schema["columns"]}
    if any(weights.values()):
        return weights
    why = reasons(bundle, typed)
    sizes = np.abs(why.contributions[0])
    return dict(zip(why.columns, (sizes / (sizes.sum() or 1.0)).tolist(), strict=True))


def one_at_a_time(bundle: Bundle, typed: pd.DataFrame, output: int = 0) -> list[Effect]:
    """For every column, what is predicted of this row while it alone changes; what moves the output most first."""
    found = row_effects(bundle.model, bundle.typed_reference, typed, tuple(typed.columns))
    return sorted(found, key=lambda e: -float(np.ptp(e.lines[0, :, output])))


def smallest_changes(
    bundle: Bundle, typed: pd.DataFrame, allowed: tuple[str, ...], wanted: Any, *, most: int = 3
) -> list[Flip]:
    """The smallest changes that make the model say what is wanted: a label, or a value to reach.

    Parameters
    ----------
    bundle : Bundle
    typed : DataFrame of shape (1, columns)
    allowed : tuple of str
        Columns that may be changed.
    wanted : label or float
        Of values: at least it where less is predicted now, else at most it.

    Raises
    ------
    PredictionError
        No column may be changed, or no such label is known.
    """
    allowed = tuple(name for name in allowed if name in typed.columns)
    if not allowed:
        raise PredictionError("No column may be changed. Allow at least one.")
    goal = _goal(bundle, bundle.model.predict_typed(typed), wanted)
    return flips(bundle.model, bundle.typed_reference, typed, allowed, goal, most=most)


def _goal(bundle: Bundle, now: np.ndarray, wanted: Any) -> Any:
    problem = bundle.spec.problem
    if not problem.has_probabilities:
        goal = float(wanted)
        return (lambda v: goal - v) if now[0] < goal else (lambda v: v - goal)
    if wanted not in problem.classes:
        raise PredictionError(f"The model knows no outcome '{wanted}'.")
    code = problem.classes.index(wanted)
    if len(problem.classes) == 2:
        positive = problem.positive_code
        threshold = 0.5 if bundle.threshold is None else bundle.threshold
        if code == positive:
            return lambda p: threshold + TINY - p[:, positive]
        return lambda p: p[:, positive] - threshold + TINY
    return lambda p: np.delete(p, code, axis=1).max(axis=1) - p[:, code] + TINY
