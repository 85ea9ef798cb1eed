"""Versions in a real browser: upload, a new version with a renamed column, the difference, rows appended with another."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.driving import complaints, press, settled, sideways
from tests.conftest import customers


def send(page, label: str, name: str, table) -> None:
    page.get_by_label(label).set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": table.to_csv(index=False).encode()}
    )


def test_from_an_upload_to_a_third_version(page_1440, page_390, app) -> None:
    page, before = page_1440, len(app.workspace.datasets())
    page.goto("/data")
    settled(page)
    send(page, "Upload a table", "members.csv", customers(200, seed=1))
    page.wait_for_url("**/data?dataset=*")
    main = page.get_by_test_id("stMain")
    page.get_by_role("tab", name="Versions").click()
    expect(main).to_contain_text("All versions")

    send(page, "Choose the new file", "june.csv", customers(260, seed=2).rename(columns={"plan": "tariff"}))
    expect(main).to_contain_text("Nothing is kept until you say so")
    expect(main).to_contain_text("'plan' is probably called 'tariff' now: 100 % of its values are the same.")
    expect(main).to_contain_text("60 more than 200")
    assert len(app.workspace.datasets()) == before + 1
    page.reload()  # what is proposed outlives the session
    settled(page)
    page_390.goto(page.url)
    settled(page_390)
    expect(page_390.get_by_test_id("stMain")).to_contain_text("Nothing is kept until you say so")
    assert sideways(page) == sideways(page_390) == 0
    page.get_by_text("tariff is the same column as plan").click()
    expect(main).to_contain_text("so you said")
    expect(main).not_to_contain_text("'plan' is probably called")
    assert app.workspace.frame(app.workspace.proposals(app.workspace.datasets()[0].id)[0].id)["plan"].notna().sum() > 200
    page_390.reload()
    settled(page_390)
    assert sideways(page_390) == 0
    press(page, ".st-key-keep-version button")
    expect(main).to_contain_text("What changed in version 2, after version 1")

    page.get_by_text("Append rows", exact=True).click()
    more = customers(30, seed=3).rename(columns={"plan": "subscription"})
    send(page, "Choose the file with the rows", "more.csv", more)
    expect(main).to_contain_text("30 more than 260")
    expect(main).to_contain_text("“subscription” of “more.csv” is new, and “plan” is missing there: the same column?")
    address = page.url
    page.get_by_text("They are the same column").click()
    press(page, ".st-key-append-otherwise button")
    expect(page.locator(".st-key-append-otherwise")).to_have_count(0)
    expect(main).not_to_contain_text("'subscription' is new")
    assert page.url == address
    press(page, ".st-key-keep-version button")
    expect(main).to_contain_text("What changed in version 3, after version 2")
    versions = app.workspace.versions(app.workspace.datasets()[0].id)
    assert [(v.version, v.rows) for v in versions] == [(3, 290), (2, 260), (1, 200)]
    table = app.workspace.frame(versions[0].id)
    assert table["plan"].tail(30).notna().sum() > 20
    assert "subscription" not in table
    page.go_back()
    settled(page)
    assert complaints(page) == []
    assert sideways(page) == 0
