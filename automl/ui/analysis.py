"""The tabs of the Analyze page, drawn from what the build stored."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.metrics import METRICS
from automl.ui import charts, widgets

IMPACT_SHOWN = 10


def show(bundle: Bundle) -> None:
    """All tabs."""
    found = bundle.evaluation
    names = ["Overview", "Scoring", "Advanced metrics", "Leaderboard"]
    count = len(bundle.findings)
    tabs = st.tabs([*names, f"Findings · {count}" if count else "Findings"])
    with tabs[0]:
        overview(bundle, found)
    with tabs[1]:
        scoring(bundle, found)
    with tabs[2]:
        advanced(bundle, found)
    with tabs[3]:
        leaderboard(bundle)
    with tabs[4]:
        findings(bundle)


def overview(bundle: Bundle, found: dict[str, Any]) -> None:
    metric, head = METRICS[found["metric"]], found["headline"]
    main = next(m for m in found["metrics"] if m["name"] == _headline_metric(bundle))
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        widgets.big_number(
            f"On {wording.count(found['rows_test'])} rows it had never seen", head["value"], head["detail"]
        )
        st.markdown(widgets.plain(head["text"]))
        percent = bundle.spec.problem.has_probabilities
        show_number = wording.percent if percent else wording.number
        widgets.scale(
            main["low"], main["value"], main["high"], _baseline_of(found, main),
            (f"guessing {show_number(_baseline_of(found, main))}", f"this model {show_number(main['value'])}"),
        )  # fmt: skip
    with right, st.container(border=True, height="stretch"):
        low, high = found["interval"]
        widgets.big_number(
            metric.label, wording.number(found["score"]), f"{wording.number(low)} – {wording.number(high)}"
        )
        widgets.muted(_promise(found, metric))
        widgets.muted(f"{metric.sentence} {'Higher' if metric.greater_is_better else 'Lower'} is better.")
        best = bundle.leaderboard[0]
        widgets.muted(f"The model: {best.candidate}, learned from {wording.count(found['rows_train'])} rows.")
    left, right = st.columns([3, 2])
    with left, st.container(border=True):
        st.markdown("**What moves the prediction**")
        impact = found["impact"]
        if impact:
            widgets.impact(impact[:IMPACT_SHOWN])
            if len(impact) > IMPACT_SHOWN:
                with st.expander(f"{len(impact) - IMPACT_SHOWN} more columns"):
                    widgets.impact(impact[IMPACT_SHOWN:])
            widgets.muted(found["impact_method"])
        else:
            widgets.muted("There was no time left to measure it. Give the build a little more time.")
    with right, st.container(border=True):
        st.markdown("**Worth knowing**")
        for finding in bundle.findings[:3]:
            widgets.finding(finding)
        if not bundle.findings:
            widgets.muted("Nothing unusual was found.")
        with st.expander("What was done with the rows"):
            for note in bundle.ledger:
                st.markdown(f"- {widgets.plain(note['message'])}")


def _headline_metric(bundle: Bundle) -> str:
    return "accuracy" if bundle.spec.problem.has_probabilities else "mae"


def _baseline_of(found: dict[str, Any], entry: dict[str, Any]) -> float:
    value = entry.get("baseline")
    return found["baseline_score"] if value is None else value


def _promise(found: dict[str, Any], metric: Any) -> str:
    score, std = found["validation_score"], found["validation_std"]
    if score is None:
        return ""
    low, high = found["interval"]
    inside = low <= score <= high
    return (
        f"validation said {wording.number(score)}"
        + (f" ± {wording.number(std, 2)}" if std else "")
        + (": as promised" if inside else "")
    )


def scoring(bundle: Bundle, found: dict[str, Any]) -> None:
    if bundle.spec.problem.has_probabilities:
        matrix = found["confusion"]
        left, right = st.columns([3, 2])
        with left, st.container(border=True):
            shares = st.segmented_control(
                "Show", ["Counts", "Share of each row"], default="Counts", required=True, key="confusion-as"
            )
            if len(matrix["labels"]) <= 15:
                title = _confusion_title(matrix)
                charts.confusion(matrix["labels"], matrix["counts"], shares != "Counts", title)
            else:
                _confusion_table(matrix)
        with right, st.container(border=True):
            st.markdown("**In words**")
            for sentence in found["class_sentences"]:
                st.markdown(f"- {widgets.plain(sentence)}")
        return
    data, target = found["regression"], widgets.short(bundle.spec.problem.target, 30)
    left, right = st.columns(2)
    r2 = next(m for m in found["metrics"] if m["name"] == "r2")["value"]
    with left, st.container(border=True):
        title = f"Predictions follow the truth: {wording.percent(max(r2, 0))} of the variation is explained"
        charts.predicted_against_actual(data["actual"], data["predicted"], target, title)
    with right, st.container(border=True):
        half = next(m for m in found["metrics"] if m["name"] == "median_absolute_error")["value"]
        charts.residuals(
            data["residual_histogram"], target, f"Half of the predictions are within {wording.number(half)}"
        )


def _confusion_title(matrix: dict[str, Any]) -> str:
    labels, counts = matrix["labels"], matrix["counts"]
    worst = max(
        ((counts[i][j], i, j) for i in range(len(labels)) for j in range(len(labels)) if i != j),
        default=(0, 0, 0),
    )
    if not worst[0]:
        return "No row was predicted wrong"
    return widgets.plain(
        f"Most common mistake: {widgets.short(labels[worst[1]], 24)} taken for {widgets.short(labels[worst[2]], 24)}, "
        f"{wording.count(worst[0])} times"
    )


def _confusion_table(matrix: dict[str, Any]) -> None:
    import pandas as pd

    table = pd.DataFrame(matrix["counts"], columns=[f"predicted {x}" for x in matrix["labels"]])
    table.insert(0, "really", matrix["labels"])
    st.markdown("**Really against predicted, in rows**")
    st.dataframe(table, hide_index=True, key="confusion-table")


def advanced(bundle: Bundle, found: dict[str, Any]) -> None:
    rows = []
    for m in found["metrics"]:
        std = f" ± {wording.number(m['validation_std'], 2)}" if m["validation_std"] else ""
        validation = (
            f"{wording.number(m['validation_mean'])}{std}" if m["validation_mean"] is not None else "–"
        )
        rows.append(
            (
                m["label"],
                wording.number(m["value"]),
                f"{wording.number(m['low'])} – {wording.number(m['high'])}",
                validation,
                "higher" if m["greater_is_better"] else "lower",
                m["sentence"],
            )
        )
    with st.container(border=True):
        st.markdown("**Every metric on the test rows**")
        header = ("Metric", "Test", "95 % interval", "Validation ± std", "Better", "What it says")
        widgets.table(header, rows, right=(1, 2, 3), wide=(3, 4, 5))
    if found["curves"]:
        left, right = st.columns(2)
        first = next(iter(found["curves"].values()))
        single = len(found["curves"]) == 1
        with left, st.container(border=True):
            auc = (
                f"ROC curve: area {wording.number(first['roc']['auc'])}"
                if single
                else "ROC curve of each class against the rest"
            )
            charts.curve(found["curves"], "roc", auc)
        with right, st.container(border=True):
            ap = (
                f"Precision and recall: average precision {wording.number(first['pr']['ap'])}"
                if single
                else "Precision and recall of each class against the rest"
            )
            charts.curve(found["curves"], "pr", ap)


def leaderboard(bundle: Bundle) -> None:
    metric = METRICS[bundle.spec.problem.metric]
    with st.container(border=True):
        better = "higher" if metric.greater_is_better else "lower"
        st.markdown(f"**{metric.label} on validation rows, {better} is better**")
        widgets.leaderboard(bundle.leaderboard, metric.sign, metric.label, reasons=True)
    weights = bundle.leaderboard[0].params.get("weights")
    if bundle.leaderboard[0].family == "ensemble" and weights:
        with st.container(border=True):
            st.markdown("**What the ensemble is made of**")
            widgets.probabilities(sorted(weights.items(), key=lambda kv: -kv[1]))


def findings(bundle: Bundle) -> None:
    if not bundle.findings:
        widgets.empty(
            "Nothing to report", "Checks for leaks, imbalance, rare classes and mismatch found nothing."
        )
    for finding in bundle.findings:
        with st.container(border=True):
            widgets.finding(finding)
