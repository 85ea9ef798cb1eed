"""Start the app and the worker."""

from __future__ import annotations

import argparse
import os
import sys

SUMMARY = "Start the app and the worker."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("--port", type=int, default=8501)
    sub.add_argument("--host", default="127.0.0.1", help="listen here; localhost by default")
    sub.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    sub.add_argument("--no-worker", action="store_true", help="start no worker; run `worker` by itself")


def run(args: argparse.Namespace) -> None:
    """Replace this process by the server: OpenMP's settings must stand before numpy is loaded."""
    order = [sys.executable, "-m", "automl.ui.server", "--host", args.host, "--port", str(args.port)]
    order += ["--no-browser"] * args.no_browser + ["--no-worker"] * args.no_worker
    os.execv(sys.executable, order)
