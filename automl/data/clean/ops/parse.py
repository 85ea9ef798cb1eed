"""Read text as numbers or dates, in the way that a file wrote them."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Flows, Op, Param
from automl.data.parse import amounts_of_text, dates_of_text
from automl.data.words import listed
from automl.errors import RecipeError
from automl.types import Step, replace


class Parse(Op):
    key, label = "parse", "Read text as numbers or dates"
    about = "Reads text such as $1,200.50, 12 kg or 31/01/2024; what can't be read becomes missing."
    reads_text = True
    params = (
        Param("to", "Read as", "choice", "number", {"number": "numbers", "date": "dates"}),
        Param("decimal", "Decimal mark", "choice", ".", {".": "1.5", ",": "1,5"}, only_with=("to", ("number",))),
        Param("thousands", "Thousands are set apart by", "text", ",", help="Each character given here is taken out.",
              only_with=("to", ("number",))),
        Param("unit", "Currency or unit", "text", "", help="Such as $ or kg; every number must have it. Empty: none.",
              only_with=("to", ("number",))),
        Param("format", "Date format", "text", "ISO8601",
              help="Such as %d/%m/%Y; ISO8601 for year-month-day. Several, with the word or between them.",
              only_with=("to", ("date",))),
    )  # fmt: skip

    def title(self, step: Step) -> str:
        word = self.value(step, "to")
        return f"Read {listed(step.columns, 2)} as {word}{'' if len(step.columns) == 1 else 's'}"

    def check(self, step: Step) -> None:
        super().check(step)
        form = self.value(step, "format")
        if self.value(step, "to") == "date" and not all(
            part == "ISO8601" or "%" in part for part in form.split(" or ")
        ):
            raise RecipeError(f"Date format: '{form[:60]}' has no part such as %d, %m or %Y. Use ISO8601 for year-month-day.")

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        if self.value(step, "to") == "date":
            return dates_of_text(column, self.value(step, "format"))
        return amounts_of_text(
            column, self.value(step, "decimal"), self.value(step, "thousands"), self.value(step, "unit")
        )

    def call(self, step: Step) -> str:
        if self.value(step, "to") == "date":
            return f"dates_of_text(table[name], {self.value(step, 'format')!r})"
        way = ", ".join(f"{key}={self.value(step, key)!r}" for key in ("decimal", "thousands", "unit"))
        return f"amounts_of_text(table[name], {way})"

    def after(self, step: Step, flows: Flows) -> Flows:
        date = self.value(step, "to") == "date"
        kind, holds = ("datetime", "date") if date else ("numeric", "number")
        return {
            n: replace(flow, kind=kind, holds=holds) if n in step.columns and flow.holds == "text" else flow
            for n, flow in flows.items()
        }
