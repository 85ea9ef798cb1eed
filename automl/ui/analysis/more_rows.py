"""Would more rows help? The learning curve and its sentence; where the build had no time for it, a button that measures it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.jobs import client, learning
from automl.metrics import METRICS
from automl.types import Job, JobState, ModelVersion
from automl.ui import score_charts, widgets
from automl.ui.boundary import boundary, failing_softly
from automl.ui.state import workspace

REFRESH_SECONDS = 1.0
SURE_FOLDS = 3  # measured on fewer, it may be measured again with more care


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The card: the answer, the chart behind it, and the way to measure it."""
    widgets.card_title("Would more rows help?")
    job, course = learning.latest(workspace(), model.id), bundle.learning
    if job is not None and not job.state.is_finished:
        client.ensure_supervisor(workspace())
        _live(model.id)
        return
    if course is not None:
        _answer(course)
    else:
        widgets.muted(
            "Not measured yet: the build gave its time to the candidates. Part of the model learns again from ever more of the "
            "training rows, and what that gains says what more rows would probably gain."
        )
    if job is not None and job.state is JobState.FAILED:
        st.error(widgets.plain(job.error or "It did not come to its end."), icon=":material/error:")
    if course is None or (course["folds"] < SURE_FOLDS and not course.get("ordered")):
        _offer(model, bundle, "Measure the learning curve" if course is None else "Measure it more carefully")


def _answer(course: dict[str, Any]) -> None:
    st.markdown(widgets.plain(course["sentence"]))
    rows = [p["rows"] for p in course["points"]]
    metric = METRICS[course["metric"]]
    score_charts.learning(
        course["points"], metric.label,
        f"{metric.label} after {wording.count(rows[0])} to {wording.count(rows[-1])} rows",
    )  # fmt: skip
    folds = "one validation fold" if course["folds"] == 1 else f"{course['folds']} validation folds"
    if course.get("stand_in"):
        widgets.muted("Measured with a quick candidate that is not part of the model: the model may gain more.")
    widgets.muted(f"“{course['candidate']}” fitted again on ever more of the training rows, on {folds}.")


def _offer(model: ModelVersion, bundle: Bundle, label: str) -> None:
    from automl.engine.learning import expected_seconds

    gone = not workspace().has_dataset(model.dataset)
    seconds = expected_seconds(bundle)
    if seconds is None:
        return
    st.button(
        label, key="measure-learning", icon=":material/trending_up:", disabled=gone,
        on_click=failing_softly(_measure), args=(model.id,),
    )  # fmt: skip
    if gone:
        widgets.muted("The data set that the model was built from was deleted, so it can't be measured any more.")
    else:
        widgets.muted(f"Takes about {wording.duration(max(round(seconds), 5))}, in the background.")


def _measure(id: str) -> None:
    learning.submit(workspace(), id)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(id: str) -> None:
    with boundary("learning"):
        job = learning.latest(workspace(), id)
        if job is None or job.state.is_finished:
            st.rerun(scope="app")
        waiting = job.state is JobState.QUEUED
        share = 0.0 if waiting else learning.share(workspace(), id)
        st.progress(share, text=_words(job, share))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Cancel", key="cancel-learning", disabled=job.wish is not None,
                      on_click=failing_softly(_cancel), args=(job.id,))  # fmt: skip
            widgets.muted("You can leave this page: it goes on in the background.")


def _words(job: Job, share: float) -> str:
    if job.wish:
        return "Cancelling"
    if job.state is JobState.QUEUED:
        return "Waiting for its turn"
    return f"Learning from ever more rows · {wording.percent(share)}"


def _cancel(id: str) -> None:
    client.cancel(workspace(), id)
