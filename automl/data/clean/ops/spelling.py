"""One spelling for the several ways in which a category is written."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Op, Param, source_list
from automl.data.clean.functions import respelled
from automl.data.words import listed
from automl.errors import RecipeError
from automl.types import Step


class UnifySpelling(Op):
    key, label = "spelling", "Unify spellings"
    about = "Makes one category of New York, new york and NEW-YORK. Only the spellings listed are changed."
    picks_columns = False
    accepts = ("categorical", "boolean", "text", "identifier")
    params = (Param("spellings", "Spellings", "spellings", {}),)

    def columns(self, step: Step) -> tuple[str, ...]:
        return tuple(step.params.get("spellings", {}))

    def title(self, step: Step) -> str:
        return f"Unify spellings in {listed(self.columns(step), 2)}"

    def check(self, step: Step) -> None:
        super().check(step)
        for column, known in step.params.get("spellings", {}).items():
            if again := [new for new in known.values() if known.get(new, new) != new]:
                raise RecipeError(f"In '{column}', '{again[0]}' is a spelling to keep and one to change. Keep one.")
        if not any(step.params.get("spellings", {}).values()):
            raise RecipeError("Choose a column with spellings to unify.")

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        return respelled(column, step.params["spellings"][name])

    def source(self, step: Step) -> str:
        source = ""
        for name, known in step.params["spellings"].items():
            pairs = "".join(f"    {old!r}: {new!r},\n" for old, new in known.items())
            source += f"if {name!r} in table:\n    spellings = {{\n{pairs}    }}\n"
            source += f"    table[{name!r}] = respelled(table[{name!r}], spellings)\n"
        return source or f"# nothing to unify in {source_list(self.columns(step))}\n"
