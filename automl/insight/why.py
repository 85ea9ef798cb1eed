"""Why rows are predicted as they are, and what columns do, with the bundle's own sample of rows as background."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl import additions
from automl.errors import BundleError
from automl.explain import Effect, Influence, Pair, column_impact, effect, influence, pair
from automl.explain.reasons import Explainer, Reasons
from automl.insight.words import moved, shown
from automl.metrics import METRICS
from automl.types import Problem

if TYPE_CHECKING:
    from automl.bundle import Bundle

LATER = "column_impact.json"
LATE_ROWS = 300  # test rows on which losses are measured after the build
SUMMARY_ROWS = 12  # background rows where many rows are summed up
MOST_EXPLAINED = 500  # columns; each is replaced by itself, some times a row, and of more that takes minutes a row


def too_wide(bundle: Bundle) -> str | None:
    """Why a model's predictions can't be explained column by column in time; None where they can."""
    columns = len(bundle.model.document.kinds)
    if columns <= MOST_EXPLAINED:
        return None
    return (
        f"Reasons are given for models that read at most {MOST_EXPLAINED} columns; this one reads {columns:,}. "
        "Build it with fewer columns to have them."
    )


def explainer(bundle: Bundle, *, quick: bool = False) -> Explainer:
    """The model's explainer over its reference rows; made once and kept with the bundle."""
    kept = bundle.__dict__.setdefault("_explainers", {})
    if quick not in kept:
        kept[quick] = Explainer(bundle.model, bundle.typed_reference, seed=bundle.spec.seed, quick=quick)
    return kept[quick]


def reasons(
    bundle: Bundle, typed: pd.DataFrame, *, outcome: int | None = None, quick: bool = False
) -> Reasons:
    """Why each row is predicted as it is: what each column adds, summing to the prediction exactly.

    Parameters
    ----------
    bundle : Bundle
    typed : DataFrame of shape (rows, columns)
        As `bundle.model.prepare` gives it.
    outcome : int, optional
        The class code to explain; by default the outcome of interest of two, the predicted one of more.
    quick : bool
        Rougher and several times as fast, for many rows: fewer background rows; the sum is as exact.

    Returns
    -------
    Reasons
        `columns`, `contributions` of shape (rows, columns), `base`, `prediction`, `outcome`.
    """
    return explainer(bundle, quick=quick).explain(typed, outcome=outcome)


def reason_texts(
    problem: Problem, why: Reasons, typed: pd.DataFrame, most: int = 3
) -> np.ndarray:
    """The `most` strongest reasons of each row in words, of shape (rows, most); "" where there is none.

    For example ``tenure is 2: +18.0 points``.
    """
    top = why.top(most)
    out = np.full((len(typed), most), "", dtype=object)
    values = {name: typed[name].to_numpy() for name in why.columns}
    for rank in range(top.shape[1]):
        for row, column in enumerate(top[:, rank]):
            amount = why.contributions[row, column]
            if amount:
                name = why.columns[column]
                out[row, rank] = f"{name} is {shown(values[name][row], name)}: {moved(problem, amount)}"
    return out


# -- columns ---------------------------------------------------------------------------------


def column_influence(bundle: Bundle) -> tuple[list[Influence], int, bool]:
    """How far every column moves predictions; the number of rows measured on, and whether they are test rows."""
    # many rows with few walks each: what is asked for is the mean over them
    made = Explainer(bundle.model, bundle.typed_reference, background=SUMMARY_ROWS, seed=bundle.spec.seed)
    held = bundle.test_rows()
    typed = bundle.typed_reference if held is None else bundle.model.prepare(held.inputs)
    found, rows = influence(made, typed, seed=bundle.spec.seed)
    return found, rows, held is not None


def losses_are_sealed(bundle: Bundle) -> bool:
    """Whether the build itself measured what each column's score is worth, or can't be measured later."""
    known, reads = (bundle.evaluation or {}).get("impact") or [], set(bundle.model.document.kinds)
    return bundle.test_rows() is None or {e["column"] for e in known} >= reads or len(reads) > MOST_EXPLAINED


def known_losses(bundle: Bundle) -> list[dict[str, Any]] | None:
    """What each column's score is worth, as the build or somebody after it measured it; None where nobody has yet."""
    if losses_are_sealed(bundle):
        return (bundle.evaluation or {}).get("impact") or []
    found = additions.read(bundle.folder, LATER)
    by_threshold = METRICS[bundle.spec.problem.metric].needs == "labels"
    return found["impact"] if found and (not by_threshold or found["threshold"] == bundle.threshold) else None


def column_losses(bundle: Bundle) -> list[dict[str, Any]]:
    """What each column's score is worth on the test rows (see `explain.column_impact`): as the build measured it,
    or now, on fewer rows, where the build had no time left for all columns. It is then kept beside the model."""
    if (known := known_losses(bundle)) is not None:
        return known
    held = bundle.test_rows()
    problem, rows = bundle.spec.problem, np.arange(len(held.y))
    if len(rows) > LATE_ROWS:
        rows = np.sort(np.random.default_rng(bundle.spec.seed).choice(len(rows), LATE_ROWS, replace=False))
    metric = METRICS[problem.metric].for_outcome(problem.positive_code, bundle.threshold)
    typed = bundle.model.prepare(held.inputs.iloc[rows])
    found = column_impact(bundle.model, typed, held.y[rows], metric, seed=bundle.spec.seed)
    impact = [{"column": i.column, "impact": i.impact, "std": i.std} for i in found]
    with contextlib.suppress(BundleError):  # a folder that can't be written: measured again the next time
        additions.write(bundle.folder, LATER, {"threshold": bundle.threshold, "impact": impact})
    return impact


def column_effect(bundle: Bundle, column: str) -> Effect:
    """The effect of a column, from the bundle's sample of training rows."""
    return effect(bundle.model, bundle.typed_reference, column, seed=bundle.spec.seed)


def column_pair(bundle: Bundle, columns: tuple[str, str]) -> Pair:
    """The effect of two columns together."""
    return pair(bundle.model, bundle.typed_reference, columns, seed=bundle.spec.seed)
