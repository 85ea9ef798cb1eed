"""The cleaning recipe: what is proposed, applied to every row, kept out of training, and shown as code.

Steps that look at one row alone are replayed on every row that is ever predicted. Steps that remove rows touch
training rows only. Learned steps are described here and fitted inside each training fold (features.clean).
"""

from __future__ import annotations

from automl.data.clean.apply import (
    apply_steps,
    is_row_wise,
    op_of,
    reading_steps,
    sees_the_table_as_read,
    training_row_mask,
)
from automl.data.clean.flow import Issue, bind, excluded, in_order, settled, spoken, start, switched_off
from automl.data.clean.ops import OPS
from automl.data.clean.propose import propose
from automl.data.clean.source import notebook_source

__all__ = [
    "OPS",
    "Issue",
    "apply_steps",
    "bind",
    "excluded",
    "in_order",
    "is_row_wise",
    "notebook_source",
    "op_of",
    "propose",
    "reading_steps",
    "sees_the_table_as_read",
    "settled",
    "spoken",
    "start",
    "switched_off",
    "training_row_mask",
]
