"""The learning curve of a finished model as a job: what the app asks for, and what the worker does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from automl import config
from automl.errors import JobError, StoreError
from automl.jobs import client
from automl.jobs import events as event_log
from automl.jobs.queue import Queue
from automl.store.workspace import Workspace
from automl.types import Job, JobKind


def submit(workspace: Workspace, model_id: str) -> Job:
    """Queue the measuring of a model's learning curve; while one is queued or running, that one is returned.

    Raises
    ------
    JobError
        The model is not built yet.
    StoreError
        The model, or the data set it was built from, was deleted.
    """
    model = workspace.model(model_id)
    if workspace.bundle_folder(model_id) is None:
        raise JobError(f"The model '{model.name}' is not built yet. Its learning curve can be measured after that.")
    if not workspace.has_dataset(model.dataset):
        raise StoreError("The data set that the model was built from was deleted, so that no curve can be measured.")
    job = Queue(workspace.database).submit(JobKind.LEARN, model.project, model_id, {})
    client.ensure_supervisor(workspace)
    return job


def latest(workspace: Workspace, model_id: str) -> Job | None:
    """The last job that measured, or measures, the model's learning curve."""
    found = [j for j in Queue(workspace.database).jobs(subject=model_id) if j.kind is JobKind.LEARN]
    return found[-1] if found else None


def share(workspace: Workspace, model_id: str) -> float:
    """How much of the running job is done, between 0 and 1."""
    found, _ = event_log.read(workspace.job_folder(JobKind.LEARN, model_id) / event_log.NAME)
    return max((e["share"] for e in found if e["type"] == "progress"), default=0.0)


def measure(
    workspace: Workspace, model_id: str, scratch: Path, threads: int | None, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Measure the curve on the rows that the model was built from, and keep it beside the model."""
    from automl import bundle
    from automl.engine import learning

    folder = workspace.bundle_folder(model_id)
    if folder is None:
        raise JobError("The model is not built yet.")
    loaded = bundle.load(folder)
    dataset = workspace.dataset(workspace.model(model_id).dataset)
    frame = workspace.frame(dataset.id, config.loaded_rows(len(dataset.columns)))
    return learning.again(loaded, frame, scratch, threads=threads, progress=progress)
