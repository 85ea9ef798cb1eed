"""Leave rows out of training that repeat an earlier one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.clean.base import Op, Param, source_list
from automl.data.copies import copies
from automl.types import Step


class DropDuplicates(Op):
    key, label = "drop_duplicates", "Leave out exact duplicates"
    about = "For rows that were copied by mistake: the same in all these columns. Every row handed in is still predicted."
    removes_rows, counts, of_all_columns = True, "rows", True
    params = (
        Param("keep", "Of equal rows, keep", "choice", "first", {"first": "the first", "last": "the last"}),
        Param("when", "Compare the rows", "choice", "as read",
              {"as read": "as they were read", "here": "as they are at this step"}),
    )  # fmt: skip

    def title(self, step: Step) -> str:
        return self.label

    def keep(self, frame: pd.DataFrame, step: Step) -> np.ndarray:
        present = self.present(frame, step)
        if not present:
            return np.ones(len(frame), dtype=bool)
        return ~copies(frame[present], self.value(step, "keep"))

    def source(self, step: Step) -> str:
        names = source_list(step.columns)
        how = "" if self.value(step, "keep") == "first" else ', keep="last"'
        return f"kept = ~table.duplicated(subset=table.columns.intersection({names}){how}).to_numpy()\n"
