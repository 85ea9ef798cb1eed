from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from automl import insight
from automl.errors import PredictionError
from automl.explain import Explainer
from automl.explain.reasons import Lacking
from automl.explain.walks import _shared_out
from automl.families import FAMILIES, family
from automl.features.pipeline import TableFeatures
from automl.features.typed import to_typed
from automl.predict import predict_frame, predict_one
from automl.predict.rows import Predictor
from automl.types import Problem, Task
from tests.conftest import customers

KINDS = {"minutes": "numeric", "gaps": "numeric", "plan": "categorical", "since": "datetime", "note": "text"}
CLASSES = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": ()}
SMALL = {"mlp": {"members": 1, "hidden": [16], "bins": 4, "learning_rate": 0.03, "weight_decay": 0.02, "dropout": 0.1}}


def typed_rows(n: int = 160, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    raw = pd.DataFrame(
        {
            "minutes": rng.normal(100, 20, n),
            "gaps": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
            "plan": np.array(["basic", "pro", None], dtype=object)[rng.integers(0, 3, n)],
            "since": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 600, n), unit="D"),
            "note": np.array(["late and angry", "happy with it", None], dtype=object)[rng.integers(0, 3, n)],
        }
    )
    return to_typed(raw, KINDS)


class Fitted:
    """One family fitted on the small table, standing in for a model."""

    def __init__(self, key: str, task: str) -> None:
        typed, kind, classes = typed_rows(), family(key), len(CLASSES[task])
        score = (typed["minutes"] - 100) / 20 + (typed["plan"] == "pro") * 1.5
        codes = np.searchsorted([0.3] if classes == 2 else [-0.5, 0.8], score)
        y = codes.astype(np.int64) if classes else score.to_numpy() * 50
        self.problem = Problem("y", Task(task), "", tuple(KINDS), classes=CLASSES[task])
        params = SMALL.get(key) or kind.portfolio(task, len(typed), len(KINDS), classes)[0].params
        self.table = TableFeatures(kind.needs_for(params), KINDS)
        features = self.table.fit_transform(typed, y, task=task, classes=classes)
        self.fitted = kind.fit(features, y, task=task, classes=classes, params=params, threads=1, seed=0)

    def predict_typed(self, typed: pd.DataFrame) -> np.ndarray:
        return self.fitted.predict(self.table.transform(typed), threads=1)


@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("key", FAMILIES)
def test_reasons_sum_to_the_prediction_exactly(key, task):
    model, rows = Fitted(key, task), typed_rows(40, seed=3)
    why = Explainer(model, typed_rows(60), background=6).explain(rows)
    predicted = np.asarray(model.predict_typed(rows), dtype=float)
    if task == "binary":
        predicted = predicted[:, 1]
    elif task == "multiclass":
        assert (why.outcome == predicted.argmax(axis=1)).all()
        predicted = predicted.max(axis=1)
    np.testing.assert_allclose(why.prediction, predicted, rtol=1e-12)
    np.testing.assert_allclose(why.base + why.contributions.sum(axis=1), predicted, rtol=0, atol=1e-9)
    if key == "prior":
        assert not why.contributions.any()
    else:
        assert np.abs(why.contributions[:, 0]).mean() > np.abs(why.contributions[:, 3]).mean()


class Plain:
    """A model that is a formula."""

    problem = Problem("y", Task.REGRESSION, "rmse", ())

    def __init__(self, formula) -> None:
        self.predict_typed = formula


@pytest.fixture
def numbers():
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.normal(size=(300, 4)), columns=["a", "b", "c", "d"])


def test_a_linear_model_has_its_known_contributions(numbers):
    weights = np.array([3.0, -2.0, 0.5, 0.0])
    known = numbers.head(256)  # so that each of the 128 background rows is held against as many of them
    why = Explainer(Plain(lambda f: f.to_numpy() @ weights), known).explain(numbers.tail(20))
    expected = weights * (numbers.tail(20).to_numpy() - known.to_numpy().mean(axis=0))
    np.testing.assert_allclose(why.contributions, expected, atol=1e-12)
    np.testing.assert_allclose(why.contributions[:, 3], 0, atol=1e-15)  # the last bits are the machine's


def test_what_two_columns_do_together_is_halved_between_them(numbers):
    both = Plain(lambda f: (f["a"].to_numpy() > 0) * (f["b"].to_numpy() > 0) * 8.0)
    off = numbers.assign(a=-1.0, b=-1.0)
    why = Explainer(both, off).explain(numbers.assign(a=1.0, b=1.0).head(1))
    np.testing.assert_allclose(why.contributions[0], [4, 4, 0, 0])


def test_equal_columns_of_a_known_game_get_the_exact_shapley_values(numbers):
    product = Plain(lambda f: f["a"].to_numpy() * f["b"].to_numpy() * f["c"].to_numpy())
    background = numbers.assign(a=0.0, b=0.0, c=1.0)
    why = Explainer(product, background).explain(pd.DataFrame({"a": [1.0], "b": [1.0], "c": [1.0], "d": [0.0]}))
    np.testing.assert_allclose(why.contributions[0], [0.5, 0.5, 0, 0])


def test_the_base_is_the_mean_prediction_of_all(numbers):
    model = Plain(lambda f: np.exp(f["a"].to_numpy()))
    for background in (4, 64):
        explainer = Explainer(model, numbers, background=background)
        assert explainer.base[0] == pytest.approx(np.exp(numbers["a"]).mean(), rel=1e-12)


def test_few_background_rows_stand_for_all_of_the_reference(numbers):
    model = Plain(lambda f: np.exp(f["a"].to_numpy()) + 3 * np.abs(f["b"].to_numpy()) + f["c"].to_numpy() ** 2)
    each = np.column_stack([np.exp(numbers["a"]), 3 * np.abs(numbers["b"]), numbers["c"] ** 2, 0 * numbers["d"]])
    expected = each[:40] - each.mean(axis=0)  # of a sum of functions of one column each
    explainer = Explainer(model, numbers, background=8)
    off = np.abs(explainer.explain(numbers.head(40)).contributions - expected).mean()
    explainer.lacking = Lacking(np.zeros((4, 1)))
    assert off < 0.2 * np.abs(explainer.explain(numbers.head(40)).contributions - expected).mean()
    assert off < 0.05 * np.abs(expected).mean()


def test_what_very_few_background_rows_lack_is_learned(numbers):
    """Of what is rare the few rows tell something wrong that a shift alone can't put right."""
    model = Plain(lambda f: 1.0 * ((f["a"] > 1.2) | ((f["b"] > 0.5) & (f["c"] > 0.5))).to_numpy())
    exact = Explainer(model, numbers, background=len(numbers)).explain(numbers.head(60)).contributions
    off, off_before = [], []
    for seed in range(4):
        quick = Explainer(model, numbers, quick=True, seed=seed)
        why = quick.explain(numbers.head(60))
        np.testing.assert_allclose(why.base + why.contributions.sum(axis=1), why.prediction, atol=1e-12)
        np.testing.assert_allclose(why.contributions[:, 3], 0, atol=1e-15)  # the last bits are the machine's  # what is not looked at gets nothing
        off.append(np.abs(why.contributions - exact).mean())
        quick.lacking = quick._centre(np.random.default_rng(seed))
        off_before.append(np.abs(quick.explain(numbers.head(60)).contributions - exact).mean())
    assert np.mean(off) < 0.75 * np.mean(off_before)


def test_of_a_wide_table_only_the_shift_is_measured():
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(80, 60)), columns=[f"c{i}" for i in range(60)])
    quick = Explainer(Plain(lambda f: f.to_numpy().sum(axis=1)), wide, quick=True)
    assert quick.lacking.slope is None
    expected = wide.head(5).to_numpy() - wide.to_numpy().mean(axis=0)
    assert np.abs(quick.explain(wide.head(5)).contributions - expected).mean() < 0.2


def test_the_same_seed_gives_the_same_and_a_row_alone_what_it_gives_among_others(churn_bundle):
    rows = customers(30, seed=9).drop(columns="churn")
    typed = churn_bundle.model.prepare(Predictor(churn_bundle, list(rows)).inputs(rows))
    make = lambda seed: Explainer(churn_bundle.model, churn_bundle.typed_reference, background=4, seed=seed)  # noqa: E731
    first, again, other = (make(seed).explain(typed).contributions for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    np.testing.assert_allclose(make(1).explain(typed.iloc[[7]]).contributions[0], first[7], atol=1e-9)


def test_an_ensemble_of_the_real_engine_sums_up(churn_bundle):
    rows = customers(12, seed=9).drop(columns="churn")
    typed = churn_bundle.model.prepare(Predictor(churn_bundle, list(rows)).inputs(rows))
    for quick in (False, True):
        why = insight.reasons(churn_bundle, typed, quick=quick)
        yes = churn_bundle.model.predict_typed(typed)[:, 1]
        np.testing.assert_allclose(why.base + why.contributions.sum(axis=1), yes, atol=1e-12)
        assert why.columns == tuple(typed.columns)
    other = insight.reasons(churn_bundle, typed, outcome=0)
    np.testing.assert_allclose(other.base + other.contributions.sum(axis=1), 1 - yes, atol=1e-6)


def test_one_row_takes_less_than_a_second(churn_bundle):
    row = {c["name"]: c.get("default") for c in churn_bundle.schema["columns"]}
    predict_one(churn_bundle, row, reasons=True)
    took = []
    for _ in range(3):
        started = time.monotonic()
        why = predict_one(churn_bundle, row, reasons=True)["reasons"]
        took.append(time.monotonic() - started)
    assert min(took) < 1
    assert why.contributions.shape == (1, len(churn_bundle.model.document.kinds))


def test_reasons_are_written_in_words(churn_bundle):
    rows = customers(3, seed=9).drop(columns="churn").assign(plan=None)
    done = predict_frame(churn_bundle, rows, reasons=2)
    assert done.added[-3:] == ("reason_1", "reason_2", "warnings")
    assert done.table["reason_1"].str.contains(" is .+: [+−].+ points").all()
    why = SimpleNamespace(
        columns=("plan", "since"),
        contributions=np.array([[0.1, -0.02]]),
        top=lambda most: np.array([[0, 1]]),
    )
    typed = pd.DataFrame({"plan": pd.Series([None], dtype=object), "since": pd.to_datetime(["2024-03-01"])})
    texts = insight.reason_texts(Problem("y", Task.BINARY, "", ()), why, typed, 2)
    assert texts.tolist() == [["plan is missing: +10.0 points", "since is 2024-03-01: −2.0 points"]]


def test_no_rows_have_no_reasons(churn_bundle):
    typed = churn_bundle.typed_reference.head(0)
    assert insight.reasons(churn_bundle, typed).contributions.shape == (0, typed.shape[1])


class Members:
    """The weighted mean of some formulas, as a model is of its members; the first two are folds of one candidate."""

    problem = Problem("y", Task.REGRESSION, "rmse", ())
    candidates = ((0, 1), (2,))

    def __init__(self, formulas, weights) -> None:
        self.formulas, self.weights, self.asked = np.array(formulas), tuple(weights), 0

    def predict_typed(self, typed, part=None):
        self.asked += len(typed) * (len(self.weights) if part is None else 1)
        each = typed.to_numpy() @ self.formulas.T
        return each @ np.array(self.weights) if part is None else each[:, part]


def test_walked_by_members_the_mean_is_the_same_and_the_sum_exact(numbers):
    model = Members([[4.0, -2, 0.5, 0], [2.0, -2, 0.5, 0], [3.0, -6, 0.5, 0]], [0.25, 0.25, 0.5])
    whole = Explainer(Plain(model.predict_typed), numbers, background=12)
    model.asked = 0
    slow = whole.explain(numbers.head(20))
    asked = model.asked
    by_member = Explainer(model, numbers, background=12)
    model.asked = 0
    quick = by_member.explain(numbers.head(20))
    assert model.asked < 0.45 * asked  # a third, and the ends by each member
    np.testing.assert_allclose(quick.base + quick.contributions.sum(axis=1), quick.prediction, atol=1e-12)
    np.testing.assert_allclose(quick.prediction, slow.prediction)
    assert np.corrcoef(quick.contributions.ravel(), slow.contributions.ravel())[0, 1] > 0.98
    assert (quick.contributions[:, 3] == 0).all()  # a column that no member looks at gets nothing


def test_members_are_asked_in_the_proportion_of_their_weights():
    part, weight = _shared_out(((0, 1), (2,)), (0.1, 0.1, 0.8), 20)
    counts = np.bincount(part, minlength=3)
    assert counts.sum() == 20 and abs(counts[2] - 16) <= 1 and abs(counts[0] - counts[1]) <= 1
    assert weight.sum() == pytest.approx(1) and weight[part == 2].sum() == pytest.approx(0.8)
    alone, even = _shared_out(((0,),), (1.0,), 4)
    assert alone is None and even.tolist() == [0.25] * 4


def test_a_member_that_moves_nothing_still_sums_up(numbers):
    model = Members([[0.0, 0, 0, 0], [0.0, 0, 0, 0], [0.0, 0, 0, 8]], [0.5, 0.49, 0.01])
    quick = Explainer(model, numbers, background=1).explain(numbers.head(5))
    np.testing.assert_allclose(quick.base + quick.contributions.sum(axis=1), quick.prediction, atol=1e-12)


def test_members_of_a_model_predict_alone(churn_bundle):
    model = churn_bundle.model
    typed = churn_bundle.typed_reference.head(50)
    assert sorted(n for members in model.candidates for n in members) == list(range(len(model.document.members)))
    assert sum(model.weights) == pytest.approx(1) and len(model.weights) > 1
    each = np.stack([model.predict_typed(typed, part) for part in range(len(model.weights))])
    np.testing.assert_allclose(each.sum(axis=2), 1, atol=1e-9)
    assert not np.allclose(each[0], each[1])
    if model.document.calibration is None:
        np.testing.assert_allclose(np.tensordot(model.weights, each, 1), model.predict_typed(typed), atol=1e-9)


def test_a_model_of_very_many_columns_says_that_it_gives_no_reasons(churn_bundle, monkeypatch):
    assert insight.too_wide(churn_bundle) is None
    monkeypatch.setattr("automl.insight.why.MOST_EXPLAINED", 2)
    assert "at most 2 columns; this one reads" in insight.too_wide(churn_bundle)
    with pytest.raises(PredictionError, match="Predict without reasons"):
        predict_frame(churn_bundle, customers(3).drop(columns="churn"), reasons=2)
    assert len(predict_frame(churn_bundle, customers(3).drop(columns="churn")).table) == 3
