from __future__ import annotations

import time

import pytest

from automl.families.rounds import ENOUGH, FASTEST, Course, Pace, best_round, best_round_of_all


def test_a_lucky_round_is_not_the_best_of_a_jumpy_score():
    scores = [0.7, 0.9, 0.7] + [0.7] * 30 + [0.8 + 0.001 * (15 - abs(i - 15)) for i in range(31)] + [0.7] * 30
    assert best_round(scores, greater_is_better=True, jumpy=False) == 2
    assert best_round(scores, greater_is_better=True, jumpy=True) == pytest.approx(49, abs=1)


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_a_score_that_only_gets_better_is_best_at_its_end(count):
    for jumpy in (False, True):
        assert best_round([-float(i) for i in range(count)], greater_is_better=False, jumpy=jumpy) == count


def paced(seconds_left: float, each: float) -> float:
    """The rate after three rounds of so many seconds, with so much time left."""
    now = time.monotonic()
    pace = Pace(now + seconds_left, 10**9)
    pace._rounds = [now - 2 * each, now - each, now]
    return pace.rate(0.05)


def test_the_rate_stays_where_there_is_time_and_grows_where_there_is_not():
    assert paced(100.0, 0.01) == 0.05
    assert paced(ENOUGH / 2 * 0.1, 0.1) == pytest.approx(0.1)
    assert paced(1.0, 0.5) == FASTEST


def test_small_fits_are_not_timed():
    assert not Pace(time.monotonic() + 1, 1_000).is_needed
    assert not Pace(None, 10**9).is_needed
    assert Pace(time.monotonic() + 1, 10**9).is_needed


def course(*scores: float, rises: bool = True) -> Course:
    return Course(scores, rises, False, lambda rounds: rounds)


def test_all_folds_together_choose_the_rounds():
    lucky, steady = course(9.0, 1.0, 2.0, 3.0), course(0.0, 5.0, 6.0, 9.0)
    assert (lucky.best, steady.best) == (1, 4)
    assert best_round_of_all([lucky, steady]) == 4


def test_a_fold_that_stopped_earlier_counts_with_what_it_had_reached():
    stopped, longer = course(3.0, 1.0, rises=False), course(3.0, 2.5, 2.0, 2.6, rises=False)
    assert best_round_of_all([stopped, longer]) == 3


def test_rounds_without_a_score_are_not_the_best():
    nan = float("nan")
    assert best_round([nan, 0.3, 0.2, nan], greater_is_better=False, jumpy=False) == 3
    assert best_round([0.3, nan], greater_is_better=True, jumpy=True) == 1
    assert best_round([nan] * 4, greater_is_better=True, jumpy=True) == 4
