"""Automatic batches end to end: a new version uploaded in one tab and a file in a watched folder are predicted while
nobody has it open, and are found again."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from playwright.sync_api import expect

from automl.data.profile import profile
from automl.data.read import read_with_report
from tests.browser.driving import complaints, press, running_app, settled, sideways, wait_for
from tests.conftest import customers


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The app with a folder that it may watch."""
    home = tmp_path_factory.mktemp("app")
    (home / "imports" / "inbox").mkdir(parents=True)
    with running_app(home / "home", FORETABLE_IMPORT_DIR=str(home / "imports")) as started:
        yield started


@pytest.fixture
def made(app, customers_csv, churn_bundle) -> tuple[str, str]:
    """A finished model of the small table in the app's workspace, and its data set."""
    frame, report = read_with_report(customers_csv)
    data = app.workspace.add_dataset(frame, name="customers.csv", report=report, columns=profile(frame))
    model = app.workspace.add_model("Leaving", data.id, draft={"target": "churn"})
    shutil.copytree(churn_bundle.folder, app.workspace.build_folder(model.id) / "bundle")
    return model.id, data.id


def choose(page, key: str, option: str) -> None:
    page.locator(f".st-key-{key}").get_by_role("combobox").first.click()
    page.get_by_role("option", name=option).first.click()
    settled(page)


def test_what_comes_is_predicted_by_itself(new_page, app, made) -> None:
    model, data = made
    page = new_page(1440, 900)
    address = f"/predict?model={model}&rows=Automatic"
    page.goto(address)
    settled(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("Nothing is predicted by itself yet")
    choose(page, "auto-dataset", "customers.csv")
    press(page, ".st-key-auto-start button")
    expect(page.get_by_test_id("stMain")).to_contain_text("It has not run yet")
    page.get_by_text("A folder", exact=True).click()
    settled(page)
    choose(page, "auto-folder", "imports/inbox")
    press(page, f".st-key-range-auto-{model} label")
    press(page, ".st-key-auto-start button")
    assert wait_for(lambda: len(app.workspace.batches.automations(model=model)) == 2)

    page.goto(f"/data?dataset={data}&part=Versions")
    settled(page)
    page.get_by_label("Choose the new file").set_input_files(
        {"name": "june.csv", "mimeType": "text/csv", "buffer": customers(40, seed=2).to_csv(index=False).encode()}
    )
    press(page, ".st-key-keep-version button")
    expect(page.get_by_test_id("stMain")).to_contain_text("What changed in version 2")
    page.close()
    file = app.home.parent / "imports" / "inbox" / "july.csv"
    customers(30, seed=3).to_csv(file, index=False)
    os.utime(file, (time.time() - 60, time.time() - 60))  # one of before is not waited for to be whole

    def predicted() -> dict[str, int]:
        return {b.name: b.rows for b in app.workspace.batches.of(model=model) if b.outcome}

    assert wait_for(lambda: len(predicted()) == 2, 60)
    assert predicted() == {"customers.csv, version 2": 40, "july.csv": 30}
    page = new_page(390, 844)
    page.goto(address)
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Last: july.csv")
    expect(main).to_contain_text("Last: customers.csv, version 2")
    assert sideways(page) == 0
    page.get_by_role("button", name="Open the last").first.click()
    page.wait_for_url("**batch=b*")
    expect(main).to_contain_text("of the rows will probably be")
    assert complaints(page) == []
    for automation in app.workspace.batches.automations():  # else the supervisor would stay
        app.workspace.batches.forget(automation.id)
