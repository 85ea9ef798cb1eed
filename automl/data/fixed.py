"""Text whose columns are lined up with spaces: where they are cut, told only where that is unmistakable."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

FIXED = "fixed"  # stands where other files have a delimiter
Gaps = tuple[tuple[int, int], ...]  # between each two columns: from the first blank position to behind the last

LINED_UP = 0.9  # share of a column's cells that begin, or end, at one position
FIT = 0.9  # share of the lines that a rule of dashes must cut at spaces
SPARSE, SPARSE_UNNAMED = 0.05, 0.02  # share of the lines that may run through a gap
MOST_ABOVE, MOST_BELOW = 12, 4  # lines above the names and below the rows that may be no part of it
FIRST_ROWS = 3  # below the names
LEAST_UNNAMED = 5  # lines of a table without names
MOST_CHARACTERS = 4000  # of a line
RULE = re.compile(r"[-=_]{2,}( +[-=_]{2,})+")
_TYPED = re.compile(r"[$€£]?[+-]?[\d.,:/%'-]+")


@dataclass(frozen=True)
class Fixed:
    """Where lines are cut into cells, and the line (from 0, among those given) that holds the names."""

    gaps: Gaps
    top: int = 0
    named: bool = True
    ruled: bool = False  # a rule under the names says where

    @classmethod
    def of(cls, recorded: dict[str, Any] | None) -> Fixed | None:
        """As a report's options hold it."""
        if not recorded:
            return None
        gaps = tuple((int(a), int(b)) for a, b in recorded["gaps"])
        return cls(gaps, recorded["top"], recorded["named"])

    @property
    def recorded(self) -> dict[str, Any]:
        return {"gaps": [list(gap) for gap in self.gaps], "top": self.top, "named": self.named}

    def cells(self, text: str) -> str:
        return fixed_cells(text, list(self.gaps), self.top)


def fixed_cells(text: str, gaps: list[tuple[int, int]], top: int = 0) -> str:
    """Lines whose columns are lined up as CSV text, a line for each: rules of dashes become blank lines; one above
    line `top` (from 0), or that runs through a gap, becomes one cell. Notebooks hold this function as it stands here."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, line in enumerate(io.StringIO(text, newline=None)):
        line = line.strip("\n\f\x1a").expandtabs()
        if not line.strip() or re.fullmatch(r"[-=_ ]*[-=_]{3}[-=_ ]*", line):
            out.write("\n")
            continue
        cuts = []
        for start, end in gaps:
            blanks = [found.span() for found in re.finditer(" +", line[start:end].ljust(end - start))]
            if number < top or not blanks:
                break
            a, _ = max(blanks, key=lambda span: span[1] - span[0])
            cuts.append(start + a)
        if len(cuts) == len(gaps):
            writer.writerow([line[a:b].strip() for a, b in zip([0, *cuts], [*cuts, None], strict=True)])
        else:
            writer.writerow([line.strip()])
    return out.getvalue()


def find(lines: list[str]) -> Fixed | None:
    """How lines are cut, where columns are lined up and nothing else can be meant.

    A rule of dashes in groups under the names says it. Else there must be gaps that are blank in all lines, cells must
    begin or end at one position in each column, and a line of words above values must fit in; titles above and
    remarks below are left aside.

    >>> find(["name      sold   price", "Ann Lee      5    1.50", "Bob         12   10.25"]).gaps
    ((7, 10), (14, 17))
    """
    lines = [line.rstrip("\r\n\f\x1a ").lstrip("\f") for line in lines]
    if any("\t" in line for line in lines):
        return None
    return _by_rule(lines) or _by_gaps(lines)


def _is_rule(line: str) -> bool:
    return bool(re.fullmatch(r"[-=_ ]*[-=_]{3}[-=_ ]*", line))


def _by_rule(lines: list[str]) -> Fixed | None:
    at = next((i for i, line in enumerate(lines[:50]) if RULE.fullmatch(line.strip())), None)
    if at is None:
        return None
    spans = [found.span() for found in re.finditer("[-=_]+", lines[at])]
    gaps = tuple((a, b) for (_, a), (b, _) in zip(spans, spans[1:], strict=False))
    others = [i for i, line in enumerate(lines) if line.strip() and not _is_rule(line)]
    fit = [i for i in others if all(" " in lines[i][a:b].ljust(b - a) for a, b in gaps)]
    inside = [i for i in others if i > at]
    full = [i for i in fit if all(_cut(lines[i], gaps))]
    above = [i for i in full if i < at]
    top = max(above) if above else min(full, default=None)
    if top is None or not inside or len([i for i in fit if i >= top]) < FIT * len([i for i in others if i >= top]) - 1:
        return None
    return Fixed(gaps, top, ruled=True)


def _by_gaps(lines: list[str]) -> Fixed | None:
    kept = [i for i, line in enumerate(lines) if line.strip() and not _is_rule(line)]
    texts = [lines[i][:MOST_CHARACTERS] for i in kept]
    if len(texts) < 3:
        return None
    width = max(map(len, texts))
    filled = np.array([[c != " " for c in text.ljust(width)] for text in texts])
    counts = np.vstack([np.zeros(width, dtype=np.int64), filled.cumsum(axis=0)])
    best, found = (0, 0), None
    for top in range(min(MOST_ABOVE, len(texts) - 2)):
        for below in range(min(MOST_BELOW, len(texts) - 2 - top)):
            end = len(texts) - below
            most = int(SPARSE * (end - top))
            gaps = _gaps(counts[end] - counts[top] + most * filled[top], most)  # the names never run through
            gaps = _below_names(texts[top], gaps, texts[top + 1 : end])
            rank = (len(gaps), -top - below)
            if not gaps or rank <= best:
                continue
            rows = [_cut(text, gaps) for text in texts[top:end]]
            lined_up = _lined_up(rows, texts[top:end], gaps)
            if lined_up and (_is_named(rows, gaps) or _is_named(rows, gaps, _begin_together(texts[top:end], gaps))):
                best, found = rank, Fixed(gaps, kept[top])
    if found is None and len(texts) >= LEAST_UNNAMED:
        gaps = _gaps(counts[-1], int(SPARSE_UNNAMED * len(texts)))
        held = [sum(map(bool, column)) for column in zip(*(_cut(text, gaps) for text in texts), strict=True)]
        # where few lines have cells on both sides of a narrow one, it is between words of one
        gaps = tuple(
            gap for gap, sides in zip(gaps, itertools.pairwise(held), strict=True)
            if gap[1] - gap[0] > 1 or min(sides) > len(texts) / 2
        )  # fmt: skip
        rows = [_cut(text, gaps) for text in texts]
        values = _typed_columns(rows) == _typed_columns(rows, first_too=True) > 0  # in the first line as well: it holds no names
        if len(gaps) > 1 and values and _mostly_filled(rows) and _lined_up(rows, texts, gaps):
            return Fixed(gaps, kept[0], named=False)
    return found


def _gaps(counts: np.ndarray, most: int) -> Gaps:
    """Runs of positions that hardly any line has something at, between others that have."""
    blank = counts <= most
    solid = np.flatnonzero(~blank)
    if not len(solid):
        return ()
    edges = np.diff(np.concatenate(([False], blank[solid[0] : solid[-1] + 1], [False])).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1) + solid[0], np.flatnonzero(edges == -1) + solid[0]
    return tuple((int(a), int(b)) for a, b in zip(starts, ends, strict=True))


def _below_names(names: str, gaps: Gaps, rows: list[str]) -> Gaps:
    """The gaps that have a name behind them.

    Of several without a name between them, one is between words that happen to be as long in all rows: the last one is
    kept, or one that leaves more columns of numbers, or cells that are better lined up. Before the first name there may be one column without.
    """
    choices: list[list[tuple[int, int]]] = []  # from the right
    end = len(names)
    for start, stop in reversed(gaps):
        if names[stop:end].strip():
            choices.append([(start, stop)])
            end = start
        elif choices:
            choices[-1].append((start, stop))
    kept = [choice[0] for choice in choices]
    for i, choice in enumerate(choices):
        if len(choice) > 1:
            tried = [tuple(reversed([*kept[:i], gap, *kept[i + 1 :]])) for gap in choice]
            kept[i] = max(zip(choice, tried, strict=True), key=lambda c: _fitness(rows, c[1]))[0]
    while kept and not names[: kept[-1][0]].strip():  # before the first name only what all rows have, such as a number of each
        if sum(bool(row[: kept[-1][0]].strip()) for row in rows) >= LINED_UP * len(rows):
            break
        kept.pop()
    return tuple(reversed(kept))


def _fitness(texts: list[str], gaps: Gaps) -> tuple[int, float]:
    """How many columns of numbers these gaps leave, and how well the cells of all columns are lined up."""
    rows = [_cut(text, gaps) for text in texts]
    return _typed_columns(rows), sum(sum(_sides(cells)) for cells in _cells(rows, texts, gaps))


def _cut(line: str, gaps: Gaps) -> list[str]:
    return [line[a:b].strip() for a, b in zip((0, *(a for _, a in gaps)), (*(a for a, _ in gaps), None), strict=True)]


def _is_named(rows: list[list[str]], gaps: Gaps, together: bool = False) -> bool:
    """Words over all columns (but the first, perhaps) and values below; with one gap only, a wide one.

    Where names and cells begin `together` in all columns, words may stand below too.
    """
    names, *below = rows
    words = all(names[1:]) and len(set(names)) == len(names) and not any(_TYPED.fullmatch(n) or n.endswith(":") for n in names)
    wide = len(gaps) > 1 or gaps[0][1] - gaps[0][0] > 1
    typed = _typed_columns(below) > 0 and _typed_columns(below[:FIRST_ROWS]) > 0  # from the first row on
    return words and wide and (together or typed) and _mostly_filled(below)


def _begin_together(texts: list[str], gaps: Gaps) -> bool:
    """Whether all lines have a word at the beginning of each column, behind two spaces or more, of three columns at least."""
    begins = [stop for start, stop in gaps if stop - start > 1]
    return len(begins) == len(gaps) > 1 and all(text[at : at + 1].strip() for text in texts for at in (0, *begins))


def _typed_columns(rows: list[list[str]], first_too: bool = False) -> int:
    """How many columns hold numbers, dates or times in most of their cells, and with `first_too` in the first row as well."""
    found = 0
    for column in zip(*rows, strict=True):
        cells = [cell for cell in column if cell]
        most = bool(cells) and sum(bool(_TYPED.fullmatch(c)) for c in cells) >= LINED_UP * len(cells)
        found += most and not (first_too and column[0] and not _TYPED.fullmatch(column[0]))
    return found


def _mostly_filled(rows: list[list[str]]) -> bool:
    return sum(sum(map(bool, row)) for row in rows) > 0.6 * len(rows) * len(rows[0])


def _lined_up(rows: list[list[str]], texts: list[str], gaps: Gaps) -> bool:
    """Whether the cells of each column begin or end at one position, or are numbers."""
    for cells in _cells(rows, texts, gaps):
        typed = sum(bool(_TYPED.fullmatch(cell.strip())) for cell in cells) >= LINED_UP * len(cells)
        if cells and not typed and max(_sides(cells)) < min(LINED_UP, 1 - 1.5 / len(cells)):
            return False
    return True


def _cells(rows: list[list[str]], texts: list[str], gaps: Gaps) -> list[list[str]]:
    """The cells of each column that hold something, with the spaces around them."""
    starts, ends = (0, *(b for _, b in gaps)), (*(a for a, _ in gaps), max(map(len, texts)))
    return [
        [text[a:b].ljust(b - a) for text, row in zip(texts, rows, strict=True) if row[column]]
        for column, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]


def _sides(cells: list[str]) -> tuple[float, float]:
    """The share of a column's cells that begin, and that end, where most do."""
    if not cells:
        return 0.0, 0.0
    begins = np.array([len(cell) - len(cell.lstrip()) for cell in cells])
    stops = np.array([len(cell.rstrip()) for cell in cells])
    return np.bincount(begins).max() / len(cells), np.bincount(stops).max() / len(cells)
