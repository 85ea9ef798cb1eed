"""Unify text: one letter case, single spaces, no accents."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Op, Param
from automl.data.clean.functions import unified_text
from automl.types import Step

CASES = {"keep": "as it is", "lower": "small letters", "upper": "CAPITALS", "title": "First Letter Large"}


class UnifyText(Op):
    key, label = "text", "Unify text"
    about = "Makes one value of Yes, YES and yes: letter case, spaces and, if wanted, accents."
    accepts = ("categorical", "boolean", "text", "identifier")
    params = (
        Param("case", "Letter case", "choice", "lower", CASES),
        Param("spaces", "Make several spaces one", "flag", True),
        Param("accents", "Take accents away", "flag", False, help="é becomes e, ü becomes u."),
    )

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        return unified_text(column, *(self.value(step, key) for key in ("case", "spaces", "accents")))

    def call(self, step: Step) -> str:
        way = ", ".join(f"{key}={self.value(step, key)!r}" for key in ("case", "spaces", "accents"))
        return f"unified_text(table[name], {way})"
