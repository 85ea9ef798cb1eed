"""The tab "Insights" of a data set."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.pages.conftest import texts


@pytest.fixture
def insights(bench, customers):
    def opened(**draft):
        if draft:
            bench.workspace.add_model("Leaving", customers.id, draft=draft)
        return bench.open("data", dataset=customers.id, part="Insights")

    return opened


def test_without_a_target_columns_and_pairs_are_shown(bench, insights, customers) -> None:
    app = insights()
    said = texts(app)
    for word in ("Complete rows", "Duplicate rows", "Unusual rows", "Which are missing together", "The closest pairs"):
        assert word in said
    assert "Day Minutes spend" in " ".join(said.split())
    assert app.selectbox(key=f"insight-target-{customers.id}").value == "No target"
    assert "Prediction power" not in said


def test_the_target_of_a_model_is_looked_at_first(bench, insights, customers) -> None:
    app = insights(target="churn")
    assert app.selectbox(key=f"insight-target-{customers.id}").value == "churn"
    said = texts(app)
    assert "What each column knows about churn" in said
    assert "Prediction power 0." in said
    assert "How often churn is yes" in said


def test_a_column_is_chosen(bench, insights, customers) -> None:
    app = insights(target="churn")
    app.selectbox(key=f"insight-column-{customers.id}-churn").select("plan").run()
    bench.checked(app)
    said = texts(app)
    assert "How often churn is yes, by plan" in said
    assert "of plan are" in said


def test_a_number_as_target(bench, insights, customers) -> None:
    app = insights(target="spend")
    assert "What each column knows about spend" in texts(app)
    app.selectbox(key=f"insight-column-{customers.id}-spend").select("plan").run()
    assert "spend by plan" in texts(bench.checked(app))


def test_a_target_that_can_not_be_predicted_is_a_sentence(bench, insights, customers) -> None:
    app = insights()
    app.selectbox(key=f"insight-target-{customers.id}").select("since").run()
    bench.checked(app)
    assert "holds dates" in app.warning[0].value.replace("\\", "")


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [None, "x"] * 3, "b": range(6)}),
        pd.DataFrame({"<b>a</b>": ["<i>x</i>", "=1"] * 30, "n" * 300: range(60), "c": [1.5] * 60}),
    ],
)
def test_odd_tables_open(bench, tmp_path, table) -> None:
    table.to_csv(tmp_path / "t.csv", index=False)
    dataset = bench.dataset(tmp_path / "t.csv")
    app = bench.open("data", dataset=dataset.id, part="Insights")
    for name in table.columns:
        app.selectbox(key=f"insight-target-{dataset.id}").select(name).run()
        bench.checked(app)
