"""The page of one data set, in tabs. A new tab is one file here and one line in TABS."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from automl.types import Dataset
from automl.ui import actions, header, widgets
from automl.ui.dataset import joins, overview
from automl.ui.state import go, workspace

TABS: dict[str, Callable[[Dataset], None]] = {
    "Overview": overview.show,
    joins.TAB: joins.show,
}


def show(dataset: Dataset) -> None:
    """The header and all tabs; only the open one is drawn."""

    def buttons() -> None:
        with st.popover("More", key="data-more"):
            _more(dataset)
        if st.button("New model from this data", type="primary", key="model-from-data"):
            go("build", model=actions.new_model(dataset).id)

    header.top(dataset.name, dataset.version, [("ready", "green")], buttons)
    tabs = {name: draw for name, draw in TABS.items() if name != joins.TAB or joins.has(dataset)}
    if len(tabs) == 1:
        next(iter(tabs.values()))(dataset)
        return
    for draw, place in zip(
        tabs.values(), st.tabs(list(tabs), key="part", on_change="rerun", bind="query-params"), strict=True
    ):
        if place.open:
            with place:
                draw(dataset)


def _more(dataset: Dataset) -> None:
    name = st.text_input("Name", dataset.name, key=f"data-name-{dataset.id}", max_chars=80)
    if st.button("Rename", key="rename-data", disabled=not name.strip() or name == dataset.name):
        workspace().rename_dataset(dataset.id, name)
        st.rerun()
    st.divider()
    widgets.muted("Models that were built on it stay. Drafts on it can't be built any more.")
    if st.button("Delete data set", key="delete-data"):
        workspace().delete_dataset(dataset.id)
        go("data")
