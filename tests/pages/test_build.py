from __future__ import annotations

import pandas as pd
import pytest

from automl.jobs import client
from automl.types import JobState
from tests.pages.conftest import texts


def test_without_a_model_it_says_where_to_go(bench) -> None:
    app = bench.open("build")
    assert "No model chosen" in texts(app)
    assert {"My models", "My data"} <= {link.label for link in app.get("page_link")}


def test_an_unknown_model_is_a_sentence(bench) -> None:
    assert "This model is not here" in texts(bench.open("build", model="nope"))


# -- the draft ------------------------------------------------------------------------------


def test_first_the_target_is_asked_for(bench, customers) -> None:
    model = bench.draft(customers, target=None)
    app = bench.open("build", model=model.id)
    assert "What do you want to predict?" in texts(app)
    assert app.button(key="start-build").disabled
    app.selectbox(key=f"target-{model.id}").select("spend").run()
    bench.checked(app)
    assert "Numeric prediction" in texts(app)
    assert bench.workspace.model(model.id).draft["target"] == "spend"
    assert not app.button(key="start-build").disabled


def test_the_problem_its_reason_and_the_plan_are_shown_at_once(bench, customers) -> None:
    said = texts(bench.open("build", model=bench.draft(customers).id))
    assert "2 category prediction · 'churn' has two values, no and yes." in said
    assert "Cleaning plan" in said
    assert "Leave out columns with one value · 1 column" in said
    assert "Quick build · 1 min · ROC AUC · all families" in said
    assert "Columns to learn from · " in said
    assert "% are no" in said


def test_a_target_that_can_not_be_learned_is_a_sentence(bench, customers) -> None:
    app = bench.open("build", model=bench.draft(customers, target="country").id)
    assert texts(app).count("'country' has only one value") == 1
    assert app.button(key="start-build").disabled


def test_numbers_are_predicted_as_categories_and_back(bench, tmp_path) -> None:
    table = pd.DataFrame({"code": [100 + i % 40 for i in range(200)], "x": [i % 7 / 2 for i in range(200)]})
    table.to_csv(tmp_path / "codes.csv", index=False)
    model = bench.draft(bench.dataset(tmp_path / "codes.csv"), target="code")
    app = bench.click(bench.open("build", model=model.id), f"switch-task-{model.id}")
    assert "3+ category prediction" in texts(app)
    app = bench.click(app, f"auto-task-{model.id}")
    assert "Numeric prediction" in texts(app)
    assert "task" not in bench.workspace.model(model.id).draft


def test_choices_are_kept_in_the_draft(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("build", model=model.id)
    app.radio(key=f"positive-{model.id}-churn").set_value("no").run()
    app.multiselect(key=f"excluded-{model.id}-churn").set_value(["spend"]).run()
    app.number_input(key=f"seconds-{model.id}-quick").set_value(90).run()
    app.selectbox(key=f"metric-{model.id}-binary").set_value("f1").run()
    app.toggle(key=f"fast-{model.id}").set_value(True).run()
    step = next(t for t in app.toggle if "Fill missing values" in t.label)
    app.toggle(key=step.key).set_value(True).run()
    bench.checked(app)
    draft = bench.workspace.model(model.id).draft
    assert draft["positive_class"] == "no"
    assert draft["excluded"] == ["spend"]
    assert draft["seconds"] == {"quick": 90}
    assert (draft["metric"], draft["fast"]) == ("f1", True)
    assert len(draft["on"]) == 1
    again = bench.open("build", model=model.id)  # another tab
    assert "Quick build · 1 min 30 s · F1 · all families · fast predictions" in texts(again)
    assert again.toggle(key=step.key).value is True
    assert again.radio(key=f"positive-{model.id}-churn").value == "no"


def test_switching_a_step_twice_leaves_no_trace(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("build", model=model.id)
    key = next(t for t in app.toggle if "one value" in t.label).key
    app.toggle(key=key).set_value(False).run()
    assert bench.workspace.model(model.id).draft["kept"] == ["country"]
    app.toggle(key=key).set_value(True).run()
    assert bench.workspace.model(model.id).draft == {"target": "churn"}
    key = next(t for t in app.toggle if "Tidy" in t.label).key
    app.toggle(key=key).set_value(False).run()
    assert len(bench.workspace.model(model.id).draft["off"]) == 1
    app.toggle(key=key).set_value(True).run()
    assert bench.workspace.model(model.id).draft["off"] == []


def test_another_target_forgets_what_hung_on_the_first(bench, customers) -> None:
    model = bench.draft(customers)
    bench.workspace.update_model(
        model.id, draft={"target": "churn", "metric": "f1", "positive_class": "no", "preset": "standard"}
    )
    app = bench.open("build", model=model.id)
    app.selectbox(key=f"target-{model.id}").select("spend").run()
    bench.checked(app)
    assert bench.workspace.model(model.id).draft == {"target": "spend", "preset": "standard", "excluded": []}


def test_a_model_is_renamed_on_its_page(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("build", model=model.id)
    app.text_input(key=f"name-{model.id}").input("Churn, June").run()
    bench.checked(app)
    assert bench.workspace.model(model.id).name == "Churn, June"


def test_no_column_left_stops_the_start(bench, customers) -> None:
    model = bench.draft(customers)
    names = [c.name for c in customers.columns if c.name not in ("churn", "customer_id")]
    bench.workspace.update_model(model.id, draft={"target": "churn", "excluded": names})
    app = bench.open("build", model=model.id)
    assert "No column is left to learn from" in texts(app)
    assert app.button(key="start-build").disabled


def test_a_draft_whose_data_set_was_deleted(bench, customers) -> None:
    model = bench.draft(customers)
    bench.workspace.delete_dataset(customers.id)
    assert "The data set of this model was deleted" in texts(bench.open("build", model=model.id))


def test_the_start_orders_what_the_page_says(bench, customers) -> None:
    model = bench.draft(customers)
    bench.workspace.update_model(
        model.id,
        draft={"target": "churn", "families": ["linear"], "seconds": {"quick": 30}, "excluded": ["spend"], "fast": True},
    )
    app = bench.open("build", model=model.id)
    key = next(t for t in app.toggle if "one value" in t.label).key
    app.toggle(key=key).set_value(False).run()
    app = bench.click(app, "start-build")
    (job,) = client.jobs(bench.workspace)
    spec = bench.workspace.model(model.id).spec
    assert (job.subject, job.state) == (model.id, JobState.QUEUED)
    assert (spec.budget.seconds, spec.families, spec.name) == (30, ("linear",), "Leaving")
    assert spec.budget.predict_us == 12.0
    assert "spend" not in spec.problem.features
    assert [s.enabled for s in spec.recipe.steps if "one value" in s.title] == [False]
    assert "country" in spec.problem.features
    assert "Waiting for its turn" in texts(app)


# -- the build ------------------------------------------------------------------------------


def test_rules_are_kept_in_the_draft_and_ordered(bench, customers) -> None:
    model = bench.draft(customers)
    app = bench.open("build", model=model.id)
    assert "9 rules, as usual" in texts(app)
    bench.checked(app.selectbox(key=f"rule-{model.id}-overfit-then").select("Stop the candidate").run())
    bench.checked(app.number_input(key=f"rule-{model.id}-overfit-ratio_threshold").set_value(0.5).run())
    assert "9 rules, 1 changed" in texts(app)
    bench.click(app, "start-build")
    (setting,) = bench.workspace.model(model.id).spec.rules
    assert (setting.code, setting.action, setting.thresholds) == ("overfit", "stop", {"ratio_threshold": 0.5})


def test_a_queued_build_waits_and_says_for_whom(bench, customers) -> None:
    bench.ordered(customers, name="First")
    model, _ = bench.ordered(customers, name="Second")
    app = bench.open("build", model=model.id)
    assert "Waiting for its turn, 1 before it" in texts(app)
    assert app.button(key="finish-build").disabled
    assert "Queue: 0 running, 2 waiting" in texts(app)


def test_a_running_build_shows_stage_best_and_leaderboard(bench, customers) -> None:
    model, _ = bench.running(customers)
    said = texts(bench.open("build", model=model.id))
    assert "Stage 2 of 6: Trying candidates" in said
    assert "3 candidates done, 1 skipped" in said
    assert "Best so far (ROC AUC, higher is better)" in said
    assert "0.870" in said
    assert "a plain guess: 0.500" in said
    assert "LightGBM leads with 0.870" in said
    assert "fold 2 of 5" in said
    assert "would pass the memory limit" in said
    assert said.index("LightGBM") < said.index("Linear")


def test_what_rules_find_is_shown_while_it_runs(bench, customers) -> None:
    model, _ = bench.running(customers)
    said = texts(bench.open("build", model=model.id))
    assert "Found while training" in said and "Linear: 9% of it is left." in said


def test_finish_now_and_cancel_are_wishes(bench, customers) -> None:
    model, job = bench.running(customers)
    app = bench.click(bench.open("build", model=model.id), "finish-build")
    assert client.status(bench.workspace, job.id).wish == "finish"
    assert "Finishing with the best so far" in texts(app)
    assert app.button(key="finish-build").disabled
    bench.click(app, "cancel-build")
    assert client.status(bench.workspace, job.id).wish == "cancel"


def test_a_failed_build_says_why_and_is_retried(bench, customers) -> None:
    model, job = bench.running(customers)
    bench.end(job, JobState.FAILED, "The build's process stopped unexpectedly after 34 s.")
    app = bench.open("build", model=model.id)
    said = texts(app)
    assert "stopped unexpectedly after 34 s" in app.error[0].value
    assert "stopped with the build" in said  # what was running is not shown as running
    assert "running" not in said.replace("0 running", "")
    app = bench.click(app, "retry-build")
    again = client.status(bench.workspace, bench.workspace.model(model.id).job)
    assert (again.state, again.payload["resume"]) == (JobState.QUEUED, True)
    assert "Waiting for its turn" in texts(app)


def test_a_cancelled_build_can_be_changed_or_built_again(bench, customers) -> None:
    model, job = bench.ordered(customers)
    client.cancel(bench.workspace, job.id)
    app = bench.open("build", model=model.id)
    assert "no model was kept" in texts(app)
    assert app.button(key="retry-build").label == "Build again"
    app = bench.click(app, "edit-plan")
    new, old = bench.workspace.models()
    assert (old.id, new.number, new.draft) == (model.id, 2, {"target": "churn"})
    assert not app.button(key="start-build").disabled


def test_a_finished_build_leads_to_analyze(bench, customers, churn_bundle) -> None:
    model = bench.built(customers, churn_bundle)
    app = bench.open("build", model=model.id)
    assert "The model is ready." in texts(app)
    assert "of 100 right" in texts(bench.click(app, "to-analyze"))


def test_the_page_goes_on_by_itself_once_the_build_has_ended(bench, customers, churn_bundle) -> None:
    model, job = bench.running(customers)
    app = bench.open("build", model=model.id)
    bench.workspace.build_folder(model.id).joinpath("bundle").symlink_to(churn_bundle.folder)
    bench.end(job, JobState.SUCCEEDED)
    app.run()
    assert "of 100 right" in texts(bench.checked(app))
    assert "The model is ready." in texts(bench.open("build", model=model.id))  # who did not watch it may look at the plan


@pytest.mark.parametrize("page", ["analyze", "predict"])
def test_pages_of_a_model_that_is_not_built_lead_to_the_build(bench, customers, page) -> None:
    app = bench.open(page, model=bench.draft(customers).id)
    assert "This model is not built yet" in texts(app)
    assert "Go to the build" in [link.label for link in app.get("page_link")]


def test_the_steps_keep_the_model_in_the_address(bench, customers) -> None:
    model = bench.draft(customers)
    links = {link.label: link.proto for link in bench.open("build", model=model.id).main.get("page_link")}
    assert f"dataset={customers.id}" in links["Data"].query_string
    assert f"model={model.id}" in links["Build"].query_string
    assert links["Analyze"].disabled
    assert links["Predict"].disabled


def test_an_action_that_is_refused_is_a_sentence(bench, customers) -> None:
    model, job = bench.running(customers)
    bench.end(job, JobState.FAILED, "No.")
    app = bench.open("build", model=model.id)
    bench.workspace.delete_dataset(customers.id)  # in another tab
    app = bench.click(app, "retry-build")
    assert any("was deleted" in e.value for e in app.error)
    assert bench.workspace.model(model.id).job == job.id
