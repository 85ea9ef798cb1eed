from __future__ import annotations

import hashlib
import threading
import time

import numpy as np
import pandas as pd
import pytest

from automl import build, bundle
from automl.engine import combine, plan, pool, race
from automl.errors import BuildCancelled, BuildError, ProblemError
from automl.families import USER_FAMILIES
from automl.features.clean import Impute
from automl.model import Model
from automl.problem import split_rows
from automl.types import Trial, TrialState, replace
from tests.conftest import a_spec, customers


def fit(frame, spec, folder, **options):
    return build.fit(frame, spec, target=folder / "bundle", scratch=folder / "work", **options)


def fitted_files(folder):
    """Digest of every file that is fitted: the model, and nothing with times in it."""
    parts = [
        folder / "model.json",
        *sorted((folder / "features").rglob("*")),
        *sorted((folder / "members").rglob("*")),
    ]
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in parts if p.is_file()
    }


def test_the_note_on_a_limit_for_predictions_says_whether_it_is_kept():
    assert build._quick_note(1, 12.0, True).message.endswith("at most 12 µs for a row of many were used, as was asked for. 1 candidate would take longer.")
    assert build._quick_note(3, 0.5, False).message == "No candidate takes at most 0.5 µs for a row of many; the quickest is used."


@pytest.mark.parametrize(
    ("seconds", "refit", "columns", "scoring", "race"),
    [
        (60, False, 20, 0.0, 57.0),  # five per cent are kept back
        (10, False, 20, 0.0, 8.498),  # at least 1 s, what preparing took, and a tenth of a millisecond a column
        (10, False, 3_000, 0.0, 8.2),
        (60, False, 20, 2.0, 55.0),  # and for as many test rows as take so long, five per cent at most
        (60, False, 20, 9.0, 54.0),
        (60, True, 20, 0.0, 42.0),  # a quarter for the final refit
        (100, False, 20, 0.0, 90.0),  # with time, five per cent for the learning curve
        (3_600, False, 20, 0.0, 3_400.0),
    ],
)
def test_the_race_leaves_time_for_what_comes_after_it(seconds, refit, columns, scoring, race):
    clock = build.Clock(seconds, lambda event: None, started=0.0)
    clock.prepared = 0.5
    assert clock.race_end(refit, columns, scoring) == pytest.approx(race)


def test_fits_may_end_a_little_later_where_nothing_but_the_baseline_would_be_left():
    running = object.__new__(race.Race)
    running.end, running.grace = 100.0, 2.0
    baseline = Trial("Baseline", "prior", TrialState.COMPLETED, "roc_auc", order=0)
    linear = Trial("Linear", "linear", TrialState.COMPLETED, "roc_auc", order=1)
    running.finished = {0: race.Finished(baseline, np.zeros(1), {})}
    assert running._last == 102.0
    running.finished[1] = race.Finished(linear, np.zeros(1), {})
    assert running._last == 100.0


def test_tells_its_story_in_order(churn_bundle):
    stages = [e["stage"] for e in churn_bundle.events if e["type"] == "stage"]
    assert stages == ["preparing", "candidates", "combining", "scoring", "saving"]
    assert churn_bundle.events[-1]["type"] == "done"
    times = [e["t"] for e in churn_bundle.events]
    assert times == sorted(times)


def test_leaderboard_has_every_candidate_best_first(churn_bundle):
    board = churn_bundle.leaderboard
    assert {t.family for t in board} >= {"prior", "linear", "lightgbm"}
    done = [t.score for t in board if t.state is TrialState.COMPLETED]
    assert done == sorted(done, reverse=True)
    assert next(t for t in board if t.family == "prior").score == pytest.approx(0.5, abs=0.02)
    assert done[0] > 0.75


def test_scored_once_with_an_interval_beside_the_baseline(churn_bundle):
    found = churn_bundle.evaluation
    assert found["rows_test"] == pytest.approx(75, abs=2)
    assert found["rows_test"] + found["rows_train"] == 300
    low, high = found["interval"]
    assert low < found["score"] < high
    assert found["score"] > 0.75
    assert found["baseline_score"] == pytest.approx(0.5)
    assert sum(i["impact"] for i in found["impact"]) == pytest.approx(1)
    assert found["impact"][0]["column"] in ("Day Minutes", "calls", "plan", "spend")


def test_same_spec_same_bytes(tmp_path, request):
    """One fit after the other in this process, or several at once in processes of their own."""
    frame = customers(200)
    spec = a_spec(frame, candidates=4, families=("linear", "lightgbm", "catboost", "mlp"))
    fit(frame, spec, tmp_path / "here")
    request.getfixturevalue("own_processes")
    fit(frame, spec, tmp_path / "processes")
    first, second = (fitted_files(tmp_path / name / "bundle") for name in ("here", "processes"))
    assert first == second
    assert len(first) > 10


def test_changing_the_test_rows_changes_no_fitted_file(tmp_path):
    frame = customers(200)
    spec = a_spec(frame)
    _, test = split_rows(frame, spec.problem)
    changed = frame.copy()
    changed.loc[test, "calls"] = changed.loc[test, "calls"].to_numpy()[::-1] + 100
    changed.loc[test, "plan"] = "never seen"
    train, test_again = split_rows(changed, spec.problem)
    if set(test) != set(test_again):  # the split itself looks at row values to keep duplicates together
        pytest.fail("the test rows moved")
    fit(frame, spec, tmp_path / "a")
    fit(changed, spec, tmp_path / "b")
    assert fitted_files(tmp_path / "a" / "bundle") == fitted_files(tmp_path / "b" / "bundle")


def test_a_shuffled_target_scores_at_the_baseline(tmp_path):
    frame = customers(400)
    frame["churn"] = np.random.default_rng(1).permutation(frame["churn"])
    sealed = fit(frame, a_spec(frame, candidates=3, families=("linear", "lightgbm", "trees")), tmp_path)
    loaded = bundle.load(sealed)
    low, high = loaded.evaluation["interval"]
    assert low < 0.5 < high + 0.02
    assert all(abs(t.score - 0.5) < 0.12 for t in loaded.leaderboard if t.score is not None)


def test_a_shuffled_target_teaches_rich_features_nothing(tmp_path, monkeypatch):
    frame = customers(600)
    rng = np.random.default_rng(1)
    frame["churn"] = rng.permutation(frame["churn"])
    frame["street"] = [f"street {i}" for i in rng.integers(0, 150, len(frame))]

    usual = plan.portfolio

    def rich(*args):
        return [replace(c, params=c.params | {"features": "rich"} if c.number else {}) for c in usual(*args)]

    monkeypatch.setattr(plan, "portfolio", rich)
    sealed = fit(frame, a_spec(frame, candidates=2, families=("lightgbm", "xgboost")), tmp_path)
    loaded = bundle.load(sealed)
    assert {m.features[:12] for m in loaded.model.document.members} == {"codes-svd-r-"}
    low, high = loaded.evaluation["interval"]
    assert low < 0.5 < high + 0.02
    assert all(abs(t.score - 0.5) < 0.12 for t in loaded.leaderboard if t.score is not None)


@pytest.mark.alone
@pytest.mark.usefixtures("own_processes")
def test_time_limit_is_kept_and_something_is_always_there(tmp_path):
    """However busy the machine: the limit holds, and what finished by then is a usable model."""
    frame = customers(3000)
    started = time.monotonic()
    sealed = fit(frame, a_spec(frame, seconds=10, candidates=None, families=USER_FAMILIES), tmp_path)
    assert time.monotonic() - started < 10 * 1.05 + 2
    loaded = bundle.load(sealed)
    assert loaded.leaderboard[0].state is TrialState.COMPLETED
    assert 0.5 < loaded.evaluation["score"] <= 1.0
    assert loaded.model.predict_values(frame.head(3)[list(loaded.model.document.inputs)]).shape == (3, 2)


def test_dear_candidates_get_a_first_look_and_the_best_are_completed(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "looks_at_every_fold", lambda load, share: False)
    monkeypatch.setattr(combine, "PREDICT_US", 1e9)  # or some of the folds would be left out again
    frame = customers(300)
    fit(frame, a_spec(frame, candidates=5, families=("linear", "lightgbm", "mlp")), tmp_path)
    made = bundle.load(tmp_path / "bundle")
    looked_at = {t.candidate for t in made.leaderboard if t.reason == "validated on 1 of 8 folds"}
    shipped = {m.candidate: [] for m in made.model.document.members}
    for member in made.model.document.members:
        shipped[member.candidate].append(member.fold)
    assert looked_at
    assert shipped
    assert not looked_at & set(shipped)
    assert all(folds == list(range(8)) for folds in shipped.values())
    assert sum(m.weight for m in made.model.document.members) == pytest.approx(1)
    assert made.evaluation["score"] > 0.7


@pytest.mark.usefixtures("own_processes")
def test_a_failing_family_fails_alone(tmp_path, monkeypatch):
    frame = customers(200)
    spec = a_spec(frame, candidates=2, families=("lightgbm", "linear"))

    usual = plan.portfolio

    def broken(*args):
        return [replace(c, params={"C": "nonsense"}) if c.family == "linear" else c for c in usual(*args)]

    monkeypatch.setattr(plan, "portfolio", broken)
    board = bundle.load(fit(frame, spec, tmp_path)).leaderboard
    failed = next(t for t in board if t.family == "linear")
    assert failed.state is TrialState.FAILED
    assert failed.reason
    assert board[0].family == "lightgbm"


@pytest.mark.usefixtures("own_processes")
def test_memory_limit_skips_with_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(race, "MEMORY_SECONDS", float("inf"))  # what is planned, whatever this process holds
    frame = customers(200)
    spec = a_spec(frame, families=("lightgbm", "mlp"))
    spec = replace(spec, budget=replace(spec.budget, memory_mb=470))
    board = bundle.load(fit(frame, spec, tmp_path)).leaderboard
    skipped = next(t for t in board if t.family == "mlp")
    assert skipped.state is TrialState.SKIPPED
    assert skipped.reason == "would need about 80 MB of memory, the limit is 70 MB"
    assert board[0].family == "lightgbm"


@pytest.mark.usefixtures("own_processes")
def test_what_the_caller_held_before_is_not_counted(tmp_path):
    held = np.ones(100_000_000)  # 763 MB
    frame = customers(200)
    spec = a_spec(frame, families=("lightgbm",), candidates=1)
    spec = replace(spec, budget=replace(spec.budget, memory_mb=700))
    assert bundle.load(fit(frame, spec, tmp_path)).leaderboard[0].family == "lightgbm"
    assert len(held) == 100_000_000


@pytest.mark.usefixtures("own_processes")
def test_a_tight_memory_limit_learns_from_some_of_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(race, "MEMORY_SECONDS", float("inf"))
    frame = customers(20_000)
    spec = a_spec(frame, families=("linear",), candidates=1)
    spec = replace(spec, budget=replace(spec.budget, memory_mb=466))
    model = bundle.load(fit(frame, spec, tmp_path))
    note = next(n["message"] for n in model.ledger if n["code"] == "rows_sampled")
    assert note.endswith("training rows were used, a random sample. The memory limit allows no more.")


@pytest.mark.usefixtures("own_processes")
def test_a_fit_that_takes_more_memory_than_there_is_ends_without_the_build(tmp_path, monkeypatch):
    frame = customers(200)
    spec = a_spec(frame, families=("lightgbm",), candidates=1)
    usual = pool.Pool.held_mb.fget
    monkeypatch.setattr(
        pool.Pool, "held_mb",
        property(lambda self: 9_999.0 if self.orders else usual(self)),
    )  # fmt: skip
    monkeypatch.setattr(race, "MEMORY_SECONDS", 0.0)
    board = bundle.load(fit(frame, replace(spec, budget=replace(spec.budget, memory_mb=900)), tmp_path)).leaderboard
    by_family = {t.family: t for t in board}
    assert by_family["lightgbm"].state is TrialState.CANCELLED
    assert by_family["lightgbm"].reason == "stopped at 9,999 MB of memory in all, the limit is 900 MB"
    assert board[0].family == "prior"


@pytest.mark.usefixtures("own_processes")
def test_finish_keeps_the_best_so_far(tmp_path):
    frame = customers(400)
    events: list[dict] = []

    def wish():
        scored = [e for e in events if e["type"] == "trial" and e["trial"]["score"] is not None]
        return "finish" if len({e["trial"]["candidate"] for e in scored}) >= 2 else None

    spec = a_spec(frame, seconds=60, candidates=None)
    started = time.monotonic()
    sealed = fit(frame, spec, tmp_path, emit=events.append, should_stop=wish)
    assert time.monotonic() - started < 30
    assert bundle.load(sealed).evaluation["score"] > 0.7


def test_cancel_leaves_no_model(tmp_path):
    frame = customers(200)
    with pytest.raises(BuildCancelled):
        fit(frame, a_spec(frame), tmp_path, should_stop=lambda: "cancel")
    assert not (tmp_path / "bundle").exists()


@pytest.mark.usefixtures("own_processes")
def test_two_builds_at_once(tmp_path):
    frame, errors = customers(200), []

    def one(name):
        try:
            fit(frame, a_spec(frame, families=("linear",), candidates=1), tmp_path / name)
        except Exception as e:
            errors.append(e)

    threads = [threading.Thread(target=one, args=(name,)) for name in "ab"]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors
    assert fitted_files(tmp_path / "a" / "bundle") == fitted_files(tmp_path / "b" / "bundle")


@pytest.mark.usefixtures("own_processes")
def test_resume_goes_on_from_finished_candidates(tmp_path):
    frame = customers(200)
    spec = a_spec(frame, candidates=2)
    seen: list[dict] = []

    def die_after_one():
        done = [
            e
            for e in seen
            if e["type"] == "trial" and e["trial"]["state"] == "completed" and e["trial"]["order"] > 0
        ]
        if done:
            raise KeyboardInterrupt
        return

    with pytest.raises(KeyboardInterrupt):
        fit(frame, spec, tmp_path, emit=seen.append, should_stop=die_after_one)
    again: list[dict] = []
    fit(frame, spec, tmp_path, emit=again.append, resume=True)
    kept = {  # with every fold: what was broken off in the middle is gone on with
        e["trial"]["candidate"]
        for e in seen
        if e["type"] == "trial" and e["trial"]["state"] == "completed" and not e["trial"]["reason"]
    }
    rerun = {
        e["trial"]["candidate"] for e in again if e["type"] == "trial" and e["trial"]["state"] == "running"
    }
    assert kept
    assert not kept & rerun
    assert bundle.load(tmp_path / "bundle").evaluation["score"] > 0.7


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks(tmp_path, task):
    frame = customers(300)
    target = "spend" if task == "regression" else "plan"
    if task == "multiclass":
        frame["plan"] = np.where(frame["calls"] > 2, "a", np.where(frame["spend"] > 55, "b", "c"))
    sealed = fit(frame, a_spec(frame, target), tmp_path)
    found = bundle.load(sealed).evaluation
    from automl.metrics import METRICS

    assert METRICS[found["metric"]].sign * (found["score"] - found["baseline_score"]) > 0
    assert bundle.load(sealed).spec.problem.task.value == task


def test_one_row_predicts_as_in_a_batch(churn_bundle):
    frame = customers(40, seed=9)
    model = Model(churn_bundle.folder)
    inputs = frame[list(model.document.inputs)]
    batch = model.predict_values(inputs)
    for i in (0, 17, 39):
        np.testing.assert_allclose(model.predict_values(inputs.iloc[[i]])[0], batch[i], rtol=1e-6)


def test_too_few_rows_is_said(tmp_path):
    frame = customers(200).iloc[:9]
    with pytest.raises(ProblemError):
        fit(frame, a_spec(frame), tmp_path)


def test_unknown_family_is_named(tmp_path):
    frame = customers(60)
    with pytest.raises(ProblemError, match="'lightgbm'"):
        fit(frame, a_spec(frame, families=("lightgmb",)), tmp_path)


def test_rows_without_a_target_are_set_aside_and_said(tmp_path):
    frame = customers(200)
    frame.loc[:19, "churn"] = None
    events: list[dict] = []
    fit(frame, a_spec(frame, families=("linear",), candidates=1), tmp_path, emit=events.append)
    assert any("20 rows without a value in 'churn' set aside" in e.get("message", "") for e in events)


def test_learned_steps_of_the_recipe_ship_in_the_model(tmp_path):
    frame = customers(200)
    spec = a_spec(frame, families=("linear",), candidates=1)
    steps = tuple(replace(s, enabled=True) if s.learned else s for s in spec.recipe.steps)
    assert any(s.op == "impute" for s in steps)
    sealed = fit(frame, replace(spec, recipe=replace(spec.recipe, steps=steps)), tmp_path)
    model = Model(sealed)
    assert {step["op"] for step in model.document.learned} >= {"impute"}
    gap = pd.DataFrame({c: [frame[c].iloc[0]] for c in model.document.inputs})
    gap["Day Minutes"] = np.nan
    steps = model.load()._features[model.document.members[0].features].steps
    filler = next(step for step in steps if isinstance(step, Impute))
    filled = gap.assign(**{"Day Minutes": filler.values["Day Minutes"]})
    one_fold = model.document.members[0]
    assert one_fold.family == "linear"
    assert np.isfinite(model.predict_values(gap)).all()
    assert np.abs(model.predict_values(gap) - model.predict_values(filled)).max() < 0.02


def test_build_error_is_one_sentence():
    assert "\n" not in str(BuildError("No candidate finished in the time given. Give the build more time."))


def test_the_outcome_of_interest_counts_in_validation_too(tmp_path):
    frame = customers(300)
    spec = a_spec(frame, families=("linear",), candidates=1, metric="f1", positive_class="no")
    found = bundle.load(fit(frame, spec, tmp_path)).evaluation
    f1 = next(m for m in found["metrics"] if m["name"] == "f1")
    assert abs(f1["validation_mean"] - f1["value"]) < 0.15
    assert f1["value"] > 0.6
    other = replace(spec, problem=replace(spec.problem, positive_class="yes"))
    swapped = bundle.load(fit(frame, other, tmp_path / "yes")).evaluation
    assert next(m for m in swapped["metrics"] if m["name"] == "f1")["validation_mean"] != f1["validation_mean"]


def rare(rows=900):
    """An outcome that is never likelier than not."""
    rng = np.random.default_rng(0)
    age = rng.uniform(0, 1, rows)
    return pd.DataFrame({"age": age, "fails": np.where(rng.random(rows) < 0.4 * age**3, "yes", "no")})


def test_a_rare_outcome_is_called_from_the_threshold_that_balances(tmp_path):
    frame = rare()
    spec = a_spec(frame, "fails", families=("linear",), candidates=1, metric="f1")
    made = bundle.load(fit(frame, spec, tmp_path))
    threshold = made.model.document.threshold
    assert 0.1 < threshold < 0.35
    note = next(n["message"] for n in made.ledger if n["code"] == "threshold")
    assert "called “yes” from a probability of" in note and "instead of 0" in note
    inputs = frame[["age"]]
    called = made.model.decide(made.model.predict_values(inputs)) == "yes"
    assert called.tolist() == (made.model.predict_values(inputs)[:, 1] >= threshold).tolist()
    found = made.evaluation
    assert found["threshold"] == threshold and found["score"] > 0.2
    assert sum(row[1] for row in found["confusion"]["counts"]) > 0
    by_name = {m["name"]: m for m in found["metrics"]}
    assert by_name["f1"]["validation_mean"] == found["validation_score"] > 0.2
    assert by_name["f1"]["baseline"] == 0.0  # guessing knows no threshold
    assert by_name["recall"]["validation_mean"] > 0.2


def test_a_threshold_that_was_asked_for_stays(tmp_path):
    frame = rare(300)
    spec = a_spec(frame, "fails", families=("linear",), candidates=1, metric="f1", threshold=0.5)
    made = bundle.load(fit(frame, spec, tmp_path))
    assert made.model.document.threshold == 0.5
    assert not [n for n in made.ledger if n["code"] == "threshold"]


def test_a_threshold_that_cannot_be_is_named():
    frame = rare(100)
    with pytest.raises(ProblemError, match="between 0 and 1, such as 0.3, not 30"):
        a_spec(frame, "fails", threshold=30.0)
    with pytest.raises(ProblemError, match="needs a target with two values"):
        a_spec(frame, "age", threshold=0.3)
