"""Killable child processes that fit candidates.

Each child is `python -m automl.engine.child`, started with OpenMP variables already set (setting
them after scikit-learn is loaded is too late) and talked to over a socket pair. A fit that passes
the time of its order's "kill" is ended with its process, since callbacks can't stop every library in time.
"""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import psutil

from automl import config, memory


class Child:
    """One worker process and the order it is busy with."""

    def __init__(self, setup: dict[str, Any], threads: int, log: Path) -> None:
        mine, theirs = socket.socketpair()
        env = config.child_environment(threads)
        package_root = str(Path(__file__).resolve().parents[2])
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [package_root, env.get("PYTHONPATH")]))
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "automl.engine.child", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=env,
            )
        theirs.close()
        self.connection = Connection(mine.detach())
        self.connection.send(setup)
        self.order: dict[str, Any] | None = None
        self.since = 0.0  # `time.monotonic()` of its order

    def give(self, order: dict[str, Any]) -> None:
        self.order, self.since = order, time.monotonic()
        self.connection.send(order)

    @property
    def busy_seconds(self) -> float:
        """Of its order so far."""
        return time.monotonic() - self.since if self.order is not None else 0.0

    @property
    def held_mb(self) -> float:
        try:
            return memory.private_bytes(psutil.Process(self.process.pid)) / 2**20
        except psutil.Error:  # it is gone
            return 0.0

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.connection.close()


class Pool:
    """A few children; `give` an order to an idle one, `poll` for what they report.

    Every report is `(order, message)`; messages are dicts with "kind" one of state, fold, done, failed,
    timed out, died. `aside_mb` of this process is the caller's own and not counted in `held_mb`.
    """

    def __init__(self, size: int, setup: dict[str, Any], threads: int, log: Path, aside_mb: float = 0.0) -> None:
        self.setup, self.threads, self.log, self.aside_mb = setup, threads, log, aside_mb
        self.children = [Child(setup, threads, log) for _ in range(size)]
        self.busy_seconds = 0.0  # of all children, for orders that ended

    @property
    def idle(self) -> int:
        return sum(child.order is None for child in self.children)

    @property
    def orders(self) -> list[dict[str, Any]]:
        return [child.order for child in self.children if child.order is not None]

    def give(self, order: dict[str, Any], most_mb: float = math.inf) -> None:
        """Give an idle child its next order; one that holds more than `most_mb` from earlier ones is started anew."""
        child = next(child for child in self.children if child.order is None)
        if most_mb < math.inf and child.held_mb > most_mb:
            child = self._renew(child)
        child.give(order)

    @property
    def held_mb(self) -> float:
        """Memory of this process and the children in MB, without what they share."""
        own = memory.private_bytes(psutil.Process()) / 2**20 - self.aside_mb
        return max(own, 0.0) + sum(child.held_mb for child in self.children)

    @property
    def largest(self) -> dict[str, Any] | None:
        """The order of the busy child that holds the most memory."""
        busy = [child for child in self.children if child.order is not None]
        return max(busy, key=lambda child: child.held_mb).order if busy else None

    def drop(self, number: int) -> None:
        """End the child that is busy with a candidate; what it had not reported is lost."""
        for child in list(self.children):
            if child.order is not None and child.order["number"] == number:
                self._renew(child)

    def poll(self, timeout: float) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Wait up to `timeout` seconds for reports; kill what is past its deadline."""
        busy = [child for child in self.children if child.order is not None]
        now = time.monotonic()
        limits = [child.order["kill"] - now for child in busy if child.order["kill"]]
        timeout = max(0.0, min([timeout, *limits]))
        if not busy:
            time.sleep(timeout)
            return []
        ready = wait([child.connection for child in busy], timeout)
        reports = []
        for child in busy:
            order = child.order
            if child.connection in ready:
                try:
                    message = child.connection.recv()
                except (EOFError, ConnectionResetError, OSError):
                    message = {"kind": "died", "reason": self._epitaph(child)}
                    self._renew(child)
                if message["kind"] in ("done", "failed"):
                    self.busy_seconds += child.busy_seconds
                    child.order = None
                reports.append((order, message))
            elif order["kill"] and time.monotonic() > order["kill"]:
                self._renew(child)
                reports.append((order, {"kind": "timed out"}))
        return reports

    def _epitaph(self, child: Child) -> str:
        try:
            code = child.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "its process stopped answering"
        return (
            "its process was killed, probably for want of memory"
            if code == -9
            else f"its process ended with code {code}"
        )

    def _renew(self, child: Child) -> Child:
        self.busy_seconds += child.busy_seconds
        child.stop()
        fresh = Child(self.setup, self.threads, self.log)
        self.children[self.children.index(child)] = fresh
        return fresh

    def close(self) -> None:
        for child in self.children:
            self.busy_seconds += child.busy_seconds
            child.order = None
            child.stop()
