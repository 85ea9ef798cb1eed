"""Overview: the headline, the metric, column impact, what is worth knowing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.data import words
from automl.findings import late
from automl.metrics import METRICS
from automl.types import ModelVersion
from automl.ui import actions, insights, tables, widgets
from automl.ui.analysis import findings, more_rows

IMPACT_SHOWN, FINDINGS_SHOWN = 10, 3


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The headline, the metric, column impact, what is worth knowing."""
    found = actions.evaluation(bundle)
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        _headline(bundle, found)
    with right, st.container(border=True, height="stretch"):
        _metric(bundle, found)
    left, right = st.columns([3, 2])
    with left:
        with st.container(border=True):
            _impact(bundle, found)
        with st.container(border=True):
            more_rows.show(model, bundle)
    with right, st.container(border=True):
        widgets.card_title("Worth knowing")
        advice = late.every(bundle)
        for i, finding in enumerate(advice[:FINDINGS_SHOWN]):
            findings.card(model, finding, f"overview-{i}", bundle)
        if not advice:
            widgets.muted("Nothing unusual was found.")
        if bundle.ledger:
            with st.expander("What was done with the rows"):
                widgets.bullets([note["message"] for note in bundle.ledger])


def _headline(bundle: Bundle, found: dict[str, Any]) -> None:
    head, percent = found["headline"], bundle.spec.problem.has_probabilities
    widgets.big_number(
        f"On {wording.count(found['rows_test'])} rows it had never seen", head["value"], head["detail"]
    )
    st.markdown(widgets.plain(head["text"]))
    if "gain" in found:  # not in models of an earlier version
        widgets.muted(found["gain"]["sentence"])
    name = "accuracy" if percent else "mae"
    main = next((m for m in found["metrics"] if m["name"] == name), None)
    if main is None or main.get("baseline") is None:
        return
    shown = wording.percent if percent else wording.number
    labels = (f"guessing {shown(main['baseline'])}", f"this model {shown(main['value'])}")
    widgets.scale(main["low"], main["value"], main["high"], main["baseline"], labels)


def _metric(bundle: Bundle, found: dict[str, Any]) -> None:
    metric, (low, high) = METRICS[found["metric"]], found["interval"]
    widgets.big_number(
        metric.label, wording.number(found["score"]), f"{wording.number(low)} – {wording.number(high)}"
    )
    promised, std = found["validation_score"], found["validation_std"]
    if promised is not None:
        spread = f" ± {wording.number(std, 2)}" if std else ""
        kept = ": as promised" if low <= promised <= high else ""
        widgets.muted(f"validation said {wording.number(promised)}{spread}{kept}")
    widgets.muted(f"{metric.sentence} {'Higher' if metric.greater_is_better else 'Lower'} is better.")
    best = bundle.leaderboard[0]
    widgets.muted(f"The model: {best.candidate}, learned from {wording.count(found['rows_train'])} rows.")


def _impact(bundle: Bundle, found: dict[str, Any]) -> None:
    widgets.card_title("Column impact: what the score rests on")
    # where the build had no time left for it, it is measured now and kept
    entries = [(e["column"], e["impact"]) for e in insights.losses(bundle).values()]
    if not entries:
        widgets.muted("It could not be measured: no column moves the score.")
        return
    top = max(share for _, share in entries) or 1.0
    tables.bars(entries[:IMPACT_SHOWN], of=top)
    if len(entries) > IMPACT_SHOWN:
        with st.expander(words.count(len(entries) - IMPACT_SHOWN, "more column")):
            tables.bars(entries[IMPACT_SHOWN:], of=top)
    widgets.muted(found["impact_method"])
