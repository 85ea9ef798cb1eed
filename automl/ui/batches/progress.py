"""A batch at work, or one that came to no end: how far it is, what went wrong, the way on."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.jobs import batches, client
from automl.types import Batch
from automl.ui import widgets
from automl.ui.boundary import boundary, failing_softly
from automl.ui.state import workspace

REFRESH_SECONDS = 1.0
WORDS = {"waiting": "Waiting for its turn", "reading": "Reading and checking", "predicting": "Predicting"}


def show(batch: Batch, state: str) -> None:
    """Progress and a way out; or the sentence, and another try."""
    if state in WORDS:
        client.ensure_supervisor(workspace())
        _live(batch.id, state)
        return
    job = batches.job_of(workspace(), batch)
    with st.container(border=True):
        if state == "failed" and job is not None:
            st.error(widgets.plain(job.error or "It did not come to its end."), icon=":material/error:")
        elif state == "cancelled":
            widgets.empty("Cancelled", "Nothing of it was kept; the rows to predict are still here.")
        else:
            widgets.empty("Not checked yet", "The table was taken, but not read.")
        with st.container(horizontal=True):
            st.button("Try again", type="primary", key="retry-batch", on_click=failing_softly(_retry), args=(batch.id,))
            if batch.contract:
                st.button("Decide again", key="decide-again", on_click=failing_softly(_back), args=(batch.id,))


@st.fragment(run_every=REFRESH_SECONDS)
def _live(id: str, seen: str) -> None:
    """Drawn again every second; the page around it only when the state is another one."""
    with boundary("batch"):
        batch = workspace().batches.get(id)
        state = batches.state(workspace(), batch)
        if state != seen:
            st.rerun(scope="app")
        share = 0.0 if state == "waiting" else batches.share(workspace(), batch)
        with st.container(border=True):
            rows = f" · {wording.count(batch.rows * share)} of {wording.count(batch.rows)} rows" if batch.rows else ""
            told = rows if state == "predicting" else f" · {wording.percent(share)}" if state == "reading" else ""
            st.progress(share, text=f"{WORDS[state]}{told}")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("Cancel", key="cancel-batch", on_click=failing_softly(_cancel), args=(id,))
                widgets.muted("You can leave this page: it goes on in the background, and is in the history.")


def _cancel(id: str) -> None:
    job = batches.job_of(workspace(), workspace().batches.get(id))
    if job is not None:
        client.cancel(workspace(), job.id)


def _retry(id: str) -> None:
    batch = workspace().batches.get(id)
    if batch.job is None:
        batches.submit(workspace(), batch, act="read")
    else:
        batches.retry(workspace(), batch)


def _back(id: str) -> None:
    workspace().batches.update(id, job=None)
