from __future__ import annotations

import time

import numpy as np
import pytest

from automl.engine import doubt
from automl.engine.combine import Winner
from automl.engine.folds import Folds
from automl.engine.race import Finished
from automl.metrics import METRICS
from automl.types import Trial, TrialState


def candidate(order: int, prediction: np.ndarray, folds=(0, 1)) -> Finished:
    trial = Trial(f"c{order}", "linear", TrialState.COMPLETED, "mae", score=1.0, order=order)
    return Finished(trial, prediction, {f: {} for f in folds})


@pytest.fixture
def race():
    rng = np.random.default_rng(0)
    y = rng.normal(size=1000)
    best = y + rng.normal(size=1000)
    same, worse = best + rng.normal(scale=0.05, size=1000), best + rng.normal(scale=0.8, size=1000)
    finished = {1: candidate(1, best), 2: candidate(2, same), 3: candidate(3, worse), 4: candidate(4, worse, (1,))}
    return y, finished, Folds(np.arange(1000) % 2, 2)


def marked(race, deadline=None):
    y, finished, folds = race
    winner = Winner(finished[1].trial, {1: 1.0}, {1: (0, 1)}, 1.0, 0.1)
    board = [f.trial for f in finished.values()]
    later = time.monotonic() + 60 if deadline is None else deadline
    return doubt.mark(board, winner, finished, folds, METRICS["mae"], y, later)


def test_noise_is_told_from_a_real_difference(race) -> None:
    first, same, worse, _ = marked(race)
    assert first.behind is None
    assert same.behind[1] < 0 < same.behind[2]
    assert 0 < worse.behind[1] < worse.behind[0] < worse.behind[2]
    y, finished, _ = race
    difference = np.abs(finished[3].prediction - y).mean() - np.abs(finished[1].prediction - y).mean()
    assert worse.behind[0] == pytest.approx(difference)


def test_only_common_rows_are_compared(race) -> None:
    y, finished, _ = race
    odd = np.arange(1000) % 2 == 1
    expected = (np.abs(finished[4].prediction - y) - np.abs(finished[1].prediction - y))[odd].mean()
    assert marked(race)[3].behind[0] == pytest.approx(expected)


def test_without_time_nothing_is_said(race) -> None:
    assert all(t.behind is None for t in marked(race, deadline=0.0))


@pytest.mark.parametrize(
    ("behind", "said"),
    [
        ([(0.1, -0.1, 0.3)], "“c1” can't be told apart from “c0” on these rows: the difference is noise."),
        ([(0.1, -0.1, 0.3), (0.5, 0.4, 0.6)], "the difference is noise. 1 of 2 is clearly behind."),
        ([(0.1, -0.1, 0.3)] * 6, "“c4” and 2 more can't be told apart from “c0” on these rows: the differences are noise."),
        ([(0.5, 0.4, 0.6)] * 2, "“c0” is better than all 2 others by more than chance."),
    ],
)
def test_which_differences_are_noise_is_said(behind, said) -> None:
    board = [Trial(f"c{i}", "linear", TrialState.COMPLETED, "roc_auc", behind=b) for i, b in enumerate([None, *behind])]
    assert doubt.said(board)[0].endswith(said)
