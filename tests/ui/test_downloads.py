"""GET /download/<ticket>: the file from the disk under its own name, and nothing without a ticket."""

from __future__ import annotations

import http.client
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from automl.ui import downloads


@pytest.fixture
def get(monkeypatch):
    monkeypatch.setattr(downloads, "_tickets", {})
    app = Starlette(routes=[Route(downloads.PATH, downloads.send, methods=["GET"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    def get(ticket: str) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", f"/download/{ticket}")
        answer = connection.getresponse()
        found = answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        connection.close()
        return found

    yield get
    server.should_exit = True
    thread.join()


def test_a_file_comes_whole_under_its_name(get, tmp_path):
    path = tmp_path / "predictions.csv"
    path.write_bytes(b"a,b\n" * 100_000)
    ticket = downloads.ticket(path, "märz-predictions.csv")
    status, content, headers = get(ticket)
    assert (status, content) == (200, path.read_bytes())
    assert headers["content-type"].startswith("text/csv") and headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment") and "m%C3%A4rz" in headers["content-disposition"]
    assert downloads.ticket(path, "märz-predictions.csv") == ticket


def test_nothing_is_sent_without_a_ticket_or_once_it_is_gone(get, tmp_path):
    path = tmp_path / "predictions.csv"
    path.write_text("a")
    ticket = downloads.ticket(path, "p.csv")
    assert get("nonsense")[0] == 404
    assert get("..%2F..%2Fetc%2Fpasswd")[0] == 404
    path.unlink()
    status, content, _ = get(ticket)
    assert status == 404 and b"Load the page again" in content


def test_old_tickets_make_room(monkeypatch, tmp_path):
    monkeypatch.setattr(downloads, "_tickets", {})
    monkeypatch.setattr(downloads, "MOST_TICKETS", 2)
    made = [downloads.ticket(tmp_path / str(i), "p.csv") for i in range(3)]
    assert list(downloads._tickets) == made[1:]
