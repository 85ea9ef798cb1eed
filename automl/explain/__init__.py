"""Why a model predicts what it predicts: for all rows, for a column, for one row.

impact      the loss of score when a column is shuffled; influence: how far it moves predictions, which way
effects     what is predicted while a column, or two, are changed; grid: the values to try
reasons     what each column adds to a row's prediction; walks: how it is found
nearest     the training rows most like a row
flips       the smallest change that gives another outcome
"""

from __future__ import annotations

from automl.explain.effects import Effect, Pair, effect, pair, row_effects
from automl.explain.flips import Flip, flips
from automl.explain.impact import Impact, column_impact, of_inputs
from automl.explain.influence import Influence, influence
from automl.explain.nearest import nearest
from automl.explain.reasons import Explainer, Reasons

__all__ = [
    "Effect", "Explainer", "Flip", "Impact", "Influence", "Pair", "Reasons", "column_impact", "effect", "flips",
    "influence", "nearest", "of_inputs", "pair", "row_effects",
]  # fmt: skip
