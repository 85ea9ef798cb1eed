"""Columns of tables to append that may be the same by another name: pointed out, joined only when the user says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl.data.compare import Side, renamed

if TYPE_CHECKING:
    from automl.data.append import Table

MOST_PAIRS = 2_500  # columns that one table lacks times those that only it has; more is another table
LEAST_LETTERS = 4  # of a name that is found inside another


@dataclass(frozen=True)
class Alike:
    """A column of the first table that a later one lacks, one that only that table has, and why they may be one."""

    was: str
    name: str
    table: str
    why: str


def alike(tables: Sequence[Table], matched: Sequence[tuple[str, tuple[str | None, ...]]]) -> list[Alike]:
    """Candidates for the same column, by their values or since one name is part of the other.

    Parameters
    ----------
    tables : sequence of Table
    matched : sequence of (name, names in each table)
        Which column of each table belongs where; None where a table has none.
    """
    first, found = tables[0], []
    for number, table in enumerate(tables[1:], 1):
        lacking = [sources[0] for _, sources in matched if sources[0] is not None and sources[number] is None]
        own = [sources[number] for _, sources in matched if sources[number] is not None and not any(sources[:number])]
        if not lacking or not own or len(lacking) * len(own) > MOST_PAIRS:
            continue
        sides = Side((), first.rows, first.sample), Side((), table.rows, table.sample)
        pairs = {was: name for was, name, _ in renamed(lacking, own, *sides)}
        for was in lacking:
            free = [n for n in own if n not in pairs.values() and _part(n, was) and _kind(table, n) == _kind(first, was)]
            if was not in pairs and free:
                pairs[was] = free[0]
        for was, name in pairs.items():
            why = "their names are alike" if _part(name, was) else "their values are alike"
            found.append(Alike(was, name, table.name, why))
    return found


def _part(one: str, two: str) -> bool:
    short, long = sorted(("".join(c for c in n.casefold() if c.isalnum()) for n in (one, two)), key=len)
    return len(short) >= LEAST_LETTERS and short in long


def _kind(table: Table, column: str) -> str:
    kind = table.sample[column].dtype.kind
    return "number" if kind in "iuf" else kind
