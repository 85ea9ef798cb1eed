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


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
@pytest.mark.parametrize(("count", "sharp"), [(2, 2.0), (4, 1.0), (10, 0.5)])
def test_sets_hold_the_truth_as_often_as_they_say(count, sharp, level):
    stored = conformal.calibrate(outcomes(count), *drawn(3_000, 0, count, sharp))
    y, probabilities = drawn(20_000, 1, count, sharp)
    inside = conformal.outcome_sets(stored, probabilities, level)
    assert np.mean(inside[np.arange(len(y)), y]) == pytest.approx(level, abs=0.02)
    assert inside.any(axis=1).all()
    assert inside[np.arange(len(y)), probabilities.argmax(axis=1)].all()


def test_sets_are_small_where_the_model_is_sure():
    stored = conformal.calibrate(outcomes(4), *drawn(3_000, 0, 4, 1.0))
    sure, unsure = np.array([[0.97, 0.01, 0.01, 0.01]]), np.array([[0.27, 0.26, 0.24, 0.23]])
    assert conformal.outcome_sets(stored, sure).sum() == 1
    assert conformal.outcome_sets(stored, unsure).sum() >= 3


def test_a_model_that_is_nearly_always_right_gives_single_outcomes():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 1_000)
    probabilities = np.full((1_000, 3), 0.02)
    probabilities[np.arange(1_000), y] = 0.96
    stored = conformal.calibrate(outcomes(3), y, probabilities)
    assert (conformal.outcome_sets(stored, probabilities).sum(axis=1) == 1).all()


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


def often_right(n: int, seed: int, share: float):
    """Truth and probabilities of a model whose likeliest outcome, of two, is right for a share of rows, and knows it."""
    rng = np.random.default_rng(seed)
    sure = 1 - rng.beta(1, share / (1 - share), n)
    likeliest = rng.integers(0, 2, n)
    y = np.where(rng.random(n) < sure, likeliest, 1 - likeliest)
    probabilities = np.empty((n, 2))
    probabilities[np.arange(n), likeliest], probabilities[np.arange(n), 1 - likeliest] = sure, 1 - sure
    return y, probabilities


def test_what_is_said_of_sets_is_what_they_hold_where_one_outcome_holds_more_than_was_asked():
    stored = conformal.calibrate(outcomes(2), *often_right(5_000, 0, 0.96))
    y, probabilities = often_right(20_000, 1, 0.96)
    for level in (0.8, 0.9, 0.99):
        inside = conformal.outcome_sets(stored, probabilities, level)
        held = np.mean(inside[np.arange(len(y)), y])
        assert held == pytest.approx(conformal.held_share(stored, level), abs=0.01)
        assert (held > 0.94) == (conformal.held_share(stored, level) > 0.94)
    assert conformal.held_share(stored, 0.99) == 0.99
    assert conformal.held_share(conformal.calibrate(NUMBERS, *numbers(500, 0)), 0.9) == 0.9


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.8])
def test_sets_by_a_threshold_of_its_own_hold_what_is_said(threshold):
    stored = conformal.calibrate(outcomes(2), *drawn(5_000, 0, 2, 0.7), threshold)
    assert stored["threshold"] == threshold
    y, probabilities = drawn(20_000, 1, 2, 0.7)
    called = labels(probabilities, 1, threshold)
    right = np.mean(called == y)
    for level in (0.8, 0.9, 0.95):
        inside = conformal.outcome_sets(stored, probabilities, level, called)
        assert inside[np.arange(len(y)), called].all()
        held = np.mean(inside[np.arange(len(y)), y])
        assert held == pytest.approx(conformal.held_share(stored, level), abs=0.015)
        assert held == pytest.approx(max(level, right), abs=0.015)


def test_what_is_called_against_the_odds_has_the_other_outcome_beside_it():
    stored = conformal.calibrate(outcomes(2), *drawn(5_000, 0, 2, 0.7), 0.2)
    against, sure = np.array([[0.75, 0.25]]), np.array([[0.02, 0.98]])
    assert conformal.outcome_sets(stored, against, 0.9, [1]).tolist() == [[True, True]]
    assert conformal.outcome_sets(stored, sure, 0.9, [1]).tolist() == [[False, True]]


def test_the_threshold_that_calls_the_likeliest_changes_nothing():
    rows = drawn(500, 0, 2, 0.7)
    assert conformal.calibrate(outcomes(2), *rows, 0.5) == conformal.calibrate(outcomes(2), *rows)
