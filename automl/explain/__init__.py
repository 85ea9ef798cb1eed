"""Why a model predicts what it predicts: for all rows, for a column, for one row."""

from __future__ import annotations

from automl.explain.impact import Impact, column_impact
from automl.explain.reasons import Explainer, Reasons

__all__ = ["Explainer", "Impact", "Reasons", "column_impact"]
