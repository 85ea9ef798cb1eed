"""What if: a change of one field moves the answer, the reasons and the comparison with the start; the smallest
change that flips the answer is found and applied."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import expect

from automl.data.profile import profile
from automl.data.read import read_with_report
from tests.browser.driving import complaints, press, settled, sideways


@pytest.fixture
def model(app, customers_csv, churn_bundle) -> str:
    """A finished model of the small table in the app's workspace."""
    frame, report = read_with_report(customers_csv)
    data = app.workspace.add_dataset(frame, name="customers.csv", report=report, columns=profile(frame))
    made = app.workspace.add_model("Leaving", data.id, draft={"target": "churn"})
    shutil.copytree(churn_bundle.folder, app.workspace.build_folder(made.id) / "bundle")
    return made.id


def test_from_a_test_row_to_a_change_that_flips_it(page_1440, page_390, model) -> None:
    page = page_1440
    page.goto(f"/predict?model={model}")
    settled(page)
    answer, one = page.locator(".st-key-answer"), page.locator(".st-key-one-row")
    expect(answer).to_contain_text("Why the chance of churn = yes is")
    press(page, f".st-key-start-random-{model} button")
    expect(one).to_contain_text(re.compile(r"Started from: Test row \d+, really (yes|no)"))
    field = page.get_by_role("spinbutton", name="Day Minutes")
    widget = page.get_by_test_id("stNumberInput").filter(has=field)  # the field itself makes room for a cross to clear it
    settled(page)
    place = widget.bounding_box()
    field.fill("321")
    field.press("Enter")
    expect(answer).to_contain_text("Day Minutes: ")
    expect(answer).to_contain_text("→ 321")
    expect(answer).to_contain_text("Chance of yes at the start")
    assert widget.bounding_box() == place  # nothing jumped
    press(page, f".st-key-back-{model} button")
    expect(answer).to_contain_text("the start stays beside it")

    press(page, f'.st-key-closer-{model} >> text="Smallest change"')
    press(page, f".st-key-flip-find-{model} button")
    before = answer.locator(".big").inner_text()
    press(page, f".st-key-flip-apply-{model}-0 button")
    expect(answer.locator(".big")).to_have_text("yes" if before == "no" else "no")
    press(page, f'.st-key-closer-{model} >> text="Rows like it"')
    expect(page.get_by_test_id("stMain")).to_contain_text("of the 5 rows most like it were")
    page_390.goto(f"/analyze?model={model}&view=Explain")
    settled(page_390)
    expect(page_390.get_by_test_id("stMain")).to_contain_text("Two columns together")
    assert sideways(page) == sideways(page_390) == 0
    assert complaints(page) == complaints(page_390) == []
