"""Carry a recipe out: on every row, and on the rows to learn from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.clean.base import Op
from automl.data.clean.ops import OPS
from automl.errors import RecipeError, unknown_name
from automl.types import Recipe, Step


def op_of(step: Step) -> Op:
    """The operation of a step; raises RecipeError when there is none of its name."""
    if step.op not in OPS:
        raise RecipeError(unknown_name("cleaning step", step.op, OPS))
    return OPS[step.op]


def is_row_wise(step: Step) -> bool:
    """Whether a step is replayed on every row that is ever predicted."""
    op = op_of(step)
    return not (op.learned or op.removes_rows)


def reading_steps(recipe: Recipe) -> Recipe:
    """Only the steps that read what files write (spaces, words for missing, numbers and dates in text)."""
    return Recipe(tuple(s for s in recipe.steps if op_of(s).reads_text))


def apply_steps(frame: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Apply the steps that look at one row alone; the same for one row and for many.

    Parameters
    ----------
    frame : DataFrame
        Columns that a step names may be absent (the target at prediction, dropped ones).
    recipe : Recipe

    Returns
    -------
    DataFrame
        A new frame; disabled steps, learned steps and those that remove rows are passed over.

    Raises
    ------
    RecipeError
        For an unknown step.
    """
    frame = frame.copy(deep=False)
    for step in recipe.steps:
        op = op_of(step)
        if step.enabled and not (op.learned or op.removes_rows):
            frame = op.apply(frame, step)
    return frame


def training_row_mask(frame: pd.DataFrame, recipe: Recipe) -> np.ndarray:
    """Which rows may be learned from.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        As it was read, target included. Exact duplicates are looked for there unless their step says otherwise: with
        identifiers dropped, rows of different people could look like duplicates. Other steps see the table as it
        comes to them.

    Returns
    -------
    ndarray of bool of shape (rows,)
        False where an enabled step removes the row. What is learned removes rows inside the folds, not here.
    """
    keep = np.ones(len(frame), dtype=bool)
    removing = [s for s in recipe.steps if s.enabled and op_of(s).removes_rows and not op_of(s).learned]
    for step in filter(sees_the_table_as_read, removing):
        keep &= op_of(step).keep(frame, step)
    if not all(map(sees_the_table_as_read, removing)):
        for step in recipe.steps:
            op = op_of(step)
            if not step.enabled or op.learned or sees_the_table_as_read(step):
                continue
            if op.removes_rows:
                rows = np.flatnonzero(keep)
                keep[rows] = op.keep(frame.iloc[rows], step)
            else:
                frame = op.apply(frame, step)
    return keep


def sees_the_table_as_read(step: Step) -> bool:
    """Whether a step that removes rows looks at the table before any other step."""
    if step.op == "drop_near_duplicates":
        return True
    return step.op == "drop_duplicates" and step.params.get("when", "as read") == "as read"
