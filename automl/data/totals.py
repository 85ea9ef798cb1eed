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
SMALL = 5e-3  # of a sum, where a cent is more than that
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
        named = next((i for i in filled if WORD.fullmatch(re.sub(r" *\([^)]*\)$", "", cells[i]).rstrip(" :"))), None)
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


# A word for a total, alone or beside what is summed up ("Total north", "Nord Ergebnis"), or the stars of a list of SAP.
MARK = re.compile(
    rf"\*{{1,5}}|(?:{WORD.pattern})(?:[ :].*)?|.*[ :](?:{WORD.pattern}|ergebnis)|gesamtergebnis|teilergebnis|result", re.IGNORECASE
)
MOST_LISTED = 200_000  # rows of a table that subtotals are looked for in: lists for people are no longer
LOOKED_AT, LONGEST_MARK = 5, 60  # columns, and characters of a cell
MOST_BEFORE = 1000  # beginnings that a row's sums are tried from
MOST_MISSES = 1000  # rows that say so and sum up nothing: of more, that is a value like others
LEAST_SUMS = 2  # rows that sum up others; of one alone it might be chance


@dataclass(frozen=True)
class Subtotals:
    """Rows that sum up those above them, by their position, what marks them, and the columns that add up."""

    rows: tuple[int, ...]
    words: tuple[str, ...]
    sums: tuple[str, ...]


def subtotals(frame: pd.DataFrame) -> Subtotals | None:
    """Rows within a table of text cells that sum up those above, since an earlier such row or from the start.

    Only what is certain: a row has to say so, and at least half of its numbers are sums, in at least two rows and half of those
    that say so. Of a row that is the only one above it all numbers have to be the same. The last row may be one too; alone, it
    is `total_row`'s.
    Large files are not looked at, being read block by block: what is printed with subtotals is no longer than people read.

    >>> cells = {"shop": ["a", "b", "Subtotal", "c", "d", "Subtotal"], "sold": ["10", "20", "30", "5", "7", "12"]}
    >>> subtotals(pd.DataFrame(cells, dtype="str")).rows
    (2, 5)
    """
    marks = _marked(frame)
    if len(marks) < LEAST_SUMS or 2 * len(marks) > len(frame):
        return None
    rows = np.array(sorted(marks))
    others = np.setdiff1d(np.arange(len(frame)), rows, assume_unique=True)
    places, sums, cells = [], [], []
    for i in range(min(frame.shape[1], MOST_COLUMNS)):
        if numbers := _numbers(frame.iloc[:, i], rows, others, str(frame.columns[i])):
            places.append(i)
            sums.append(numbers[0])
            cells.append(numbers[1])
    if not places:
        return None
    so_far, said = np.column_stack(sums), np.column_stack(cells)
    found, certain, misses, names = [], 0, 0, set()
    begins, known = np.zeros(len(rows) + 1, dtype=np.int64), 1
    for row, values in zip(rows, said, strict=True):
        end = int(np.searchsorted(others, row))
        filled = ~np.isnan(values)
        starts = begins[max(known - MOST_BEFORE, 0) : known][::-1]
        expected = so_far[end] - so_far[starts]
        close = filled & (np.abs(values - expected) <= _rounding(expected))
        least = np.where(end - starts == 1, filled.sum(), max(1, filled.sum() / 2))
        fits = (starts < end) & (close & (expected != 0)).any(axis=1) & (close.sum(axis=1) >= least)
        if fits.any():
            back = int(np.argmax(fits))
            found.append(int(row))
            certain += end - int(starts[back]) > 1
            names |= {places[j] for j in np.flatnonzero(close[back])}
            known -= back
            begins[known] = end
            known += 1
        else:
            misses += 1
            if misses > min(MOST_MISSES, len(rows) / 2):
                return None
    if certain < LEAST_SUMS:
        return None
    words = tuple(dict.fromkeys(marks[row] for row in found))
    return Subtotals(tuple(found), words, tuple(str(frame.columns[i]) for i in sorted(names)))


def _marked(frame: pd.DataFrame) -> dict[int, str]:
    """Rows in which a cell says that they sum up others, and that cell."""
    found: dict[int, str] = {}
    if not 2 * LEAST_SUMS < len(frame) <= MOST_LISTED:
        return found
    for i in range(min(frame.shape[1], LOOKED_AT)):
        column = frame.iloc[:, i]
        words = column[column.str.contains(r"(?i)\*|su[mb]|som|tota|gesam|erge|resul|raz|итог|всего|计|計", regex=True)]
        marks = {w for w in words.unique() if len(w) <= LONGEST_MARK and MARK.fullmatch(w.strip().rstrip(" :"))}
        for row, word in words[words.isin(marks)].items():
            found.setdefault(int(row), str(word).strip())
    return found


def _numbers(column: pd.Series, rows: np.ndarray, others: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """The sums of a column's numbers down to each of the other rows, and what it says in `rows`; None where it has no numbers."""
    text = Text(column.iloc[others])
    plan = guess(text.array, text.missing, name).plan
    if plan["type"] != "number" or plan.get("empty"):
        return None
    numbers = np.nan_to_num(pd.Series(text.spread(text.read_as(plan))).to_numpy(dtype=np.float64))
    said = apply_plan(column.iloc[rows].reset_index(drop=True), _loose(plan)).to_numpy(dtype=np.float64)
    return np.concatenate(([0.0], np.cumsum(numbers))), said


def _is_sum(column: pd.Series, cell: str, name: str) -> bool:
    text = Text(column)
    plan = guess(text.array, text.missing, name).plan
    if plan["type"] != "number" or plan.get("empty"):
        return False
    return adds_up(cell, plan, float(np.nansum(pd.Series(text.spread(text.read_as(plan))).to_numpy(dtype=np.float64))))


def adds_up(cell: str, plan: dict[str, Any], total: float) -> bool:
    """Whether a cell, read as its column's plan says, is the sum of the column."""
    last = float(apply_plan(pd.Series([cell], dtype="str"), _loose(plan)).iloc[0])
    return bool(total) and bool(np.isfinite(last)) and bool(abs(last - total) <= _rounding(total))


def _rounding(total: Any) -> Any:
    """How far from a sum what is written may be: a cent, but of small sums a small part."""
    return np.maximum(EXACT * np.abs(total), np.minimum(0.01, SMALL * np.abs(total)))


def _loose(plan: dict[str, Any]) -> dict[str, Any]:
    return {**plan, "integer": False, "loose": True}
