"""Rows under the names that hold no values: units, kinds, descriptions, further names, the name of a table's index."""

from __future__ import annotations

import re
from dataclasses import dataclass

from automl.data import around
from automl.data.around import MISSING
from automl.data.header import names_in_two_rows, typed_share

MOST_ROWS = 3  # under the names
LEAST_BELOW = 3  # rows with values, to tell
KINDS = re.compile(
    r"(u?int(eger)?(8|16|32|64)?|bigint|float(32|64)?|double|real|num(eric|ber)?|decimal|str(ing)?|text|(var)?char(\(\d+\))?|object|category|categorical|"
    r"date(time)?|timestamp|time|bool(ean)?|continuous|discrete|nominal|ordinal|class|meta|factor|logical|[fnc])",
    re.IGNORECASE,
)
OF_SURVEYS = ("response", "open-ended response")  # stand under a question that has no options


@dataclass(frozen=True)
class Labels:
    """The names that come of all such rows, the record that the rows with values begin at, and the records that are set aside."""

    names: tuple[str, ...]
    start: int
    aside: tuple[int, ...] = ()
    remark: str = ""


def find(rows: dict[int, list[str]], top: int, names: tuple[str, ...]) -> Labels | None:
    """What stands under the names in record `top`; None where rows with values do."""
    places = [i for i in sorted(rows) if i > top and any(rows[i])]
    below = [rows[i] for i in places]
    upper = rows[top]
    if both := names_in_two_rows([upper, *below]):
        return Labels(both, places[0] + 1, (), "two_rows")
    if not places or any(len(row) != len(upper) for row in below[: MOST_ROWS + 1]):
        return None
    if both := _questions(upper, below):
        return Labels(both, places[0] + 1, (), "two_rows")
    if (at := _index_name(upper, below)) is not None:
        return _levels(names, below, places, at)
    found = 0
    while found < MOST_ROWS and len(below) > found + LEAST_BELOW and _describes(below[found], below[found + 1 :], upper):
        found += 1
    if not found:
        return None
    first = tuple(" ".join(filter(None, pair)) for pair in zip(upper, below[0], strict=True))
    if len(set(upper)) < len(upper) and len(set(first)) == len(upper):
        return Labels(first, places[found - 1] + 1, tuple(places[1:found]), "two_rows")
    return Labels(names, places[found - 1] + 1, tuple(places[:found]))


def _describes(row: list[str], below: list[list[str]], names: list[str]) -> bool:
    """Whether a row says what columns are: the names once more, kinds, or words above two columns of numbers and dates."""
    if [cell.casefold() for cell in row] == [name.casefold() for name in names]:
        return row != names  # the very same is said to be the names once more
    if any(row) and all(KINDS.fullmatch(cell) for cell in row if cell) and sum(map(bool, row)) > len(row) / 2 and not all(len(cell) == 1 for cell in row):
        return True
    lower = below[MOST_ROWS - 1 :] if len(below) >= LEAST_BELOW + MOST_ROWS else below
    words = 0
    for j, cell in enumerate(row):
        values = [r[j] for r in lower if len(r) > j and r[j].lower() not in MISSING]
        if not values or typed_share([[], *([value] for value in values)]) < 1:
            if cell and cell in values:
                return False
            continue
        if cell.strip("-") and (typed_share([[], [cell]]) > 0 or cell.lower() in MISSING or re.fullmatch(r"\W*[\d.,]+\W*\w{0,3}", cell)):
            return False
        words += bool(cell.strip("-"))
    return words > 1


def _index_name(upper: list[str], below: list[list[str]]) -> int | None:
    """Which of the rows holds the name of the index alone, as pandas writes tables whose names stand in several rows."""
    for at, row in enumerate(below[:MOST_ROWS]):
        values = below[at + 1 :]
        if not row[0] or any(row[1:]) or len(row) < 2 or typed_share([[], row[:1]]) or len(values) < LEAST_BELOW:
            continue
        filled = sum(bool(cell) for r in values for cell in r) > sum(map(len, values)) / 2
        levels = [cell for r in below[:at] for cell in r[1:]]
        words = at > 0 and not typed_share([[], *([cell] for cell in levels)])
        named = all(levels) and (words or not upper[0] or len(set(upper)) < len(upper))
        if filled and named and all(r[0] and r[0] != row[0] for r in values) and all(typed_share([[], *([r[j]] for r in values if r[j])]) == 1 for j in range(1, len(row))):
            return at
    return None


def _levels(names: tuple[str, ...], below: list[list[str]], places: list[int], at: int) -> Labels:
    """Names put together of all rows above the index's, but those that say the same of all columns."""
    levels = [names, *below[:at]]
    telling = [level for level in levels if len(set(level[1:])) > 1] or levels[:1]
    put = tuple(" ".join(level[j].strip() for level in telling) for j in range(1, len(names)))
    aside = tuple(place for place, level in zip(places, levels[1:], strict=False) if level not in telling)
    return Labels((below[at][0], *put), places[at] + 1, aside, "two_rows" if len(telling) > 1 else "index_name")


def _questions(upper: list[str], below: list[list[str]]) -> tuple[str, ...] | None:
    """Questions over options, as survey tools write them: nothing stands under the first names, and options under the gaps."""
    lower, values = below[0], below[1:]
    gaps = [j for j, cell in enumerate(upper) if not cell]
    if len(values) < LEAST_BELOW or not gaps or not upper[0] or lower[0] or not all(a or b for a, b in zip(upper, lower, strict=True)):
        return None
    if not all(row[0] for row in values) or not any(a and b for a, b in zip(upper, lower, strict=True)):
        return None
    for j, cell in enumerate(lower):
        column = [row[j] for row in values if len(row) > j and row[j]]
        if cell and column and typed_share([[], *([value] for value in column)]) == 1 and typed_share([[], [cell]]) > 0:
            return None
    names, question = [], ""
    for a, b in zip(upper, lower, strict=True):
        question = a or question
        names.append(question if not b or b.lower() in OF_SURVEYS else f"{question} {b}")
    return tuple(names)


def apart(rows: dict[int, list[str]], found: tuple[int, ...], lines: list[int]) -> around.Apart | None:
    """The rows that are set aside, with what is said of them."""
    if not found:
        return None
    one = len(found) == 1
    shown = around.listed(dict.fromkeys(filter(None, rows[found[0]])))
    where = f"Line {lines[0]:,} under the names says" if one else f"Lines {lines[0]:,} to {lines[-1]:,} under the names say"
    said = f"{where} what columns are ({shown}), no values: {'it was' if one else 'they were'} set aside."
    return around.Apart(tuple(lines), (lines[0], lines[-1]), "says what columns are, no values", said)
