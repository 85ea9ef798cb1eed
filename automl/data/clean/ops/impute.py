"""Fill missing values: `features.clean` fits it inside each training fold."""

from __future__ import annotations

from automl.data.clean.base import Op, Param
from automl.data.words import listed
from automl.errors import RecipeError
from automl.types import Step


class Impute(Op):
    key, label = "impute", "Fill missing values"
    about = "Each model family has its own way with missing values; this fills them before, the same for all."
    learned = True
    accepts = ("numeric", "categorical", "boolean", "text")
    params = (
        Param("numeric", "Numbers", "choice", "median",
              {"median": "median", "mean": "mean", "mode": "most frequent", "constant": "a fixed number", "none": "leave"}),
        Param("number", "The fixed number", "number", 0.0, only_with=("numeric", ("constant",))),
        Param("categorical", "Categories and text", "choice", "mode",
              {"mode": "most frequent", "constant": "a fixed word", "none": "leave"}),
        Param("word", "The fixed word", "text", "missing", only_with=("categorical", ("constant",))),
        Param("indicator", "Add a column that says where a value was missing", "flag", False),
    )  # fmt: skip

    def title(self, step: Step) -> str:
        return f"{self.label} in {listed(step.columns, 2)}" if len(step.columns) < 3 else self.label

    def check(self, step: Step) -> None:
        super().check(step)
        if self.value(step, "categorical") == "constant" and not str(self.value(step, "word")).strip():
            raise RecipeError("The fixed word is empty. Write one.")
