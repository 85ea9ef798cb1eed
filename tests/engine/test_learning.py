"""The learning curve through a whole build, and without time."""

from __future__ import annotations

import time

import numpy as np
import pytest

from automl import build, bundle
from automl.engine import learning
from automl.engine.race import Finished
from automl.metrics import METRICS
from automl.types import Trial, TrialState
from tests.conftest import a_spec, customers


def test_a_build_measures_it(tmp_path) -> None:
    frame = customers(900)
    build.fit(
        frame,
        a_spec(frame, candidates=1, families=("linear",), seconds=600),
        target=tmp_path / "b",
        scratch=tmp_path / "w",
    )
    found = bundle.load(tmp_path / "b").learning
    assert found["candidate"].startswith("Linear")
    rows = [p["rows"] for p in found["points"]]
    assert rows == sorted(rows)
    assert rows[-1] == pytest.approx(rows[0] * 10, rel=0.1)
    scores = [p["score"] for p in found["points"]]
    assert scores[-1] > scores[0] > 0.5
    assert found["folds"] >= 2
    assert found["sentence"].split(":")[0] in ("Yes", "No", "Hardly", "Perhaps", "Probably not")


def candidate(order: int, seconds: float, score: float, family: str = "linear") -> Finished:
    trial = Trial(
        f"c{order}", family, TrialState.COMPLETED, "roc_auc", score=score, fold_scores=(score,) * 5,
        fit_seconds=seconds, order=order,
    )  # fmt: skip
    return Finished(trial, np.zeros(1), {f: {} for f in range(5)})


def test_the_best_that_is_cheap_enough_is_measured() -> None:
    metric = METRICS["roc_auc"]
    ranked = [
        candidate(1, 50, 0.9),
        candidate(2, 1, 0.88),
        candidate(3, 1, 0.87),
        candidate(0, 0, 0.5, "prior"),
    ]
    assert learning.choose(ranked, {1}, metric, 1.0).trial.order == 2
    assert learning.choose(ranked, {1, 3}, metric, 1.0).trial.order == 3
    assert learning.choose(ranked, {1}, metric, 1000.0).trial.order == 1
    assert learning.choose(ranked, {1}, metric, 0.01) is None
    weak = [candidate(1, 50, 0.9), candidate(2, 1, 0.7), candidate(0, 0, 0.5, "prior")]
    assert learning.choose(weak, {1}, metric, 1.0) is None  # says nothing about a model that is far better
    assert learning.measure(None, ranked, {1}, metric, time.monotonic()) is None


def test_shares_are_nested_and_hold_every_class() -> None:
    y = np.array([0] * 990 + [1] * 9 + [2])
    train = np.arange(1000)
    small, large = (learning._first(train, y, share, 0) for share in (0.1, 0.4))
    assert set(small) <= set(large)
    assert set(y[small]) == {0, 1, 2}
    assert len(small) == pytest.approx(100, abs=3)
