from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from automl.jobs import client, processes
from automl.store import Workspace
from automl.types import (
    Budget,
    BuildSpec,
    Column,
    ColumnKind,
    Job,
    JobState,
    Problem,
    ReadReport,
    Recipe,
    Task,
    to_dict,
)

STANDIN = Path(__file__).with_name("standin.py")
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds until a test gives up: reached only when something is broken


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition; its first true value is returned."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")


@pytest.fixture(autouse=True)
def _no_supervisor_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORETABLE_SUPERVISOR", "off")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path / "home")
    yield made
    made.close()


class Bench:
    """A workspace with models to build by the stand-in, and supervisors to do it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.supervisors: list[subprocess.Popen[bytes]] = []
        self.dataset = workspace.add_dataset(
            pd.DataFrame({"a": [1, 2], "y": ["n", "y"]}),
            name="t",
            report=ReadReport("frame"),
            columns=[Column("a", ColumnKind.NUMERIC), Column("y", ColumnKind.CATEGORICAL)],
        )

    def spec(self) -> BuildSpec:
        return BuildSpec(
            id="b", dataset=self.dataset.id, columns=self.dataset.columns, recipe=Recipe(),
            problem=Problem("y", Task.BINARY, "roc_auc", ("a",), classes=("n", "y")), budget=Budget(5.0),
            families=("linear",),
        )  # fmt: skip

    def submit(self, act: str = "quick", **payload: Any) -> Job:
        model = self.workspace.add_model("M", self.dataset.id)
        order = {"spec": to_dict(self.spec()), "act": act, **payload}
        return client.submit(self.workspace, "build", model.id, order)

    def supervise(self, **environment: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "FORETABLE_HOME": str(self.workspace.home), "PYTHONPATH": str(ROOT), **environment}
        with (self.workspace.home / "supervisor.log").open("ab") as out:
            process = subprocess.Popen([sys.executable, str(STANDIN), "supervisor"], env=env, stdout=out, stderr=out)
        self.supervisors.append(process)
        return process

    def job(self, job: Job) -> Job:
        return client.status(self.workspace, job.id)

    def events(self, job: Job, kind: str | None = None) -> list[dict[str, Any]]:
        found = client.events(self.workspace, job.subject)[0]
        return [e for e in found if kind in (None, e["type"])]

    def until_running(self, job: Job, trials: int = 0) -> Job:
        """Wait until the job's worker is at work and some candidates are finished."""
        until(lambda: self.job(job).state is not JobState.QUEUED, "the job to be started")
        until(lambda: self.job(job).pid, "the worker to register")
        until(lambda: self.completed(job) >= trials, f"{trials} finished candidates")
        return self.job(job)

    def until_ended(self, job: Job) -> Job:
        until(lambda: self.job(job).state.is_finished, "the job to end")
        return self.job(job)

    def completed(self, job: Job) -> int:
        return sum(e["trial"]["state"] == "completed" for e in self.events(job, "trial"))

    def close(self) -> None:
        for process in self.supervisors:
            process.kill()
            process.wait()
        for job in client.jobs(self.workspace):
            if job.pid and psutil.pid_exists(job.pid):
                processes.kill_group(job.pid)
                processes.group_is_gone(job.pid)


@pytest.fixture
def bench(workspace: Workspace) -> Iterator[Bench]:
    made = Bench(workspace)
    yield made
    made.close()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any], str], Any]:
    return until


@pytest.fixture
def kill() -> Callable[[int | subprocess.Popen[bytes]], None]:
    """kill -9 of one process, not its group; waits until it is gone when it is a child of the tests."""

    def kill(target: int | subprocess.Popen[bytes]) -> None:
        if isinstance(target, int):
            os.kill(target, signal.SIGKILL)
        else:
            target.kill()
            target.wait()

    return kill
