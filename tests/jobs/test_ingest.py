"""A large upload is read by a job: the app answers meanwhile, and whatever happens nothing is left lying about."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from automl.data import ingest as ingests
from automl.errors import StoreError
from automl.jobs import client, worker
from automl.jobs.queue import Queue
from automl.jobs.supervisor import Supervisor
from automl.types import JobKind, JobState
from tests.jobs.conftest import ROOT, until

PROJECT = "p0000000000000001"


def submit(workspace, text="a;b\n1,5;x\n2,5;y\n", name="t.csv", **options):
    upload = workspace.staging / "upload"
    upload.write_text(text)
    return client.ingest(workspace, upload, name=name, project=PROJECT, options=options)


def run(workspace):
    job = Queue(workspace.database).claim()
    worker.run_job(workspace, job.id, job.lease)
    return client.status(workspace, job.id)


@pytest.mark.parametrize("large", [False, True])
def test_an_upload_becomes_a_data_set(workspace, monkeypatch, large):
    monkeypatch.setattr(ingests, "LARGE_BYTES", 1 if large else 1 << 30)
    job = run(workspace) if submit(workspace) else None
    assert job.state is JobState.SUCCEEDED
    dataset = workspace.dataset(job.subject)
    assert (dataset.name, dataset.rows, dataset.project) == ("t.csv", 2, PROJECT)
    assert workspace.frame(dataset.id)["a"].tolist() == [1.5, 2.5]
    assert workspace.original(dataset.id).read_text() == "a;b\n1,5;x\n2,5;y\n"
    assert ("sampled" in dataset.report.options) is large
    assert list((workspace.home / "intake").iterdir()) == []
    assert client.reading_share(workspace, job) == 1


def test_what_is_no_table_leaves_a_sentence_and_nothing_else(workspace):
    submit(workspace, "<html>Sign in</html>", name="page.csv")
    job = run(workspace)
    assert job.state is JobState.FAILED
    assert job.error.startswith("'page.csv' is a web page (HTML), not a table.")
    with pytest.raises(StoreError):
        workspace.dataset(job.subject)
    for folder in ("intake", "datasets", "staging"):
        assert list((workspace.home / folder).iterdir()) == []


def test_cancelled_before_and_while_it_is_read(workspace):
    job = submit(workspace)
    client.cancel(workspace, job.id)
    assert list((workspace.home / "intake").iterdir()) == []
    job = submit(workspace)
    claimed = Queue(workspace.database).claim()
    client.cancel(workspace, job.id)
    worker.run_job(workspace, claimed.id, claimed.lease)
    assert client.status(workspace, job.id).state is JobState.CANCELLED
    assert not workspace.has_dataset(job.subject)
    assert list((workspace.home / "intake").iterdir()) == []


def test_a_killed_reader_leaves_a_sentence(workspace):
    job = submit(workspace)
    claimed = Queue(workspace.database).claim()
    dead = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    dead.wait()
    supervisor = Supervisor(workspace)
    from automl.jobs.supervisor import Worker

    supervisor.workers[job.id] = Worker(claimed, None, dead, dead.pid, beat_seen=0.0)
    supervisor._bury(supervisor.workers[job.id])
    ended = client.status(workspace, job.id)
    assert ended.state is JobState.FAILED
    assert ended.error.startswith("The process that read the file stopped unexpectedly after ")
    assert ended.error.endswith("Upload it again.")
    assert list((workspace.home / "intake").iterdir()) == []


def test_builds_that_fill_the_slots_do_not_keep_a_file_waiting(bench):
    for _ in range(3):
        bench.submit("slow")
    job = submit(bench.workspace)
    supervisor = Supervisor(bench.workspace, slots=1)
    started = []
    supervisor.start = lambda job: started.append(job.kind) or supervisor.workers.update(
        {job.id: type("W", (), {"job": job})}
    )
    while found := supervisor.queue.claim(supervisor._kinds(), {w.job.subject for w in supervisor.workers.values()}):
        supervisor.start(found)
    assert started == [JobKind.BUILD, JobKind.INGEST]
    assert client.status(bench.workspace, job.id).state is JobState.RUNNING


def test_the_real_thing(workspace, monkeypatch):
    """Through the supervisor, in a process of its own."""
    table = pd.DataFrame({"n": range(20_000), "x": [i / 7 for i in range(20_000)]})
    job = submit(workspace, table.to_csv(index=False), name="numbers.csv")
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "automl.jobs.supervisor"], cwd=ROOT, start_new_session=True,
        env={**__import__("os").environ, "FORETABLE_HOME": str(workspace.home), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        ended = until(lambda: (j := client.status(workspace, job.id)).state.is_finished and j, "the reading")
    finally:
        supervisor.terminate()
        supervisor.wait(timeout=10)
    assert ended.state is JobState.SUCCEEDED
    assert workspace.dataset(job.subject).rows == 20_000


@pytest.mark.parametrize(("heads", "told"), [(True, [worker.POLITE]), (False, [])])
def test_reading_gives_way_to_the_app_in_a_process_of_its_own(monkeypatch, tmp_path, heads, told):
    said: list[int] = []
    session = tmp_path / "autogroup"
    monkeypatch.setattr(worker, "AUTOGROUP", session)
    monkeypatch.setattr(worker.os, "nice", said.append)
    monkeypatch.setattr(worker.os, "getpgrp", lambda: worker.os.getpid() if heads else 1)
    worker._let_others_first()
    assert said == told
    assert [int(session.read_text())] == told if heads else not session.exists()


@pytest.mark.skipif(not worker.AUTOGROUP.exists(), reason="the system shares the processor out among processes")
def test_a_session_of_its_own_gives_way():
    code = "from automl.jobs import worker; worker._let_others_first(); print(open(worker.AUTOGROUP).read())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, start_new_session=True)
    assert done.stdout.split()[-2:] == ["nice", "19"]
