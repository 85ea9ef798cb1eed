"""Batch prediction as a job: what the app and the watcher ask for, and what the worker does.

A batch is read and checked first (at once where it is small), then predicted by a job. Output is staged in the
batch's folder and published in one step, so that a killed worker leaves nothing half, and the next one begins anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl import config
from automl.errors import JobError, PredictionError, StoreError
from automl.jobs import client
from automl.jobs import events as event_log
from automl.jobs.queue import Queue
from automl.store import files
from automl.store.workspace import Workspace
from automl.types import Batch, Dataset, Job, JobKind, JobState, from_dict, replace, to_dict

if TYPE_CHECKING:
    from automl.bundle import Bundle

Progress = Callable[[float], None]

ADDED_COLUMNS = 250  # that predictions may have beside the table's own, roughly: one a class


# -- the app's side ------------------------------------------------------------------------


def of_upload(workspace: Workspace, model: str, path: Path, name: str) -> Batch:
    """A batch of an uploaded file, which is taken over."""
    project = workspace.model(model).project
    return workspace.batches.add(project, model, name, {"kind": "upload"}, {}, upload=path)


def of_dataset(workspace: Workspace, model: str, dataset: Dataset, **automation: Any) -> Batch | None:
    """A batch of a data set; its table stays where it is. For `automation` see `store.batches`."""
    source = {"kind": "dataset", "dataset": dataset.id}
    wishes = automation.pop("wishes", {})
    project = workspace.model(model).project
    name = dataset.name if dataset.version == 1 else f"{dataset.name}, version {dataset.version}"
    return workspace.batches.add(project, model, name, source, wishes, **automation)


def submit(workspace: Workspace, batch: Batch, wishes: dict[str, Any] | None = None, *, act: str = "predict") -> Job:
    """Queue the prediction (or, of a large file, the reading: `act="read"`) of a batch.

    Raises
    ------
    JobError
        The batch is predicted already.
    """
    if batch.outcome:
        raise JobError("This batch is predicted already. Start another one.")
    if wishes is not None:
        workspace.batches.update(batch.id, wishes=wishes)
    job = Queue(workspace.database).submit(JobKind.PREDICT, batch.project, batch.id, {"act": act})
    workspace.batches.update(batch.id, job=job.id)
    client.ensure_supervisor(workspace)
    return job


def retry(workspace: Workspace, batch: Batch) -> Job:
    """Queue a failed or cancelled batch again."""
    old = client.status(workspace, batch.job) if batch.job else None
    return submit(workspace, batch, act=old.payload.get("act", "predict") if old else "predict")


def job_of(workspace: Workspace, batch: Batch) -> Job | None:
    """The latest job of a batch."""
    return client.status(workspace, batch.job) if batch.job else None


def share(workspace: Workspace, batch: Batch) -> float:
    """How much of the running job is done, between 0 and 1."""
    try:
        found, _ = event_log.read(workspace.batches.folder(batch.id) / event_log.NAME)
    except StoreError:
        return 1.0
    return max((e["share"] for e in found if e["type"] == "progress"), default=0.0)


def state(workspace: Workspace, batch: Batch) -> str:
    """draft, waiting, reading, predicting, done, failed or cancelled."""
    job = job_of(workspace, batch)
    if batch.outcome:
        return "done"
    if job is None or (job.state is JobState.SUCCEEDED):
        return "draft"
    if job.state is JobState.RUNNING:
        return "reading" if job.payload.get("act") == "read" else "predicting"
    return {JobState.QUEUED: "waiting", JobState.FAILED: "failed", JobState.CANCELLED: "cancelled"}[job.state]


# -- the work ------------------------------------------------------------------------------


def open_model(workspace: Workspace, batch: Batch) -> Bundle:
    """The model of a batch; raises StoreError when it is gone or not built."""
    from automl import bundle as bundles  # heavy: the supervisor imports this module too
    from automl.data import renamed

    folder = workspace.bundle_folder(batch.model)
    if folder is None:
        raise StoreError("The model of this batch is not built. Build it first.")
    loaded = bundles.load(folder)
    loaded.later_names = renamed.known(workspace, workspace.model(batch.model).dataset)
    return loaded


def table_of(
    workspace: Workspace, batch: Batch, bundle: Bundle, progress: Progress = lambda share: None
) -> Any:
    """The rows of a batch as a `predict.Table`; a file is read the first time.

    Raises
    ------
    DataError, StoreError
        The file is no table, or the data set was deleted.
    """
    from automl.bundle import write_json
    from automl.predict import Table, open_table, to_table

    if batch.source["kind"] == "dataset":
        return open_table(workspace.data_path(batch.source["dataset"]))
    folder = workspace.batches.folder(batch.id)
    kept, notes = folder / "table.json", folder / "read.part"
    if kept.is_file():
        return from_dict(_json(kept), Table)
    shutil.rmtree(notes, ignore_errors=True)
    notes.mkdir()
    table = to_table(bundle, folder / "input", notes, name=batch.name, progress=progress)
    if table.path.parent == notes:
        table.path.replace(folder / "table.parquet")
        table = replace(table, path=folder / "table.parquet")
    shutil.rmtree(notes, ignore_errors=True)
    staged = folder / "table.json.part"
    write_json(staged, to_dict(table))
    staged.replace(kept)
    return table


def read(
    workspace: Workspace, batch: Batch, bundle: Bundle, progress: Progress = lambda share: None
) -> Batch:
    """Read and check a batch; what was found is stored with it."""
    from automl.predict import Choices, check_table

    table = table_of(workspace, batch, bundle, progress)
    check = check_table(bundle, table, Choices())
    contract = {**to_dict(check), "names": list(table.names)}
    return workspace.batches.update(batch.id, rows=table.rows, contract=contract)


def recheck(workspace: Workspace, batch: Batch, bundle: Bundle, choices: Any) -> Any:
    """The check of a batch that was read, with other choices; nothing is stored."""
    from automl.predict import check_table

    return check_table(bundle, table_of(workspace, batch, bundle), choices)


def predict(
    workspace: Workspace,
    batch: Batch,
    bundle: Bundle,
    progress: Progress = lambda share: None,
) -> Batch:
    """Predict a batch as its wishes say; its output appears whole or not at all."""
    from automl import predict as engine

    folder = workspace.batches.folder(batch.id)
    table = table_of(workspace, batch, bundle, lambda s: progress(0.3 * s))
    wishes = from_dict({k: v for k, v in batch.wishes.items() if k != "export"}, engine.Wishes)
    if batch.automation and engine.fits_excel(table.rows, len(table.names) + ADDED_COLUMNS):  # nobody is there to choose
        wishes = replace(wishes, formats=tuple(f for f in wishes.formats if f != "xlsx") or ("csv",))
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(folder / "output", ignore_errors=True)
    work.mkdir()
    started = 0.3 if batch.contract is None else 0.0
    outcome = engine.run(bundle, table, work, wishes, lambda s: progress(started + (1 - started) * s))
    for path in work.iterdir():
        files.flush(path)
    files.publish(work, folder / "output")
    contract = {**to_dict(outcome.check), "names": list(table.names)}
    outcome_kept = {k: v for k, v in to_dict(outcome).items() if k != "check"}
    done = workspace.batches.update(batch.id, rows=outcome.rows, contract=contract, outcome=outcome_kept)
    if batch.wishes.get("export"):
        _export(done, folder / "output")
    return done


def _export(batch: Batch, output: Path) -> None:
    """Copy the result of an automatic batch to where others look for it."""
    target = config.export_dir()
    if target is None or not target.is_dir():
        raise PredictionError(
            f"The predictions are in the history, but could not be copied: the folder '{target}' is not there. "
            "Set FORETABLE_EXPORT_DIR."
        )
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in Path(batch.name).stem)[:80] or "rows"
    for format in batch.wishes.get("formats", ("csv",)):
        if found := batch.outcome["files"].get(format):
            staged = target / f".{batch.id}.{format}.part"
            shutil.copyfile(output / found, staged)
            staged.replace(target / f"{name}-predictions-{batch.id[1:7]}.{format}")


def _json(path: Path) -> Any:
    import json

    return json.loads(path.read_text(encoding="utf-8"))
