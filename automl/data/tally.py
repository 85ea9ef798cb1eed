"""What is counted while a large file is read block by block: rows, those set aside, where totals stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from automl.data import sniff
from automl.data.around import COMMENT
from automl.data.cells import Column
from automl.data.delimited import TOTALS
from automl.data.foot import Foot
from automl.data.further import Further
from automl.data.totals import Total
from automl.types import BadRow


@dataclass(frozen=True)
class Block:
    """A piece of whole records: its first line and how many it has, and the share of the file behind it."""

    data: bytes
    line: int
    lines: int
    share: float
    is_foot: bool = False  # the last row alone
    end: int = 0  # where the file goes on behind it


class Tally:
    """What was counted on the way."""

    def __init__(self, columns: list[Column] | None = None, foot: Foot | None = None, further: Further | None = None) -> None:
        self.further = further or Further((), ",", True)
        self.columns, self.rows, self.blank = columns or [], 0, 0
        self.foot, self.total_line, self.foot_line = foot, 0, 0
        self.hollow, self.within = 0, 0  # rows without any value, and the line of the first
        self.total: Total | None = None
        if foot:
            foot.begin()
        self.bad: Counter[str] = Counter()
        self.bad_lines: dict[int, int] = {}
        self.closing: list[int] = []  # lines below the table
        self.comments: list[int] = []
        self.shown: list[BadRow] = []

    def set_aside(self, line: int, fields: int, width: int, text: bytes, reason: str = "") -> None:
        if reason:
            self.closing.append(line)
            self.shown.append(BadRow(line, reason, sniff.shown_text(text.decode("utf-8", "replace").rstrip("\r\n"))))
            return
        self.bad["few" if fields < width else "many"] += 1
        if len(self.shown) < sniff.SHOWN_BAD:
            self.bad_lines[line] = fields
            self.shown.append(sniff.bad_row(line, text, fields, width))

    def comment(self, line: int, text: bytes) -> None:
        self.comments.append(line)
        if len(self.shown) < sniff.SHOWN_BAD:
            self.shown.append(BadRow(line, COMMENT, sniff.shown_text(text.decode("utf-8", "replace").rstrip("\r\n"))))

    @property
    def misfits(self) -> int:
        """Rows that don't have the right number of cells."""
        return sum(self.bad.values()) - self.bad["total"]

    def ends_in_totals(self, block: Block, aside: bool) -> bool:
        """Whether the last row holds totals and is to be left out; that it does is remembered."""
        assert self.foot is not None
        self.total, self.total_line = self.foot.total(self.rows, self.columns), block.line
        if self.total is None or not aside:
            return False
        self.bad["total"] += 1
        self.shown.append(BadRow(block.line, TOTALS, self.foot.text[: sniff.SHOWN_TEXT]))
        return True
