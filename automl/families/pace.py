"""A booster's learning rate, by the number of rounds that the time allows.

With a small rate and few rounds a booster hands in a model that has hardly begun to learn. So the
first rounds are timed, and where fewer than `ENOUGH` would fit, the rate goes up in proportion.
"""

from __future__ import annotations

import time

ENOUGH = 200  # fewer rounds than that would be cut off before early stopping, at usual rates
FASTEST = 0.35
TIMED = 5  # rounds that are timed, after the first one, which prepares the data
WORTH_TIMING = 300_000  # cells × outputs; smaller fits have time enough


class Pace:
    """Counts the rounds of a short fit, then says with which learning rate the real one should go.

    Parameters
    ----------
    deadline : float or None
        `time.monotonic()` at which the fit has to end; None: there is no hurry.
    cells : int
        Rows × columns × outputs of the fit.

    >>> Pace(None, 10**9).rate(0.05)
    0.05
    """

    def __init__(self, deadline: float | None, cells: int) -> None:
        self.deadline = deadline
        self.is_needed = deadline is not None and cells > WORTH_TIMING
        self._rounds: list[float] = []

    def tick(self) -> bool:
        """A round is over; returns whether to go on timing."""
        now = time.monotonic()
        self._rounds.append(now)
        return len(self._rounds) <= TIMED and now < self.deadline

    def rate(self, usual: float) -> float:
        """The learning rate for the real fit."""
        if len(self._rounds) < 2:
            return usual
        each = (self._rounds[-1] - self._rounds[0]) / (len(self._rounds) - 1)
        possible = max((self.deadline - self._rounds[-1]) / max(each, 1e-6), 1.0)
        return usual if possible >= ENOUGH else min(usual * ENOUGH / possible, max(FASTEST, usual))
