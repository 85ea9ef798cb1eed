"""What predicts by itself: new versions of data sets, new files in a folder; each once, also while nobody looks.

The supervisor looks every few seconds. A file counts once it has kept its size and time for a while, and is told
by its content: the same content under another name, or written again, is not predicted twice. What was there
before an automation began is left alone.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from automl import config
from automl.errors import ForetableError, StoreError
from automl.jobs import batches
from automl.store.workspace import Workspace
from automl.types import Automation

log = logging.getLogger(__name__)

LOOK_SECONDS = 3.0
STABLE_SECONDS = 4.0  # a file that is being written grows, or gets a new time, more often than this
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp")
BLOCK_BYTES = 1 << 20


class Watcher:
    """Looks after the automations of a workspace.

    Parameters
    ----------
    workspace : Workspace
    stable_seconds : float
        See STABLE_SECONDS.
    """

    def __init__(self, workspace: Workspace, *, stable_seconds: float = STABLE_SECONDS) -> None:
        self.workspace, self.store = workspace, workspace.batches
        self.stable_seconds = stable_seconds
        self._waiting: dict[tuple[str, str], float] = {}  # a file as it was, and since when it has been so

    def keep_looking(self, stop: threading.Event) -> None:
        """Look until `stop` is set; whatever goes wrong is logged, and looked at again."""
        while not stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:  # the boundary: one bad look must not end them all
                log.exception("this look failed")

    def look(self) -> None:
        """One look at everything that is switched on."""
        for automation in self.store.automations(enabled=True):
            try:
                self._look_at(automation)
                error = None
            except ForetableError as e:
                error = str(e)
            except OSError as e:
                error = f"'{automation.name}' can't be looked at: {e.strerror or e}. Check the folder and its rights."
            if error != automation.error:
                self.store.trouble(automation.id, error)

    def _look_at(self, automation: Automation) -> None:
        if self.workspace.bundle_folder(automation.model) is None:
            raise StoreError("The model is not built any more, so nothing is predicted. Build it, or switch this off.")
        if automation.kind == "dataset":
            self._versions(automation)
        else:
            self._files(automation)

    def _versions(self, automation: Automation) -> None:
        for dataset in reversed(self.workspace.datasets(automation.project)):  # the oldest first
            if dataset.series != automation.source or dataset.version == 0:
                continue
            if self.store.has_seen(automation.id, dataset.id):
                continue
            batch = batches.of_dataset(
                self.workspace, automation.model, dataset, wishes=automation.wishes,
                automation=automation.id, item=dataset.id,
            )  # fmt: skip
            if batch:
                log.info("automation %s: %s", automation.id, batch.name)
                batches.submit(self.workspace, batch)

    def _files(self, automation: Automation) -> None:
        folder = watched_folder(automation.source)
        for path in files_in(folder):
            mark = mark_of(path)
            if self.store.has_seen(automation.id, mark):
                continue
            since = self._waiting.setdefault((automation.id, mark), time.monotonic())
            age = time.time() - path.stat().st_mtime  # an old file need not be waited for
            if time.monotonic() - since < self.stable_seconds and age < 10 * self.stable_seconds:
                continue
            self._take(automation, path, mark)
            self._waiting.pop((automation.id, mark), None)

    def _take(self, automation: Automation, path: Path, mark: str) -> None:
        """Copy a file into a batch of its own, unless its content was predicted before."""
        staged = self.workspace.staging / f"watched-{os.getpid()}-{threading.get_ident()}"
        try:
            digest = _copy(path, staged)
            if mark_of(path) != mark:  # it went on growing meanwhile
                return
            batch = self.store.add(
                self.workspace.model(automation.model).project, automation.model, path.name,
                {"kind": "folder", "folder": automation.source}, automation.wishes,
                upload=staged, automation=automation.id, item=f"sha256:{digest}",
            )  # fmt: skip
            self.store.see(automation.id, mark)
        finally:
            staged.unlink(missing_ok=True)
        if batch:
            log.info("automation %s: %s", automation.id, path.name)
            batches.submit(self.workspace, batch)


def watch_dataset(workspace: Workspace, model: str, series: str, name: str, wishes: dict[str, object]) -> Automation:
    """Predict every version of a data set that comes from now on."""
    project = workspace.model(model).project
    seen = [d.id for d in workspace.datasets(project) if d.series == series]
    return workspace.batches.automate(project, model, "dataset", series, name, wishes, seen)


def watch_folder(
    workspace: Workspace, model: str, folder: str, wishes: dict[str, object], *, also_present: bool = False
) -> Automation:
    """Predict every file that comes into a folder from now on, `also_present` those that are there.

    Raises
    ------
    StoreError
        No folder may be watched, or this one is not inside of it.
    """
    root, path = config.import_dir(), watched_folder(folder)
    inside = path.relative_to(root.resolve()).as_posix()
    seen: list[str] = []
    for file in [] if also_present else files_in(path):
        seen += [mark_of(file), f"sha256:{_digest(file)}"]
    name = root.name if inside == "." else inside
    return workspace.batches.automate(
        workspace.model(model).project, model, "folder", inside, name, wishes, list(dict.fromkeys(seen))
    )


def watched_folder(folder: str) -> Path:
    """A folder inside FORETABLE_IMPORT_DIR; raises StoreError when it is none."""
    root = config.import_dir()
    if root is None:
        raise StoreError(
            "No folder may be watched here. Whoever runs Foretable allows one by setting FORETABLE_IMPORT_DIR."
        )
    root = root.resolve()
    path = (root / folder.strip().lstrip("/")).resolve()
    if not path.is_relative_to(root):
        raise StoreError(f"Only folders inside of '{root}' may be watched.")
    if not path.is_dir():
        raise StoreError(f"There is no folder '{folder}' in '{root}'. Create it, or choose another one.")
    return path


def folders() -> list[str]:
    """The folders that may be watched, relative to FORETABLE_IMPORT_DIR; two levels of them."""
    root = config.import_dir()
    if root is None or not root.is_dir():
        return []
    found = ["."]
    for depth in ("*", "*/*"):
        found += [
            p.relative_to(root).as_posix() for p in sorted(root.glob(depth))
            if p.is_dir() and not p.is_symlink() and not any(part.startswith(".") for part in p.relative_to(root).parts)
        ]  # fmt: skip
    return found[:200]


def files_in(folder: Path) -> Iterator[Path]:
    """The complete files of a folder by name: no links, nothing hidden, nothing that says it is unfinished."""
    with os.scandir(folder) as entries:
        found = sorted(
            (Path(e.path) for e in entries if stat.S_ISREG(e.stat(follow_symlinks=False).st_mode)),
            key=lambda p: p.name,
        )
    for path in found:
        if not path.name.startswith((".", "~")) and path.suffix.lower() not in UNFINISHED and path.stat().st_size:
            yield path


def mark_of(path: Path) -> str:
    """A file as it is just now: name, size and time."""
    found = path.stat()
    return f"file:{path.name}:{found.st_size}:{found.st_mtime_ns}"


def _copy(path: Path, target: Path) -> str:
    digest = hashlib.sha256()
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as source, target.open("wb") as out:
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
