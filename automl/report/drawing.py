"""Charts of reports, drawn with matplotlib in one look: grey, one accent, the finding as the title."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from automl import wording
from automl.report.document import Bars, Chart, Columns, Lines, Matrix

ACCENT, GREY, PALE, INK = "#4a63dd", "#98a1b3", "#d5d9e2", "#2b3140"
WIDTH = 6.3  # inches: the text width of a page of A4
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": "#5c6475",
    "ytick.color": "#5c6475",
    "axes.edgecolor": PALE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "foretable",
}
TITLE_LETTERS = {1: 72, 2: 36, 3: 24}  # of a line, by how many charts stand beside each other
TITLE_LINES = 3
MOST_NAME = 36  # characters on an axis
DEEP = "#3247b5"  # of a full cell of the matrix
STRONG = 0.78  # from this share on white is read better on it


def svg(chart: Chart) -> str:
    """The chart as an SVG element; text stays text."""
    figure = _draw(chart)
    out = io.StringIO()
    with _looking():
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def png(chart: Chart, flat: float = 1.0, dpi: int = 200) -> tuple[bytes, float]:
    """The chart as a picture, and its height beside its width; `flat` times as high as usual."""
    figure = _draw(chart, flat)
    out = io.BytesIO()
    with _looking():
        figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    width, height = figure.get_size_inches()
    return out.getvalue(), float(height / width)


@contextmanager
def _looking() -> Iterator[None]:
    """In our look; a letter that the font does not know is a box, without a word about it."""
    import matplotlib

    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")
        yield


def _draw(chart: Chart, flat: float = 1.0) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _looking():
        across = side_by_side(chart)
        figure = Figure(figsize=(WIDTH / across, _height(chart) * flat), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        {Bars: _bars, Lines: _lines, Columns: _columns, Matrix: _matrix}[type(chart)](axes, chart)
        title = _plain("\n".join(textwrap.wrap(chart.title, TITLE_LETTERS[across], max_lines=TITLE_LINES, placeholder=" …")))
        # over the whole figure: over the axes alone, long names on the left would push it out on the right
        figure.suptitle(title, x=0.01, ha="left", fontsize=9.5 if across == 1 else 8.5, fontweight="bold")
        return figure


def side_by_side(block: object) -> int:
    """How many charts like it stand beside each other; 1 for all else."""
    return block.across if isinstance(block, Lines) else 1


def _height(chart: Chart) -> float:
    if isinstance(chart, Lines) and chart.across > 1:
        return (2.9 if chart.square else 1.9) * 2 / chart.across + 0.2 * (chart.across > 2)
    if isinstance(chart, Bars):
        return 0.6 + 0.24 * max(len(chart.names), 1)
    if isinstance(chart, Matrix):
        return min(1.2 + 0.42 * len(chart.labels), 6.5)
    return 3.6 if isinstance(chart, Lines) and chart.square else 2.6


def _plain(text: str) -> str:
    """Text as it is: matplotlib would read what stands between dollars as mathematics."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in str(text)).replace("$", r"\$")


def _name(text: str) -> str:
    return _cut(text, MOST_NAME)


def _cut(text: str, most: int) -> str:
    text = " ".join(str(text).split())
    return _plain(text if len(text) <= most else text[: most - 1] + "…")


def _bars(axes: Any, chart: Bars) -> None:
    places = range(len(chart.names))
    marks = set(chart.marks) or set(places)
    axes.barh(
        places, chart.values, height=0.62, color=[ACCENT if i in marks else GREY for i in places],
        xerr=chart.errors or None, error_kw={"ecolor": "#5c6475", "elinewidth": 1},
    )  # fmt: skip
    ends = [
        v + (e if chart.errors else 0)
        for v, e in zip(chart.values, chart.errors or chart.values, strict=True)
    ]
    span = max([abs(v) for v in ends], default=1.0) or 1.0
    for i, text in enumerate(chart.texts):
        axes.text(max(ends[i], 0) + span * 0.015, i, _plain(text), va="center")
    axes.set_yticks(places, [_name(n) for n in chart.names])
    axes.invert_yaxis()
    axes.set_xlim(min([0.0, *(v * 1.15 for v in chart.values)]), span * 1.16)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.axvline(0, color=PALE, linewidth=1)


def _lines(axes: Any, chart: Lines) -> None:
    loud = [s for s in chart.series if not s.quiet and not s.dashed]
    colors = [ACCENT, "#2f7d6d", "#b4690e", "#8a4fbf", "#c0322a", "#4a7a9c"]
    for line in chart.series:
        color = GREY if line.quiet or line.dashed else colors[loud.index(line) % len(colors)]
        if line.points:
            axes.scatter(line.x, line.y, s=7, color=color, alpha=0.45, linewidths=0, rasterized=True)
        else:
            axes.plot(line.x, line.y, color=color, linewidth=1 if line.quiet or line.dashed else 1.8,
                      linestyle="--" if line.dashed else "-")  # fmt: skip
    if len(loud) > 1:
        for line in loud:
            axes.plot([], [], color=colors[loud.index(line) % len(colors)], label=_name(line.name))
        axes.legend(frameon=False, fontsize=8)
    if chart.across < 3:  # there is no room for them in so small a chart, beside others that are alike
        axes.set_xlabel(_cut(chart.x_label, TITLE_LETTERS[chart.across]))
        axes.set_ylabel(_cut(chart.y_label, MOST_NAME))
    axes.grid(color="#eceef3", linewidth=0.8)
    axes.set_axisbelow(True)
    if all(float(x).is_integer() for line in chart.series for x in line.x):
        from matplotlib.ticker import MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator("auto" if chart.across < 3 else 4, integer=True))  # steps are whole
    if chart.square:
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.01)


def _columns(axes: Any, chart: Columns) -> None:
    widths = [b - a for a, b in zip(chart.edges[:-1], chart.edges[1:], strict=True)]
    axes.bar(chart.edges[:-1], chart.counts, width=widths, align="edge", color=GREY, edgecolor="white")
    axes.set_xlabel(_cut(chart.x_label, TITLE_LETTERS[1]))
    axes.set_ylabel("rows")


def _matrix(axes: Any, chart: Matrix) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shares = [[n / max(sum(row), 1) for n in row] for row in chart.counts]
    pale = LinearSegmentedColormap.from_list("pale", ["#ffffff", DEEP])
    axes.imshow(shares, cmap=pale, vmin=0, vmax=1, aspect="auto")
    for i, row in enumerate(chart.counts):
        for j, count in enumerate(row):
            color = "white" if shares[i][j] >= STRONG else "black"
            text = f"{count:,}\n{wording.percent(shares[i][j])}" if len(chart.labels) <= 6 else f"{count:,}"
            axes.text(j, i, text, ha="center", va="center", color=color, fontsize=8)
    places = range(len(chart.labels))
    axes.set_xticks(places, [_name(x) for x in chart.labels], rotation=0 if len(chart.labels) <= 6 else 60)
    axes.set_yticks(places, [_name(x) for x in chart.labels])
    axes.set_xlabel("predicted")
    axes.set_ylabel("really")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
