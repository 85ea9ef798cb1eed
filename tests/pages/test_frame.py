"""What app.py puts around every page."""

from __future__ import annotations

import logging

import pytest

from automl.errors import DataError
from automl.ui import actions
from tests.pages.conftest import ROOT, texts

PAGES = sorted(p.stem for p in (ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_heading_and_the_sidebar(bench, page) -> None:
    app = bench.open(page)
    assert len(app.title) == 1
    assert [link.label for link in app.sidebar.get("page_link")] == ["Home", "Data", "Models"]
    assert "Queue: empty" in texts(app)


def test_an_error_that_is_ours_is_shown_as_it_is(bench, monkeypatch) -> None:
    def fails():
        raise DataError("The samples are not [there](x). Install again.")

    monkeypatch.setattr(actions, "samples", fails)
    app = bench.open()
    (error,) = app.error
    assert error.value.replace("\\", "") == "The samples are not [there](x). Install again."
    assert "Go to Home" in [link.label for link in app.get("page_link")]


def test_a_fault_of_the_page_is_a_reference_and_stands_in_the_log(bench, monkeypatch, caplog) -> None:
    def fails():
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(actions, "samples", fails)
    with caplog.at_level(logging.ERROR, logger="automl.ui.boundary"):
        app = bench.open()
    (error,) = app.error
    reference = error.value.replace("\\", "").split("reference ")[1].rstrip(".")
    assert "secret detail" not in texts(app)
    (record,) = caplog.records
    assert reference in record.getMessage()
    assert "secret detail" in record.exc_text
    monkeypatch.undo()


def test_a_full_disk_is_a_sentence_and_no_fault_of_the_page(bench, monkeypatch) -> None:
    def fails():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(actions, "samples", fails)
    app = bench.open()
    (error,) = app.error
    assert error.value.replace("\\", "").startswith("The disk is full. This was not saved; all that was saved before is as it was.")
    assert "reference" not in error.value


def test_a_project_that_can_not_be_kept_is_said(bench, monkeypatch) -> None:
    app = bench.open()
    app.text_input(key="new-project-name").set_value("Two").run()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(bench.workspace), "add_project", full)
    app = bench.click(app, "new-project")
    assert app.error[0].value.replace("\\", "").startswith("The disk is full. This was not saved")


def test_try_again_draws_the_page_once_more(bench, monkeypatch) -> None:
    real, calls = actions.samples, []

    def fails_once():
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real()

    monkeypatch.setattr(actions, "samples", fails_once)
    app = bench.click(bench.open(), "again-home")
    assert not app.error
    assert "Customer churn" in texts(app)
