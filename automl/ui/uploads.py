"""Uploads that go to the disk as they come: PUT /upload/<ticket>, beside Streamlit's pages.

Streamlit's own uploader holds the whole file in memory. A page asks for a ticket, which nobody can guess;
the browser sends one file to it; the page then takes the file over.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from automl import config, wording
from automl.errors import DataError
from automl.store import room

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATH = "/upload/{ticket}"
TICKET_SECONDS = 24 * 3600.0
FLUSH_BYTES = 1 << 20  # written at a time, off the event loop
ROOM_FACTOR = 2  # free disk space that a file needs: itself, and the table made of it


@dataclass
class _Ticket:
    made: float = field(default_factory=time.monotonic)
    path: Path | None = None  # once the file has arrived


_tickets: dict[str, _Ticket] = {}
_taken: deque[str] = deque(maxlen=100)  # tickets of files that pages took over, the last ones
_guard = threading.Lock()
_folder: Path | None = None


def open_in(folder: Path) -> None:
    """Take uploads from now on, into this folder; called by the server that has the route."""
    global _folder
    _folder = folder


def are_open() -> bool:
    """Whether the server that shows the pages has the route; `streamlit run app.py` has not."""
    return _folder is not None


def ticket() -> str:
    """A new ticket for one file."""
    made = secrets.token_urlsafe(24)
    with _guard:
        for old in [t for t, known in _tickets.items() if time.monotonic() - known.made > TICKET_SECONDS]:
            _discard(old)
        _tickets[made] = _Ticket()
    return made


def take(ticket: str) -> Path:
    """The file that arrived for a ticket, which is used up; raises DataError when there is none."""
    with _guard:
        found = _tickets.pop(ticket, None)
        _taken.append(ticket)
    if found is None or found.path is None or not found.path.is_file():
        raise DataError("The upload is not there any more. Upload the file again.")
    return found.path


def taken() -> list[str]:
    """The last tickets that were used up: a browser whose file is not among them knows that it was lost on the way."""
    return list(_taken)


def most_bytes() -> int:
    """The largest file that is taken."""
    return config.max_upload_mb() * 1_000_000


async def receive(request: Request) -> Response:
    """The route: the body of the request becomes a file in the workspace's staging folder."""
    from starlette.requests import ClientDisconnect
    from starlette.responses import JSONResponse

    def refuse(code: int, sentence: str) -> Response:
        return JSONResponse({"error": sentence}, code)

    key = request.path_params["ticket"]
    if _folder is None or key not in _tickets:
        return refuse(404, "This page is too old to take a file. Load it again.")
    announced = request.headers.get("content-length", "0")
    size = int(announced) if announced.isdigit() else 0
    if size > most_bytes():
        return refuse(413, too_large(size))
    if size * ROOM_FACTOR > shutil.disk_usage(_folder).free:
        return refuse(507, "The disk of the workspace has no room for this file. Free some, then upload it again.")
    path = _folder / f"upload-{secrets.token_hex(8)}"
    try:
        came = await _write(request, path)
    except ClientDisconnect:
        _drop(path)
        return refuse(400, "The upload was interrupted. Upload the file again.")
    except _TooLarge as e:
        _drop(path)
        return refuse(413, too_large(e.size))
    except OSError as e:
        _drop(path)
        said = room.sentence(e, _folder) or f"The file can't be kept: {e.strerror or e}. Upload it again."
        return refuse(507, said)
    with _guard:
        _discard(key)
        _tickets[key] = _Ticket(path=path)
    return JSONResponse({"bytes": came})


def _drop(path: Path) -> None:
    """Remove what came of a file; on a disk that can't be written nothing did."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def too_large(size: int) -> str:
    return (
        f"The file has {wording.filesize(size)}; at most {wording.filesize(most_bytes())} are taken. Zip it, "
        "use Parquet, or ask whoever runs Foretable to raise FORETABLE_MAX_UPLOAD_MB."
    )


class _TooLarge(Exception):
    def __init__(self, size: int) -> None:
        self.size = size


async def _write(request: Request, path: Path) -> int:
    came, waiting = 0, bytearray()
    with path.open("wb") as file:
        async for chunk in request.stream():
            came += len(chunk)
            if came > most_bytes():
                raise _TooLarge(came)
            waiting += chunk
            if len(waiting) >= FLUSH_BYTES:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        file.write(waiting)
    return came


def _discard(key: str) -> None:
    known = _tickets.pop(key, None)
    if known and known.path:
        known.path.unlink(missing_ok=True)
