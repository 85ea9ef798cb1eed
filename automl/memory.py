"""How much memory a process holds, and how much work may use on this machine or in this container."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from automl.errors import JobError

# Objects that are made until Python looks for unused ones among the young, and so many of these looks until the next two.
FEW_COLLECTIONS = (50_000, 20, 20)
SHARE = 0.9  # of what is free plus what the work holds already: the rest keeps the app answering
CGROUP = Path("/sys/fs/cgroup")


def private_bytes(process: psutil.Process) -> int:
    """Memory of a process without the pages it shares: those of a file that many map would count once a process.

    Raises
    ------
    psutil.Error
        It is gone.
    """
    memory = process.memory_info()
    return max(memory.rss - getattr(memory, "shared", 0), 0)


def limit_bytes(held: int, available: int | None = None) -> int:
    """The most that work may use, a job or a build of one's own.

    Parameters
    ----------
    held : int
        Bytes that it uses now.
    available : int, optional
        Bytes that are free; measured by default.

    Returns
    -------
    int
        ``FORETABLE_MEMORY_MB`` where that is set, else 90 % of `held` + `available`.

    Raises
    ------
    JobError
        ``FORETABLE_MEMORY_MB`` is not a number.

    >>> limit_bytes(held=3_000_000, available=7_000_000)
    9000000
    """
    fixed = os.environ.get("FORETABLE_MEMORY_MB", "")
    if fixed.strip():
        if not fixed.strip().isdigit() or int(fixed) < 1:
            raise JobError(f"FORETABLE_MEMORY_MB must be a whole number of megabytes, not '{fixed}'.")
        return int(fixed) * 2**20
    return int(SHARE * (held + (available_bytes() if available is None else available)))


_lock = threading.Lock()
_usual: list[tuple[int, int, int]] = []  # one for each that is inside `few_collections`


@contextmanager
def few_collections() -> Iterator[None]:
    """Inside, Python seldom looks for objects that refer to each other and to nothing else.

    A table of thousands of columns is read and described with millions of small objects, none of them such. A look at
    all that the libraries have loaded takes 0.1 s, and Python took ten of them: a fifth of the time.

    >>> with few_collections():
    ...     gc.get_threshold() == FEW_COLLECTIONS
    True
    """
    with _lock:
        _usual.append(_usual[-1] if _usual else gc.get_threshold())
        gc.set_threshold(*FEW_COLLECTIONS)
    try:
        yield
    finally:
        with _lock:
            usual = _usual.pop()
            if not _usual:
                gc.set_threshold(*usual)


def give_back() -> None:
    """Hand freed memory back to the system, where the C library can (glibc): it would keep it for the next fit.

    A process that fitted trees holds 100 MB of it; handing it back takes 10 to 30 ms.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def available_bytes(cgroup: Path = CGROUP) -> int:
    """Free memory of the machine, or of the container when that has a tighter limit."""
    free = psutil.virtual_memory().available
    for limit, used, cache in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
    ):
        most, now = _number(cgroup / limit), _number(cgroup / used)
        if most is not None and now is not None:
            reclaimable = _field((cgroup / limit).with_name("memory.stat"), cache)
            free = min(free, max(most - now + reclaimable, 0))
    return free


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # not in a container, or "max"
        return None


def _field(path: Path, name: str) -> int:
    try:
        rows = (line.split() for line in path.read_text().splitlines())
        return next((int(row[1]) for row in rows if row[0] == name), 0)
    except (OSError, ValueError, IndexError):
        return 0
