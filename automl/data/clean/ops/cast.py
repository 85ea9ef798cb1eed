"""Change what a column is: number, date, text, category or yes/no."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Flows, Op, Param
from automl.data.clean.functions import as_date, as_number, as_text, as_yes_no
from automl.data.words import listed
from automl.types import Step, replace

TYPES = {"numeric": "number", "datetime": "date", "categorical": "category", "boolean": "yes/no", "text": "free text"}
READ = {
    "numeric": ("as_number", as_number, "number"),
    "datetime": ("as_date", as_date, "date"),
    "categorical": ("as_text", as_text, "text"),
    "boolean": ("as_yes_no", as_yes_no, "text"),
    "text": ("as_text", as_text, "text"),
}


class ChangeType(Op):
    key, label = "cast", "Change the type"
    about = "A postcode is a category, not a number. What does not fit the new type becomes missing."
    params = (Param("to", "New type", "choice", "categorical", TYPES),)

    def title(self, step: Step) -> str:
        return f"Make {listed(step.columns, 2)} the type {TYPES.get(self.value(step, 'to'), '')}"

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        return READ[self.value(step, "to")][1](column)

    def call(self, step: Step) -> str:
        return f"{READ[self.value(step, 'to')][0]}(table[name])"

    def after(self, step: Step, flows: Flows) -> Flows:
        to = self.value(step, "to")
        return {
            n: replace(flow, kind=to, holds=READ[to][2]) if n in step.columns else flow for n, flow in flows.items()
        }
