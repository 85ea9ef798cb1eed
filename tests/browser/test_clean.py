"""The recipe in a real browser: propose → edit a step → add a formula → before and after → undo → build."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.driving import complaints, press, settled, sideways
from tests.browser.test_main_job import build, keep_it_small, use_sample


def test_from_the_proposed_steps_to_a_model_of_ones_own(page_1440, app) -> None:
    page = page_1440
    model = use_sample(page, app, "Customer churn")
    keep_it_small(page, app, model, candidates=1, families=["linear"])
    press(page, ".st-key-edit-recipe button")
    page.wait_for_url("**/clean?model=*")
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Figures are of all")
    expect(main).to_contain_text("Done to every row")

    page.locator(".st-key-recipe-op input").click()
    page.get_by_role("option", name="Add a computed column").click()
    settled(page)
    press(page, ".st-key-recipe-add-step button")
    settled(page)
    form = page.locator(".st-key-recipe-form")
    form.get_by_label("Name of the new column").fill("minutes <b>a call</b>")
    form.get_by_label("Name of the new column").press("Tab")
    settled(page)
    formula = form.get_by_label("Formula", exact=True)
    formula.fill("total_day_minute / total_day_calls")
    formula.press("Control+Enter")
    expect(form).to_contain_text("Did you mean 'total_day_minutes'")
    formula.fill("round(total_day_minutes / total_day_calls, 2)")
    formula.press("Control+Enter")
    expect(form).to_contain_text("Would change · 1 column")
    press(page, ".st-key-recipe-save button")
    expect(main).to_contain_text("Compute 'minutes <b>a call</b>' · 1 column")
    assert main.locator("b:text-is('a call')").count() == 0

    saved = app.workspace.model(model).draft["recipe"]["steps"]
    at = next(n for n, step in enumerate(saved) if step["op"] == "formula")
    press(page, f".st-key-recipe-edit-{at} button")
    formula = page.get_by_label("Formula", exact=True)
    formula.fill("total_day_minutes / total_day_calls * 60")
    formula.press("Control+Enter")
    settled(page)
    press(page, ".st-key-recipe-save button")
    settled(page)
    page.locator(f".st-key-recipe-changes-{at} summary").click()
    expect(page.locator(f".st-key-recipe-changes-{at}")).to_contain_text("total_day_calls")
    press(page, f".st-key-recipe-delete-{at} button")
    expect(main).not_to_contain_text("Compute 'minutes")
    press(page, ".st-key-recipe-undo button")
    expect(main).to_contain_text("Compute 'minutes <b>a call</b>' · 1 column")
    page.reload()
    settled(page)
    expect(main).to_contain_text("Compute 'minutes <b>a call</b>' · 1 column")
    assert sideways(page) == 0
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert sideways(page) == 0
    page.set_viewport_size({"width": 1440, "height": 900})

    press(page, ".st-key-recipe-done button")
    page.wait_for_url("**/build?model=*")
    settled(page)
    expect(main).to_contain_text("Edited by you")
    build(page, app, model)
    folder = app.workspace.bundle_folder(model)
    names = [c["name"] for c in json.loads((folder / "schema.json").read_text("utf-8"))["columns"]]
    assert "total_day_minutes" in names and "minutes <b>a call</b>" not in names
    assert "minutes <b>a call</b>" in json.loads((folder / "model.json").read_text("utf-8"))["kinds"]
    page.get_by_role("tab", name="Cleaning").click()
    expect(main).to_contain_text("Compute 'minutes <b>a call</b>'")
    page.goto(f"/predict?model={model}")
    settled(page)
    expect(main).to_contain_text("churn will probably be")
    assert complaints(page) == []
