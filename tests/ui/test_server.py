from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automl.errors import StoreError
from automl.jobs import client
from automl.store import Workspace

ROOT = Path(__file__).parents[2]
PAGE = "import streamlit as st\nst.write('hello')\n"
SERVE = """
import sys
from pathlib import Path
from automl.ui import server
server.SCRIPT = Path(sys.argv.pop(1))
sys.exit(server.main(sys.argv[1:]))
"""


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


class App:
    """The server as a process of its own, with a page of our own."""

    def __init__(self, folder: Path, *options: str) -> None:
        (folder / "page.py").write_text(PAGE)
        self.home = folder / "home"
        env = {k: v for k, v in os.environ.items() if k != "FORETABLE_SUPERVISOR"}
        env |= {"FORETABLE_HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        order = [sys.executable, "-c", SERVE, str(folder / "page.py"), "--port", "0", *options]
        started = time.monotonic()
        self.process = subprocess.Popen(order, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.seconds = time.monotonic() - started
        self.url = self.line.split()[-1].replace("localhost", "127.0.0.1")

    def health(self) -> dict[str, Any]:
        return json.loads(get(f"{self.url}/health"))

    def stop(self, number: int = signal.SIGINT) -> tuple[str, str]:
        self.process.send_signal(number)
        return self.process.communicate(timeout=30)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    apps: list[App] = []

    def serve(*options: str) -> App:
        apps.append(App(tmp_path, *options))
        return apps[-1]

    yield serve
    for app in apps:
        app.process.kill()
        app.process.communicate()


def until(condition: Any) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_is_ready_soon_says_one_line_and_runs_a_worker(serve):
    app = serve()
    assert app.line.startswith("Foretable is ready at http://localhost:")
    assert app.seconds < 10  # 0.8 s on a quiet machine
    assert b"<title>" in get(app.url)
    assert get(f"{app.url}/_stcore/health") == b"ok"
    until(lambda: app.health()["worker"])
    found = app.health()
    assert (found["status"], found["running"], found["queued"]) == ("ok", 0, 0)
    out, err = app.stop()
    assert (out, err, app.process.returncode) == ("", "", 0)
    until(lambda: not client.supervisor_running(Workspace(app.home)))


def test_a_worker_that_dies_is_replaced(serve):
    app = serve()
    lock = app.home / "supervisor.lock"
    until(lambda: lock.exists() and lock.read_text().strip() and app.health()["worker"])
    first = int(lock.read_text())
    os.kill(first, signal.SIGKILL)
    until(lambda: (text := lock.read_text().strip()) and int(text) != first and app.health()["worker"])


def test_without_a_worker_none_is_started(serve):
    app = serve("--no-worker")
    assert app.health()["worker"] is False
    assert not (app.home / "supervisor.log").exists()


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        order = [sys.executable, "-m", "automl.ui.server", "--port", number]
        env = {**os.environ, "FORETABLE_HOME": str(tmp_path)}
        done = subprocess.run(order, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: Port {number} can't be used: Address already in use.")
    assert done.stderr.count("\n") == 1


def test_a_workspace_that_is_out_of_order_makes_the_health_say_so(tmp_path):
    from automl.ui import server

    workspace = Workspace(tmp_path)
    assert server.health(workspace)["status"] == "ok"
    workspace.close()
    for path in tmp_path.glob("foretable.sqlite3*"):
        path.unlink()
    (tmp_path / "foretable.sqlite3").write_bytes(b"this is not an index" * 100)
    assert "can't be used" in server.health(workspace)["reason"]


def test_an_address_of_another_machine_is_refused():
    from automl.ui import server

    with pytest.raises(StoreError, match="no address of this machine|can't be used"):
        server.listen("192.0.2.1", 0)


@pytest.mark.parametrize("port", [-1, 65_536, 99_999_999])
def test_a_number_that_is_no_port_is_refused(port):
    from automl.ui import server

    with pytest.raises(StoreError, match=f"no port {port}"):
        server.listen("127.0.0.1", port)
