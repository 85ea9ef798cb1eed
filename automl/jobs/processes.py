"""Worker processes from outside: who they are, what they use, how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import psutil

from automl import memory
from automl.jobs.queue import Process

CLOCK_TOLERANCE = 3.0  # seconds; start times move a little when the system clock is corrected


def this_process() -> Process:
    """What a worker registers about itself."""
    return Process(os.getpid(), psutil.Process().create_time(), host_started())


def started_here() -> float:
    """`time.monotonic()` at the moment this process was started, its interpreter included."""
    age = time.time() - psutil.Process().create_time()
    return time.monotonic() - min(max(age, 0.0), 10.0)  # within bounds, should the clock have been set


def host_started() -> float:
    """When this machine's, or this container's, first process was started."""
    try:
        return psutil.Process(1).create_time()
    except psutil.Error:
        return psutil.boot_time()


def is_alive(process: Process, mark: str) -> bool:
    """Whether the very process that registered still runs.

    Its number may belong to another one by now, so its start time is compared; should the clock
    have been set, its command line decides, which holds `mark` (the job's id).
    """
    try:
        found = psutil.Process(process.pid)
        if found.status() == psutil.STATUS_ZOMBIE:
            return False
        if abs(found.create_time() - process.started) <= CLOCK_TOLERANCE:
            return True
        return mark in found.cmdline()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return False  # someone else's: not ours


def host_was_restarted(process: Process) -> bool:
    """Whether the machine or container was started again since the process registered."""
    return abs(host_started() - process.host_started) > CLOCK_TOLERANCE


def kill_group(pid: int) -> None:
    """Kill a worker and the children in its process group. `pid` is the group's number as well."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def group_is_gone(pid: int, seconds: float = 2.0) -> bool:
    """Wait until no process of the group is left (zombies aside, which hold nothing)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(pid, 0)
        except (ProcessLookupError, PermissionError):
            return True
        if not any(_in_group(p, pid) for p in psutil.process_iter(["status"])):
            return True
        time.sleep(0.02)
    return False


def _in_group(process: psutil.Process, group: int) -> bool:
    try:
        return process.info["status"] != psutil.STATUS_ZOMBIE and os.getpgid(process.pid) == group
    except ProcessLookupError:
        return False


def tree_bytes(pid: int) -> int:
    """Memory of a process and its descendants, without the pages they share.

    Those can be dropped by the system whenever it needs room.
    """
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for process in family:
        with contextlib.suppress(psutil.Error):
            total += memory.private_bytes(process)
    return total
