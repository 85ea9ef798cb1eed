"""Data: upload, look at a table, join or append tables."""

from __future__ import annotations

import streamlit as st

from automl.errors import ForetableError
from automl.types import Job
from automl.ui import (
    actions,
    append_tables,
    archive,
    cards,
    dataset,
    header,
    join_tables,
    reading,
    refused,
    sources_form,
    uploader,
    widgets,
)
from automl.ui.state import AppState, go, project, workspace


def upload() -> None:
    sent = None
    try:
        sent = uploader.show("Upload a table", key="upload", hint="CSV, Excel, Parquet or JSON lines, zipped or not.")
        if sent is None:
            return
        if refused.waits(sent, key="upload"):
            return
        refused.drop("upload")
        if archive.keep(sent):
            uploader.make_ready()
            return
        with st.spinner("Reading the file"):
            id = actions.use_upload(sent)
    except ForetableError as e:
        if sent and refused.keep(e, sent, key="upload"):
            uploader.make_ready()
        else:
            uploader.refuse(str(e), key="upload")
    else:
        go("data", dataset=id)


def underway() -> None:
    for job in reading.underway():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            widgets.card_title(widgets.short(str(job.payload.get("name", "a file")), 40))
            st.badge("reading", color="blue")
            if st.button("Look", key=f"look-{job.id}"):
                go("data", dataset=job.subject)


def overview() -> None:
    header.top("Data")
    if tab := st.session_state.pop(cards.OPEN_TAB, None):
        st.session_state["show"] = tab
    datasets = workspace().datasets(project())
    tabs = ["Tables", join_tables.TAB, append_tables.TAB]
    mine, join, append = st.tabs(tabs, key="show", on_change="rerun", bind="query-params")
    for tab, part in ((join, join_tables), (append, append_tables)):
        if tab.open:
            with tab:
                part.show(datasets)
            return
    with mine:
        upload()
        refused.show("upload")
        archive.show()
        sources_form.show()
        if datasets:
            st.header("My data", anchor=False)
            underway()
            cards.datasets(cards.latest(datasets))
        else:
            underway()
            with st.container(border=True):
                widgets.empty(
                    "No tables yet", "Your tables will be here. Upload one above, or take a sample."
                )
        st.header("Sample data", anchor=False)
        cards.samples(actions.samples())


state = AppState.read()
found = reading.at(state.dataset) if state.dataset else None
if isinstance(found, Job):
    reading.show(found)
elif state.dataset:
    shown = found or workspace().dataset(state.dataset)
    if shown.id != state.dataset:
        widgets.muted("The table at this address is not there any more: this is what took its place.")
    dataset.show(shown)
else:
    overview()
