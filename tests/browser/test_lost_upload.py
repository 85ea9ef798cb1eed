"""A file that was under way when page or app were stopped is said to be lost; one that was read is not."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.driving import complaints, settled

FILE = {"name": "customers.csv", "mimeType": "text/csv", "buffer": b"age,plan\n" + b"31,a\n47,b\n" * 20}
LOST = "customers.csv was not read: the upload or the app was stopped. Upload the file again."


def test_a_lost_upload_is_said_once(page_1440) -> None:
    page = page_1440
    page.route("**/upload/*", lambda route: None)  # the file never arrives
    page.goto("/data")
    settled(page)
    upload = page.locator(".st-key-upload input[type=file]")
    upload.set_input_files(FILE)
    expect(page.locator(".st-key-upload .zone.busy")).to_be_visible()
    page.reload()
    expect(page.get_by_text(LOST)).to_be_visible()
    page.unroute("**/upload/*")
    settled(page)
    upload.set_input_files(FILE)
    page.wait_for_url("**/data?dataset=*")
    settled(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("Read 40 rows")
    page.goto("/data")
    settled(page)
    expect(page.get_by_text("Upload a table")).to_be_visible()
    expect(page.get_by_text("was not read")).to_have_count(0)
    assert complaints(page) == []
