"""Foretable's engine: from a raw table to a model that can be trusted.

>>> from automl import AutoMLClassifier, read_table          # doctest: +SKIP
>>> table = read_table("customers.csv")                       # doctest: +SKIP
>>> model = AutoMLClassifier(time_limit=60).fit(table.drop(columns="churn"), table["churn"])  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["AutoMLClassifier", "AutoMLRegressor", "load_model", "read_table"]

_PLACES = {
    "AutoMLClassifier": "automl.estimators",
    "AutoMLRegressor": "automl.estimators",
    "load_model": "automl.estimators",
    "read_table": "automl.data.read",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        import importlib

        return getattr(importlib.import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'automl' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
