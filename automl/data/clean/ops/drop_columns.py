"""Leave columns out."""

from __future__ import annotations

import pandas as pd

from automl.data.clean.base import Flows, Op, source_list
from automl.types import Step


class DropColumns(Op):
    key, label = "drop_columns", "Leave out columns"
    about = "For columns that tell nothing, or that must not be used."
    counts = "columns"

    def fits(self, step: Step, flows: Flows) -> None:
        """Columns that are not there are left out already."""

    def apply(self, frame: pd.DataFrame, step: Step) -> pd.DataFrame:
        return frame.drop(columns=self.present(frame, step))

    def source(self, step: Step) -> str:
        return f'table = table.drop(columns={source_list(step.columns)}, errors="ignore")\n'

    def after(self, step: Step, flows: Flows) -> Flows:
        return {n: flow for n, flow in flows.items() if n not in step.columns}
