from __future__ import annotations

import pytest

from automl import choices
from automl.predict import predict_one
from automl.ui import predict_answer
from automl.wording import percent
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


# -- why, how sure, and what if -----------------------------------------------------------------


def test_the_reasons_and_the_set_stand_beside_the_answer(bench, model, churn_bundle) -> None:
    app = bench.open("predict", model=model.id)
    said = texts(app)
    row = {c["name"]: c.get("default") for c in churn_bundle.schema["columns"]}
    level = app.segmented_control(key=f"level-{model.id}").value
    answer = predict_one(churn_bundle, row, level=level, reasons=True)
    base, end = (percent(float(v[0])) for v in (answer["reasons"].base, answer["reasons"].prediction))
    assert f"Why the chance of churn = yes is {end}, where {base} is usual" in said
    assert " points" in said and f"make {end} exactly" in said
    assert f"{' or '.join(answer['set'])} · " in said and "likely enough at 90 %" in said
    app.segmented_control(key=f"level-{model.id}").set_value(0.95).run()
    bench.checked(app)
    assert "95 of 100 rows" in texts(app)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (["Yes"], ("Yes", "likely enough at 90 %, and nothing else is")),
        (["Yes", "No"], ("Yes or No", "none of them can be ruled out at 90 %")),
        (list("abcde"), ("a, b, c, d … (5 outcomes)", "none of them can be ruled out at 90 %")),
        ([], ("Unsure", "no answer is likely enough at 90 %: look at this row yourself")),
    ],
)
def test_a_set_is_said_in_plain_words(found, said) -> None:
    assert predict_answer._answers(found, "90 %") == said


def test_with_a_threshold_it_says_what_a_row_is_taken_to_be_and_why(bench, model, churn_bundle) -> None:
    choices.save(bench.workspace.bundle_folder(model.id), churn_bundle.spec.problem, choices.Choices(0.1))
    row = {c["name"]: c.get("default") for c in churn_bundle.schema["columns"]}
    assert 0.1 < predict_one(churn_bundle, row)["probabilities"]["yes"] < 0.5
    said = texts(bench.open("predict", model=model.id))
    assert "churn is taken to be" in said and "likely, though the other outcome is likelier" in said
    assert "By the threshold of this model a row is called yes from 10.0 % on; answers follow it." in said


def test_a_change_stands_beside_the_start_until_it_is_taken_back(bench, model) -> None:
    app = bench.open("predict", model=model.id)
    assert "the start stays beside it" in texts(app)
    app.number_input(key=field(model, "Day Minutes")).set_value(300.0).run()
    bench.checked(app)
    said = texts(app)
    assert "Chance of yes at the start" in said and "→ 300" in said
    bench.click(app, f"back-{model.id}")
    assert "the start stays beside it" in texts(app)
    assert app.number_input(key=field(model, "Day Minutes")).value != 300.0


def test_start_from_a_test_row_with_what_it_really_was(bench, model, churn_bundle) -> None:
    app = bench.open("predict", model=model.id)
    held = churn_bundle.test_rows()
    app.number_input(key=f"start-at-{model.id}").set_value(3).run()
    bench.click(app, f"start-row-{model.id}")
    truth = ("no", "yes")[held.y[2]]
    assert f"Started from: Test row 3, really {truth}" in texts(app)
    assert app.number_input(key=field(model, "calls")).value == held.inputs["calls"].iloc[2]
    shown = percent(max(held.values[2]))
    assert f"{shown} likely" in texts(app)
    bench.click(app, f"start-random-{model.id}")
    assert "Started from: Test row " in texts(app)
    bench.click(app, f"start-usual-{model.id}")
    assert "Started from: The usual values" in texts(app)


def test_the_smallest_change_flips_the_answer_when_it_is_applied(bench, model) -> None:
    app = bench.open("predict", model=model.id)
    app.segmented_control(key=f"closer-{model.id}").set_value("Smallest change").run()
    bench.checked(app)
    wanted = app.selectbox(key=f"flip-to-{model.id}").value
    bench.click(app, f"flip-find-{model.id}")
    assert f"{wanted} is then " in texts(app)
    bench.click(app, f"flip-apply-{model.id}-0")
    said = texts(app)
    assert "Back to the start" in said
    assert app.selectbox(key=f"flip-to-{model.id}").value != wanted
    app.multiselect(key=f"flip-columns-{model.id}").set_value([]).run()
    bench.click(app, f"flip-find-{model.id}")
    assert "Allow at least one" in app.error[0].value.replace("\\", "")


def test_rows_like_it_show_what_they_really_were(bench, model) -> None:
    app = bench.open("predict", model=model.id)
    app.segmented_control(key=f"closer-{model.id}").set_value("Rows like it").run()
    bench.checked(app)
    said = texts(app)
    assert "of the 5 rows most like it were " in said and "this row" in said


# -- many rows ------------------------------------------------------------------------------


def test_before_a_table_is_chosen_it_says_what_will_be_here(bench, model) -> None:
    assert "Your predictions will be here" in texts(bench.open("predict", model=model.id, **MANY))


def test_predict_a_file_opens_the_upload(bench, model) -> None:
    app = bench.click(bench.open("predict", model=model.id), "predict-a-file")
    assert "Your predictions will be here" in texts(app)


def test_of_very_many_columns_there_are_no_reasons_but_a_sentence(bench, model, monkeypatch) -> None:
    monkeypatch.setattr("automl.insight.why.MOST_EXPLAINED", 2)
    said = texts(bench.open("predict", model=model.id))
    assert "Reasons are given for models that read at most 2 columns" in said and "will probably be" in said
    said = texts(bench.open("analyze", model=model.id, view="Explain"))
    assert "Reasons are given for models that read at most 2 columns" in said
