"""Leave rows out of training that are nearly the same as an earlier one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.clean.base import Op, Param, source_list
from automl.data.clean.functions import nearly
from automl.data.copies import copies
from automl.types import Step


class DropNearDuplicates(Op):
    key, label = "drop_near_duplicates", "Leave out near copies"
    about = (
        "For cases that were entered twice: alike in these columns but for letter case, spaces and what follows the third "
        "digit of fractions. Every row handed in is still predicted."
    )
    removes_rows, counts, of_all_columns = True, "rows", True
    params = (
        Param("keep", "Of rows that are alike, keep", "choice", "first", {"first": "the first", "last": "the last"}),
    )

    def title(self, step: Step) -> str:
        return self.label

    def keep(self, frame: pd.DataFrame, step: Step) -> np.ndarray:
        present = self.present(frame, step)
        if not present:
            return np.ones(len(frame), dtype=bool)
        return ~copies(frame[present], self.value(step, "keep"), nearly)

    def source(self, step: Step) -> str:
        names = source_list(step.columns)
        how = "" if self.value(step, "keep") == "first" else 'keep="last"'
        return f"kept = ~table[table.columns.intersection({names})].apply(nearly).duplicated({how}).to_numpy()\n"
