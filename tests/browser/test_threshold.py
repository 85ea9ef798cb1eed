"""Choosing a threshold by eye and by money, in a real browser; the shell then predicts by it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from automl import bundle as bundles
from automl import wording
from automl.choices import Payoff
from automl.data.profile import profile
from automl.data.read import read_with_report
from automl.evaluate import money
from automl.evaluate.threshold import Ladder
from tests.browser.driving import complaints, press, settled, sideways


@pytest.fixture(scope="module")
def model(app, churn_bundle, customers_csv) -> str:
    """A built model in the app's workspace; returns its id."""
    frame, report = read_with_report(customers_csv)
    workspace = app.workspace
    dataset = workspace.add_dataset(frame, name="customers.csv", report=report, columns=profile(frame))
    made = workspace.add_model("Leaving", dataset.id, draft={"target": "churn"})
    shutil.copytree(churn_bundle.folder, workspace.build_folder(made.id) / "bundle")
    return made.id


def test_the_threshold_by_eye_and_by_money(
    page_1440, app, model, churn_bundle, customers_csv, tmp_path
) -> None:
    page, folder = page_1440, app.workspace.bundle_folder(model)
    page.goto(f"/analyze?model={model}&view=Threshold")
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Call a row “yes” from which probability on?")

    # by eye: the arrow keys move the slider, the matrix follows, the page stays where it is
    held = churn_bundle.test_rows()
    ladder = Ladder(held.y == 1, held.values[:, 1])
    handle = page.get_by_role("slider").first
    handle.focus()
    before = page.get_by_test_id("stMain").evaluate("e => e.scrollTop")
    for _ in range(30):
        handle.press("ArrowLeft")
    save = page.locator(".st-key-threshold-save button").first
    expect(save).not_to_contain_text("50.0 %")
    settled(page)
    page.wait_for_timeout(500)
    now = float(re.search(r"([\d.]+) %", save.inner_text()).group(1))
    assert 45 < now < 50
    found = ladder.at(now / 100)
    expect(main).to_contain_text(
        f"{found.hits} found, {found.misses} missed, {found.false_alarms} false alarm"
    )
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollTop") == before

    # by money
    for key, value in (("hit", "50"), ("false", "-40")):
        field = page.locator(f".st-key-pay-{key} input")
        field.fill(value)
        field.press("Enter")
        settled(page)
    expect(main).to_contain_text("per 1,000 rows")
    button = page.locator(".st-key-threshold-best-money button")
    kept = churn_bundle.validation_rows
    best = money.best_threshold(Ladder(kept.y == 1, kept.values[:, 1]), Payoff(hit=50.0, false_alarm=-40.0))
    percent = wording.percent(best).removesuffix(" %")
    expect(button).to_contain_text(f"Set the slider to {percent} %")  # of both figures
    press(page, ".st-key-threshold-best-money button")
    expect(page.locator(".st-key-threshold-save button").first).to_contain_text(f"Use {percent} %")
    press(page, ".st-key-threshold-save button")
    expect(main).to_contain_text(f"Predictions now use {percent} % (chosen by you).")
    assert not complaints(page)
    assert sideways(page) == 0

    # it survives a refresh, and the shell predicts by it
    page.reload()
    settled(page)
    expect(main).to_contain_text("(chosen by you)")
    chosen = bundles.load(folder).choices
    assert (chosen.payoff.hit, chosen.payoff.false_alarm) == (50, -40)
    out = tmp_path / "out.csv"
    order = [sys.executable, "-m", "automl", "predict", str(folder), str(customers_csv), "--out", str(out)]
    subprocess.run(order, check=True, capture_output=True)
    told = pd.read_csv(out)
    assert (told["prediction"] == np.where(told["probability_yes"] >= chosen.threshold, "yes", "no")).all()

    # and is taken back
    press(page, ".st-key-threshold-undo button")
    expect(main).to_contain_text("Predictions now use 50.0 % (automatic).")
    assert bundles.load(folder).model.threshold is None


def test_a_cell_of_the_matrix_shows_its_rows(page_1440, model, churn_bundle) -> None:
    page = page_1440
    page.goto(f"/analyze?model={model}&view=Scoring")
    settled(page)
    held = churn_bundle.test_rows()
    passed = int(((held.y == 0) & (held.values[:, 1] < 0.5)).sum())
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Rows of one cell")
    box = page.locator(".st-key-chart-confusion .nsewdrag").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    expect(main).to_contain_text(f"{passed} rows are no and predicted no")


def test_on_a_phone(page_390, model) -> None:
    page = page_390
    for view in ("Threshold", "Segments", "Scoring", "Advanced metrics"):
        page.goto(f"/analyze?model={model}&view={view.replace(' ', '+')}")
        settled(page)
        expect(page.get_by_role("tab", name=view)).to_have_attribute("aria-selected", "true")
        assert sideways(page) == 0, view
        assert not complaints(page), view
