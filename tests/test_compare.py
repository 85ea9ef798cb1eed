from __future__ import annotations

from dataclasses import replace as change

import numpy as np
import pytest

from automl import compare, wording
from automl.errors import PredictionError
from automl.findings.too_good import TooGood
from automl.holdout import Holdout
from automl.types import Finding, Severity, SplitKind, SplitPlan, replace


class Stand:
    """What `compare` asks of a bundle."""

    def __init__(self, like, held, threshold=None, **problem):
        self.spec = replace(like.spec, problem=replace(like.spec.problem, **problem))
        self.held, self.threshold, self.evaluation, self.findings = held, threshold, like.evaluation, []

    def test_rows(self):
        return self.held


@pytest.fixture(scope="module")
def pair(churn_bundle):
    """A model with noise on its predictions for one plan, and the model."""
    held = churn_bundle.test_rows()
    rng = np.random.default_rng(0)
    many = np.tile(np.arange(len(held.y)), 8)  # enough rows to tell them apart
    inputs = held.inputs.iloc[many].reset_index(drop=True)
    big = Holdout(held.problem, np.arange(len(many)), inputs, held.y[many], held.values[many], len(many))
    worse = big.values.copy()
    rows = big.inputs["plan"].eq("basic").to_numpy()
    worse[rows, 1] = rng.random(rows.sum())
    worse[rows, 0] = 1 - worse[rows, 1]
    return Stand(churn_bundle, change(big, values=worse)), Stand(churn_bundle, big)


def test_a_better_model_is_better_and_where(pair):
    found = compare.compare(*pair)
    main = found.main
    assert (main.name, found.rows) == ("roc_auc", len(pair[0].held.y))
    assert main.second > main.first + 0.05
    assert main.gain.is_clear and main.gain.low < main.second - main.first < main.gain.high
    most = max(found.segments, key=lambda s: s.gain)
    assert (most.column, most.name, most.is_clear) == ("plan", "basic", True)
    assert most.gain > 0.1
    clear = [s.is_clear for s in found.segments]
    assert clear == sorted(clear, reverse=True)
    said = compare.verdict(found)
    assert said.startswith("The second is better on the same") and "95 % confidence" in said
    worse = compare.compare(pair[1], pair[0])
    said, gain = compare.verdict(worse), worse.main.gain
    assert said.startswith("The second is worse")
    assert said.endswith(f": by {wording.number(-gain.high)} to {wording.number(-gain.low)} with 95 % confidence.")


def test_it_is_said_which_model_had_the_harder_rows(pair):
    assert compare.note(compare.compare(*pair)) == ""
    late = SplitPlan(SplitKind.TIME, column="since")
    first, second = (Stand(pair[i], pair[i].held, split=late if i else pair[i].spec.problem.split) for i in (0, 1))
    found = compare.compare(first, second)
    assert found.harder == "second" and compare.compare(second, first).harder == "first"
    assert compare.note(found, "version 1", "version 2") == (
        "Version 2 has learned from earlier rows only, version 1 also from rows of the same time as these. So version 2 "
        "had the harder task, the one that rows to come will be."
    )


def test_it_is_said_what_one_alone_learns_from(pair):
    features = pair[0].spec.problem.features
    less = Stand(pair[1], pair[1].held, features=features[1:])
    found = compare.compare(pair[0], less)
    assert found.only == (features[:1], ())
    assert compare.note(found, "version 1", "version 2") == f"Version 1 alone learns from {features[0]}."
    leaking = Stand(pair[0], pair[0].held)
    leaking.findings = [Finding(compare.LEAK, Severity.HIGH, "t", "m", features[:1])]
    said = compare.note(compare.compare(leaking, less), "version 1", "version 2")
    assert f"As {features[0]} may give the answer away, its score is then too good to be true" in said
    assert TooGood.code == compare.LEAK
    later = compare.compare(pair[0], less, features[:1])  # found after the build
    assert later.leaks == features[:1] and compare.compare(leaking, less, ()).leaks == ()


def test_disagreements_are_the_rows_called_differently(pair):
    found = compare.compare(*pair)
    a, b = pair[0].held, pair[1].held
    differ = (a.values[:, 1] > 0.5) != (b.values[:, 1] > 0.5)
    assert found.disagreeing == differ.sum() > 0
    table = found.disagreements
    assert len(table) == min(differ.sum(), compare.MOST_ROWS)
    assert (table["first"] != table["second"]).all() and table["apart"].is_monotonic_decreasing
    assert set(table["plan"]) == {"basic"}


def test_a_model_and_itself_can_not_be_told_apart(churn_bundle):
    found = compare.compare(churn_bundle, churn_bundle)
    assert found.main.gain.value == 0 and not found.main.gain.is_clear
    assert found.disagreeing == 0 and not found.segments
    assert "can't be told apart" in compare.verdict(found)


def test_classes_in_another_order_are_the_same_classes(pair):
    held = pair[1].held
    classes = held.problem.classes[::-1]
    turned = change(
        held, problem=replace(held.problem, classes=classes), y=1 - held.y, values=held.values[:, ::-1]
    )
    found = compare.compare(Stand(pair[1], turned, classes=classes), pair[1])
    assert found.main.gain.value == pytest.approx(0) and found.disagreeing == 0


def test_other_tables_are_only_put_side_by_side(pair, churn_bundle):
    held = pair[1].held
    found = compare.compare(Stand(churn_bundle, change(held, y=1 - held.y)), pair[1])
    assert found.rows == 0 and found.main.gain is None
    assert found.main.first == churn_bundle.evaluation["score"]
    assert compare.verdict(found).startswith("The models share no test rows")


def test_different_targets_are_refused(churn_bundle):
    with pytest.raises(PredictionError, match="predict different things"):
        compare.compare(Stand(churn_bundle, churn_bundle.test_rows(), target="plan"), churn_bundle)


def test_in_the_shell(churn_bundle, capsys):
    from automl.__main__ import main

    assert main(["compare", str(churn_bundle.folder), str(churn_bundle.folder)]) == 0
    out = capsys.readouterr().out
    assert "can't be told apart" in out and "ROC AUC" in out


def test_a_report_from_the_shell(churn_bundle, tmp_path, capsys):
    from automl.__main__ import main

    for name, start in (("r.pdf", b"%PDF"), ("r.html", b"<!doctype html>")):
        assert main(["report", str(churn_bundle.folder), "--out", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes().startswith(start)
    assert main(["report", str(churn_bundle.folder), "--out", str(tmp_path / "r.docx")]) == 2
    assert "must end in .html or .pdf" in capsys.readouterr().err
