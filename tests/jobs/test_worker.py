from __future__ import annotations

import errno
import time

import pytest

from automl.errors import BuildCancelled, JobError
from automl.jobs import client, worker
from automl.jobs.queue import Queue
from automl.types import JobKind, JobState


@pytest.fixture
def run(bench):
    """Run one job here, in this process, with the given handler."""

    def run(handler, **payload):
        bench.submit(**payload)
        job = Queue(bench.workspace.database).claim()
        worker.run_job(bench.workspace, job.id, job.lease, {JobKind.BUILD: handler})
        return bench.job(job)

    return run


def raises(error):
    def handler(work):
        raise error

    return handler


def test_a_job_that_succeeds(run, bench):
    job = run(lambda work: work.emit({"type": "done", "t": 0.1}))
    assert (job.state, job.error) == (JobState.SUCCEEDED, None)
    assert [e["type"] for e in bench.events(job)] == ["started", "done"]
    assert bench.events(job)[0]["attempt"] == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (JobError("One sentence."), "One sentence."),
        (MemoryError(), "more memory than there is"),
        (OSError(errno.ENOSPC, "x"), "The disk is full. This was not saved; all that was saved before"),
        (ZeroDivisionError("division by\nzero"), r"did not expect \(ZeroDivisionError: division by zero\)"),
        (ValueError(), r"\(ValueError: no message\)"),
    ],
)
def test_a_job_that_fails_leaves_a_sentence(run, bench, error, sentence):
    job = run(raises(error))
    assert job.state is JobState.FAILED
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError(job.error)
    assert bench.events(job, "failed")[0]["error"] == job.error


def test_a_cancelled_job_leaves_no_model_behind(run, bench):
    def handler(work):
        (work.folder / "work").mkdir()
        client.cancel(work.workspace, work.job.id)
        while work.should_stop() != "cancel":
            time.sleep(0.01)
        raise BuildCancelled("x")

    job = run(handler)
    assert (job.state, job.error) == (JobState.CANCELLED, None)
    assert bench.events(job)[-1]["type"] == "cancelled"
    assert not (bench.workspace.build_folder(job.subject) / "work").exists()


def test_a_cancel_that_comes_too_late_drops_the_model_all_the_same(run, bench):
    def handler(work):
        (work.folder / "bundle").mkdir()
        (work.folder / "bundle" / "manifest.json").write_text("{}")
        client.cancel(work.workspace, work.job.id)

    job = run(handler)
    assert job.state is JobState.CANCELLED
    assert bench.workspace.bundle_folder(job.subject) is None


def test_finish_is_a_wish(run):
    def handler(work):
        assert work.should_stop() is None
        client.finish_now(work.workspace, work.job.id)
        while work.should_stop() != "finish":
            time.sleep(0.01)

    assert run(handler).state is JobState.SUCCEEDED


def test_a_handler_whose_lease_is_lost_writes_nothing_more(run, bench, monkeypatch):
    monkeypatch.setattr(worker, "BEAT_SECONDS", 60.0)
    seen = []

    def handler(work):
        seen.append(work.job)
        work.queue.end_dead(work.job, JobState.FAILED, "It stopped.")
        work.emit({"type": "late"})

    with pytest.raises(JobError, match="is lost"):
        run(handler)
    assert bench.job(seen[0]).error == "It stopped."
    assert [e["type"] for e in bench.events(seen[0])] == ["started"]


def test_a_worker_with_an_old_lease_does_not_begin(bench):
    job = bench.submit()
    queue = Queue(bench.workspace.database)
    queue.requeue(queue.claim(), begun=False)
    with pytest.raises(JobError, match="is lost"):
        worker.run_job(bench.workspace, job.id, 1)
    assert bench.events(job) == []


def test_the_heart_beats(run, wait_until, monkeypatch):
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.02)
    beats = []

    def handler(work):
        def beat():
            beats.append(work.queue.get(work.job.id).heartbeat)
            return len(set(beats)) >= 3

        wait_until(beat, "three heartbeats")

    assert run(handler).state is JobState.SUCCEEDED


def test_there_is_a_handler_for_every_kind_that_can_be_submitted():
    assert set(client.SUBMITTED_KINDS) == set(worker.HANDLERS)


def test_the_build_handler_hands_the_order_on(run, bench, monkeypatch):
    from automl import build

    given = {}
    monkeypatch.setattr(build, "run", lambda *args, **named: given.update(named, spec=args[0]))
    monkeypatch.setenv("FORETABLE_THREADS", "3")
    job = run(worker.build)
    assert job.state is JobState.SUCCEEDED
    assert given["spec"].budget.threads == 3
    assert given["spec"].dataset == bench.dataset.id
    assert given["out"] == bench.workspace.build_folder(job.subject)
    assert given["resume"] is False
    assert given["started"] <= time.monotonic()
