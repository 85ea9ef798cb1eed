"""What a sealed model can say about rows beyond its prediction: the reasons, and how sure it is.

>>> import numpy as np, pandas as pd
>>> from automl import AutoMLRegressor
>>> X = pd.DataFrame({"size": [3.5, 1.2, 8.1, 4.4] * 25, "plan": ["a", "b"] * 50})
>>> model = AutoMLRegressor(time_limit=20, max_candidates=1, families=["linear"], random_state=0)
>>> bundle = model.fit(X, X["size"] * 2.0).bundle_
>>> why = reasons(bundle, bundle.model.prepare(X.head(1)))
>>> why.columns, bool(np.isclose(why.base + why.contributions.sum(axis=1), why.prediction).all())
(('size', 'plan'), True)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl import conformal, wording
from automl.errors import PredictionError
from automl.explain.reasons import BACKGROUND_ROWS, QUICK_ROWS, Explainer, Reasons
from automl.types import Problem

if TYPE_CHECKING:
    from automl.bundle import Bundle

LEVEL = conformal.LEVEL
NAMES_SEPARATOR = " | "  # between the outcomes of a set that is written into one cell


# -- reasons ---------------------------------------------------------------------------------


def explainer(bundle: Bundle, *, quick: bool = False) -> Explainer:
    """The model's explainer over its reference rows; made once and kept with the bundle."""
    kept = bundle.__dict__.setdefault("_explainers", {})
    if quick not in kept:
        rows = QUICK_ROWS if quick else BACKGROUND_ROWS
        kept[quick] = Explainer(bundle.model, bundle.typed_reference, background=rows, seed=bundle.spec.seed)
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
        Rougher and about eight times as fast, for many rows: fewer background rows, the sum is as exact.

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
                out[row, rank] = f"{name} is {shown(values[name][row])}: {moved(problem, amount)}"
    return out


def moved(problem: Problem, amount: float) -> str:
    """What a column adds: points of probability, or the value's own unit.

    >>> from automl.types import Task
    >>> moved(Problem("churn", Task.BINARY, "roc_auc", ()), 0.18), moved(Problem("y", Task.REGRESSION, "rmse", ()), -2)
    ('+18.0 points', '−2')
    """
    sign = "+" if amount > 0 else "−"
    if problem.has_probabilities:
        points = abs(amount) * 100
        return f"{sign}{points:.1f} points" if points >= 0.05 else f"{sign}under 0.1 points"
    return f"{sign}{wording.number(abs(amount))}"


def shown(value: Any) -> str:
    """A typed value as one would say it: a number rounded, a date without an idle time, or "missing".

    >>> shown(2.0), shown(None), shown(np.datetime64("2024-03-01T00:00:00"))
    ('2', 'missing', '2024-03-01')
    """
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return "missing"
    if isinstance(value, np.datetime64 | pd.Timestamp):
        if pd.isna(value):
            return "missing"
        return str(pd.Timestamp(value)).removesuffix(" 00:00:00")[:16]
    if isinstance(value, int | float | np.number):
        return wording.number(float(value), 4)
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


# -- how sure --------------------------------------------------------------------------------


def can_tell_how_sure(bundle: Bundle) -> bool:
    """Whether the model has what intervals and sets need; one of an earlier version has not."""
    return bundle.intervals is not None


def check_level(bundle: Bundle, level: float) -> None:
    """Raise PredictionError where an interval or set of this level can't be given."""
    if bundle.intervals is None:
        raise PredictionError(
            "This model can't say how sure it is: it was built from too few rows, or by an earlier version. "
            "Build it again, with more rows if there are fewer than 30."
        )
    conformal.check_level(bundle.intervals, level)


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
    return conformal.interval(bundle.intervals, values, level)


def sets(bundle: Bundle, probabilities: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Which outcomes may be meant, as bools of shape (rows, classes): the truth is among them for a share
    `level` of rows at least. The likeliest is always among them.

    Raises
    ------
    PredictionError
        The model predicts numbers, knows no sets, or can't promise so high a level.
    """
    if not bundle.spec.problem.has_probabilities:
        raise PredictionError("This model predicts numbers: ask for an interval, not a set of outcomes.")
    check_level(bundle, level)
    return conformal.outcome_sets(bundle.intervals, probabilities, level)


def set_texts(bundle: Bundle, inside: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's set as text, the likeliest outcome first: ``yes | no``."""
    names = np.array([str(c) for c in bundle.spec.problem.classes], dtype=object)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    texts = [
        NAMES_SEPARATOR.join(names[code] for code in line if held[code])
        for line, held in zip(order, inside, strict=True)
    ]
    return np.array([*texts, None], dtype=object)[:-1]
