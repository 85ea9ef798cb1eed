"""Models: all of them, with state and score; rename, delete."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.errors import ForetableError
from automl.metrics import METRICS
from automl.ui import actions, widgets
from automl.ui.header import Opened
from automl.ui.state import go, project, workspace

left, right = st.columns([3, 1], vertical_alignment="center")
left.title("Models", anchor=False)
with right, st.container(horizontal=True, horizontal_alignment="right"):
    if st.button("New model", type="primary", icon=":material/add:", key="new-model"):
        go("data")

models = workspace().models(project())
if not models:
    with st.container(border=True):
        widgets.empty(
            "No models yet", "Your models will be listed here. Start one from a data set or a sample."
        )
        st.page_link("pages/home.py", label="Choose a sample", icon=":material/arrow_forward:")

names = {d.id: d.name for d in workspace().datasets(project())}
for model in models:
    opened = Opened(model, actions.job_of(model))
    word, color = opened.state
    with st.container(border=True):
        about, score, buttons = st.columns([4, 2, 2], vertical_alignment="center")
        with about:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{widgets.plain(widgets.short(model.name))}**", width="content")
                if model.number > 1:
                    st.badge(f"version {model.number}", color="gray")
                st.badge(word, color=color)
            widgets.muted(
                f"on {widgets.short(names.get(model.dataset, 'a deleted data set'), 40)} · {model.created[:16].replace('T', ' ')} UTC"
            )
        with score:
            if opened.ready and (found := actions.open_bundle(model).evaluation):
                widgets.big_number(
                    METRICS[found["metric"]].label, wording.number(found["score"]), found["headline"]["value"]
                )
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open-{model.id}"):
                go("analyze" if opened.ready else "build", model=model.id)
            with st.popover("More", key=f"more-{model.id}"):
                name = st.text_input("Name", model.name, key=f"name-{model.id}")
                if st.button(
                    "Rename", key=f"rename-{model.id}", disabled=not name.strip() or name == model.name
                ):
                    workspace().update_model(model.id, name=name)
                    st.rerun()
                st.caption("Deleting removes the model and its predictions page for good.")
                if st.button("Delete model", key=f"delete-{model.id}"):
                    try:
                        workspace().delete_model(model.id)
                    except ForetableError as e:
                        st.error(widgets.plain(str(e)))
                    else:
                        st.rerun()
