"""Rows that are nearly copies: alike but for identifiers, dates, letter case, spaces and the last digits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from automl.data.clean.functions import nearly
from automl.data.copies import Told, copies
from automl.types import Column, ColumnKind

LOOK_ROWS = 100_000
LEAST_SHARE, LEAST_ROWS = 0.005, 5  # of near copies, to be worth a word
BY_CHANCE = 10.0  # so many times what independent columns would give
LEAST_COLUMNS = 3  # of fewer, rows are alike anyway


def near_copies(
    frame: pd.DataFrame, columns: Iterable[Column], exact: int | None = None
) -> tuple[int, tuple[str, ...]]:
    """Rows that are like an earlier one without being its exact copy, and the columns that were compared.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        Of more than 100,000 rows a sample is looked at, and the rows found in it are counted.
    columns : iterable of Column
        Its profile: identifiers and dates are not compared.
    exact : int, optional
        Its exact copies, where they are counted already and the table is not larger than what is looked at.

    Returns
    -------
    (int, tuple of str)
        0 where there are too few to speak of, or where chance explains them: in a table of few values rows are alike.
    """
    part = frame if len(frame) <= LOOK_ROWS else frame.sample(LOOK_ROWS, random_state=0)
    left_out = (ColumnKind.IDENTIFIER, ColumnKind.DATETIME)
    kinds = {c.name: c.kind for c in columns}
    compared = [i for i, n in enumerate(part.columns) if kinds.get(str(n)) not in left_out]
    names = tuple(str(part.columns[i]) for i in compared)
    if len(names) < LEAST_COLUMNS or not len(part):
        return 0, names
    told = Told(part, compared, nearly)
    pairs = np.log(max(len(part), 2)) * 2 - np.log(2)
    # Columns are read whole until chance explains no pair any more; then only for rows that are still alike.
    while told.left and len(told.rows) and BY_CHANCE * np.exp(pairs + told.log_chance) >= 1:
        told.look(whole=True)
    told.narrow()
    if not len(told.rows):
        return 0, names
    alike = len(told.rows) - int(told.groups.max()) - 1
    by_chance = alike <= BY_CHANCE * np.exp(pairs + told.log_chance)
    if by_chance:
        return 0, names
    near = alike - (int(copies(part).sum()) if exact is None or part is not frame else exact)
    return (near if near >= max(LEAST_ROWS, LEAST_SHARE * len(part)) else 0), names
