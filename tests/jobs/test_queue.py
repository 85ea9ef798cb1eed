from __future__ import annotations

import threading

import pytest

from automl.errors import JobError
from automl.jobs.queue import Process, Queue
from automl.store import Workspace
from automl.types import JobKind, JobState

HERE = Process(1234, 1000.0, 10.0)


@pytest.fixture
def queue(workspace) -> Queue:
    return Queue(workspace.database)


@pytest.fixture
def put(queue, workspace):
    def put(subject: str = "m1", **payload):
        return queue.submit(JobKind.BUILD, workspace.project().id, subject, payload)

    return put


def test_a_job_goes_its_way(queue, put):
    job = put(act="x")
    assert (job.state, job.lease, job.attempt, job.payload) == (JobState.QUEUED, 0, 0, {"act": "x"})
    job = queue.claim()
    assert (job.state, job.lease, job.attempt) == (JobState.RUNNING, 1, 1)
    assert job.started >= job.created
    assert queue.process(job.id) is None
    queue.register(job.id, 1, HERE)
    assert queue.process(job.id) == HERE
    assert queue.beat(job.id, 1) is None
    done = queue.finish(job.id, 1, JobState.SUCCEEDED)
    assert (done.state, done.error, done.pid) == (JobState.SUCCEEDED, None, 1234)
    assert done.finished >= done.heartbeat >= job.started


def test_the_oldest_job_is_claimed_first(queue, put):
    jobs = [put(s) for s in ("m1", "m2", "m3")]
    assert [queue.claim().id for _ in jobs] == [j.id for j in jobs]
    assert queue.claim() is None


def test_a_job_of_a_busy_subject_waits(queue, put):
    first, second = put("m1"), put("m2")
    assert queue.claim(besides={"m1"}).id == second.id
    assert queue.claim(besides={"m1"}) is None
    assert queue.claim().id == first.id


def test_each_job_is_claimed_once(workspace, put):
    jobs = [put(f"m{i}") for i in range(12)]
    claimed: list[str] = []

    def work() -> None:
        queue = Queue(Workspace(workspace.home).database)
        while job := queue.claim():
            claimed.append(job.id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(j.id for j in jobs)


def test_a_subject_has_one_active_job(queue, put):
    job = put()
    assert put().id == job.id
    queue.claim()
    assert put().id == job.id
    queue.finish(job.id, 1, JobState.FAILED, "x")
    assert put().id != job.id


def test_a_late_worker_cannot_write(queue, put):
    job = put()
    first = queue.claim()
    queue.register(job.id, first.lease, HERE)
    queue.end_dead(first, JobState.FAILED, "It stopped.")
    for write in (
        lambda: queue.register(job.id, first.lease, HERE),
        lambda: queue.beat(job.id, first.lease),
        lambda: queue.check(job.id, first.lease),
        lambda: queue.finish(job.id, first.lease, JobState.SUCCEEDED),
    ):
        with pytest.raises(JobError, match="is lost"):
            write()
    assert queue.get(job.id).error == "It stopped."


def test_a_worker_of_an_earlier_claim_cannot_write(queue, put):
    put()
    first = queue.claim()
    assert queue.requeue(first, begun=True).state is JobState.QUEUED
    second = queue.claim()
    assert (second.lease, second.attempt, second.payload["resume"]) == (3, 2, True)
    with pytest.raises(JobError, match="is lost"):
        queue.beat(first.id, first.lease)
    assert queue.beat(second.id, second.lease) is None


def test_an_attempt_that_never_began_does_not_count(queue, put):
    put()
    queue.requeue(queue.claim(), begun=False)
    job = queue.claim()
    assert (job.attempt, job.payload) == (1, {})


def test_ending_a_job_that_has_ended_changes_nothing(queue, put):
    put()
    job = queue.claim()
    queue.finish(job.id, job.lease, JobState.SUCCEEDED)
    assert queue.end_dead(job, JobState.FAILED, "late").state is JobState.SUCCEEDED
    assert queue.requeue(job, begun=True).state is JobState.SUCCEEDED


def test_cancel_ends_a_queued_job_and_asks_a_running_one(queue, put):
    job = put()
    assert queue.wish(job.id, "cancel").state is JobState.CANCELLED
    running = put()
    queue.claim()
    assert queue.wish(running.id, "cancel").state is JobState.RUNNING
    assert queue.check(running.id, 1) == "cancel"
    assert queue.wish(running.id, "finish").wish == "cancel"
    assert queue.finish(running.id, 1, JobState.SUCCEEDED).state is JobState.CANCELLED
    assert queue.wish(running.id, "cancel").state is JobState.CANCELLED


def test_finish_is_for_running_jobs(queue, put):
    job = put()
    with pytest.raises(JobError, match="not started yet"):
        queue.wish(job.id, "finish")
    queue.claim()
    assert queue.wish(job.id, "finish").wish == "finish"
    assert queue.wish(job.id, "cancel").wish == "cancel"


def test_an_unknown_job_is_said_so(queue):
    with pytest.raises(JobError, match="no such job"):
        queue.get("j1")


def test_jobs_are_filtered(queue, put, workspace):
    first, second = put("m1"), put("m2")
    queue.claim()
    assert [j.id for j in queue.jobs()] == [first.id, second.id]
    assert [j.id for j in queue.jobs(JobState.QUEUED)] == [second.id]
    assert [j.id for j in queue.jobs(subject="m1")] == [first.id]
    assert queue.jobs(project="p1") == []
    assert len(queue.jobs(project=workspace.project().id)) == 2
