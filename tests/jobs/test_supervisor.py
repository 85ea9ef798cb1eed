"""The real supervisor and worker as processes; only the build is acted (see standin.py)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from automl.errors import JobError
from automl.jobs import client, lock, processes, supervisor
from automl.jobs.queue import Process, Queue
from automl.jobs.supervisor import Supervisor, epitaph
from automl.types import JobState


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


# -- the ordinary way ---------------------------------------------------------------------


def test_jobs_are_run(bench):
    first, second, third = (bench.submit() for _ in range(3))
    bench.supervise()
    for job in (first, second, third):
        assert bench.until_ended(job).state is JobState.SUCCEEDED
        assert bench.workspace.bundle_folder(job.subject)
    assert [e["type"] for e in bench.events(first)][:2] == ["started", "stage"]
    assert "Traceback" not in client.log_path(bench.workspace, first.subject).read_text()


def test_two_builds_run_at_once_and_share_the_cores(bench):
    jobs = [bench.submit("wait") for _ in range(3)]
    bench.supervise(FORETABLE_SLOTS="2")
    first, second = (bench.until_running(job, trials=2) for job in jobs[:2])
    assert bench.job(jobs[2]).state is JobState.QUEUED
    cores = len(os.sched_getaffinity(0))
    for job, threads in ((first, cores), (second, max(1, cores // 2))):
        assert bench.events(job, "trial")[0]["trial"]["threads"] == str(threads)
    client.finish_now(bench.workspace, first.id)
    assert bench.until_ended(first).state is JobState.SUCCEEDED
    bench.until_running(jobs[2])


def test_a_failure_is_told_in_a_sentence(bench):
    refused, crashed = bench.submit("refuse"), bench.submit("crash")
    bench.supervise()
    assert bench.until_ended(refused).error == "No candidate finished in the time given."
    assert "ZeroDivisionError" in bench.until_ended(crashed).error
    assert "Traceback" in client.log_path(bench.workspace, crashed.subject).read_text()


def test_a_data_set_deleted_before_the_build_has_read_it(bench):
    job = bench.submit("read")
    bench.workspace.delete_dataset(bench.dataset.id)
    bench.supervise()
    assert bench.until_ended(job).error == (
        "The data set 't' was deleted. Choose another one, or upload it again."
    )


def test_cancel_and_finish(bench):
    cancelled, finished = bench.submit("wait"), bench.submit("wait")
    bench.supervise()
    for job in (cancelled, finished):
        bench.until_running(job, trials=2)
    client.cancel(bench.workspace, cancelled.id)
    client.finish_now(bench.workspace, finished.id)
    assert bench.until_ended(cancelled).state is JobState.CANCELLED
    assert bench.until_ended(finished).state is JobState.SUCCEEDED
    assert bench.workspace.bundle_folder(cancelled.subject) is None


# -- things that go wrong -----------------------------------------------------------------


def test_a_worker_that_is_killed_is_seen_and_a_retry_goes_on(bench, kill):
    job = bench.submit("once")
    bench.supervise()
    running = bench.until_running(job, trials=2)
    kill(running.pid)
    killed = time.monotonic()
    ended = bench.until_ended(job)
    assert time.monotonic() - killed < 5.0
    assert ended.state is JobState.FAILED
    assert ended.error.startswith("The build's process stopped unexpectedly after ")
    assert ended.error.endswith(" s. 2 finished candidates are kept: retry goes on from them.")
    assert bench.events(job)[-1]["error"] == ended.error
    again = bench.until_ended(client.retry(bench.workspace, job.id))
    assert (again.state, again.attempt) == (JobState.SUCCEEDED, 2)
    assert bench.completed(job) == 2


def test_children_of_a_killed_worker_are_killed_as_well(bench, kill, wait_until):
    job = bench.submit("children")
    bench.supervise()
    bench.until_running(job)
    path = bench.workspace.build_folder(job.subject) / "children.json"
    wait_until(path.exists, "the children to be started")
    children = wait_until(lambda: json.loads(path.read_text() or "[]"), "their names")
    kill(bench.job(job).pid)
    bench.until_ended(job)
    assert all(gone(pid) for pid in children)


def test_a_worker_that_does_not_heed_a_cancel_is_killed(bench, wait_until):
    job = bench.submit("deaf")
    bench.supervise()
    pid = bench.until_running(job, trials=2).pid
    client.cancel(bench.workspace, job.id)
    assert bench.until_ended(job).state is JobState.CANCELLED
    wait_until(lambda: gone(pid), "the worker to be killed")
    assert not (bench.workspace.build_folder(job.subject) / "work").exists()
    assert bench.events(job)[-1]["type"] == "cancelled"


def test_a_worker_that_froze_is_ended(bench):
    job = bench.submit("wait")
    bench.supervise()
    running = bench.until_running(job, trials=2)
    os.kill(running.pid, signal.SIGSTOP)
    ended = bench.until_ended(job)
    assert ended.error.startswith("The build's process stopped answering for 3.0 s and was ended. 2 finished")


def test_a_model_that_was_sealed_counts_though_its_worker_died(bench):
    job = bench.submit("die sealed")
    bench.supervise()
    assert bench.until_ended(job).state is JobState.SUCCEEDED


def test_a_build_that_takes_too_much_memory_is_stopped(bench):
    job = bench.submit("eat")
    bench.supervise(FORETABLE_MEMORY_MB="250")
    ended = bench.until_ended(job)
    assert ended.state is JobState.FAILED
    assert "of memory, more than the 262 MB it may use here" in ended.error
    assert "2 finished candidates are kept" in ended.error


def test_a_killed_supervisor_is_replaced_and_its_workers_are_adopted(bench, kill):
    waiting, doomed = bench.submit("wait"), bench.submit("wait")
    first = bench.supervise()
    pids = [bench.until_running(job, trials=2).pid for job in (waiting, doomed)]
    queued = bench.submit("quick")
    kill(first)
    bench.supervise()
    kill(pids[1])
    assert "2 finished candidates are kept" in bench.until_ended(doomed).error
    assert bench.until_ended(queued).state is JobState.SUCCEEDED
    running = bench.job(waiting)
    assert (running.state, running.pid, running.lease, running.attempt) == (JobState.RUNNING, pids[0], 1, 1)
    client.finish_now(bench.workspace, waiting.id)
    assert bench.until_ended(waiting).state is JobState.SUCCEEDED
    assert len(bench.events(waiting, "started")) == 1


def test_a_worker_ends_its_job_without_any_supervisor(bench, kill):
    job = bench.submit("wait")
    only = bench.supervise()
    bench.until_running(job, trials=2)
    kill(only)
    client.finish_now(bench.workspace, job.id)
    assert bench.until_ended(job).state is JobState.SUCCEEDED


def test_a_supervisor_that_is_asked_to_stop_leaves_its_workers_at_work(bench):
    job = bench.submit("wait")
    asked = bench.supervise()
    pid = bench.until_running(job, trials=2).pid
    asked.terminate()
    assert asked.wait(timeout=10) == 0
    assert psutil.pid_exists(pid)
    assert bench.job(job).state is JobState.RUNNING


# -- adoption, without processes ------------------------------------------------------------


@pytest.fixture
def claimed(bench):
    """A job that a supervisor, now gone, had claimed and whose worker, now dead, had registered."""

    def claimed(process: Process | None):
        job = bench.submit("quick")
        queue = Queue(bench.workspace.database)
        job = queue.claim()
        if process:
            queue.register(job.id, job.lease, process)
        Supervisor(bench.workspace, slots=1).adopt(job)
        return bench.job(job)

    return claimed


def dead(host_started: float) -> Process:
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    return Process(finished.pid, 1.0, host_started)


def test_a_job_whose_worker_never_registered_is_queued_again(claimed):
    job = claimed(None)
    assert (job.state, job.lease, job.attempt) == (JobState.QUEUED, 2, 0)


def test_a_job_that_died_with_the_machine_is_queued_again_to_go_on(claimed):
    job = claimed(dead(host_started=5.0))
    assert (job.state, job.attempt, job.payload["resume"]) == (JobState.QUEUED, 1, True)


def test_a_job_that_died_alone_has_failed(claimed):
    job = claimed(dead(processes.host_started()))
    assert (job.state, job.error) == (JobState.FAILED, epitaph(0, 0))


def test_a_number_that_belongs_to_another_process_by_now_is_not_adopted(claimed):
    assert claimed(Process(os.getpid(), 1.0, processes.host_started())).state is JobState.FAILED


# -- one a workspace ------------------------------------------------------------------------


def test_there_is_one_supervisor_a_workspace(bench, wait_until):
    first = bench.supervise()
    wait_until(lambda: client.supervisor_running(bench.workspace), "the supervisor")
    second = bench.supervise()
    assert second.wait(timeout=20) != 0
    assert first.poll() is None
    assert "is running already" in (bench.workspace.home / "supervisor.log").read_text()


def test_looking_at_the_lock_does_not_take_it(tmp_path):
    assert not lock.held(tmp_path)
    handle = lock.acquire(tmp_path)
    assert lock.held(tmp_path)
    assert lock.same_file(handle, tmp_path)
    (tmp_path / lock.NAME).unlink()
    assert not lock.same_file(handle, tmp_path)
    handle.close()
    assert not lock.held(tmp_path)


def test_submit_starts_a_supervisor_that_goes_when_nothing_needs_it(bench, wait_until):
    """A program submits and ends; its supervisor does the work, then ends as well."""
    model = bench.workspace.add_model("M", bench.dataset.id)
    bench.workspace.update_model(model.id, spec=bench.spec())
    code = (
        "import sys; from automl.jobs import client; from automl.store import Workspace; w = Workspace();"
        "print(client.submit(w, 'build', sys.argv[1], {}).id); w.delete_dataset(sys.argv[2]);"
        "print(client.ensure_supervisor(w))"
    )
    env = {k: v for k, v in os.environ.items() if k != "FORETABLE_SUPERVISOR"}
    env |= {"FORETABLE_HOME": str(bench.workspace.home), "PYTHONPATH": str(Path(__file__).parents[2])}
    order = [sys.executable, "-c", code, model.id, bench.dataset.id]
    done = subprocess.run(order, env=env, capture_output=True, text=True, timeout=60)
    job_id, again = done.stdout.split()
    assert again == "False"
    log = bench.workspace.home / "supervisor.log"
    wait_until(lambda: client.status(bench.workspace, job_id).state.is_finished, "the job to end")
    wait_until(lambda: "no work is left" in log.read_text(), "the supervisor to leave")
    assert "was deleted" in client.status(bench.workspace, job_id).error


def test_a_supervisor_goes_with_its_workspace(bench, wait_until):
    process = bench.supervise()
    wait_until(lambda: client.supervisor_running(bench.workspace), "the supervisor")
    (bench.workspace.home / lock.NAME).unlink()
    assert process.wait(timeout=10) == 0


def test_an_idle_supervisor_is_small(bench, wait_until):
    process = bench.supervise()
    wait_until(lambda: client.supervisor_running(bench.workspace), "the supervisor")
    assert psutil.Process(process.pid).memory_info().rss < 45e6


def test_slots_are_checked(monkeypatch):
    monkeypatch.setenv("FORETABLE_SLOTS", "none")
    with pytest.raises(JobError, match="above 0, not 'none'"):
        supervisor.slots_from_environment()


@pytest.mark.parametrize(
    ("kept", "ending"),
    [
        (0, "No candidate had finished: retry starts again."),
        (1, "1 finished candidate is kept: retry goes on from it."),
        (3, "3 finished candidates are kept: retry goes on from them."),
    ],
)
def test_the_epitaph_counts(kept, ending):
    assert epitaph(34.2, kept) == f"The build's process stopped unexpectedly after 34 s. {ending}"
