from __future__ import annotations

import pytest

from tests.pages.conftest import texts


@pytest.fixture
def model(bench, customers, churn_bundle):
    return bench.built(customers, churn_bundle)


@pytest.fixture
def app(bench, model):
    return bench.open("analyze", model=model.id, view="Explain")


def test_what_moves_the_prediction_is_said_with_its_direction(app, churn_bundle) -> None:
    said = texts(app)
    assert " moves the chance of churn = yes most: by " in said
    assert "more raises it" in said and " points ± " in said
    assert "a sample" in said and "test rows" in said
    for column in churn_bundle.model.document.kinds:
        assert column.split("_")[0] in said


def test_the_effect_of_a_chosen_column(bench, app, model) -> None:
    choice = app.selectbox(key=f"explain-column-{model.id}")
    assert set(choice.options) == {"Day Minutes", "plan", "calls", "since", "last note", "spend"}
    choice.set_value("Day Minutes").run()
    bench.checked(app)
    assert "The more Day Minutes, the higher the chance of churn = yes" in texts(app)
    assert [e.label for e in app.expander].count("Show the figures") == 2
    choice.set_value("plan").run()
    bench.checked(app)
    assert " with plan " in texts(app) or "plan hardly moves" in texts(app)
    app.segmented_control(key=f"explain-as-{model.id}").set_value("Change from the first value").run()
    app.selectbox(key=f"explain-column-{model.id}").set_value("since").run()
    bench.checked(app)
    app.toggle(key=f"explain-lines-{model.id}").set_value(False).run()
    bench.checked(app)


def test_two_columns_together(bench, app, model) -> None:
    app.selectbox(key=f"explain-first-{model.id}").set_value("calls").run()
    bench.checked(app)
    second = app.selectbox(key=f"explain-second-{model.id}")
    assert "calls" not in second.options
    second.set_value("plan").run()
    bench.checked(app)
    said = texts(app)
    assert "calls and plan each have their own effect" in said or "of what calls and plan do, they do together" in said
