"""Every page opens in an empty workspace, at both sizes, without an error and without scrolling sideways."""

from __future__ import annotations

import pytest

from tests.browser.driving import ROOT, complaints, press, running_app, settled, sideways

PAGES = sorted(p.stem for p in (ROOT / "pages").glob("*.py"))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The app with an empty workspace."""
    with running_app(tmp_path_factory.mktemp("app") / "home") as started:
        yield started


def opened(page, name: str) -> None:
    page.goto("/" if name == "home" else f"/{name}")
    settled(page)
    assert complaints(page) == []
    assert page.get_by_text("Page not found").count() == 0
    assert page.get_by_role("heading").count() > 0
    assert sideways(page) == 0


@pytest.mark.parametrize("name", PAGES)
def test_opens_on_a_laptop(page_1440, name) -> None:
    opened(page_1440, name)


@pytest.mark.parametrize("name", PAGES)
def test_opens_on_a_phone(page_390, name) -> None:
    opened(page_390, name)


def test_answers_the_health_check_and_comes_back_on_the_same_address(app, page_1440) -> None:
    assert app.health() == 200
    address = app.url
    opened(page_1440, "home")
    app.stop()
    app.start()
    assert app.url == address
    opened(page_1440, "home")


def test_what_is_at_the_top_can_be_pressed_without_the_sidebar(page_1440) -> None:
    opened(page_1440, "home")
    page_1440.get_by_test_id("stSidebarHeader").hover()
    page_1440.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page_1440.get_by_test_id("stExpandSidebarButton").wait_for()
    press(page_1440, ".st-key-new-model button")
    page_1440.wait_for_url("**/data*")
