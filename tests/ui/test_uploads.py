"""PUT /upload/<ticket>: whole files to the disk, and one sentence for what is not taken."""

from __future__ import annotations

import http.client
import json
import threading
import time
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from automl.errors import DataError
from automl.ui import uploads


@pytest.fixture
def send(tmp_path, monkeypatch):
    """Sends a request to a server of our own; gives status and answer."""
    monkeypatch.setattr(uploads, "_folder", None)
    monkeypatch.setattr(uploads, "_tickets", {})
    uploads.open_in(tmp_path)
    app = Starlette(routes=[Route(uploads.PATH, uploads.receive, methods=["PUT"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    def send(ticket: str, content: Any, method: str = "PUT") -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        chunked = not isinstance(content, bytes)
        connection.request(method, f"/upload/{ticket}", body=content, encode_chunked=chunked)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text.startswith("{") else {}

    yield send
    server.should_exit = True
    thread.join()


def test_a_file_arrives_whole_and_is_taken_once(send, tmp_path):
    content = bytes(range(256)) * 20_000
    ticket = uploads.ticket()
    assert send(ticket, content) == (200, {"bytes": len(content)})
    assert ticket not in uploads.taken()
    path = uploads.take(ticket)
    assert ticket in uploads.taken()
    assert path.read_bytes() == content
    assert path.parent == tmp_path
    with pytest.raises(DataError, match="Upload the file again"):
        uploads.take(ticket)


def test_a_second_file_replaces_the_first(send, tmp_path):
    ticket = uploads.ticket()
    for content in (b"first", b"second"):
        send(ticket, content)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"second"]


@pytest.mark.parametrize("announced", [True, False])
def test_what_is_too_large_is_not_kept(send, tmp_path, monkeypatch, announced):
    monkeypatch.setenv("FORETABLE_MAX_UPLOAD_MB", "1")
    content = b"x" * 1_500_000
    sent = content if announced else (content[i : i + 100_000] for i in range(0, len(content), 100_000))
    status, answer = send(uploads.ticket(), sent)
    assert status == 413
    assert "at most 1.0 MB are taken" in answer["error"]
    assert list(tmp_path.iterdir()) == []


def test_only_who_has_a_ticket_may_send(send, tmp_path):
    assert send("anything", b"x")[0] == 404
    assert send(uploads.ticket(), b"x", "POST")[0] == 405
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_before_anything_is_sent(send, monkeypatch):
    monkeypatch.setattr(uploads, "ROOM_FACTOR", 10**15)
    status, answer = send(uploads.ticket(), b"abc")
    assert status == 507
    assert "no room for this file" in answer["error"]


def test_old_tickets_end_with_their_files(send, tmp_path, monkeypatch):
    ticket = uploads.ticket()
    send(ticket, b"x")
    monkeypatch.setattr(uploads, "TICKET_SECONDS", -1.0)
    uploads.ticket()
    assert list(tmp_path.iterdir()) == []
    assert send(ticket, b"x")[0] == 404


def test_a_disk_that_became_read_only_is_said(send, tmp_path, monkeypatch):
    def refused(self, *_, **__):
        raise OSError(30, "Read-only file system", str(self))

    monkeypatch.setattr(uploads.Path, "open", refused)
    monkeypatch.setattr(uploads.Path, "unlink", refused)
    status, answer = send(uploads.ticket(), b"a,b\n1,2\n")
    assert status == 507
    assert answer["error"].startswith(f"The folder '{tmp_path}' can't be written: its disk is read-only")
