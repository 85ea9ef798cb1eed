"""Rows that are there again: found column by column, looking only at rows that nothing has told apart yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
import pandas as pd

AT_ONCE = 500_000  # cells
Read = Callable[[pd.Series], pd.Series]


def copies(
    frame: pd.DataFrame, keep: Literal["first", "last"] = "first", read: Read = lambda column: column
) -> np.ndarray:
    """Which rows repeat another one in every column, as `frame.apply(read).duplicated(keep)` tells; sooner in a wide table.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
    keep : {"first", "last"}
        Which of equal rows is no copy.
    read : callable, optional
        What of a column counts, cell by cell.

    >>> copies(pd.DataFrame({"a": [1, 1, 2, 1], "b": ["x", "x", "x", None]})).tolist()
    [False, True, False, False]
    """
    repeated = np.zeros(len(frame), dtype=bool)
    if frame.shape[1] and len(frame):
        told = Told(frame, range(frame.shape[1]), read)
        told.narrow()
        repeated[told.rows] = pd.Series(told.groups).duplicated(keep).to_numpy()
    return repeated


class Told:
    """Rows of a table that are not told apart yet: column by column they become fewer, and only they are looked at.

    `rows` are positions of rows that are like another one so far, `groups` the group that each is in, `log_chance` the
    logarithm of the chance that two rows are alike in the columns that were read whole, were those independent.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
    places : iterable of int
        Positions of the columns to compare; numbers are looked at first, since they tell rows apart soonest.
    read : callable
        What of a column counts, cell by cell.
    """

    def __init__(self, frame: pd.DataFrame, places: Iterable[int], read: Read) -> None:
        kinds = [dtype.kind for dtype in frame.dtypes]
        self.frame, self.read = frame, read
        self.left = sorted(places, key=lambda i: kinds[i] != "f", reverse=True)  # taken from its end
        self.rows, self.groups, self.log_chance = np.arange(len(frame)), np.zeros(len(frame), dtype=np.int64), 0.0

    def look(self, *, whole: bool = False) -> None:
        """Go on by a column; `whole` counts its values in all rows."""
        column = self.frame.iloc[:, self.left.pop()]
        if not whole and len(self.rows) < len(column):
            column = column.iloc[self.rows]
        codes, values = pd.factorize(self.read(column), use_na_sentinel=False)
        if whole:
            shares = np.bincount(codes) / len(codes)
            self.log_chance += float(np.log((shares**2).sum()))
            codes = codes[self.rows]
        self._grouped(pd.factorize(self.groups * len(values) + codes)[0])

    def narrow(self) -> None:
        """Look at all columns that are left, or until every row is told from the others."""
        told = True  # while each column tells some rows apart, few of them are enough
        while self.left and len(self.rows):
            if not told and len(self.rows) * len(self.left) <= AT_ONCE:
                self._finish()
            else:
                before = len(self.rows)
                self.look()
                told = len(self.rows) < before

    def _finish(self) -> None:
        """Look at all cells that are left, those of a type together."""
        part = self.frame.iloc[self.rows, self.left]
        types, told = list(part.dtypes), [self.groups[:, None]]
        for dtype in dict.fromkeys(types):
            cells = part.iloc[:, [i for i, other in enumerate(types) if other == dtype]]
            flat = pd.Series(cells.to_numpy().ravel(), dtype=dtype)
            told.append(pd.factorize(self.read(flat), use_na_sentinel=False)[0].reshape(cells.shape))
        self.left = []
        keys = np.array([row.tobytes() for row in np.hstack(told)], dtype=object)
        self._grouped(pd.factorize(keys)[0])

    def _grouped(self, groups: np.ndarray) -> None:
        self.groups = groups
        alike = np.bincount(self.groups)[self.groups] > 1
        if not alike.all():
            self.rows, self.groups = self.rows[alike], pd.factorize(self.groups[alike])[0]
