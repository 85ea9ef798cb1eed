"""Advanced metrics: every metric with its interval, and the curves of one class."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.evaluate.curves import TOLD, found_in_first
from automl.types import ModelVersion
from automl.ui import actions, charts, insights, score_charts, tables, widgets

WELL_CALIBRATED = 0.03  # expected calibration error up to which probabilities can be taken as they are


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Every metric with its interval and its spread over the folds; the curves."""
    found = actions.evaluation(bundle)
    with st.container(border=True):
        widgets.card_title("Every metric on the test rows")
        header = ("Metric", "Test", "95 % interval", "Guess", "Validation ± std", "Better", "What it says")
        tables.table(header, [_line(m) for m in found["metrics"]], right=(1, 2, 3, 4), wide=(3, 4, 5, 6))
        widgets.muted("± is the standard deviation over the validation folds.")
        _latency(bundle)
    if found["curves"]:
        _curves(bundle, found["curves"])


def _line(m: dict[str, Any]) -> tuple[str, ...]:
    std = f" ± {wording.number(m['validation_std'], 2)}" if m["validation_std"] else ""
    known = m["validation_mean"] is not None
    return (
        m["label"],
        wording.number(m["value"]),
        f"{wording.number(m['low'])} – {wording.number(m['high'])}",
        wording.number(m.get("baseline")),
        f"{wording.number(m['validation_mean'])}{std}" if known else wording.NOTHING,
        "higher" if m["greater_is_better"] else "lower",
        m["sentence"],
    )


def _latency(bundle: Bundle) -> None:
    took = insights.latency(bundle)
    if took is None:
        return
    many, one = took["many_ms"], took["one_ms"]
    rate = f", about {wording.count(round(1000 / many, -2))} rows a second" if 0 < many < 10 else ""
    widgets.card_title("Inference latency")
    tables.figures(
        [("A row of many", tables.per_row(many)), ("A row alone", f"{wording.number(one, 2)} ms")]
    )
    where = "this machine" if took["later"] else "the machine that built it"
    widgets.muted(f"From raw row to prediction, on {where}{rate}. Measured on {wording.count(took['rows'])} rows.")


def _curves(bundle: Bundle, curves: dict[str, Any]) -> None:
    names = list(curves)
    if len(names) > 1:
        with st.container(border=True):
            widgets.card_title("One class against all others")
            charts_of = st.selectbox(
                "Class", names, key="curve-class", format_func=lambda name: widgets.short(name),
                help="The curves below are about telling rows of this class from all others.",
            )  # fmt: skip
            _errors(curves)
    else:
        charts_of = names[0]
    one, name = curves[charts_of], f"“{widgets.short(charts_of, 24)}”"
    alone = {charts_of: one}
    first, second = st.columns(2), st.columns(2)
    with first[0], st.container(border=True, height="stretch"):
        charts.curve(alone, "roc", f"ROC curve: area {wording.number(one['roc']['auc'])}")
    with first[1], st.container(border=True, height="stretch"):
        charts.curve(alone, "pr", f"Precision and recall: average precision {wording.number(one['pr']['ap'])}")
    if "gain" not in one:
        return  # built by an earlier version
    found = found_in_first(one["gain"], TOLD)
    with second[0], st.container(border=True, height="stretch"):
        tenth = wording.percent(TOLD).replace(".0", "")
        score_charts.gain(one["gain"], f"Gain: the likeliest {tenth} hold {wording.percent(found)} of {name}")
    with second[1], st.container(border=True, height="stretch"):
        times = wording.number(found / TOLD)
        score_charts.lift(one["gain"], f"Lift: the likeliest {tenth} hold {times} times as many {name} as at random")
    with st.container(border=True):
        left, right = st.columns([3, 2])
        with left:
            error = one["calibration"]["error"]
            score_charts.calibration(one["calibration"], f"Calibration: {_calibrated(error)}")
        with right:
            _about_calibration(one["calibration"], name)


def _errors(curves: dict[str, Any]) -> None:
    """Area, average precision and calibration error of each class."""
    rows = [
        (
            widgets.short(name, 40), wording.percent(c["share"]), wording.number(c["roc"]["auc"]),
            wording.number(c["pr"]["ap"]),
            wording.number(c["calibration"]["error"], 2) if "calibration" in c else wording.NOTHING,
        )
        for name, c in curves.items()
    ]  # fmt: skip
    with st.expander("All classes"):
        tables.table(
            ("Class", "Share of rows", "ROC area", "Average precision", "Calibration error"), rows,
            right=(1, 2, 3, 4), wide=(3,),
        )  # fmt: skip


def _calibrated(error: float) -> str:
    off = f"off by {wording.number(error * 100, 2)} points on average"
    return f"probabilities can be taken as they are, {off}" if error <= WELL_CALIBRATED else f"probabilities are {off}"


def _about_calibration(found: dict[str, Any], name: str) -> None:
    widgets.card_title("What that means")
    at = max(range(len(found["rows"])), key=lambda i: found["rows"][i] if found["predicted"][i] > 0.2 else 0)
    said, happened = wording.of_100(found["predicted"][at]), wording.of_100(found["happened"][at])
    widgets.bullets(
        [
            f"Where it gave {name} a chance of about {said} of 100, it happened to {happened} of 100 "
            f"({wording.count(found['rows'][at])} rows).",
            "On the line, probabilities are what happens. Below it the model is too sure, above it too cautious.",
            f"Expected calibration error: {wording.number(found['error'], 2)}, the mean distance from the line, "
            "weighted by rows.",
            "Larger dots stand for more rows; bars are 95 % intervals.",
        ]
    )
