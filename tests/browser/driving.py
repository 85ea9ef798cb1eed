"""How the tests drive the app: start and stop it, wait for it, look at what is on the page."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.jobs import client, lock
from automl.store import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
READY = "Foretable is ready at "
START_SECONDS, STOP_SECONDS = 60.0, 20.0


@dataclass
class App:
    """The real app, `python -m automl app`, on a free port with a workspace of its own."""

    home: Path
    url: str = ""
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.home.parent / f"{self.home.name}.log"

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.home)

    def start(self) -> None:
        """Start it and wait until it says that it is ready; again on the same port after `stop`."""
        order = [sys.executable, "-m", "automl", "app", "--port", str(self.port)]
        said = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                order,
                cwd=ROOT,
                env={**os.environ, **self.environment, "FORETABLE_HOME": str(self.home)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            text = self.log.read_bytes()[said:].decode()
            if READY in text and "\n" in text.split(READY, 1)[1]:
                self.url = text.split(READY, 1)[1].split()[0]
                self.port = int(self.url.rsplit(":", 1)[1])
                return
            time.sleep(0.05)
        raise RuntimeError(f"The app did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the app's process alone; builds go on."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(STOP_SECONDS)
            self.process = None

    def close(self) -> None:
        """End everything: the app, its builds, and the supervisor, which goes once it has nothing to do."""
        self.stop()
        for job in client.jobs(self.workspace, active=True):
            client.cancel(self.workspace, job.id)
        if wait_for(lambda: not lock.held(self.home), STOP_SECONDS):
            return
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int((self.home / lock.NAME).read_text()), signal.SIGTERM)

    def health(self) -> int:
        """The status of GET /health."""
        with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
            return int(answer.status)


@contextlib.contextmanager
def running_app(home: Path, **environment: str) -> Iterator[App]:
    app = App(home, environment=environment)
    try:
        app.start()
        yield app
    finally:
        app.close()


def wait_for(condition: Any, seconds: float = 30.0, every: float = 0.1) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < end:
        time.sleep(every)
    return bool(true)


def settled(page: Page, seconds: float = 30.0) -> None:
    """Wait until Streamlit has connected and its script has run to its end."""
    page.wait_for_selector(
        "[data-testid='stApp'][data-test-connection-state='CONNECTED'][data-test-script-state='notRunning']",
        state="attached",
        timeout=seconds * 1000,
    )


def press(page: Page, selector: str) -> None:
    """Click as a person does: once the page has drawn itself and the button has stayed where it is."""
    button = page.locator(selector).first
    for _ in range(20):
        settled(page)
        seen, place = button.element_handle(), button.bounding_box()
        page.wait_for_timeout(300)
        idle = page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").count()
        if idle and seen.evaluate("e => e.isConnected") and button.bounding_box() == place:
            break
    button.click()


def sideways(page: Page, seconds: float = 3.0) -> int:
    """How many pixels the page's content is wider than the window; 0 when nothing scrolls sideways.

    Charts and tables take their new width a moment after the window has got its own: they are given `seconds`.
    """
    wait_for(lambda: _wider(page) == 0, seconds)
    return _wider(page)


def _wider(page: Page) -> int:
    return int(
        page.evaluate(
            """() => {
              const main = document.querySelector("[data-testid='stMain']") || document.documentElement;
              return Math.max(main.scrollWidth - main.clientWidth,
                              document.documentElement.scrollWidth - window.innerWidth, 0);
            }"""
        )
    )


def complaints(page: Page) -> list[str]:
    """Streamlit's red boxes on the page: an exception that reached the user."""
    return [box.inner_text() for box in page.locator("[data-testid='stException']").all()]
