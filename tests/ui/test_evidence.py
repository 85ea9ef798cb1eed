from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from automl.findings.record import Record
from automl.findings.training import look
from automl.types import Finding, Severity, replace, to_dict
from automl.ui import evidence
from automl.ui.build_live import Progress
from tests.findings.test_training_rules import CASES, HEALTHY


def found(code: str, number: int = 0) -> tuple[Record, Finding]:
    record = CASES[code][0][number]
    return record, next(f for f, _ in look(record) if f.code == code)


@pytest.mark.parametrize(
    ("code", "number", "figure"),
    [("dead_relu", 0, "dead_0"), ("vanishing_gradient", 0, "gradient_1"), ("loss_not_decreasing", 0, "loss"),
     ("overfit", 0, "score"), ("weight_update_ratio", 0, "update_ratio_0"), ("tree_depth", 0, "")],
)  # fmt: skip
def test_a_finding_knows_the_curve_behind_it(code, number, figure) -> None:
    assert evidence.figure_of(*found(code, number)) == figure


def test_of_several_layers_the_one_it_names_is_drawn() -> None:
    record, finding = found("dead_relu")
    both = tuple(replace(s, figures={"dead_0": 0.0, "dead_1": s.figures["dead_0"]}) for s in record.states)
    record = replace(record, states=both)
    finding = next(f for f, _ in look(record) if f.code == "dead_relu")
    assert evidence.figure_of(record, finding) == "dead_1"


def drawn(record: Record | None, finding: Finding) -> AppTest:
    def script(record, finding):
        from automl.ui import evidence

        evidence.show(record, finding, "k")

    app = AppTest.from_function(script, args=(record, finding)).run()
    assert not app.exception
    return app


def test_the_curve_is_drawn_where_there_is_one() -> None:
    dead = drawn(*found("dead_relu"))
    assert [e.label for e in dead.expander] == ["The curve behind it", "Show the figures"]
    assert len(dead.get("plotly_chart")) == 1
    assert len(drawn(*found("overfit")).get("plotly_chart")) == 2  # rows it learned from and others, and its course
    for record in (replace(HEALTHY, states=()), None):
        assert not drawn(record, Finding("dead_relu", Severity.WARNING, "t", "m", figure="dead")).expander


def test_a_build_that_runs_has_the_record_behind_what_it_found() -> None:
    from automl.findings.record import behind

    record, finding = found("dead_relu")
    told = {"type": "finding", "finding": to_dict(finding), "behind": to_dict(behind(record, finding.figure))}
    (said, kept), (_, before) = Progress.read([told, {"type": "finding", "finding": to_dict(finding)}], 1).findings
    assert said == finding and before is None
    assert kept.series("dead_0") == record.series("dead_0")
