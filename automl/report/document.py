"""What a report is made of. Texts are plain: whoever writes them into HTML or PDF escapes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """A paragraph; a quiet one explains."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Bullets:
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """Figures beside each other: what it is, the number, what it refers to."""

    entries: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Table:
    """Cells are texts as they are to be read; `right` columns are numbers. Rows past `most` are counted only."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    most: int = 60


@dataclass(frozen=True)
class Advice:
    """A finding: how urgent ("high", "warning" or "info"), a title, the sentence."""

    severity: str
    title: str
    text: str


@dataclass(frozen=True)
class Bars:
    """Lengths with names, the largest on top; `marks` are drawn in the accent colour."""

    title: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    texts: tuple[str, ...]
    errors: tuple[float, ...] = ()
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Series:
    """One line of a chart; a quiet one is drawn grey, a dashed one is a guide."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    quiet: bool = False
    dashed: bool = False
    points: bool = False  # points instead of a line


@dataclass(frozen=True)
class Lines:
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    square: bool = False  # both axes from 0 to 1
    across: int = 1  # so many beside each other: up to three


@dataclass(frozen=True)
class Columns:
    """A histogram: edges of the bars, one more than there are counts."""

    title: str
    x_label: str
    edges: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True)
class Matrix:
    """Counts of what really is (rows) and what was predicted (columns), shaded by the share of each row."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


Chart = Bars | Lines | Columns | Matrix
Block = Text | Bullets | Numbers | Table | Advice | Chart


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report: its title, a line beneath it, and its sections."""

    title: str
    subtitle: str
    sections: tuple[Section, ...] = field(default_factory=tuple)


def section(title: str, blocks: Sequence[Block | None]) -> Section | None:
    """A section of the blocks that are there; None when none is."""
    found = tuple(block for block in blocks if block is not None)
    return Section(title, found) if found else None
