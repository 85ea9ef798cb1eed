"""A folder on the server: its files, and never anything outside it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from automl.data.sources.base import Progress, copy
from automl.data.words import shorten
from automl.errors import DataError
from automl.types import Note

SETTING = "FORETABLE_IMPORT_DIR"
MOST_FILES = 1_000  # that are listed
MOST_DEEP = 8  # folders within folders


@dataclass(frozen=True)
class File:
    """A file that can be fetched; `path` is within the folder."""

    path: str
    bytes: int
    modified: float  # seconds since the epoch


class Folder:
    """Locations are `folder:path/within`. Links and hidden files are not followed, shown or read."""

    key, label, prefix = "folder", "Folder on the server", "folder:"
    explanation = f"Set {SETTING} to a folder on the server whose files may be read."

    def is_configured(self) -> bool:
        return bool(os.environ.get(SETTING))

    def check(self, location: str) -> None:
        self._parts(location)

    def name(self, location: str) -> str:
        return PurePosixPath(location.removeprefix(self.prefix)).name

    def shown(self, location: str) -> str:
        return f"'{shorten(location.removeprefix(self.prefix), 120)}' in the server's folder"

    def fetch(self, location: str, into: Path, progress: Progress) -> tuple[Path, Sequence[Note]]:
        out = into / "table"
        handle = self._open(location)
        with os.fdopen(handle, "rb") as file:
            copy(file.read, os.fstat(handle).st_size, out, self.name(location), progress)
        return out, ()

    def files(self) -> list[File]:
        """The files of the folder and of those in it, by path; at most 1,000.

        Raises
        ------
        DataError
            The folder is not there or can't be read.
        """
        root, found = Path(os.environ.get(SETTING, "")), []
        if not root.is_dir():
            raise DataError(f"The folder that {SETTING} names is not there. Ask whoever runs Foretable to check it.")
        for place, folders, names in os.walk(root, followlinks=False):
            within = Path(place).relative_to(root)
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            if len(within.parts) >= MOST_DEEP:
                folders.clear()
            for name in sorted(names):
                about = _look(Path(place) / name)
                if about is not None and not name.startswith("."):
                    found.append(File((within / name).as_posix(), about.st_size, about.st_mtime))
            if len(found) >= MOST_FILES:
                break
        return found[:MOST_FILES]

    def _parts(self, location: str) -> list[str]:
        path = location.removeprefix(self.prefix)
        parts = path.split("/")
        if path.startswith("/") or "\0" in path or "\\" in path or not all(parts):
            raise DataError(f"'{shorten(path, 80)}' is no path within the server's folder, such as sales/may.csv.")
        if any(part.startswith(".") for part in parts):
            raise DataError(f"'{shorten(path, 80)}' is not read: paths with '..' and hidden files are refused.")
        return parts

    def _open(self, location: str) -> int:
        """Open a file step by step from the folder down, so that no link on the way can lead out of it."""
        parts, shown = self._parts(location), shorten(location.removeprefix(self.prefix), 80)
        try:
            place = os.open(os.environ[SETTING], os.O_RDONLY | os.O_DIRECTORY)
        except OSError as e:
            raise DataError(f"The folder that {SETTING} names can't be opened: {e.strerror}.") from e
        try:
            for part in parts[:-1]:
                deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
                os.close(place)
                place = deeper
            handle = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
        except FileNotFoundError as e:
            raise DataError(f"There is no file '{shown}' in the server's folder. It may have been moved.") from e
        except OSError as e:  # a link is ELOOP or ENOTDIR
            raise DataError(
                f"'{shown}' can't be read ({e.strerror}). Links are not followed; choose a file that lies in the folder."
            ) from e
        finally:
            os.close(place)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise DataError(f"'{shown}' is no file. Choose a file in the folder.")
        return handle


def _look(path: Path) -> os.stat_result | None:
    """What is known of a plain file; None for links, pipes and what is gone."""
    try:
        about = path.lstat()
    except OSError:
        return None
    return about if stat.S_ISREG(about.st_mode) else None
