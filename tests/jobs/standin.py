"""A worker and a supervisor whose builds are acted: run by the tests as programs of their own.

`standin.py worker JOB LEASE` is the real worker with another handler, `standin.py supervisor` the
real supervisor that starts it. A job's payload says how the build behaves: {"act": …}.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from automl.errors import BuildCancelled, BuildError
from automl.jobs import supervisor, worker
from automl.types import JobKind

FOREVER = 120.0  # seconds: longer than any test


def play(work: worker.Work) -> None:
    """Act a build: two candidates, then as the payload says."""
    work.emit({"type": "stage", "t": work.elapsed, "stage": "candidates", "message": "Trying"})
    kept = finished(work) if work.resume else []
    for name in ("linear", "trees"):
        if name not in kept:
            trial(work, name)
    ACTS[work.job.payload["act"]](work)
    if work.should_stop() == "cancel":
        raise BuildCancelled("cancelled")
    seal(work)


def finished(work: worker.Work) -> list[str]:
    path = work.folder / "work" / "kept.json"
    return json.loads(path.read_text()) if path.exists() else []


def trial(work: worker.Work, name: str) -> None:
    scratch = work.folder / "work"
    scratch.mkdir(exist_ok=True)
    for state in ("running", "completed"):
        content = {"candidate": name, "family": name, "state": state, "threads": os.environ["FORETABLE_THREADS"]}
        work.emit({"type": "trial", "t": work.elapsed, "trial": content})
    (scratch / "kept.json").write_text(json.dumps(["linear", "trees"]))


def seal(work: worker.Work) -> None:
    folder = work.folder / "bundle"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    work.emit({"type": "done", "t": work.elapsed, "bundle": str(folder), "seconds": work.elapsed})


def wait(work: worker.Work, heed: bool = True) -> None:
    end = time.monotonic() + FOREVER
    while time.monotonic() < end and not (heed and work.should_stop()):
        time.sleep(0.05)


def with_children(work: worker.Work) -> None:
    order = [sys.executable, "-c", f"import time; time.sleep({FOREVER})"]
    children = [subprocess.Popen(order) for _ in range(2)]
    (work.folder / "children.json").write_text(json.dumps([c.pid for c in children]))
    wait(work)


def die_after_seal(work: worker.Work) -> None:
    seal(work)
    os._exit(9)


def fail(error: Exception) -> Callable[[worker.Work], None]:
    def act(work: worker.Work) -> None:
        raise error

    return act


def eat(work: worker.Work) -> None:
    held = b"x" * (300 * 2**20)
    wait(work)
    del held


def once(work: worker.Work) -> None:
    """Wait in the first attempt, go on in the next."""
    if work.job.attempt == 1:
        wait(work)


def steps(work: worker.Work) -> None:
    """Half a second of small steps; leaves a mark when two workers are ever at it at once."""
    with (work.folder / "mine").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            (work.folder / "two at once").touch()
        for number in range(10):
            work.emit({"type": "note", "t": work.elapsed, "message": str(number)})
            work.should_stop()
            time.sleep(0.05)


ACTS: dict[str, Callable[[worker.Work], Any]] = {
    "quick": lambda work: None,
    "wait": wait,
    "once": once,
    "deaf": lambda work: wait(work, heed=False),
    "children": with_children,
    "die sealed": die_after_seal,
    "refuse": fail(BuildError("No candidate finished in the time given.")),
    "crash": fail(ZeroDivisionError("division by zero")),
    "read": lambda work: work.workspace.frame(work.workspace.model(work.job.subject).dataset),
    "eat": eat,
    "steps": steps,
}

if __name__ == "__main__":
    role, *rest = sys.argv[1:]
    if role == "worker":
        sys.exit(worker.main(rest, {JobKind.BUILD: play}))
    command = (sys.executable, str(Path(__file__).resolve()), "worker")
    supervisor.main(rest, worker_command=command, grace_seconds=1.0, silent_seconds=3.0)
