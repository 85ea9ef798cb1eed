"""Move outliers to limits: `features.clean` fits it inside each training fold."""

from __future__ import annotations

from automl.data.clean.base import Op, Param
from automl.data.clean.ops.limits import LIMITS, METHODS


class ClipOutliers(Op):
    key, label = "clip_outliers", "Limit outliers"
    about = "Moves values beyond limits to them. The limits are learned from the training rows."
    learned = True
    accepts = ("numeric",)
    params = (Param("method", "Limits by", "choice", "iqr", METHODS), *LIMITS)
