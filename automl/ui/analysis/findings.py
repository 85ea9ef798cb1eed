"""Findings: all advice about a model."""

from __future__ import annotations

import streamlit as st

from automl.bundle import Bundle
from automl.findings import late
from automl.types import Finding, ModelVersion
from automl.ui import actions, evidence, insights, widgets
from automl.ui.state import go


def show(model: ModelVersion, bundle: Bundle) -> None:
    """All advice, and which rules could not be looked at yet."""
    unchecked = late.is_unchecked(bundle)
    found = late.every(bundle)
    if unchecked:
        with st.container(border=True):
            _waiting(model, bundle)
    elif not found:
        with st.container(border=True):
            widgets.empty(
                "Nothing to report", "Checks for leaks, imbalance, rare classes and mismatch found nothing."
            )
    for i, finding in enumerate(found):
        with st.container(border=True):
            card(model, finding, f"all-{i}", bundle)


def _waiting(model: ModelVersion, bundle: Bundle) -> None:
    widgets.card_title("Two rules wait for what each column is worth")
    widgets.muted(
        "Whether a column gives the answer away, and whether a few carry nearly everything: the build had no time left to "
        "measure how much worse the score gets without each column."
    )
    if st.button("Measure it now", key=f"measure-{model.id}"):
        insights.losses(bundle)
        if not late.is_unchecked(bundle):
            st.rerun()
        st.error("It was measured, but can't be kept: the model's folder can't be written. Check the rights to it.")


def card(model: ModelVersion, finding: Finding, key: str, bundle: Bundle) -> None:
    """One piece of advice, with the curve behind it and the button that follows it."""
    widgets.finding(finding)
    evidence.show(evidence.record_of(bundle, finding), finding, key)
    if finding.fix is not None and st.button(
        widgets.label(finding.fix.label, 60),
        key=f"fix-{key}",
        help="Opens a new version with this change, which can be undone there. This one stays, to compare with.",
    ):
        go("build", model=actions.new_version(model, mend=finding).id)
