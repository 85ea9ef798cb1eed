"""The page of a data set that is not there yet: a job reads its file."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.jobs import client
from automl.types import Dataset, Job, JobKind, JobState
from automl.ui import header, refused, widgets
from automl.ui.boundary import boundary, failing_softly
from automl.ui.state import go, project, workspace

REFRESH_SECONDS = 1.0


def job_of(id: str) -> Job | None:
    """The latest job that reads, or read, a file into the data set `id`."""
    found = client.reading_jobs(workspace(), id)
    return found[-1] if found else None


def at(id: str) -> Dataset | Job | None:
    """What stands at the address of a data set: itself, the job that reads it, or what took its place since.

    Where a proposal was made anew by another job, that is the new one; where it was discarded, its data set as it is.
    """
    if workspace().has_dataset(id):
        return workspace().dataset(id)
    job = job_of(id)
    if job and job.state is not JobState.SUCCEEDED:
        return job
    for later in reversed(client.jobs(workspace(), project=project().id)):
        if later.payload.get("instead_of") == id and (found := at(later.subject)):
            return found
    known = workspace().remembered(id)
    return next(iter(workspace().versions_of(known.series)), None) if known else None


def show(job: Job) -> None:
    """Progress and a way out; or what went wrong."""
    name = str(job.payload.get("name", "the file"))
    if job.state.is_finished:
        header.top(name)
        key = ""
        if job.state is JobState.CANCELLED:
            widgets.empty("Reading was cancelled", "Nothing was kept.")
        elif key := refused.keep_of(job):
            refused.show(key)
        else:
            st.error(widgets.plain(job.error or "The file could not be read."), icon=":material/error:")
        if st.button("Choose another file", type="secondary" if key else "primary", key="another-file"):
            go("data")
        return

    def buttons() -> None:
        cancel = failing_softly(client.cancel)
        st.button("Cancel", key="cancel-reading", on_click=failing_softly(cancel), args=(workspace(), job.id))

    header.top(name, badges=[("reading", "blue")], buttons=buttons)
    client.ensure_supervisor(workspace())
    _live(job.subject)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(id: str) -> None:
    with boundary("reading"):
        job = job_of(id)
        if job is None or job.state.is_finished:
            st.rerun(scope="app")
        share = client.reading_share(workspace(), job)
        with st.container(border=True):
            waiting = job.state is JobState.QUEUED
            doing = "Joining the tables" if job.payload.get("join") else "Reading the file"
            doing = "Fetching and reading the table" if job.payload.get("location") else doing
            say = "Waiting for its turn" if waiting else f"{doing} · {wording.percent(share)}"
            st.progress(0.0 if waiting else share, text=say)
            widgets.muted("You can leave this page: this goes on in the background, and the table will be under My data.")


def underway() -> list[Job]:
    """The files that are being read in this project."""
    active = client.jobs(workspace(), project=project().id, active=True)
    return [job for job in active if job.kind is JobKind.INGEST]
