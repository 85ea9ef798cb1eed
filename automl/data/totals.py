"""A row of totals at the foot of a table: noticed, never taken away without a word."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.data.guess import guess
from automl.data.values import Text, apply_plan
from automl.data.words import listed, shorten

LEAST_ROWS = 3  # above it; of fewer, a sum may be chance
MOST_ROWS, MOST_COLUMNS = 1_000_000, 200  # that are summed up
EXACT = 1e-6  # of the sum, or a cent: sums are written rounded
WORD = re.compile(
    r"(grand |over ?all |sub)?totals?|sums?|(end|gesamt|zwischen)?summen?|gesamt|insgesamt|total général|totaux|somme|"
    r"totale|totales|suma|razem|totaal|итого|всего|合計|总计|合计",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Total:
    """What the last row says of itself, and which of its cells are sums of those above."""

    word: str
    sums: tuple[str, ...]

    @property
    def reasons(self) -> str:
        """In words, with the columns named."""
        sums = f"{listed(self.sums, 2)} {'is the sum' if len(self.sums) == 1 else 'are the sums'} of the rows above"
        said = f"it says '{shorten(self.word)}'" if self.word else ""
        return " and ".join(part for part in (said, sums if self.sums else "") if part)


@dataclass(frozen=True)
class LastRow:
    """A row that may hold totals: its cells, which of them says so, and the others that are filled."""

    cells: tuple[str, ...]
    named: int | None
    others: tuple[int, ...]

    @classmethod
    def of(cls, cells: Sequence[str]) -> LastRow | None:
        """None where a row is like any other: nothing in it says Total, and all its cells are filled."""
        cells = tuple(str(cell).strip() for cell in cells)
        filled = [i for i, cell in enumerate(cells) if cell]
        named = next((i for i in filled if WORD.fullmatch(cells[i].rstrip(" :"))), None)
        if len(cells) < 2 or not filled or (named is None and len(filled) == len(cells)):
            return None
        return cls(cells, named, tuple(i for i in filled if i != named))

    def judged(self, names: Sequence[str], is_sum: Callable[[int], bool]) -> Total | None:
        """Whether it does, as `is_sum` says which cells are the sum of their column."""
        sums: list[str] = []
        for i in self.others[:MOST_COLUMNS]:
            if is_sum(i):
                sums.append(names[i])
            elif self.named is None:
                return None
        if self.named is None:
            return Total("", tuple(sums)) if sums else None
        mostly_empty = len(self.others) + 1 <= len(self.cells) / 2
        return Total(self.cells[self.named], tuple(sums)) if sums or mostly_empty else None


def total_row(frame: pd.DataFrame) -> Total | None:
    """Whether the last row of a table of text cells holds totals of those above.

    It does where it says so (Total, Summe …) and a number in it is the sum of its column or most cells are empty;
    or, without a word, where all its numbers are sums and nothing else stands in it.

    >>> cells = {"shop": ["a", "b", "c", "Total"], "sold": ["10", "20", "5", "35"]}
    >>> total_row(pd.DataFrame(cells, dtype="str")).reasons
    "it says 'Total' and 'sold' is the sum of the rows above"
    """
    if not LEAST_ROWS < len(frame) <= MOST_ROWS:
        return None
    last = LastRow.of(frame.iloc[-1].tolist())
    if last is None:
        return None
    if last.named is not None and (frame.iloc[:-1, last.named].str.strip() == last.cells[last.named]).any():
        return None  # a value like others
    names = [str(name) for name in frame.columns]
    return last.judged(names, lambda i: _is_sum(frame.iloc[:-1, i], last.cells[i], names[i]))


def _is_sum(column: pd.Series, cell: str, name: str) -> bool:
    text = Text(column)
    plan = guess(text.array, text.missing, name).plan
    if plan["type"] != "number" or plan.get("empty"):
        return False
    return adds_up(cell, plan, float(np.nansum(pd.Series(text.spread(text.read_as(plan))).to_numpy(dtype=np.float64))))


def adds_up(cell: str, plan: dict[str, Any], total: float) -> bool:
    """Whether a cell, read as its column's plan says, is the sum of the column."""
    last = float(apply_plan(pd.Series([cell], dtype="str"), _loose(plan)).iloc[0])
    return bool(total) and bool(np.isfinite(last)) and abs(last - total) <= max(EXACT * abs(total), 0.01)


def _loose(plan: dict[str, Any]) -> dict[str, Any]:
    return {**plan, "integer": False, "loose": True}
