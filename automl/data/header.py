"""Which rows of a text file say what its columns are called, judged by the cells of the rows around them."""

from __future__ import annotations

import itertools
import re

import numpy as np

LEAST_CUT = 3  # rows that tell numbers cut in two from rows that have names


def typed_share(rows: list[list[str]]) -> float:
    """The share of the cells below the first row that may be numbers, dates or times, empty ones included."""
    cells = [cell.strip() for row in rows[1:101] for cell in row]
    typed = sum(bool(re.fullmatch(r"[+-]?[\d.,:/ -]*", cell)) for cell in cells)
    return round(typed / len(cells), 2) if cells else 0.0


def has_header(first: list[str], rows: list[list[str]]) -> bool:
    """The first row is data if it holds numbers and every column goes on below as it begins."""
    rows = [r for r in rows if len(r) == len(first)]
    number = r"[+-]?(\d[\d.,]*|\.\d+)([eE][+-]?\d+)?|\d+[-/.]\d+[-/.]\d+.*"
    numeric = [j for j, c in enumerate(first) if re.fullmatch(number, c)]
    if not numeric or not rows or _counts_up([first[j] for j in numeric]):
        return True
    for j, cell in enumerate(first):
        below = [[r[j]] for r in rows if r[j].strip("-")]
        if not below or not cell.strip("-"):
            continue
        if j in numeric and typed_share([[], *below]) < 0.8:
            return True  # a number above words
        if j not in numeric and typed_share([[], *below]) > 0.5:
            return True  # a word above numbers
        if j not in numeric and [cell] not in below and len({c[0] for c in below}) <= 5:
            return True  # a word that isn't one of the few below
    return False


def _counts_up(cells: list[str]) -> bool:
    """Years or a running number, as in tables with one column a year: names, not values."""
    if not all(re.fullmatch(r"\d{1,4}", c) for c in cells) or len(cells) < 2:
        return False
    steps = {int(b) - int(a) for a, b in itertools.pairwise(cells)}
    years = all(1900 <= int(c) <= 2100 for c in cells)
    return len(steps) == 1 and steps != {0} and (len(cells) > 3 or years)


def names_in_two_rows(rows: list[list[str]]) -> tuple[str, ...] | None:
    """Names of a table whose upper ones span columns, as merged cells do, over a row of words: put together.

    The upper row has gaps behind names, the lower one fills all of them, and below the words stand numbers.
    """
    upper, lower, *below = [row for row in rows if len(row) == len(rows[0])] + [[], []]
    below = [row for row in below if row]
    gaps = [j for j, cell in enumerate(upper) if not cell]
    if len(rows) < 4 or not below or not lower or not any(gaps):  # one at the first column alone spans nothing
        return None
    words = [j for j, cell in enumerate(lower) if cell]
    if not set(gaps) <= set(words) or typed_share([[], [lower[j] for j in words]]) > 0:
        return None
    if typed_share([[], *([row[j] for j in words] for row in below)]) < 0.5:
        return None
    over = list(itertools.accumulate(upper, lambda so_far, cell: cell or so_far))
    return tuple(f"{a} {b}".strip() if b else own for a, b, own in zip(over, lower, upper, strict=True))


def splits_numbers(rows: list[list[str]], more: int) -> bool:
    """Whether rows may have `more` cells than names because commas between cells cut numbers with a decimal comma in two.

    There are as many pairs of neighbours with whole numbers, nowhere a decimal point, and the first column does not count
    the rows, as R has it, which gives it no name. Empty cells at the end of all rows are none of them. Two rows don't tell.

    >>> splits_numbers([["x", "1", "5"], ["y", "2", "75"], ["z", "0", "5"]], 1), splits_numbers([["x", "1.5", "5"]] * 3, 1)
    (True, False)
    """
    if len(rows) < LEAST_CUT or any(re.fullmatch(r"[+-]?\d*\.\d+", cell) for row in rows for cell in row):
        return False
    spare = next((n for n in range(len(rows[0])) if any(row[-1 - n] for row in rows)), 0)  # separators at the ends of rows
    if spare >= more:
        return False
    more -= spare
    counts = [row[0] for row in rows[:20]] in ([str(n + first) for n in range(len(rows[:20]))] for first in (0, 1))
    if more == 1 and counts and not any(re.fullmatch(r"0\d+", cell) for row in rows for cell in row[2:]):  # 1,05
        return False
    whole = [all(re.fullmatch(r"[+-]?\d{1,15}", row[j]) for row in rows) for j in range(len(rows[0]))]
    ends = [all(re.fullmatch(r"\d{1,6}", row[j]) for row in rows) for j in range(len(rows[0]))]
    pairs, j = 0, 0
    while j + 1 < len(whole):
        cut = whole[j] and ends[j + 1]
        pairs, j = pairs + cut, j + 1 + cut
    return pairs >= more


def fit_header(
    fields: np.ndarray, names: tuple[str, ...], rows: dict[int, list[str]], top: int, width: int
) -> tuple[int, tuple[str, ...], list[str]]:
    """Make the header as wide as the rows: row names without a header, trailing separators."""
    width = int(np.bincount(fields).argmax())
    if len(names) == width:
        return width, names, []
    below = [r for i, r in rows.items() if i > top and len(r) == width]
    if len(names) > width:
        return width, names[:width], [f"wide_header:{len(names) - width}"]
    if len(names) == width - 1 and any(r[-1] for r in below):
        return width, ("", *names), ["row_names"]
    return width, names + ("",) * (width - len(names)), [f"narrow_header:{width - len(names)}"]
