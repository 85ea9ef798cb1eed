"""A file that was read wrongly: what was decided is seen, changed, looked at and kept; rows set aside are there."""

from __future__ import annotations

import pandas as pd
from playwright.sync_api import expect

from tests.browser.driving import complaints, press, settled, sideways

HOSTILE = '<b>"when"</b>; DROP'
ROWS = "".join(f"{i};0{1 + i % 9}/0{1 + i % 8}/2024;{i},5 €\n" for i in range(40))


def test_a_refused_file_is_mended_where_it_was_uploaded(page_1440, app, tmp_path) -> None:
    page, path = page_1440, tmp_path / "ragged.csv"
    before = {dataset.id for dataset in app.workspace.datasets()}  # those of other tests
    path.write_text("exported,by hand\n" + "1,2\n" * 10 + "1,1,1\n1\n1,2,3,4\n" * 9)
    page.goto("/data")
    settled(page)
    page.locator(".st-key-upload input[type=file]").set_input_files(path)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Try ragged.csv with other choices")
    page.reload()  # it is found again
    settled(page)
    expect(main).to_contain_text("27 rows of 37 don't have the 2 fields")
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) == 0
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("combobox", name="Rows that do not fit").click()
    page.get_by_role("option", name="Are set aside, however many").click()
    expect(main).to_contain_text("With these choices: 10 rows and 2 columns")
    press(page, ".st-key-refused-read button")
    page.wait_for_url("**/data?dataset=*")
    (dataset,) = (dataset for dataset in app.workspace.datasets() if dataset.id not in before)
    assert (dataset.rows, dataset.report.bad_rows) == (10, 27)
    assert complaints(page) == []
    app.workspace.delete_dataset(dataset.id)


def test_a_wrong_guess_is_put_right(page_1440, new_page, app, tmp_path) -> None:
    page = page_1440
    path = tmp_path / "prices.csv"
    path.write_text(f'Price list\n\nid;"{HOSTILE.replace(chr(34), chr(34) * 2)}";price\n{ROWS}7;"short <i>row</i>"\n')
    page.goto("/data")
    settled(page)
    page.locator(".st-key-upload input[type=file]").set_input_files(path)
    page.wait_for_url("**/data?dataset=*")
    settled(page)
    dataset = app.workspace.datasets()[0]  # the newest
    assert app.workspace.frame(dataset.id)[HOSTILE].iloc[1] == pd.Timestamp("2024-02-02")
    assert app.workspace.frame(dataset.id)[HOSTILE].iloc[8] == pd.Timestamp("2024-01-09")  # 09/01: day first

    page.get_by_role("tab", name="How it was read").click()
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("separated by semicolons")
    expect(main).to_contain_text("1 row was set aside")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download these rows").click()
    saved = pd.read_csv(download.value.path())
    assert saved.to_numpy().tolist() == [[44, "2 cells instead of 3", '7;"short <i>row</i>"']]

    page.get_by_role("combobox", name="Dates such as 03/04/2024").click()
    page.get_by_role("option", name="Month first (01/31/2024)").click()
    settled(page)
    expect(main).to_contain_text("With these choices")
    expect(main).to_contain_text("It takes the place of this version")
    assert app.workspace.dataset(dataset.id).digest == dataset.digest  # only looked at so far
    press(page, ".st-key-keep-reading button")
    expect(main).not_to_contain_text("With these choices")
    settled(page)
    kept = app.workspace.dataset(dataset.id)
    assert (kept.version, kept.report.options["chosen"]) == (1, {"day_first": False})
    assert app.workspace.frame(dataset.id)[HOSTILE].iloc[8] == pd.Timestamp("2024-09-01")

    page.reload()
    settled(page)
    expect(page.get_by_role("combobox", name="Dates such as 03/04/2024")).to_have_value("Month first (01/31/2024)")
    phone = new_page(390, 844)
    phone.goto(page.url)
    settled(phone)
    expect(phone.get_by_test_id("stMain")).to_contain_text("1 row was set aside")
    assert sideways(phone) == 0 and sideways(page) == 0
    assert complaints(page) == complaints(phone) == []
