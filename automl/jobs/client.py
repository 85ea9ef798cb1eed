"""What the app and the command line do with jobs: submit, look, wish, retry. All calls are quick."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import Any

from automl.errors import JobError, StoreError
from automl.jobs import events as event_log
from automl.jobs.queue import ACTIVE, Queue
from automl.store.workspace import Workspace
from automl.types import (
    BuildSpec,
    Job,
    JobKind,
    JobState,
    JoinPlan,
    ModelVersion,
    from_dict,
    replace,
    to_dict,
    to_json,
)

SUBMITTED_KINDS = (JobKind.BUILD, JobKind.INGEST, JobKind.PREDICT, JobKind.LEARN)  # those that automl.jobs.worker has a handler for


def submit(workspace: Workspace, kind: JobKind | str, subject: str, payload: dict[str, Any]) -> Job:
    """Queue a job, and see to it that a supervisor runs.

    Parameters
    ----------
    workspace : Workspace
    kind : JobKind
    subject : str
        For a build, the id of its model; ``model.job`` is set to the job.
    payload : dict
        For a build ``{"spec": to_dict(spec)}``, which is stored as ``model.spec`` as well; without
        it, the model's stored spec is built.

    Returns
    -------
    Job
        The new job. While one for the same subject is queued or running: that one, and nothing
        else happens.

    Raises
    ------
    JobError
        The model is built already, or has no spec.
    StoreError
        The model or its data set was deleted.
    """
    kind = JobKind(kind)
    if kind is not JobKind.BUILD:  # uploads: see `ingest`
        raise JobError(f"Jobs of the kind '{kind}' can't be run by this version.")
    model, active = _buildable(workspace, subject)
    if active:
        return active
    if payload.get("spec"):
        model = replace(model, spec=from_dict(payload["spec"], BuildSpec))
    if model.spec is None:
        raise JobError(f"The model '{model.name}' has nothing to build yet. Choose a target first.")
    rest = {k: v for k, v in payload.items() if k != "spec"}
    return _enqueue(workspace, model, {**rest, "resume": False}, 0)


def ingest(
    workspace: Workspace,
    upload: Path,
    *,
    name: str,
    project: str,
    options: dict[str, Any] | None = None,
    version_of: str | None = None,
    append_to: str | None = None,
    choices: dict[str, Any] | None = None,
    instead_of: str | None = None,
) -> Job:
    """Queue the reading of an uploaded file, which is taken over; see `data.ingest.ingest`.

    The job's subject is the id that the data set will have.
    """
    id = workspace.new_intake(upload)
    payload = {
        "name": name, "options": options or {}, "version_of": version_of, "append_to": append_to, "choices": choices,
        "instead_of": instead_of,
    }  # fmt: skip
    job = Queue(workspace.database).submit(JobKind.INGEST, project, id, payload)
    ensure_supervisor(workspace)
    return job


def join(workspace: Workspace, plan: JoinPlan, *, name: str, project: str, before: str | None = None) -> Job:
    """Queue a join of large tables; see `data.joined.keep`. `before` is the version that the result follows.

    The job's subject is the id that the data set will have.
    """
    with tempfile.NamedTemporaryFile("w", dir=workspace.staging, delete=False, encoding="utf-8") as file:
        file.write(to_json(plan))
    id = workspace.new_intake(Path(file.name))
    payload = {"name": name, "join": to_dict(plan), "before": before}
    job = Queue(workspace.database).submit(JobKind.INGEST, project, id, payload)
    ensure_supervisor(workspace)
    return job


def fetch(
    workspace: Workspace, location: str, *, name: str, project: str, version_of: str | None = None
) -> Job:
    """Queue the fetching of a table from a source, by a location of `data.sources`, and its reading.

    The job's subject is the id that the data set will have.

    Raises
    ------
    DataError
        The source is not configured, or the location is not allowed.
    """
    from automl.data.sources import source_of

    source_of(location)
    id = workspace.new_intake(None)
    payload = {"name": name, "location": location, "version_of": version_of}
    job = Queue(workspace.database).submit(JobKind.INGEST, project, id, payload)
    ensure_supervisor(workspace)
    return job


def reading_jobs(workspace: Workspace, id: str) -> list[Job]:
    """The jobs that read, or have read, a file into this data set, oldest first."""
    found = Queue(workspace.database).jobs(subject=id)
    return [job for job in found if job.kind is JobKind.INGEST]


def reading_share(workspace: Workspace, job: Job) -> float:
    """How much of an upload has been read, between 0 and 1."""
    try:
        found, _ = event_log.read(workspace.job_folder(job.kind, job.subject) / event_log.NAME)
    except StoreError:  # read, and tidied away
        return 1.0
    return max((e["share"] for e in found if e["type"] == "progress"), default=0.0)


def retry(workspace: Workspace, job_id: str) -> Job:
    """Queue a failed or cancelled job again, as a new job.

    After a failure it goes on from the candidates that were finished; after a cancel it starts anew.

    Raises
    ------
    JobError
        The job succeeded, or the model is built already.
    StoreError
        The model or its data set was deleted.
    """
    job = Queue(workspace.database).get(job_id)
    model, active = _buildable(workspace, job.subject)
    if active:
        return active
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise JobError(f"Only a failed or cancelled build can be retried; this one is {job.state}.")
    resume = job.state is JobState.FAILED
    payload = {**job.payload, "resume": resume, "retry_of": job.id}
    return _enqueue(workspace, model, payload, job.attempt if resume else 0)


def _buildable(workspace: Workspace, model_id: str) -> tuple[ModelVersion, Job | None]:
    """The model and its active job; raises JobError when it is built already."""
    model, active = workspace.model(model_id), active_job(workspace, model_id)
    if active is None and workspace.bundle_folder(model_id):
        raise JobError(f"The model '{model.name}' is built already. Make a new version to build it again.")
    return model, active


def status(workspace: Workspace, job_id: str) -> Job:
    """The job as it is now; raises JobError when it is unknown."""
    return Queue(workspace.database).get(job_id)


def cancel(workspace: Workspace, job_id: str) -> Job:
    """Drop a job: at once when it is queued, within seconds when it runs. A finished job stays as it is."""
    job = Queue(workspace.database).wish(job_id, "cancel")
    if job.kind is JobKind.INGEST and job.state.is_finished:
        workspace.drop_intake(job.subject)
    return job


def finish_now(workspace: Workspace, job_id: str) -> Job:
    """Ask a running build to stop searching and keep the best so far. A finished job stays as it is.

    Raises
    ------
    JobError
        The build has not started yet.
    """
    return Queue(workspace.database).wish(job_id, "finish")


def events(workspace: Workspace, model_id: str, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The events of a model's build past an offset, and the offset to go on from.

    Torn lines are left for later. See `automl.jobs.events.read` for builds that were started anew.
    """
    return event_log.read(workspace.build_folder(model_id) / event_log.NAME, after)


def jobs(workspace: Workspace, *, project: str | None = None, active: bool = False) -> list[Job]:
    """The jobs of a project (all when None), in the order they were submitted; `active`: unfinished only."""
    return Queue(workspace.database).jobs(*(ACTIVE if active else ()), project=project)


def active_job(workspace: Workspace, subject: str) -> Job | None:
    """The queued or running build of a model, if there is one."""
    found = Queue(workspace.database).jobs(*ACTIVE, subject=subject)
    return next((job for job in found if job.kind is JobKind.BUILD), None)


def waiting_before(workspace: Workspace, job_id: str) -> int:
    """How many queued jobs come before this queued one; 0 for any other."""
    queued = [job.id for job in Queue(workspace.database).jobs(JobState.QUEUED)]
    return queued.index(job_id) if job_id in queued else 0


def log_path(workspace: Workspace, model_id: str) -> Path:
    """The log of a model's build, for whoever looks for the cause of a failure."""
    return workspace.build_folder(model_id) / "worker.log"


def supervisor_running(workspace: Workspace) -> bool:
    """Whether a supervisor holds this workspace."""
    from automl.jobs.lock import held

    return held(workspace.home)


_started: list[Any] = []
_guard = threading.Lock()


def ensure_supervisor(workspace: Workspace) -> bool:
    """Start a supervisor for the workspace unless one runs; returns whether one was started.

    It outlives this process while there is work, and ends by itself once this process is gone and
    the queue is empty. With ``FORETABLE_SUPERVISOR=off`` (a deployment that runs
    ``python -m automl worker`` by itself) nothing is started.
    """
    if os.environ.get("FORETABLE_SUPERVISOR", "").lower() == "off":
        return False
    with _guard:
        _started[:] = [process for process in _started if process.poll() is None]  # reaps the dead
        if supervisor_running(workspace):
            return False
        if any(process.home == workspace.home for process in _started):
            return False  # it is on its way to the lock
        from automl.jobs.launch import start_supervisor

        _started.append(start_supervisor(workspace.home, watch=os.getpid()))
    return True


def _enqueue(workspace: Workspace, model: ModelVersion, payload: dict[str, Any], attempt: int) -> Job:
    workspace.dataset(model.spec.dataset)  # deleted: say so now, not in a minute

    def link(db: sqlite3.Connection, job: Job) -> None:
        workspace.link_job(db, model.id, job.id, model.spec)

    job = Queue(workspace.database).submit(
        JobKind.BUILD, model.project, model.id, payload, attempt=attempt, then=link
    )
    ensure_supervisor(workspace)
    return job
