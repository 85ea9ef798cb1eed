"""A workspace that can't be written: a full disk, one that became read-only, lost rights. One sentence for each."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LOCKED = (errno.EROFS, errno.EACCES, errno.EPERM)
FAULTY = (errno.EIO,)
LITTLE_BYTES = 256 * 1024  # with less left, an index that can't go on says only that something went wrong
KEPT = "This was not saved; all that was saved before is as it was."
_SQLITE_FULL, _SQLITE_READONLY = (13,), (3, 8)  # the low byte of its codes
_SQLITE_FAULT, _SQLITE_UNOPENED = 10, 14  # the cause is looked up


def sentence(error: BaseException, folder: Path | None = None) -> str | None:
    """What to tell a user about an error that the disk is the cause of; None for any other error.

    Parameters
    ----------
    error : exception
        Of the system, or of SQLite; or one that was raised from such an error.
    folder : Path, optional
        A folder on that disk, to look at where the error does not tell.

    >>> sentence(OSError(28, "No space left on device"))
    'The disk is full. This was not saved; all that was saved before is as it was. Free some room, then try again.'
    >>> sentence(ValueError("x"))
    """
    cause = _cause(error, folder)
    if cause == "full":
        return f"The disk is full. {KEPT} Free some room, then try again."
    if cause == "locked":
        where = f" '{folder}'" if folder else ""
        return (
            f"The folder{where} can't be written: its disk is read-only, or the rights to it are gone. {KEPT} "
            "Mend that, then try again."
        )
    if cause == "faulty":
        return f"The disk could not be read or written. {KEPT} Check the disk, then try again."
    return None


def _cause(error: BaseException | None, folder: Path | None) -> str | None:
    while error is not None:
        if isinstance(error, sqlite3.Error):
            return _of_index(error, folder)
        if isinstance(error, OSError):
            if error.errno in FULL or "No space left on device" in str(error):  # pyarrow's may have no number
                return "full"
            if error.errno in LOCKED or "Read-only file system" in str(error):
                return "locked" if _is_ours(error, folder) else None
            return "faulty" if error.errno in FAULTY else None
        error = error.__cause__
    return None


def _is_ours(error: OSError, folder: Path | None) -> bool:
    """Whether the file that may not be written is one of the folder's, not one that a user pointed at."""
    if folder is None or not isinstance(error.filename, str | os.PathLike):
        return True
    return Path(error.filename).is_relative_to(folder)


def _of_index(error: sqlite3.Error, folder: Path | None) -> str | None:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _SQLITE_FULL:
        return "full"
    if code in _SQLITE_READONLY:
        return "locked"
    if code not in (_SQLITE_FAULT, _SQLITE_UNOPENED) or folder is None:
        return None
    try:
        disk = os.statvfs(folder)
    except OSError:
        return "faulty"
    if disk.f_flag & os.ST_RDONLY or not os.access(folder, os.W_OK):
        return "locked"
    if disk.f_bavail * disk.f_frsize < LITTLE_BYTES or not disk.f_favail:
        return "full"
    return "faulty" if code == _SQLITE_FAULT else None
