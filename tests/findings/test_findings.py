"""Each check speaks on a planted case and is silent on a healthy one."""

from __future__ import annotations

import pytest

from automl import findings
from automl.findings import CHECKS, BuildResult, all_checks, look
from automl.findings.record import Profile
from automl.types import Problem, Severity, SplitKind, SplitPlan, Task, from_dict, replace, to_dict

IMPACT = [{"column": f"c{i}", "impact": share, "std": 0.01}
          for i, share in enumerate([0.2, 0.15, 0.15, 0.1, 0.1, 0.1, 0.1, 0.1])]  # fmt: skip


def impact(*shares):
    return [{"column": f"c{i}", "impact": s, "std": 0.0} for i, s in enumerate(shares)]


def evaluation(metric="roc_auc", score=0.85, interval=(0.8, 0.9), baseline=0.5, **more):
    return {
        "metric": metric, "score": score, "interval": list(interval), "baseline_score": baseline,
        "metrics": [{"name": metric, "value": score}, *({"name": k, "value": v} for k, v in more.items())],
        "impact": IMPACT,
    }  # fmt: skip


def matrix(counts):
    return {"labels": ["no", "yes"], "counts": counts, "left_out": 0}


HEALTHY = BuildResult(
    problem=Problem(
        target="churn", task=Task.BINARY, metric="roc_auc", features=("c0",), classes=("no", "yes")
    ),
    rows_train=2000,
    class_counts={"no": 1500, "yes": 500},
    evaluation=evaluation(),
    validation_score=0.86,
    validation_std=0.02,
    baseline_validation=0.5,
    impact=IMPACT,
)
VALUES = replace(
    HEALTHY,
    problem=Problem(target="price", task=Task.REGRESSION, metric="rmse", features=("c0",)),
    class_counts={},
    evaluation=evaluation("rmse", 10.0, (9.0, 11.0), 30.0, r2=0.8),
    validation_score=9.8,
    validation_std=0.5,
    baseline_validation=30.0,
)
NO_TEST_ROWS = replace(HEALTHY, evaluation=None, impact=[])

# code: planted cases, then ones at the edge that are still fine
CASES = {
    "few_rows": ([replace(HEALTHY, rows_train=499)], [replace(HEALTHY, rows_train=500)]),
    "class_imbalance": (
        [replace(HEALTHY, class_counts={"no": 1000, "yes": 100})],
        [replace(HEALTHY, class_counts={"no": 999, "yes": 100}), replace(HEALTHY, class_counts={"no": 9, "yes": 0})],
    ),
    "rare_classes": (
        [replace(HEALTHY, class_counts={"a": 100, "b": 9, "c": 3})],
        [replace(HEALTHY, class_counts={"a": 100, "b": 10})],
    ),
    "no_better_than_baseline": (
        [
            replace(HEALTHY, evaluation=evaluation(score=0.55, interval=(0.48, 0.62))),
            replace(VALUES, evaluation=evaluation("rmse", 28.0, (25.0, 31.0), 30.0)),
        ],
        [
            replace(HEALTHY, evaluation=evaluation(score=0.55, interval=(0.51, 0.62))),
            replace(VALUES, evaluation=evaluation("rmse", 28.0, (27.0, 29.0), 30.0)),
            replace(HEALTHY, evaluation=evaluation(baseline=None)),
        ],
    ),
    "target_leakage_suspected": (
        [
            replace(HEALTHY, evaluation=evaluation(score=0.9999), impact=impact(0.97, 0.03)),
            replace(VALUES, evaluation=evaluation("rmse", 0.01, (0.01, 0.02), 30.0, r2=0.99999), impact=impact(1.0)),
        ],
        [
            replace(HEALTHY, evaluation=evaluation(score=0.9999), impact=impact(0.4, 0.3, 0.3)),
            replace(HEALTHY, evaluation=evaluation(score=0.95), impact=impact(0.97, 0.03)),
            replace(HEALTHY, evaluation=evaluation(f1=None), impact=impact(0.97, 0.03)),
        ],
    ),
    "feature_importance_overweight": (
        [replace(HEALTHY, impact=impact(0.5, 0.3, 0.1, *[0.02] * 5))],
        [replace(HEALTHY, impact=impact(0.9, 0.1)), replace(HEALTHY, impact=impact(*[0.125] * 8))],
    ),
    "train_test_mismatch": (
        [replace(HEALTHY, shift={"age": 0.26, "plan": 0.1})],
        [replace(HEALTHY, shift={"age": 0.25}),
         replace(HEALTHY, shift={"age": 5.0}, problem=replace(HEALTHY.problem, split=SplitPlan(SplitKind.TIME, column="age")))],
    ),
    "constant_predictions": (
        [replace(HEALTHY, prediction_spread=0.0, evaluation=evaluation() | {"rows_test": 400})],
        [replace(HEALTHY, prediction_spread=1e-3)],
    ),
    "short_of_time": (
        [replace(HEALTHY, seconds=60.0, tried=5, had_no_time=5)],
        [replace(HEALTHY, seconds=60.0, tried=6, had_no_time=5), replace(HEALTHY, tried=0, had_no_time=9)],
    ),
    "confusion": (
        [replace(HEALTHY, evaluation=evaluation() | {"confusion": matrix([[90, 10], [12, 8]])})],
        [
            replace(HEALTHY, evaluation=evaluation() | {"confusion": matrix([[90, 10], [10, 10]])}),
            replace(HEALTHY, evaluation=evaluation() | {"confusion": matrix([[90, 10], [12, 7]])}),
        ],
    ),
    "max_initialization_time": (
        [replace(HEALTHY, profile=Profile(100.0, 2, (("a", 0.0, 51.0),))),
         replace(HEALTHY, profile=Profile(9_000.0, 2, (("a", 0.0, 1_201.0),)))],
        [replace(HEALTHY, profile=Profile(100.0, 2, (("a", 0.0, 50.0),))),
         replace(HEALTHY, profile=Profile(20.0, 2, (("a", 0.0, 19.0),))), replace(HEALTHY, profile=Profile(100.0, 2))],
    ),
    "tested_between_times": (
        [replace(HEALTHY, drift={"when": "It is 30 on average in the latest fifth of the rows, and 10 before."})],
        [replace(HEALTHY, dates=("when",)),
         replace(HEALTHY, drift={"when": "It is 3."}, problem=replace(HEALTHY.problem, split=SplitPlan(SplitKind.TIME, column="when")))],
    ),
    "validation_test_mismatch": (
        [
            replace(HEALTHY, validation_score=0.99),
            replace(VALUES, validation_score=5.0),
        ],
        [
            replace(HEALTHY, validation_score=0.90),
            replace(HEALTHY, validation_score=0.70),
            replace(HEALTHY, validation_std=None),
            replace(VALUES, validation_score=15.0),
        ],
    ),
}  # fmt: skip


def check(code):
    return next(c for c in all_checks() if c.code == code)


def test_every_check_has_a_case_and_a_code_of_its_own():
    codes = [c.code for c in all_checks()]
    assert len(set(codes)) == len(codes) == len(CHECKS)
    assert set(codes) == set(CASES)


@pytest.mark.parametrize("code", CASES)
def test_it_speaks_when_it_should_and_not_else(code):
    planted, fine = CASES[code]
    for case in planted:
        found = check(code).look(case)
        assert found is not None and found.code == code
        assert found.title and found.message.endswith(".") and "\n" not in found.message
        assert any(c.isdigit() for c in found.message)
        assert from_dict(to_dict(found), type(found)) == found
    for case in (*fine, HEALTHY, VALUES, NO_TEST_ROWS):
        assert check(code).look(case) is None


def test_a_healthy_build_has_no_findings():
    assert look(HEALTHY) == look(VALUES) == look(NO_TEST_ROWS) == []


def test_the_number_and_the_column_are_in_the_sentence():
    leak = check("target_leakage_suspected").look(CASES["target_leakage_suspected"][0][0])
    assert "'c0'" in leak.message and "97.0 %" in leak.message
    assert leak.fix.action == "exclude_columns" and leak.fix.columns == ("c0",)
    assert "10 times" in check("class_imbalance").look(CASES["class_imbalance"][0][0]).message
    assert "'c' (3), 'b' (9)" in check("rare_classes").look(CASES["rare_classes"][0][0]).message


def test_the_most_severe_come_first():
    bad = replace(
        HEALTHY, rows_train=100, class_counts={"no": 90, "yes": 9},
        evaluation=evaluation(score=0.5, interval=(0.4, 0.6)),
    )  # fmt: skip
    order = [Severity.HIGH, Severity.WARNING, Severity.INFO]
    found = [order.index(f.severity) for f in look(bad)]
    assert found == sorted(found) and set(found) == {0, 1, 2}


def test_a_check_that_fails_costs_nothing(monkeypatch, caplog):
    monkeypatch.setattr(findings.few_rows.FewRows, "look", lambda self, result: 1 / 0)
    assert look(HEALTHY) == []
    assert "few_rows" in caplog.text


def test_a_build_writes_its_findings(churn_bundle):
    assert "few_rows" in {f.code for f in churn_bundle.findings}


def test_fixes_can_be_made_in_a_draft():
    from automl.ui import fixes

    late = check("validation_test_mismatch").look(replace(HEALTHY, validation_score=0.99, dates=("when",)))
    assert fixes.apply({}, late)["split"] == {"kind": "time", "column": "when"}
    by_time = replace(HEALTHY.problem, split=SplitPlan(SplitKind.TIME, column="when"))
    assert check("validation_test_mismatch").look(
        replace(HEALTHY, validation_score=0.99, dates=("when",), problem=by_time)
    ).fix is None
    changing = check("tested_between_times").look(CASES["tested_between_times"][0][0])
    assert changing.severity is Severity.WARNING and "By 'when': it is 30 on average" in changing.message
    assert fixes.apply({}, changing)["split"] == {"kind": "time", "column": "when"}
    longer = check("short_of_time").look(replace(HEALTHY, seconds=60.0, tried=1, had_no_time=5))
    assert "4 min" in longer.fix.label
    assert fixes.apply({"preset": "standard"}, longer)["seconds"] == {"standard": 240}
    assert fixes.undo(fixes.apply({"preset": "standard"}, longer), 0) == {"preset": "standard"}
    few = check("feature_importance_overweight").look(CASES["feature_importance_overweight"][0][0])
    assert fixes.apply({"excluded": ["z"]}, few)["excluded"] == ["c0", "z"]
    alike = check("confusion").look(CASES["confusion"][0][0])
    assert fixes.apply({}, alike)["metric"] == "balanced_accuracy"
