"""Every family on the root of a target: the same contract as on the target itself."""

from __future__ import annotations

import numpy as np
import pytest

from automl.engine.plan import portfolio
from automl.engine.tune import Tuner
from automl.families import USER_FAMILIES, family, target_scale
from automl.metrics import METRICS
from automl.types import Task, Trial, TrialState
from tests.families.test_contract import Case

ROOT = {"target_power": 0.5}


def amounts(n: int = 240, seed: int = 3) -> np.ndarray:
    """Counts whose mean is a product: the more, the wider they scatter."""
    rng = np.random.default_rng(seed)
    case = Case("prior", "regression", n)
    mean = np.exp((case.typed["amount"].to_numpy() - 100) / 20 + 2 * (case.typed["plan"] == "pro").to_numpy())
    return rng.poisson(5 * mean).astype(np.float64)


def fit(case: Case, params=ROOT, metric="rmse", validation=True):
    return target_scale.fit(
        case.family, case.X, case.yt, task="regression", classes=0, params={**case.params, **params},
        validation=(case.Xv, case.yv, None) if validation else None, metric=METRICS[metric],
    )  # fmt: skip


@pytest.mark.parametrize("key", USER_FAMILIES)
def test_every_family_learns_replays_saves_and_stands_in_a_notebook(key, tmp_path):
    case = Case(key, "regression", y=amounts())
    fitted = fit(case)
    p = fitted.predict(case.Xv)
    assert (p >= 0).all()
    assert np.sqrt(np.mean((p - case.yv) ** 2)) < 0.75 * np.std(case.yv)
    assert fitted.replay["target_power"] == 0.5
    again = fit(case, fitted.replay, validation=False)
    np.testing.assert_allclose(again.predict(case.Xv), p, rtol=1e-9)
    fitted.save(tmp_path)
    loaded = target_scale.load(case.family, tmp_path, fitted.replay)
    np.testing.assert_array_equal(loaded.predict(case.Xv), p)
    space: dict = {"np": np}
    exec(compile(case.family.notebook_source(), key, "exec"), space)  # noqa: S102
    replay, own = fitted.replay, target_scale.of_library(fitted.replay)
    model = space[f"fit_{key}"](case.X, target_scale.to_scale(case.yt, replay), "regression", 0, own)
    said = target_scale.from_scale(space[f"predict_{key}"](model, case.Xv, "regression", 0), replay)
    np.testing.assert_allclose(said, p, rtol=1e-9)
    if fitted.course is not None:  # another number of rounds is on the target's scale, too
        other = fitted.course.model_after(max(fitted.course.best // 2, 1))
        assert other.replay["target_power"] == 0.5
        assert np.corrcoef(other.predict(case.Xv), p)[0, 1] > 0.9


def test_without_a_power_nothing_changes():
    case = Case("linear", "regression")
    assert type(fit(case, {})) is type(case.fit())


def test_what_roots_make_too_small_is_put_right_for_the_mean_and_not_for_the_median():
    rng = np.random.default_rng(0)
    y = rng.exponential(10, 4000)  # the square of the mean root is 7.9
    case = Case("linear", "regression", n=4000, y=y)
    means = {metric: fit(case, metric=metric).predict(case.Xv).mean() for metric in ("rmse", "mae")}
    assert 9.4 < means["rmse"] < 10.6
    assert 7.5 < means["mae"] < 8.3


def test_a_factor_is_only_used_where_it_is_sure():
    y = np.array([1.0, 2.0, 3.0, 4.0])
    assert target_scale._factor(y, y * np.array([0.9, 1.1, 0.9, 1.1]), None, METRICS["rmse"]) == 1
    assert target_scale._factor(y, y / 2, None, METRICS["rmse"]) == pytest.approx(2)
    assert target_scale._factor(y, np.zeros(4), None, METRICS["rmse"]) == 1
    assert target_scale._factor(y, y / 2, None, METRICS["mae"]) == 1


def test_poisson_predicts_counts_and_loads_so(tmp_path):
    case = Case("lightgbm", "regression", y=amounts())
    (config,) = case.family.for_amounts(240)
    fitted = case.fit(params=config.params)
    p = fitted.predict(case.Xv)
    assert (p > 0).all()
    assert np.sqrt(np.mean((p - case.yv) ** 2)) < 0.75 * np.std(case.yv)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(case.family.load(tmp_path).predict(case.Xv), p)
    replayed = case.fit(params=fitted.replay, validation=False)
    np.testing.assert_allclose(replayed.predict(case.Xv), p, rtol=1e-9)


def test_amounts_are_known_by_their_tail():
    rng = np.random.default_rng(0)
    assert target_scale.suits_roots(rng.poisson(2, 500).astype(float))
    assert target_scale.suits_roots(rng.lognormal(10, 1, 500))
    assert not target_scale.suits_roots(rng.lognormal(10, 1, 500) - 5_000)  # gains and losses
    assert not target_scale.suits_roots(rng.normal(500, 10, 500))
    assert not target_scale.suits_roots(np.full(10, 3.0))
    assert not target_scale.suits_roots(np.zeros(0))


def test_both_scales_are_raced_and_tuned():
    plain = portfolio(tuple(USER_FAMILIES), Task.REGRESSION, 1000, 10, 0)
    raced = portfolio(tuple(USER_FAMILIES), Task.REGRESSION, 1000, 10, 0, False, True)
    assert not any("target_power" in c.params for c in plain)
    first = slice(0, len(USER_FAMILIES) + 1)
    assert raced[first] == plain[first]  # roots take longer: they come second
    quick = portfolio(tuple(USER_FAMILIES), Task.REGRESSION, 1000, 10, 0, False, True, True)
    assert sum("target_power" in c.params for c in quick[first]) == len(USER_FAMILIES) // 2
    assert sorted(c.name for c in quick) == sorted(c.name for c in raced)
    assert "LightGBM, Poisson" in [c.name for c in raced] and "LightGBM, Poisson" not in [c.name for c in plain]
    for key in USER_FAMILIES:
        own = [c.params for c in raced if c.family == key]
        best = family(key).portfolio("regression", 1000, 10, 0)[0].params
        assert best in own and {**best, **ROOT} in own  # the best default on both scales
    assert len({c.name for c in raced}) == len(raced)
    known = [Trial("LightGBM", "lightgbm", TrialState.COMPLETED, "rmse", score=1.0, order=1)]
    for roots in (False, True):
        tuner = Tuner(Task.REGRESSION, -1, 0, roots)
        asked = [tuner.next(100 + i, known).params.get("target_power", 1) for i in range(12)]
        assert (set(asked) == {1, 0.5, 0.25}) == roots
