"""A column computed from others."""

from __future__ import annotations

import pandas as pd

from automl.data.clean import formula
from automl.data.clean.base import Flow, Flows, Op, Param, with_columns
from automl.data.clean.functions import spread
from automl.data.words import shorten
from automl.errors import RecipeError
from automl.types import Step, replace

KINDS = {"number": "numeric", "date": "datetime", "flag": "boolean", "text": None}
HOLDS = {"f": "number", "i": "number", "u": "number", "M": "date", "b": "flag"}


def type_of(flow: Flow) -> str:
    """What a column is in a formula."""
    if flow.holds == "text":
        return {"numeric": "number", "datetime": "date"}.get(flow.kind or "", "text")
    return flow.holds


class Formula(Op):
    key, label = "formula", "Add a computed column"
    about = "Such as price / [number sold], if(age >= 65, \"senior\", \"other\") or days(ended, since)."
    picks_columns, counts, again, makes_columns = False, "columns", False, True
    params = (
        Param("name", "Name of the new column", "text", ""),
        Param("formula", "Formula", "formula", ""),
        Param("types", "What its columns hold", "names", {}),
    )

    def columns(self, step: Step) -> tuple[str, ...]:
        try:
            return formula.columns_of(step.params.get("formula", ""))
        except RecipeError:
            return ()

    def title(self, step: Step) -> str:
        return f"Compute '{shorten(step.params.get('name', ''))}'"

    def check(self, step: Step) -> None:
        super().check(step)
        if not str(step.params.get("name", "")).strip():
            raise RecipeError("Name of the new column: write one.")
        formula.check(step.params.get("formula", ""))
        if odd := set(step.params.get("types", {}).values()) - {"number", "text", "date", "flag"}:
            raise RecipeError(f"A column of a formula holds number, text, date or flag, not '{odd.pop()}'.")
        if types := step.params.get("types"):
            formula.read(step.params["formula"], types)

    def bound(self, step: Step, flows: Flows) -> Step:
        """The step with what its columns hold written down, so that it means the same on any table."""
        types = {n: type_of(flows[n]) for n in self.columns(step) if n in flows}
        return replace(step, columns=self.columns(step), params={**step.params, "types": types})

    def fits(self, step: Step, flows: Flows) -> None:
        formula.read(step.params["formula"], {n: type_of(flow) for n, flow in flows.items()})

    def passed_over(self, step: Step, flows: Flows) -> list[str]:
        return []

    def after(self, step: Step, flows: Flows) -> Flows:
        tree = formula.read(step.params["formula"], {n: type_of(flow) for n, flow in flows.items()})
        sources = dict.fromkeys(s for n in formula.used(tree) for s in flows[n].sources)
        return {**flows, step.params["name"]: Flow(KINDS[tree.type], tree.type, tuple(sources))}

    def _tree(self, step: Step, frame: pd.DataFrame | None = None) -> formula.Node:
        types = step.params.get("types") or {}
        if frame is not None and not types:
            types = {str(n): HOLDS.get(frame[n].dtype.kind, "text") for n in self.columns(step) if n in frame}
        return formula.read(step.params["formula"], types)

    def apply(self, frame: pd.DataFrame, step: Step) -> pd.DataFrame:
        if any(n not in frame.columns for n in self.columns(step)):
            return frame  # of a table that holds only what a model needs, which is then not this column
        made = formula.calculate(self._tree(step, frame), frame)
        return with_columns(frame, {step.params["name"]: spread(made, frame[self.columns(step)[0]])})

    def source(self, step: Step) -> str:
        names = list(self.columns(step))
        code = formula.source(self._tree(step))
        return f"if {set(names)!r} <= set(table.columns):\n    table[{step.params['name']!r}] = {code}\n"
