"""The app's server: app.py as an ASGI app, routes for health and uploads, and the supervisor in the background.

`python -m automl app` starts this module as a program of its own, with OpenMP's settings in place.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl import __version__, config
from automl.errors import ForetableError, StoreError
from automl.jobs import client
from automl.store import Workspace
from automl.types import JobState
from automl.ui import downloads, uploads

if TYPE_CHECKING:
    import uvicorn

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "app.py"
KEEP_SECONDS = 2.0  # a supervisor that died is started again after at most this long
GOODBYE_SECONDS = 2  # for open connections, once the server is asked to stop
WARM = ("pandas", "pyarrow.parquet", "plotly.graph_objects", "sklearn.tree")  # what the first pages need


def serve(
    host: str = "127.0.0.1", port: int = 8501, *, open_browser: bool = True, with_worker: bool = True
) -> None:
    """Serve the app until it is asked to stop; prints one line with the address once it is ready.

    Builds that run when the server stops go on, and are found again by the next one.

    Parameters
    ----------
    host, port : str, int
        Where to listen. Port 0 takes a free one.
    open_browser : bool
        Open the address in a browser, where there is a terminal and a screen.
    with_worker : bool
        Start a supervisor for the workspace, and again should it die. Without one, builds wait
        until ``python -m automl worker`` runs.

    Raises
    ------
    StoreError
        The workspace can't be used, or the port is taken.
    """
    for name, value in config.OPENMP_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    workspace = Workspace()
    listener = listen(host, port)
    port = listener.getsockname()[1]
    stop = threading.Event()
    if with_worker:
        threading.Thread(target=_keep_supervisor, args=(workspace, stop), daemon=True).start()
    else:
        os.environ["FORETABLE_SUPERVISOR"] = "off"
    url = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::', '::1') else host}:{port}"
    try:
        app = application(workspace)
        _configure(host, port)  # once Streamlit knows where app.py is, and with it config.toml
        _server(app, url, open_browser).run(sockets=[listener])
    finally:
        stop.set()
        listener.close()
        if with_worker and (going_on := len(client.jobs(workspace, active=True))):
            builds = "1 build goes" if going_on == 1 else f"{going_on} builds go"
            _say(f"{builds} on in the background.")
        if with_worker and (automatic := len(workspace.batches.automations(enabled=True))):
            goes = "1 automatic prediction goes" if automatic == 1 else f"{automatic} automatic predictions go"
            _say(f"{goes} on in the background; switch it off on its model's Predict page.")


def listen(host: str, port: int) -> socket.socket:
    """Take the port, so that a browser can wait at it; raises StoreError when it is not to be had."""
    if not 0 <= port < 2**16:  # the resolver would take what is left of it after 65,536
        raise StoreError(f"There is no port {port}. Choose one from 1 to 65535 with --port, or 0 for a free one.")
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, number)
    except OSError as e:
        raise StoreError(f"'{host}' is no address of this machine. Choose another one with --host.") from e
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(128)
        taken.setblocking(False)
    except OSError as e:
        taken.close()
        raise StoreError(
            f"Port {port} can't be used: {e.strerror}. Choose another one with --port, "
            "or open the app that may be running there already."
        ) from e
    return taken


def application(workspace: Workspace) -> Any:
    """The ASGI app: Streamlit's pages and, beside them, /health, /upload/<ticket> and /download/<ticket>."""
    import streamlit as st
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from streamlit.runtime.pages_manager import PagesManager

    # Until app.py has run once, Streamlit would serve pages/ by itself to whoever comes first with
    # the address of a page: without app.py's frame around it.
    PagesManager.uses_pages_directory = False

    def answer(_request: Any) -> JSONResponse:
        content = health(workspace)
        return JSONResponse(content, 200 if content["status"] == "ok" else 503)

    if str(ROOT) not in sys.path:  # pages import automl from wherever the server was started
        sys.path.insert(0, str(ROOT))
    uploads.open_in(workspace.staging)
    routes = [
        Route("/health", answer, methods=["GET"]),
        Route(uploads.PATH, uploads.receive, methods=["PUT"]),
        Route(downloads.PATH, downloads.send, methods=["GET"]),
    ]
    return st.App(SCRIPT, routes=routes)


def health(workspace: Workspace) -> dict[str, Any]:
    """What GET /health answers: whether the workspace can be used, and what is at work in it."""
    try:
        active = client.jobs(workspace, active=True)
        running = sum(job.state is JobState.RUNNING for job in active)
        return {
            "status": "ok",
            "version": __version__,
            "worker": client.supervisor_running(workspace),
            "running": running,
            "queued": len(active) - running,
        }
    except StoreError as e:
        return {"status": "unavailable", "version": __version__, "reason": str(e)}


def _configure(host: str, port: int) -> None:
    """Streamlit's settings that follow from ours; the look is in .streamlit/config.toml beside app.py.

    Outside `streamlit run` Streamlit reads no settings from the environment; this is how
    `st.App.run` hands them over.
    """
    from streamlit.web.bootstrap import load_config_options

    load_config_options(
        {
            "server.address": host,
            "server.port": port,
            "server.headless": True,
            "server.fileWatcherType": "none",
            "server.maxUploadSize": config.max_upload_mb(),
            "browser.gatherUsageStats": False,
            "logger.level": "warning",  # one line once the app is ready, not one a request
        }
    )


def _server(app: Any, url: str, open_browser: bool) -> uvicorn.Server:
    import uvicorn
    from streamlit.config import get_option

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                _say(f"Foretable is ready at {url}")
                threading.Thread(target=_warm_up, args=(url if open_browser else None,), daemon=True).start()

    return Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=get_option("server.maxMessageSize") * 2**20,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GOODBYE_SECONDS,
        )
    )


def _warm_up(url: str | None) -> None:
    if url and sys.stdout.isatty() and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        webbrowser.open(url)
    import importlib

    for name in WARM:
        importlib.import_module(name)


def _keep_supervisor(workspace: Workspace, stop: threading.Event) -> None:
    while True:
        try:
            client.ensure_supervisor(workspace)
        except OSError:  # no process to be had just now
            log.exception("no supervisor could be started")
        if stop.wait(KEEP_SECONDS):
            return


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(argv: list[str] | None = None) -> int:
    """Serve as the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m automl app", description="Start the app and the worker.")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--host", default="127.0.0.1", help="listen here; localhost by default")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.add_argument("--no-worker", action="store_true", help="start no worker; run `worker` by itself")
    args = parser.parse_args(argv)
    try:
        serve(args.host, args.port, open_browser=not args.no_browser, with_worker=not args.no_worker)
    except ForetableError as e:
        sys.stderr.write(f"error: {e}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
