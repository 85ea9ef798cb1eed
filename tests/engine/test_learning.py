"""The learning curve through a whole build, and without time."""

from __future__ import annotations

import shutil
import time

import numpy as np
import pytest

from automl import build, bundle
from automl.engine import learning
from automl.engine.race import Finished
from automl.errors import BuildCancelled, BuildError, BundleError
from automl.evaluate import learning as curves
from automl.metrics import METRICS
from automl.types import SplitKind, Trial, TrialState, replace
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


@pytest.fixture
def plain(plain_bundle, tmp_path):
    shutil.copytree(plain_bundle.folder, tmp_path / "model")
    return bundle.load(tmp_path / "model")


def test_it_is_measured_for_a_sealed_model_and_kept_beside_it(plain, tmp_path) -> None:
    assert plain.learning is None and learning.expected_seconds(plain) > 0
    told = []
    course = learning.again(plain, customers(900), tmp_path / "work", progress=told.append)
    assert course["candidate"] == "Linear" and course["folds"] == 5 and not course["stand_in"]
    rows = [p["rows"] for p in course["points"]]
    assert len(rows) == 5 and rows[-1] == pytest.approx(10 * rows[0], rel=0.1)
    assert rows[-1] < 900 - len(plain.test_rows().y)  # neither test rows nor validation rows are learned from
    assert course["points"][-1]["score"] == pytest.approx(plain.leaderboard[0].score, abs=0.05)
    assert told[0] == 0 and told == sorted(told) and told[-1] < 1 and len(told) == 25
    assert bundle.load(tmp_path / "model").learning == course == plain.learning
    assert not (tmp_path / "work").exists()
    assert learning.again(plain, customers(900), tmp_path / "work") == course  # the same rows, the same answer


def test_one_measured_later_goes_before_the_build_s_own(plain, tmp_path) -> None:
    (plain.folder / "learning.json").write_text('{"candidate": "old"}')
    assert plain.learning == {"candidate": "old"}
    curves.keep(plain.folder, {"candidate": "new"})
    assert plain.learning == {"candidate": "new"}
    later = plain.folder / curves.LATER
    later.write_text(later.read_text().replace("new", "won"))
    with pytest.raises(BundleError, match="damaged"):
        _ = plain.learning


def test_what_can_not_be_measured_is_a_sentence(plain, churn_bundle, tmp_path) -> None:
    with pytest.raises(BuildError, match="no column 'Day Minutes'"):
        learning.again(plain, customers(900).drop(columns="Day Minutes"), tmp_path / "work")
    with pytest.raises(BuildError, match="A tenth of fewer than 500"):
        learning.again(churn_bundle, customers(), tmp_path / "work")
    with pytest.raises(BuildError, match="Give it more time"):
        learning.again(plain, customers(900), tmp_path / "work", seconds=0.001)

    def stop(share: float) -> None:
        if share > 0.3:
            raise BuildCancelled("enough")

    with pytest.raises(BuildCancelled):
        learning.again(plain, customers(900), tmp_path / "work", progress=stop)
    assert plain.learning is None and not (tmp_path / "work").exists()


def test_of_rows_in_the_order_of_time_the_last_window_is_measured(tmp_path) -> None:
    frame = customers(900)
    spec = a_spec(frame, candidates=1, families=("linear",), seconds=30)
    split = replace(spec.problem.split, kind=SplitKind.TIME, column="since")
    spec = replace(spec, problem=replace(spec.problem, split=split))
    loaded = bundle.load(build.fit(frame, spec, target=tmp_path / "b", scratch=tmp_path / "w"))
    course = learning.again(loaded, frame, tmp_path / "work")
    assert course["ordered"] and course["folds"] == 1 and course["helps"] is None
    assert "measured once" in course["sentence"] or course["sentence"].startswith("Hardly")
