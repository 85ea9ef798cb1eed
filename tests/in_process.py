"""Fits in the process of the test: for tests that are about something else than the processes of a build."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from automl.engine.child import Fitter


class HerePool:
    """Does what engine.pool.Pool does, one order at a time, in this process."""

    threads, held_mb, largest = 1, 0.0, None

    def __init__(self, folder: Path) -> None:
        self.folder, self.fitter, self.children = folder, None, [None]
        self.orders: list[dict[str, Any]] = []
        self.reports: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.busy_seconds = 0.0

    @property
    def idle(self) -> int:
        return 1 - len(self.orders)

    def give(self, order: dict[str, Any], most_mb: float = 0.0) -> None:
        self.fitter = self.fitter or Fitter(self.folder)
        self.orders, started = [order], time.monotonic()
        self.fitter.run(order, lambda message: self.reports.append((order, message)))
        self.busy_seconds += time.monotonic() - started

    def poll(self, timeout: float) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        reports, self.orders, self.reports = self.reports, [], []
        return reports

    def close(self) -> None:
        pass
