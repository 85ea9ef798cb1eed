"""Thresholds in money: what each outcome of a decision brings decides from which probability on to act.

The threshold is chosen on out-of-fold predictions of the training rows, and its profit is measured on
the test rows, which had no say in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.choices import Payoff
from automl.evaluate.curves import thin
from automl.evaluate.threshold import Ladder, Outcome, middle_of_best

PER = 1_000  # profit is told per so many rows
RESAMPLES = 2_000


@dataclass(frozen=True)
class Profit:
    """Profit per 1,000 rows, with its 95 % interval."""

    value: float
    low: float
    high: float


def profit_of(outcome: Outcome, payoff: Payoff) -> float:
    """What all rows of an outcome bring together.

    >>> profit_of(Outcome(2, 1, 0, 7), Payoff(hit=100, false_alarm=-10))
    190.0
    """
    return float(
        outcome.hits * payoff.hit + outcome.false_alarms * payoff.false_alarm
        + outcome.misses * payoff.miss + outcome.passes * payoff.passed
    )  # fmt: skip


def per_row(ladder: Ladder, thresholds: np.ndarray, payoff: Payoff) -> np.ndarray:
    """Profit of a row at each threshold."""
    hits, alarms, misses, passes = ladder.counts(thresholds)
    total = hits * payoff.hit + alarms * payoff.false_alarm + misses * payoff.miss + passes * payoff.passed
    return total / max(len(ladder.chance), 1)


def best_threshold(ladder: Ladder, payoff: Payoff) -> float:
    """The threshold with the highest profit; where several share it, the middle one."""
    steps = ladder.steps()
    return middle_of_best(steps, per_row(ladder, steps, payoff))


def expected(outcome: Outcome, payoff: Payoff, seed: int = 0) -> Profit:
    """Profit per 1,000 rows and its bootstrap interval.

    To draw rows with replacement and count their outcomes is to draw the counts from a multinomial.
    """
    n = max(outcome.rows, 1)
    counts = np.array([outcome.hits, outcome.false_alarms, outcome.misses, outcome.passes])
    worth = np.array([payoff.hit, payoff.false_alarm, payoff.miss, payoff.passed])
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, RESAMPLES) @ worth * (PER / n)
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = float(counts @ worth * PER / n)
    return Profit(value, float(min(low, value)), float(max(high, value)))


def by_threshold(ladder: Ladder, payoff: Payoff) -> dict[str, list[float]]:
    """Profit per 1,000 rows along the thresholds, thinned."""
    steps = ladder.steps()
    steps = steps[thin(np.arange(len(steps), dtype=np.float64))]
    return {"threshold": steps.tolist(), "profit": (per_row(ladder, steps, payoff) * PER).tolist()}


def by_number(ladder: Ladder, payoff: Payoff, rows: int) -> dict[str, list[float]]:
    """Profit when of `rows` rows the likeliest N are acted upon: N, the profit, and at random instead.

    Rows of equal probability are taken together.
    """
    n = max(len(ladder.chance), 1)
    steps = ladder.steps()[::-1]
    hits, alarms, misses, passes = ladder.counts(steps)
    called = hits + alarms
    profit = hits * payoff.hit + alarms * payoff.false_alarm + misses * payoff.miss + passes * payoff.passed
    share = float(hits[-1]) / n if len(hits) else 0.0
    called_each = share * payoff.hit + (1 - share) * payoff.false_alarm
    left_each = share * payoff.miss + (1 - share) * payoff.passed
    best = int(np.argmax(profit))
    keep = np.union1d(thin(called.astype(np.float64)), [best])
    scale = rows / n
    return {
        "number": (called[keep] * scale).tolist(),
        "profit": (profit[keep] * scale).tolist(),
        "random": ((called[keep] * called_each + (n - called[keep]) * left_each) * scale).tolist(),
        "threshold": steps[keep].tolist(),
    }
