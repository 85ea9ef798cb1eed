"""Charts of a data set: how a column is spread, how the target moves with it, what goes together, what is missing."""

from __future__ import annotations

from typing import Any

from automl import wording
from automl.data.insights import Associations, Relation
from automl.data.insights.association import STRONG
from automl.types import ColumnKind
from automl.ui.charts import CLASSES, GREY, HEIGHT, LOW, draw, new_figure
from automl.ui.style import ACCENT
from automl.ui.widgets import short

MOST_MISSING = 15
MOST_IN_MATRIX = 25
FAINT = 0.3  # columns that go with no other more than so are left out of the matrix
CLASSES_SHOWN = len(CLASSES)


def spread(chart: dict[str, Any], column: str, name: str, kind: ColumnKind, title: str) -> None:
    """A column's values, shown as `name`: a histogram, over time for dates, or the most frequent ones."""
    import pandas as pd

    figure = new_figure()
    if chart["type"] == "histogram":
        edges, counts = chart["edges"], chart["counts"]
        if kind is ColumnKind.DATETIME:
            stamps = pd.to_datetime(pd.Series(edges))
            middle = (stamps[:-1] + (stamps[1:].to_numpy() - stamps[:-1].to_numpy()) / 2).tolist()
            figure.add_bar(x=middle, y=counts, marker_color=GREY, hovertemplate="about %{x|%Y-%m-%d}: %{y:,} rows<extra></extra>")
        else:
            middle = [(a + b) / 2 for a, b in zip(edges[:-1], edges[1:], strict=True)]
            figure.add_bar(x=middle, y=counts, marker_color=GREY, hovertemplate=f"around %{{x:{'d' if wording.is_year(column, edges) else ',.4~g'}}}: %{{y:,}} rows<extra></extra>")
            figure.update_xaxes(tickformat=wording.ticks(column, edges))
        figure.update_layout(bargap=0.06)
        figure.update_xaxes(title=name)
        figure.update_yaxes(title="rows", tickformat=",")
        table = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": counts})
    else:
        names = [short(str(v), 24) for v in chart["values"]]
        counts = list(chart["counts"])
        if chart.get("other"):
            names, counts = [*names, "all others"], [*counts, chart["other"]]
        figure.add_bar(
            y=list(range(len(names))), x=counts, orientation="h", marker_color=GREY, cliponaxis=False,
            text=[wording.count(n) for n in counts], textposition="outside", customdata=names,
            hovertemplate="%{customdata}: %{x:,} rows<extra></extra>",
        )  # fmt: skip
        figure.update_yaxes(autorange="reversed", tickvals=list(range(len(names))), ticktext=names)
        figure.update_xaxes(showticklabels=False, showgrid=False, range=[0, max(counts, default=1) * 1.22])
        table = pd.DataFrame({"value": names, "rows": counts})
    draw(figure, "chart-spread", title, table, height=max(LOW + 30, 26 * len(table) if chart["type"] == "top" else 0))


def moves(found: Relation, target: str, title: str, label: str | None = None) -> None:
    """The target's mean by bin or value, or the share of one class; a line where all rows are.

    Parameters
    ----------
    found : Relation
    target : str
        Its name, cut.
    title : str
    label : str, optional
        The class whose share is shown, where the target is a class.
    """
    import pandas as pd

    shares = label is not None
    i = found.labels.index(label) if shares else -1
    values = [p.shares[i] if shares else p.mean for p in found.parts]
    whole = found.whole.shares[i] if shares else found.whole.mean
    names = [short(p.label, 24) for p in found.parts]
    worded = [wording.percent(v) if shares else wording.number(v) for v in values]
    figure = new_figure()
    figure.add_bar(
        y=list(range(len(names))), x=values, orientation="h", marker_color=ACCENT, cliponaxis=False,
        text=worded, textposition="outside", customdata=[[p.label, wording.count(p.rows)] for p in found.parts],
        hovertemplate="%{customdata[0]}: %{text} of %{customdata[1]} rows<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=whole, line={"color": GREY, "width": 1.5, "dash": "dot"})
    low, high = min(0.0, *values), max(0.0, *values)
    room = (high - low or 1.0) * 0.22
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(names))), ticktext=names)
    what = f"share of {short(label, 24)}" if shares else f"mean of {target}"
    figure.update_xaxes(
        title=f"{what} (dotted: all, {wording.percent(whole) if shares else wording.number(whole)})",
        showticklabels=False, showgrid=False, range=[low - (room if low < 0 else 0), high + room],
    )  # fmt: skip
    table = pd.DataFrame({"part": [p.label for p in found.parts], "rows": [p.rows for p in found.parts]})
    if shares:
        for j, name in enumerate(found.labels):
            table[f"share of {name}"] = [p.shares[j] for p in found.parts]
    else:
        table[f"mean of {target}"] = values
    draw(figure, "chart-moves", title, table, height=max(LOW + 30, 26 * len(names) + 60))


def together(found: Associations, title: str) -> None:
    """How strongly each two columns go together, from pale to strong."""
    import numpy as np
    import pandas as pd

    matrix = np.array(found.matrix)
    strength = (matrix - np.eye(len(matrix))).max(axis=1)
    most = np.argsort(-strength, kind="stable")
    shown = np.sort(most[: max(2, min(MOST_IN_MATRIX, int((strength >= FAINT).sum())))])
    part = matrix[np.ix_(shown, shown)]
    names = [short(found.names[i], 20) for i in shown]
    places = list(range(len(names)))
    hover = [[f"{found.names[i]} and {found.names[j]}: {wording.number(matrix[i, j])}" for j in shown] for i in shown]
    figure = new_figure()
    figure.add_heatmap(
        z=np.where(np.eye(len(part), dtype=bool), np.nan, part), x=places, y=places, customdata=hover, zmin=0, zmax=1,
        showscale=False, xgap=2, ygap=2, colorscale=[[0, "rgba(74,99,221,0.04)"], [STRONG, "rgba(74,99,221,0.45)"], [1, ACCENT]],
        hovertemplate="%{customdata}<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    ticks = {"tickvals": places, "ticktext": names, "showgrid": False}
    figure.update_xaxes(side="bottom", tickangle=-90, **ticks)
    figure.update_yaxes(autorange="reversed", **ticks)
    table = pd.DataFrame(
        [(p.first, p.second, p.value, p.same or p.measure) for p in found.pairs],
        columns=["column", "goes with", "strength", "measure"],
    )
    draw(figure, "chart-together", title, table, height=max(HEIGHT, 120 + 18 * len(names)))


def missing(counts: list[tuple[str, float]], title: str) -> None:
    """The share of missing cells of each column that has any."""
    import pandas as pd

    shown = counts[:MOST_MISSING]
    figure = new_figure()
    places = list(range(len(shown)))
    figure.add_bar(
        y=places, x=[s for _, s in shown], orientation="h", marker_color=GREY, cliponaxis=False,
        text=[wording.percent(s) for _, s in shown], textposition="outside", customdata=[n for n, _ in shown],
        hovertemplate="%{customdata}: %{text} missing<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", tickvals=places, ticktext=[short(n, 24) for n, _ in shown])
    figure.update_xaxes(showticklabels=False, showgrid=False, range=[0, max(s for _, s in shown) * 1.25])
    table = pd.DataFrame(counts, columns=["column", "share missing"])
    draw(figure, "chart-missing", title, table, height=max(130, 30 * len(shown) + 30))
