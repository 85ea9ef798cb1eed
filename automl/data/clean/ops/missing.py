"""Words and numbers that stand for missing in some columns."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Op, Param, source_list
from automl.data.clean.functions import without_words
from automl.data.words import listed
from automl.errors import RecipeError
from automl.types import Step


class MissingWords(Op):
    key, label = "missing", "Make values missing"
    about = "For what stands for no answer in these columns only, such as unknown, 999 or -1."
    params = (Param("words", "Values that mean missing", "words", [], help="One a line; letter case does not matter."),)

    def title(self, step: Step) -> str:
        return f"Make {listed(self.value(step, 'words') or [], 2)} missing in {listed(step.columns, 2)}"

    def check(self, step: Step) -> None:
        super().check(step)
        if not self._words(step):
            raise RecipeError("Write at least one value that means missing.")

    def _words(self, step: Step) -> set[str]:
        return {word.strip().lower() for word in step.params.get("words", ())}

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        return without_words(column, self._words(step))

    def call(self, step: Step) -> str:
        return f"without_words(table[name], {{{source_list(sorted(self._words(step)))[1:-1]}}})"
