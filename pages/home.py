"""Home: my models, my data, and samples to try."""

from __future__ import annotations

import streamlit as st

from automl.ui import actions, cards, widgets
from automl.ui.state import go, project, workspace

models = workspace().models(project())
datasets = workspace().datasets(project())

left, right = st.columns([3, 1], vertical_alignment="center")
left.title("Home", anchor=False)
with right, st.container(horizontal=True, horizontal_alignment="right"):
    if st.button("New model", type="primary", icon=":material/add:", key="new-model"):
        go("data")

if models:
    st.subheader("My models", anchor=False)
    cards.models(models[:6])
    if len(models) > 6:
        st.page_link("pages/models.py", label=f"All {len(models)} models")
else:
    with st.container(border=True):
        widgets.empty(
            "No models yet",
            "A model predicts one column of a table from the others. Bring your own data, or try a sample below: "
            "a first model takes a minute.",
        )

if datasets:
    st.subheader("My data", anchor=False)
    cards.datasets(datasets[:6])

st.subheader("Sample data", anchor=False)
widgets.muted("Real tables to try things on. One click opens the build page with the target chosen.")
cards.samples(actions.samples())
