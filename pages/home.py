"""Home: my models, my data, and samples to try."""

from __future__ import annotations

import streamlit as st

from automl.ui import actions, cards, header, widgets
from automl.ui.state import go, project, workspace

SHOWN = 6

models = workspace().models(project())
datasets = cards.latest(workspace().datasets(project()))


def new_model() -> None:
    if st.button("New model", type="primary", icon=":material/add:", key="new-model"):
        go("data")


header.top("Home", buttons=new_model)

if models:
    st.header("My models", anchor=False)
    cards.models(models[:SHOWN])
    if len(models) > SHOWN:
        st.page_link("pages/models.py", label=f"All {len(models)} models", icon=":material/arrow_forward:")
else:
    with st.container(border=True):
        widgets.empty(
            "No models yet",
            "A model predicts one column of a table from the others. Bring your own data, or try a sample below: "
            "a first model takes a minute.",
        )

if datasets:
    st.header("My data", anchor=False)
    cards.datasets(datasets[:SHOWN])
    if len(datasets) > SHOWN:
        st.page_link("pages/data.py", label=f"All {len(datasets)} data sets", icon=":material/arrow_forward:")

st.header("Sample data", anchor=False)
widgets.muted("Real tables to try things on. One click opens the build page with the target chosen.")
cards.samples(actions.samples())
