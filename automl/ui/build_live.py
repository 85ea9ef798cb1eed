"""The build page from the start to the end: all it shows comes from the workspace, so any tab shows the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from automl import wording
from automl.data import words
from automl.findings.record import Record
from automl.jobs import client
from automl.metrics import METRICS, Metric
from automl.types import (
    BuildSpec,
    Finding,
    Job,
    JobState,
    ModelVersion,
    Trial,
    TrialState,
    from_dict,
    order_trials,
    replace,
)
from automl.ui import actions, charts, evidence, header, tables, widgets
from automl.ui.boundary import boundary, failing_softly
from automl.ui.state import go, workspace

REFRESH_SECONDS = 2.0
WATCHED = "build-watched"  # the job that this session saw running last
BEST_SHOWN = 8  # while it runs, so that the page stays calm; the rest is folded
NAMED = 4  # further candidates that a rule found the same of
WISHES = {"finish": "Finishing with the best so far", "cancel": "Cancelling"}
NO_MODEL = (TrialState.SKIPPED, TrialState.FAILED, TrialState.TIMED_OUT)


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
    findings: list[tuple[Finding, Record | None]] = field(default_factory=list)  # with the record behind each

    @classmethod
    def read(cls, events: list[dict[str, Any]], sign: int) -> Progress:
        """What the events say, the latest word counting; `sign` is -1 where less is better."""
        out = cls()
        for event in events:
            out.t = max(out.t, event.get("t") or 0.0)
            kind = event["type"]
            if kind == "started":
                kept = out.trials if event.get("resume") else {}
                out = cls(stage="Starting", trials={k: t for k, t in kept.items() if t.state.is_finished})
            elif kind == "stage":
                out.stage, out.n, out.of = event["message"], event.get("n", 0), event.get("of", 1)
            elif kind == "trial":
                trial = from_dict(event["trial"], Trial)
                out.trials[trial.candidate] = trial
                out._rise(trial, event["t"], sign)
            elif kind == "note":
                out.notes.append(event["message"])
            elif kind == "finding":
                behind = event.get("behind")  # not in events of an earlier version
                out.findings.append((from_dict(event["finding"], Finding), from_dict(behind, Record) if behind else None))
        return out

    def _rise(self, trial: Trial, t: float, sign: int) -> None:
        if trial.state is not TrialState.COMPLETED or trial.score is None or trial.family == "prior":
            return
        if not self.best or sign * trial.score > sign * self.best[-1][1]:
            self.best.append((t, trial.score, trial.candidate))

    def count(self, *states: TrialState) -> int:
        """How many candidates are in one of these states."""
        return sum(t.state in states for t in self.trials.values())

    @property
    def baseline(self) -> float | None:
        """The score of the plain guess."""
        return next((t.score for t in self.trials.values() if t.family == "prior"), None)


def show(opened: header.Opened) -> None:
    """A build that waits or runs."""
    job = opened.job
    # Nothing to keep yet: and a second click on the start, which was in this place, ends nothing.
    kept = job.state is JobState.RUNNING and bool(_progress(opened.model).best)

    def buttons() -> None:
        # Callbacks: they run before the page, whatever draws it again at that moment.
        st.button(
            "Cancel",
            key="cancel-build",
            help="Drop this build; no model is kept.",
            on_click=failing_softly(client.cancel),
            args=(workspace(), job.id),
        )
        st.button(
            "Finish now, keep the best",
            type="primary",
            key="finish-build",
            disabled=not kept or job.wish is not None,
            help=None if kept else "As soon as one candidate has finished.",
            on_click=failing_softly(client.finish_now),
            args=(workspace(), job.id),
        )

    header.show(opened, "Build", buttons)
    st.session_state[WATCHED] = job.id
    client.ensure_supervisor(workspace())
    _live(opened.model.id, (job.state.value, kept))


@st.fragment(run_every=REFRESH_SECONDS)
def _live(model_id: str, seen: tuple[str, bool]) -> None:
    """Drawn again every two seconds; the header around it only when what it offers is another."""
    with boundary("live build"):
        model = workspace().model(model_id)
        job = actions.job_of(model)
        if job is None or job.state.is_finished:
            if job is not None and job.state is JobState.SUCCEEDED:
                go("analyze", model=model_id, **first_look(model))
            st.rerun(scope="app")
        metric, seconds = METRICS[model.spec.problem.metric], model.spec.budget.seconds
        progress = _progress(model)
        if (job.state.value, job.state is JobState.RUNNING and bool(progress.best)) != seen:
            st.rerun(scope="app")
        elapsed = _elapsed(job.started)
        left, right = st.columns([2, 1])
        with left, st.container(border=True, height="stretch"):
            _stage(job, progress, elapsed, seconds)
        with right, st.container(border=True, height="stretch"):
            _best(progress, metric)
        left, right = st.columns([2, 1])
        with left, st.container(border=True):
            _board(progress, metric)
        with right, st.container(border=True):
            now = max(min(elapsed, seconds), progress.t)
            charts.best_over_time(progress.best, now, seconds, metric.label)
        _findings(progress)
        widgets.muted("You can close this page. The build goes on, and this address finds it again.")


def first_look(model: ModelVersion) -> dict[str, str]:
    """Where Analyze opens once a model is built: a version that follows a finding beside the one before, else as usual."""
    return {"view": "Compare"} if model.number > 1 and model.draft.get("mended") else {}


def _progress(model: ModelVersion) -> Progress:
    events, _ = client.events(workspace(), model.id)
    return Progress.read(events, METRICS[model.spec.problem.metric].sign)


def _stage(job: Job, progress: Progress, elapsed: float, seconds: float) -> None:
    if job.state is JobState.QUEUED:
        before = client.waiting_before(workspace(), job.id)
        widgets.muted("Waiting for its turn" + (f", {before} before it" if before else ""))
        st.progress(0.0)
        widgets.muted("It starts by itself as soon as there is room.")
        return
    step = f"Stage {progress.n} of {progress.of}: " if progress.n else ""
    if wish := WISHES.get(job.wish or ""):
        step = f"{wish} · "
    widgets.muted(f"{step}{progress.stage}")
    st.progress(min(elapsed / seconds, 1.0))
    skipped = progress.count(*NO_MODEL)
    left = f"{wording.duration(seconds - elapsed)} left" if elapsed < seconds else "ending"
    left = "ending early" if job.wish else left
    widgets.muted(
        f"{wording.duration(elapsed)} gone · {left} · {words.count(progress.count(TrialState.COMPLETED), 'candidate')} done"
        + (f", {skipped} skipped" if skipped else "")
    )


def _best(progress: Progress, metric: Metric) -> None:
    better = "higher" if metric.greater_is_better else "lower"
    score = progress.best[-1][1] if progress.best else None
    widgets.big_number(f"Best so far ({metric.label}, {better} is better)", wording.number(score))
    if progress.baseline is not None:
        widgets.muted(f"a plain guess: {wording.number(progress.baseline)}")


def _board(progress: Progress, metric: Metric) -> None:
    widgets.card_title("Leaderboard")
    trials = order_trials(progress.trials.values(), metric.sign)
    if not trials:
        widgets.muted("The first candidate is on its way.")
        return
    done = [t for t in trials if t.has_standing]
    others = [t for t in trials if not t.has_standing]
    rest = done[BEST_SHOWN:]
    tables.leaderboard([*done[:BEST_SHOWN], *others], metric.sign, metric.label, scale=done)
    if rest:
        with st.expander(f"{len(rest)} more", key="board-rest"):
            tables.leaderboard(rest, metric.sign, metric.label, scale=done, first_rank=BEST_SHOWN + 1)


def _findings(progress: Progress) -> None:
    """What rules found while candidates were fitted: each rule once, with the candidates it found something of."""
    if progress.findings:
        with st.container(border=True):
            widgets.card_title("Found while training")
            for code, found in by_rule(progress.findings).items():
                finding, record = found[0]  # the first, so that nothing moves while more are found
                widgets.finding(finding)
                if others := [f.candidate for f, _ in found[1:]]:
                    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
                    widgets.muted(f"The same of {', '.join(others[:NAMED])}{more}.")
                evidence.show(record, finding, f"live-{code}")


def by_rule(findings: list[tuple[Finding, Record | None]]) -> dict[str, list[tuple[Finding, Record | None]]]:
    """What each rule found, in the order of the first finding of each."""
    out: dict[str, list[tuple[Finding, Record | None]]] = {}
    for finding, record in findings:
        out.setdefault(finding.code, []).append((finding, record))
    return out


def _elapsed(started: str | None) -> float:
    if not started:
        return 0.0
    at = dt.datetime.fromisoformat(started)
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return max((dt.datetime.now(dt.UTC) - at).total_seconds(), 0.0)


def ended(opened: header.Opened) -> None:
    """A build that succeeded, failed or was cancelled."""
    job, model = opened.job, opened.model
    watched = st.session_state.pop(WATCHED, None) == job.id
    if watched and opened.ready:  # it ended while the page was being drawn: who watched it wants to see what came of it
        go("analyze", model=model.id)

    def buttons() -> None:
        label = "New version" if opened.ready else "Change the plan"
        if st.button(
            label, key="edit-plan", help="A new draft with the same choices; this one stays as it is."
        ):
            go("build", model=actions.new_version(model).id)
        if opened.ready:
            if st.button("Analyze", type="primary", key="to-analyze"):
                go("analyze", model=model.id)
            return
        st.button(
            "Retry" if job.state is JobState.FAILED else "Build again",
            type="primary",
            icon=":material/refresh:",
            key="retry-build",
            on_click=failing_softly(client.retry),
            args=(workspace(), job.id),
        )

    header.show(opened, "Build", buttons)
    events, _ = client.events(workspace(), model.id)
    metric = METRICS[model.spec.problem.metric]
    progress = Progress.read(events, metric.sign)
    if opened.ready:
        st.success("The model is ready.", icon=":material/check_circle:")
        _order(model.spec)
    elif job.state is JobState.CANCELLED:
        st.info(
            "The build was cancelled; no model was kept. Build it again, or change the plan first.",
            icon=":material/cancel:",
        )
    else:
        st.error(widgets.plain(job.error or "The build failed."), icon=":material/error:")
    if progress.trials:
        with st.container(border=True):
            widgets.card_title("Leaderboard")
            bundle = actions.open_bundle(model) if opened.ready else None  # its model is the first
            trials = bundle.leaderboard if bundle else order_trials(map(_stopped, progress.trials.values()), metric.sign)
            tables.leaderboard(trials, metric.sign, metric.label, reasons=True)
    _findings(progress)
    if progress.notes:
        with st.expander(f"What was noted on the way · {len(progress.notes)}"):
            widgets.bullets(progress.notes)


def _stopped(trial: Trial) -> Trial:
    """A candidate of an ended build: what was still running has ended with it."""
    if trial.state.is_finished:
        return trial
    return replace(trial, state=TrialState.CANCELLED, reason="stopped with the build")


def _order(spec: BuildSpec) -> None:
    problem, steps = spec.problem, [s for s in spec.recipe.steps if s.enabled]
    with st.expander("What was ordered"):
        widgets.bullets(
            [
                f"Predict {widgets.short(problem.target)}: {problem.task.label}, from {len(problem.features)} columns.",
                f"{wording.duration(spec.budget.seconds)} at most, for the best {METRICS[problem.metric].label}.",
                *(["Fast predictions: fewer and smaller models."] if spec.budget.predict_us else []),
                *(f"{step.title}: {step.reason}" for step in steps),
            ]
        )
