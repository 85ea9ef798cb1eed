"""What a sealed model can say about rows beyond its prediction.

why     reasons, influence and effects of columns; sure: intervals and sets
rows    one row from all sides: rows like it, what would change it; words: all of it as sentences
score   the scores of the test rows, by a threshold that was chosen later; speed: how long a prediction takes

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

from automl.insight.rows import (
    as_value,
    one_at_a_time,
    row_values,
    row_weights,
    rows_like,
    rows_to_start_from,
    smallest_changes,
    start_row,
    usual_row,
)
from automl.insight.score import evaluation_now, is_as_built
from automl.insight.speed import latency
from automl.insight.sure import (
    LEVEL,
    Unsure,
    calibrated,
    calls_the_likeliest,
    can_tell_how_sure,
    check_level,
    held_by_class,
    held_share,
    intervals,
    levels,
    measured,
    set_texts,
    sets,
    unsure,
    usual_level,
)
from automl.insight.why import (
    column_effect,
    column_influence,
    column_losses,
    column_pair,
    explainer,
    known_losses,
    losses_are_sealed,
    reason_texts,
    reasons,
    too_wide,
)
from automl.insight.words import direction, effect_title, moved, outcome, pair_title, predicted, shown, size

__all__ = [
    "LEVEL", "Unsure", "as_value", "calibrated", "calls_the_likeliest", "can_tell_how_sure", "check_level",
    "column_effect", "column_influence", "column_losses", "column_pair", "direction", "effect_title", "evaluation_now",
    "explainer", "held_by_class", "held_share", "intervals", "is_as_built", "known_losses", "latency", "levels",
    "losses_are_sealed", "measured", "moved", "one_at_a_time", "outcome", "pair_title", "predicted", "reason_texts",
    "reasons", "row_values", "row_weights", "rows_like", "rows_to_start_from", "set_texts", "sets", "shown", "size",
    "smallest_changes", "start_row", "too_wide", "unsure", "usual_level", "usual_row",
]  # fmt: skip
