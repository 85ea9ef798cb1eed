"""Scoring: where the model errs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.types import ModelVersion
from automl.ui import charts, widgets

SENTENCES_SHOWN = 6
MOST_CELLS = 15  # classes of a confusion matrix that is drawn


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Where it errs: the confusion matrix, or predicted against actual and residuals."""
    found = bundle.evaluation
    if bundle.spec.problem.has_probabilities:
        _confusion(found)
        return
    data, target = found["regression"], widgets.short(bundle.spec.problem.target, 30)
    values = {m["name"]: m["value"] for m in found["metrics"]}
    left, right = st.columns(2)
    with left, st.container(border=True):
        share = wording.percent(max(values["r2"], 0))
        charts.predicted_against_actual(
            data["actual"], data["predicted"], target, f"The model explains {share} of the variation"
        )
    with right, st.container(border=True):
        half = wording.number(values["median_absolute_error"])
        charts.residuals(data["residual_histogram"], target, f"Half of the predictions are within {half}")


def _confusion(found: dict[str, Any]) -> None:
    matrix = found["confusion"]
    labels, counts = matrix["labels"], matrix["counts"]
    left, right = st.columns([3, 2])
    with left, st.container(border=True):
        if len(labels) > MOST_CELLS:
            _confusion_table(labels, counts)
        else:
            shares = False
            if len(labels) > charts.BOTH_IN_A_CELL:
                options = ["Rows", "Share of each class"]
                shares = options[1] == st.segmented_control(
                    "Show", options, default=options[0], required=True, key="confusion-as"
                )
            charts.confusion(labels, counts, _most_common_mistake(labels, counts), shares=shares)
    with right, st.container(border=True):
        widgets.card_title("In words")
        if found.get("threshold") is not None:
            widgets.muted(f"Called from a probability of {wording.percent(found['threshold'])} on.")
        sentences = found["class_sentences"]
        widgets.bullets(sentences[:SENTENCES_SHOWN])
        if len(sentences) > SENTENCES_SHOWN:
            with st.expander(f"{len(sentences) - SENTENCES_SHOWN} more classes"):
                widgets.bullets(sentences[SENTENCES_SHOWN:])


def _most_common_mistake(labels: list[str], counts: list[list[int]]) -> str:
    pairs = [(counts[i][j], i, j) for i in range(len(labels)) for j in range(len(labels)) if i != j]
    worst, i, j = max(pairs, default=(0, 0, 0))
    if not worst:
        return "No row was predicted wrong"
    times = "once" if worst == 1 else f"{wording.count(worst)} times"
    return f"Most common mistake: {widgets.short(labels[i], 24)} taken for {widgets.short(labels[j], 24)}, {times}"


def _confusion_table(labels: list[str], counts: list[list[int]]) -> None:
    import pandas as pd

    table = pd.DataFrame(counts, columns=[f"predicted {x}" for x in labels])
    table.insert(0, "really", labels)
    widgets.card_title(_most_common_mistake(labels, counts))
    st.dataframe(table, hide_index=True, key="confusion-table")
