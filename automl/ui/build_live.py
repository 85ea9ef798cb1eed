"""The build page from the start to the end: all it shows comes from the workspace, so any tab shows the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from automl import wording
from automl.errors import ForetableError
from automl.jobs import client
from automl.metrics import METRICS
from automl.types import JobState, Trial, TrialState, from_dict, order_trials
from automl.ui import actions, charts, header, widgets
from automl.ui.state import go, workspace

REFRESH_SECONDS = 2.0


@dataclass
class Progress:
    """A build's events, read into what the page shows."""

    stage: str = "Waiting for its turn"
    n: int = 0
    of: int = 1
    t: float = 0.0
    trials: dict[str, Trial] = field(default_factory=dict)
    best: list[tuple[float, float, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, events: list[dict[str, Any]]) -> Progress:
        out = cls()
        for event in events:
            out.t = max(out.t, event.get("t") or 0.0)
            kind = event["type"]
            if kind == "started":
                kept = out.trials if event.get("resume") else {}
                out = cls(stage="Starting", trials={k: t for k, t in kept.items() if t.state.is_finished})
            elif kind == "stage":
                out.stage, out.n, out.of = event["message"], event["n"], event["of"]
            elif kind == "trial":
                trial = from_dict(event["trial"], Trial)
                out.trials[trial.candidate] = trial
            elif kind == "best":
                out.best.append((event["t"], event["score"], event["candidate"]))
            elif kind == "note":
                out.notes.append(event["message"])
        return out


def show(opened: header.Opened) -> None:
    """A build that waits or runs."""
    job = opened.job

    def buttons() -> None:
        if st.button("Cancel", key="cancel-build", help="Drop this build; no model is kept."):
            client.cancel(workspace(), job.id)
            st.rerun()
        running = job.state is JobState.RUNNING
        if st.button("Finish now, keep the best", type="primary", key="finish-build", disabled=not running):
            client.finish_now(workspace(), job.id)
            st.toast("Finishing with the best so far.")

    header.show(opened, "Build", buttons)
    client.ensure_supervisor(workspace())
    _live(opened.model.id, job.state.value)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(model_id: str, seen: str) -> None:
    """Drawn again every two seconds; the header around it only when the job's state is another one."""
    model = workspace().model(model_id)
    job = actions.job_of(model)
    if job is None or job.state.is_finished:
        if job is not None and job.state is JobState.SUCCEEDED:
            go("analyze", model=model_id)
        st.rerun(scope="app")
    if job.state.value != seen:
        st.rerun(scope="app")
    events, _ = client.events(workspace(), model_id)
    progress = Progress.read(events)
    spec = model.spec
    metric, seconds = METRICS[spec.problem.metric], spec.budget.seconds
    elapsed = _elapsed(job.started)
    left, right = st.columns([2, 1])
    with left, st.container(border=True, height="stretch"):
        if job.state is JobState.QUEUED:
            before = client.waiting_before(workspace(), job.id)
            widgets.muted("Waiting for its turn" + (f", {before} before it" if before else ""))
            st.progress(0.0)
        else:
            wish = {"finish": "Finishing with the best so far", "cancel": "Cancelling"}.get(job.wish or "")
            step = f"Stage {progress.n} of {progress.of}: " if progress.n else ""
            widgets.muted(wish or f"{step}{progress.stage}")
            st.progress(min(elapsed / seconds, 1.0))
            done = sum(t.state is TrialState.COMPLETED for t in progress.trials.values())
            skipped = sum(
                t.state in (TrialState.SKIPPED, TrialState.FAILED) for t in progress.trials.values()
            )
            widgets.muted(
                f"{wording.duration(elapsed)} gone · {wording.duration(max(seconds - elapsed, 0))} left · "
                f"{done} candidates done" + (f", {skipped} skipped" if skipped else "")
            )
    with right, st.container(border=True, height="stretch"):
        better = "higher" if metric.greater_is_better else "lower"
        baseline = next((t.score for t in progress.trials.values() if t.family == "prior"), None)
        best = progress.best[-1][1] if progress.best else None
        widgets.big_number(
            f"Best so far ({metric.label}, {better} is better)",
            wording.number(best),
            f"plain guess {wording.number(baseline)}" if baseline is not None else "",
        )
    left, right = st.columns([2, 1])
    with left, st.container(border=True):
        st.markdown("**Leaderboard**")
        trials = order_trials(progress.trials.values(), metric.sign)
        if trials:
            widgets.leaderboard(trials, metric.sign, metric.label)
        else:
            widgets.muted("The first candidate is on its way.")
    with right, st.container(border=True):
        steps = [p for p in progress.best if p[2] != "Baseline"] or progress.best
        charts.best_over_time(steps, max(seconds, 1.0), metric.label)
    widgets.muted("You can close this page. The build goes on, and this address finds it again.")


def _elapsed(started: str | None) -> float:
    if not started:
        return 0.0
    at = dt.datetime.fromisoformat(started)
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return max((dt.datetime.now(dt.UTC) - at).total_seconds(), 0.0)


def ended(opened: header.Opened) -> None:
    """A build that succeeded, failed or was cancelled."""
    job, model = opened.job, opened.model

    def analyze() -> None:
        if st.button("Analyze", type="primary", key="to-analyze"):
            go("analyze", model=model.id)

    def again() -> None:
        label = "Retry" if job.state is JobState.FAILED else "Build again"
        if st.button(label, type="primary", key="retry-build"):
            client.retry(workspace(), job.id)
            go("build", model=model.id)

    header.show(opened, "Build", analyze if opened.ready else again)
    if opened.ready:
        st.success("The model is ready.", icon=":material/check_circle:")
    elif job.state is JobState.CANCELLED:
        st.info("The build was cancelled; no model was kept. Build it again, or change the plan first.")
    else:
        st.error(widgets.plain(job.error or "The build failed."), icon=":material/error:")
    if not opened.ready and st.button("Change the plan", key="edit-plan"):
        _back_to_draft(opened)
    events, _ = client.events(workspace(), model.id)
    progress = Progress.read(events)
    if model.spec and progress.trials:
        metric = METRICS[model.spec.problem.metric]
        with st.container(border=True):
            st.markdown("**Leaderboard**")
            widgets.leaderboard(
                order_trials(progress.trials.values(), metric.sign), metric.sign, metric.label
            )
    for note in progress.notes:
        widgets.muted(note)


def _back_to_draft(opened: header.Opened) -> None:
    """A new draft with the same choices; the ended build stays as it is."""
    try:
        made = workspace().add_model(opened.model.name, opened.model.dataset, draft=opened.model.draft)
    except ForetableError as e:
        st.error(widgets.plain(str(e)))
        return
    go("build", model=made.id)
