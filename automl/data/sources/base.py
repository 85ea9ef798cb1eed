"""What a source is, and what it gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from automl import wording
from automl.errors import DataError
from automl.types import Note

Progress = Callable[[float], None]
BLOCK_BYTES = 4 << 20
ROOM_FACTOR = 2  # free disk space that a file needs: itself, and the table made of it


@dataclass(frozen=True)
class Fetched:
    """A table that was brought here: its file, what to call it, whence and when (ISO 8601, UTC)."""

    path: Path
    name: str
    location: str
    when: str
    notes: tuple[Note, ...] = ()


class Source(Protocol):
    """A place that tables come from. Locations start with `prefix` and hold no secret."""

    key: str
    label: str
    prefix: str
    explanation: str  # which setting is missing

    def is_configured(self) -> bool:
        """Whether it can be used here."""

    def check(self, location: str) -> None:
        """Raise DataError when the location is malformed or not allowed; nothing is fetched."""

    def name(self, location: str) -> str:
        """What to call the table."""

    def shown(self, location: str) -> str:
        """The location as people read it."""

    def fetch(self, location: str, into: Path, progress: Progress) -> tuple[Path, Sequence[Note]]:
        """Write the table to a file in `into`; returns its path and what is to be said."""


def copy(read: Callable[[int], bytes], size: int, out: Path, name: str, progress: Progress) -> None:
    """Copy `size` bytes block by block; raises DataError when the disk has no room."""
    if size * ROOM_FACTOR > shutil.disk_usage(out.parent).free:
        raise DataError(f"The disk has no room for '{name}' ({wording.filesize(size)}). Free some, then fetch it again.")
    done = 0
    with out.open("wb") as file:
        while block := read(BLOCK_BYTES):
            file.write(block)
            done += len(block)
            progress(min(done / max(size, 1), 1.0))
