from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from automl.ui import charts

CURVES = {
    f"class {i}": {
        "roc": {"fpr": [0.0, 0.2, 1.0], "tpr": [0.0, 0.8, 1.0], "auc": 0.8},
        "pr": {"recall": [0.0, 1.0], "precision": [1.0, 0.4], "ap": 0.7},
    }
    for i in range(8)
}


def drawn(function, *args, **options) -> tuple[AppTest, dict]:
    def script(function, args, options):
        function(*args, **options)

    app = AppTest.from_function(script, args=(function, args, options)).run()
    assert not app.exception
    (chart,) = app.get("plotly_chart")
    return app, json.loads(chart.proto.spec)


CASES = [
    (
        charts.target,
        ({"type": "histogram", "edges": [0, 1, 2], "counts": [3, 4]}, "price", "How it is spread"),
    ),
    (charts.target, ({"type": "top", "values": ["a", "b"], "counts": [3, 4], "other": 0}, "y", "Mostly b")),
    (charts.confusion, (["no", "yes"], [[5, 1], [2, 7]], "Most common mistake")),
    (charts.curve, (CURVES, "roc", "ROC")),
    (charts.curve, (CURVES, "pr", "PR")),
    (charts.predicted_against_actual, ([1.0, 2.0], [1.1, 1.9], "price", "It explains 98 %")),
    (charts.residuals, ({"edges": [-1, 0, 1], "counts": [3, 4]}, "price", "Half are within 0.5")),
]


@pytest.mark.parametrize(("function", "args"), CASES)
def test_the_title_is_the_finding_and_the_figures_are_one_click_away(function, args) -> None:
    app, spec = drawn(function, *args)
    assert f"**{args[-1]}**" in [m.value.replace("\\", "") for m in app.markdown]
    assert [e.label for e in app.expander] == ["Show the figures"]
    assert len(app.dataframe) == 1
    assert "title" not in spec["layout"] or not spec["layout"]["title"].get("text")


HTML = "<a href='http://x'>y</a> & <i>z</i>"
SAFE = "&lt;a href="


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (charts.target, ({"type": "top", "values": [HTML, "b"], "counts": [3, 4], "other": 0}, HTML, "t")),
        (charts.confusion, ([HTML, "yes"], [[5, 1], [2, 7]], "t")),
        (charts.curve, ({HTML: CURVES["class 0"], "b": CURVES["class 1"]}, "roc", "t")),
        (charts.predicted_against_actual, ([1.0, 2.0], [1.1, 1.9], HTML, "t")),
        (charts.residuals, ({"edges": [-1, 0, 1], "counts": [3, 4]}, HTML, "t")),
    ],
)
def test_names_are_no_markup(function, args) -> None:
    _, spec = drawn(function, *args)
    text = json.dumps(spec, ensure_ascii=False)
    assert SAFE in text and "<a" not in text and "<i>" not in text and "&amp;lt;" not in text


@pytest.mark.parametrize(("function", "args"), CASES[2:])
def test_axes_are_named(function, args) -> None:
    _, spec = drawn(function, *args)
    assert spec["layout"]["xaxis"]["title"]["text"]
    assert spec["layout"]["yaxis"]["title"]["text"]


def test_a_confusion_matrix_of_a_few_classes_has_rows_and_shares_in_every_cell() -> None:
    _, spec = drawn(charts.confusion, ["no", "yes"], [[90, 10], [20, 80]], "t")
    shown = {t for layer in spec["data"][1:] for t in layer["text"]}
    assert shown == {
        "<b>90</b><br>90.0 %", "<b>10</b><br>10.0 %", "<b>20</b><br>20.0 %", "<b>80</b><br>80.0 %",
    }  # fmt: skip


def test_many_classes_have_one_figure_a_cell() -> None:
    labels = [f"c{i}" for i in range(9)]
    counts = [[10 if i == j else 0 for j in labels] for i in labels]
    _, spec = drawn(charts.confusion, labels, counts, "t", shares=True)
    assert {t for layer in spec["data"][1:] for t in layer["text"]} == {"100 %", "0 %"}


def test_the_best_score_ends_now_and_not_at_the_limit() -> None:
    _, spec = drawn(charts.best_over_time, [(3.0, 0.8, "Linear"), (9.0, 0.9, "CatBoost")], 20.0, 60.0, "AUC")
    (line,) = spec["data"]
    assert line["x"][-1] == 20.0
    assert spec["layout"]["xaxis"]["range"] == [0, 60.0]


def test_before_the_first_score_there_is_an_empty_chart() -> None:
    app, spec = drawn(charts.best_over_time, [], 1.0, 60.0, "AUC")
    assert spec["data"] == []
    assert "Best score over time" in app.markdown[0].value


def test_only_the_largest_classes_have_a_curve_but_all_their_figures() -> None:
    app, spec = drawn(charts.curve, CURVES, "pr", "PR")
    assert len(spec["data"]) == charts.MOST_CURVES
    assert set(app.dataframe[0].value["class"]) == set(CURVES)
