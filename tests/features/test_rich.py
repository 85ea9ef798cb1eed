from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.features import rich
from automl.features.pipeline import Needs, TableFeatures
from automl.features.rich import MAX_RICH, days_between, holds_numbers, text_shape, time_of_day
from automl.features.state import load_state, save_state
from automl.metrics import METRICS

KINDS = {"a": "numeric", "b": "numeric", "town": "categorical", "size": "categorical", "plan": "categorical",
         "flag": "boolean", "start": "datetime", "end": "datetime", "note": "text"}  # fmt: skip
TREES, DENSE = Needs(rich=True), Needs(categories="onehot", scale=True, impute=True, rich=True)


def words(values):
    return pd.Series(np.array([*values, None], dtype=object)[:-1], dtype=object)


def table(n=900, seed=0):
    rng = np.random.default_rng(seed)
    town = rng.integers(0, 60, n)
    a, b = np.exp(rng.normal(0, 1, (2, n)))
    start = pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 9e6, n), unit="s")
    typed = pd.DataFrame(
        {
            "a": np.where(rng.random(n) < 0.05, np.nan, a),
            "b": b,
            "town": words([f"t{v}" if v else None for v in town]),
            "size": words([f"{v} kg" for v in rng.integers(1, 30, n)]),
            "plan": words(np.array(["x", "y", "z"], dtype=object)[rng.integers(0, 3, n)]),
            "flag": words(np.array(["yes", "no"], dtype=object)[rng.integers(0, 2, n)]),
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "note": words(["two words", "1 2 3", None, "ab12"][i] for i in rng.integers(0, 4, n)),
        }
    )
    score = (
        3 * np.sin(3 * np.log(a / b)) + np.sin(town) * 2 + ((typed["plan"] == "x") ^ (typed["flag"] == "yes"))
    )
    return typed, (score + rng.normal(0, 0.3, n)).to_numpy()


def target(score, task):
    if task == "regression":
        return score
    edges = [0.5] if task == "binary" else [-3, -1, 0.5, 1.5, 3]
    return np.searchsorted(edges, score)


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression"])
def fitted(request):
    typed, score = table()
    y = target(score, request.param)
    block = TableFeatures(TREES, KINDS)
    made = block.fit_transform(
        typed, y, task=request.param, classes=0 if request.param == "regression" else 6
    )
    return block, made, typed, request.param


def test_names_shapes_and_the_most_columns(fitted):
    block, made, typed, task = fitted
    plain = TableFeatures(Needs(), KINDS).fit(typed).transform(typed)
    assert set(plain.names) < set(made.names)
    assert len(set(made.names)) == len(made.names) == made.matrix.shape[1]
    assert 8 < len(made.names) - len(plain.names) <= MAX_RICH == TREES.more
    assert Needs().more == 0
    expected = {"town count", "size count", "size number", "a over b", "note length", "note words", "note digits",
                "start minus end in days", "start time sin", "start time cos", "end time sin"}  # fmt: skip
    assert expected <= set(made.names)
    outcome = "town outcome 1" if task == "multiclass" else "town outcome"
    assert outcome in made.names
    assert [made.names[i] for i in made.categorical] == ["town", "size", "plan", "flag"]


def test_state_comes_back_and_rows_alone_are_as_in_a_batch(fitted, tmp_path):
    block, made, typed, _ = fitted
    odd, _ = table(12, seed=5)
    odd.loc[0, ["town", "size", "plan", "flag", "note"]] = None
    odd.loc[1, "town"], odd.loc[1, "size"], odd.loc[2, "size"] = "never seen", "77 kg", "no idea"
    odd.loc[3, ["a", "b"]] = [np.nan, 0.0]
    odd.loc[4, ["start", "end"]] = pd.NaT
    odd = odd.astype(dict.fromkeys(("town", "size", "plan", "flag", "note"), object))
    odd = odd.where(odd.notna(), None).astype({"a": float, "b": float, "start": "M8[ns]", "end": "M8[ns]"})
    found = block.transform(odd)
    assert found.names == made.names
    for name in ("a", "b"):
        save_state(tmp_path / name, *block.state())
    for file in ("features.json", "features.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    again = TableFeatures.from_state(*load_state(tmp_path / "a"))
    np.testing.assert_array_equal(again.transform(odd).matrix, found.matrix)
    for i in range(len(odd)):
        np.testing.assert_array_equal(again.transform(odd.iloc[[i]]).matrix[0], found.matrix[i])
    assert found.matrix[1, found.names.index("size number")] == 77
    assert np.isnan(found.matrix[2, found.names.index("size number")])
    assert np.isnan(found.matrix[4, found.names.index("start minus end in days")])
    assert block.transform(odd.iloc[:0]).matrix.shape == (0, len(found.names))


def test_many_rows_are_read_as_few_are(fitted):
    block, _, typed, _ = fitted
    batch = block.transform(typed).matrix
    np.testing.assert_array_equal(block.transform(typed.iloc[40:45]).matrix, batch[40:45])


def test_same_rows_same_bits():
    typed, score = table(300)
    first, again = (TableFeatures(TREES, KINDS).fit_transform(typed, score).matrix for _ in "ab")
    np.testing.assert_array_equal(first, again)


def test_models_that_need_scaled_numbers_get_them():
    typed, score = table(900)
    made = TableFeatures(DENSE, KINDS).fit_transform(typed, score)
    at = [i for i, n in enumerate(made.names) if n in ("town outcome", "size number", "a over b")]
    assert len(at) == 3 and np.isfinite(made.matrix).all()
    np.testing.assert_allclose(made.matrix[:, at].mean(axis=0), 0, atol=0.1)


def test_a_rows_own_target_is_in_none_of_its_features():
    """Another target of one row changes the encodings of other rows, and not its own."""
    typed, score = table(900)
    y = target(score, "binary")
    block = TableFeatures(TREES, KINDS)
    before = block.fit_transform(typed, y, task="binary", classes=2)
    at = [i for i, n in enumerate(before.names) if "outcome" in n]
    assert at
    for i in (3, 50, 399):
        changed = y.copy()
        changed[i] = 1 - changed[i]
        after = TableFeatures(TREES, KINDS).fit_transform(typed, changed, task="binary", classes=2)
        assert after.names == before.names
        np.testing.assert_array_equal(after.matrix[i], before.matrix[i])
        assert (after.matrix[:, at] != before.matrix[:, at]).any()


def test_a_shuffled_target_teaches_nothing(monkeypatch):
    """One value in two rows: what an encoding with the row's own target in it would remember best."""
    import lightgbm

    rng = np.random.default_rng(0)
    typed = pd.DataFrame({"who": words([f"w{i}" for i in rng.integers(0, 1500, 3000)])})
    y, cut = rng.integers(0, 2, 3000), 2000
    kinds = {"who": "categorical"}
    made = TableFeatures(TREES, kinds).fit_transform(typed.iloc[:cut], y[:cut], task="binary", classes=2)
    assert "who outcome" not in made.names  # what says nothing is not encoded …
    monkeypatch.setattr(rich, "CHANCE", -99.0)  # … and if it were
    block = TableFeatures(TREES, kinds)
    train = block.fit_transform(typed.iloc[:cut], y[:cut], task="binary", classes=2)
    valid = block.transform(typed.iloc[cut:])
    assert "who outcome" in train.names
    at = train.names.index("who outcome")
    values = train.matrix[:, at].astype(float)
    auc = METRICS["roc_auc"].score(y[:cut], np.column_stack([1 - values, values]))
    assert auc < 0.55
    data = lightgbm.Dataset(train.matrix[:, [at]], y[:cut])
    model = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 50)
    p = model.predict(valid.matrix[:, [at]])
    assert abs(METRICS["roc_auc"].score(y[cut:], np.column_stack([1 - p, p])) - 0.5) < 0.05


def test_encodings_help_where_values_are_many():
    rng = np.random.default_rng(0)
    who = rng.integers(0, 400, 4000)
    typed = pd.DataFrame({"who": words([f"w{i}" for i in who])})
    y = rng.normal(0, 1, 400)[who] + rng.normal(0, 0.5, 4000)
    block = TableFeatures(TREES, {"who": "categorical"}).fit(typed.iloc[:3000], y[:3000])
    valid = block.transform(typed.iloc[3000:])
    assert np.corrcoef(valid.matrix[:, valid.names.index("who outcome")], y[3000:])[0, 1] > 0.8


def test_numbers_are_names_where_their_order_says_less():
    rng = np.random.default_rng(0)
    shop, year = rng.integers(1000, 1200, 6000), rng.integers(1950, 2020, 6000)
    typed = pd.DataFrame({"shop": shop.astype(float), "year": year.astype(float)})
    y = rng.normal(0, 1, 1200)[shop] + (year - 1985) / 20 + rng.normal(0, 1, 6000)
    made = TableFeatures(TREES, {"shop": "numeric", "year": "numeric"}).fit_transform(typed, y)
    assert {"shop outcome", "shop count"} <= set(made.names)
    assert not {"year outcome", "year count"} & set(made.names)


def test_weights_count():
    typed, score = table(900)
    weight = np.r_[np.ones(450), np.zeros(450)]
    spoiled = np.r_[score[:450], score[450:] * 2]
    first, again = (
        TableFeatures(TREES, KINDS).fit(typed, s, sample_weight=weight).rich.means[0]
        for s in (score, spoiled)
    )
    np.testing.assert_allclose(first.prior, again.prior)


def test_tables_with_little_in_them():
    for kinds in ({"n": "numeric"}, {"w": "categorical"}, {"t": "text"}, {"d": "datetime"}):
        frame = pd.DataFrame({"n": [np.nan] * 9, "w": words([None] * 9), "t": words([None] * 9)})
        frame["d"] = pd.Series([pd.NaT] * 9).astype("M8[ns]")
        made = TableFeatures(TREES, kinds).fit_transform(frame, np.arange(9.0))
        assert made.matrix.shape == (9, len(made.names))
        assert not np.isinf(made.matrix).any()


def test_very_many_columns_stay_within_the_most(monkeypatch):
    rng = np.random.default_rng(0)
    typed = pd.DataFrame(
        {f"w{i}": words([f"{v} of {i}" for v in rng.integers(0, 20, 300)]) for i in range(40)}
        | {f"n{i}": rng.normal(size=300) for i in range(40)}
        | {f"t{i}": words(["a b"] * 300) for i in range(4)}
        | {f"d{i}": pd.to_datetime("2024-01-01 10:00") for i in range(5)}
    )
    kinds = {c: {"w": "categorical", "n": "numeric", "t": "text", "d": "datetime"}[c[0]] for c in typed}
    y = rng.integers(0, 5, 300)
    plain = TableFeatures(Needs(), kinds).fit_transform(typed).matrix.shape[1]
    wide = TableFeatures(TREES, kinds).fit_transform(typed, y, task="multiclass", classes=5).matrix.shape[1]
    assert 20 < wide - plain <= MAX_RICH


def test_what_is_read_of_words_texts_and_times():
    assert holds_numbers(["$1,200", "3.5 kg", "A12", "7"])
    assert not holds_numbers(["1 of 2", "3 of 4", "5 of 6"])
    assert not holds_numbers(["1 kg", "1 g", "1 t"]) and not holds_numbers([])
    assert text_shape(np.array(["ab 12", None], dtype=object)).tolist() == [[5, 2, 0.4], [0, 0, 0]]
    times = np.array(["2024-01-01T06:00", "2024-01-02T00:00", "NaT"], dtype="M8[ns]")
    np.testing.assert_allclose(time_of_day(times), [[1, 0], [0, 1], [np.nan, np.nan]], atol=1e-12)
    np.testing.assert_array_equal(days_between(times, times[::-1]), [np.nan, 0, np.nan])
    assert rich.has_time_of_day(times) and not rich.has_time_of_day(times[1:])
