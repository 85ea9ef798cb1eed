from __future__ import annotations

import numpy as np
import pytest

from automl.choices import Payoff
from automl.evaluate import money
from automl.evaluate.threshold import Ladder, Outcome
from tests.evaluate.test_threshold import rows

PAYOFFS = (Payoff(100, -10), Payoff(5, -4, -20, 1), Payoff(-1, -1, 0, 0), Payoff(10, 10, 0, 0))


def brute(hit, chance, payoff, threshold):
    """What every row brings, one by one."""
    total = 0.0
    for real, p in zip(hit, chance, strict=True):
        called = p >= threshold
        total += (
            (payoff.hit if real else payoff.false_alarm)
            if called
            else (payoff.miss if real else payoff.passed)
        )
    return total


@pytest.mark.parametrize("payoff", PAYOFFS)
@pytest.mark.parametrize("ties", [True, False])
def test_the_best_threshold_is_that_of_trying_all(payoff, ties) -> None:
    hit, chance = rows(150, ties)
    ladder = Ladder(hit, chance)
    threshold = money.best_threshold(ladder, payoff)
    assert 0 < threshold < 1
    best = max(brute(hit, chance, payoff, t) for t in [*np.unique(chance), 2.0])
    assert brute(hit, chance, payoff, threshold) == pytest.approx(best)
    assert money.profit_of(ladder.at(threshold), payoff) == pytest.approx(best)


def test_nobody_or_everybody_when_that_pays_most() -> None:
    hit, chance = rows(150)
    ladder = Ladder(hit, chance)
    assert ladder.at(money.best_threshold(ladder, PAYOFFS[2])).called == 0
    assert ladder.at(money.best_threshold(ladder, PAYOFFS[3])).called == 150


def test_the_interval_is_that_of_drawn_rows() -> None:
    outcome, payoff = Outcome(60, 40, 30, 870), Payoff(100, -10, -50, 0)
    found = money.expected(outcome, payoff)
    each = np.repeat([100.0, -10, -50, 0], [60, 40, 30, 870])
    assert found.value == pytest.approx(each.mean() * 1000)
    reach = 1.96 * each.std() / len(each) ** 0.5 * 1000
    assert found.low == pytest.approx(found.value - reach, rel=0.05)
    assert found.high == pytest.approx(found.value + reach, rel=0.05)


def test_the_top_n() -> None:
    hit, chance = rows(200, ties=False)
    payoff = Payoff(100, -10, -5, 1)
    found = money.by_number(Ladder(hit, chance), payoff, rows=1000)
    order = np.argsort(-chance)
    for number, profit in zip(found["number"], found["profit"], strict=True):
        top = np.zeros(200, bool)
        top[order[: round(number / 5)]] = True
        worth = np.where(top, np.where(hit, 100, -10), np.where(hit, -5, 1)).sum()
        assert profit == pytest.approx(worth * 5)
    assert (found["number"][0], found["number"][-1]) == (0, 1000)
    assert found["random"][0] == pytest.approx(found["profit"][0])
    assert found["random"][-1] == pytest.approx(found["profit"][-1])
    best = money.best_threshold(Ladder(hit, chance), payoff)
    assert max(found["profit"]) == pytest.approx(money.profit_of(Ladder(hit, chance).at(best), payoff) * 5)


def test_along_the_thresholds() -> None:
    hit, chance = rows(100)
    found = money.by_threshold(Ladder(hit, chance), PAYOFFS[0])
    for t, profit in zip(found["threshold"], found["profit"], strict=True):
        assert profit == pytest.approx(brute(hit, chance, PAYOFFS[0], t) * 10)
