from __future__ import annotations

import pytest

from automl.predict import predict_one
from automl.wording import percent
from tests.conftest import customers as a_table
from tests.pages.conftest import texts

MANY = {"rows": "A whole table"}


@pytest.fixture
def model(bench, customers, churn_bundle):
    return bench.built(customers, churn_bundle)


def field(model, name: str) -> str:
    return f"field-{model.id}-{name}"


def test_every_column_has_a_field_with_a_usual_value(bench, model, churn_bundle) -> None:
    app = bench.open("predict", model=model.id)
    keys = {w.key for kind in ("number_input", "selectbox", "date_input", "text_area") for w in app.get(kind)}
    columns = churn_bundle.schema["columns"]
    assert {field(model, c["name"]) for c in columns} <= keys
    said = texts(app)
    assert "churn will probably be" in said
    assert "% likely" in said


def test_labels_are_the_columns_names_as_they_are(bench, model) -> None:
    app = bench.open("predict", model=model.id)
    assert app.number_input(key=field(model, "Day Minutes")).label.startswith("Day Minutes · usually ")
    assert app.selectbox(key=field(model, "plan")).label == "plan"
    assert set(app.selectbox(key=field(model, "plan")).options) == {"basic", "pro", "team", "(missing)"}


def test_the_answer_follows_a_change_and_is_what_the_model_says(bench, model, churn_bundle) -> None:
    app = bench.open("predict", model=model.id)
    before = texts(app)
    row = {c["name"]: c.get("default") for c in churn_bundle.schema["columns"]}
    row |= {"Day Minutes": 300.0, "plan": "basic"}
    app.number_input(key=field(model, "Day Minutes")).set_value(300.0)
    app.selectbox(key=field(model, "plan")).set_value("basic").run()
    bench.checked(app)
    after = texts(app)
    answer = predict_one(churn_bundle, row)
    assert after != before
    assert percent(answer["probabilities"][answer["prediction"]]) + " likely" in after


def test_a_value_beyond_all_that_was_seen_is_pointed_out(bench, model) -> None:
    app = bench.open("predict", model=model.id)
    app.number_input(key=field(model, "Day Minutes")).set_value(9999.0).run()
    bench.checked(app)
    assert "outside of what was seen in training" in app.warning[0].value


def test_a_missing_value_is_an_answer_too(bench, model) -> None:
    app = bench.open("predict", model=model.id)
    app.selectbox(key=field(model, "plan")).set_value("(missing)")
    app.number_input(key=field(model, "Day Minutes")).set_value(None).run()
    bench.checked(app)
    assert "% likely" in texts(app)


# -- many rows ------------------------------------------------------------------------------


def test_before_a_table_is_chosen_it_says_what_will_be_here(bench, model) -> None:
    assert "Your predictions will be here" in texts(bench.open("predict", model=model.id, **MANY))


def test_predict_a_file_opens_the_upload(bench, model) -> None:
    app = bench.click(bench.open("predict", model=model.id), "predict-a-file")
    assert "Your predictions will be here" in texts(app)


def test_a_file_in_another_order_and_case_is_repaired_and_predicted(bench, model) -> None:
    rows = a_table(20, seed=5).drop(columns=["churn", "plan"]).rename(columns=str.upper)
    rows["note"] = "=1+1"
    app = bench.open("predict", model=model.id, **MANY)
    content = rows[rows.columns[::-1]].to_csv(index=False).encode()
    app.file_uploader(key=f"predict-upload-{model.id}").upload("rows.csv", content).run()
    bench.checked(app)
    said = texts(app)
    assert "20 rows predicted." in said
    assert "Matched without regard to case and spaces" in said
    assert "plan' is not in the table and taken as missing" in said
    shown = app.dataframe[0].value
    assert len(shown) == 20
    assert list(shown.columns[:4]) == ["prediction", "probability_no", "probability_yes", "warnings"]
    assert [b.label for b in app.get("download_button")] == [
        "Download predictions (CSV)",
        "Download as Parquet",
    ]


def test_a_data_set_is_predicted(bench, model, customers) -> None:
    app = bench.open("predict", model=model.id, **MANY)
    app.selectbox(key=f"predict-data-{model.id}").select(customers.id).run()
    bench.checked(app)
    said = texts(app)
    assert "300 rows predicted." in said
    assert "The first 200 rows are shown; the download has all." in said


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"a,b\n1,2\n", "Check that it is the right table"), (b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG")],
)
def test_a_wrong_table_is_a_sentence(bench, model, content, word) -> None:
    app = bench.open("predict", model=model.id, **MANY)
    app.file_uploader(key=f"predict-upload-{model.id}").upload("rows.csv", content).run()
    bench.checked(app)
    (error,) = app.error
    assert word in error.value
    assert "reference" not in error.value
