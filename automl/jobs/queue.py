"""The queue in the workspace's index: every change of a job's state is one short transaction.

The contract, in prose:
- A job is claimed by the supervisor; each claim raises the lease. Whoever writes as the job's
  worker shows the lease it was started with, and is refused once another lease is out.
- A finished job never changes again. A retry is a new job.
- The app only submits and wishes (cancel, finish). The worker reports its heartbeat and its end.
  The supervisor alone ends a job whose worker can't.
- At most one job is queued or running for a subject.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from automl.errors import JobError
from automl.store import files
from automl.store.database import Database
from automl.store.rows import now
from automl.types import Job, JobKind, JobState

COLUMNS = (
    "id, kind, project, subject, state, lease, attempt, created, started, heartbeat, finished, pid, wish,"
    " error, payload"
)
ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Process:
    """Which process holds a job: its id and start time, and the start of the machine's first process.

    Times are seconds since the epoch. A changed `host_started` means that the machine or container
    was started again.
    """

    pid: int
    started: float
    host_started: float


class Queue:
    """Operations on the jobs of one workspace. Safe in several processes at once."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # -- the app's side ----------------------------------------------------------------

    def submit(
        self,
        kind: JobKind,
        project: str,
        subject: str,
        payload: dict[str, Any],
        *,
        attempt: int = 0,
        then: Callable[[sqlite3.Connection, Job], None] = lambda db, job: None,
    ) -> Job:
        """Put a job in the queue; `then` runs in the same transaction.

        While a job of the same kind and subject is queued or running, that one is returned and
        nothing else happens: two tabs that press the same button start one build.
        """
        job = Job(
            id=files.new_id("j"), kind=JobKind(kind), project=project, subject=subject, state=JobState.QUEUED,
            attempt=attempt, created=now(), payload=payload,
        )  # fmt: skip
        with self.database.write() as db:
            active = db.execute(
                f"SELECT {COLUMNS} FROM jobs WHERE kind = ? AND subject = ? AND state IN ('queued', 'running')",
                (job.kind, subject),
            ).fetchone()
            if active:
                return _job(active)
            db.execute(
                "INSERT INTO jobs (id, kind, project, subject, state, attempt, created, payload)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (job.id, job.kind, project, subject, job.state, attempt, job.created, json.dumps(payload)),
            )
            then(db, job)
        return job

    def get(self, job_id: str) -> Job:
        """One job; raises JobError when it is unknown."""
        with self.database.read() as db:
            return _get(db, job_id)

    def jobs(self, *states: JobState, project: str | None = None, subject: str | None = None) -> list[Job]:
        """Jobs in the given states (all when none is given), in the order they were submitted."""
        wanted = states or tuple(JobState)
        marks = ", ".join("?" * len(wanted))
        with self.database.read() as db:
            rows = db.execute(
                f"SELECT {COLUMNS} FROM jobs WHERE state IN ({marks}) AND project = coalesce(?, project)"
                " AND subject = coalesce(?, subject) ORDER BY created, rowid",
                (*wanted, project, subject),
            ).fetchall()
        return [_job(row) for row in rows]

    def wish(self, job_id: str, wish: str) -> Job:
        """Ask for "cancel" or "finish". A queued job is cancelled at once; a finished one stays as it is."""
        with self.database.write() as db:
            job = _get(db, job_id)
            if job.state is JobState.QUEUED:
                if wish == "finish":
                    raise JobError(
                        "The build has not started yet, so there is nothing to keep. Wait, or cancel it."
                    )
                _end(db, job, JobState.CANCELLED, None)
            elif job.state is JobState.RUNNING and job.wish != "cancel":
                db.execute("UPDATE jobs SET wish = ? WHERE id = ?", (wish, job_id))
            return _get(db, job_id)

    # -- the supervisor's side ---------------------------------------------------------

    def claim(self, kinds: Collection[JobKind] = tuple(JobKind), besides: Collection[str] = ()) -> Job | None:
        """Take the oldest queued job of these kinds, with a new lease; None when there is none.

        Jobs of the subjects `besides` are left for later.
        """
        query = (
            f"SELECT id FROM jobs WHERE state = 'queued' AND kind IN ({', '.join('?' * len(kinds))})"
            f" AND subject NOT IN ({', '.join('?' * len(besides))}) ORDER BY created, rowid LIMIT 1"
        )
        given = (*kinds, *besides)
        with self.database.read() as db:  # the common case takes no lock
            if db.execute(query, given).fetchone() is None:
                return None
        with self.database.write() as db:
            row = db.execute(query, given).fetchone()
            if row is None:
                return None
            db.execute(
                "UPDATE jobs SET state = 'running', lease = lease + 1, attempt = attempt + 1, started = ?,"
                " heartbeat = NULL, pid = NULL, pid_started = NULL, host_started = NULL, wish = NULL WHERE id = ?",
                (now(), row["id"]),
            )
            return _get(db, row["id"])

    def process(self, job_id: str) -> Process | None:
        """The process that holds a job, once it has registered."""
        with self.database.read() as db:
            row = db.execute(
                "SELECT pid, pid_started, host_started FROM jobs WHERE id = ?", (job_id,)
            ).fetchone()
        return Process(*row) if row and row["pid"] is not None else None

    def end_dead(self, job: Job, state: JobState, error: str | None = None) -> Job:
        """End a running job whose worker is gone. Its lease is raised, so that no late worker can write.

        Does nothing when the job has ended, or was claimed again, in the meantime.
        """
        with self.database.write() as db:
            current = _get(db, job.id)
            if current.state is JobState.RUNNING and current.lease == job.lease:
                db.execute("UPDATE jobs SET lease = lease + 1 WHERE id = ?", (job.id,))
                _end(db, current, state, error)
            return _get(db, job.id)

    def requeue(self, job: Job, *, begun: bool) -> Job:
        """Put a running job back in the queue with a raised lease.

        `begun`: its worker had started on it; the next one goes on from the finished candidates.
        Otherwise the attempt does not count.
        """
        with self.database.write() as db:
            current = _get(db, job.id)
            if current.state is JobState.RUNNING and current.lease == job.lease:
                _check_transition(current, JobState.QUEUED)
                db.execute(
                    "UPDATE jobs SET state = 'queued', lease = lease + 1, attempt = attempt - ?, payload = ?,"
                    " started = NULL, heartbeat = NULL, pid = NULL, pid_started = NULL, host_started = NULL"
                    " WHERE id = ?",
                    (0 if begun else 1, json.dumps(current.payload | ({"resume": True} if begun else {})), job.id),
                )
            return _get(db, job.id)

    # -- the worker's side: each call shows the lease ----------------------------------

    def register(self, job_id: str, lease: int, process: Process) -> Job:
        """Say which process holds the job; raises JobError when the lease is no longer this worker's."""
        with self.database.write() as db:
            job = _leased(db, job_id, lease)
            db.execute(
                "UPDATE jobs SET pid = ?, pid_started = ?, host_started = ?, heartbeat = ? WHERE id = ?",
                (process.pid, process.started, process.host_started, now(), job_id),
            )
            return job

    def beat(self, job_id: str, lease: int) -> str | None:
        """Renew the heartbeat; returns the user's wish. Raises JobError when the lease is lost."""
        with self.database.write() as db:
            job = _leased(db, job_id, lease)
            db.execute("UPDATE jobs SET heartbeat = ? WHERE id = ?", (now(), job_id))
            return job.wish

    def check(self, job_id: str, lease: int) -> str | None:
        """The user's wish, without a write. Raises JobError when the lease is lost."""
        with self.database.read() as db:
            return _leased(db, job_id, lease).wish

    def finish(self, job_id: str, lease: int, state: JobState, error: str | None = None) -> Job:
        """End the job as its worker. A success that the user had cancelled by then ends as cancelled."""
        with self.database.write() as db:
            job = _leased(db, job_id, lease)
            if job.wish == "cancel":
                state, error = JobState.CANCELLED, None
            _end(db, job, state, error)
            return _get(db, job_id)


def _get(db: sqlite3.Connection, job_id: str) -> Job:
    row = db.execute(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise JobError("There is no such job in this workspace. It may have been deleted with its model.")
    return _job(row)


def _leased(db: sqlite3.Connection, job_id: str, lease: int) -> Job:
    job = _get(db, job_id)
    if job.lease != lease or job.state is not JobState.RUNNING:
        raise JobError(
            f"Lease {lease} on job {job_id} is lost: the job is {job.state}, its lease is {job.lease}."
        )
    return job


def _end(db: sqlite3.Connection, job: Job, state: JobState, error: str | None) -> None:
    _check_transition(job, state)
    db.execute(
        "UPDATE jobs SET state = ?, error = ?, finished = ? WHERE id = ?", (state, error, now(), job.id)
    )


def _check_transition(job: Job, state: JobState) -> None:
    if not job.state.can_become(state):
        raise JobError(f"A job that is {job.state} can't become {state}.")


def _job(row: sqlite3.Row) -> Job:
    fields = {name: row[name] for name in row.keys()}  # noqa: SIM118 (a Row iterates over values)
    fields["kind"], fields["state"] = JobKind(row["kind"]), JobState(row["state"])
    fields["payload"] = json.loads(row["payload"])
    return Job(**fields)
