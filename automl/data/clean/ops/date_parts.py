"""Parts of dates as columns: year, month, weekday and so on."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Flow, Flows, Op, Param, with_columns
from automl.data.clean.functions import date_part
from automl.data.words import listed
from automl.errors import RecipeError
from automl.types import Step

PARTS = {
    "year": "year", "quarter": "quarter", "month": "month", "week": "week of the year", "day": "day of the month",
    "weekday": "day of the week (Monday is 1)", "day of year": "day of the year", "hour": "hour",
}  # fmt: skip


class DateParts(Op):
    key, label = "date_parts", "Take parts of dates"
    about = "Adds a number column for each part. Models read dates anyway; this makes a part a column of its own."
    accepts = ("datetime",)
    counts, again, makes_columns = "columns", False, True
    params = (
        Param("parts", "Parts", "choices", ["year", "month", "weekday"], PARTS),
        Param("drop", "Leave out the date itself", "flag", False),
    )

    def title(self, step: Step) -> str:
        return f"Take {listed(self.value(step, 'parts'), 3, '')} of {listed(step.columns, 2)}"

    def _made(self, step: Step) -> dict[str, tuple[str, str]]:
        return {f"{n} {part}": (n, part) for n in step.columns for part in self.value(step, "parts")}

    def fits(self, step: Step, flows: Flows) -> None:
        super().fits(step, flows)
        taken = [new for new, (name, _) in self._made(step).items() if name in flows and new in flows]
        if taken:
            raise RecipeError(f"There is a column called '{taken[0]}' already. Rename it first.")

    def apply(self, frame: pd.DataFrame, step: Step) -> pd.DataFrame:
        made = {
            new: date_part(frame[name], part)
            for new, (name, part) in self._made(step).items()
            if name in frame.columns
        }
        out = with_columns(frame, made)
        return out.drop(columns=self.present(frame, step)) if self.value(step, "drop") else out

    def source(self, step: Step) -> str:
        source = (
            f"for name in table.columns.intersection({list(step.columns)!r}):\n"
            f"    for part in {list(self.value(step, 'parts'))!r}:\n"
            '        table[f"{name} {part}"] = date_part(table[name], part)\n'
        )
        drop = f'table = table.drop(columns={list(step.columns)!r}, errors="ignore")\n'
        return source + (drop if self.value(step, "drop") else "")

    def after(self, step: Step, flows: Flows) -> Flows:
        made = {
            new: Flow("numeric", "number", flows[name].sources)
            for new, (name, _) in self._made(step).items()
            if name in flows
        }
        gone = step.columns if self.value(step, "drop") else ()
        return {n: flow for n, flow in {**flows, **made}.items() if n not in gone}
