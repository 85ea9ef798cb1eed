"""Joining in the browser: the flight samples, a key that is text in one table, a refresh in the middle."""

from __future__ import annotations

import re

import pandas as pd
from playwright.sync_api import expect

from automl.data.profile import profile
from automl.types import ReadReport
from tests.browser.driving import complaints, press, settled, sideways

PATIENCE_MS = 40_000


def add(page, table: str) -> None:
    settled(page)
    page.locator("[class*='st-key-join-right'] input").first.click()
    page.get_by_role("option", name=re.compile(f"^{table}")).first.click()
    settled(page)


def test_flights_weather_planes_and_months_whose_codes_are_text(app, page_1440) -> None:
    page = page_1440
    months = pd.DataFrame({"month": [f"{m:02d}" for m in range(1, 13)], "season": ["winter", "summer"] * 6})
    app.workspace.add_dataset(months, name="months", report=ReadReport("frame"), columns=profile(months))
    page.goto("/data")
    press(page, ".st-key-sample-group-nycflights13 button")
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Start with", timeout=PATIENCE_MS)
    add(page, "New York weather 2013")
    expect(main).to_contain_text("of 100 rows of New York flights 2013 are found in New York weather 2013", timeout=PATIENCE_MS)
    press(page, ".st-key-join-more button")
    expect(main).to_contain_text("+ New York weather 2013", timeout=PATIENCE_MS)
    settled(page)
    add(page, "Planes")
    expect(main).to_contain_text("85 of 100 rows of New York flights 2013", timeout=PATIENCE_MS)
    press(page, ".st-key-join-more button")
    expect(main).to_contain_text("+ Planes", timeout=PATIENCE_MS)
    page.reload()
    settled(page)
    expect(main).to_contain_text("+ New York weather 2013", timeout=PATIENCE_MS)
    add(page, "months")
    expect(main).to_contain_text("is a number (such as “1”) and 'month' of the added table is text (such as “01”).", timeout=PATIENCE_MS)
    expect(page.locator(".st-key-join-keep button")).to_have_count(0)
    page.get_by_text("As numbers: 007, 7 and 7.0 are the same").first.click()
    expect(main).to_contain_text("Every row of New York flights 2013 is found in months", timeout=PATIENCE_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert sideways(page) == 0
    press(page, ".st-key-join-keep button")
    page.wait_for_url("**/data?dataset=*", timeout=60_000)
    settled(page)
    assert complaints(page) == []
    joined = app.workspace.datasets()[0]
    assert (joined.origin, joined.rows) == ("join", 60_000)
    assert [s["keys"][0]["compare"] for s in joined.report.options["plan"]["steps"]] == ["same", "same", "number"]
    assert app.workspace.frame(joined.id, columns=["season"])["season"].notna().all()
    page.get_by_role("tab", name="Joined from").click()
    expect(main).to_contain_text("All tables are the latest versions", timeout=PATIENCE_MS)
