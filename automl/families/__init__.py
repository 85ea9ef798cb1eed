"""The model families: a new one is one file and one line here."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl.families.base import Family

FAMILIES = {
    "prior": "automl.families.prior:Prior",  # the baseline, in every build
    "linear": "automl.families.linear:Linear",
    "xgboost": "automl.families.xgboost:XGBoost",
    "lightgbm": "automl.families.lightgbm:LightGBM",
    "catboost": "automl.families.catboost:CatBoost",
    "trees": "automl.families.trees:Trees",
    "mlp": "automl.families.mlp:MLP",
}
USER_FAMILIES = tuple(key for key in FAMILIES if key != "prior")


@functools.cache
def family(key: str) -> Family:
    """The family of a key; its library is imported when it is first used.

    Raises
    ------
    ProblemError
        No family has that key; the nearest is named.

    >>> family("linear").label
    'Linear'
    """
    from automl.errors import ProblemError, unknown_name

    if key not in FAMILIES:
        raise ProblemError(unknown_name("family", key, USER_FAMILIES))
    module, name = FAMILIES[key].split(":")
    return getattr(importlib.import_module(module), name)()
