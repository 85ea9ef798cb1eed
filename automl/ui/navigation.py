"""The frame around every page: sidebar, the error boundary, the running page."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from automl.errors import ForetableError
from automl.jobs import client
from automl.types import JobState
from automl.ui import widgets
from automl.ui.state import project, workspace

LOGO = Path(__file__).parent / "assets" / "logo.svg"
log = logging.getLogger(__name__)


def run(pages: Mapping[str, Sequence[Any]]) -> None:
    """Draw the sidebar and run the page of the address."""
    st.set_page_config(page_title="Foretable", page_icon="📐", layout="wide", initial_sidebar_state="auto")
    widgets.style()
    st.logo(str(LOGO), size="large")
    page = st.navigation({group: list(entries) for group, entries in pages.items()})
    try:
        _project_switcher()
        page.run()
        _foot()
    except ForetableError as e:
        _sorry(str(e))
    except Exception:  # the boundary: no traceback reaches a user
        reference = uuid.uuid4().hex[:8]
        log.exception("page %s, reference %s", page.title, reference)
        _sorry(
            f"This page met a fault of its own. Nothing is lost. The log has it under the reference {reference}."
        )


def _sorry(text: str) -> None:
    st.error(widgets.plain(text), icon=":material/error:")
    left, right, _ = st.columns([1, 1, 4])
    if left.button("Try again", key="try-again"):
        st.rerun()
    with right:
        st.page_link("pages/home.py", label="Go to Home")


def _project_switcher() -> None:
    with st.sidebar:
        known = {p.id: p.name for p in workspace().projects()}
        st.session_state.setdefault("project", workspace().project().id)
        st.selectbox("Project", list(known), format_func=known.__getitem__, key="project")
        with st.popover("New project", type="tertiary", icon=":material/add:"):
            name = st.text_input("Name of the project", key="new-project-name")
            st.button(
                "Create project", key="new-project", on_click=_create_project, disabled=not name.strip()
            )


def _create_project() -> None:
    made = workspace().add_project(st.session_state["new-project-name"])
    st.session_state["project"] = made.id
    st.session_state["new-project-name"] = ""


def _foot() -> None:
    with st.sidebar:
        active = client.jobs(workspace(), active=True)
        running = sum(job.state is JobState.RUNNING for job in active)
        waiting = len(active) - running
        st.space("small")
        text = f"Queue: {running} running, {waiting} waiting" if active else "Queue: empty"
        st.caption(
            f"{text}  \n{'Local user' if project().owner == 'local' else widgets.plain(project().owner)}"
        )
