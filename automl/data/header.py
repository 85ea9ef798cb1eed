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
    if _is_one_of(first, rows):
        return False
    number = r"[+-]?(\d[\d.,]*|\.\d+)([eE][+-]?\d+)?|\d+[-/.]\d+[-/.]\d+.*"
    numeric = [j for j, c in enumerate(first) if re.fullmatch(number, c)]
    if not numeric or not rows or _counts_up([first[j] for j in numeric]):
        return True
    for j, cell in enumerate(first):
        below = [[r[j]] for r in rows if r[j].strip("-")]
        if not below or not cell.strip("-"):
            continue
        if _DAY.fullmatch(cell) and not any(_DAY.fullmatch(c[0]) for c in below):
            return True  # a day above something else, as where each has a column
        if j in numeric and typed_share([[], *below]) < 0.8:
            return True  # a number above words
        if j not in numeric and typed_share([[], *below]) > 0.5:
            return True  # a word above numbers
        if j not in numeric and [cell] not in below and len({c[0] for c in below}) <= 5:
            return True  # a word that isn't one of the few below
    return False


_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
LEAST_ALIKE = 10  # rows below, to tell by words


def _is_one_of(first: list[str], rows: list[list[str]]) -> bool:
    """Whether each cell of the first row is a word that other rows have in its column too: no names stand there."""
    others = [row for row in rows if row != first]
    return len(others) >= LEAST_ALIKE and all(cell and any(row[j] == cell for row in others) for j, cell in enumerate(first))


def names_with_another_mark(line: str, width: int, delimiter: str) -> tuple[str, ...] | None:
    """The names in the line above a table, where another mark separates them than the cells below.

    >>> names_with_another_mark("id,name", 2, ";"), names_with_another_mark("Report, of May", 2, ";")
    (('id', 'name'), None)
    """
    for mark in ",;\t|":
        cells = [cell.strip().strip('"') for cell in line.split(mark)] if mark != delimiter else []
        if len(cells) == width > 1 and all(cells) and len(set(cells)) == width and f"{mark} " not in line and not typed_share([[], cells]):
            return tuple(cells)
    return None


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


AS_NAMED = 0.05  # share of rows as wide as the names that tells that the others are too wide
_KEYS = re.compile(r"(?:.*[ _.-])?(?:id|ids|nr|no|num|number|nummer|key|code|index|row|sku|uuid|guid|ref)\.?|#|\w+(?:ID|Id|Nr|No)|n")


def fit_header(
    fields: np.ndarray, names: tuple[str, ...], below: list[list[str]], quoted: bool, nameless: str | None = None
) -> tuple[int, tuple[str, ...], list[str]] | None:
    """The width of the table, a name for each of its columns, and what is to be said; None where that can't be told.

    Parameters
    ----------
    fields : array of int
        How many cells each row has.
    names : tuple of str
    below : list of list of str
        Rows of the usual width, their cells as they stand.
    quoted : bool
        Whether the first cell of rows is in quotation marks.
    nameless : str, optional
        By choice, where rows have more cells than there are names: "first" or "last" columns have none.
    """
    counts = np.bincount(fields)
    width, more = len(below[0]), len(below[0]) - len(names)
    if more == 0:
        return width, names, []
    if more < 0:
        if any(name.strip() for name in names[width:]) and nameless != "last":
            return (len(names), names, []) if counts[len(names) :].sum() > AS_NAMED * len(fields) else None
        return width, names[:width], [f"wide_header:{-more}"]
    filled = [any(cell.strip() for cell in row[-more:]) for row in below]
    if nameless == "first":
        return width, ("",) * more + names, [f"row_names:{more}"]
    if nameless == "last" or 2 * sum(filled) < len(filled):
        return width, names + ("",) * more, [f"narrow_header:{more}"]
    if counts[len(names)] > AS_NAMED * len(fields):
        return len(names), names, []
    return (width, ("", *names), ["row_names:1"]) if more == 1 and name_rows(below, names, quoted) else None


def name_rows(rows: list[list[str]], names: tuple[str, ...], quoted: bool) -> bool:
    """Whether the first cells may be names of rows, as R writes them under a header that has none for them.

    All differ, and are in quotes as R has them, count the rows, or are words beside numbers mostly. A cell that begins with a space is
    what follows a comma in a text, and so may be one of two columns of words beside each other; and a first name that is a key's wants
    keys below it.

    >>> name_rows([["Fiat", "4", "66"], ["Ford", "8", "264"]], ("cyl", "hp"), False)
    True
    >>> name_rows([["Doe", "Ann", "4"], ["Roe", "Bob", "8"]], ("name", "n"), False)
    False
    >>> name_rows([["1", "12 Main St", " Springfield"], ["2", "5 Oak Rd", " Salem"]], ("id", "address"), False)
    False
    """
    columns = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
    spaced = [all(row[j].startswith(" ") for row in rows if row[j]) for j in range(1, len(columns))]
    if len(set(columns[0])) < len(rows) or not all(columns[0]) or any(spaced) != all(spaced):
        return False
    if _KEYS.fullmatch(names[0].strip()) and (len(set(columns[1])) < len(rows) or any(" " in cell for cell in columns[1])):
        return False
    counts = any(columns[0] == [str(n + first) for n in range(len(rows))] for first in (0, 1))
    typed = [typed_share([[], *([cell] for cell in column)]) == 1 for column in columns]
    if quoted:
        return True
    words = any(not a and not b for a, b in itertools.pairwise(typed[0 if not counts else 1 :]))
    return not words and (counts or not typed[0] and 2 * sum(typed[1:]) >= len(columns) - 1)
