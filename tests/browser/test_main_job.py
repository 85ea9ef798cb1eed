"""The main job in a real browser: sample → build → analyze → notebook → predict, and what can go wrong."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlparse

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.browser.driving import ROOT, complaints, press, settled, sideways, wait_for


def use_sample(page, app, title: str) -> str:
    """From Home to the build page of a sample; returns the model's id."""
    page.goto("/")
    settled(page)
    names = {
        s["title"]: s["name"] for s in json.loads((ROOT / "sample_data/samples.json").read_text("utf-8"))
    }
    page.locator(f".st-key-sample-{names[title]} button").click()
    page.wait_for_url("**/build?model=*")
    settled(page)
    return parse_qs(urlparse(page.url).query)["model"][0]


def keep_it_small(page, app, model: str, **choices) -> None:
    """The same choices as in the page's settings, so that the build takes seconds."""
    draft = app.workspace.model(model).draft
    small = {"candidates": 2, "families": ["linear", "lightgbm"], "seconds": {"quick": 60}}
    app.workspace.update_model(model, draft={**draft, **small, **choices})
    page.reload()
    settled(page)


def build(page, app, model: str) -> None:
    press(page, ".st-key-start-build button")
    page.wait_for_url("**/analyze?model=*", timeout=90_000)
    settled(page)


@pytest.fixture(scope="module")
def made() -> list[str]:
    """The churn models that tests of this file have built."""
    return []


@pytest.fixture
def built(browser, app, made):
    """A built churn model for the tests that only look at it."""
    if made:
        return made[0]
    page = browser.new_page(base_url=app.url, viewport={"width": 1440, "height": 900})
    model = use_sample(page, app, "Customer churn")
    keep_it_small(page, app, model)
    build(page, app, model)
    page.close()
    made.append(model)
    return model


def test_from_a_sample_to_predictions(page_1440, app, made) -> None:
    page = page_1440
    page.goto("/")
    settled(page)
    for title in ("Customer churn", "Staff attrition", "Diamond prices", "Bike sharing", "Storm status"):
        expect(page.get_by_text(title, exact=True).first).to_be_visible()

    model = use_sample(page, app, "Customer churn")
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("2 category prediction")
    expect(main).to_contain_text("'churn' has two values, no and yes.")
    expect(main).to_contain_text("Outcome of interest")
    expect(main).to_contain_text("Cleaning plan")
    expect(main).to_contain_text("85.9 % are no")
    expect(main).to_contain_text("Quick build · 1 min · ROC AUC · all families")
    keep_it_small(page, app, model)
    expect(main).to_contain_text("2 families")

    press(page, ".st-key-start-build button")
    expect(main).to_contain_text("Leaderboard", timeout=15_000)
    second = page.context.new_page()
    second.goto(page.url)  # a second tab, and a refresh in the middle
    page.reload()
    for tab in (page, second):
        tab.wait_for_url("**/analyze?model=*", timeout=90_000)
        settled(tab)
        expect(tab.get_by_test_id("stMain")).to_contain_text("of 100 right")
    second.close()
    made.append(model)

    found = json.loads((app.workspace.bundle_folder(model) / "evaluation.json").read_text("utf-8"))
    assert found["score"] > 0.85
    expect(main).to_contain_text(found["headline"]["value"])
    expect(main).to_contain_text(f"{found['score']:.3f}")
    expect(main).to_contain_text("Column impact")
    expect(main).to_contain_text(found["impact"][0]["column"])
    expect(main).to_contain_text("Always guessing “no” would be right for 86")

    page.get_by_role("tab", name="Scoring").click()
    counts = found["confusion"]["counts"]
    expect(main).to_contain_text("Most common mistake: yes taken for no")
    expect(main).to_contain_text(
        "Of all the times that churn = yes was predicted, the prediction was correct"
    )
    assert sum(map(sum, counts)) == 1000
    page.get_by_role("tab", name="Advanced metrics").click()
    for label in (
        "Balanced accuracy",
        "F1",
        "Precision",
        "Recall",
        "Log loss",
        "ROC curve",
        "average precision",
    ):
        expect(main).to_contain_text(label)
    page.get_by_role("tab", name="Leaderboard").click()
    for name in ("LightGBM", "Linear", "Baseline", "done"):
        expect(main).to_contain_text(name)

    with page.expect_download() as download:
        page.locator(".st-key-notebook button").first.click()
    notebook = json.loads(download.value.path().read_text("utf-8"))
    source = "".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    assert "automl" not in source
    assert "fit_lightgbm" in source or "fit_linear" in source

    page.locator(".st-key-to-predict button").click()
    page.wait_for_url("**/predict?model=*")
    settled(page)
    expect(main).to_contain_text("churn will probably be")
    before = main.get_by_text(re.compile(r"% likely")).inner_text()
    calls = main.get_by_label("number_customer_service_calls")
    calls.fill("9")
    calls.press("Enter")
    expect(main.get_by_text(re.compile(r"% likely"))).not_to_have_text(before)
    assert complaints(page) == []


def test_a_wrong_file_gets_one_sentence(page_1440) -> None:
    page = page_1440
    page.goto("/data")
    settled(page)
    picture = (ROOT / "docs/images/analyze.png").read_bytes()
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": "table.csv", "mimeType": "text/csv", "buffer": picture}
    )
    expect(page.get_by_test_id("stAlert")).to_contain_text("is a PNG image, not a table")
    expect(page.get_by_test_id("stMain")).not_to_contain_text("Traceback")


def test_hostile_names_and_values_are_just_text(page_1440, app) -> None:
    page = page_1440
    page.goto("/data")
    settled(page)
    names = ["<img src=x onerror=alert(1)>", "=1+1", "[a](http://b)", ":material/home:", "n" * 300]
    rows = pd.DataFrame({n: [f"<b>{i % 3}</b>" for i in range(60)] for n in names})
    rows["y"] = ["yes", "no"] * 30
    said: list[str] = []
    page.on("dialog", lambda d: (said.append(d.message), d.dismiss()))
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": "<b>hostile</b>.csv", "mimeType": "text/csv", "buffer": rows.to_csv(index=False).encode()}
    )
    page.wait_for_url("**/data?dataset=*")
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("<img src=x onerror=alert(1)>")
    expect(main).to_contain_text("<b>0</b>")
    assert sideways(page) == 0
    page.locator(".st-key-model-from-data button").click()
    page.wait_for_url("**/build?model=*")
    settled(page)
    model = parse_qs(urlparse(page.url).query)["model"][0]
    keep_it_small(page, app, model, target="y")
    expect(main).to_contain_text("2 category prediction")
    assert main.locator("img[src=x]").count() == 0
    assert complaints(page) == []
    assert said == []
    page.close()  # with what listens to it


@pytest.mark.parametrize("address", ["/build?model=nope", "/analyze?model=nope", "/data?dataset=nope"])
def test_an_unknown_address_says_what_to_do(page_1440, address) -> None:
    page_1440.goto(address)
    settled(page_1440)
    main = page_1440.get_by_test_id("stMain")
    expect(main).to_contain_text(
        re.compile("no such|not here|not in this workspace|There is no|was deleted", re.IGNORECASE)
    )
    expect(main).not_to_contain_text("Traceback")
    assert complaints(page_1440) == []


def test_a_data_set_deleted_while_its_model_is_built(page_1440, app) -> None:
    page = page_1440
    model = use_sample(page, app, "Staff attrition")
    keep_it_small(page, app, model)
    press(page, ".st-key-start-build button")
    expect(page.get_by_test_id("stMain")).to_contain_text("Baseline", timeout=30_000)  # it has read the table
    app.workspace.delete_dataset(app.workspace.model(model).dataset)
    page.wait_for_url("**/analyze?model=*", timeout=90_000)
    settled(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("of 100 right")
    assert complaints(page) == []


def test_two_builds_at_once_and_cancel(page_1440, app) -> None:
    page = page_1440
    models = []
    for _ in range(2):
        models.append(use_sample(page, app, "Credit scoring"))
        keep_it_small(page, app, models[-1], candidates=200, seconds={"quick": 600})
        press(page, ".st-key-start-build button")
        expect(page.get_by_test_id("stMain")).to_contain_text("Leaderboard", timeout=20_000)
    press(page, ".st-key-cancel-build button")
    expect(page.get_by_test_id("stMain")).to_contain_text("cancelled; no model was kept", timeout=30_000)
    assert app.workspace.bundle_folder(models[1]) is None

    page.goto(f"/build?model={models[0]}")
    settled(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("candidates done", timeout=20_000)
    press(page, ".st-key-finish-build button")
    page.wait_for_url("**/analyze?model=*", timeout=60_000)
    assert wait_for(lambda: app.workspace.bundle_folder(models[0]) is not None)


@pytest.mark.parametrize("name", ["build", "analyze", "predict"])
def test_a_built_model_on_a_phone(page_390, built, name) -> None:
    page_390.goto(f"/{name}?model={built}")
    settled(page_390)
    expect(page_390.get_by_test_id("stMain")).to_contain_text("Customer churn")
    assert sideways(page_390) == 0
    assert complaints(page_390) == []
