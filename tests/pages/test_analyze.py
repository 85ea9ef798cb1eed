from __future__ import annotations

import json

import numpy as np
import pytest

from automl import bundle as bundles
from automl import choices, wording
from automl.choices import Choices
from automl.evaluate import learning
from automl.jobs.queue import Queue
from automl.types import JobKind, JobState
from tests.pages.conftest import texts


@pytest.fixture
def model(bench, customers, churn_bundle):
    return bench.built(customers, churn_bundle)


def test_overview_says_how_good_it_is_in_words(bench, model, churn_bundle) -> None:
    found = churn_bundle.evaluation
    said = texts(bench.open("analyze", model=model.id))
    assert found["headline"]["value"] in said
    assert found["headline"]["text"] in said
    assert "ROC AUC" in said
    assert "Column impact" in said
    assert all(entry["column"] in said for entry in found["impact"][:3])
    assert f"learned from {found['rows_train']} rows" in said


def test_scoring_shows_every_outcome_in_rows_and_words(bench, model, churn_bundle) -> None:
    app = bench.open("analyze", model=model.id, view="Scoring")
    said = texts(app)
    assert "Most common mistake" in said or "No row was predicted wrong" in said
    assert all(sentence in said for sentence in churn_bundle.evaluation["class_sentences"])
    (chart,) = app.get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    shown = "".join(t for layer in spec["data"][1:] for t in layer.get("text", ()))
    for row in churn_bundle.evaluation["confusion"]["counts"]:
        for count in row:
            assert f"<b>{count}</b>" in shown


def test_advanced_has_every_metric_and_the_curves(bench, model, churn_bundle) -> None:
    app = bench.open("analyze", model=model.id, view="Advanced metrics")
    said = texts(app)
    for metric in churn_bundle.evaluation["metrics"]:
        assert metric["label"] in said
        assert metric["sentence"] in said
    for curve in ("ROC curve: area", "Precision and recall: average precision", "Gain: the likeliest 10 %", "Lift: "):
        assert curve in said
    assert "Expected calibration error" in said
    assert "A row alone" in said
    assert len(app.get("plotly_chart")) == 5
    assert len(app.dataframe) == 5  # the figures of each chart, one click away


def test_a_cell_has_its_rows(bench, model, churn_bundle) -> None:
    app = bench.open("analyze", model=model.id, view="Scoring")
    app.selectbox(key="cell-really").set_value("yes")
    bench.checked(app.selectbox(key="cell-called").set_value("yes").run())
    held = churn_bundle.test_rows()
    found = (held.y == 1) & (held.values[:, 1] > 0.5)
    assert f"{found.sum()} rows are yes and predicted yes, the surest first" in texts(app)
    shown = app.dataframe[-1].value
    assert set(shown["actual"]) == set(shown["prediction"]) == {"yes"}
    assert shown["probability_yes"].is_monotonic_decreasing
    assert len(shown) == found.sum()


def test_the_gain_over_guessing_is_said(bench, model, churn_bundle) -> None:
    gain = churn_bundle.evaluation["gain"]
    assert gain["scores"]["roc_auc"]["clear"]
    assert gain["sentence"] in texts(bench.open("analyze", model=model.id))


def test_a_chosen_threshold_is_what_the_pages_speak_of(bench, model, churn_bundle) -> None:
    held = churn_bundle.test_rows()
    folder = bench.workspace.bundle_folder(model.id)
    choices.save(folder, churn_bundle.spec.problem, Choices(0.2))
    right = ((held.values[:, 1] >= 0.2) == held.y).mean()
    assert f"{wording.of_100(right)} of 100 right" in texts(bench.open("analyze", model=model.id))
    said = texts(bench.open("analyze", model=model.id, view="Scoring"))
    assert "Called from a probability of 20.0 % on (your choice)." in said


def test_the_leaderboard_has_every_candidate(bench, model, churn_bundle) -> None:
    said = texts(bench.open("analyze", model=model.id, view="Leaderboard"))
    for trial in churn_bundle.leaderboard:
        assert trial.candidate in said
        assert trial.reason in said
    assert "higher is better" in said
    assert "can't be told apart" in said or "better than all" in said


def test_training_shows_curves_rules_and_where_the_time_went(bench, model, churn_bundle) -> None:
    app = bench.open("analyze", model=model.id, view="Training")
    said = texts(app)
    assert "rules watched 2 candidates: none found anything" in said
    assert "stalled_training" in said and "threshold 1,800" in said
    assert "Trying candidates of every family" in said
    for record in churn_bundle.training["candidates"][1:]:
        assert record["candidate"] in app.selectbox(key="curve-candidate").options
    assert len(app.get("plotly_chart")) == 5
    bench.checked(app.selectbox(key="curve-candidate").select("Linear").run())


def test_a_model_from_before_has_no_training(bench, model, churn_bundle) -> None:
    folder = bench.workspace.bundle_folder(model.id)
    (folder / "training.json").unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["training.json"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    said = texts(bench.open("analyze", model=model.id, view="Training"))
    assert "built before training was written down" in said


def test_the_notebook_is_one_click_away(bench, model) -> None:
    found = bench.open("analyze", model=model.id).get("download_button")
    button = next(b for b in found if b.label == "Notebook")
    assert button.label == "Notebook"


def test_predict_is_the_next_step(bench, model) -> None:
    app = bench.click(bench.open("analyze", model=model.id), "to-predict")
    assert "churn will probably be" in texts(app)


def changed(bench, model, name: str, content) -> None:
    """Write another part into the model's bundle, with its hash."""
    folder = bench.workspace.bundle_folder(model.id)
    bundles.write_json(folder / name, content)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][name] = bundles._digest(folder / name)
    bundles.write_json(folder / "manifest.json", manifest)


def test_rules_that_wait_for_columns_are_said_and_looked_at_on_a_click(bench, model, churn_bundle) -> None:
    changed(bench, model, "evaluation.json", churn_bundle.evaluation | {"impact": []})
    app = bench.open("analyze", model=model.id, view="Findings")
    assert "Two rules wait for what each column is worth" in texts(app)
    bench.click(app, f"measure-{model.id}")
    assert "Two rules wait" not in texts(app)
    assert (bench.workspace.bundle_folder(model.id) / "column_impact.json").is_file()
    assert "Two rules wait" not in texts(bench.open("analyze", model=model.id, view="Findings"))


def test_a_finding_ends_in_a_button_that_opens_a_new_version(bench, model) -> None:
    fix = {"label": "Leave it out", "action": "exclude_columns", "columns": ["spend"]}
    finding = {
        "code": "target_leakage_suspected", "severity": "high", "title": "spend may give the answer away",
        "message": "Check it.", "columns": ["spend"], "fix": fix,
    }  # fmt: skip
    changed(bench, model, "findings.json", [finding])
    app = bench.open("analyze", model=model.id)
    assert "spend may give the answer away" in texts(app)
    bench.click(app, "fix-overview-0")
    new = bench.workspace.models()[0]
    assert (new.name, new.number) == (model.name, 2)
    assert (new.draft["target"], new.draft["excluded"]) == ("churn", ["spend"])
    assert new.draft["mended"][0]["fix"]["columns"] == ["spend"]  # it can be undone on the build page
    assert bench.workspace.bundle_folder(model.id) is not None


def test_a_model_without_test_rows_has_its_leaderboard(bench, model) -> None:
    changed(bench, model, "evaluation.json", None)
    said = texts(bench.open("analyze", model=model.id, view="Leaderboard"))
    assert "No test rows were set aside" in said
    assert "LightGBM" in said


def test_a_damaged_model_is_a_sentence(bench, model) -> None:
    path = bench.workspace.bundle_folder(model.id) / "evaluation.json"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    app = bench.open("analyze", model=model.id)
    assert len(app.error) == 1
    assert "reference" not in app.error[0].value


@pytest.mark.parametrize("view", ["Overview", "Scoring", "Advanced metrics", "Leaderboard", "Findings"])
def test_numbers_are_for_people(bench, model, view) -> None:
    said = texts(bench.open("analyze", model=model.id, view=view))
    assert "nan" not in said.lower().replace("financ", "")
    assert "e-0" not in said
    assert "None" not in said


def test_alone_there_is_nothing_to_compare_with(bench, model) -> None:
    app = bench.open("analyze", model=model.id, view="Compare")
    assert "Nothing to compare with yet" in texts(app)


def test_two_versions_side_by_side(bench, model, customers, churn_bundle) -> None:
    second = bench.built(customers, churn_bundle)
    said = texts(bench.open("analyze", model=second.id, view="Compare"))
    assert "can't be told apart" in said
    assert f"{len(churn_bundle.test_rows().y)} rows differently (0%)" in said.replace(" %", "%")
    assert "Version 2" in said and "Version 1" in said


def test_reports_are_one_click_away(bench, model) -> None:
    keys = {b.proto.label for b in bench.open("analyze", model=model.id).get("download_button")}
    assert {"Download as PDF", "Download as HTML", "Training report"} <= keys


def test_the_learning_curve_is_measured_on_demand(bench, model, plain_bundle) -> None:
    app = bench.open("analyze", model=model.id)
    assert "Not measured yet" in texts(app)
    app = bench.click(app, "measure-learning")
    assert "Waiting for its turn" in "".join(str(e.proto) for e in app.get("progress"))
    queue = Queue(bench.workspace.database)
    job = queue.claim()
    assert job.kind is JobKind.LEARN and job.subject == model.id
    said = texts(bench.open("analyze", model=model.id))
    assert "it goes on in the background" in said and "Measure the learning curve" not in said
    bench.end(job, JobState.FAILED, "There are 240 rows to learn from.")
    said = texts(bench.open("analyze", model=model.id))
    assert "There are 240 rows to learn from." in said and "Measure the learning curve" in said
    course = learning.describe(
        "Linear", "roc_auc", np.array([100, 200, 400, 800]), np.array([[.7, .75, .8, .85], [.71, .75, .81, .85]])
    )  # fmt: skip
    learning.keep(bench.workspace.bundle_folder(model.id), course)
    app = bench.open("analyze", model=model.id)
    assert "Yes: twice the rows would gain about 0.05" in texts(app) and "Measure it more carefully" in texts(app)
    bench.workspace.delete_dataset(model.dataset)
    app = bench.open("analyze", model=model.id)
    assert app.button(key="measure-learning").disabled and "was deleted, so it can't be measured" in texts(app)


def test_findings_have_an_address_that_holds_for_every_model(bench, model, churn_bundle) -> None:
    assert churn_bundle.findings  # their number is no part of it
    said = texts(bench.open("analyze", model=model.id, view="Findings"))
    assert churn_bundle.findings[0].title in said and "Column impact" not in said
