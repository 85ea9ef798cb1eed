"""Column names that can be told apart."""

from __future__ import annotations

import unicodedata
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
    looks: set[str] = set()  # names as they look: of two that look alike, one is called otherwise
    for position, given in enumerate(header, 1):
        given = "" if not _as_it_looks(str(given)) else given
        base = str(given).strip() or f"column_{position}"
        new, number = base, 1
        while _as_it_looks(new) in looks or (number > 1 or not str(given).strip()) and new in taken:
            number += 1
            new = f"{base} ({number})"
        if new != str(given).strip():
            what = f"is a second '{shorten(base)}' and" if str(given).strip() else "has no name and"
            notes.append(Note("header_names", f"Column {position} {what} is called '{shorten(new)}'.", new))
        names.append(new)
        looks.add(_as_it_looks(new))
    if trimmed:
        notes.append(Note("header_names", f"Spaces around {count(trimmed, 'column name')} were removed."))
    if len(notes) > 10 and not any(str(given).strip() for given in header):
        notes = []
    return names, notes


def _as_it_looks(name: str) -> str:
    """A name in one form of Unicode and without characters that can't be seen."""
    if name.isascii():
        return name.strip()
    seen = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) != "Cf" or c == "\u200d")
    return seen.replace("\u200d", "").strip() if not seen.replace("\u200d", "").strip() else seen.strip()
