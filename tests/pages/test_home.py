from __future__ import annotations

from tests.pages.conftest import texts


def test_empty_it_says_what_to_do_and_shows_the_samples(bench) -> None:
    app = bench.open()
    said = texts(app)
    assert "No models yet" in said
    assert "a first model takes a minute" in said
    for title in ("Customer churn", "Diamond prices", "Storm status", "Flights from New York"):
        assert title in said
    assert "My data" not in said
    assert "Queue: empty" in said
    assert "Local user" in said


def test_from_a_sample_to_the_build_page_in_one_click(bench) -> None:
    app = bench.click(bench.open(), "sample-hr_attrition")
    (model,) = bench.workspace.models()
    assert model.draft == {"target": "Attrition"}
    said = texts(app)
    assert "2 category prediction" in said
    assert not app.button(key="start-build").disabled


def test_a_sample_is_imported_once(bench) -> None:
    for _ in range(2):
        bench.click(bench.open(), "sample-hr_attrition")
    assert len(bench.workspace.datasets()) == 1
    assert [m.number for m in bench.workspace.models()] == [2, 1]


def test_tables_that_belong_together_lead_to_the_join(bench) -> None:
    app = bench.click(bench.open(), "sample-group-nycflights13")
    assert len(bench.workspace.datasets()) == 5
    said = texts(app)
    assert "is found in Airlines" in said and "Rows after 60,000" in said


def test_models_show_their_state_and_score(bench, customers, churn_bundle) -> None:
    bench.built(customers, churn_bundle)
    bench.draft(customers, target=None, name="Not begun")
    said = texts(bench.open())
    assert "Leaving" in said
    assert "ready" in said
    assert churn_bundle.evaluation["headline"]["value"] in said
    assert "no target chosen yet" in said


def test_new_model_starts_at_the_data(bench) -> None:
    assert "Data" in [t.value for t in bench.click(bench.open(), "new-model").title]


def test_a_project_is_made_and_has_things_of_its_own(bench, customers) -> None:
    app = bench.open()
    app.text_input(key="new-project-name").input("Retention 2026").run()
    bench.click(app, "new-project")
    assert "customers.csv" not in texts(app)
    made = {p.name: p.id for p in bench.workspace.projects()}
    assert app.selectbox(key="project").value == made["Retention 2026"]


def test_an_address_opens_the_project_it_belongs_to(bench, customers_csv) -> None:
    other = bench.workspace.add_project("Other")
    dataset = bench.dataset(customers_csv)
    model = bench.workspace.add_model("There", dataset.id, project=other)
    app = bench.open("build", model=model.id)
    assert app.selectbox(key="project").value == other.id
