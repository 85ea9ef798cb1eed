"""Leaderboard: every candidate, and what the ensemble is made of."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl.bundle import Bundle
from automl.metrics import METRICS
from automl.types import ModelVersion, Trial
from automl.ui import tables, widgets

NAMED = 4  # candidates in a sentence


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Every candidate, and what the ensemble is made of."""
    metric, best = METRICS[bundle.spec.problem.metric], bundle.leaderboard[0]
    with st.container(border=True):
        better = "higher" if metric.greater_is_better else "lower"
        widgets.card_title(f"{metric.label} on validation rows, {better} is better")
        tables.leaderboard(bundle.leaderboard, metric.sign, metric.label, reasons=True)
        for line in doubts(bundle.leaderboard):
            widgets.muted(line)
    if weights := best.params.get("weights"):
        with st.container(border=True):
            widgets.card_title("What the ensemble is made of")
            tables.bars(sorted(weights.items(), key=lambda kv: -kv[1]))


def doubts(board: Sequence[Trial]) -> list[str]:
    """Which differences of the leaderboard are noise, in words."""
    compared = [t for t in board if t.behind is not None]
    if not compared:
        return []
    same = [t for t in compared if t.behind[1] <= 0]
    if not same:
        said = f"“{board[0].candidate}” is better than all {len(compared)} others by more than chance."
        return [said] if len(compared) > 1 else []
    names = ", ".join(f"“{t.candidate}”" for t in same[:NAMED])
    more = f" and {len(same) - NAMED} more" if len(same) > NAMED else ""
    behind = len(compared) - len(same)
    return [
        f"{names}{more} can't be told apart from “{board[0].candidate}” on these rows: the differences are noise. "
        f"{behind} of {len(compared)} {'is' if behind == 1 else 'are'} clearly behind.",
        "Compared on the same validation rows, drawn again and again (paired bootstrap, 95 %).",
    ]
