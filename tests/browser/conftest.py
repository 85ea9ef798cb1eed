"""The real app in Chromium: `app`, `page_1440` and `page_390`.

A page fails its test when its JavaScript raises or when it asks any other host for anything. What it
showed when a test failed is kept in test-results/.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser.driving import ROOT, App, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RESULTS = ROOT / "test-results"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip
OURS = ("localhost", "127.0.0.1")
PATIENCE_MS = 20_000
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "The browser tests need Chromium: make test installs it where apt-get is at hand."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with a workspace that the tests of a module share."""
    with running_app(tmp_path_factory.mktemp("app") / "home") as started:
        yield started


@pytest.fixture
def new_page(browser: Browser, app: App, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Open a page, by its width and height; several at once are several people or tabs."""
    pages: list[Page] = []
    trouble: list[str] = []

    def open_page(width: int, height: int, *, dark: bool = False) -> Page:
        context = browser.new_context(
            base_url=app.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("request", lambda r: _look(r.url, trouble))
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(f"JavaScript: {error}"))
        pages.append(page)
        return page

    yield open_page
    failed = request.node.stash.get(FAILED, False)
    for number, page in enumerate(pages):
        if (failed or trouble) and not page.is_closed():
            RESULTS.mkdir(exist_ok=True)
            name = re.sub(r"[^\w.-]+", "-", request.node.name)
            width = page.viewport_size["width"] if page.viewport_size else 0
            page.screenshot(path=RESULTS / f"{name}-{width}-{number}.png", full_page=True)
        page.context.close()
    assert failed or not trouble, "\n".join(trouble)


def _look(url: str, trouble: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in OURS:
        trouble.append(f"The page asked another host for {url}")


@pytest.fixture
def page_1440(new_page: Callable[..., Page]) -> Page:
    """A page as wide as a laptop's."""
    return new_page(1440, 900)


@pytest.fixture
def page_390(new_page: Callable[..., Page]) -> Page:
    """A page as narrow as a phone's."""
    return new_page(390, 844)
