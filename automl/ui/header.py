"""The header that all pages of a model share: name, state, and the steps Data → Build → Analyze → Predict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from automl.errors import StoreError
from automl.types import Dataset, Job, JobState, ModelVersion
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
        widgets.title("No model chosen")
        widgets.muted("This page shows one model. Choose one of yours, or start a new one from a data set.")
        with st.container(horizontal=True):
            st.page_link("pages/models.py", label="My models", icon=":material/model_training:")
            st.page_link("pages/data.py", label="My data", icon=":material/table:")
        return None
    try:
        model = workspace().model(id)
        return Opened(model, actions.job_of(model))
    except StoreError as e:
        widgets.title("This model is not here")
        st.warning(widgets.plain(str(e)), icon=":material/search_off:")
        st.page_link("pages/models.py", label="My models", icon=":material/model_training:")
        return None


def show(opened: Opened, step: str, buttons: Callable[[], None] | None = None) -> None:
    """Draw the header; `buttons` is called inside a row on the right."""
    model = opened.model
    problem = model.spec.problem if model.spec else None
    badges = [(problem.task.label, "blue")] if problem else []
    top(model.name, model.number, [*badges, opened.state], buttons)
    widgets.quiet_lines(f"{'Learned' if opened.ready else 'Learns'} from {actions.learned_from(model)}")
    _steps(opened, step)


def not_built(opened: Opened, step: str, text: str) -> None:
    """A page of a model that has no bundle yet: what will be here, and the way to the build."""
    show(opened, step)
    with st.container(border=True):
        widgets.empty("This model is not built yet", f"{text} The build comes first.")
        st.page_link(
            "pages/build.py",
            label="Go to the build",
            icon=":material/arrow_forward:",
            query_params={"model": opened.model.id},
        )


def top(
    name: str,
    number: int = 1,
    badges: Sequence[tuple[str, Any]] = (),
    buttons: Callable[[], None] | None = None,
) -> None:
    """The first row of a page: its name, what it is in badges, what can be done on the right."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="top"
    ):
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content", key="top-name"
        ):
            widgets.title(name)
            if number > 1:
                st.badge(f"version {number}", color="gray")
            for word, color in badges:
                st.badge(widgets.plain(word), color=color)
        if buttons is not None:
            with st.container(
                horizontal=True, horizontal_alignment="right", gap="small", width="content", key="top-buttons"
            ):
                buttons()


def _steps(opened: Opened, current: str) -> None:
    model, ready = {"model": opened.model.id}, opened.ready
    pages = {
        "Data": ("pages/data.py", {"dataset": opened.model.dataset}, dataset_of(opened) is not None, True),
        "Build": ("pages/build.py", model, True, ready),
        "Analyze": ("pages/analyze.py", model, ready, False),
        "Predict": ("pages/predict.py", model, ready, False),
    }
    with st.container(horizontal=True, key="steps"):
        for name in STEPS:
            page, query, possible, done = pages[name]
            with st.container(key="step-now" if name == current else f"step-{name.lower()}", width="content"):
                st.page_link(
                    page,
                    label=name,
                    icon=":material/check:" if done and name != current else None,
                    query_params=query,
                    disabled=not possible,
                )


def dataset_of(opened: Opened) -> Dataset | None:
    """The data set of a model; None when it was deleted."""
    try:
        return workspace().dataset(opened.model.dataset)
    except StoreError:
        return None
