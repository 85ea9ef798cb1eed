"""Give columns other names."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from automl.data.clean.base import Flows, Op, Param
from automl.data.words import listed, shorten
from automl.errors import RecipeError
from automl.types import Step


class Rename(Op):
    key, label = "rename", "Rename columns"
    about = "Files to predict keep their old names: the model renames them by itself."
    picks_columns, counts, again = False, "columns", False
    params = (Param("names", "New names", "names", {}),)

    def columns(self, step: Step) -> tuple[str, ...]:
        return tuple(step.params.get("names", {}))

    def title(self, step: Step) -> str:
        names = step.params.get("names", {})
        if len(names) == 1:
            ((old, new),) = names.items()
            return f"Rename '{shorten(old)}' to '{shorten(new)}'"
        return f"Rename {listed(names, 2)}"

    def check(self, step: Step) -> None:
        super().check(step)
        names = step.params.get("names", {})
        if not names:
            raise RecipeError("Choose a column and write its new name.")
        for old, new in names.items():
            if not new.strip():
                raise RecipeError(f"The new name of '{shorten(old)}' is empty.")
        if twice := [n for n, times in Counter(names.values()).items() if times > 1]:
            raise RecipeError(f"Two columns would be called '{shorten(twice[0])}'.")

    def fits(self, step: Step, flows: Flows) -> None:
        super().fits(step, flows)
        names = step.params["names"]
        taken = [new for old, new in names.items() if old in flows and new in flows and new not in names and new != old]
        if taken:
            raise RecipeError(f"There is a column called '{shorten(taken[0])}' already. Choose another name.")

    def apply(self, frame: pd.DataFrame, step: Step) -> pd.DataFrame:
        return frame.rename(columns=step.params["names"])

    def source(self, step: Step) -> str:
        return f"table = table.rename(columns={step.params['names']!r})\n"

    def after(self, step: Step, flows: Flows) -> Flows:
        names = step.params.get("names", {})
        return {names.get(n, n): flow for n, flow in flows.items()}
