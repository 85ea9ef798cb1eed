"""The card "Validate data": what it says, its fixes, and the way back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.data.profile import profile
from automl.types import SplitKind
from tests.pages.conftest import texts


@pytest.fixture
def leaky(bench, customers_csv, tmp_path):
    table = pd.read_csv(customers_csv)
    table["closed"] = np.where(table["churn"] == "yes", "2024-05-01", None)
    table["again"] = table["churn"].str.upper()
    table["size"] = [str(i % 70) if i % 4 else f"large {i % 9}" for i in range(len(table))]
    table.to_csv(tmp_path / "leaky.csv", index=False)
    return bench.dataset(tmp_path / "leaky.csv")


def press(bench, app, label: str, code: str):
    button = next(b for b in app.button if b.label == label and b.key.endswith(code))
    return bench.checked(button.click().run())


def test_leaks_are_left_out_and_brought_back(bench, leaky) -> None:
    model = bench.draft(leaky)
    app = bench.open("build", model=model.id)
    said = texts(app)
    assert "again is a copy of the target" in said
    assert "it is filled in 100 % of the rows with 'yes' and 0 % of those with 'no'" in said or "closed is a copy" in said
    app = press(bench, app, "Leave it out", "target_copy")
    first = bench.workspace.model(model.id).draft["excluded"]
    assert first in (["again"], ["closed"])
    assert f"Left out {first[0]}" in texts(app)
    assert app.multiselect(key=f"excluded-{model.id}-churn").value == first
    app = bench.open("build", model=model.id)  # a refresh keeps it
    assert f"Left out {first[0]}" in texts(app)
    app = bench.click(app, f"undo-{model.id}-0")
    draft = bench.workspace.model(model.id).draft
    assert "excluded" not in draft and "mended" not in draft
    assert app.multiselect(key=f"excluded-{model.id}-churn").value == []


def test_a_kind_is_changed_for_this_model_only(bench, leaky) -> None:
    model = bench.draft(leaky)
    app = press(bench, bench.open("build", model=model.id), "Read it as a number", "mixed_types")
    assert bench.workspace.model(model.id).draft["kinds"] == {"size": "numeric"}
    assert bench.workspace.dataset(leaky.id).column("size").kind.value == "categorical"
    assert "size is read as a number" in texts(app)
    assert "Read 'size' as number" in texts(app)  # the cleaning plan follows
    bench.click(app, f"undo-{model.id}-0")
    assert "kinds" not in bench.workspace.model(model.id).draft


def test_a_split_is_built_as_it_was_chosen(bench, customers) -> None:
    model = bench.draft(customers)
    app = press(bench, bench.open("build", model=model.id), "Split by time, since", "time_order")
    assert bench.workspace.model(model.id).draft["split"] == {"kind": "time", "column": "since"}
    assert "The latest rows by since are the test" in texts(app)
    assert "Split by time, since" not in [b.label for b in app.button]
    bench.click(app, "start-build")
    split = bench.workspace.model(model.id).spec.problem.split
    assert (split.kind, split.column, split.test_share) == (SplitKind.TIME, "since", 0.25)


def test_a_refused_target_can_be_read_otherwise(bench, tmp_path) -> None:
    table = pd.DataFrame({"y": [f"{i}.5" if i % 3 else f"none {i}" for i in range(300)], "x": np.arange(300) / 7})
    table.to_csv(tmp_path / "t.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "t.csv"), target="y")
    app = bench.open("build", model=model.id)
    assert "too many categories" in texts(app)
    app = press(bench, app, "Read it as a number", "target_mixed")
    assert "Numeric prediction" in texts(app)
    assert "are set aside" in texts(app)


def test_another_metric_shows_in_the_settings_too(bench, tmp_path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=600), "y": ["rare" if i % 30 == 0 else "often" for i in range(600)]})
    table.to_csv(tmp_path / "t.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "t.csv"), target="y")
    app = press(bench, bench.open("build", model=model.id), "Optimise average precision", "class_imbalance")
    assert app.selectbox(key=f"metric-{model.id}-binary").value == "average_precision"
    app = bench.click(app, f"undo-{model.id}-0")
    assert app.selectbox(key=f"metric-{model.id}-binary").value == "roc_auc"


@pytest.mark.parametrize("edited", [False, True])
def test_copies_are_set_aside_in_the_plan_that_stands(bench, customers_csv, tmp_path, edited) -> None:
    pd.concat([pd.read_csv(customers_csv)] * 2).to_csv(tmp_path / "t.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "t.csv"))
    if edited:
        from automl.ui import fixes

        app = bench.open("build", model=model.id)
        columns = list(pd.read_csv(customers_csv).columns)
        step = {"op": "drop_duplicates", "columns": columns, "params": {"keep": "first"}, "title": "Copies", "enabled": False, "removes_rows": True}
        bench.workspace.update_model(model.id, draft={"target": "churn", "recipe": {"steps": [step]}})
        assert fixes.said({"fix": {"action": "choose_metric", "columns": [], "value": "f1"}})
    app = press(bench, bench.open("build", model=model.id), "Set copies aside", "duplicate_rows")
    assert [t.value for t in app.toggle if "opies" in t.label or "duplicates" in t.label] == [True]
    app = bench.click(app, f"undo-{model.id}-0")
    assert [t.value for t in app.toggle if "opies" in t.label or "duplicates" in t.label] == [False]


def test_rare_labels_are_grouped_by_a_number_that_can_be_changed(bench, tmp_path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=800), "y": rng.choice([f"l{i}" for i in range(60)], 800)})
    table.to_csv(tmp_path / "t.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "t.csv"), target="y")
    app = bench.open("build", model=model.id)
    button = next(b for b in app.button if b.label.startswith("Group labels below"))
    app = bench.checked(button.click().run())
    reading = bench.workspace.model(model.id).draft["reading"]
    assert reading["rare"] == "other" and f"have fewer than {reading['least_rows']} rows each" in texts(app)
    app = bench.checked(app.number_input(key=f"least-{model.id}-y").set_value(19).run())
    assert "Labels with fewer than 19 rows count as other" in texts(app)
    assert bench.workspace.model(model.id).draft["reading"]["least_rows"] == 19
    app = bench.click(app, "start-build")
    assert "other" in bench.workspace.model(model.id).spec.problem.classes
    assert bench.workspace.model(model.id).spec.problem.reading.least_rows == 19


def test_another_column_is_predicted_and_back(bench, customers) -> None:
    model = bench.draft(customers, target="last note")
    app = bench.open("build", model=model.id)
    app = press(bench, app, "Predict churn instead", "target_refused")
    assert app.selectbox(key=f"target-{model.id}").value == "churn"
    assert "2 category prediction" in texts(app) and "churn is predicted instead" in texts(app)
    app = bench.click(app, f"undo-{model.id}-0")
    assert app.selectbox(key=f"target-{model.id}").value == "last note"
    assert bench.workspace.model(model.id).draft == {"target": "last note"}


def test_an_identifier_is_kept_and_left_out_for_good(bench, customers) -> None:
    model = bench.draft(customers)
    app = press(bench, bench.open("build", model=model.id), "Keep it after all", "identifiers")
    assert "Kept customer_id after all" in texts(app)
    assert [t.value for t in app.toggle if "identifiers" in t.label] == [False]
    app.toggle(key=next(t.key for t in app.toggle if "identifiers" in t.label)).set_value(True).run()
    app = bench.open("build", model=model.id)
    assert "Kept customer_id" not in texts(app)  # chosen otherwise in the plan
    assert not bench.workspace.model(model.id).draft.get("kept")
    bench.workspace.update_model(model.id, draft={"target": "churn", "excluded": ["customer_id"]})
    app = bench.open("build", model=model.id)
    assert bench.workspace.model(model.id).draft["excluded"] == ["customer_id"]


def test_more_rows_lead_to_the_next_version_and_the_draft_to_it(bench, customers, customers_csv) -> None:
    model = bench.draft(customers)
    app = press(bench, bench.open("build", model=model.id), "Add rows", "few_rows")
    assert app.segmented_control(key=f"add-{customers.id}").value == "Append rows"
    table = pd.concat([pd.read_csv(customers_csv)] * 2)
    again = bench.workspace.add_dataset(table, name="customers.csv", report=customers.report, columns=profile(table), version_of=customers.id)
    app = bench.open("build", model=model.id)
    app = bench.click(app, f"use-version-{model.id}")
    assert bench.workspace.model(model.id).dataset == again.id
    assert "version 2: 600 rows" in texts(app)
    without = table.drop(columns="churn")
    bench.workspace.add_dataset(without, name="customers.csv", report=customers.report, columns=profile(without), version_of=customers.id)
    assert f"use-version-{model.id}" not in {b.key for b in bench.open("build", model=model.id).button}


def test_the_rows_set_aside_are_shown(bench, customers_csv, tmp_path) -> None:
    table = pd.read_csv(customers_csv)
    table.loc[[3, 7], "churn"] = None
    table.to_csv(tmp_path / "t.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "t.csv"))
    app = bench.open("build", model=model.id)
    assert "such as rows 4 and 8" in texts(app)
    app = press(bench, app, "Show these rows", "target_missing")
    assert "2 rows have no value in churn" in texts(app)
    rows = next(d.value for d in app.dataframe if "customer_id" in d.value.columns)
    assert rows.index.tolist() == [4, 8]


def test_nothing_to_say_is_said(bench, tmp_path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=600)
    table = pd.DataFrame({"x": x, "y": np.where(x + rng.normal(size=600) > 0, "up", "down")})
    table.to_csv(tmp_path / "t.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "t.csv"), target="y")
    assert "18 checks of 600 rows found nothing that needs a look" in texts(bench.open("build", model=model.id))


@pytest.mark.parametrize("edited", [False, True])
def test_near_copies_are_set_aside_by_a_button(bench, customers_csv, tmp_path, edited) -> None:
    table = pd.read_csv(customers_csv)
    again = table.head(40).copy()
    for name in again.select_dtypes("str").columns:
        if name != "churn":
            again[name] = again[name].str.upper()
    pd.concat([table, again]).to_csv(tmp_path / "t.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "t.csv"))
    if edited:
        step = {"op": "trim", "columns": [], "params": {}, "title": "Tidy", "enabled": True}
        bench.workspace.update_model(model.id, draft={"target": "churn", "recipe": {"steps": [step]}})
    app = press(bench, bench.open("build", model=model.id), "Set near copies aside", "duplicate_rows")
    assert "Near copies are set aside in training" in texts(app)
    assert "rows are nearly copies" not in texts(app)
    draft = bench.workspace.model(model.id).draft
    if edited:
        assert [(s["op"], s["enabled"]) for s in draft["recipe"]["steps"]] == [("trim", True), ("drop_near_duplicates", True)]
    else:
        assert [k.split(":")[0] for k in draft["on"]] == ["drop_near_duplicates"]
    app = bench.click(app, f"undo-{model.id}-0")
    draft = bench.workspace.model(model.id).draft
    assert not draft.get("on") and not [s for s in draft.get("recipe", {}).get("steps", ()) if s["op"] != "trim" and s["enabled"]]


def test_a_table_of_one_column_leads_to_a_join_of_it(bench, customers, tmp_path) -> None:
    pd.DataFrame({"y": ["a", "b"] * 40}).to_csv(tmp_path / "t.csv", index=False)
    alone = bench.dataset(tmp_path / "t.csv", name="alone.csv")
    app = bench.open("build", model=bench.draft(alone, target="y").id)
    assert "80 rows, 1 column." in texts(app)
    app = press(bench, app, "Join another table", "target_refused")
    assert app.selectbox(key="join-left").value == alone.id
