"""Rows that are nearly copies: alike but for identifiers, dates, letter case, spaces and the last digits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from automl.data.clean.functions import nearly
from automl.types import Column, ColumnKind

LOOK_ROWS = 100_000
LEAST_SHARE, LEAST_ROWS = 0.005, 5  # of near copies, to be worth a word
BY_CHANCE = 10.0  # so many times what independent columns would give
LEAST_COLUMNS = 3  # of fewer, rows are alike anyway


def near_copies(frame: pd.DataFrame, columns: Iterable[Column]) -> tuple[int, tuple[str, ...]]:
    """Rows that are like an earlier one without being its exact copy, and the columns that were compared.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        Of more than 100,000 rows a sample is looked at, and the rows found in it are counted.
    columns : iterable of Column
        Its profile: identifiers and dates are not compared.

    Returns
    -------
    (int, tuple of str)
        0 where there are too few to speak of, or where chance explains them: in a table of few values rows are alike.
    """
    part = frame if len(frame) <= LOOK_ROWS else frame.sample(LOOK_ROWS, random_state=0)
    left_out = (ColumnKind.IDENTIFIER, ColumnKind.DATETIME)
    kinds = {c.name: c.kind for c in columns}
    names = tuple(str(n) for n in part.columns if kinds.get(str(n)) not in left_out)
    if len(names) < LEAST_COLUMNS or not len(part):
        return 0, names
    rows, log_chance = np.zeros(len(part), dtype=np.int64), 0.0
    for name in sorted(names, key=lambda n: part[n].dtype.kind != "f"):  # numbers first: they tell rows apart soonest
        codes, values = pd.factorize(nearly(part[name]), use_na_sentinel=False)
        rows, different = pd.factorize(rows * len(values) + codes)
        if len(different) == len(part):
            return 0, names
        shares = np.bincount(codes) / len(codes)
        log_chance += float(np.log((shares**2).sum()))
    alike = len(part) - len(different)
    expected = np.exp(np.log(max(len(part), 2)) * 2 - np.log(2) + log_chance)
    near = alike - int(part.duplicated().sum()) if alike > BY_CHANCE * expected else 0
    return (near if near >= max(LEAST_ROWS, LEAST_SHARE * len(part)) else 0), names
