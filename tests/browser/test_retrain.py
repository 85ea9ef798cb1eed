"""From a finding to a better model in a real browser: one click, a new build, both on the same rows side by side."""

from __future__ import annotations

from urllib.parse import parse_qs, urlparse

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from automl.jobs import client
from automl.spec import order
from automl.types import replace, to_dict
from tests.browser.driving import complaints, press, settled, sideways, wait_for


def orders(n: int = 1_500) -> pd.DataFrame:
    """Orders that are late ever more often, and one column that says most of it."""
    rng = np.random.default_rng(7)
    days = np.sort(rng.uniform(0, 700, n))
    table = pd.DataFrame({"ordered": pd.Timestamp("2023-01-01") + pd.to_timedelta(days.round(), unit="D")})
    for i in range(8):
        table[f"sensor_{i}"] = rng.normal(size=n).round(3)
    score = 2.5 * table["sensor_0"] + 0.004 * (days - 350) + rng.normal(size=n)
    return table.assign(late=np.where(score > 0.5, "yes", "no"))


def built(app) -> str:
    from automl.data.profile import profile
    from automl.types import ReadReport

    frame = orders()
    dataset = app.workspace.add_dataset(frame, name="orders.csv", report=ReadReport("csv"), columns=profile(frame))
    draft = {"target": "late", "candidates": 1, "families": ["linear"], "seconds": {"quick": 60}}
    model = app.workspace.add_model("Late orders", dataset.id, draft=draft)
    spec = order(frame, dataset.columns, "late", dataset=dataset.id, seconds=60, candidates=1, families=["linear"])
    spec = replace(spec, id=model.id, name=model.name)
    job = client.submit(app.workspace, "build", model.id, {"spec": to_dict(spec)})
    assert wait_for(lambda: client.status(app.workspace, job.id).state.is_finished, 90)
    return model.id


@pytest.mark.slow  # three builds; run by make slow
def test_a_finding_is_followed_and_both_versions_compared(page_1440, page_390, app) -> None:
    page, first = page_1440, built(app)
    main = page.get_by_test_id("stMain")
    page.goto(f"/analyze?model={first}&view=Findings")
    settled(page)
    expect(main).to_contain_text("The target changes over time")
    expect(main).to_contain_text("'no' is")
    page.get_by_role("button", name="Build again, split by ordered").first.click()
    page.wait_for_url("**/build?model=*")
    settled(page)
    expect(main).to_contain_text("The latest rows by ordered are the test")
    press(page, ".st-key-start-build button")
    page.wait_for_url("**/analyze?model=*", timeout=90_000)
    settled(page)
    second = parse_qs(urlparse(page.url).query)["model"][0]
    assert second != first
    spec = app.workspace.model(second).spec
    assert (spec.problem.split.kind.value, spec.problem.split.column) == ("time", "ordered")
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(main).to_contain_text("test rows of both")
    expect(main).to_contain_text("on the same")
    expect(main).to_contain_text("Version 2 has learned from earlier rows only, Version 1 also")
    assert complaints(page) == []
    page_390.goto(f"/analyze?model={second}&view=Compare")
    settled(page_390)
    expect(page_390.get_by_test_id("stMain")).to_contain_text("test rows of both")
    assert sideways(page) == sideways(page_390) == 0
