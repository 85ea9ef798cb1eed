"""Data: upload, look at a table's columns, change a kind, join two tables."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.errors import ForetableError
from automl.types import ColumnKind
from automl.ui import actions, cards, join_tables, widgets
from automl.ui.state import AppState, go, project, workspace

state = AppState.read()
datasets = workspace().datasets(project())


def upload() -> None:
    file = st.file_uploader(
        "Upload a table (CSV, TSV or Parquet)",
        type=["csv", "tsv", "txt", "parquet", "pq"],
        key="upload",
        help="The first line holds the column names. Separator, encoding and number format are found out.",
    )
    if file is None:
        return
    try:
        with st.spinner("Reading the file"):
            dataset = actions.use_upload(file)
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
        return
    go("data", dataset=dataset.id)


def overview() -> None:
    st.title("Data", anchor=False)
    tabs = st.tabs(["Tables", "Join two tables"], default="Join two tables" if state.tab == "join" else None)
    with tabs[0]:
        upload()
        if datasets:
            st.subheader("My data", anchor=False)
            cards.datasets(datasets)
        else:
            widgets.empty("No tables yet", "Upload one above, or take a sample below.")
        st.subheader("Sample data", anchor=False)
        cards.samples(actions.samples())
    with tabs[1]:
        join_tables.show(datasets)


def one_table() -> None:
    dataset = workspace().dataset(state.dataset)
    facts = actions.table_facts(dataset.id, dataset.digest)
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left, st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"## {widgets.plain(widgets.short(dataset.name))}", anchors=False, width="content")
        if dataset.version > 1:
            st.badge(f"version {dataset.version}", color="gray")
        st.badge("ready", color="green")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        with st.popover("More", key="data-more"):
            st.caption("Models built on it are kept.")
            if st.button("Delete data set", key="delete-data"):
                workspace().delete_dataset(dataset.id)
                go("data")
        if st.button("New model from this data", type="primary", key="model-from-data"):
            go("build", model=actions.new_model(dataset).id)
    widgets.muted(
        f"{wording.count(dataset.rows)} rows · {len(dataset.columns)} columns · {wording.filesize(dataset.bytes)}"
    )
    needs = [c for c in dataset.columns if c.kind is ColumnKind.IDENTIFIER or c.distinct <= 1]
    figures = (
        (
            "Missing cells",
            wording.percent(facts["missing"] / max(facts["cells"], 1)),
            f"in {facts['columns_missing']} columns",
        ),
        ("Duplicate rows", wording.count(facts["duplicates"]), "exact copies"),
        ("Set aside while reading", wording.count(dataset.report.bad_rows), "rows that did not fit"),
        ("Not used by models", wording.count(len(needs)), "identifiers and constants"),
    )
    for cell, figure in zip(st.columns(4), figures, strict=True):
        with cell, st.container(border=True, height="stretch"):
            widgets.big_number(*figure)
    if dataset.report.notes:
        with st.expander(f"How it was read · {len(dataset.report.notes)} notes"):
            for note in dataset.report.notes:
                st.markdown(f"- {widgets.plain(note.message)}")
    with st.container(border=True):
        widgets.column_overview(
            dataset.columns,
            dataset.rows,
            actions.charts(dataset.id, dataset.digest, actions.kinds_of(dataset)),
        )
    with st.expander("Change what a column is"):
        change_kind(dataset)
    with st.expander("First rows"):
        st.dataframe(actions.frame(dataset).head(100), hide_index=True, key="first-rows")


def change_kind(dataset) -> None:
    names = [c.name for c in dataset.columns]
    one, two, three = st.columns([3, 2, 1], vertical_alignment="bottom")
    name = one.selectbox("Column", names, key="kind-column", format_func=widgets.short)
    column = dataset.column(name)
    kinds = list(ColumnKind)
    kind = two.selectbox(
        "Kind", kinds, index=kinds.index(column.kind), format_func=lambda k: k.word, key=f"kind-of-{name}"
    )
    if three.button("Change", key="change-kind", disabled=kind is column.kind):
        workspace().set_kind(dataset.id, name, kind)
        st.toast(f"{widgets.short(name)} is now read as {kind.word}.")
        st.rerun()
    widgets.muted(f"Now {column.kind.word}: {column.reason}" if column.reason else f"Now {column.kind.word}")


if state.dataset:
    one_table()
else:
    overview()
