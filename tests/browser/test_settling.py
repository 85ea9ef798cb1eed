"""Doubts about a file are settled by buttons: a total at its foot, cases entered twice; tools that are icons have names."""

from __future__ import annotations

import numpy as np
import pandas as pd
from playwright.sync_api import expect

from tests.browser.driving import complaints, press, settled, sideways

HOSTILE = '<b>"sold"</b>; DROP'


def test_a_total_and_near_copies_are_set_aside(page_1440, app, tmp_path) -> None:
    rng, page = np.random.default_rng(0), page_1440
    table = pd.DataFrame(
        {
            "shop": rng.choice(["Riga", "Oslo", "Bern"], 200), HOSTILE: rng.integers(1, 50, 200),
            "price": rng.normal(50, 9, 200).round(2), "note": [f"order {i} came late" for i in range(200)],
            "back": rng.choice(["yes", "no"], 200),
        }
    )  # fmt: skip
    table = pd.concat([table, table.head(20).assign(note=lambda t: t["note"].str.upper())])
    path = tmp_path / "sales.csv"
    path.write_text(f"{table.to_csv(index=False)}Total,{table[HOSTILE].sum()},,,\n")
    page.goto("/data")
    settled(page)
    page.locator(".st-key-upload input[type=file]").set_input_files(path)
    page.wait_for_url("**/data?dataset=*")
    settled(page)
    page.get_by_role("tab", name="How it was read").click()
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("looks like a total rather than a case")
    press(page, ".st-key-total-aside button")
    expect(main).to_contain_text("holds totals and was set aside, as you chose")
    dataset = app.workspace.datasets()[0]  # the newest
    assert (dataset.rows, dataset.report.bad_rows) == (220, 1)
    assert app.workspace.frame(dataset.id)[HOSTILE].dtype == "int64"

    model = app.workspace.add_model("Back", dataset.id, draft={"target": "back"})
    page.goto(f"/build?model={model.id}")
    page.get_by_role("button", name="Set near copies aside").click()
    expect(main).to_contain_text("Near copies are set aside in training")
    expect(main).not_to_contain_text("rows are nearly copies")
    page.goto(f"/clean?model={model.id}")
    settled(page)
    expect(main).to_contain_text("Leave out near copies · 20 rows")
    assert page.get_by_role("button", name="Move up").count() == page.get_by_role("button", name="Delete").count() > 0
    assert sideways(page) == 0
    assert complaints(page) == []
