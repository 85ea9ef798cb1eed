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
    from playwright.sync_api import Browser, Page, Request

RESULTS = ROOT / "test-results"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
    "--js-flags=--no-opt",  # what is optimised in the background is thrown away with the page
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
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


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with a workspace that all tests share, but for modules with one of their own."""
    with running_app(tmp_path_factory.mktemp("app") / "home") as started:
        yield started


@pytest.fixture(scope="session")
def tabs() -> dict[str, list[Page]]:
    """Tabs that no test has now, by the app's address: a window takes as long to open as a page."""
    return {}


@pytest.fixture
def new_page(
    browser: Browser, tabs: dict[str, list[Page]], app: App, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Get a tab, by its width and height; several at once are several people or tabs."""
    pages: list[Page] = []
    trouble: list[str] = []

    def raised(error: Any) -> None:
        trouble.append(f"JavaScript: {error}")

    def asked(what: Request) -> None:
        _look(what.url, trouble)

    def open_page(width: int, height: int) -> Page:
        idle = tabs.setdefault(app.url, [])
        page = idle.pop() if idle else _opened(browser, app.url)
        page.set_viewport_size({"width": width, "height": height})
        page.on("pageerror", raised)
        page.context.on("request", asked)
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
        page.remove_listener("pageerror", raised)
        page.context.remove_listener("request", asked)
        if failed or page.is_closed():
            page.context.close()
            continue
        page.goto("about:blank")
        page.context.clear_cookies()
        tabs[app.url].append(page)
    assert failed or not trouble, "\n".join(trouble)


def _opened(browser: Browser, address: str) -> Page:
    context = browser.new_context(base_url=address, accept_downloads=True, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


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
