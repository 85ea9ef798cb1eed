"""Many rows in a real browser: a file with repairs and a decision, predicted, saved, scored with what happened."""

from __future__ import annotations

import pandas as pd
from playwright.sync_api import expect

from automl.jobs import client
from automl.spec import order
from automl.types import replace, to_dict
from tests.browser.driving import ROOT, complaints, press, settled, sideways, wait_for


def a_model(app) -> str:
    """A small churn model, ordered as the build page would and built by the app's own worker."""
    from automl.data.profile import profile
    from automl.data.read import read_with_report

    frame, report = read_with_report(ROOT / "sample_data/customer_churn.csv")
    dataset = app.workspace.add_dataset(frame, name="Customer churn", report=report, columns=profile(frame))
    model = app.workspace.add_model("Customer churn", dataset.id, draft={"target": "churn"})
    spec = order(
        frame, dataset.columns, "churn", dataset=dataset.id, seconds=60, candidates=1, families=["linear"]
    )
    job = client.submit(
        app.workspace, "build", model.id, {"spec": to_dict(replace(spec, id=model.id, name=model.name))}
    )
    assert wait_for(lambda: client.status(app.workspace, job.id).state.is_finished, 90)
    return model.id


def choose(page, key: str, option: str) -> None:
    page.locator(f"[class*='st-key-{key}']").get_by_role("combobox").first.click()
    page.get_by_role("option", name=option).first.click()
    settled(page)


def test_a_file_is_repaired_decided_upon_predicted_and_scored(page_1440, app, tmp_path) -> None:
    page, model = page_1440, a_model(app)
    frame = pd.read_csv(ROOT / "sample_data/customer_churn.csv").tail(200).reset_index(drop=True)
    frame.insert(0, "id", [f"C{i}" for i in range(len(frame))])
    rows = frame.drop(columns=["churn", "area_code"]).rename(
        columns={"total_day_minutes": "Total Day Minutes (min)", "state": "STATE"}
    )
    rows["note"] = "=1+1"
    page.goto(f"/predict?model={model}&rows=A+whole+table")
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Your predictions will be here")
    page.locator(f".st-key-predict-upload-{model} input[type=file]").set_input_files(
        {"name": "march.csv", "mimeType": "text/csv", "buffer": rows.to_csv(index=False).encode()}
    )
    page.wait_for_url("**batch=b*")
    settled(page)
    expect(main).to_contain_text("2 columns need a decision")
    expect(main).to_contain_text("'STATE' read as 'state'")
    expect(page.locator(".st-key-start-batch button")).to_be_disabled()
    (batch,) = app.workspace.batches.of(model=model)
    choose(page, f"decide-{batch.id}-area_code", "Count it as missing")
    choose(page, f"decide-{batch.id}-total_day_minutes", "It is 'Total Day Minutes (min)' here")
    expect(main).to_contain_text("'Total Day Minutes (min)' read as 'total_day_minutes'")
    page.reload()  # in the middle: the batch is still there, the decisions are asked again
    settled(page)
    choose(page, f"decide-{batch.id}-area_code", "Count it as missing")
    choose(page, f"decide-{batch.id}-total_day_minutes", "It is 'Total Day Minutes (min)' here")
    press(page, ".st-key-start-batch button")
    expect(main).to_contain_text("of the rows will probably be no", timeout=40_000)
    with page.expect_download() as download:
        page.locator(".st-key-download-csv a").click()
    got = pd.read_csv(download.value.path())
    assert download.value.suggested_filename == "march-predictions.csv"
    assert len(got) == 200 and got["note"].eq("'=1+1").all()
    assert got["warnings"].str.startswith("'area_code' not in the table").all()

    truth = frame[["id", "churn"]].sample(frac=1, random_state=0)
    page.locator(f".st-key-truth-{batch.id} input[type=file]").set_input_files(
        {"name": "truth.csv", "mimeType": "text/csv", "buffer": truth.to_csv(index=False).encode()}
    )
    expect(main).to_contain_text("How rows are matched")
    press(page, ".st-key-truth-score button")
    expect(main).to_contain_text("On the 200 rows whose outcome is known now, ROC AUC is 0.")
    assert app.workspace.batches.get(batch.id).truth["how"] == "matched by 'id'"
    page.go_back()
    settled(page)
    page.goto(f"/predict?model={model}&rows=A+whole+table")
    settled(page)
    expect(main).to_contain_text("Batches of this model")
    expect(main).to_contain_text("realised")
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert sideways(page) == 0
    assert complaints(page) == []
