"""Where a build's time, processors and memory go: looks at the whole tree of processes now and then."""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType
from typing import Self

from automl import config
from automl.findings.record import Profile

FIRST_SECONDS = 0.5  # between two looks
MOST_LOOKS = 400  # then every other one is left out, and looks are half as frequent


class Profiler:
    """Looks from a thread while the `with` block runs; `stage` marks what is being done.

    >>> with Profiler() as profiler:
    ...     profiler.stage("preparing")
    >>> profiler.profile().stages[0][0]
    'preparing'
    """

    def __init__(self, cores: int | None = None, started: float | None = None) -> None:
        self.cores = cores or config.available_threads()
        self.started = time.monotonic() if started is None else started
        self.fitting = 0.0  # see `Profile`
        self._looks: list[tuple[float, float, float]] = []  # seconds, processor seconds so far, MB
        self._stages: list[tuple[str, float]] = []
        self._gone: dict[int, float] = {}  # processor seconds by process: those of ended ones still count
        self._end: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="profiler")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop looking; what was seen stays."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._end is None:
            self._end = time.monotonic() - self.started

    def stage(self, name: str) -> None:
        """From now on, this is being done."""
        self._stages.append((name, time.monotonic() - self.started))

    def profile(self) -> Profile:
        """What was seen so far."""
        end = self._end if self._end is not None else time.monotonic() - self.started
        ends = [start for _, start in self._stages[1:]] + [end]
        stages = tuple(
            (name, round(start, 2), round(until, 2))
            for (name, start), until in zip(self._stages, ends, strict=True)
        )
        looks = list(self._looks)
        times, busy, memory = [], [], []
        for before, after in zip(looks[:-1], looks[1:], strict=True):
            span = after[0] - before[0]
            if span > 0:
                times.append(round(after[0], 2))
                busy.append(round(max(after[1] - before[1], 0.0) / span, 2))
                memory.append(round(after[2], 1))
        return Profile(round(end, 2), self.cores, stages, tuple(times), tuple(busy), tuple(memory), round(self.fitting, 2))

    def _run(self) -> None:
        pause = FIRST_SECONDS
        self._look()
        while not self._stop.wait(pause):
            self._look()
            if len(self._looks) > MOST_LOOKS:
                self._looks = self._looks[::2]
                pause *= 2
        self._look()

    def _look(self) -> None:
        import psutil

        memory = 0.0
        me = psutil.Process(os.getpid())
        for process in [me, *me.children(recursive=True)]:
            try:
                with process.oneshot():
                    spent = process.cpu_times()
                    memory += process.memory_info().rss
            except psutil.Error:
                continue
            self._gone[process.pid] = max(spent.user + spent.system, self._gone.get(process.pid, 0.0))
        self._looks.append((time.monotonic() - self.started, sum(self._gone.values()), memory / 2**20))
