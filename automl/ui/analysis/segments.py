"""Segments: for which rows it is worse, the worst first, and whether that is more than chance."""

from __future__ import annotations

import streamlit as st

from automl import insight, wording
from automl.bundle import Bundle
from automl.evaluate import segments
from automl.evaluate.segments import Segment
from automl.metrics import METRICS, Metric, for_task
from automl.types import ModelVersion
from automl.ui import score_charts, tables, widgets

WORST = 8


def fits(bundle: Bundle) -> bool:
    """Whether the bundle has test rows to cut into parts."""
    held = bundle.test_rows()
    return held is not None and held.inputs.shape[1] > 0


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The worst parts of all columns, then any column of choice."""
    with st.container(border=True):
        _worst(bundle)
    with st.container(border=True):
        _one_column(bundle)


@st.cache_data(show_spinner="Looking for parts where it is worse", max_entries=32)
def _scan(stamp: str, _bundle: Bundle) -> list[Segment]:
    held = _bundle.test_rows()
    loss = segments.losses(held.problem, held.y, held.values, _bundle.threshold)
    return segments.worst(held.inputs, loss, WORST)


def _worst(bundle: Bundle) -> None:
    held, classes = bundle.test_rows(), bundle.spec.problem.has_probabilities
    found = _scan(bundle.stamp, bundle)
    clear = [s for s in found if s.is_clear]
    if not found:
        widgets.card_title("No part of the rows is worse than the others")
        widgets.muted(f"Parts of at least {segments.FEWEST} test rows are compared.")
        return
    if clear:
        first = clear[0]
        what = f"{_loss(first.score, True)} wrong" if classes else f"off by {_loss(first.score, False)}"
        widgets.card_title(
            f"Worst where {widgets.short(first.column, 40)} is {widgets.short(first.name, 40)}: {what}"
        )
    else:
        widgets.card_title("No part is worse than the others by more than chance")
    tables.segments(
        ("Where", "Wrong" if classes else "Off by", "95 % interval", "Than the others", "Test rows", "Judgement"),
        [
            (
                f"{s.column}: {s.name}", _loss(s.score, classes),
                f"{_loss(s.low, classes)} – {_loss(s.high, classes)}", f"+{_points(s.behind, classes)}",
                wording.count(s.rows), "worse" if s.is_clear else "may be chance", not s.is_clear,
            )
            for s in found
        ],
    )  # fmt: skip
    of = (
        f"a sample of {wording.count(len(held.y))} of {wording.count(held.total)}"
        if held.is_sample
        else "all"
    )
    widgets.muted(
        f"Every column was looked at, on {of} test rows: its most frequent values, or ranges of equally many rows. "
        "“Worse” means by more than the luck of the worst of so many parts; these come first."
    )


def _loss(value: float, classes: bool) -> str:
    return f"{wording.percent(min(value, 1.0))}" if classes else wording.number(value)


def _points(value: float, classes: bool) -> str:
    return f"{wording.number(value * 100, 2)} points" if classes else wording.number(value)


def _one_column(bundle: Bundle) -> None:
    held, problem = bundle.test_rows(), bundle.spec.problem
    widgets.card_title("By any column")
    names = list(held.inputs.columns)
    known = {e["column"]: e["impact"] for e in insight.known_losses(bundle) or ()}
    names.sort(key=lambda n: -known.get(n, 0.0))
    metrics = [m.name for m in for_task(problem.task)]
    left, right = st.columns(2)
    column = left.selectbox("Column", names, key="segment-column", format_func=widgets.short)
    name = right.selectbox(
        "Metric", metrics, index=metrics.index(problem.metric), key="segment-metric",
        format_func=lambda n: METRICS[n].label,
    )  # fmt: skip
    metric = METRICS[name].for_outcome(problem.positive_code, bundle.threshold)
    found = _by_column(bundle.stamp, column, name, bundle, metric)
    if not found:
        widgets.muted(f"{metric.label} can't be computed for parts of {widgets.short(column)}.")
        return
    whole = metric.score(held.y, held.values)
    sure = [s for s in found if not s.is_small]
    clear = [s for s in sure if s.is_clear]
    short = widgets.short(column, 40)
    title = (
        f"{metric.label} is clearly worse where {short} is {' or '.join(widgets.short(s.name, 24) for s in clear[:3])}"
        if clear
        else f"No part of {short} is worse by more than chance"
    )
    if sure:
        score_charts.intervals(
            [s.name for s in sure], [s.score for s in sure], [s.low for s in sure], [s.high for s in sure],
            [s.is_clear for s in sure], whole,
            f"{metric.label} (dotted: all rows, {wording.number(whole)})",
            title, "chart-segments",
        )  # fmt: skip
    tables.segments(
        ("Part", metric.label, "95 % interval", "Behind the others", "Test rows", "Judgement"),
        [
            (
                s.name, wording.number(s.score), _interval(s),
                wording.number(s.behind, 2), wording.count(s.rows), _judgement(s), s.is_small,
            )
            for s in found
        ],
    )  # fmt: skip


@st.cache_data(show_spinner="Scoring the parts", max_entries=128)
def _by_column(stamp: str, column: str, name: str, _bundle: Bundle, _metric: Metric) -> list[Segment]:
    held = _bundle.test_rows()
    return segments.by_column(held.inputs[column], _metric, held.y, held.values)


def _interval(segment: Segment) -> str:
    """None where no row differs from the others: a score without a mistake among 24 rows isn't sure at all."""
    if not segment.has_interval:
        return wording.NOTHING
    return f"{wording.number(segment.low)} – {wording.number(segment.high)}"


def _judgement(segment: Segment) -> str:
    if segment.is_small:
        return "too few to tell"
    return "worse" if segment.is_clear else "better" if segment.is_better else "no clear difference"
