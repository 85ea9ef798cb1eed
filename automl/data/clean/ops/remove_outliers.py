"""Rows with outliers are not learned from: `features.clean` fits it inside each training fold."""

from __future__ import annotations

from automl.data.clean.base import Op, Param
from automl.data.clean.ops.limits import LIMITS, METHODS


class RemoveOutliers(Op):
    key, label = "remove_outliers", "Remove rows with outliers"
    about = "Rows beyond the limits, or unlike the others, are not learned from. Every row handed in is still predicted."
    learned, removes_rows, counts = True, True, "rows"
    accepts = ("numeric",)
    params = (
        Param("method", "Found by", "choice", "iqr", {**METHODS, "forest": "isolation forest (unusual combinations)"}),
        *LIMITS,
        Param("share", "Percent of the rows to remove", "number", 1.0, low=0.1, high=20, only_with=("method", ("forest",)),
              help="The isolation forest marks the rows that are easiest to set apart from all others."),
    )  # fmt: skip
