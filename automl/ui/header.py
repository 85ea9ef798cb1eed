"""The header that all pages of a model share: name, state, and the steps Data → Build → Analyze → Predict."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from automl.errors import ForetableError, StoreError
from automl.types import Job, JobState, ModelVersion
from automl.ui import actions, widgets
from automl.ui.state import AppState, workspace

STEPS = ("Data", "Build", "Analyze", "Predict")


@dataclass(frozen=True)
class Opened:
    """A model, its job, and whether it can be used."""

    model: ModelVersion
    job: Job | None

    @property
    def ready(self) -> bool:
        return workspace().bundle_folder(self.model.id) is not None

    @property
    def state(self) -> tuple[str, str]:
        """The word and colour of its badge."""
        if self.ready:
            return "ready", "green"
        if self.job is None:
            return "draft", "gray"
        return {
            JobState.QUEUED: ("waiting", "orange"),
            JobState.RUNNING: ("building", "orange"),
            JobState.FAILED: ("failed", "red"),
            JobState.CANCELLED: ("cancelled", "gray"),
            JobState.SUCCEEDED: ("ready", "green"),
        }[self.job.state]


def open_model() -> Opened | None:
    """The model in the address; None after saying what to do when there is none."""
    id = AppState.read().model
    if not id:
        st.title("No model chosen")
        widgets.empty("A model's page", "Choose a model, or start a new one from a data set.")
        left, right, _ = st.columns([1, 1, 3])
        with left:
            st.page_link("pages/models.py", label="My models", icon=":material/model_training:")
        with right:
            st.page_link("pages/data.py", label="My data", icon=":material/table:")
        return None
    try:
        model = workspace().model(id)
        return Opened(model, actions.job_of(model))
    except StoreError as e:
        st.title("This model is not here")
        st.warning(widgets.plain(str(e)))
        st.page_link("pages/models.py", label="My models", icon=":material/model_training:")
        return None


def show(opened: Opened, step: str, buttons: object = None) -> None:
    """Draw the header; `buttons` is called inside a row on the right."""
    model = opened.model
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"## {widgets.plain(model.name)}", anchors=False, width="content")
        if model.number > 1:
            st.badge(f"version {model.number}", color="gray")
        problem = model.spec.problem if model.spec else None
        if problem:
            st.badge(problem.task.label, color="blue")
        word, color = opened.state
        st.badge(word, color=color)
    if buttons is not None:
        with right, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            buttons()
    _steps(opened, step)


def _steps(opened: Opened, current: str) -> None:
    done = {"Data": True, "Build": opened.ready, "Analyze": False, "Predict": False}
    pages = {
        "Data": ("pages/data.py", {"dataset": opened.model.dataset}, True),
        "Build": ("pages/build.py", {"model": opened.model.id}, True),
        "Analyze": ("pages/analyze.py", {"model": opened.model.id}, opened.ready),
        "Predict": ("pages/predict.py", {"model": opened.model.id}, opened.ready),
    }
    with st.container(horizontal=True, gap="medium", key="steps"):
        for name in STEPS:
            page, query, possible = pages[name]
            label = f"**{name}**" if name == current else name
            icon = ":material/check:" if done[name] and name != current else None
            st.page_link(page, label=label, icon=icon, query_params=query, disabled=not possible)
    st.divider()


def dataset_of(opened: Opened) -> object:
    """The data set of a model; None when it was deleted."""
    try:
        return workspace().dataset(opened.model.dataset)
    except ForetableError:
        return None
