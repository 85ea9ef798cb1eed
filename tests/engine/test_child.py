from __future__ import annotations

from types import SimpleNamespace

import pytest

from automl.engine.child import AGREEING_FOLDS, Fitter, _save
from automl.families.rounds import Course


def boosted(*scores: float) -> SimpleNamespace:
    return SimpleNamespace(course=Course(scores, True, False, lambda rounds: f"{rounds} rounds"))


def reports(fits, folds=None, deadline=None, ordered=False):
    """What a Fitter says of an order whose folds were fitted like this."""
    fitter, said = object.__new__(Fitter), []
    fitter.folds = SimpleNamespace(count=len(fits), ordered=ordered)
    fitter.fit_fold = lambda order, fold, deadline, send: (fits[fold], 1.0)
    fitter.report = lambda order, fold, fitted, seconds: {"kind": "fold", "fold": fold, "fitted": fitted}
    fitter.run({"folds": folds or list(range(len(fits))), "deadline": deadline}, said.append)
    assert said[-1] == {"kind": "done"}
    return [(m["fold"], m["fitted"]) for m in said[len(folds or fits) : -1]]


LUCKY, STEADY, LATE = boosted(9, 1, 2, 3), boosted(0, 5, 6, 9), boosted(0, 1, 2, 9)


def test_folds_choose_their_rounds_together():
    assert reports([LUCKY, STEADY, LATE]) == [(0, "4 rounds")]


def test_a_fold_that_stopped_early_has_no_more_rounds_than_that():
    assert reports([boosted(3, 1), STEADY, LATE]) == [(0, "2 rounds")]


@pytest.mark.parametrize("options", [{"deadline": 1e-9}, {"ordered": True}])
def test_each_is_kept_as_it_is_when_time_is_up_or_windows_differ(options):
    assert reports([LUCKY, STEADY, LATE], **options) == []


def test_few_folds_do_not_speak_for_all():
    assert reports([LUCKY] * AGREEING_FOLDS, folds=list(range(AGREEING_FOLDS - 1))) == []


def test_families_without_rounds_are_reported_once():
    assert reports([SimpleNamespace(course=None)] * 4) == []


def test_what_was_saved_stays_whole_when_the_process_is_killed_while_it_saves_again(tmp_path):
    def killed(folder):
        (folder / "model.txt").write_text("ha")
        raise KeyboardInterrupt

    _save(SimpleNamespace(save=lambda folder: (folder / "model.txt").write_text("whole")), tmp_path / "7" / "0")
    with pytest.raises(KeyboardInterrupt):
        _save(SimpleNamespace(save=killed), tmp_path / "7" / "0")
    assert (tmp_path / "7" / "0" / "model.txt").read_text() == "whole"
    _save(SimpleNamespace(save=lambda folder: (folder / "model.txt").write_text("fewer")), tmp_path / "7" / "0")
    assert [p.name for p in (tmp_path / "7").rglob("*")] == ["0", "model.txt"]
    assert (tmp_path / "7" / "0" / "model.txt").read_text() == "fewer"
