"""What happens when rows are called the outcome of interest from one probability on, or another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.evaluate.curves import thin


@dataclass(frozen=True)
class Outcome:
    """Rows by what was said and what is: rightly called, wrongly called, missed, rightly left alone."""

    hits: int
    false_alarms: int
    misses: int
    passes: int

    @property
    def rows(self) -> int:
        return self.hits + self.false_alarms + self.misses + self.passes

    @property
    def called(self) -> int:
        return self.hits + self.false_alarms

    @property
    def precision(self) -> float:
        """Of the rows called so, the share that is; 0 when none is called."""
        return self.hits / self.called if self.called else 0.0

    @property
    def recall(self) -> float:
        """Of the rows that are so, the share that is found; 0 when there is none."""
        real = self.hits + self.misses
        return self.hits / real if real else 0.0

    @property
    def f1(self) -> float:
        bottom = 2 * self.hits + self.false_alarms + self.misses
        return 2 * self.hits / bottom if bottom else 0.0

    @property
    def accuracy(self) -> float:
        return (self.hits + self.passes) / self.rows if self.rows else 0.0


class Ladder:
    """Rows in the order of their probability: each threshold's outcome is one look-up.

    Parameters
    ----------
    hit : ndarray of bool, shape (rows,)
        Whether the outcome of interest happened.
    chance : ndarray of shape (rows,)
        Its probability.

    >>> Ladder(np.array([True, False, True]), np.array([.9, .6, .2])).at(.5)
    Outcome(hits=1, false_alarms=1, misses=1, passes=0)
    """

    def __init__(self, hit: np.ndarray, chance: np.ndarray) -> None:
        order = np.argsort(chance, kind="stable")
        self.chance = np.asarray(chance, dtype=np.float64)[order]
        self._hits_below = np.r_[0, np.cumsum(np.asarray(hit, dtype=np.int64)[order])]

    def counts(self, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Hits, false alarms, misses and passes at each threshold; a row is called from the threshold on."""
        below = np.searchsorted(self.chance, thresholds, side="left")
        misses = self._hits_below[below]
        hits = self._hits_below[-1] - misses
        return hits, len(self.chance) - below - hits, misses, below - misses

    def at(self, threshold: float) -> Outcome:
        """The outcome of one threshold."""
        return Outcome(*(int(n[0]) for n in self.counts(np.array([threshold]))))

    def steps(self) -> np.ndarray:
        """A threshold between any two neighbouring probabilities, one below all and one above all."""
        distinct = np.unique(self.chance)
        if not len(distinct):
            return np.array([0.5])
        return np.r_[distinct[0] / 2, (distinct[1:] + distinct[:-1]) / 2, (distinct[-1] + 1) / 2]

    def best_f1(self) -> float:
        """The threshold with the highest F1; of equal ones the middle one."""
        steps = self.steps()
        hits, alarms, misses, _ = self.counts(steps)
        bottom = 2 * hits + alarms + misses
        return middle_of_best(steps, np.divide(2.0 * hits, bottom, out=np.zeros(len(hits)), where=bottom > 0))

    def course(self) -> dict[str, list[float]]:
        """Precision, recall and F1 along the thresholds, thinned."""
        steps = self.steps()[:-1]  # above all probabilities nothing is called
        steps = steps[thin(np.arange(len(steps), dtype=np.float64))]
        outcomes = [self.at(t) for t in steps]
        return {
            "threshold": steps.tolist(),
            "precision": [o.precision for o in outcomes],
            "recall": [o.recall for o in outcomes],
            "f1": [o.f1 for o in outcomes],
        }


def middle_of_best(steps: np.ndarray, values: np.ndarray) -> float:
    """The step with the largest value; where several neighbours share it, the one in their middle.

    >>> middle_of_best(np.array([.1, .2, .3, .4]), np.array([0., 1., 1., 1.]))
    0.3
    """
    first = int(np.argmax(values))
    same = np.flatnonzero(~np.isclose(values[first:], values[first], rtol=1e-12, atol=0.0))
    last = first + (int(same[0]) if len(same) else len(values) - first) - 1
    return float(steps[(first + last) // 2])
