"""How the processes of the job system are started: away from the terminal, in groups of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from automl import config

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
WORKER = (sys.executable, "-P", "-m", "automl.jobs.worker")
SUPERVISOR = (sys.executable, "-P", "-m", "automl.jobs.supervisor")


@dataclass(frozen=True)
class Launched:
    """A supervisor that this process started."""

    home: Path
    process: subprocess.Popen[bytes]

    def poll(self) -> int | None:
        """Its exit code once it has ended (which reaps it), else None."""
        return self.process.poll()


def start_supervisor(home: Path, *, watch: int | None = None) -> Launched:
    """Start a supervisor of the workspace in the background.

    Parameters
    ----------
    home : Path
        The workspace's folder; the supervisor's log is written into it.
    watch : int, optional
        A process id: once that process is gone and no work is left, the supervisor ends.
    """
    order = [*SUPERVISOR, *(["--watch", str(watch)] if watch else [])]
    return Launched(home, _start(order, home, home / "supervisor.log", config.child_environment()))


def start_worker(
    command: tuple[str, ...], home: Path, folder: Path, job_id: str, lease: int, threads: int
) -> subprocess.Popen[bytes]:
    """Start a job's worker in `folder`, as the head of its own process group.

    Its output goes to worker.log in that folder. ``FORETABLE_THREADS`` is its share of the cores.
    """
    environment = {**config.child_environment(threads), "FORETABLE_THREADS": str(threads)}
    return _start(
        [*command, job_id, str(lease)], home, folder / "worker.log", environment, working_folder=folder
    )


def _start(
    order: list[str], home: Path, log: Path, environment: dict[str, str], working_folder: Path | None = None
) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, [str(PACKAGE_ROOT), os.environ.get("PYTHONPATH")]))
    with log.open("ab") as out:
        return subprocess.Popen(
            order,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=working_folder or home,
            env={**environment, "FORETABLE_HOME": str(home), "PYTHONPATH": path},
            start_new_session=True,
        )
