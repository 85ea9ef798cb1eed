"""Leaderboard: every candidate, and what the ensemble is made of."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.engine import doubt
from automl.metrics import METRICS
from automl.types import ModelVersion, Trial
from automl.ui import tables, widgets


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Every candidate, and what the ensemble is made of."""
    metric, best = METRICS[bundle.spec.problem.metric], bundle.leaderboard[0]
    with st.container(border=True):
        better = "higher" if metric.greater_is_better else "lower"
        widgets.card_title(f"{metric.label} on validation rows, {better} is better")
        tables.leaderboard(bundle.leaderboard, metric.sign, metric.label, reasons=True)
        for line in [*doubt.said(bundle.leaderboard), *promise(best, bundle)]:
            widgets.muted(line)
    if weights := best.params.get("weights"):
        with st.container(border=True):
            widgets.card_title("What the ensemble is made of")
            tables.bars(sorted(weights.items(), key=lambda kv: -kv[1]))


def promise(best: Trial, bundle: Bundle) -> list[str]:
    """Why the score of the first is not the one that validation promises on Overview, where they differ."""
    found = bundle.evaluation or {}
    promised, std = found.get("validation_score"), found.get("validation_std")
    if promised is None or best.score is None or bundle.built_threshold is not None:
        return []
    if wording.number(promised) == wording.number(best.score):
        return []
    spread = f" ± {wording.number(std, 2)}" if std else ""
    return [
        f"“{best.candidate}” was chosen for its {wording.number(best.score)} on these rows, which flatters it. Chosen "
        f"without the rows that it is scored on, it gets {wording.number(promised)}{spread}: that is what validation promises on Overview."
    ]
