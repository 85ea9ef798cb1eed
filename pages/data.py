"""Data: upload, look at a table, join two tables."""

from __future__ import annotations

import streamlit as st

from automl.errors import ForetableError
from automl.ui import actions, cards, data_table, header, join_tables, widgets
from automl.ui.state import AppState, go, project, workspace


def upload() -> None:
    file = st.file_uploader(
        "Upload a table (CSV, Excel, Parquet or JSON lines; zipped or not)",
        key="upload",
        help="What a file is, its separator, encoding and number formats are found out.",
    )
    if file is None:
        return
    try:
        with st.spinner("Reading the file"):
            dataset = actions.use_upload(file)
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
    else:
        go("data", dataset=dataset.id)


def overview() -> None:
    header.top("Data")
    datasets = workspace().datasets(project())
    mine, join = st.tabs(["Tables", join_tables.TAB], key="show", on_change="rerun", bind="query-params")
    if join.open:
        with join:
            join_tables.show(datasets)
        return
    with mine:
        upload()
        if datasets:
            st.header("My data", anchor=False)
            cards.datasets(datasets)
        else:
            with st.container(border=True):
                widgets.empty(
                    "No tables yet", "Your tables will be here. Upload one above, or take a sample."
                )
        st.header("Sample data", anchor=False)
        cards.samples(actions.samples())


state = AppState.read()
if state.dataset:
    data_table.show(workspace().dataset(state.dataset))
else:
    overview()
