from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import DataConversionWarning
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from automl import AutoMLClassifier, AutoMLRegressor, load_model
from automl.errors import BundleError, DataError, ForetableError, ProblemError
from tests.conftest import customers

SMALL = {"time_limit": 60, "max_candidates": 1, "families": ["linear"], "random_state": 0}
LEADERBOARD = ["rank", "candidate", "family", "state", "metric", "score", "score_std", "fit_seconds",
               "predict_ms_per_row", "reason"]  # fmt: skip


def table(n=200, seed=0):
    frame = customers(n, seed)
    return frame.drop(columns="churn"), frame["churn"]


@pytest.fixture(scope="module")
def fitted():
    X, y = table()
    return AutoMLClassifier(
        time_limit=60, max_candidates=2, families=["linear", "lightgbm"], random_state=0
    ).fit(X, y)


@pytest.fixture(scope="module")
def regressor():
    X, _ = table()
    return AutoMLRegressor(**SMALL).fit(X.drop(columns="spend"), X["spend"])


# --- scikit-learn's conventions ---------------------------------------------------------


def test_constructor_stores_its_arguments_untouched():
    families = ["linear"]
    model = AutoMLClassifier(families=families, time_limit=3, random_state=None)
    assert model.families is families
    assert set(vars(model)) == {
        "preset", "time_limit", "max_candidates", "metric", "families", "memory_limit", "predict_limit", "n_jobs",
        "test_size", "threshold", "recipe", "random_state",
    }  # fmt: skip
    assert model.get_params()["time_limit"] == 3
    assert model.set_params(metric="f1").metric == "f1"
    assert AutoMLRegressor().test_size is None


def test_learned_attributes_end_in_an_underscore(fitted):
    learned = set(vars(fitted)) - set(fitted.get_params())
    assert learned and all(name.endswith("_") for name in learned)
    assert fitted.n_features_in_ == 8
    assert list(fitted.feature_names_in_) == list(table()[0].columns)
    assert list(fitted.leaderboard_.columns) == LEADERBOARD
    assert fitted.leaderboard_["rank"].tolist() == list(range(1, len(fitted.leaderboard_) + 1))


def test_fit_returns_self_and_leaves_its_input(fitted):
    X, y = table(80)
    before, y_before = X.copy(), y.copy()
    model = AutoMLClassifier(**SMALL)
    given = model.get_params()
    assert model.fit(X, y) is model
    assert model.get_params() == given
    pd.testing.assert_frame_equal(X, before)
    pd.testing.assert_series_equal(y, y_before)


def test_clone_and_kind(fitted):
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    assert not hasattr(twin, "bundle_")
    assert is_classifier(fitted) and is_regressor(AutoMLRegressor())
    with pytest.raises(Exception, match="not fitted"):
        twin.predict(table()[0])
    check_is_fitted(fitted)
    assert "AutoMLClassifier(" in repr(fitted)


def test_cross_val_score():
    X, y = table()
    scores = cross_val_score(AutoMLClassifier(**SMALL), X, y, cv=2, scoring="roc_auc")
    assert (scores > 0.7).all()


def test_in_a_pipeline():
    X, y = table()
    pipe = Pipeline([("same", FunctionTransformer()), ("model", AutoMLClassifier(**SMALL))])
    assert pipe.fit(X, y).score(X, y) > 0.7
    assert pipe.predict_proba(X).shape == (200, 2)


def test_random_state_makes_it_repeatable():
    X, y = table(100)
    first, again = (AutoMLClassifier(**SMALL).fit(X, y).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(first, again)


# --- classes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        ([1, 2, 7], np.int32),
        ([0.0, 1.0], np.float64),
        ([False, True], bool),
        ([False, True], "boolean"),
        ([3, 5], "category"),
        (["a", "b"], "string"),
    ],
)
def test_classes_keep_their_type(labels, dtype):
    X, _ = table(90)
    X = X[["calls", "spend"]]
    y = pd.Series(np.array(labels, dtype=object)[np.arange(90) % len(labels)]).astype(dtype)
    model = AutoMLClassifier(**SMALL).fit(X, y)
    assert model.classes_.tolist() == labels
    assert [type(v) for v in model.classes_.tolist()] == [type(v) for v in labels]
    if isinstance(dtype, type):
        assert model.classes_.dtype == dtype
        assert model.predict(X).dtype == dtype
    assert set(model.predict(X).tolist()) <= set(labels)
    assert model.predict_proba(X).shape == (90, len(labels))
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


# --- inputs -----------------------------------------------------------------------------


def test_numpy_input():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4))
    y = (X[:, 1] + 0.2 * rng.normal(size=150) > 0).astype(int)
    model = AutoMLClassifier(**SMALL).fit(X, y)
    assert model.n_features_in_ == 4 and not hasattr(model, "feature_names_in_")
    assert model.score(X, y) > 0.85
    with pytest.warns(DataConversionWarning, match="column-vector"):
        assert model.fit(X.astype(object), y[:, None]).score(X, y) > 0.85
    with pytest.raises(DataError, match="two dimensions"):
        model.predict(X[:, 0])
    with pytest.raises(ValueError, match="X has 3 features, but AutoMLClassifier is expecting 4"):
        model.predict(X[:, 1:])
    named = pd.DataFrame(X, columns=list("abcd"))
    np.testing.assert_array_equal(model.predict(named), model.predict(X))


def test_an_array_is_read_by_position(fitted):
    X, _ = table(30, seed=3)
    np.testing.assert_array_equal(fitted.predict_proba(X.to_numpy()), fitted.predict_proba(X))


def test_what_is_no_table_of_real_values_is_refused():
    X = np.ones((20, 2))
    y = np.arange(20) % 2
    model = AutoMLClassifier(**SMALL)
    for bad, says in [(csr_array(X), "sparse"), (X + 1j, "Complex"), (X[:, :0], r"0 feature\(s\)")]:
        with pytest.raises(ValueError, match=says):
            model.fit(bad, y)
    with pytest.raises(ProblemError, match="1 sample"):
        model.fit(X[:1], y[:1])
    with pytest.raises(ProblemError, match="infinity"):
        model.fit(X, np.where(y == 1, np.inf, 0.0))
    with pytest.raises(ProblemError, match="y has only one class, '1.0'"):
        model.fit(X, np.ones(20))


def test_continuous_values_are_no_classes():
    X, _ = table(60)
    with pytest.raises(ProblemError, match="continuous"):
        AutoMLClassifier(**SMALL).fit(X, np.linspace(0, 1, 60))
    halves = AutoMLClassifier(**SMALL).fit(X, np.arange(60) % 3 / 2)
    assert halves.classes_.tolist() == [0.0, 0.5, 1.0]


def test_columns_of_one_name_are_told_apart():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(150, 3)), columns=["a", "a", "b"])
    y = (X.iloc[:, 1] > 0).astype(int)
    model = AutoMLClassifier(**SMALL).fit(X, y)
    assert model.score(X, y) > 0.85
    assert model.n_features_in_ == 3


def test_tags_say_what_is_accepted():
    tags = get_tags(AutoMLClassifier(max_candidates=1))
    assert tags.input_tags.string and tags.input_tags.allow_nan and not tags.input_tags.sparse
    assert not tags.non_deterministic and get_tags(AutoMLClassifier()).non_deterministic


def test_columns_without_names():
    X, y = table(100)
    X = X.set_axis(range(X.shape[1]), axis=1)
    model = AutoMLClassifier(**SMALL).fit(X, y)
    assert model.score(X, y) > 0.7


def test_y_with_missing_values_and_another_index():
    X, y = table(120)
    y = y.astype(object).set_axis(range(1000, 1120))
    y.iloc[:20] = None
    model = AutoMLClassifier(**SMALL).fit(X, y)
    assert model.classes_.tolist() == ["no", "yes"]
    assert any("20 rows without a value" in n["message"] for n in model.bundle_.ledger)


def test_a_name_of_y_that_is_a_column():
    X, y = table(100)
    model = AutoMLClassifier(**SMALL).fit(X, y.rename("calls"))
    assert model.problem_.target == "calls_"
    assert model.predict(X).shape == (100,)


def test_sample_weight_counts():
    X, _ = table(160)
    X = X[["calls", "spend"]]
    y = np.arange(160) % 2
    heavy = AutoMLClassifier(**SMALL).fit(X, y, sample_weight=np.where(y == 1, 9.0, 1.0))
    assert heavy.predict_proba(X)[:, 1].mean() == pytest.approx(0.9, abs=0.05)


def test_rows_of_no_weight_are_left_out():
    X, y = table(160)
    weight = np.arange(160) % 2
    with_zeros = AutoMLClassifier(**SMALL).fit(X, y, sample_weight=weight)
    without = AutoMLClassifier(**SMALL).fit(X[weight > 0], y[weight > 0], sample_weight=np.ones(80))
    np.testing.assert_array_equal(with_zeros.predict_proba(X), without.predict_proba(X))


@pytest.mark.parametrize("weight", [[1.0] * 5, [-1.0] * 100, [np.nan] * 100, [0.0] * 100])
def test_a_bad_sample_weight_is_refused(weight):
    X, y = table(100)
    with pytest.raises(ProblemError, match="sample_weight"):
        AutoMLClassifier(**SMALL).fit(X, y, sample_weight=weight)


def test_groups_stay_together():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(20), 10)
    X = pd.DataFrame({"person": [f"p{p}" for p in person], "noise": rng.normal(size=200)})
    y = person % 2  # can only be learned by remembering people
    apart = AutoMLClassifier(**SMALL).fit(X, y).leaderboard_["score"].max()
    together = AutoMLClassifier(**SMALL).fit(X, y, groups=person).leaderboard_["score"].max()
    assert together < 0.65 < 0.9 < apart
    with pytest.raises(ProblemError, match="groups"):
        AutoMLClassifier(**SMALL).fit(X, y, groups=person[:7])


def test_test_size_gives_a_test_score(fitted):
    X, y = table()
    held = AutoMLClassifier(**SMALL, test_size=0.3).fit(X, y)
    assert held.bundle_.evaluation["rows_test"] == pytest.approx(60, abs=2)
    assert fitted.bundle_.evaluation is None


def test_metric_is_used():
    X, y = table(100)
    model = AutoMLClassifier(**SMALL, metric="accuracy").fit(X, y)
    assert set(model.leaderboard_["metric"]) == {"accuracy"}


@pytest.mark.parametrize(
    ("options", "says"),
    [({"metric": "acuracy"}, "'accuracy'"), ({"families": ["linaer"]}, "'linear'"), ({"preset": "fast"}, "quick"),
     ({"time_limit": 0}, "above 0"), ({"max_candidates": 0}, "at least 1"), ({"metric": "rmse"}, "rmse")],
)  # fmt: skip
def test_a_wrong_choice_is_named_at_fit(options, says):
    X, y = table(60)
    with pytest.raises(ForetableError, match=says):
        AutoMLClassifier(**{**SMALL, **options}).fit(X, y)


def test_wrong_shapes_are_said():
    X, y = table(60)
    with pytest.raises(ProblemError, match="60 rows"):
        AutoMLClassifier(**SMALL).fit(X, y[:50])
    with pytest.raises(ProblemError, match="requires y"):
        AutoMLClassifier(**SMALL).fit(X, None)
    with pytest.raises(ProblemError, match="y has only one class, '0.0'"):
        AutoMLClassifier(**SMALL).fit(X, np.zeros(60))


# --- regression -------------------------------------------------------------------------


def test_regression(regressor):
    X, _ = table(100, seed=2)
    assert regressor.score(X, X["spend"]) > 0.5
    assert regressor.predict(X).dtype == np.float64
    assert not hasattr(regressor, "classes_") and not hasattr(regressor, "predict_proba")
    assert regressor.leaderboard_["metric"].iloc[0] == regressor.problem_.metric


def test_intervals_and_sets(regressor, fitted):
    X, y = table(200, seed=2)
    bounds = regressor.predict_interval(X)
    assert bounds.shape == (200, 2)
    assert (bounds[:, 0] <= bounds[:, 1]).all()
    assert np.mean((bounds[:, 0] <= X["spend"]) & (X["spend"] <= bounds[:, 1])) > 0.8
    wide = regressor.predict_interval(X, level=0.95)
    assert (wide[:, 1] - wide[:, 0]).mean() > (bounds[:, 1] - bounds[:, 0]).mean()
    inside = fitted.predict_set(X)
    assert inside.shape == (200, 2) and inside.dtype == bool
    held = inside[np.arange(200), np.searchsorted(fitted.classes_, y)].mean()
    assert held > 0.8
    assert (inside | ~fitted.predict_set(X, level=0.8)).all()


def test_regression_of_two_whole_numbers_and_of_amounts():
    X, _ = table(100)
    y = (X["calls"] > 1).astype(int)
    assert AutoMLRegressor(**SMALL).fit(X[["calls", "spend"]], y).predict(X).dtype == float
    amounts = X["spend"].map("${:,.2f}".format)
    model = AutoMLRegressor(**SMALL).fit(X[["calls", "Day Minutes"]], amounts)
    assert np.corrcoef(model.predict(X), X["spend"])[0, 1] > 0.5
    counts = AutoMLRegressor(**SMALL).fit(X[["calls", "spend"]], X["calls"].astype(object))
    assert np.corrcoef(counts.predict(X), X["calls"])[0, 1] > 0.9
    with pytest.raises(ProblemError, match="Use AutoMLClassifier"):
        AutoMLRegressor(**SMALL).fit(X, X["plan"].fillna("none"))


# --- kept -------------------------------------------------------------------------------


def test_pickle_round_trip(fitted):
    X, _ = table(30, seed=3)
    twin = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    np.testing.assert_array_equal(twin.predict_proba(X), fitted.predict_proba(X))
    assert twin.bundle_.folder != fitted.bundle_.folder
    pickle.loads(pickle.dumps(AutoMLClassifier()))  # noqa: S301


def test_save_and_load(fitted, regressor, tmp_path):
    X, _ = table(30, seed=3)
    folder = fitted.save(tmp_path / "deep" / "model")
    loaded = load_model(folder)
    assert isinstance(loaded, AutoMLClassifier)
    np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))
    assert loaded.classes_.tolist() == fitted.classes_.tolist()
    assert loaded.n_features_in_ == fitted.n_features_in_
    pd.testing.assert_frame_equal(loaded.leaderboard_, fitted.leaderboard_)
    with pytest.raises(BundleError, match="exists already"):
        fitted.save(folder)
    other = load_model(regressor.save(tmp_path / "values"))
    assert isinstance(other, AutoMLRegressor)
    np.testing.assert_array_equal(other.predict(X), regressor.predict(X))
    with pytest.raises(BundleError):
        load_model(tmp_path)


def test_a_model_of_the_command_line_is_loaded(churn_bundle):
    model = load_model(churn_bundle.folder)
    X, _ = table(30, seed=3)
    assert model.predict(X).shape == (30,)
    assert model.n_features_in_ == 8


def test_missing_and_shuffled_columns(fitted):
    X, _ = table(30, seed=3)
    np.testing.assert_array_equal(fitted.predict_proba(X[X.columns[::-1]]), fitted.predict_proba(X))
    assert fitted.predict_proba(X.drop(columns=["plan", "calls"])).shape == (30, 2)
