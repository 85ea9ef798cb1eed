"""The page of one data set, in tabs. A new tab is one file here and one line in TABS."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from automl.types import Dataset
from automl.ui import actions, header, widgets
from automl.ui.dataset import joins, overview, reading, review, understood, versions
from automl.ui.state import go, workspace

TABS: dict[str, Callable[[Dataset], None]] = {
    "Overview": overview.show,
    understood.TAB: understood.show,
    joins.TAB: joins.show,
    "Versions": versions.show,
    reading.TAB: reading.show,
}


def show(dataset: Dataset) -> None:
    """The header and all tabs; only the open one is drawn."""
    if dataset.is_proposed:
        review.show(dataset)
        return

    def buttons() -> None:
        with st.popover("More", key="data-more"):
            _more(dataset)
        if st.button("New model from this data", type="primary", key="model-from-data"):
            go("build", model=actions.new_model(dataset).id)

    header.top(dataset.name, dataset.version, [("ready", "green")], buttons)
    latest = workspace().versions(dataset.id)[0]
    if latest.id != dataset.id:
        st.page_link(
            "pages/data.py", label=f"Version {latest.version} is the latest", icon=":material/arrow_forward:",
            query_params={"dataset": latest.id},
        )  # fmt: skip
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
    widgets.muted(_used(dataset))
    if st.button("Delete this version" if dataset.version > 1 else "Delete data set", key="delete-data"):
        workspace().delete_dataset(dataset.id)
        go("data")


def _used(dataset: Dataset) -> str:
    """What is made of a data set, and what becomes of it."""
    models, made = workspace().users(dataset.id)
    names = [f"the model {widgets.short(m.name, 30)} {m.number}" for m in models]
    names += [f"the data set {widgets.short(d.name, 30)}, version {d.version}" for d in made]
    others = "" if len(workspace().versions(dataset.id)) == 1 else " The other versions stay."
    if not names:
        return f"Nothing was made of it yet.{others}"
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return (
        f"Used by {listed}. What was built stays; drafts on it can't be built any more, and what was made of it "
        f"can't be made again.{others}"
    )
