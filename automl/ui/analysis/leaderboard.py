"""Leaderboard: every candidate, and what the ensemble is made of."""

from __future__ import annotations

import streamlit as st

from automl.bundle import Bundle
from automl.metrics import METRICS
from automl.types import ModelVersion
from automl.ui import tables, widgets


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Every candidate, and what the ensemble is made of."""
    metric, best = METRICS[bundle.spec.problem.metric], bundle.leaderboard[0]
    with st.container(border=True):
        better = "higher" if metric.greater_is_better else "lower"
        widgets.card_title(f"{metric.label} on validation rows, {better} is better")
        tables.leaderboard(bundle.leaderboard, metric.sign, metric.label, reasons=True)
    if weights := best.params.get("weights"):
        with st.container(border=True):
            widgets.card_title("What the ensemble is made of")
            tables.bars(sorted(weights.items(), key=lambda kv: -kv[1]))
