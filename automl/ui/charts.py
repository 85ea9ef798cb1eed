"""Charts: one template, one accent on neutral greys, the finding as the title, the figures one click away."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from automl import wording
from automl.ui.style import ACCENT
from automl.ui.widgets import card_title, short

if TYPE_CHECKING:
    import pandas as pd

GREY = "#98a1b3"
CLASSES = (ACCENT, "#2f7d6d", "#b4690e", "#8a4fbf", "#c0322a", "#4a7a9c")  # the same class, the same colour
HEIGHT, LOW = 300, 210
MOST_CURVES = len(CLASSES)  # of the most frequent classes
DEEP = "#3247b5"  # of a full cell of the confusion matrix
STRONG = 0.78  # from this share on white is read better on it than black, each with a contrast of 4.5 and more
WORDS = {"light": "#4b5568", "dark": "#c3c9d6"}  # 7 to 1 on the page's background
AXES = {"fpr": "false alarms", "tpr": "found", "recall": "recall", "precision": "precision"}  # of a curve, in words
BOTH_IN_A_CELL = 6  # classes; with more, a cell of the confusion matrix has room for one figure


def new_figure() -> Any:
    """An empty chart."""
    import plotly.graph_objects as go

    return go.Figure()


def is_dark() -> bool:
    """Whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def words() -> str:
    """The colour of words in a chart, readable in the theme that the browser shows."""
    return WORDS["dark" if is_dark() else "light"]


def literal(figure: Any) -> None:
    """Names and values of a figure as they are: plotly would take what looks like HTML in them for its own."""
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.title.text = _literal(axis.title.text)
        axis.ticktext = _literal(axis.ticktext)
    for trace in figure.data:
        for part in ("name", "x", "y", "customdata"):
            value = getattr(trace, part, None)
            if value is not None:
                setattr(trace, part, _literal(value))


def _literal(value: Any) -> Any:
    if isinstance(value, str):
        return escape(value, quote=False)
    kind = getattr(value, "dtype", None)
    if isinstance(value, list | tuple) or (kind is not None and kind.kind in "OU"):
        return [_literal(v) for v in value]
    return value


def draw(
    figure: Any,
    key: str,
    title: str,
    table: pd.DataFrame | None = None,
    *,
    height: int = HEIGHT,
    pick: bool = False,
) -> Any:
    """A chart under its finding, with its figures one click away; with `pick`, what was clicked."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        font={"size": 13, "color": words()},
        hoverlabel={"font": {"size": 13}},
        dragmode=False,
        separators=".,",
        **({} if figure.layout.showlegend else {"showlegend": False}),
    )
    legible = {"tickfont_color": words(), "title_font_color": words(), "automargin": True, "zeroline": False}
    figure.update_xaxes(legible)
    figure.update_yaxes(legible)
    literal(figure)
    card_title(title)
    clicks = {"on_select": "rerun", "selection_mode": "points"} if pick else {}
    found = st.plotly_chart(
        figure, key=key, width="stretch", config={"displayModeBar": False}, alt=title, **clicks
    )
    if table is not None:
        with st.expander("Show the figures"):
            st.dataframe(table, hide_index=True, key=f"{key}-table")
    return found if pick else None


def target(chart: dict[str, Any], name: str, title: str) -> None:
    """The target's distribution."""
    import pandas as pd

    figure = new_figure()
    if chart["type"] == "histogram":
        edges, counts = chart["edges"], chart["counts"]
        ranges = list(zip(edges[:-1], edges[1:], strict=True))
        figure.add_bar(
            x=[(a + b) / 2 for a, b in ranges], y=counts, marker_color=GREY,
            hovertemplate="around %{x:,.4~g}: %{y:,} rows<extra></extra>",
        )  # fmt: skip
        figure.update_layout(bargap=0.06)
        figure.update_xaxes(title=name)
        figure.update_yaxes(title="rows")
        table = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": counts})
    else:
        names = [short(str(v), 24) for v in chart["values"]]
        figure.add_bar(
            y=names, x=chart["counts"], orientation="h", marker_color=GREY, cliponaxis=False,
            text=[wording.count(n) for n in chart["counts"]], textposition="outside",
            hovertemplate="%{y}: %{x:,} rows<extra></extra>",
        )  # fmt: skip
        figure.update_yaxes(autorange="reversed", type="category")
        figure.update_xaxes(
            showticklabels=False, showgrid=False, range=[0, max(chart["counts"], default=1) * 1.18]
        )
        table = pd.DataFrame({name: chart["values"], "rows": chart["counts"]})
    draw(figure, "chart-target", title, table, height=LOW)


def best_over_time(points: list[tuple[float, float, str]], now: float, seconds: float, label: str) -> None:
    """The best score so far as steps up to now, over the build's time.

    Parameters
    ----------
    points : list of (seconds, score, candidate)
        Where the best score changed.
    now, seconds : float
        The time gone and the limit.
    label : str
        The metric's name.
    """
    figure = new_figure()
    title = "Best score over time"
    if points:
        x = [t for t, _, _ in points] + [max(now, points[-1][0])]
        y = [s for _, s, _ in points] + [points[-1][1]]
        names = [short(n, 40) for _, _, n in points] + [short(points[-1][2], 40)]
        figure.add_scatter(
            x=x, y=y, mode="lines+markers", line={"shape": "hv", "color": ACCENT, "width": 2.5},
            marker={"size": [6] * len(points) + [9], "color": ACCENT, "opacity": 1}, customdata=names,
            hovertemplate="%{customdata}<br>%{y:.4g} after %{x:.0f} s<extra></extra>",
        )  # fmt: skip
        title = f"{short(points[-1][2], 26)} leads with {wording.number(points[-1][1])}"
    figure.update_xaxes(title="seconds", range=[0, max(seconds, now)])
    figure.update_yaxes(title=label, nticks=5)
    draw(figure, "chart-best", title, height=LOW + 30)


def confusion(
    labels: list[str], counts: list[list[int]], title: str, *, shares: bool = False, pick: bool = False
) -> tuple[int, int] | None:
    """What was predicted against what was true, in rows and in shares of the true class.

    `shares` chooses the figure in the cells where there are too many classes for both. With `pick`,
    cells can be clicked; returns the one that was, as (really, predicted).
    """
    import pandas as pd

    totals = [max(sum(row), 1) for row in counts]
    share = [[n / total for n in row] for row, total in zip(counts, totals, strict=True)]
    both = len(labels) <= BOTH_IN_A_CELL
    text = [
        [
            f"<b>{wording.count(n)}</b><br>{wording.percent(s)}" if both
            else wording.percent(s) if shares else wording.count(n)
            for n, s in zip(row, part, strict=True)
        ]
        for row, part in zip(counts, share, strict=True)
    ]  # fmt: skip
    hover = [
        [f"{wording.count(n)} rows, {wording.percent(s)}" for n, s in zip(row, part, strict=True)]
        for row, part in zip(counts, share, strict=True)
    ]
    names = [short(x, 18) for x in labels]
    figure = new_figure()
    figure.add_heatmap(
        z=share, x=list(range(len(names))), y=list(range(len(names))), customdata=hover, zmin=0, zmax=1,
        showscale=False, xgap=3, ygap=3,
        colorscale=[[0, "rgba(74,99,221,0.06)"], [1, DEEP]],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names, "showgrid": False}
    cells = [(i, j) for i in range(len(names)) for j in range(len(names))]
    pale = "#ffffff" if is_dark() else "#000000"
    for strong in (False, True):
        chosen = [(i, j) for i, j in cells if (share[i][j] >= STRONG) is strong]
        figure.add_scatter(
            x=[j for _, j in chosen], y=[i for i, _ in chosen], text=[text[i][j] for i, j in chosen],
            mode="text", hoverinfo="skip", textfont={"color": "#ffffff" if strong else pale},
        )  # fmt: skip
    ends = [-0.5, len(names) - 0.5]
    figure.update_xaxes(title="predicted", side="bottom", range=ends, tickangle=None if both else -40, **ticks)
    figure.update_yaxes(title="really", range=ends[::-1], **ticks)
    table = pd.DataFrame(counts, columns=[f"predicted {x}" for x in labels])
    table.insert(0, "really", labels)
    if pick:  # points over the cells take the click: a heatmap has none to select
        figure.add_scatter(
            x=[j for _, j in cells], y=[i for i, _ in cells], mode="markers", customdata=[hover[i][j] for i, j in cells],
            marker={"size": 34, "opacity": 0, "symbol": "square"}, hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    found = draw(figure, "chart-confusion", title, table, height=max(HEIGHT, 90 + 34 * len(labels)), pick=pick)
    points = found["selection"]["points"] if pick and found else []
    return (int(points[0]["y"]), int(points[0]["x"])) if points else None


def curve(curves: dict[str, Any], kind: str, title: str) -> None:
    """ROC or precision-recall curve, one line a class; `kind` is roc or pr."""
    import pandas as pd

    figure, tables = new_figure(), []
    axes = ("fpr", "tpr") if kind == "roc" else ("recall", "precision")
    for i, (name, found) in enumerate(curves.items()):
        x, y = found[kind][axes[0]], found[kind][axes[1]]
        if i < MOST_CURVES:
            figure.add_scatter(
                x=x, y=y, mode="lines", name=short(name, 24), line={"width": 2.2, "color": CLASSES[i]},
                hovertemplate="%{x:.1%} → %{y:.1%}",
            )  # fmt: skip
        tables.append(pd.DataFrame({"class": name, AXES[axes[0]]: x, AXES[axes[1]]: y}))
    if kind == "roc":
        figure.add_scatter(
            x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": GREY, "width": 1.2},
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
        figure.update_xaxes(title="false alarms among the others")
        figure.update_yaxes(title="found of the class")
    else:
        figure.update_xaxes(title="recall: found of the class")
        figure.update_yaxes(title="precision: right when called")
    figure.update_xaxes(range=[-0.01, 1.01], tickformat=".0%")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    if len(curves) > 1:
        figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.25, "yanchor": "top"})
    draw(
        figure, f"chart-{kind}", title, pd.concat(tables), height=HEIGHT if len(curves) == 1 else HEIGHT + 60
    )


def predicted_against_actual(actual: list[float], predicted: list[float], name: str, title: str) -> None:
    """Each test row as a point; the closer to the line, the better."""
    import pandas as pd

    figure = new_figure()
    ends = [min(min(actual), min(predicted)), max(max(actual), max(predicted))]
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": GREY, "dash": "dot", "width": 1.3}, hoverinfo="skip"
    )
    figure.add_scattergl(
        x=actual, y=predicted, mode="markers", marker={"color": ACCENT, "size": 5, "opacity": 0.45},
        hovertemplate="really %{x:,.4~g}, predicted %{y:,.4~g}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title=f"{name}, really", tickformat=",~g")
    figure.update_yaxes(title=f"{name}, predicted", tickformat=",~g")
    draw(figure, "chart-actual", title, pd.DataFrame({"really": actual, "predicted": predicted}))


def residuals(histogram: dict[str, list[float]], name: str, title: str) -> None:
    """How far off the predictions are, and to which side."""
    import pandas as pd

    figure = new_figure()
    edges, counts = histogram["edges"], histogram["counts"]
    figure.add_bar(
        x=[(a + b) / 2 for a, b in zip(edges[:-1], edges[1:], strict=True)], y=counts, marker_color=GREY,
        hovertemplate="off by about %{x:,.3~g}: %{y:,} rows<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": ACCENT, "width": 1.5})
    figure.update_layout(bargap=0.05)
    figure.update_xaxes(title=f"predicted minus real {name}", tickformat=",~g")
    figure.update_yaxes(title="rows", tickformat=",")
    table = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": counts})
    draw(figure, "chart-residuals", title, table)


def join_match(names: tuple[str, str], check: Any, title: str) -> None:
    """Two tables' rows by whether they found a partner: a bar each.

    Parameters
    ----------
    names : (str, str)
    check : JoinCheck
    title : str
    """
    import pandas as pd

    totals = (check.rows_left, check.rows_right)
    matched, missing = (check.matched_left, check.matched_right), (check.missing_left, check.missing_right)
    alone = tuple(t - m - e for t, m, e in zip(totals, matched, missing, strict=True))
    rows = [f"{name} " for name in names]  # a space: two tables of one name stay two bars
    rows[1] += " "
    figure = new_figure()
    for label, counts, color in (
        ("found a partner", matched, ACCENT), ("no partner", alone, GREY), ("no key", missing, "#d3d8e2"),
    ):  # fmt: skip
        if not any(counts):
            continue
        shares = [n / max(t, 1) for n, t in zip(counts, totals, strict=True)]
        figure.add_bar(
            y=rows, x=shares, orientation="h", name=label, marker_color=color, width=0.62,
            text=[wording.percent(s) if s >= 0.12 else "" for s in shares], textposition="inside", insidetextanchor="middle",
            textfont={"color": "#ffffff" if color != "#d3d8e2" else "#2b3445"}, customdata=[wording.count(n) for n in counts],
            hovertemplate=f"%{{y}}: %{{customdata}} rows, {label}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack", showlegend=True,
        legend={"orientation": "h", "y": -0.12, "x": 0, "traceorder": "normal"},
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1], showticklabels=False, showgrid=False)
    figure.update_yaxes(autorange="reversed", type="category")
    table = pd.DataFrame(
        {"table": names, "rows": totals, "found a partner": matched, "no partner": alone, "no key": missing}
    )
    draw(figure, "chart-join", title, table, height=LOW - 30)
