"""What is written down while candidates are fitted, and what rules make of it, through real fits."""

from __future__ import annotations

import json
import time

import numpy as np
import pandas as pd
import pytest

from automl import build, bundle
from automl.engine import watch as watches
from automl.engine.profiler import Profiler
from automl.engine.watch import Reporter, Watch
from automl.families import family
from automl.features.pipeline import TableFeatures
from automl.findings.record import Profile, Record, State
from automl.findings.training import look, setting_of
from automl.metrics import METRICS
from automl.types import RuleAction, RuleSetting, TrialState, from_dict, replace
from tests.conftest import a_spec

ORDER = {"number": 3, "candidate": "Neural network", "family": "mlp", "params": {}}


def a_network(learning_rate=0.02, **more):
    """The record of a small network's fit."""
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.normal(size=(400, 5)), columns=list("abcde"))
    y = (x["a"] + x["b"] > 0).to_numpy().astype(int)
    mlp = family("mlp")
    table = TableFeatures(mlp.needs, dict.fromkeys(x, "numeric"))
    train = table.fit_transform(x[:300], y[:300], task="binary", classes=2)
    found = []
    mlp.fit(
        train, y[:300], task="binary", classes=2,
        params={"members": 2, "hidden": [32, 32], "epochs": 20, "learning_rate": learning_rate, **more},
        validation=(table.transform(x[300:]), y[300:], None), metric=METRICS["log_loss"],
        on_iteration=lambda step, score, inside: found.append(State(0, step, 0.1 * step, score, inside())),
    )  # fmt: skip
    return Record("Neural network", "mlp", "log_loss", -1, baseline=0.69, states=tuple(found))


def test_a_network_tells_of_its_inside():
    record = a_network()
    assert len(record.states) == 40
    loss = [value for _, value in record.series("loss")[0]]
    assert loss[0] < 0.75 and loss[-1] < 0.5 * loss[0]
    last = record.states[-1].figures
    assert 0 <= last["dead_0"] < 0.2 and 1e-6 < last["gradient_0"] < 1 and 0 < last["update_ratio_1"] < 0.1
    assert look(record) == []


@pytest.mark.parametrize("key", ["lightgbm", "xgboost"])
def test_boosters_tell_how_much_hangs_on_one_feature(key):
    rng, kind, told = np.random.default_rng(0), family(key), []
    x = pd.DataFrame(rng.normal(size=(400, 3)), columns=list("abc"))
    table = TableFeatures(kind.needs, dict.fromkeys(x, "numeric"))
    train = table.fit_transform(x[:300], x["a"].to_numpy()[:300], task="regression", classes=0)
    kind.fit(
        train, x["a"].to_numpy()[:300], task="regression", classes=0, params={},
        validation=(table.transform(x[300:]), x["a"].to_numpy()[300:], None), metric=METRICS["rmse"],
        on_iteration=lambda step, score, inside: told.append(inside() if step == 20 else {}),
    )  # fmt: skip
    assert 0.9 < told[20]["strongest_feature"] <= 1


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_dead_network_is_found():
    record = a_network(learning_rate=5, dropout=0.0)
    assert {finding.code for finding, _ in look(record)} == {"dead_relu"}
    record = a_network(learning_rate=1e3, dropout=0.0)
    assert {finding.code for finding, _ in look(record)} == {"exploding_tensor"}


def test_a_network_that_learns_nothing_is_found():
    record = a_network(learning_rate=1e-9)
    assert "loss_not_decreasing" in {finding.code for finding, _ in look(record)}


def test_states_are_sent_now_and_then(monkeypatch):
    sent = []
    reporter = Reporter(2, sent.append)
    for step in range(10):
        reporter(step, 0.5, dict)
    assert [m["state"].step for m in sent] == [0, 1, 2] and sent[0]["state"].fold == 2
    assert sent[0]["state"].memory_mb > 10
    monkeypatch.setattr(watches, "STATE_SECONDS", 0.0)
    reporter(10, 0.6, lambda: {"loss": 0.1})
    assert sent[-1]["state"].figures == {"loss": 0.1}


def test_long_fits_stay_small(monkeypatch):
    monkeypatch.setattr(watches, "MOST_STATES", 8)
    watch = Watch("roc_auc", 1)
    watch.begin(ORDER)
    for step in range(30):
        watch.hear(ORDER, {"kind": "state", "state": State(0, step, 0.1, 0.5)})
    steps = [s.step for s in watch.records[3].states]
    assert len(steps) <= 8 and steps == sorted(steps) and steps[0] == 0


def test_whoever_wants_to_know_is_told_once():
    told, seen = [], []
    watch = Watch("roc_auc", 1, (RuleSetting("exploding_tensor", RuleAction.NOTIFY),), lambda *both: seen.append(both), told.append)
    watch.begin(ORDER)
    broken = {"kind": "state", "state": State(0, 1, 0.1, float("nan"))}
    assert watch.hear(ORDER, broken) is None
    watch._looked.clear()
    watch.hear(ORDER, broken)
    assert [f.code for f in told] == [f.code for f, _ in seen] == ["exploding_tensor"]
    assert seen[0][1]["candidate"] == told[0].candidate and json.dumps(seen[0][1], allow_nan=False)
    stopping = Watch("roc_auc", 1)
    stopping.begin(ORDER)
    assert stopping.hear(ORDER, broken) == (  # without what to do, which stands with the finding
        "stopped by the rule exploding_tensor: its validation score was no finite number at step 2"
    )
    assert stopping.document({3})[0]["states"][0]["score"] is None  # JSON has no word for it


def test_the_profiler_sees_time_and_memory():
    with Profiler(cores=2) as profiler:
        profiler.stage("first")
        until, sum_ = time.monotonic() + 0.7, 0
        while time.monotonic() < until:
            sum_ += 1
        profiler.stage("second")
    found = profiler.profile()
    assert [name for name, _, _ in found.stages] == ["first", "second"]
    assert found.stages[0][2] == found.stages[1][1] >= 0.7
    assert found.seconds >= 0.7 and found.cores == 2
    assert max(found.busy_cores) > 0.2 and max(found.memory_mb) > 10


def test_a_build_writes_down_how_it_went(churn_bundle):
    records = {r.candidate: r for r in (from_dict(c, Record) for c in churn_bundle.training["candidates"])}
    assert set(records) >= {"Baseline", "Linear", "LightGBM"}
    boosted = records["LightGBM"]
    assert boosted.states and boosted.baseline == pytest.approx(0.5, abs=0.02)
    assert 0.9 < sum(boosted.folds[0].importance.values()) < 1.001  # the 20 largest
    assert all(f.train_score > 0.7 and f.rows > 100 for f in boosted.folds)
    assert any(r.shipped for r in records.values()) and not records["Baseline"].shipped
    profile = from_dict(churn_bundle.training["profile"], Profile)
    assert [name for name, _, _ in profile.stages][1] == "Trying candidates of every family"
    assert 0 < profile.seconds < 60
    _, start, end = profile.stages[1]
    assert 0.3 * (end - start) < profile.fitting < end - start + 0.5  # on average of the processes of the race
    assert not [f for f in churn_bundle.findings if f.candidate]


def noise(rows, columns):
    """Columns that say nothing about the target, and many of them."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{i}": rng.normal(size=rows) for i in range(columns)})
    return frame.assign(churn=rng.choice(["yes", "no"], rows))


def built(frame, tmp_path, families, *rules):
    events = []
    spec = replace(a_spec(frame, families=families, candidates=1), rules=tuple(map(setting_of, rules)))
    sealed = build.fit(frame, spec, target=tmp_path / "bundle", scratch=tmp_path / "work", emit=events.append)
    told = {(e["finding"]["code"], e["finding"]["candidate"]) for e in events if e["type"] == "finding"}
    return bundle.load(sealed), told


def test_what_is_learned_by_heart_is_found_in_a_build(tmp_path):
    loaded, told = built(noise(120, 120), tmp_path, ("linear",))
    assert ("overfit", "Linear") in told
    linear = next(from_dict(c, Record) for c in loaded.training["candidates"] if c["family"] == "linear")
    assert np.mean([f.train_score for f in linear.folds]) > 0.9
    assert np.mean([f.score for f in linear.folds]) < 0.6


@pytest.mark.usefixtures("own_processes")
def test_a_candidate_that_is_quiet_for_long_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(watches, "LOOK_SECONDS", 0.05)
    frame = noise(2_000, 100)
    loaded, told = built(frame, tmp_path, ("trees",), "stalled_training=stop,threshold=0.1")
    trees = next(t for t in loaded.leaderboard if t.family == "trees")
    assert trees.state is TrialState.CANCELLED and "stopped by the rule stalled_training" in trees.reason
    assert told == {("stalled_training", "Extra trees")}
