from __future__ import annotations

import numpy as np
import pytest

from automl import conformal
from automl.errors import PredictionError
from automl.metrics import labels
from automl.types import Problem, Task

NUMBERS = Problem("y", Task.REGRESSION, "rmse", ())


def outcomes(count: int) -> Problem:
    task = Task.BINARY if count == 2 else Task.MULTICLASS
    return Problem("y", task, "log_loss", (), classes=tuple("abcdefghij"[:count]))


def numbers(n: int, seed: int, spread=lambda x: 1.0):
    """Truth and prediction, errors of the given spread."""
    rng = np.random.default_rng(seed)
    prediction = rng.uniform(1, 10, n)
    return prediction + spread(prediction) * rng.normal(size=n), prediction


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
@pytest.mark.parametrize(
    "spread", [lambda x: 1.0, lambda x: x, lambda x: np.exp(x / 3)], ids=["even", "growing", "wild"]
)
def test_intervals_hold_the_truth_as_often_as_they_say(spread, level):
    stored = conformal.calibrate(NUMBERS, *numbers(2_000, 0, spread))
    y, prediction = numbers(20_000, 1, spread)
    low, high = conformal.interval(stored, prediction, level)
    assert np.mean((low <= y) & (y <= high)) == pytest.approx(level, abs=0.02)


def test_intervals_are_wide_where_errors_are_large():
    stored = conformal.calibrate(NUMBERS, *numbers(3_000, 0, lambda x: x))
    assert len(stored["at"]) > 5
    y, prediction = numbers(20_000, 1, lambda x: x)
    low, high = conformal.interval(stored, prediction)
    held = (low <= y) & (y <= high)
    for part in (prediction < 3, prediction > 8):
        assert np.mean(held[part]) == pytest.approx(0.9, abs=0.04)
    width = high - low
    assert width[prediction > 8].mean() > 3 * width[prediction < 3].mean()


def test_even_errors_get_intervals_of_one_width():
    stored = conformal.calibrate(NUMBERS, *numbers(3_000, 0))
    low, high = conformal.interval(stored, np.array([1.0, 9.0]))
    assert high[0] - low[0] == pytest.approx(high[1] - low[1])


def test_lopsided_errors_get_lopsided_intervals():
    rng = np.random.default_rng(0)
    prediction = rng.uniform(0, 1, 2_000)
    stored = conformal.calibrate(NUMBERS, prediction + rng.exponential(size=2_000) - 1, prediction)
    low, high = conformal.interval(stored, np.array([0.5]))
    assert high[0] - 0.5 > 1.5 * (0.5 - low[0])


def test_what_is_never_negative_gets_no_negative_bound():
    y, prediction = numbers(500, 0, lambda x: x)
    low, _ = conformal.interval(conformal.calibrate(NUMBERS, np.abs(y), prediction), np.array([0.1]))
    assert low[0] >= 0


def drawn(n: int, seed: int, count: int, sharp: float):
    """True classes drawn from the very probabilities that are given."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(count, sharp), n)
    return (probabilities.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1).clip(max=count - 1), probabilities


def often_right(n: int, seed: int, share: float):
    """Truth and probabilities of a model whose likeliest outcome, of two, is right for a share of rows, and knows it."""
    rng = np.random.default_rng(seed)
    sure = 1 - rng.beta(1, share / (1 - share), n)
    likeliest = rng.integers(0, 2, n)
    y = np.where(rng.random(n) < sure, likeliest, 1 - likeliest)
    probabilities = np.empty((n, 2))
    probabilities[np.arange(n), likeliest], probabilities[np.arange(n), 1 - likeliest] = sure, 1 - sure
    return y, probabilities


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
@pytest.mark.parametrize(("count", "sharp"), [(2, 2.0), (4, 1.0), (10, 0.5)])
def test_sets_hold_the_truth_as_often_as_they_say(count, sharp, level):
    stored = conformal.calibrate(outcomes(count), *drawn(3_000, 0, count, sharp))
    y, probabilities = drawn(20_000, 1, count, sharp)
    inside = conformal.outcome_sets(stored, probabilities, level)
    assert np.mean(inside[np.arange(len(y)), y]) == pytest.approx(level, abs=0.02)
    some = inside.any(axis=1)
    assert inside[np.arange(len(y)), probabilities.argmax(axis=1)][some].all()


@pytest.mark.parametrize("threshold", [None, 0.2, 0.7])
@pytest.mark.parametrize("share", [0.75, 0.9, 0.97])
def test_over_many_samples_sets_hold_the_truth_as_often_as_chance_allows(share, threshold):
    rows, new, level = 200, 500, 0.9
    held = []
    for seed in range(100):
        stored = conformal.calibrate(outcomes(2), *often_right(rows, 2 * seed, share), threshold)
        y, probabilities = often_right(new, 2 * seed + 1, share)
        held.append(np.mean(conformal.outcome_sets(stored, probabilities, level)[np.arange(new), y]))
    # of a sample, coverage follows a beta distribution (Vovk 2012); of further rows, a binomial one
    one = np.sqrt(level * (1 - level) * (1 / (rows + 2) + 1 / new))
    assert np.mean(held) == pytest.approx(level + 1 / (2 * rows), abs=4 * one / 10)
    assert np.std(held) < 1.3 * one


def test_sets_are_small_where_the_model_is_sure():
    stored = conformal.calibrate(outcomes(4), *drawn(3_000, 0, 4, 1.0))
    sure, unsure = np.array([[0.97, 0.01, 0.01, 0.01]]), np.array([[0.27, 0.26, 0.24, 0.23]])
    assert conformal.outcome_sets(stored, sure).sum() == 1
    assert conformal.outcome_sets(stored, unsure).sum() >= 3


def test_where_a_model_is_right_more_often_than_was_asked_for_some_rows_get_no_outcome():
    stored = conformal.calibrate(outcomes(2), *often_right(5_000, 0, 0.96))
    y, probabilities = often_right(20_000, 1, 0.96)
    inside = conformal.outcome_sets(stored, probabilities, 0.9)
    empty, right = ~inside.any(axis=1), probabilities.argmax(axis=1) == y
    assert (inside.sum(axis=1) <= 1).all() and 0.05 < empty.mean() < 0.1
    assert right[empty].mean() < 0.87 < 0.96 < right[~empty].mean()
    assert probabilities.max(axis=1)[empty].max() < probabilities.max(axis=1)[~empty].min()
    assert (conformal.outcome_sets(stored, probabilities, 0.99).sum(axis=1) >= 1).all()


def test_a_model_that_is_always_as_sure_gives_single_outcomes():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 1_000)
    probabilities = np.full((1_000, 3), 0.02)
    probabilities[np.arange(1_000), y] = 0.96
    stored = conformal.calibrate(outcomes(3), y, probabilities)
    assert (conformal.outcome_sets(stored, probabilities).sum(axis=1) == 1).all()


def test_a_model_that_knows_nothing_but_how_often_each_outcome_is_leaves_none_out_by_a_last_digit():
    y = np.arange(1_000) % 10 // 7  # 30 % are 1
    stored = conformal.calibrate(outcomes(2), y, np.tile([0.7, 0.3], (1_000, 1)))
    again = np.tile([0.7, 0.3], (5, 1)) * (1 + np.array([[-2e-16], [-1e-16], [0], [1e-16], [2e-16]]))
    assert conformal.outcome_sets(stored, again, 0.9).all()
    assert conformal.outcome_sets(stored, again, 0.6).tolist() == [[True, False]] * 5


def test_few_rows_give_nothing_and_limit_the_level():
    assert conformal.calibrate(NUMBERS, *numbers(29, 0)) is None
    stored = conformal.calibrate(NUMBERS, *numbers(40, 0))
    conformal.check_level(stored, 0.95)
    with pytest.raises(PredictionError, match="Too few rows to promise 99.0 %: 40 allow 95.1 % at most"):
        conformal.check_level(stored, 0.99)
    with pytest.raises(PredictionError, match="such as 0.9, not 90"):
        conformal.check_level(stored, 90)


def test_a_higher_level_is_never_narrower():
    stored = conformal.calibrate(NUMBERS, *numbers(777, 0, lambda x: x))
    widths = [np.diff(conformal.interval(stored, np.array([4.0]), level), axis=0)[0, 0] for level in (0.5, 0.8, 0.9, 0.99)]
    assert widths == sorted(widths) and widths[0] < widths[-1]


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.8])
def test_sets_by_a_threshold_of_its_own_hold_the_truth_and_what_is_called(threshold):
    stored = conformal.calibrate(outcomes(2), *drawn(5_000, 0, 2, 0.7), threshold)
    assert stored["threshold"] == threshold
    y, probabilities = drawn(20_000, 1, 2, 0.7)
    called = labels(probabilities, 1, threshold)
    for level in (0.8, 0.9, 0.95):
        inside = conformal.outcome_sets(stored, probabilities, level)
        assert inside[np.arange(len(y)), called][inside.any(axis=1)].all()
        assert np.mean(inside[np.arange(len(y)), y]) == pytest.approx(level, abs=0.015)


def test_what_is_called_against_the_odds_has_the_other_outcome_beside_it():
    stored = conformal.calibrate(outcomes(2), *drawn(5_000, 0, 2, 0.7), 0.2)
    against, sure = np.array([[0.75, 0.25]]), np.array([[0.02, 0.98]])
    assert conformal.outcome_sets(stored, against).tolist() == [[True, True]]
    assert conformal.outcome_sets(stored, sure).tolist() == [[False, True]]


@pytest.mark.parametrize("positive", [0, 1])
def test_at_a_threshold_both_outcomes_are_as_likely_and_beyond_it_what_is_called_is_likelier(positive):
    chance = np.array([0.0, 0.1, 0.3, 0.31, 0.9, 1.0])
    probabilities = np.stack([1 - chance, chance], axis=1)[:, :: 1 if positive else -1]
    unlikely = conformal.unlikely(probabilities, 0.3, positive)
    assert unlikely[2].tolist() == pytest.approx([0.5, 0.5])
    assert (np.diff(unlikely[:, positive]) < 0).all()
    assert unlikely[3:, positive].max() < 0.5 < unlikely[:2, positive].min()


def test_the_threshold_that_calls_the_likeliest_changes_nothing():
    rows = drawn(500, 0, 2, 0.7)
    assert conformal.calibrate(outcomes(2), *rows, 0.5) == conformal.calibrate(outcomes(2), *rows)


# -- sets of models of earlier versions ------------------------------------------------------------


@pytest.mark.parametrize("threshold", [None, 0.35])
def test_sets_that_are_never_empty_hold_what_is_called_and_the_truth_no_less_often_than_that_is_right(threshold):
    stored = conformal.calibrate(outcomes(2), *often_right(5_000, 0, 0.96), threshold, never_empty=True)
    assert conformal.is_never_empty(stored)
    assert not conformal.is_never_empty(conformal.calibrate(outcomes(2), *often_right(5_000, 0, 0.96)))
    y, probabilities = often_right(20_000, 1, 0.96)
    called = labels(probabilities, 1, threshold)
    for level in (0.8, 0.9, 0.99):
        inside = conformal.full_sets(stored, probabilities, level, called)
        assert inside[np.arange(len(y)), called].all()
        held = np.mean(inside[np.arange(len(y)), y])
        assert held == pytest.approx(max(level, conformal.right_share(stored)), abs=0.01)


def test_sets_of_an_earlier_version_are_what_they_were():
    stored = {"kind": "set", "rows": 99, "scores": np.linspace(0, 0.98, 99).tolist()}
    probabilities = np.array([[0.6, 0.3, 0.1], [0.2, 0.35, 0.45], [0.9, 0.06, 0.04]])
    inside = conformal.full_sets(stored, probabilities, 0.8, probabilities.argmax(axis=1))
    assert inside.tolist() == [[True, True, False], [False, True, True], [True, False, False]]
