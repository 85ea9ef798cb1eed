from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from automl.evaluate.threshold import Ladder, Outcome


def rows(n: int = 400, ties: bool = True):
    rng = np.random.default_rng(0)
    hit = rng.random(n) < 0.3
    chance = np.clip(rng.normal(0.3 + 0.25 * hit, 0.2), 0.001, 0.999)
    return hit, np.round(chance, 2).clip(0.01, 0.99) if ties else chance


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.31, 0.5, 0.999])
def test_every_threshold_agrees_with_scikit_learn(threshold) -> None:
    hit, chance = rows()
    found, called = Ladder(hit, chance).at(threshold), chance >= threshold
    (passes, alarms), (misses, hits) = reference.confusion_matrix(hit, called, labels=[False, True])
    assert found == Outcome(hits, alarms, misses, passes)
    assert found.precision == pytest.approx(reference.precision_score(hit, called, zero_division=0))
    assert found.recall == pytest.approx(reference.recall_score(hit, called))
    assert found.f1 == pytest.approx(reference.f1_score(hit, called))
    assert found.accuracy == pytest.approx(reference.accuracy_score(hit, called))
    assert (found.rows, found.called) == (len(hit), called.sum())


def test_the_best_f1_is_that_of_trying_all() -> None:
    hit, chance = rows(ties=False)
    ladder = Ladder(hit, chance)
    best = max(reference.f1_score(hit, chance >= t) for t in chance)
    assert ladder.at(ladder.best_f1()).f1 == pytest.approx(best)


def test_the_course_is_thin_and_true() -> None:
    hit, chance = rows(5000, ties=False)
    ladder = Ladder(hit, chance)
    course = ladder.course()
    assert len(course["threshold"]) <= 201
    for t, p in list(zip(course["threshold"], course["precision"], strict=True))[::20]:
        assert p == pytest.approx(reference.precision_score(hit, chance >= t, zero_division=0))
    assert course["recall"] == sorted(course["recall"], reverse=True)


def test_nothing_called_and_nothing_there() -> None:
    empty = Outcome(0, 0, 0, 0)
    assert (empty.precision, empty.recall, empty.f1, empty.accuracy) == (0, 0, 0, 0)
    none = Ladder(np.zeros(3, bool), np.full(3, 0.2))
    assert none.at(0.5) == Outcome(0, 0, 0, 3)
    assert 0 < none.best_f1() < 1
