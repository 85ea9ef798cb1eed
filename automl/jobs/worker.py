"""One job in a process of its own: `python -m automl.jobs.worker JOB_ID LEASE`, started by the supervisor.

It registers with its lease, renews a heartbeat, runs the job's handler, and reports the end. Once
its lease is lost it stops at once, children included: another process may be at work.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automl.errors import BuildCancelled, ForetableError, JobError, StoreError
from automl.jobs import events, processes
from automl.jobs.queue import Queue
from automl.store import room
from automl.store.workspace import Workspace
from automl.types import Job, JobKind, JobState, replace

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
PROGRESS_SECONDS = 0.5  # between two events of a job that only says how far it is
FETCH_SHARE = 0.6  # of the progress of a table that is fetched, then read
POLITE = 19  # how much later than the app a process that reads or predicts a table gets the processor
WISH_SECONDS = 0.2  # a wish is looked up at most this often
EXIT_LEASE_LOST = 3
AUTOGROUP = Path("/proc/self/autogroup")


@dataclass
class Work:
    """What a handler gets: the job, where it writes, whom it tells, whom it asks."""

    workspace: Workspace
    job: Job
    folder: Path
    resume: bool
    writer: events.EventWriter
    queue: Queue
    started: float  # time.monotonic() when the process began: a build's time limit includes its imports
    stopped: threading.Event  # ends the heartbeat
    _looked: float = field(default=0.0, repr=False)
    _wish: str | None = field(default=None, repr=False)

    def emit(self, event: dict[str, Any]) -> None:
        """Append an event; raises JobError when the lease is lost."""
        self.queue.check(self.job.id, self.job.lease)
        self.writer.write(event)

    def should_stop(self) -> str | None:
        """None, "finish" (keep the best so far) or "cancel"."""
        if time.monotonic() - self._looked >= WISH_SECONDS:
            self._wish = self.queue.check(self.job.id, self.job.lease)
            self._looked = time.monotonic()
        return self._wish

    @property
    def elapsed(self) -> float:
        return round(time.monotonic() - self.started, 3)


Handler = Callable[[Work], None]


def _telling(work: Work, cancelled: str) -> Callable[[float], None]:
    """What takes the share that is done: tells it now and then, and raises BuildCancelled where that is wished."""
    told = 0.0

    def progress(share: float) -> None:
        nonlocal told
        if work.should_stop() == "cancel":
            raise BuildCancelled(cancelled)
        if work.elapsed - told >= PROGRESS_SECONDS:
            told = work.elapsed
            work.emit({"type": "progress", "t": told, "share": round(share, 4)})

    return progress


def build(work: Work) -> None:
    """Build the model that the job names, by its stored spec."""
    from automl import build as builds

    spec = work.workspace.model(work.job.subject).spec
    if spec is None:
        raise JobError("The model has nothing to build yet. Choose a target first.")
    threads = int(os.environ.get("FORETABLE_THREADS") or 0)
    if threads and not spec.budget.threads:
        spec = replace(spec, budget=replace(spec.budget, threads=threads))
    builds.run(
        spec,
        work.emit,
        work.should_stop,
        workspace=work.workspace,
        out=work.folder,
        resume=work.resume,
        started=work.started,
    )


def ingest(work: Work) -> None:
    """Read an upload into a data set, which gets the job's subject as its id."""
    from automl.data.ingest import ingest as read

    _let_others_first()
    progress = _telling(work, "Reading was cancelled; nothing was kept.")
    payload, original = work.job.payload, work.folder / "original"
    if payload.get("join"):
        _join(work, progress)
        return
    source, before = None, 0.0
    if payload.get("location"):
        source, before = _fetch(work, original, progress), FETCH_SHARE
    read(
        work.workspace,
        original,
        name=payload["name"],
        options=payload.get("options"),
        progress=lambda share: progress(before + (1 - before) * share),
        source=source,
        version_of=payload.get("version_of"),
        append_to=payload.get("append_to"),
        choices=payload.get("choices"),
        instead_of=payload.get("instead_of"),
        id=work.job.subject,
        project=work.job.project,
        original=original,
    )


def _fetch(work: Work, original: Path, progress: Callable[[float], None]) -> Any:
    """Bring the table that the job names to the file `original`."""
    from automl.data import sources

    folder = work.folder / "fetching"
    folder.mkdir(exist_ok=True)
    found = sources.fetch(work.job.payload["location"], folder, lambda share: progress(FETCH_SHARE * share))
    found.path.rename(original)
    return found


def _join(work: Work, progress: Callable[[float], None]) -> None:
    """Join the tables that the job names."""
    from automl.data.joined import keep
    from automl.types import JoinPlan, from_dict

    payload = work.job.payload
    before = work.workspace.dataset(payload["before"]) if payload.get("before") else None
    keep(
        work.workspace,
        from_dict(payload["join"], JoinPlan),
        name=payload["name"],
        before=before,
        progress=progress,
        id=work.job.subject,
        project=work.job.project,
    )


def predict(work: Work) -> None:
    """Read and check the batch that is the job's subject, or predict it."""
    from automl.jobs import batches

    _let_others_first()
    progress = _telling(work, "The prediction was cancelled; nothing was kept.")
    batch = work.workspace.batches.get(work.job.subject)
    bundle = batches.open_model(work.workspace, batch)
    bundle.model.threads = int(os.environ.get("FORETABLE_THREADS") or 0) or None
    act = batches.read if work.job.payload.get("act") == "read" else batches.predict
    act(work.workspace, batch, bundle, progress)


def learn(work: Work) -> None:
    """Measure the learning curve of the model that is the job's subject."""
    from automl.jobs import learning

    threads = int(os.environ.get("FORETABLE_THREADS") or 0) or None
    learning.measure(
        work.workspace, work.job.subject, work.folder / "work", threads, _telling(work, "The learning curve was cancelled; nothing was kept.")
    )


HANDLERS: Mapping[JobKind, Handler] = {
    JobKind.BUILD: build, JobKind.INGEST: ingest, JobKind.PREDICT: predict, JobKind.LEARN: learn,
}  # fmt: skip


def run_job(
    workspace: Workspace, job_id: str, lease: int, handlers: Mapping[JobKind, Handler] = HANDLERS
) -> JobState:
    """Run a claimed job to its end; returns the state it ended in.

    Raises
    ------
    JobError
        The lease is lost: nothing more was written.
    """
    queue = Queue(workspace.database)
    job = queue.register(job_id, lease, processes.this_process())
    folder = workspace.job_folder(job.kind, job.subject)
    writer = events.EventWriter(folder / events.NAME)
    resume = bool(job.payload.get("resume"))
    stop = threading.Event()
    work = Work(workspace, job, folder, resume, writer, queue, processes.started_here(), stop)
    heart = threading.Thread(target=_beat, args=(queue, job, stop), daemon=True, name="heartbeat")
    heart.start()
    try:
        return _run(work, handlers)
    finally:
        stop.set()
        heart.join()
        writer.close()
        if job.kind is JobKind.INGEST and queue.get(job.id).state.is_finished and not _is_worth_another_try(queue.get(job.id), folder):
            workspace.drop_intake(job.subject)


def _is_worth_another_try(job: Job, folder: Path) -> bool:
    """Whether the file of a failed reading is kept for a day, since other choices may help."""
    from automl.data.again import may_help

    original = folder / "original"
    mendable = job.state is JobState.FAILED and not job.payload.get("join") and original.is_file()
    return mendable and may_help(original, str(job.payload.get("name"))) is not None


def _run(work: Work, handlers: Mapping[JobKind, Handler]) -> JobState:
    job = work.job
    work.emit(
        {"type": "started", "t": 0.0, "attempt": job.attempt, "resume": work.resume, "time": job.started}
    )
    state, error = JobState.SUCCEEDED, None
    try:
        if job.kind not in handlers:
            raise JobError(f"Jobs of the kind '{job.kind}' can't be run by this version.")
        handlers[job.kind](work)
    except BuildCancelled:
        state = JobState.CANCELLED
    except Exception as e:  # the boundary: the traceback goes to the log, a sentence to the user
        work.queue.check(job.id, job.lease)  # a lost lease is not the build's failure
        log.warning("job %s failed", job.id, exc_info=True)
        state, error = JobState.FAILED, sentence(e, work.workspace.home)
    if error:
        with contextlib.suppress(OSError):  # a full disk; the queue has the sentence as well
            work.emit({"type": "failed", "t": work.elapsed, "error": error})
    work.stopped.set()  # from here on a heartbeat would find the job ended
    if state is JobState.CANCELLED or work.queue.check(job.id, job.lease) == "cancel":
        state, error = JobState.CANCELLED, None
        _drop(work)
    ended = work.queue.finish(job.id, job.lease, state, error)
    if ended.state is not state:  # cancelled in this very instant
        _drop(work)
    log.info("job %s: %s", job.id, ended.state)
    return ended.state


def _drop(work: Work) -> None:
    drop(work.folder)
    work.writer.write({"type": "cancelled", "t": work.elapsed})


def sentence(error: Exception, home: Path | None = None) -> str:
    """What the user reads about an error that ended a job."""
    if isinstance(error, ForetableError):
        return str(error)
    if isinstance(error, MemoryError):
        return "This needs more memory than there is. Use fewer rows or columns."
    if said := room.sentence(error, home):
        return said
    short = " ".join(str(error).split())[:200] or "no message"
    return (
        f"Something went wrong that Foretable did not expect ({type(error).__name__}: {short}). "
        "Retry; the build's log has the details."
    )


def drop(folder: Path) -> None:
    """Remove what a cancelled job left in its folder; its events and log stay."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name == "original":
            path.unlink(missing_ok=True)


def _beat(queue: Queue, job: Job, stop: threading.Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        try:
            queue.beat(job.id, job.lease)
        except JobError as e:
            if stop.is_set():
                return
            log.error("stopping: %s", e)
            _stop_group()
        except StoreError:  # a full disk, say: the build may still come to its end
            log.warning("no heartbeat", exc_info=True)


def _let_others_first() -> None:
    """Give way to the app: it answers other people while a large table is read or predicted.

    A worker has a session of its own. Where Linux shares the processor out among sessions first (autogroup, sched(7)),
    a process's own niceness counts within its session only, so that the session is made to give way too.
    """
    if os.getpgrp() == os.getpid():
        os.nice(POLITE)
        with contextlib.suppress(OSError):
            AUTOGROUP.write_text(str(POLITE))


def _stop_group() -> None:
    """End this process and its children at once; only a worker that heads its own group has children in it."""
    if os.getpgrp() == os.getpid():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(EXIT_LEASE_LOST)


def main(argv: list[str] | None = None, handlers: Mapping[JobKind, Handler] = HANDLERS) -> int:
    """Run the job named on the command line; the process ends with 3, or is killed, when the lease is lost."""
    job_id, lease = argv if argv is not None else sys.argv[1:]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    log.info("job %s, lease %s, process %s", job_id, lease, os.getpid())
    try:
        run_job(Workspace(), job_id, int(lease), handlers)
    except JobError as e:
        log.error("stopping: %s", e)
        _stop_group()
    return 0


if __name__ == "__main__":
    sys.exit(main())
