"""A report as a PDF of A4 pages."""

from __future__ import annotations

import io
from functools import cache
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from automl.report import drawing
from automl.report.document import (
    Advice,
    Bars,
    Block,
    Bullets,
    Columns,
    Document,
    Lines,
    Matrix,
    Numbers,
    Table,
    Text,
)
from automl.report.html import SEVERITY

FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"  # ship with matplotlib; know most alphabets
INK, DIM, LINE, CARD = "#1f2530", "#5c6475", "#e3e6ee", "#f6f7fa"
COLORS = {"high": "#c0322a", "warning": "#b4690e", "info": "#5c6475"}
MARGIN = 54  # points
MOST_CELL = 220  # characters of a cell: a row has to fit on a page
LEAST_FILLED = 0.35  # of the last page; where it is less, charts are drawn flatter if that saves the page
FLATTER = 0.82
LEAST_ROOM = 110  # points that a section begins with: its title, a remark and some rows of a table


def render(document: Document) -> bytes:
    """Write a report as PDF; its last page is not left nearly empty where flatter charts fit on one page less."""
    written, pages, filled = _written(document, 1.0)
    if pages > 1 and filled < LEAST_FILLED:
        flatter, fewer, _ = _written(document, FLATTER)
        written = flatter if fewer < pages else written
    return written


def _written(document: Document, flat: float) -> tuple[bytes, int, float]:
    """The PDF, its number of pages and how much of the last one is filled; charts `flat` times as high."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer

    class Template(SimpleDocTemplate):
        place = (1, 0.0)

        def afterFlowable(self, flowable: Any) -> None:
            height = A4[1] - 2 * MARGIN
            if self.frame is None:  # between two pages
                return
            self.place = (self.page, 1 - (self.frame._y - MARGIN) / height)

    _fonts()
    styles = _styles()
    story: list[Any] = [
        Paragraph(_text(document.title), styles["title"]),
        Paragraph(_text(document.subtitle), styles["dim"]),
        Spacer(1, 8),
    ]
    width = A4[0] - 2 * MARGIN
    for section in document.sections:
        story.append(CondPageBreak(LEAST_ROOM))
        story.append(Paragraph(_text(section.title), styles["heading"]))
        for across, group in groupby(section.blocks, drawing.side_by_side):
            blocks = list(group)
            if across > 1:
                story += _beside(blocks, across, width, flat)
                continue
            for block, after in zip_longest(blocks, blocks[1:]):
                parts = _block(block, styles, width, flat)
                if isinstance(block, Bars | Lines | Columns | Matrix) and isinstance(after, Text):
                    for part in parts:
                        part.keepWithNext = 1  # a remark stands beneath what it is about
                story += parts
    out = io.BytesIO()
    template = Template(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=document.title, author="Foretable", invariant=1,
    )  # fmt: skip

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(FONT, 7.5)
        canvas.setFillColor(DIM)
        canvas.drawString(MARGIN, 30, document.title[:90])
        canvas.drawRightString(A4[0] - MARGIN, 30, str(page.page))

    template.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue(), *template.place


@cache
def _fonts() -> None:
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


def _styles() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, color: str = INK, font: str = FONT, **more: Any) -> ParagraphStyle:
        return ParagraphStyle(
            name,
            fontName=font,
            fontSize=size,
            leading=size * 1.4,
            textColor=HexColor(color),
            splitLongWords=1,
            **more,
        )

    return {
        "title": style("title", 17, font=BOLD, spaceAfter=2),
        "heading": style("heading", 12, font=BOLD, spaceBefore=14, spaceAfter=4, keepWithNext=1),
        "text": style("text", 9, spaceAfter=4),
        "dim": style("dim", 8.5, DIM, spaceAfter=4),
        "bullet": style("bullet", 9, leftIndent=12, bulletIndent=2, spaceAfter=2),
        "cell": style("cell", 7.8),
        "right": style("right", 7.8, alignment=2),
        "number": style("number", 7.8, DIM, font=BOLD, alignment=2),
        "head": style("head", 7.8, DIM, BOLD),
        "big": style("big", 13, font=BOLD),
        "small": style("small", 7.5, DIM),
    }


def _text(text: str) -> str:
    return escape("".join(c if c.isprintable() else " " for c in str(text)))


def _block(block: Block, styles: dict[str, Any], width: float, flat: float) -> list[Any]:
    from reportlab.platypus import Image, Paragraph, Spacer

    match block:
        case Text():
            return [Paragraph(_text(block.text), styles["dim" if block.quiet else "text"])]
        case Bullets():
            return [Paragraph(_text(line), styles["bullet"], bulletText="•") for line in block.lines]
        case Numbers():
            return [_numbers(block, styles, width), Spacer(1, 6)]
        case Table():
            return [*_table(block, styles, width), Spacer(1, 6)]
        case Advice():
            return [_advice(block, styles, width), Spacer(1, 5)]
        case _:
            picture, ratio = drawing.png(block, flat)
            return [Image(io.BytesIO(picture), width=width, height=width * ratio), Spacer(1, 6)]


def _beside(charts: list[Block], across: int, width: float, flat: float) -> list[Any]:
    """Charts, so many beside each other."""
    from reportlab.platypus import Image, Spacer
    from reportlab.platypus import Table as Grid

    cells: list[Any] = []
    for chart in charts:
        picture, ratio = drawing.png(chart, flat)
        cells.append(Image(io.BytesIO(picture), width=width / across, height=width / across * ratio))
    cells += [""] * (-len(cells) % across)
    grid = Grid([cells[i : i + across] for i in range(0, len(cells), across)], colWidths=[width / across] * across)
    grid.setStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])
    return [grid, Spacer(1, 6)]


def _numbers(block: Numbers, styles: dict[str, Any], width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, TableStyle
    from reportlab.platypus import Table as Grid

    across = min(len(block.entries), 4)
    cells = [
        [Paragraph(_text(what), styles["small"]), Paragraph(_text(number), styles["big"]),
         Paragraph(_text(detail), styles["small"])]
        for what, number, detail in block.entries
    ]  # fmt: skip
    cells += [[]] * (-len(cells) % across)
    rows = [cells[i : i + across] for i in range(0, len(cells), across)]
    grid = Grid(rows, colWidths=[width / across] * across)
    grid.setStyle(
        TableStyle(
            [("BACKGROUND", (0, 0), (-1, -1), HexColor(CARD)), ("VALIGN", (0, 0), (-1, -1), "TOP"),
             ("INNERGRID", (0, 0), (-1, -1), 4, HexColor("#ffffff"))]
        )
    )  # fmt: skip
    return grid


def _room(text: str) -> int:
    """How many letters wide a text is; those that histograms are drawn with are wider."""
    return len(text) + sum("▁" <= letter <= "█" for letter in text) // 2


def _table(block: Table, styles: dict[str, Any], width: float) -> list[Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, TableStyle
    from reportlab.platypus import Table as Grid

    def cell(text: str, column: int) -> Any:
        text = text if len(text) <= MOST_CELL else text[: MOST_CELL - 1] + "…"
        return Paragraph(_text(text), styles["right" if column in block.right else "cell"])

    head = [Paragraph(_text(h), styles["number" if i in block.right else "head"]) for i, h in enumerate(block.header)]
    rows = [[cell(str(c), i) for i, c in enumerate(row)] for row in block.rows[: block.most]]
    longest = [
        min(max([len(str(h)) + 1, *(_room(str(row[i])) for row in block.rows[: block.most])]), 40) + 2
        for i, h in enumerate(block.header)
    ]
    grid = Grid([head, *rows], colWidths=[width * n / sum(longest) for n in longest], repeatRows=1)
    grid.setStyle(
        TableStyle(
            [("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(LINE)), ("VALIGN", (0, 0), (-1, -1), "TOP"),
             ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
             ("TOPPADDING", (0, 0), (-1, -1), 2.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5)]
        )
    )  # fmt: skip
    more = len(block.rows) - block.most
    return [grid, *([Paragraph(f"and {more:,} more", styles["dim"])] if more > 0 else [])]


def _advice(block: Advice, styles: dict[str, Any], width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, TableStyle
    from reportlab.platypus import Table as Grid

    parts = [
        Paragraph(SEVERITY[block.severity], styles["small"]),
        Paragraph(f"<b>{_text(block.title)}</b>", styles["text"]),
        Paragraph(_text(block.text), styles["text"]),
    ]
    grid = Grid([[parts]], colWidths=[width])
    grid.setStyle(
        TableStyle(
            [("BACKGROUND", (0, 0), (-1, -1), HexColor(CARD)),
             ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(COLORS[block.severity]))]
        )
    )  # fmt: skip
    return grid
