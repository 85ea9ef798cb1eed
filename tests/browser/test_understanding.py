"""From a data set to insights with a target, the report, validation on the build page, and a fix."""

from __future__ import annotations

import numpy as np
import pandas as pd
from playwright.sync_api import expect

from tests.browser.driving import ROOT, complaints, press, settled, sideways


def leaky() -> bytes:
    table = pd.read_csv(ROOT / "sample_data/customer_churn.csv").head(1500)
    rng = np.random.default_rng(0)
    table["closed_on"] = np.where(table["churn"] == "yes", pd.Timestamp("2024-03-05") + pd.to_timedelta(rng.integers(0, 90, len(table)), unit="D"), pd.NaT)
    return table.assign(closed_on=pd.to_datetime(table["closed_on"])).to_csv(index=False).encode()


def test_a_leak_is_seen_and_left_out(page_1440) -> None:
    page = page_1440
    page.goto("/data")
    settled(page)
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": "customers.csv", "mimeType": "text/csv", "buffer": leaky()}
    )
    page.wait_for_url("**/data?dataset=*")
    settled(page)
    main = page.get_by_test_id("stMain")
    page.get_by_role("tab", name="Insights").click()
    settled(page)
    page.get_by_role("combobox", name="Target to look at").click()
    page.get_by_role("combobox", name="Target to look at").fill("churn")
    page.keyboard.press("Enter")
    expect(main).to_contain_text("What each column knows about churn")
    expect(main).to_contain_text("closed_on runs from 2024-03-05")
    expect(main).to_contain_text("How often churn is yes, by closed_on")
    assert sideways(page) == 0
    with page.expect_download() as download:
        press(page, ".st-key-data-report button")
        press(page, ".st-key-download-report button")
    report = download.value.path().read_text("utf-8")
    assert "closed_on gives the target away" in report
    assert "<script" not in report

    press(page, ".st-key-model-from-data button")
    page.wait_for_url("**/build?model=*")
    settled(page)
    page.get_by_role("combobox", name="Column to predict").click()
    page.get_by_role("combobox", name="Column to predict").fill("churn")
    page.keyboard.press("Enter")
    expect(main).to_contain_text("closed_on gives the target away")
    press(page, ".st-key-found-0 button")
    expect(main).to_contain_text("Left out closed_on")
    expect(main).not_to_contain_text("closed_on gives the target away")
    press(page, ".st-key-mended-0 button")
    expect(main).to_contain_text("closed_on gives the target away")
    assert sideways(page) == 0
    assert complaints(page) == []
