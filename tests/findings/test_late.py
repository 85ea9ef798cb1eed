"""Rules that need each column's share of the score, where the build had no time to measure it."""

from __future__ import annotations

import json
import shutil

import pytest

from automl import bundle, findings, insight
from automl.choices import Choices, save
from automl.explain import Impact
from automl.findings import late
from automl.types import replace


@pytest.fixture
def short_of_time(churn_bundle, tmp_path):
    """A nearly perfect model whose build didn't reach the columns."""
    folder = shutil.copytree(churn_bundle.folder, tmp_path / "model")
    found = json.loads((folder / "evaluation.json").read_text("utf-8"))
    found["impact"] = []
    next(m for m in found["metrics"] if m["name"] == "roc_auc")["value"] = 0.9999
    (folder / "evaluation.json").write_text(json.dumps(found))
    return bundle.load(folder, verify=False)


def planted(monkeypatch, made, *shares):
    columns = list(made.model.document.kinds)
    shares = [*shares, *[0.0] * (len(columns) - len(shares))]
    found = [Impact(c, s, 0.0) for c, s in zip(columns, shares, strict=True)]
    monkeypatch.setattr("automl.insight.why.column_impact", lambda *_, **__: found)
    return columns


def test_the_leak_is_raised_once_columns_are_measured(short_of_time, monkeypatch):
    assert late.is_unchecked(short_of_time)
    assert late.every(short_of_time) == short_of_time.findings
    first = planted(monkeypatch, short_of_time, 0.9, 0.1)[0]
    insight.column_losses(short_of_time)
    assert not late.is_unchecked(short_of_time)
    (leak,) = [f for f in late.every(short_of_time) if f.code == "target_leakage_suspected"]
    assert leak.columns == (first,) and "90.0 % of that comes from" in leak.message
    assert late.every(short_of_time)[0] == leak  # the most severe first
    again = bundle.load(short_of_time.folder, verify=False)  # kept beside the model, for whoever looks next
    assert leak in late.every(again)


def test_evenly_spread_columns_raise_nothing(short_of_time, monkeypatch):
    planted(monkeypatch, short_of_time, 0.25, 0.25, 0.25, 0.25)
    insight.column_losses(short_of_time)
    assert late.every(short_of_time) == short_of_time.findings


def test_what_the_build_measured_is_not_asked_again(churn_bundle):
    assert not late.is_unchecked(churn_bundle)
    assert late.every(churn_bundle) == churn_bundle.findings
    assert insight.column_losses(churn_bundle) == churn_bundle.evaluation["impact"]


@pytest.mark.parametrize(("metric", "anew"), [("roc_auc", False), ("f1", True)])
def test_another_threshold_is_measured_anew_where_the_metric_hangs_on_it(short_of_time, monkeypatch, metric, anew):
    planted(monkeypatch, short_of_time, 0.9, 0.1)
    insight.column_losses(short_of_time)
    save(short_of_time.folder, short_of_time.spec.problem, Choices(0.3))
    again = bundle.load(short_of_time.folder, verify=False)
    again.spec = replace(again.spec, problem=replace(again.spec.problem, metric=metric))
    assert late.is_unchecked(again) is anew


def test_the_two_rules_are_among_all_checks():
    assert set(late.CHECKS) <= {type(c) for c in findings.all_checks()}
