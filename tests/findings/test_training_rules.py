"""Each rule speaks on a planted fit and is silent on a healthy one; what follows is what was chosen."""

from __future__ import annotations

import math

import pytest

from automl.errors import ProblemError
from automl.findings import training
from automl.findings.record import FoldEnd, Record, State
from automl.findings.training import FunctionRule, all_rules, look, rule, setting_of
from automl.types import RuleAction, RuleSetting, Severity, from_dict, replace, to_dict

FOLDS = tuple(FoldEnd(i, 1_000, 1.0, 0.85, 0.93) for i in range(5))


def states(name, values, fold=0, every=1.0, start=0):
    return tuple(
        State(fold, start + i, every * i, 0.5 + 0.01 * i, {name: v} if name else {}) for i, v in enumerate(values)
    )


HEALTHY = Record(
    "Neural network", "mlp", "roc_auc", 1, 6, baseline=0.5, folds=FOLDS,
    states=tuple(
        State(0, i, 1.0 * i, 0.7 + 0.005 * i,
              {"loss": 0.69 - 0.01 * i, "gradient_0": 0.01, "dead_0": 0.02, "update_ratio_0": 0.01})
        for i in range(40)
    ),
)  # fmt: skip
BOOSTER = Record(
    "XGBoost", "xgboost", "log_loss", -1, 4, {"max_depth": 6}, 0.69, states(None, [0.0] * 40),
    tuple(FoldEnd(i, 1_000, 1.0, 0.30, 0.12) for i in range(5)),
)  # fmt: skip

# code: planted cases, then ones at the edge that are still fine
CASES = {
    "exploding_tensor": (
        [replace(HEALTHY, states=states("loss", [0.6, math.inf])), replace(HEALTHY, states=states("gradient_0", [math.nan])),
         replace(HEALTHY, states=(State(0, 0, 0.0, math.nan),))],
        [replace(HEALTHY, states=(State(0, 0, 0.0, None),))],
    ),
    "vanishing_gradient": (
        [replace(HEALTHY, states=states("gradient_1", [1e-3, 1e-9, 1e-9, 1e-9]))],
        [replace(HEALTHY, states=states("gradient_1", [1e-9, 1e-9])), replace(HEALTHY, states=states("gradient_1", [1e-9, 1e-9, 1e-6]))],
    ),
    "dead_relu": (
        [replace(HEALTHY, states=states("dead_0", [0.1, 0.51]))],
        [replace(HEALTHY, states=states("dead_0", [0.9, 0.5]))],
    ),
    "weight_update_ratio": (
        [replace(HEALTHY, states=states("update_ratio_0", [11.0, 11.0, 11.0]))],
        [replace(HEALTHY, states=states("update_ratio_0", [11.0, 11.0, 9.0]))],
    ),
    "loss_not_decreasing": (
        [replace(HEALTHY, states=states("loss", [0.69] * 12)), replace(HEALTHY, states=states("loss", [0.69, *[0.7] * 11]))],
        [replace(HEALTHY, states=states("loss", [0.69] * 10)), replace(HEALTHY, states=states("loss", [0.69, *[0.68] * 11]))],
    ),
    "stalled_training": (
        [replace(HEALTHY, quiet=1801.0)],
        [replace(HEALTHY, quiet=1799.0)],
    ),
    "overfit": (
        [replace(HEALTHY, folds=tuple(replace(f, score=0.55, train_score=0.99) for f in FOLDS)),
         replace(BOOSTER, folds=tuple(replace(f, score=0.68, train_score=0.05) for f in FOLDS)),
         replace(BOOSTER, folds=tuple(replace(f, score=0.9, train_score=0.05) for f in FOLDS))],
        [replace(HEALTHY, family="trees", folds=tuple(replace(f, score=0.55, train_score=1.0) for f in FOLDS)),
         replace(HEALTHY, folds=tuple(replace(f, score=0.51, train_score=0.6) for f in FOLDS)),
         replace(HEALTHY, baseline=None, folds=tuple(replace(f, score=0.55, train_score=0.99) for f in FOLDS)),
         replace(HEALTHY, folds=())],
    ),
    "tree_depth": (
        [replace(BOOSTER, params={"max_depth": 6}, folds=tuple(replace(f, rows=63) for f in FOLDS)),
         replace(BOOSTER, params={"depth": 9}, folds=tuple(replace(f, rows=500) for f in FOLDS))],
        [replace(BOOSTER, params={"max_depth": 4}, folds=tuple(replace(f, rows=10) for f in FOLDS)),
         replace(BOOSTER, params={"max_depth": 6}, folds=tuple(replace(f, rows=64) for f in FOLDS))],
    ),
    "step_outlier": (
        [replace(HEALTHY, states=tuple(replace(s, seconds=s.seconds * 0.1 + (9 if s.step > 30 else 0)) for s in HEALTHY.states))],
        [replace(HEALTHY, states=tuple(replace(s, seconds=s.seconds * 0.1 + (1 if s.step > 30 else 0)) for s in HEALTHY.states)),
         replace(HEALTHY, states=states(None, [0.0] * 20, every=5.0))],
    ),
}  # fmt: skip


def codes(record, settings=()):
    return [finding.code for finding, _ in look(record, settings)]


def test_every_rule_has_a_case_and_a_code_of_its_own():
    found = [r.code for r in all_rules()]
    assert len(set(found)) == len(found) == len(training.RULES)
    assert set(found) == set(CASES)


@pytest.mark.parametrize("code", CASES)
def test_it_speaks_when_it_should_and_not_else(code):
    planted, fine = CASES[code]
    for case in planted:
        assert code in codes(case)
        finding = next(f for f, _ in look(case) if f.code == code)
        assert finding.candidate == case.candidate and finding.message.startswith(case.candidate)
        assert any(c.isdigit() for c in finding.message) and finding.message.endswith(".")
        assert from_dict(to_dict(finding), type(finding)) == finding
    for case in (*fine, HEALTHY, BOOSTER):
        assert code not in codes(case)


def test_healthy_fits_raise_nothing():
    assert codes(HEALTHY) == codes(BOOSTER) == []


def test_what_the_user_chose_counts():
    planted = CASES["overfit"][0][0]
    assert look(planted)[0][1] is RuleAction.REPORT
    assert look(planted, [RuleSetting("overfit", RuleAction.STOP)])[0][1] is RuleAction.STOP
    assert codes(planted, [RuleSetting("overfit", RuleAction.OFF)]) == []
    assert codes(planted, [RuleSetting("overfit", thresholds={"ratio_threshold": 0.05})]) == []


def test_settings_are_checked():
    assert setting_of("tree_depth=off") == RuleSetting("tree_depth", RuleAction.OFF)
    for text, said in (
        ("overfitt=stop", "'overfit'"),
        ("overfit=explode", "report"),
        ("overfit=stop,ratio=1", "ratio_threshold"),
        ("overfit=stop,ratio_threshold=much", "has to be a number, not 'much'"),
    ):
        with pytest.raises(ProblemError, match=said):
            setting_of(text)


def test_a_rule_of_ones_own(monkeypatch):
    def too_slow(record, *, most_seconds=60.0):
        """A fold takes too long.

        More about it.
        """
        slow = [f for f in record.folds if f.seconds > most_seconds]
        return f"fold {slow[0].fold + 1} took {slow[0].seconds:.0f} s." if slow else None

    class Entry:
        name = "too_slow"

        def __init__(self, found):
            self.load = found

    def broken():
        raise ImportError("no such module")

    monkeypatch.setattr(training.metadata, "entry_points", lambda group: [Entry(lambda: too_slow), Entry(broken)])
    all_rules.cache_clear()
    try:
        mine = rule("too_slow")
        assert isinstance(mine, FunctionRule) and mine.title == "A fold takes too long"
        assert mine.thresholds == {"most_seconds": 60.0} and mine.severity is Severity.WARNING
        assert len(all_rules()) == len(training.RULES) + 1
        slow = replace(HEALTHY, folds=(replace(FOLDS[0], seconds=61.0),))
        assert "Neural network: fold 1 took 61 s." in [f.message for f, _ in look(slow)]
        assert codes(slow, [setting_of("too_slow=report,most_seconds=90")]) == []
    finally:
        all_rules.cache_clear()


def test_a_rule_that_fails_costs_nothing(monkeypatch, caplog):
    monkeypatch.setattr(training.dead_units.DeadUnits, "look", lambda self, record, **limits: 1 / 0)
    assert codes(HEALTHY) == []
    assert "dead_relu" in caplog.text


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "much"])
def test_a_threshold_has_to_be_a_number(value) -> None:
    with pytest.raises(ProblemError, match="has to be a number"):
        setting_of(f"overfit=stop,ratio_threshold={value}")
