"""Models: all of them, with state and score; rename, delete."""

from __future__ import annotations

import streamlit as st

from automl.errors import ForetableError
from automl.types import ModelVersion
from automl.ui import actions, cards, header, widgets
from automl.ui.state import go, project, workspace


def new_model() -> None:
    if st.button("New model", type="primary", icon=":material/add:", key="new-model"):
        go("data")


def more(model: ModelVersion) -> None:
    name = st.text_input("Name", model.name, key=f"name-{model.id}", max_chars=80)
    if st.button("Rename", key=f"rename-{model.id}", disabled=not name.strip() or name == model.name):
        workspace().update_model(model.id, name=name)
        st.rerun()
    st.divider()
    widgets.muted("The model, its scores and its page go for good. The data set stays.")
    if st.button("Delete model", key=f"delete-{model.id}"):
        try:
            workspace().delete_model(model.id)
        except ForetableError as e:
            st.error(widgets.plain(str(e)))
        else:
            st.rerun()


header.top("Models", buttons=new_model)
models = workspace().models(project())
if not models:
    with st.container(border=True):
        widgets.empty(
            "No models yet", "Your models will be listed here. Start one from a data set or a sample."
        )
        st.page_link("pages/home.py", label="Choose a sample", icon=":material/arrow_forward:")

for model in models:
    opened = header.Opened(model, actions.job_of(model))
    with st.container(border=True):
        about, score, buttons = st.columns([4, 3, 2], vertical_alignment="center")
        with about, st.container(gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                st.markdown(f"**{widgets.plain(widgets.short(model.name))}**", width="content")
                st.badge(opened.state[0], color=opened.state[1])
            widgets.muted(
                f"{cards.about(opened)} · {widgets.short(actions.learned_from(model), 48)}"
            )
            widgets.quiet_lines(f"{model.created[:16].replace('T', ' ')} UTC")
        with score:
            if found := cards.score(opened):
                widgets.big_number(*found)
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open-{model.id}"):
                go("analyze" if opened.ready else "build", model=model.id)
            with st.popover("More", key=f"more-{model.id}"):
                more(model)
