"""The recipe's page: edit, undo, order, add, take over, keep."""

from __future__ import annotations

import pytest

from automl import build, bundle
from automl.data.clean import OPS
from automl.store import recipes
from automl.types import Recipe, to_dict
from tests.conftest import a_spec
from tests.conftest import customers as make_customers
from tests.pages.conftest import texts


def steps(bench, model) -> list[dict]:
    return bench.workspace.model(model.id).draft["recipe"]["steps"]


def with_recipe(bench, model, *more):
    draft = bench.workspace.model(model.id).draft
    bench.workspace.update_model(model.id, draft={**draft, "recipe": to_dict(Recipe(more))})


def test_the_build_page_opens_it_and_it_shows_every_step(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("build", model=model.id)
    app = bench.click(app, "edit-recipe")
    said = texts(app)
    assert app.subheader[0].value == "Clean the data"
    assert "Figures are of all 300 rows" in said
    assert "1. Tidy text · nothing to change now" in said
    assert "Leave out identifiers · 1 column" in said
    assert "Fill missing values · off" in said
    assert "recipe" not in bench.workspace.model(model.id).draft


def test_without_a_target_or_after_the_start_there_is_nothing_to_edit(bench, customers) -> None:
    app = bench.open("clean", model=bench.draft(customers, target=None).id)
    assert "First choose what to predict" in texts(app)
    model, _ = bench.ordered(customers)
    assert "built or being built" in texts(bench.open("clean", model=model.id))
    assert "No model chosen" in texts(bench.open("clean"))


def test_steps_are_switched_moved_deleted_and_it_can_be_undone(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("clean", model=model.id)
    assert app.button(key="recipe-undo").disabled
    toggle = next(t for t in app.toggle if "Fill missing values" in t.label)
    app.toggle(key=toggle.key).set_value(True).run()
    bench.checked(app)
    assert [s["enabled"] for s in steps(bench, model) if s["op"] == "impute"] == [True]
    assert "Learned from the rows looked at" in texts(app)
    before = [s["op"] for s in steps(bench, model)]
    app = bench.click(app, "recipe-down-0")
    assert [s["op"] for s in steps(bench, model)][:2] == before[1::-1]
    app = bench.click(app, "recipe-delete-0")
    assert len(steps(bench, model)) == len(before) - 1
    app = bench.click(app, "recipe-undo")
    app = bench.click(app, "recipe-undo")
    assert [s["op"] for s in steps(bench, model)] == before
    app = bench.click(app, "recipe-redo")
    assert [s["op"] for s in steps(bench, model)][:2] == before[1::-1]
    said = texts(bench.open("build", model=model.id))
    assert "Edited by you" in said


def test_columns_with_other_names_are_renamed_first(bench, customers) -> None:
    model = bench.draft(customers)
    steps_of = (
        OPS["formula"].new(name="per call", formula="[day minutes] / calls"), OPS["text"].new(("tariff", "per call", "country")),
        OPS["drop_columns"].new(("colour",)),
    )  # fmt: skip
    with_recipe(bench, model, *steps_of)
    app = bench.open("clean", model=model.id)
    assert "2 columns have another name here, or are gone" in texts(app)
    assert app.selectbox(key=f"recipe-mend-{model.id}-day minutes").value == "Day Minutes"
    assert app.selectbox(key=f"recipe-mend-{model.id}-tariff").value is None
    app.selectbox(key=f"recipe-mend-{model.id}-tariff").select("plan").run()
    app = bench.click(app, "recipe-mend-rename")
    assert steps(bench, model)[0]["params"]["names"] == {"Day Minutes": "day minutes", "plan": "tariff"}
    assert "does not fit" not in texts(app) and "another name here" not in texts(app)
    assert "does not fit" in texts(bench.click(app, "recipe-undo"))


def test_values_are_replaced_from_a_list_of_those_there_are(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("clean", model=model.id)
    app.selectbox(key="recipe-op").select("replace").run()
    app = bench.click(app, "recipe-add-step")
    form = next(m.key for m in app.multiselect if m.key.startswith("step-form-")).removesuffix("-columns")
    app.multiselect(key=f"{form}-columns").set_value(["plan"]).run()
    offered = app.multiselect(key=f"{form}-pairs-old").options
    assert set(offered) == set(make_customers(300)["plan"].dropna())
    app.multiselect(key=f"{form}-pairs-old").set_value(offered[:2]).run()
    app.text_input(key=f"{form}-pairs-new-{offered[0]}").set_value("all in").run()
    assert "Would change" in texts(bench.checked(app))
    bench.click(app, "recipe-save")
    (step,) = (s for s in steps(bench, model) if s["op"] == "replace")
    assert step["params"]["pairs"] == [[offered[0], "all in"], [offered[1], None]]


def test_a_computed_column_is_added_with_its_preview(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("clean", model=model.id)
    app.selectbox(key="recipe-op").select("formula").run()
    app = bench.click(app, "recipe-add-step")
    assert app.button(key="recipe-save").disabled
    key = app.session_state[f"recipe-editing-{model.id}"]["key"]
    app.text_input(key=f"{key}-name").set_value("hours").run()
    app.text_area(key=f"{key}-formula").set_value("[Day Minuts] / 60").run()
    assert "there is no column 'Day Minuts'. Did you mean 'Day Minutes'?" in texts(app)
    assert app.button(key="recipe-save").disabled
    app.text_area(key=f"{key}-formula").set_value("churn & 'x'").run()
    assert "It uses 'churn', the column to predict" in texts(app)
    app.text_area(key=f"{key}-formula").set_value("[Day Minutes] / 60").run()
    assert "Would change · 1 column" in texts(app)
    app = bench.click(app, "recipe-save")
    made = next(s for s in steps(bench, model) if s["op"] == "formula")
    assert made["params"]["types"] == {"Day Minutes": "number"}
    assert "Compute 'hours' · 1 column" in texts(app)
    app = bench.click(app, f"recipe-edit-{[s['op'] for s in steps(bench, model)].index('formula')}")
    key = app.session_state[f"recipe-editing-{model.id}"]["key"]
    assert app.text_area(key=f"{key}-formula").value == "[Day Minutes] / 60"
    app = bench.click(app, "recipe-cancel")
    assert "Compute 'hours' · 1 column" in texts(app)


def test_each_operation_has_a_form(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("clean", model=model.id)
    for key in OPS:
        app.selectbox(key="recipe-op").select(key).run()
        app = bench.click(app, "recipe-add-step")
        assert OPS[key].label in texts(app)
        app = bench.click(app, "recipe-cancel")


def test_a_step_that_does_not_fit_is_shown_and_holds_the_build(bench, customers) -> None:
    model = bench.draft(customers)
    gone = OPS["drop_columns"].new(("useless",))  # what is not there needs no leaving out
    with_recipe(bench, model, OPS["rename"].new(names={"nowhere": "x"}), OPS["trim"].new(("plan",)), gone)
    said = texts(bench.open("clean", model=model.id))
    assert "Rename 'nowhere' to 'x' · does not fit" in said
    assert "'nowhere' is not in the table at this step." in said
    app = bench.open("build", model=model.id)
    assert app.button(key="start-build").disabled
    assert "Step 1 of the recipe" in texts(app)
    switch = next(t for t in app.toggle if "nowhere" in t.label)
    app.toggle(key=switch.key).set_value(False).run()
    assert not bench.checked(app).button(key="start-build").disabled


def test_recipes_are_saved_and_taken_over(bench, customers) -> None:
    other = bench.draft(customers, name="Other")
    recipe = Recipe((OPS["formula"].new(name="twice", formula="calls * 2"),))
    with_recipe(bench, other, *recipe.steps)
    model = bench.draft(customers)
    app = bench.open("clean", model=model.id)
    app.selectbox(key="recipe-of").select(other.id).run()
    app = bench.click(app, "recipe-use")
    assert [s["op"] for s in steps(bench, model)] == ["formula"]
    app.text_input(key=f"recipe-name-{model.id}").set_value("Mine").run()
    app = bench.click(app, "recipe-store")
    assert [r.name for r in recipes.saved(bench.workspace, model.project)] == ["Mine"]
    assert recipes.saved(bench.workspace, model.project)[0].recipe.steps[0].params["name"] == "twice"


def test_the_cleaned_table_is_kept(bench, customers) -> None:
    model = bench.draft(customers)
    few = OPS["filter_rows"].new(conditions=[{"column": "calls", "test": "above", "value": 2}])
    with_recipe(bench, model, OPS["formula"].new(name="twice", formula="calls * 2"), few)
    bench.click(bench.open("clean", model=model.id), "recipe-keep")
    made = bench.workspace.datasets()[0]
    table = bench.workspace.frame(made.id)
    assert made.name == "customers.csv cleaned" and made.origin == "cleaned"
    assert (table["twice"] == 2 * table["calls"]).all() and (table["calls"] > 2).all() and "churn" in table
    assert any("rows left out" in n.message for n in made.report.notes)


def test_a_built_model_shows_what_it_learned(bench, customers, churn_bundle) -> None:
    model = bench.built(customers, churn_bundle)
    app = bench.open("analyze", model=model.id, view="Cleaning")
    said = texts(app)
    assert "1. Tidy text" in said and "Done to every row." in said
    assert "Download the recipe" in said


@pytest.fixture(scope="module")
def cleaned_bundle(tmp_path_factory):
    """A model whose columns are renamed and computed from those of the file."""
    folder, frame = tmp_path_factory.mktemp("cleaned"), make_customers(200)
    steps = (
        OPS["rename"].new(names={"Day Minutes": "minutes"}),
        OPS["formula"].new(name="hours", formula="minutes / 60 + calls"),
        OPS["drop_columns"].new(("calls", "last note", "spend")),
        OPS["impute"].new(("minutes", "plan"), indicator=True),
    )
    spec = a_spec(frame, families=("linear",), candidates=1, recipe=Recipe(steps))
    return bundle.load(build.fit(frame, spec, target=folder / "bundle", scratch=folder / "work"))


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("predict", {}),
        ("analyze", {"view": "Overview"}),
        ("analyze", {"view": "Explain"}),
        ("analyze", {"view": "Segments"}),
        ("analyze", {"view": "Cleaning"}),
    ],
)
def test_every_page_of_a_model_with_computed_columns(bench, customers, cleaned_bundle, page, query) -> None:
    model = bench.built(customers, cleaned_bundle)
    said = texts(bench.open(page, model=model.id, **query))
    assert "fault of its own" not in said
    if query.get("view") == "Cleaning":
        assert "minutes: missing becomes " in said and "plan: missing becomes " in said
    if page == "predict":
        assert "churn will probably be" in said
