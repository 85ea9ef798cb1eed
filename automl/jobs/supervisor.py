"""The one process a workspace that runs its jobs: `python -m automl worker`.

Each turn of its loop, four times a second: look after the workers that run (dead, silent, too
large, to be cancelled), then start queued jobs while there are free slots. Killed and started
again it adopts the workers that still live. It imports nothing heavy, so that it can wait for
days in little memory.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from automl import config, memory, wording
from automl.errors import ForetableError, JobError, StoreError
from automl.jobs import events, launch, lock, processes
from automl.jobs.queue import ACTIVE, Process, Queue
from automl.jobs.watch import Watcher
from automl.jobs.worker import drop
from automl.store.workspace import Workspace
from automl.types import Job, JobKind, JobState

log = logging.getLogger(__name__)

TURN_SECONDS = 0.25
GRACE_SECONDS = 5.0  # for a cancelled worker to stop by itself, and for an ended one to go
SILENT_SECONDS = 120.0  # without a new heartbeat a worker counts as hung
MEMORY_SECONDS = 1.0
TROUBLE_SECONDS = 2.0  # until the next try, after a turn that failed
MOST_ATTEMPTS = 3  # a job is put back in the queue after a restart of the machine this often
DEFAULT_SLOTS = 2
READERS = 2  # files that are read at a time, beside the builds
CURVES = 1  # learning curves that are measured at a time, beside the builds
PREDICTORS = 1  # batches that are predicted at a time, beside the builds: each uses all cores


@dataclass
class Worker:
    """A running worker as the supervisor sees it. `child` is None when it was adopted."""

    job: Job
    process: Process | None
    child: subprocess.Popen[bytes] | None
    pid: int
    beat: str | None = None
    beat_seen: float = 0.0
    leaving_since: float | None = None  # when it was first seen to be cancelled, or to have ended its job
    killed_because: str | None = None

    def is_dead(self) -> bool:
        if self.child is not None:
            return self.child.poll() is not None
        return self.process is None or not processes.is_alive(self.process, self.job.id)


class Supervisor:
    """Runs the jobs of one workspace.

    Parameters
    ----------
    workspace : Workspace
    slots : int, optional
        Jobs at a time; ``FORETABLE_SLOTS`` or 2 by default.
    worker_command : tuple of str
        What a worker is started with; the job's id and lease are appended.
    grace_seconds, silent_seconds : float
        See the constants of this module.

    Raises
    ------
    JobError
        A setting is not a number. From `run`: another supervisor has the workspace.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        slots: int | None = None,
        worker_command: tuple[str, ...] = launch.WORKER,
        grace_seconds: float = GRACE_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self.workspace, self.queue = workspace, Queue(workspace.database)
        self.slots = slots or slots_from_environment()
        self.worker_command = worker_command
        self.grace_seconds, self.silent_seconds = grace_seconds, silent_seconds
        self.workers: dict[str, Worker] = {}
        self._memory_looked = 0.0
        memory.limit_bytes(0)  # a setting that is no number is refused now

    def run(self, stop: threading.Event, *, watch: Process | None = None) -> None:
        """Hold the workspace and work until `stop` is set; workers that run are left running.

        `watch`: once that process is gone and no work is left, return as well.
        """
        handle = lock.acquire(self.workspace.home)
        if handle is None:
            raise JobError(f"A worker for the workspace '{self.workspace.home}' is running already.")
        with handle:
            log.info("supervising %s with %s slots", self.workspace.home, self.slots)
            self._guarded(self.workspace.sweep)
            # a large file takes its time to be copied: workers are looked after meanwhile
            watcher = threading.Thread(target=Watcher(self.workspace).keep_looking, args=(stop,), daemon=True)
            watcher.start()
            pause = 0.0
            while not stop.wait(pause):
                if not lock.same_file(handle, self.workspace.home):
                    log.info("the workspace is gone")
                    return
                pause = TURN_SECONDS if self._guarded(self.turn) else TROUBLE_SECONDS
                if watch is not None and not processes.is_alive(watch, _NO_MARK) and self._guarded(self._no_work):
                    log.info("process %s is gone and no work is left", watch.pid)
                    return
            log.info("stopping; %s workers go on by themselves", len(self.workers))

    def turn(self) -> None:
        """Look after every worker, take over those of an earlier supervisor, start what can be started."""
        running = {job.id: job for job in self.queue.jobs(JobState.RUNNING)}
        for job in running.values():
            if job.id not in self.workers:
                self.adopt(job)
        for worker in list(self.workers.values()):
            self._look_after(worker, running.get(worker.job.id))
        if time.monotonic() - self._memory_looked >= MEMORY_SECONDS:
            self._memory_looked = time.monotonic()
            self._watch_memory()
        # a worker that has ended its job may still be tidying its folder
        while job := self.queue.claim(self._kinds(), {w.job.subject for w in self.workers.values()}):
            self.start(job)

    def _kinds(self) -> list[JobKind]:
        """What may be started now: builds share the slots, and nobody waits for them to get a file read."""
        at_work = Counter(w.job.kind for w in self.workers.values())
        most = {JobKind.BUILD: self.slots, JobKind.INGEST: READERS, JobKind.PREDICT: PREDICTORS, JobKind.LEARN: CURVES}
        return [kind for kind, limit in most.items() if at_work[kind] < limit]

    def start(self, job: Job) -> None:
        """Start the worker of a claimed job, with its share of the cores."""
        threads = max(1, config.available_threads() // (len(self.workers) + 1))
        try:
            folder = self.workspace.job_folder(job.kind, job.subject)
            child = launch.start_worker(
                self.worker_command, self.workspace.home, folder, job.id, job.lease, threads
            )
        except (OSError, ForetableError) as e:
            log.exception("job %s", job.id)
            self.queue.end_dead(job, JobState.FAILED, f"The process for it could not be started: {e}.")
            return
        log.info("job %s: process %s, attempt %s, %s threads", job.id, child.pid, job.attempt, threads)
        self.workers[job.id] = Worker(job, None, child, child.pid, beat_seen=time.monotonic())

    def adopt(self, job: Job) -> None:
        """Take over a running job that an earlier supervisor started.

        A worker that lives is watched from here on. One that has not registered yet is refused its
        lease, and the job is queued again. One that died with the machine is queued again, to go on
        from its finished candidates; any other dead one has failed.
        """
        process = self.queue.process(job.id)
        if process is None:
            log.info("job %s: no worker had registered, queued again", job.id)
            self.queue.requeue(job, begun=False)
            return
        worker = Worker(job, process, None, process.pid, job.heartbeat, time.monotonic())
        if not worker.is_dead():
            log.info("job %s: adopted process %s", job.id, process.pid)
            self.workers[job.id] = worker
        elif self._died_with_the_machine(job, process):
            log.info("job %s: the machine was restarted, queued again", job.id)
            self.queue.requeue(job, begun=True)
        else:
            self._bury(worker)

    def _died_with_the_machine(self, job: Job, process: Process) -> bool:
        tried_enough = job.attempt >= MOST_ATTEMPTS
        if tried_enough or job.wish or not processes.host_was_restarted(process):
            return False
        return not events.sealed(self._events(job))

    def _no_work(self) -> bool:
        """Nothing runs, waits, or is looked out for: an automation goes on while nobody has the app open."""
        idle = not self.workers and not self.queue.jobs(*ACTIVE)
        return idle and not self.workspace.batches.automations(enabled=True)

    # -- one worker --------------------------------------------------------------------

    def _look_after(self, worker: Worker, job: Job | None) -> None:
        now = time.monotonic()
        if worker.is_dead():
            self._bury(worker)
            return
        if job is None or job.lease != worker.job.lease:  # it has ended its job: it should be going
            self._see_off(worker, now)
            return
        if job.heartbeat != worker.beat:
            worker.beat, worker.beat_seen = job.heartbeat, now
        elif now - worker.beat_seen > self.silent_seconds:
            self._kill(
                worker,
                f"The build's process stopped answering for {wording.duration(self.silent_seconds)} and was ended.",
            )
            return
        if job.wish == "cancel":
            self._see_off(worker, now)

    def _see_off(self, worker: Worker, now: float) -> None:
        if worker.leaving_since is None:
            worker.leaving_since = now
        elif now - worker.leaving_since > self.grace_seconds:
            log.warning("job %s: process %s is killed, its grace is over", worker.job.id, worker.pid)
            self._kill(worker, None)

    def _kill(self, worker: Worker, because: str | None) -> None:
        worker.killed_because = because
        processes.kill_group(worker.pid)
        if worker.child is not None:
            worker.child.wait(timeout=10)
        self._bury(worker)

    def _bury(self, worker: Worker) -> None:
        """The worker is dead: end what is left of its group, then end its job if it hasn't."""
        self._kill_leftovers(worker)
        self.workers.pop(worker.job.id, None)
        try:
            job = self.queue.get(worker.job.id)
        except JobError:  # deleted with its model once it had ended
            return
        if job.state is not JobState.RUNNING or job.lease != worker.job.lease:
            return
        if job.kind is JobKind.INGEST:
            self._bury_ingest(worker, job)
            return
        if job.kind is JobKind.PREDICT:
            self._bury_batch(worker, job)
            return
        if job.kind is JobKind.LEARN:
            self._bury_curve(worker, job)
            return
        folder, found = self.workspace.build_folder(job.subject), self._events(job)
        seconds = _seconds_since(job.started)
        if job.wish == "cancel":
            state, error = JobState.CANCELLED, None
            drop(folder)
            self._append(folder, {"type": "cancelled", "t": seconds})
        elif events.sealed(found) and self.workspace.bundle_folder(job.subject):
            state, error = JobState.SUCCEEDED, None
        else:
            state = JobState.FAILED
            error = epitaph(seconds, events.finished_candidates(found), worker.killed_because)
            self._append(folder, {"type": "failed", "t": seconds, "error": error})
        self.queue.end_dead(job, state, error)  # last: an ended job has everything in its place
        log.warning("job %s: its process ended without a word; %s", job.id, error or state)

    def _bury_ingest(self, worker: Worker, job: Job) -> None:
        """An upload's data set is there or it isn't; nothing else is kept."""
        if job.wish == "cancel":
            state, error = JobState.CANCELLED, None
        elif self.workspace.has_dataset(job.subject):
            state, error = JobState.SUCCEEDED, None
        else:
            state = JobState.FAILED
            error = worker.killed_because or (
                f"The process that read the file stopped unexpectedly after "
                f"{wording.duration(max(round(_seconds_since(job.started)), 1))}. Upload it again."
            )
        self.queue.end_dead(job, state, error)
        self.workspace.drop_intake(job.subject)
        log.warning("job %s: its process ended without a word; %s", job.id, error or state)

    def _bury_batch(self, worker: Worker, job: Job) -> None:
        """A batch is done or it isn't: nothing half is kept, so that one whose process died begins anew."""
        try:
            batch, folder = self.workspace.batches.get(job.subject), self.workspace.batches.folder(job.subject)
        except StoreError:
            self.queue.end_dead(job, JobState.FAILED, "The batch was deleted.")
            return
        if job.wish == "cancel":
            state, error = JobState.CANCELLED, None
            drop(folder)
        elif batch.outcome:
            state, error = JobState.SUCCEEDED, None
        elif worker.killed_because is None and job.attempt < MOST_ATTEMPTS:
            log.warning("job %s: its process ended without a word; queued again", job.id)
            self.queue.requeue(job, begun=True)
            return
        else:
            state = JobState.FAILED
            error = worker.killed_because or (
                f"The process that predicts stopped unexpectedly {job.attempt} times. Retry; the log has the details."
            )
        self.queue.end_dead(job, state, error)
        log.warning("job %s: its process ended without a word; %s", job.id, error or state)

    def _bury_curve(self, worker: Worker, job: Job) -> None:
        """A learning curve is kept whole at its end, or not at all."""
        drop(self.workspace.job_folder(job.kind, job.subject))
        if job.wish == "cancel":
            self.queue.end_dead(job, JobState.CANCELLED)
            return
        error = worker.killed_because or (
            f"The process that measured it stopped unexpectedly after "
            f"{wording.duration(max(round(_seconds_since(job.started)), 1))}. Measure it again; the model is as it was."
        )
        self.queue.end_dead(job, JobState.FAILED, error)
        log.warning("job %s: its process ended without a word; %s", job.id, error)

    @staticmethod
    def _append(folder: Path, event: dict[str, Any]) -> None:
        writer = events.EventWriter(folder / events.NAME)
        try:
            writer.write(event)
        finally:
            writer.close()

    def _kill_leftovers(self, worker: Worker) -> None:
        processes.kill_group(worker.pid)
        if not processes.group_is_gone(worker.pid):
            log.warning("job %s: processes of group %s are still there", worker.job.id, worker.pid)

    def _watch_memory(self) -> None:
        """Kill the largest job when it passes what a job may use on this machine."""
        used = {id: processes.tree_bytes(worker.pid) for id, worker in self.workers.items()}
        if not used:
            return
        largest = max(used, key=used.__getitem__)
        limit = memory.limit_bytes(used[largest])
        if used[largest] > limit:
            self._kill(
                self.workers[largest],
                f"This was stopped because it used {wording.filesize(used[largest])} of memory, more than the "
                f"{wording.filesize(limit)} it may use here. Use fewer rows or columns.",
            )

    def _events(self, job: Job) -> list[dict[str, Any]]:
        try:
            return events.read(self.workspace.job_folder(job.kind, job.subject) / events.NAME)[0]
        except StoreError:  # an upload that is read, and tidied away
            return []

    @staticmethod
    def _guarded(step: Callable[[], bool | None]) -> bool:
        """Take a step; whether it went well (and did not return False)."""
        try:
            return step() is not False
        except Exception:  # the boundary: a full disk or a locked index must not end the supervisor
            log.exception("this turn failed")
            return False


_NO_MARK = "\0"  # in no command line: a watched process is known by its start time alone


def epitaph(seconds: float, kept: int, because: str | None = None) -> str:
    """What the user reads about a build whose process is gone.

    >>> epitaph(34, 3)
    "The build's process stopped unexpectedly after 34 s. 3 finished candidates are kept: retry goes on from them."
    """
    what = because or f"The build's process stopped unexpectedly after {wording.duration(max(round(seconds), 1))}."
    if kept == 0:
        return f"{what} No candidate had finished: retry starts again."
    if kept == 1:
        return f"{what} 1 finished candidate is kept: retry goes on from it."
    return f"{what} {kept} finished candidates are kept: retry goes on from them."


def slots_from_environment() -> int:
    """Jobs at a time: ``FORETABLE_SLOTS``, 2 by default."""
    text = os.environ.get("FORETABLE_SLOTS") or str(DEFAULT_SLOTS)
    if not text.isdigit() or int(text) < 1:
        raise JobError(f"FORETABLE_SLOTS must be a whole number above 0, not '{text}'.")
    return int(text)


def _seconds_since(started: str | None) -> float:
    if not started:
        return 0.0
    return max((datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds(), 0.0)


def _watched(pid: int) -> Process:
    try:
        return Process(pid, psutil.Process(pid).create_time(), 0.0)
    except psutil.Error:
        return Process(pid, 0.0, 0.0)  # gone already


def main(argv: list[str] | None = None, home: Path | None = None, **options: Any) -> None:
    """Supervise the workspace until SIGTERM or SIGINT.

    Parameters
    ----------
    argv : list of str, optional
        ``--watch PID``; none by default.
    home : Path, optional
        The workspace's folder; by default as everywhere.
    **options
        For `Supervisor`.

    Raises
    ------
    JobError
        Another supervisor has the workspace.
    """
    parser = argparse.ArgumentParser(prog="python -m automl.jobs.supervisor")
    parser.add_argument("--watch", type=int, metavar="PID")
    args = parser.parse_args(argv or [])
    watch = _watched(args.watch) if args.watch else None
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    Supervisor(Workspace(home), **options).run(stop, watch=watch)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ForetableError as e:
        sys.exit(f"error: {e}")
