"""One contract, every family, every task."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from automl.families import FAMILIES, family
from automl.features.pipeline import Features, Needs, TableFeatures
from automl.metrics import METRICS

TASKS = ("binary", "multiclass", "regression")
METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
CLASSES = {"binary": 2, "multiclass": 4, "regression": 0}
EVERY = [(key, task) for key in FAMILIES for task in TASKS]
KINDS = {
    "amount": "numeric",
    "constant": "numeric",
    "gaps": "numeric",
    "plan": "categorical",
    "flag": "boolean",
    "since": "datetime",
    "note": "text",
}
SMALL = {  # parameters that keep the suite quick
    "catboost": {"learning_rate": 0.15, "depth": 4},
    "trees": {"min_samples_leaf": 3, "max_features": 0.5},
    "mlp": {"members": 2, "hidden": [32], "bins": 4, "learning_rate": 0.03, "weight_decay": 0.02, "dropout": 0.1},
}


def typed_rows(n: int = 240, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    amount = rng.normal(100, 20, n)
    plan = np.array(["basic", "pro", "team", None], dtype=object)[rng.integers(0, 4, n)]
    note = np.array(["late and angry", "happy with price", "asked for refund", None], dtype=object)
    return pd.DataFrame(
        {
            "amount": amount,
            "constant": 1.0,
            "gaps": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
            "plan": pd.Series(plan, dtype=object),
            "flag": pd.Series(np.array(["yes", "no"], dtype=object)[rng.integers(0, 2, n)], dtype=object),
            "since": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 600, n), unit="D"),
            "note": pd.Series(note[rng.integers(0, 4, n)], dtype=object),
        }
    )


def target(typed: pd.DataFrame, task: str, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed + 7)
    score = (typed["amount"].to_numpy() - 100) / 20 + (typed["plan"] == "pro").to_numpy() * 1.5
    score = score + rng.normal(0, 0.4, len(typed))
    if task == "regression":
        return score * 50 + 1000
    edges = [0.3] if task == "binary" else [-0.7, 0.2, 1.0]
    return np.searchsorted(edges, score).astype(np.int64)


@cache
def features(needs: Needs, n: int, cut: int) -> tuple[TableFeatures, Features, Features]:
    """Of the rows to learn from and of those to validate on: families of the same needs share them."""
    typed = typed_rows(n)
    table = TableFeatures(needs, KINDS).fit(typed.iloc[:cut])
    return table, table.transform(typed.iloc[:cut]), table.transform(typed.iloc[cut:])


class Case:
    """A family fitted on one fold of the same small table."""

    def __init__(self, key: str, task: str, n: int = 240, **options) -> None:
        self.key, self.task, self.family, self.classes = key, task, family(key), CLASSES[task]
        self.metric = METRICS[METRIC[task]]
        self.typed = typed_rows(n)
        self.y = options.pop("y", None)
        self.y = target(self.typed, task) if self.y is None else self.y
        cut = n * 3 // 4
        self.table, self.X, self.Xv = features(self.family.needs, n, cut)
        self.yt, self.yv = self.y[:cut], self.y[cut:]
        self.params = SMALL.get(key) or self.family.portfolio(task, n, len(KINDS), self.classes)[0].params

    def fit(self, params=None, validation=True, **options):
        return self.family.fit(
            self.X,
            self.yt,
            task=self.task,
            classes=self.classes,
            params=self.params if params is None else params,
            validation=(self.Xv, self.yv, None) if validation else None,
            metric=self.metric,
            **options,
        )


@pytest.fixture(scope="module")
def cases():
    """Every family fitted once; tests that only look share it."""
    made: dict[tuple[str, str], tuple[Case, object]] = {}

    def get(key: str, task: str):
        if (key, task) not in made:
            case = Case(key, task)
            made[key, task] = (case, case.fit())
        return made[key, task]

    return get


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_shapes_and_probabilities(cases, key, task):
    case, fitted = cases(key, task)
    p = fitted.predict(case.Xv)
    assert p.dtype == np.float64
    assert np.isfinite(p).all()
    if task == "regression":
        assert p.shape == (60,)
    else:
        assert p.shape == (60, case.classes)
        np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
        assert (p >= 0).all()


@pytest.mark.parametrize(("key", "task"), [e for e in EVERY if e[0] != "prior"])
def test_learns_what_is_there(cases, key, task):
    case, fitted = cases(key, task)
    baseline = Case("prior", task).fit().predict(case.Xv)
    gain = case.metric.score(case.yv, fitted.predict(case.Xv)) - case.metric.score(case.yv, baseline)
    assert case.metric.sign * gain > {"binary": 0.25, "multiclass": 0.15, "regression": 15}[task]


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_same_seed_same_bits(cases, key, task, tmp_path):
    case, fitted = cases(key, task)
    again = case.fit()
    np.testing.assert_array_equal(again.predict(case.Xv), fitted.predict(case.Xv))
    assert again.replay == fitted.replay
    files = []
    for name, model in (("first", fitted), ("again", again)):
        (tmp_path / name).mkdir()
        model.save(tmp_path / name)
        files.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert files[0] == files[1]


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_replay_without_validation_gives_the_same_model(cases, key, task):
    case, fitted = cases(key, task)
    again = case.fit(params=fitted.replay, validation=False)
    np.testing.assert_allclose(again.predict(case.Xv), fitted.predict(case.Xv), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_notebook_source_gives_the_same_model(cases, key, task):
    case, fitted = cases(key, task)
    space: dict = {"np": np}
    exec(compile(case.family.notebook_source(), key, "exec"), space)  # noqa: S102
    X, Xv = (Features(x.matrix, x.names, x.categorical) for x in (case.X, case.Xv))
    model = space[f"fit_{key}"](X, case.yt, task, case.classes, fitted.replay)
    got = space[f"predict_{key}"](model, Xv, task, case.classes)
    np.testing.assert_allclose(got, fitted.predict(case.Xv), rtol=1e-9, atol=1e-9)
    assert "automl" not in case.family.notebook_source()


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_saved_and_loaded_predicts_the_same(cases, key, task, tmp_path):
    case, fitted = cases(key, task)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(case.family.load(tmp_path).predict(case.Xv), fitted.predict(case.Xv))
    assert not [p for p in tmp_path.iterdir() if p.suffix in (".pkl", ".pickle", ".joblib")]


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_one_row_predicts_as_in_a_batch(cases, key, task):
    case, fitted = cases(key, task)
    batch = fitted.predict(case.Xv)
    for i in (0, 31):
        one = case.table.transform(case.typed.iloc[[180 + i]])
        np.testing.assert_allclose(fitted.predict(one)[0], batch[i], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_unseen_categories_and_empty_rows_are_predicted(cases, key, task):
    case, fitted = cases(key, task)
    strange = case.typed.iloc[:2].copy()
    strange["plan"] = pd.Series(["never seen", None], index=strange.index, dtype=object)
    strange[["amount", "gaps"]] = np.nan
    strange["since"] = pd.NaT
    strange["note"] = pd.Series([None, "words nobody wrote"], index=strange.index, dtype=object)
    assert np.isfinite(fitted.predict(case.table.transform(strange))).all()


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("key", FAMILIES)
def test_a_class_may_be_absent(key, task):
    case = Case(key, task)
    case.yt, case.yv = (np.where(y == 1, 0, y) for y in (case.yt, case.yv))
    p = case.fit().predict(case.Xv)
    assert p.shape[1] == case.classes
    assert p[:, 1].mean() < 0.1


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_twenty_rows_are_enough(key, task):
    case = Case(key, task, n=20)
    assert np.isfinite(case.fit().predict(case.Xv)).all()


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_rows_shared_among_threads_are_predicted_the_same(cases, key, task):
    case, fitted = cases(key, task)
    some = case.Xv.matrix if isinstance(case.Xv.matrix, np.ndarray) else case.Xv.matrix.toarray()
    many = np.resize(some, (1300, some.shape[1]))
    rows = replace(case.Xv, matrix=many if isinstance(case.Xv.matrix, np.ndarray) else type(case.Xv.matrix)(many))
    alone, shared = fitted.predict(rows, threads=1), fitted.predict(rows, threads=3)
    np.testing.assert_array_equal(alone, shared)
    np.testing.assert_allclose(alone[: len(some)], fitted.predict(case.Xv), rtol=1e-5, atol=1e-9)
    # two people who ask the same model at once: one of many rows, one of few
    few = replace(rows, matrix=rows.matrix[:7])
    expected = fitted.predict(few)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(fitted.predict, [rows, few] * 12))
    for many_again, few_again in zip(answers[::2], answers[1::2], strict=True):
        np.testing.assert_array_equal(many_again, alone)
        np.testing.assert_array_equal(few_again, expected)


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_sample_weights_count(key, task):
    """Rows of weight 0 are as if they were not there."""
    case = Case(key, task)
    weight = np.where(np.arange(len(case.yt)) < 120, 1.0, 0.0)
    spoiled = case.yt.copy()
    spoiled[120:] = spoiled[120:][::-1] if task != "regression" else 1e6
    case.yt = spoiled
    p = case.fit(sample_weight=weight).predict(case.Xv)
    if task == "regression":
        assert np.abs(p).max() < 5e4
    else:
        assert case.metric.sign * case.metric.score(case.yv, p) > case.metric.sign * (
            0.45 if task == "binary" else 1.6
        )


@pytest.mark.parametrize(("key", "task"), EVERY)
def test_a_passed_deadline_hands_in_what_there_is(key, task):
    case = Case(key, task)
    started = time.monotonic()
    fitted = case.fit(deadline=started)
    assert np.isfinite(fitted.predict(case.Xv)).all()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("key", [k for k in FAMILIES if k != "prior"])
def test_a_shuffled_target_scores_like_the_baseline(key, task):
    y = np.random.default_rng(5).permutation(target(typed_rows(400), task))
    case = Case(key, task, n=400, y=y)
    baseline = case.metric.score(case.yv, Case("prior", task, n=400, y=y).fit().predict(case.Xv))
    score = case.metric.score(case.yv, case.fit().predict(case.Xv))
    room = {"binary": 0.14, "multiclass": 0.06, "regression": 6.0}[task]
    assert case.metric.sign * (score - baseline) < room


@pytest.mark.parametrize("key", [k for k in FAMILIES if k != "prior"])
def test_declares_itself(key):
    kind = family(key)
    assert kind.key == key
    assert isinstance(kind.needs, Needs)
    assert kind.portfolio("binary", 1000, 10, 2)
    assert 1 < kind.memory_mb(10_000, 20, 2) < kind.memory_mb(1_000_000, 20, 2)


@pytest.mark.parametrize("key", [k for k in FAMILIES if k != "prior"])
def test_search_space_can_be_fitted(key):
    import optuna

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    case = Case(key, "binary", n=80)
    params = case.family.search_space(study.ask(), "binary")
    assert np.isfinite(case.fit(params=params).predict(case.Xv)).all()


@pytest.mark.parametrize("key", ["lightgbm", "xgboost", "catboost"])
def test_a_configuration_chooses_its_features(key):
    """The library never sees the choice; what replays the model keeps it."""
    kind, case = family(key), Case(key, "binary", n=120)
    params = case.params | {"features": "rich"}
    assert kind.needs_for(params).rich and not kind.needs_for({}).rich
    fitted = case.fit(params=params)
    assert kind.needs_for(fitted.replay).rich
    np.testing.assert_array_equal(
        case.fit(params=fitted.replay, validation=False).predict(case.Xv), fitted.predict(case.Xv)
    )
    space: dict = {"np": np}
    exec(compile(kind.notebook_source(), key, "exec"), space)  # noqa: S102
    model = space[f"fit_{key}"](case.X, case.yt, "binary", 2, fitted.replay)
    np.testing.assert_allclose(space[f"predict_{key}"](model, case.Xv, "binary", 2), fitted.predict(case.Xv))


def test_many_classes():
    y = np.random.default_rng(0).integers(0, 40, 240)
    for key in FAMILIES:
        case = Case(key, "multiclass")
        case.classes = 40
        case.y, case.yt, case.yv = y, y[:180], y[180:]
        assert case.fit().predict(case.Xv).shape == (60, 40), key


@pytest.mark.parametrize("task", TASKS)
def test_catboost_replays_exactly_on_more_rows(task):
    """What CatBoost chooses by itself depends on the number of rows and iterations."""
    case = Case("catboost", task, n=3000)
    params = {"learning_rate": 0.1, "depth": 4}
    fitted = case.fit(params=params)
    again = case.fit(params=fitted.replay, validation=False)
    np.testing.assert_allclose(again.predict(case.Xv), fitted.predict(case.Xv), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("key", ["lightgbm", "xgboost", "catboost"])
def test_another_number_of_rounds_is_replayed_as_exactly(cases, key, task):
    """The folds agree on one; what was saved before is then replaced."""
    case, fitted = cases(key, task)
    rounds = max(1, fitted.course.best // 2)
    other = fitted.course.model_after(rounds)
    assert rounds in (other.replay.get("num_boost_round"), other.replay.get("iterations"))
    again = case.fit(params=other.replay, validation=False)
    np.testing.assert_allclose(again.predict(case.Xv), other.predict(case.Xv), rtol=1e-9, atol=1e-9)
    assert fitted.course.model_after(fitted.course.best).replay == fitted.replay
