"""Cleaning: the recipe that the model was built with, and what its learned steps learned."""

from __future__ import annotations

import streamlit as st

from automl.bundle import Bundle
from automl.data import words
from automl.data.clean import document, op_of
from automl.preview import over_folds
from automl.types import ModelVersion, Step
from automl.ui import actions, widgets

MOST_LINES = 20


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The tab."""
    document_ = bundle.model.document
    if not document_.recipe.steps:
        with st.container(border=True):
            widgets.empty("No cleaning steps", "The table was learned from as it is.")
        return
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="cleaning-tab"
    ):
        widgets.muted("Rows to predict come with the columns of the file; the model does these steps by itself.")
        st.download_button(
            "Download the recipe", document.dump(document_.recipe, model.name),
            f"{actions.file_name(model.name)}-recipe.json", mime="application/json", icon=":material/download:",
            key="recipe-of-model", on_click="ignore",
        )  # fmt: skip
    states = bundle.model.fitted_steps()
    for number, step in enumerate(document_.recipe.steps, 1):
        with st.container(border=True, gap="xsmall"):
            widgets.card_title(f"{number}. {widgets.short(step.title, 110)}")
            widgets.muted(f"{step.reason} {_when(step)}".strip())
            lines = over_folds([s for fold in states for s in fold if _is_of(s, step)])
            if lines:
                widgets.quiet_lines("Learned from the training rows of each fold:")
                widgets.bullets(lines[:MOST_LINES])
                if len(lines) > MOST_LINES:
                    widgets.muted(f"And {words.count(len(lines) - MOST_LINES, 'more column')}.")


def _when(step: Step) -> str:
    op = op_of(step)
    if op.removes_rows:
        return "Training rows only: every row handed in is predicted and scored."
    return "" if op.learned else "Done to every row."


def _is_of(state: dict, step: Step) -> bool:
    return state["op"] == step.op and list(state["columns"]) == list(step.columns)
