"""The tabs of the Analyze page, drawn from what the build stored. A new tab is one file here and one line in TABS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from automl.bundle import Bundle
from automl.types import ModelVersion
from automl.ui.analysis import (
    cleaning,
    compare,
    explain,
    findings,
    leaderboard,
    metrics,
    overview,
    scoring,
    segments,
    threshold,
    training,
)


@dataclass(frozen=True)
class Tab:
    """A tab's name in the address, what draws it, and whether it needs a score on test rows."""

    name: str
    show: Callable[[ModelVersion, Bundle], None]
    needs_score: bool = True
    fits: Callable[[Bundle], bool] = lambda bundle: True  # whether there is anything to show for this model


TABS = (
    Tab("Overview", overview.show),
    Tab("Scoring", scoring.show),
    Tab("Advanced metrics", metrics.show),
    Tab("Segments", segments.show, fits=segments.fits),
    Tab("Explain", explain.show, needs_score=False),
    Tab("Threshold", threshold.show, fits=threshold.fits),
    Tab("Leaderboard", leaderboard.show, needs_score=False),
    Tab("Training", training.show, needs_score=False),
    Tab("Cleaning", cleaning.show, needs_score=False),
    Tab("Compare", compare.show, needs_score=False),
    Tab("Findings", findings.show, needs_score=False),
)


def show(model: ModelVersion, bundle: Bundle) -> None:
    """All tabs; only the open one is drawn."""
    scored = bundle.evaluation is not None
    if not scored:
        st.info(
            "No test rows were set aside for this model, so there is no score on unseen rows.",
            icon=":material/info:",
        )
    shown = [tab for tab in TABS if (scored or not tab.needs_score) and tab.fits(bundle)]
    names = [tab.name for tab in shown]  # the same for every model: they are in addresses
    for tab, place in zip(
        shown, st.tabs(names, key="view", on_change="rerun", bind="query-params"), strict=True
    ):
        if place.open:
            with place:
                tab.show(model, bundle)
