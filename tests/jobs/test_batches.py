"""Batches as jobs: read, predicted, killed, cancelled, retried; there is an output whole or none."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pandas as pd
import pytest

from automl.errors import JobError, StoreError
from automl.jobs import batches, client, worker
from automl.jobs.queue import Queue
from automl.jobs.supervisor import MOST_ATTEMPTS, Supervisor, Worker
from automl.predict import Choices, Wishes
from automl.types import JobState, to_dict
from tests.conftest import customers
from tests.jobs.conftest import ROOT, until

DECIDED = to_dict(Wishes(Choices(fill="missing"), formats=("csv",)))


@pytest.fixture
def model(workspace, churn_bundle, bench):
    made = workspace.add_model("Leaving", bench.dataset.id)
    shutil.copytree(churn_bundle.folder, workspace.build_folder(made.id) / "bundle")
    return made


@pytest.fixture
def batch(workspace, model):
    path = workspace.staging / "upload"
    customers(60, seed=3).drop(columns="calls").to_csv(path, index=False)
    return batches.of_upload(workspace, model.id, path, "new.csv")


def run(workspace):
    job = Queue(workspace.database).claim()
    worker.run_job(workspace, job.id, job.lease)
    return client.status(workspace, job.id)


def test_a_batch_is_read_checked_predicted_and_kept(workspace, model, batch):
    batches.submit(workspace, batch, act="read")
    assert batches.state(workspace, workspace.batches.get(batch.id)) == "waiting"
    assert run(workspace).state is JobState.SUCCEEDED
    batch = workspace.batches.get(batch.id)
    assert batch.rows == 60 and batches.state(workspace, batch) == "draft"
    assert [v["column"] for v in batch.contract["violations"] if v["status"] == "needs a decision"] == ["calls"]
    batches.submit(workspace, batch, DECIDED)
    assert run(workspace).state is JobState.SUCCEEDED
    batch = workspace.batches.get(batch.id)
    assert batches.state(workspace, batch) == "done"
    assert sum(batch.outcome["labels"].values()) == batch.outcome["rows"] == 60
    got = pd.read_csv(workspace.batches.output(batch, "csv"))
    assert len(got) == 60 and got["warnings"].str.startswith("'calls' not in the table").all()
    assert workspace.batches.of(model=model.id) == [batch]
    with pytest.raises(JobError, match="predicted already"):
        batches.submit(workspace, batch, DECIDED)


def test_what_is_not_decided_is_a_sentence(workspace, batch):
    batches.submit(workspace, batch, to_dict(Wishes(Choices())))
    job = run(workspace)
    assert job.state is JobState.FAILED and "'calls' is not in the table" in job.error
    batch = workspace.batches.get(batch.id)
    assert batches.state(workspace, batch) == "failed" and workspace.batches.output(batch, "csv") is None
    batches.submit(workspace, batch, DECIDED)
    assert run(workspace).state is JobState.SUCCEEDED


def test_cancelled_in_the_middle_keeps_the_input_alone(workspace, batch):
    batches.submit(workspace, batch, DECIDED)
    job = Queue(workspace.database).claim()
    client.cancel(workspace, job.id)
    worker.run_job(workspace, job.id, job.lease)
    batch = workspace.batches.get(batch.id)
    assert batches.state(workspace, batch) == "cancelled"
    folder = workspace.batches.folder(batch.id)
    assert not (folder / "output").exists() and not (folder / "work").exists()
    batches.retry(workspace, batch)
    assert run(workspace).state is JobState.SUCCEEDED


def test_a_killed_prediction_begins_anew_and_gives_up_in_the_end(workspace, batch):
    batches.submit(workspace, batch, DECIDED)
    supervisor = Supervisor(workspace)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        job = Queue(workspace.database).claim()
        assert job.attempt == attempt
        (workspace.batches.folder(batch.id) / "work").mkdir(exist_ok=True)
        dead = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
        dead.wait()
        supervisor.workers[job.id] = Worker(job, None, dead, dead.pid)
        supervisor._bury(supervisor.workers[job.id])
    ended = client.status(workspace, job.id)
    assert ended.state is JobState.FAILED and "stopped unexpectedly 3 times" in ended.error
    batches.retry(workspace, workspace.batches.get(batch.id))
    assert run(workspace).state is JobState.SUCCEEDED
    assert len(pd.read_parquet(workspace.batches.output(workspace.batches.get(batch.id), "parquet"))) == 60


def test_drafts_that_nobody_went_on_with_are_swept(workspace, batch):
    workspace.sweep()
    assert workspace.batches.get(batch.id)
    with workspace.database.write() as db:
        db.execute("UPDATE batches SET created = '2020-01-01T00:00:00+00:00'")
    workspace.sweep()
    assert workspace.batches.of() == [] and list((workspace.home / "batches").iterdir()) == []


def test_builds_do_not_keep_a_batch_waiting(bench, workspace, batch):
    for _ in range(2):
        bench.submit("slow")
    batches.submit(workspace, batch, DECIDED)
    supervisor = Supervisor(workspace, slots=1)
    kinds = []
    supervisor.start = lambda job: kinds.append(job.kind) or supervisor.workers.update(
        {job.id: type("W", (), {"job": job})}
    )
    while job := supervisor.queue.claim(supervisor._kinds(), ()):
        supervisor.start(job)
    assert kinds == ["build", "predict"]


def test_deleting(workspace, model, batch):
    batches.submit(workspace, batch, DECIDED)
    for delete in (lambda: workspace.batches.delete(batch.id), lambda: workspace.delete_model(model.id)):
        with pytest.raises(StoreError, match="Cancel"):
            delete()
    run(workspace)
    workspace.delete_model(model.id)
    with pytest.raises(StoreError, match="no such batch"):
        workspace.batches.get(batch.id)
    assert list((workspace.home / "batches").iterdir()) == []


@pytest.mark.kill
def test_kill_9_through_the_supervisor(workspace, model, kill):
    path = workspace.staging / "upload"
    pd.concat([customers(2000, seed=s) for s in range(15)]).to_csv(path, index=False)
    batch = batches.of_upload(workspace, model.id, path, "many.csv")
    job = batches.submit(workspace, batch, DECIDED)
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "automl.jobs.supervisor"], cwd=ROOT, start_new_session=True,
        env={**__import__("os").environ, "FORETABLE_HOME": str(workspace.home), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        pid = until(lambda: client.status(workspace, job.id).pid, "the worker")
        until(lambda: (workspace.batches.folder(batch.id) / "work").is_dir(), "the first piece")
        kill(pid)
        until(lambda: client.status(workspace, job.id).state.is_finished, "the end")
    finally:
        supervisor.terminate()
        supervisor.wait(timeout=10)
    assert client.status(workspace, job.id).state is JobState.SUCCEEDED
    assert client.status(workspace, job.id).attempt == 2
    done = workspace.batches.get(batch.id)
    assert len(pd.read_csv(workspace.batches.output(done, "csv"))) == 30_000
