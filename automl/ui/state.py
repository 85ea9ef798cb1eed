"""What the address holds: ids only. Tables and models stay in the workspace."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import streamlit as st

from automl.errors import StoreError
from automl.store.workspace import Workspace
from automl.types import Project


@dataclass(frozen=True)
class AppState:
    """The ids in the address of this page; a refresh or another tab finds the same things."""

    model: str | None
    dataset: str | None

    @classmethod
    def read(cls) -> AppState:
        query = st.query_params
        return cls(query.get("model") or None, query.get("dataset") or None)


@st.cache_resource(show_spinner=False)
def _workspace(home: str) -> Workspace:
    from pathlib import Path

    return Workspace(Path(home))


def workspace() -> Workspace:
    """The workspace of this app, opened once."""
    from automl import config

    return _workspace(str(config.home()))


def project() -> Project:
    """The project chosen in the sidebar, or the first."""
    known = {p.id: p for p in workspace().projects()}
    chosen = st.session_state.get("project")
    return known.get(chosen) or workspace().project()


def home_project() -> str:
    """The project that a new session starts in: that of what its address names, or the first."""
    state = AppState.read()
    with contextlib.suppress(StoreError):
        if state.model:
            return workspace().model(state.model).project
        if state.dataset:
            return workspace().dataset(state.dataset).project
    return workspace().project().id


def go(page: str, **ids: str) -> None:
    """Open a page with these ids in its address."""
    st.switch_page(f"pages/{page}.py", query_params=ids)
