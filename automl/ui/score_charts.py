"""Charts of how good a model is: thresholds and money, calibration, gain and lift, segments, learning curve."""

from __future__ import annotations

from typing import Any

from automl import wording
from automl.ui.charts import GREY, HEIGHT, LOW, draw, is_dark, new_figure
from automl.ui.style import ACCENT
from automl.ui.widgets import short

BAND = "rgba(74,99,221,0.14)"
DOT = 9
ON_DARK = "#9fb0ff"  # words in the accent colour, on dark


def _line(figure: Any, x: list[float], y: list[float], *, strong: bool = True, name: str = "", hover: str) -> None:
    figure.add_scatter(
        x=x, y=y, mode="lines", name=name, hovertemplate=f"{hover}<extra></extra>",
        line={"color": ACCENT if strong else GREY, "width": 2.4 if strong else 1.6},
    )  # fmt: skip


def _said(figure: Any, x: float, y: float, text: str, *, strong: bool = False, where: str = "top right") -> None:
    """A word directly at a line instead of a legend."""
    color = (ON_DARK if is_dark() else ACCENT) if strong else None
    figure.add_scatter(
        x=[x], y=[y], mode="text", text=[text], textposition=where, hoverinfo="skip", cliponaxis=False,
        textfont={"color": color, "size": 12},
    )  # fmt: skip


def _dot(figure: Any, x: float, y: float, hover: str) -> None:
    figure.add_scatter(
        x=[x], y=[y], mode="markers", marker={"color": ACCENT, "size": DOT, "opacity": 1},
        hovertemplate=f"{hover}<extra></extra>",
    )  # fmt: skip


def by_threshold(course: dict[str, list[float]], threshold: float, title: str) -> None:
    """Precision, recall and F1 along the threshold; a line where it stands."""
    import numpy as np
    import pandas as pd

    figure = new_figure()
    x = course["threshold"]
    for name, strong in (("precision", False), ("recall", False), ("f1", True)):  # the accent where they meet
        label = "F1" if name == "f1" else name
        _line(figure, x, course[name], strong=strong, hover=f"{label} %{{y:.1%}} from %{{x:.1%}} on")
        at = min(int(np.searchsorted(x, {"precision": 0.98, "recall": 0.1, "f1": 0.75}[name])), len(x) - 1)
        where = {"precision": "top left", "recall": "top right", "f1": "top right"}[name]
        _said(figure, x[at], course[name][at], label, strong=strong, where=where)
    figure.add_vline(x=threshold, line={"color": ACCENT, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(title="called from this probability on", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(range=[0, 1.08], tickformat=".0%")
    draw(figure, "chart-by-threshold", title, pd.DataFrame(course), height=HEIGHT - 30)


def profit_by_threshold(found: dict[str, list[float]], best: float, now: float, unit: str, title: str) -> None:
    """Profit per 1,000 rows along the threshold, the best one marked."""
    import numpy as np
    import pandas as pd

    figure = new_figure()
    x, y = found["threshold"], found["profit"]
    _line(figure, x, y, hover="%{y:,.4~g} per 1,000 rows from %{x:.1%} on")
    _dot(figure, best, float(np.interp(best, x, y)), "best, from %{x:.1%} on")
    figure.add_vline(x=now, line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(title="called from this probability on", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title=f"{unit} per 1,000 rows", tickformat=",~s")
    draw(figure, "chart-profit-threshold", title, pd.DataFrame(found), height=HEIGHT - 30)


def profit_by_number(
    found: dict[str, list[float]], at: float, profit: float, unit: str, title: str
) -> None:
    """Profit by how many of the likeliest are contacted, and of as many chosen at random."""
    import numpy as np
    import pandas as pd

    figure = new_figure()
    x = found["number"]
    _line(figure, x, found["random"], strong=False, hover="%{x:,.0f} at random: %{y:,.4~g}")
    _line(figure, x, found["profit"], hover="the likeliest %{x:,.0f}: %{y:,.4~g}")
    _dot(figure, at, profit, "by the best threshold: %{x:,.0f}")
    middle = min(int(np.searchsorted(x, x[-1] * 0.62)), len(x) - 1)
    _said(figure, x[middle], found["profit"][middle], "likeliest first", strong=True)
    _said(figure, x[middle], found["random"][middle], "at random", where="bottom left")
    figure.update_xaxes(title="rows contacted, likeliest first", tickformat=",", rangemode="tozero")
    figure.update_yaxes(title=f"profit, {unit}", tickformat=",~s")
    draw(figure, "chart-profit-number", title, pd.DataFrame(found), height=HEIGHT - 30)


def gain(found: dict[str, list[float]], title: str) -> None:
    """Share of the outcome found by share of rows taken, likeliest first."""
    import pandas as pd

    figure = new_figure()
    _line(figure, [0, 1], [0, 1], strong=False, hover="at random")
    _line(figure, found["share"], found["found"], hover="in the likeliest %{x:.1%}: %{y:.1%} of them")
    _said(figure, 0.55, 0.55, "at random", where="bottom right")
    figure.update_xaxes(title="rows taken, likeliest first", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="found of the class", range=[0, 1.04], tickformat=".0%")
    draw(figure, "chart-gain", title, pd.DataFrame(found))


def lift(found: dict[str, list[float]], title: str) -> None:
    """How many times more of the outcome there are among the rows taken than among as many at random."""
    import pandas as pd

    figure = new_figure()
    x = [s for s in found["share"] if s >= 0.01]
    y = [f / s for s, f in zip(found["share"], found["found"], strict=True) if s >= 0.01]
    figure.add_hline(y=1, line={"color": GREY, "width": 1.3, "dash": "dot"})
    _line(figure, x, y, hover="in the likeliest %{x:.1%}: %{y:.2f} times as many")
    _said(figure, 0.86, 1, "at random", where="bottom center")
    figure.update_xaxes(title="rows taken, likeliest first", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="times as many as at random", rangemode="tozero")
    draw(figure, "chart-lift", title, pd.DataFrame({"share": x, "lift": y}))


def calibration(found: dict[str, Any], title: str) -> None:
    """How often it happened against how likely it was called, in ten ranges with 95 % intervals."""
    import pandas as pd

    figure = new_figure()
    x, y = found["predicted"], found["happened"]
    _line(figure, [0, 1], [0, 1], strong=False, hover="as predicted")
    most = max(found["rows"])
    figure.add_scatter(
        x=x, y=y, mode="markers", customdata=found["rows"],
        marker={"color": ACCENT, "opacity": 1, "size": [6 + 14 * (n / most) ** 0.5 for n in found["rows"]]},
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.3, "width": 0, "color": ACCENT,
            "array": [h - v for h, v in zip(found["high"], y, strict=True)],
            "arrayminus": [v - low for low, v in zip(found["low"], y, strict=True)],
        },
        hovertemplate="said %{x:.1%}, happened %{y:.1%} of %{customdata:,} rows<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="probability it gave", range=[-0.03, 1.03], tickformat=".0%")
    figure.update_yaxes(title="how often it happened", range=[-0.03, 1.06], tickformat=".0%")
    table = pd.DataFrame({k: found[k] for k in ("predicted", "happened", "low", "high", "rows")})
    draw(figure, "chart-calibration", title, table)


def intervals(
    names: list[str], values: list[float], lows: list[float], highs: list[float], strong: list[bool],
    whole: float, axis: str, title: str, key: str,
) -> None:  # fmt: skip
    """A score with its interval for each of some groups, beside that of all rows; strong ones stand out."""
    import pandas as pd

    figure = new_figure()
    labels = [short(n, 22) for n in names]
    at = list(range(len(names)))
    for accent in (False, True):
        some = [i for i in at if strong[i] is accent]
        figure.add_scatter(
            x=[values[i] for i in some], y=some, mode="markers",
            customdata=[[names[i], wording.number(lows[i]), wording.number(highs[i])] for i in some],
            marker={"color": ACCENT if accent else GREY, "size": DOT, "opacity": 1},
            error_x={
                "type": "data", "symmetric": False, "thickness": 1.6, "width": 0,
                "color": ACCENT if accent else GREY,
                "array": [highs[i] - values[i] for i in some], "arrayminus": [values[i] - lows[i] for i in some],
            },
            hovertemplate="%{customdata[0]}: %{x:.4~g}, between %{customdata[1]} and %{customdata[2]}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=whole, line={"color": GREY, "width": 1.3, "dash": "dot"})
    figure.update_yaxes(tickmode="array", tickvals=at, ticktext=labels, range=[len(names) - 0.5, -0.5], showgrid=False)
    figure.update_xaxes(title=axis, tickformat=",~g", nticks=6)
    table = pd.DataFrame({"group": names, "score": values, "low": lows, "high": highs})
    draw(figure, key, title, table, height=max(150, 74 + 32 * len(names)))


def error_by_range(entries: list[dict[str, Any]], name: str, title: str) -> None:
    """The average error of rows by what really is, in ranges of equally many rows."""
    import pandas as pd

    figure = new_figure()
    figure.add_bar(
        x=[e["label"] for e in entries], y=[e["error"] for e in entries], cliponaxis=False,
        marker_color=[ACCENT if e["worst"] else GREY for e in entries],
        text=[wording.number(e["error"]) for e in entries], textposition="outside",
        customdata=[[e["rows"], wording.number(e["low"]), wording.number(e["high"])] for e in entries],
        hovertemplate="%{x}: off by %{text}, between %{customdata[1]} and %{customdata[2]}, "
        "%{customdata[0]:,} rows<extra></extra>",
    )  # fmt: skip
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(title=f"{name}, really", type="category")
    figure.update_yaxes(title="average error", rangemode="tozero", tickformat=",~g")
    table = pd.DataFrame(entries)[["label", "rows", "error", "low", "high", "bias"]]
    draw(figure, "chart-error-range", title, table)


def residuals_along(predicted: list[float], residual: list[float], name: str, title: str) -> None:
    """How far off each prediction is, along the predictions."""
    import pandas as pd

    figure = new_figure()
    figure.add_hline(y=0, line={"color": GREY, "width": 1.3, "dash": "dot"})
    figure.add_scattergl(
        x=predicted, y=residual, mode="markers", marker={"color": ACCENT, "size": 5, "opacity": 0.45},
        hovertemplate="predicted %{x:,.4~g}, off by %{y:,.4~g}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title=f"{name}, predicted", tickformat=",~g")
    figure.update_yaxes(title="predicted minus real", tickformat=",~g")
    draw(figure, "chart-residuals-along", title, pd.DataFrame({"predicted": predicted, "off by": residual}))


def learning(points: list[dict[str, Any]], label: str, title: str) -> None:
    """The score by rows learned from; bars are the standard error over the folds."""
    import pandas as pd

    figure = new_figure()
    x, y = [p["rows"] for p in points], [p["score"] for p in points]
    figure.add_scatter(
        x=x, y=y, mode="lines+markers", line={"color": ACCENT, "width": 2.4},
        marker={"color": ACCENT, "size": DOT, "opacity": 1},
        error_y={"type": "data", "array": [p["error"] for p in points], "color": ACCENT, "thickness": 1.3, "width": 0},
        hovertemplate="%{x:,} rows: %{y:.4~g}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="rows learned from", tickformat=",", rangemode="tozero")
    figure.update_yaxes(title=label, tickformat=",~g", nticks=6)
    draw(figure, "chart-learning", title, pd.DataFrame(points), height=LOW + 30)
