from __future__ import annotations

import json

import pytest

from automl import bundle as bundles
from automl.choices import Payoff
from automl.evaluate import money
from automl.evaluate.threshold import Ladder
from tests.pages.conftest import texts


@pytest.fixture
def model(bench, customers, churn_bundle):
    return bench.built(customers, churn_bundle)


def opened(bench, model):
    return bench.open("analyze", model=model.id, view="Threshold")


def matrix(app) -> list[str]:
    chart = next(c for c in app.get("plotly_chart") if "heatmap" in c.proto.spec)
    return [t for layer in json.loads(chart.proto.spec)["data"][1:] for t in layer["text"]]


def test_the_slider_moves_the_matrix_and_the_words(bench, model, churn_bundle) -> None:
    app = opened(bench, model)
    held = churn_bundle.test_rows()
    ladder = Ladder(held.y == 1, held.values[:, 1])
    for percent in (50.0, 20.0):
        bench.checked(app.slider(key="threshold").set_value(percent).run())
        found = ladder.at(percent / 100)
        shown = "".join(matrix(app))
        for count in (found.hits, found.false_alarms, found.misses, found.passes):
            assert f"<b>{count}</b>" in shown
        assert f"it finds {round(found.recall * 100)} (recall)" in texts(app)


def test_it_is_saved_used_and_taken_back(bench, model) -> None:
    app = opened(bench, model)
    bench.checked(app.slider(key="threshold").set_value(23.5).run())
    bench.click(app, "threshold-save")
    folder = bench.workspace.bundle_folder(model.id)
    assert bundles.load(folder).model.threshold == 0.235
    again = opened(bench, model)  # another session
    assert again.slider(key="threshold").value == 23.5
    assert "Predictions now use 23.5 % (chosen by you)." in texts(again)
    bench.click(again, "threshold-undo")
    assert bundles.load(folder).model.threshold is None
    assert "Predictions now use 50.0 % (automatic)." in texts(opened(bench, model))


def test_money_names_the_best_threshold(bench, model, churn_bundle) -> None:
    app = opened(bench, model)
    for key, value in (("hit", 50.0), ("false", -20.0), ("miss", -5.0), ("pass", 0.0)):
        app.number_input(key=f"pay-{key}").set_value(value)
    bench.checked(app.text_input(key="pay-currency").set_value("$").run())
    payoff, kept = Payoff(50, -20, -5, 0, "$"), churn_bundle.validation_rows
    best = money.best_threshold(Ladder(kept.y == 1, kept.values[:, 1]), payoff)
    held = churn_bundle.test_rows()
    found = money.expected(Ladder(held.y == 1, held.values[:, 1]).at(best), payoff)
    said = texts(app)
    assert f"brings {round(found.value):,} $, between {round(found.low):,} $ and {round(found.high):,} $" in said
    assert "measured on the test rows" in said
    bench.click(app, "threshold-best-money")
    bench.click(app, "threshold-save")
    saved = bundles.load(bench.workspace.bundle_folder(model.id)).choices
    assert saved.threshold == pytest.approx(best)
    assert saved.payoff == payoff
    assert app.button(key="threshold-save-money").disabled
    bench.checked(app.number_input(key="pay-hit").set_value(500.0).run())
    bench.click(app, "threshold-save-money")  # where the figures are, in one step
    again = money.best_threshold(Ladder(kept.y == 1, kept.values[:, 1]), Payoff(500, -20, -5, 0, "$"))
    assert bundles.load(bench.workspace.bundle_folder(model.id)).choices.threshold == pytest.approx(again)
    assert app.slider(key="threshold").value == pytest.approx(100 * again, abs=0.051)
