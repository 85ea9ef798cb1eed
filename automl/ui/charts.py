"""Charts: one template, one accent on neutral greys, the finding as the title."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

ACCENT, GREY, WARN = "#4a63dd", "#98a1b3", "#b4690e"
HEIGHT = 300


def _show(figure: Any, key: str, title: str, table: Any = None) -> None:
    """A chart under its finding, with its figures one click away."""
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        showlegend=False,
        font={"size": 13},
        hoverlabel={"font": {"size": 13}},
        dragmode=False,
    )
    figure.update_xaxes(automargin=True, zeroline=False)
    figure.update_yaxes(automargin=True, zeroline=False)
    st.markdown(f"**{title}**")
    st.plotly_chart(figure, key=key, width="stretch", config={"displayModeBar": False}, alt=title)
    if table is not None:
        with st.expander("Show the figures"):
            st.dataframe(table, hide_index=True, key=f"{key}-table")


def _figure() -> Any:
    import plotly.graph_objects as go

    return go.Figure()


def target(chart: dict[str, Any], name: str, title: str) -> None:
    """The target's distribution."""
    figure = _figure()
    if chart["type"] == "histogram":
        edges, counts = chart["edges"], chart["counts"]
        middle = [(a + b) / 2 for a, b in zip(edges[:-1], edges[1:], strict=True)]
        figure.add_bar(
            x=middle,
            y=counts,
            marker_color=GREY,
            hovertemplate="around %{x:,.4~g}: %{y:,} rows<extra></extra>",
        )
        figure.update_layout(bargap=0.06)
        figure.update_xaxes(title=name)
    else:
        names = [str(v) for v in chart["values"]]
        figure.add_bar(
            y=names, x=chart["counts"], orientation="h", marker_color=GREY,
            text=[f"{n:,}" for n in chart["counts"]], textposition="auto",
            hovertemplate="%{y}: %{x:,} rows<extra></extra>",
        )  # fmt: skip
        figure.update_yaxes(autorange="reversed", type="category")
        figure.update_xaxes(title="rows")
    _show(figure, "chart-target", title)


def best_over_time(points: list[tuple[float, float, str]], seconds: float, label: str) -> None:
    """The best score so far as steps over the build's time."""
    figure = _figure()
    if points:
        x = [t for t, _, _ in points] + [max(seconds, points[-1][0])]
        y = [s for _, s, _ in points] + [points[-1][1]]
        names = [n for _, _, n in points] + [points[-1][2]]
        figure.add_scatter(
            x=x, y=y, mode="lines+markers", line={"shape": "hv", "color": ACCENT, "width": 2.5},
            marker={"size": [7] * len(points) + [0.1]}, customdata=names,
            hovertemplate="%{customdata}<br>%{y:.4g} after %{x:.0f} s<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="seconds", range=[0, seconds])
    figure.update_yaxes(title=label)
    _show(figure, "chart-best", "Best score over time")


def confusion(labels: list[str], counts: list[list[int]], shares: bool, title: str) -> None:
    """What was predicted against what was true."""
    import pandas as pd

    matrix = np.array(counts, dtype=float)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    text = [
        [f"{share[i, j]:.1%}" if shares else f"{int(matrix[i, j]):,}" for j in range(len(labels))]
        for i in range(len(labels))
    ]
    figure = _figure()
    figure.add_heatmap(
        z=share, x=labels, y=labels, text=text, texttemplate="%{text}", zmin=0, zmax=1, showscale=False,
        colorscale=[[0, "rgba(74,99,221,0.04)"], [1, ACCENT]], xgap=3, ygap=3,
        hovertemplate="really %{y}, predicted %{x}: %{text}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="predicted", type="category", side="bottom")
    figure.update_yaxes(title="really", type="category", autorange="reversed")
    table = pd.DataFrame(counts, columns=[f"predicted {x}" for x in labels])
    table.insert(0, "really", labels)
    _show(figure, "chart-confusion", title, table)


def curve(curves: dict[str, Any], kind: str, title: str) -> None:
    """ROC or precision-recall curve, one line a class."""
    import pandas as pd

    figure, tables = _figure(), []
    axes = ("fpr", "tpr") if kind == "roc" else ("recall", "precision")
    shades = [ACCENT, "#2f7d6d", WARN, "#8a4fbf", "#b3261e", "#4a7a9c"]
    for i, (name, found) in enumerate(curves.items()):
        x, y = found[kind][axes[0]], found[kind][axes[1]]
        figure.add_scatter(
            x=x, y=y, mode="lines", name=name, line={"width": 2.2, "color": shades[i % len(shades)]},
            hovertemplate=f"{name}<br>%{{x:.1%}} → %{{y:.1%}}<extra></extra>",
        )  # fmt: skip
        tables.append(pd.DataFrame({"class": name, axes[0]: x, axes[1]: y}))
    if kind == "roc":
        figure.add_scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"dash": "dot", "color": GREY, "width": 1.2},
            hoverinfo="skip",
        )
        figure.update_xaxes(title="false alarms among the others")
        figure.update_yaxes(title="found of the class")
    else:
        figure.update_xaxes(title="recall: found of the class")
        figure.update_yaxes(title="precision: right when called")
    figure.update_xaxes(range=[0, 1.005], tickformat=".0%")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    if 1 < len(curves) <= 6:
        figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.28})
    _show(figure, f"chart-{kind}", title, pd.concat(tables) if tables else None)
    if 1 < len(curves) <= 6:
        return


def predicted_against_actual(actual: list[float], predicted: list[float], name: str, title: str) -> None:
    """Each test row as a point; the closer to the line, the better."""
    import pandas as pd

    figure = _figure()
    ends = [min(min(actual), min(predicted)), max(max(actual), max(predicted))]
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": GREY, "dash": "dot", "width": 1.3}, hoverinfo="skip"
    )
    figure.add_scattergl(
        x=actual, y=predicted, mode="markers", marker={"color": ACCENT, "size": 5, "opacity": 0.45},
        hovertemplate="really %{x:,.4~g}, predicted %{y:,.4~g}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title=f"{name}, really")
    figure.update_yaxes(title=f"{name}, predicted")
    _show(figure, "chart-actual", title, pd.DataFrame({"really": actual, "predicted": predicted}))


def residuals(histogram: dict[str, list[float]], name: str, title: str) -> None:
    """How far off the predictions are, and to which side."""
    figure = _figure()
    edges = histogram["edges"]
    middle = [(a + b) / 2 for a, b in zip(edges[:-1], edges[1:], strict=True)]
    figure.add_bar(
        x=middle, y=histogram["counts"], marker_color=GREY,
        hovertemplate="off by about %{x:,.3~g}: %{y:,} rows<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": ACCENT, "width": 1.5})
    figure.update_layout(bargap=0.05)
    figure.update_xaxes(title=f"predicted minus real {name}")
    figure.update_yaxes(title="rows")
    _show(figure, "chart-residuals", title)
