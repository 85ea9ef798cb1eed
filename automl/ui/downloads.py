"""Downloads that come from the disk: GET /download/<ticket>, beside Streamlit's pages.

Streamlit's own button holds the whole file in memory. A page gets a ticket for a file of the workspace, which
nobody can guess; the browser fetches the file with it, piece by piece.
"""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from automl import wording
from automl.ui import uploads, widgets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATH = "/download/{ticket}"
MOST_TICKETS = 2_000
TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_tickets: dict[str, tuple[Path, str]] = {}
_guard = threading.Lock()


def ticket(path: Path, name: str) -> str:
    """A ticket for a file, under the name it is to be saved as; the same one again for the same file."""
    with _guard:
        for known, kept in _tickets.items():
            if kept == (path, name):
                return known
        while len(_tickets) >= MOST_TICKETS:
            _tickets.pop(next(iter(_tickets)))
        made = secrets.token_urlsafe(24)
        _tickets[made] = (path, name)
    return made


async def send(request: Request) -> Response:
    """The route."""
    from starlette.responses import FileResponse, PlainTextResponse

    found = _tickets.get(request.path_params["ticket"])
    if found is None or not found[0].is_file():
        return PlainTextResponse("This file is not there any more. Load the page again.", 404)
    path, name = found
    kind = TYPES.get(path.suffix, "application/octet-stream")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
    return FileResponse(path, media_type=kind, filename=name, headers=headers)


def button(label: str, path: Path, name: str, *, key: str, primary: bool = False) -> None:
    """A button that saves a file of the workspace."""
    size = wording.filesize(path.stat().st_size)
    if uploads.are_open():
        with st.container(key=key, width="content"):
            widgets.download_link(label, size, PATH.format(ticket=ticket(path, name)), name, primary=primary)
        return
    st.download_button(
        f"{label} · {size}", data=path.read_bytes, file_name=name, mime=TYPES.get(path.suffix), key=key,
        type="primary" if primary else "secondary", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
