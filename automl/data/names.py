"""Column names that can be told apart."""

from __future__ import annotations

from typing import Any

from automl.data.words import count, shorten
from automl.types import Note


def safe_names(header: tuple[str, ...] | list[Any]) -> tuple[list[str], list[Note]]:
    """Trim names, number repeated ones and name empty ones; every change is noted.

    >>> safe_names(["a ", "", "a"])[0]
    ['a', 'column_2', 'a (2)']
    """
    names: list[str] = []
    notes = []
    taken = {str(given).strip() for given in header}
    trimmed = sum(str(given) != str(given).strip() for given in header)
    for position, given in enumerate(header, 1):
        base = str(given).strip() or f"column_{position}"
        new, number = base, 1
        while new in names or (number > 1 or not str(given).strip()) and new in taken:
            number += 1
            new = f"{base} ({number})"
        if new != str(given).strip():
            what = f"is a second '{shorten(base)}' and" if str(given).strip() else "has no name and"
            notes.append(Note("header_names", f"Column {position} {what} is called '{shorten(new)}'.", new))
        names.append(new)
    if trimmed:
        notes.append(Note("header_names", f"Spaces around {count(trimmed, 'column name')} were removed."))
    if len(notes) > 10 and not any(str(given).strip() for given in header):
        notes = []
    return names, notes
