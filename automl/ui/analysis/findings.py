"""Findings: all advice about a model."""

from __future__ import annotations

import streamlit as st

from automl.bundle import Bundle
from automl.types import Finding, ModelVersion
from automl.ui import actions, widgets
from automl.ui.state import go


def show(model: ModelVersion, bundle: Bundle) -> None:
    """All advice."""
    if not bundle.findings:
        with st.container(border=True):
            widgets.empty(
                "Nothing to report", "Checks for leaks, imbalance, rare classes and mismatch found nothing."
            )
    for i, finding in enumerate(bundle.findings):
        with st.container(border=True):
            card(model, finding, f"all-{i}")


def card(model: ModelVersion, finding: Finding, key: str) -> None:
    """One piece of advice, with the button that follows it."""
    widgets.finding(finding)
    if finding.fix is not None and st.button(
        widgets.label(finding.fix.label, 60),
        key=f"fix-{key}",
        help="Opens a new version with this change, which can be undone there. This one stays, to compare with.",
    ):
        go("build", model=actions.new_version(model, mend=finding).id)
