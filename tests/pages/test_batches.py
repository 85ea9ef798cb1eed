"""Many rows: checked, decided upon, predicted by a job, compared, scored; and what predicts by itself."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from automl.errors import StoreError
from automl.jobs import batches, worker
from automl.jobs.queue import Queue
from automl.predict import Choices, Extras, Wishes
from automl.types import from_dict, to_dict
from tests.conftest import customers as a_table
from tests.pages.conftest import texts

MANY = {"rows": "A whole table"}
WISHES = to_dict(Wishes(Choices(fill="missing")))


@pytest.fixture
def model(bench, customers, churn_bundle):
    return bench.built(customers, churn_bundle)


def upload(bench, model, content: bytes, name: str = "rows.csv"):
    app = bench.open("predict", model=model.id, **MANY)
    app.file_uploader(key=f"predict-upload-{model.id}").upload(name, content).run()
    return bench.checked(app)


def work_off(bench) -> None:
    while job := Queue(bench.workspace.database).claim():
        worker.run_job(bench.workspace, job.id, job.lease)


def done(bench, model, frame, name: str = "rows.csv", **wishes):
    path = bench.workspace.staging / "upload"
    frame.to_csv(path, index=False)
    batch = batches.of_upload(bench.workspace, model.id, path, name)
    batches.submit(bench.workspace, batch, WISHES | wishes)
    work_off(bench)
    return bench.workspace.batches.get(batch.id)


def test_a_table_is_checked_decided_upon_and_predicted(bench, model) -> None:
    rows = a_table(20, seed=5).drop(columns=["churn", "plan"]).rename(columns={"calls": "Calls (no.)", "spend": "SPEND"})
    rows["note"] = "=1+1"
    app = upload(bench, model, rows[rows.columns[::-1]].to_csv(index=False).encode())
    said = texts(app)
    assert "'SPEND' read as 'spend'" in said and "taken by name" in said
    assert "2 columns need a decision" in said and "First decide about 2 columns." in said
    (batch,) = bench.workspace.batches.of(model=model.id)
    assert app.button(key="start-batch").disabled
    app.selectbox(key=f"decide-{batch.id}-calls").select("column:Calls (no.)").run()
    app.selectbox(key=f"decide-{batch.id}-plan").select("missing").run()
    bench.checked(app)
    said = texts(app)
    assert "'Calls (no.)' read as 'calls'" in said and "need a decision" not in said.replace("2 columns need a decision", "")
    app.selectbox(key=f"keep-{batch.id}").select("Some of them").run()
    app.multiselect(key=f"keep-some-{batch.id}").select("note").run()
    app.toggle(key=f"excel-{batch.id}").set_value(True).run()
    app = bench.click(app, "start-batch")
    assert "Waiting for its turn" in texts(app) or app.button(key="cancel-batch")
    work_off(bench)
    app = bench.open("predict", model=model.id, batch=batch.id, **MANY)
    said = texts(app)
    assert "of the rows will probably be" in said
    assert [b.label.split(" · ")[0] for b in app.get("download_button")] == ["Download CSV", "Excel", "Parquet"]
    shown = app.dataframe[0].value
    assert len(shown) == 20 and list(shown.columns) == ["prediction", "probability_no", "probability_yes", "warnings", "note"]
    got = pd.read_csv(bench.workspace.batches.output(bench.workspace.batches.get(batch.id), "csv"))
    assert got["note"].eq("'=1+1").all() and got["warnings"].str.contains("'plan' not in the table").all()
    app = bench.click(app, "all-batches")
    assert "Batches of this model" in texts(app) and "rows.csv" in texts(app)


def test_a_data_set_is_checked_and_all_can_be_counted_as_missing(bench, model) -> None:
    frame = a_table(30, seed=3).drop(columns=["plan", "calls"])
    path = bench.workspace.staging / "short.csv"
    frame.to_csv(path, index=False)
    short = bench.dataset(path, "short.csv")
    app = bench.open("predict", model=model.id, **MANY)
    app.selectbox(key=f"predict-data-{model.id}").select(short.id).run()
    app = bench.click(app, "check-data")
    assert app.button(key="start-batch").disabled
    app = bench.click(app, "all-missing")
    assert not app.button(key="start-batch").disabled
    app = bench.click(app, "discard-batch")
    assert "Your predictions will be here" in texts(app) and bench.workspace.batches.of(model=model.id) == []


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"a,b\n1,2\n", "Check that it is the right table"), (b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG")],
)
def test_a_wrong_table_is_a_sentence(bench, model, content, word) -> None:
    app = upload(bench, model, content)
    (error,) = app.error
    assert word in error.value and "reference" not in error.value


def test_a_failed_batch_says_why_and_can_be_decided_again(bench, model) -> None:
    path = bench.workspace.staging / "upload"
    a_table(20, seed=5).drop(columns="calls").to_csv(path, index=False)
    batch = batches.of_upload(bench.workspace, model.id, path, "rows.csv")
    batches.read(bench.workspace, batch, batches.open_model(bench.workspace, batch))
    batches.submit(bench.workspace, batch, to_dict(Wishes(Choices())))
    work_off(bench)
    app = bench.open("predict", model=model.id, batch=batch.id, **MANY)
    assert "it was not decided what stands in for it" in app.error[0].value.replace("\\", "")
    app = bench.click(app, "decide-again")
    assert "One column needs a decision" in texts(app)


def test_how_many_rows_it_is_unsure_of_is_said(bench, model) -> None:
    batch = done(bench, model, a_table(80, seed=7), extras=to_dict(Extras(level=0.6)))
    app = bench.open("predict", model=model.id, batch=batch.id, **MANY)
    assert re.search(r"\d+ rows \(.* %\) are unsure: no answer is likely enough at 60 %. Look at them yourself.", texts(app))
    earlier = {k: v for k, v in batch.outcome.items() if k != "unsure"}
    bench.workspace.batches.update(batch.id, outcome=earlier)
    assert "unsure" not in texts(bench.open("predict", model=model.id, batch=batch.id, **MANY))


def test_what_happened_gives_the_realised_score(bench, model) -> None:
    batch = done(bench, model, a_table(80, seed=7))
    app = bench.open("predict", model=model.id, batch=batch.id, **MANY)
    assert "what churn really was?" in texts(app)
    app = bench.click(app, "truth-own")
    said = texts(app)
    assert "On the 80 rows whose outcome is known now, ROC AUC is 0." in said and "had promised 0." in said
    kept = bench.workspace.batches.get(batch.id).truth
    assert kept["rows"] == 80 and kept["metrics"][0]["name"] == "roc_auc"
    app = bench.click(app, "truth-again")
    truth = a_table(80, seed=7)[["customer_id", "churn"]].sample(frac=1, random_state=0)
    app.file_uploader(key=f"truth-{batch.id}").upload("truth.csv", truth.to_csv(index=False).encode()).run()
    bench.checked(app)
    assert app.selectbox(key=f"truth-way-{batch.id}").value == "customer_id"
    bench.click(app, "truth-score")
    again = bench.workspace.batches.get(batch.id).truth
    assert again["how"] == "matched by 'customer_id'"
    assert again["metrics"][0]["value"] == kept["metrics"][0]["value"]


def test_two_batches_are_compared(bench, model) -> None:
    first = done(bench, model, a_table(60, seed=8), "march.csv")
    second = done(bench, model, a_table(60, seed=8).assign(calls=5), "april.csv")
    app = bench.open("predict", model=model.id, batch=second.id, **MANY)
    app.selectbox(key=f"beside-{second.id}").select(first.id).run()
    said = texts(bench.checked(app))
    assert "Of the 60 rows in both," in said and "are called otherwise." in said
    assert "The rows that changed most" in said


def test_a_data_set_is_predicted_by_itself(bench, model, customers) -> None:
    app = bench.open("predict", model=model.id, rows="Automatic")
    assert "Nothing is predicted by itself yet" in texts(app)
    app.selectbox(key="auto-dataset").select(customers.series).run()
    app = bench.click(app, "auto-start")
    (made,) = bench.workspace.batches.automations(model=model.id)
    assert "has not run yet" in texts(app)
    app.selectbox(key="auto-dataset").select(customers.series).run()
    app = bench.click(app, "auto-start")
    assert "predicted by itself already" in texts(app)
    assert re.search(r"since \d{4}-\d\d-\d\d CSV", texts(app))
    app.toggle(key=f"on-{made.id}").set_value(False).run()
    assert bench.workspace.batches.automations(enabled=True) == []
    app = bench.click(app, f"forget-{made.id}")
    assert bench.workspace.batches.automations() == []


def test_what_predicts_by_itself_writes_what_is_wished_for(bench, model, customers) -> None:
    app = bench.open("predict", model=model.id, rows="Automatic")
    app.selectbox(key="auto-dataset").select(customers.series)
    app.button_group(key=f"files-{model.id}").set_value(["parquet", "xlsx"])
    app.toggle(key=f"reasons-auto-{model.id}").set_value(True)
    app.toggle(key=f"range-auto-{model.id}").set_value(True).run()
    assert "too large for a sheet of Excel is written as CSV" in texts(app)
    app = bench.click(app, "auto-start")
    (made,) = bench.workspace.batches.automations(model=model.id)
    wished = from_dict(made.wishes, Wishes)
    assert wished.formats == ("xlsx", "parquet") and wished.extras == Extras(0.9, 3, quick=True) and wished.warnings
    assert "Excel, Parquet · with how sure (90 %) and reasons" in texts(app)
    app.button_group(key=f"files-{model.id}").set_value([]).run()
    assert app.button(key="auto-start").disabled


def test_without_a_setting_no_folder_is_offered(bench, model, monkeypatch) -> None:
    monkeypatch.delenv("FORETABLE_IMPORT_DIR", raising=False)
    app = bench.open("predict", model=model.id, rows="Automatic")
    app.segmented_control(key="auto-kind").set_value("A folder").run()
    assert "FORETABLE_IMPORT_DIR" in texts(bench.checked(app))


def test_a_deleted_batch_is_said(bench, model) -> None:
    batch = done(bench, model, a_table(20, seed=2))
    bench.workspace.batches.delete(batch.id)
    app = bench.open("predict", model=model.id, batch=batch.id, **MANY)
    assert "There is no such batch" in app.warning[0].value
    with pytest.raises(StoreError):
        bench.workspace.batches.get(batch.id)
