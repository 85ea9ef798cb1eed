"""The parameters that outlier steps share: which method finds the limits, and how far out they are."""

from __future__ import annotations

from automl.data.clean.base import Param

IQR_FACTOR = 3.0  # Tukey's "far out" fences; 1.5 marks ordinary values of skewed columns
METHODS = {"iqr": "the middle half (IQR)", "sd": "standard deviations", "percentile": "percentiles"}
LIMITS = (
    Param("factor", "Times the middle half's width beyond it", "number", IQR_FACTOR, low=0.1, high=100,
          help="3 marks what is far out, 1.5 also what is ordinary in skewed columns.", only_with=("method", ("iqr",))),
    Param("deviations", "Standard deviations from the mean", "number", 4.0, low=0.5, high=100, only_with=("method", ("sd",))),
    Param("low", "Lowest percentile", "number", 1.0, low=0, high=49, only_with=("method", ("percentile",))),
    Param("high", "Highest percentile", "number", 99.0, low=51, high=100, only_with=("method", ("percentile",))),
)  # fmt: skip
