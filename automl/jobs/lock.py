"""One supervisor a workspace: a file lock that the system lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

NAME = "supervisor.lock"
PATIENCE_SECONDS = 1.0  # whoever only looks (`held`) has the lock for an instant


def acquire(home: Path) -> IO[str] | None:
    """Take the lock for as long as the returned file stays open; None when another process has it."""
    handle = (home / NAME).open("a+")
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > end:
                handle.close()
                return None
            time.sleep(0.05)
    handle.seek(0)
    handle.truncate()
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def held(home: Path) -> bool:
    """Whether some process has the lock now."""
    try:
        with (home / NAME).open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False
    except FileNotFoundError:
        return False


def same_file(handle: IO[str], home: Path) -> bool:
    """Whether the lock is still the workspace's: not after the folder was removed or replaced."""
    try:
        mine, found = os.fstat(handle.fileno()), (home / NAME).stat()
    except FileNotFoundError:
        return False
    return (mine.st_dev, mine.st_ino) == (found.st_dev, found.st_ino)
