"""Separators of several characters, or of one beyond ASCII, or that other marks hide: found, and put as one that cuts."""

from __future__ import annotations

import re
from collections import Counter

CUT = "\x1f"  # what stands for a long mark while a text is cut
PATTERN = re.compile(
    r"([|~^;:#@$&*!])\1{1,2}|\t\|\t|\|~\||~\|~|\^\|\^|\|\^\||<\|>|\|\*\||\|#\|| \| |[\u00a6\u00a7\u00ac\u00a4\u00b6\u00fe]|[~^\x01\x02\x1d\x1e\x1f]"
)
CONTROL = "\x01\x02\x1d\x1e\x1f"  # nobody writes these in a text
LEAST_LINES = 3
AS_OFTEN = 0.95  # share of the lines that have a mark as often as the first one
ALWAYS = 0.5  # share of cells that are numbers or dates, from which on names need not stand on top


def is_long(mark: str) -> bool:
    """Whether a mark has to be put as another one before a text can be cut by it."""
    return mark not in (r"\s+", "fixed") and (len(mark) > 1 or not mark.isascii())


def as_one(data: bytes, mark: str) -> bytes:
    """The text with one character for each long mark."""
    return data.replace(mark.encode(), CUT.encode())


def as_written(text: str, mark: str) -> str:
    """A piece of such a text as it stands in the file."""
    return text.replace(CUT, mark) if is_long(mark) else text


def find(lines: list[str], chosen: str | None, fits: bool) -> str | None:
    """A mark that stands in the first line and as often in nearly all others.

    Parameters
    ----------
    lines : list of str
        Of the head of the file.
    chosen : str, optional
        The common separator that would be believed otherwise.
    fits : bool
        Whether that one cuts the first line as it does the others: then only a mark that it is a part of is better.

    >>> find(["id||name", "1||x | y", "2||z"], "|", True), find(["a,b", "1,x^y"], ",", True)
    ('||', None)
    """
    lines = [line.rstrip("\r\n") for line in lines if line.strip()]
    if len(lines) < LEAST_LINES:
        return None
    for mark in sorted({found[0] for found in PATTERN.finditer(lines[0])}, key=len, reverse=True):
        if fits and chosen and (chosen == mark or chosen not in mark) or mark == " | ":
            continue
        number = lines[0].count(mark)
        if sum(line.count(mark) == number for line in lines) < AS_OFTEN * len(lines):
            continue
        cells = [[cell.strip() for cell in line.split(mark)] for line in lines]
        if chosen and chosen in mark and _alike([line.split(chosen) for line in lines]) and not all(cells[0]):
            continue
        if mark in CONTROL or _believed(cells):
            return mark
    return None


def _alike(rows: list[list[str]]) -> bool:
    return Counter(map(len, rows)).most_common(1)[0][1] >= AS_OFTEN * len(rows)


def _believed(rows: list[list[str]]) -> bool:
    """Whether the first row holds names, and the others numbers or dates, or many columns."""
    typed = re.compile(r"[+-]?[\d.,:/ -]*")
    named = all(cell and not typed.fullmatch(cell) for cell in rows[0])
    share = sum(bool(typed.fullmatch(cell)) for row in rows[1:] for cell in row) / sum(map(len, rows[1:]))
    return named and (share > 0 or len(rows[0]) > 2) or len(rows[0]) > 2 and share > ALWAYS
