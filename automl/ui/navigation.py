"""The frame around every page: the sidebar and the running page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from automl.jobs import client
from automl.types import JobState
from automl.ui import widgets
from automl.ui.boundary import boundary, failing_softly
from automl.ui.state import home_project, project, workspace
from automl.ui.style import STYLE

LOGO = Path(__file__).parent / "assets" / "logo.svg"
SIDEBAR_WIDTH = 248  # pixels; closed on a phone


def run(pages: Mapping[str, Sequence[Any]]) -> None:
    """Draw the sidebar and run the page of the address.

    Parameters
    ----------
    pages : mapping of str to sequence of Page
        The groups of the sidebar. A hidden page has no link; it belongs to the last visible one before it.
    """
    st.set_page_config(
        page_title="Foretable", page_icon="📐", layout="wide", initial_sidebar_state=SIDEBAR_WIDTH
    )
    st.html(STYLE)
    st.logo(str(LOGO), size="large")
    page = st.navigation({group: list(entries) for group, entries in pages.items()}, position="hidden")
    with boundary("sidebar"):
        _sidebar(pages, page)
    with boundary(page.title.lower()):
        page.run()


def _sidebar(pages: Mapping[str, Sequence[Any]], page: Any) -> None:
    with st.sidebar:
        _project_switcher()
        with st.container(key="nav"):
            for group, entries in pages.items():
                widgets.group(group)
                _links(entries, page)
        with st.container(key="foot"):
            _foot()


def _links(entries: Sequence[Any], page: Any) -> None:
    owner = None
    for entry in entries:
        if entry.visibility != "hidden":
            owner = entry
        if entry.url_path == page.url_path:
            break
    else:
        owner = None
    for entry in entries:
        if entry.visibility != "hidden":
            name = entry.title.lower()
            with st.container(key=f"nav-now-{name}" if entry is owner else f"nav-{name}"):
                st.page_link(entry, label=entry.title, icon=entry.icon, width="stretch")


def _project_switcher() -> None:
    known = {p.id: p.name for p in workspace().projects()}
    if st.session_state.get("project") not in known:
        st.session_state["project"] = home_project()
    st.selectbox(
        "Project", list(known), format_func=known.__getitem__, key="project", label_visibility="collapsed"
    )
    with st.popover("New project", type="tertiary", icon=":material/add:", key="project-popover"):
        name = st.text_input("Name of the project", key="new-project-name", max_chars=80)
        st.button("Create project", key="new-project", on_click=failing_softly(_create_project), disabled=not name.strip())


def _create_project() -> None:
    made = workspace().add_project(st.session_state["new-project-name"])
    st.session_state["project"] = made.id
    st.session_state["new-project-name"] = ""


def _foot() -> None:
    active = client.jobs(workspace(), active=True)
    running = sum(job.state is JobState.RUNNING for job in active)
    waiting = len(active) - running
    owner = project().owner
    widgets.quiet_lines(
        f"Queue: {running} running, {waiting} waiting" if active else "Queue: empty",
        "Local user" if owner == "local" else owner,
    )
