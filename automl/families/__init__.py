"""One file a model family, one line here."""

from __future__ import annotations

import functools
import importlib

FAMILIES = {
    "prior": "automl.families.prior:Prior",
    "lightgbm": "automl.families.lightgbm:LightGBM",
}
USER_FAMILIES = tuple(k for k in FAMILIES if k != "prior")


@functools.cache
def family(key):
    from automl.errors import ProblemError, unknown_name

    if key not in FAMILIES:
        raise ProblemError(unknown_name("family", key, USER_FAMILIES))
    module, name = FAMILIES[key].split(":")
    return getattr(importlib.import_module(module), name)()
