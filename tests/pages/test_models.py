from __future__ import annotations

from automl.types import JobState
from tests.pages.conftest import texts


def test_empty_it_points_to_the_samples(bench) -> None:
    app = bench.open("models")
    assert "Your models will be listed here" in texts(app)
    assert "Choose a sample" in [link.label for link in app.get("page_link")]


def test_every_state_is_named(bench, customers, churn_bundle) -> None:
    bench.built(customers, churn_bundle)
    _, job = bench.running(customers)
    bench.end(job, JobState.FAILED, "No.")
    bench.running(customers)
    bench.ordered(customers)
    bench.draft(customers)
    said = texts(bench.open("models"))
    for word in ("ready", "failed", "building", "waiting", "draft"):
        assert f"badge[{word}]" in said
    assert churn_bundle.evaluation["headline"]["value"] in said
    assert "version 5 · predicts churn · customers.csv" in said


def test_a_model_outlives_its_data_set(bench, customers, churn_bundle) -> None:
    model = bench.built(customers, churn_bundle)
    bench.workspace.delete_dataset(customers.id)
    assert "customers.csv (deleted)" in texts(bench.open("models"))
    app = bench.open("analyze", model=model.id)
    assert "of 100 right" in texts(app)
    assert next(link for link in app.main.get("page_link") if link.label == "Data").proto.disabled


def test_open_leads_to_where_the_model_stands(bench, customers, churn_bundle) -> None:
    ready, draft = bench.built(customers, churn_bundle), bench.draft(customers, target=None)
    assert "of 100 right" in texts(bench.click(bench.open("models"), f"open-{ready.id}"))
    assert "What do you want to predict?" in texts(bench.click(bench.open("models"), f"open-{draft.id}"))


def test_rename_and_delete(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("models")
    app.text_input(key=f"name-{model.id}").input("Churn, June").run()
    bench.click(app, f"rename-{model.id}")
    assert bench.workspace.model(model.id).name == "Churn, June"
    bench.click(app, f"delete-{model.id}")
    assert bench.workspace.models() == []
    assert "Your models will be listed here" in texts(app)


def test_a_model_that_is_being_built_is_not_deleted(bench, customers) -> None:
    model, _ = bench.running(customers)
    app = bench.click(bench.open("models"), f"delete-{model.id}")
    assert len(app.error) == 1
    assert bench.workspace.model(model.id)
