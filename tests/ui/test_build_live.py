from __future__ import annotations

from types import SimpleNamespace

from automl.types import Finding, Severity, Trial, TrialState, to_dict
from automl.ui.build_live import Progress, by_rule, first_look


def event(
    name: str, score: float | None, t: float, state=TrialState.COMPLETED, family: str = "linear"
) -> dict:
    return {"type": "trial", "t": t, "trial": to_dict(Trial(name, family, state, "m", score=score))}


def test_the_latest_word_on_a_candidate_counts() -> None:
    progress = Progress.read([event("a", None, 1, TrialState.RUNNING), event("a", 0.8, 2)], 1)
    assert progress.trials["a"].score == 0.8
    assert progress.count(TrialState.COMPLETED) == 1


def test_the_best_score_only_rises_and_the_plain_guess_is_not_one() -> None:
    events = [
        event("Baseline", 0.5, 1, family="prior"),
        event("a", 0.8, 2),
        event("b", 0.7, 3),
        event("c", 0.9, 4),
    ]
    progress = Progress.read(events, 1)
    assert progress.best == [(2, 0.8, "a"), (4, 0.9, "c")]
    assert progress.baseline == 0.5


def test_where_less_is_better_the_best_falls() -> None:
    progress = Progress.read([event("a", 20.0, 1), event("b", 30.0, 2), event("c", 10.0, 3)], -1)
    assert [score for _, score, _ in progress.best] == [20.0, 10.0]


def test_an_ensemble_that_beats_them_all_is_the_best() -> None:
    progress = Progress.read([event("a", 0.8, 2), event("Ensemble of 2", 0.81, 9, family="ensemble")], 1)
    assert progress.best[-1] == (9, 0.81, "Ensemble of 2")


def test_a_retry_keeps_finished_candidates_and_a_fresh_start_none() -> None:
    before = [event("a", 0.8, 2), event("b", None, 3, TrialState.RUNNING)]
    resumed = Progress.read([*before, {"type": "started", "resume": True}], 1)
    assert list(resumed.trials) == ["a"]
    fresh = Progress.read([*before, {"type": "started", "resume": False}], 1)
    assert fresh.trials == {}


def test_unknown_events_are_left_alone() -> None:
    assert Progress.read([{"type": "something new"}], 1).trials == {}


def test_each_rule_is_told_once_with_the_first_candidate_it_found_something_of() -> None:
    found = [(Finding(code, Severity.INFO, code, "m", candidate=name), None) for code, name in (("a", "x"), ("b", "y"), ("a", "z"))]
    grouped = by_rule(found)
    assert {code: [f.candidate for f, _ in some] for code, some in grouped.items()} == {"a": ["x", "z"], "b": ["y"]}


def test_a_version_that_follows_a_finding_is_first_seen_beside_the_one_before() -> None:
    def model(number: int, **draft) -> SimpleNamespace:
        return SimpleNamespace(number=number, draft=draft)

    assert first_look(model(2, mended=[{}])) == {"view": "Compare"}
    assert first_look(model(1, mended=[{}])) == first_look(model(2)) == {}
