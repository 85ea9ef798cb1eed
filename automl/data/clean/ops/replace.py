"""Replace values by others, whole or in part; there are no patterns, so none can take forever."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Op, Param
from automl.data.clean.functions import replaced
from automl.data.words import listed, shorten
from automl.errors import RecipeError
from automl.types import Step


class ReplaceValues(Op):
    key, label = "replace", "Replace values"
    about = "Such as NY by New York. An empty new value makes it missing, or takes the part away."
    again = False
    params = (
        Param("pairs", "Values", "pairs", []),
        Param("match", "What is replaced", "choice", "whole", {"whole": "whole values", "part": "parts of a text"}),
        Param("case", "Letter case matters", "flag", True),
    )

    def title(self, step: Step) -> str:
        pairs = step.params.get("pairs") or []
        if len(pairs) == 1 and pairs[0][1] is not None:
            return f"Replace '{shorten(pairs[0][0])}' by '{shorten(pairs[0][1])}' in {listed(step.columns, 2)}"
        return f"Replace values in {listed(step.columns, 2)}"

    def check(self, step: Step) -> None:
        super().check(step)
        pairs = step.params.get("pairs") or []
        if not pairs:
            raise RecipeError("Write at least one value and what replaces it.")
        if any(old is None for old, _ in pairs):
            raise RecipeError("A value to replace is missing. Write it, or take its line away.")
        if self.value(step, "match") == "part" and any(not old for old, _ in pairs):
            raise RecipeError("An empty text can't be replaced. Write what is to be replaced.")

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        return replaced(column, *self._way(step))

    def _way(self, step: Step) -> tuple[list, bool, bool]:
        pairs = [[old, new] for old, new in step.params["pairs"]]
        return pairs, self.value(step, "match") == "part", self.value(step, "case")

    def call(self, step: Step) -> str:
        pairs, part, case = self._way(step)
        return f"replaced(table[name], {pairs!r}, part={part}, case={case})"
