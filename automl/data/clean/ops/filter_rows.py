"""Learn only from rows that meet conditions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.clean.base import Flows, Op, Param
from automl.data.clean.functions import meets, number_of
from automl.data.words import shorten
from automl.errors import RecipeError
from automl.types import Step

TESTS = {
    "is": "is", "is not": "is not", "is one of": "is one of", "is none of": "is none of", "contains": "contains",
    "does not contain": "does not contain", "above": "is above", "at least": "is at least", "below": "is below",
    "at most": "is at most", "is missing": "is missing", "is not missing": "is not missing",
}  # fmt: skip
ORDERED = ("above", "at least", "below", "at most")
ALONE = ("is missing", "is not missing")


class FilterRows(Op):
    key, label = "filter_rows", "Filter rows"
    about = "Rows that are left out are not learned from. Every row handed in is still predicted and scored."
    removes_rows, picks_columns, counts = True, False, "rows"
    params = (
        Param("do", "Rows that meet them are", "choice", "keep", {"keep": "kept, all others left out", "remove": "left out"}),
        Param("how", "Conditions hold when", "choice", "all", {"all": "all are met", "any": "at least one is met"}),
        Param("conditions", "Conditions", "conditions", []),
    )

    def columns(self, step: Step) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c["column"] for c in step.params.get("conditions", ())))

    def title(self, step: Step) -> str:
        said = [self._said(c) for c in step.params.get("conditions") or ()]
        word = " and " if self.value(step, "how") == "all" else " or "
        return f"{'Keep' if self.value(step, 'do') == 'keep' else 'Leave out'} rows where {shorten(word.join(said), 120)}"

    def _said(self, condition: dict) -> str:
        text = f"{shorten(condition['column'])} {TESTS.get(condition['test'], condition['test'])}"
        value = condition.get("value")
        if condition["test"] in ALONE or value is None:
            return text
        return f"{text} {', '.join(map(str, value)) if isinstance(value, list) else value}"

    def check(self, step: Step) -> None:
        super().check(step)
        for condition in step.params["conditions"]:
            test, value, name = condition["test"], condition.get("value"), shorten(condition["column"])
            if test not in TESTS:
                raise RecipeError(f"'{shorten(test)}' is no test of '{name}'. Use one of {', '.join(TESTS)}.")
            several = test in ("is one of", "is none of")
            good = isinstance(value, list) and value if several else isinstance(value, (str, int, float))
            if test not in ALONE and (not good or value == ""):
                raise RecipeError(f"The condition on '{name}' has no value to compare with. Write one.")
            if test in ORDERED and number_of(value) is None and pd.isna(pd.to_datetime(str(value), errors="coerce", format="ISO8601")):
                raise RecipeError(f"'{name}' {TESTS[test]} '{shorten(value)}': this needs a number, or a date such as 2024-01-31.")

    def fits(self, step: Step, flows: Flows) -> None:
        for condition in step.params["conditions"]:
            name = condition["column"]
            if name not in flows:
                raise RecipeError(f"'{shorten(name)}' is not in the table at this step.")
            dates, number = flows[name].holds == "date", number_of(condition.get("value")) is not None
            if condition["test"] in ORDERED and dates == number:
                wanted = "a date such as 2024-01-31" if dates else "a number"
                raise RecipeError(f"'{shorten(name)}' {TESTS[condition['test']]} needs {wanted}, not '{condition['value']}'.")

    def keep(self, frame: pd.DataFrame, step: Step) -> np.ndarray:
        found = [
            meets(frame[c["column"]], c["test"], c.get("value")).to_numpy(dtype=bool)
            for c in step.params["conditions"]
            if c["column"] in frame.columns
        ]
        if not found:
            return np.ones(len(frame), dtype=bool)
        met = np.logical_and.reduce(found) if self.value(step, "how") == "all" else np.logical_or.reduce(found)
        return met if self.value(step, "do") == "keep" else ~met

    def source(self, step: Step) -> str:
        lines = [
            f"    meets(table[{c['column']!r}], {c['test']!r}, {c.get('value')!r})" for c in step.params["conditions"]
        ]
        sign = "&" if self.value(step, "how") == "all" else "|"
        sign = f" {sign}\n"
        text = f"met = (\n{sign.join(lines)}\n).to_numpy(dtype=bool)\n"
        return text + ("kept = met\n" if self.value(step, "do") == "keep" else "kept = ~met\n")
