"""Charts of what columns do to a prediction: one column, two of them, one row while each changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from automl import insight, wording
from automl.explain import Effect, Pair
from automl.types import Problem
from automl.ui import charts
from automl.ui.charts import GREY, HEIGHT
from automl.ui.style import ACCENT
from automl.ui.widgets import short

LINES = 60  # single rows that are drawn
LONG_LABEL = 14  # characters; longer ones have no room beneath a small chart and are shown on hover
THIN = "rgba(120,130,150,.22)"


def effect(problem: Problem, found: Effect, output: int, *, centred: bool, lines: bool, key: str) -> None:
    """Partial dependence over where the data lie; each sampled row as a thin line where wished for."""
    import pandas as pd
    from plotly.subplots import make_subplots

    mean = found.centred(output).mean(axis=0) if centred else found.mean(output)
    rows = found.centred(output) if centred else found.lines[:, :, output]
    x = _axis(found.values)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.78, 0.22], vertical_spacing=0.05)
    if found.words:
        low, high = np.quantile(rows, [0.25, 0.75], axis=0)
        spread = (
            {"type": "data", "array": np.maximum(high - mean, 0), "arrayminus": np.maximum(mean - low, 0), "color": GREY}
            if lines else None
        )  # fmt: skip
        figure.add_bar(
            x=x, y=mean, marker_color=ACCENT, error_y=spread, row=1, col=1, width=0.62,
            customdata=[_said(problem, v, centred) for v in mean], hovertemplate="%{x}: %{customdata}<extra></extra>",
        )  # fmt: skip
    else:
        if lines:
            xs, ys = [], []
            for line in rows[:LINES]:
                xs += [*x, None]
                ys += [*line.tolist(), None]
            figure.add_scatter(
                x=xs, y=ys, mode="lines", line={"color": THIN, "width": 1}, hoverinfo="skip", row=1, col=1
            )
        figure.add_scatter(
            x=x, y=mean, mode="lines+markers", line={"color": ACCENT, "width": 2.6},
            marker={"size": 5, "color": ACCENT}, row=1, col=1,
            customdata=[_said(problem, v, centred) for v in mean], hovertemplate="%{x}: %{customdata}<extra></extra>",
        )  # fmt: skip
    where, share = x, found.counts / max(found.total, 1)
    if found.histogram is not None:
        edges, counts = found.histogram
        where, share = _axis(edges[:-1] + (edges[1:] - edges[:-1]) / 2), counts / max(found.total, 1)
    figure.add_bar(
        x=where, y=share, marker_color=GREY, opacity=0.7, row=2, col=1,
        hovertemplate="about %{y:.1%} of the rows<extra></extra>",
    )  # fmt: skip
    figure.update_layout(bargap=0.08 if found.histogram is not None else 0.38)
    what = charts_label(problem, output)
    figure.update_yaxes(title="change" if centred else what, row=1, col=1, **_ticks(problem, centred))
    figure.update_yaxes(title="rows", row=2, col=1, tickformat=".0%", nticks=3)
    figure.update_xaxes(title=short(found.column, 40), row=2, col=1)
    figure.update_xaxes(**_numbers(found))
    if found.words:
        figure.update_xaxes(type="category")
    table = pd.DataFrame(
        {
            short(found.column, 40): [insight.shown(v, found.column) for v in found.values],
            "change" if centred else what: [_said(problem, v, centred) for v in mean],
            "rows": [wording.count(n) for n in found.counts],
        }
    )
    title = insight.effect_title(problem, found, output)
    charts.draw(figure, key, title, table, height=HEIGHT + 90)


def pair(problem: Problem, found: Pair, output: int, *, key: str) -> None:
    """Two columns as a heat map; cells without rows beneath are hatched out."""
    import pandas as pd

    z = found.surface[:, :, output]
    x, y = _words(found.second, found.columns[1]), _words(found.first, found.columns[0])
    said = [[_said(problem, v, False) for v in line] for line in z]
    figure = charts.new_figure()
    figure.add_heatmap(
        z=z, x=x, y=y, colorscale=[[0, "#eef1fb"], [1, ACCENT]], customdata=said, xgap=1, ygap=1,
        colorbar={"thickness": 10, "outlinewidth": 0, **_ticks(problem, False)},
        hovertemplate="%{y}, %{x}: %{customdata}<extra></extra>",
    )  # fmt: skip
    empty = [(x[j], y[i]) for i in range(len(y)) for j in range(len(x)) if not found.counts[i, j]]
    if empty:
        figure.add_scatter(
            x=[a for a, _ in empty], y=[b for _, b in empty], mode="markers", hoverinfo="skip",
            marker={"symbol": "x-thin", "size": 8, "line": {"color": GREY, "width": 1.2}},
        )  # fmt: skip
    figure.update_xaxes(title=short(found.columns[1], 40), type="category")
    figure.update_yaxes(title=short(found.columns[0], 40), type="category")
    table = pd.DataFrame(said, columns=[f"{short(found.columns[1], 24)} {v}" for v in _unique(x)])
    table.insert(0, short(found.columns[0], 24) + " ", y)
    charts.draw(figure, key, insight.pair_title(problem, found, output), table, height=HEIGHT + 130)


def row_curve(problem: Problem, found: Effect, output: int, now: Any, *, key: str) -> None:
    """One row's prediction while one column changes; a dot where the row is."""
    line = found.lines[0, :, output]
    x = _axis(found.values)
    figure = charts.new_figure()
    said = [_said(problem, v, False) for v in line]
    values = found.values.tolist()
    at = next((i for i, v in enumerate(found.values) if v == now or (v is None and now is None)), None)
    if found.words:
        colors = [ACCENT if i == at else GREY for i in range(len(values))]
        figure.add_bar(x=x, y=line, marker_color=colors, customdata=said, hovertemplate="%{x}: %{customdata}<extra></extra>")
        figure.update_xaxes(type="category", showticklabels=max(map(len, x)) <= LONG_LABEL)
    else:
        figure.add_scatter(
            x=x, y=line, mode="lines", line={"color": GREY, "width": 2}, customdata=said,
            hovertemplate="%{x}: %{customdata}<extra></extra>",
        )  # fmt: skip
        if at is not None:
            figure.add_scatter(
                x=[x[at]], y=[line[at]], mode="markers", marker={"size": 11, "color": ACCENT}, hoverinfo="skip"
            )
    figure.update_yaxes(nticks=4, **_ticks(problem, False))
    figure.update_xaxes(nticks=5, **_numbers(found))
    low, high = (insight.predicted(problem, v) for v in (line.min(), line.max()))
    title = f"{short(found.column, 26)}: {low} to {high}" if low != high else f"{short(found.column, 26)}: no change"
    figure.update_layout(
        height=190, margin={"l": 4, "r": 8, "t": 6, "b": 6}, dragmode=False, separators=".,", showlegend=False,
        font={"size": 12, "color": charts.words()},
    )  # fmt: skip
    legible = {"tickfont_color": charts.words(), "title_font_color": charts.words(), "automargin": True, "zeroline": False}
    figure.update_xaxes(legible)
    figure.update_yaxes(legible)
    charts.literal(figure)
    from automl.ui.widgets import card_title

    card_title(title)
    st.plotly_chart(figure, key=key, width="stretch", config={"displayModeBar": False}, alt=title)


def charts_label(problem: Problem, output: int) -> str:
    """The axis of what is predicted."""
    if not problem.has_probabilities:
        return short(problem.target, 30)
    return f"chance of {short(str(problem.classes[output]), 20)}"


def _said(problem: Problem, value: float, centred: bool) -> str:
    return insight.moved(problem, value) if centred else insight.predicted(problem, value)


def _ticks(problem: Problem, centred: bool) -> dict[str, Any]:
    if problem.has_probabilities:
        return {"tickformat": "+.2~%" if centred else ".2~%"}
    return {"tickformat": "+,.4~r" if centred else ",.4~r"}


def _axis(values: np.ndarray) -> list[Any]:
    if values.dtype == object:
        return _words(values, "")
    return values.tolist() if values.dtype.kind != "M" else [str(v)[:19] for v in values]


def _words(values: np.ndarray, name: str) -> list[str]:
    """Values of a column as the labels of an axis, each once."""
    return _unique([short(insight.shown(v, name), 22) for v in values])


def _numbers(found: Effect) -> dict[str, str]:
    """How the numbers along the axis of a column are written; of words and dates nothing."""
    if found.words or found.values.dtype.kind == "M":
        return {}
    return {"tickformat": wording.ticks(found.column, found.values.astype(float))}


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out
