from __future__ import annotations

import ast
import inspect

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from automl.families import FAMILIES, family
from automl.features import notebook_modules
from automl.features.pipeline import Needs, TableFeatures
from automl.features.state import load_state, save_state
from automl.features.typed import to_typed
from tests.conftest import customers

KINDS = {"Day Minutes": "numeric", "plan": "categorical", "calls": "numeric", "since": "datetime", "last note": "text",
         "country": "categorical", "spend": "numeric", "customer_id": "identifier"}  # fmt: skip
NEEDS = {
    "linear": Needs(categories="onehot", scale=True, impute=True, text="tfidf", sparse=True),
    "dense": Needs(categories="onehot", scale=True, impute=True, text="svd"),
    "trees": Needs(categories="codes"),
    "nothing": Needs(nothing=True),
}
LEARNED = [
    {"op": "clip_outliers", "columns": ["spend"], "factor": 1.5},
    {"op": "group_rare", "columns": ["plan"], "share": 5.0, "name": "Other"},
    {"op": "impute", "columns": ["plan", "spend", "Day Minutes"], "indicator": True},
]


def dense(features):
    return features.matrix.toarray() if sparse.issparse(features.matrix) else features.matrix


@pytest.fixture(scope="module")
def train():
    return to_typed(customers(200), KINDS)


@pytest.fixture(scope="module")
def odd():
    """Rows with everything that training rows have not."""
    frame = customers(12, seed=4).astype({"plan": object, "last note": object})
    frame.loc[0, "plan"] = "never seen"
    frame.loc[1, ["plan", "last note", "country"]] = None
    frame.loc[2, ["Day Minutes", "spend"]] = np.nan
    frame.loc[3, "since"] = pd.NaT
    frame.loc[4, "spend"] = 1e30
    frame.loc[5, "last note"] = "!!"
    frame["country"] = frame["country"].mask(frame.index == 6, "DE")
    return to_typed(frame, KINDS)


@pytest.mark.parametrize("learned", [[], LEARNED], ids=["plain", "learned steps"])
@pytest.mark.parametrize("name", NEEDS)
def test_shape_names_state_and_rows_alone(train, odd, tmp_path, name, learned):
    table = TableFeatures(NEEDS[name], KINDS, learned=learned).fit(train)
    found = table.transform(odd)
    matrix = dense(found)
    assert matrix.dtype == np.float32
    assert matrix.shape == (12, len(found.names))
    assert len(set(found.names)) == len(found.names)
    assert sparse.issparse(found.matrix) == NEEDS[name].sparse
    if NEEDS[name].impute:
        assert np.isfinite(matrix).all()
    save_state(tmp_path / "f", *table.state())
    again = TableFeatures.from_state(*load_state(tmp_path / "f")).transform(odd)
    np.testing.assert_array_equal(dense(again), matrix)
    assert (again.names, again.categorical) == (found.names, found.categorical)
    for i in range(len(odd)):
        np.testing.assert_array_equal(dense(table.transform(odd.iloc[[i]]))[0], matrix[i])
    assert table.transform(odd.iloc[:0]).matrix.shape == (0, matrix.shape[1])


def test_codes_for_trees(train, odd):
    found = TableFeatures(NEEDS["trees"], KINDS).fit(train).transform(odd)
    plan = found.names.index("plan")
    assert [found.names[i] for i in found.categorical] == ["plan", "country"]
    assert found.matrix[0, plan] == 3 and found.matrix[1, plan] == -1
    assert np.isnan(found.matrix[2, found.names.index("spend")])
    assert np.isnan(found.matrix[3, found.names.index("since days")])


def test_one_hot(train, odd):
    found = TableFeatures(NEEDS["dense"], KINDS).fit(train).transform(odd)
    plan = [i for i, n in enumerate(found.names) if n.startswith("plan = ")]
    assert len(plan) == 4
    assert found.matrix[0, found.names.index("plan = other")] == 1
    assert found.matrix[1, plan].sum() == 0


def test_learned_steps_see_training_rows_only(train, odd):
    table = TableFeatures(NEEDS["trees"], KINDS, learned=LEARNED).fit(train)
    found = table.transform(odd)
    limits = table.steps[0].limits["spend"]
    high = limits[1]
    assert found.matrix[4, found.names.index("spend")] == np.float32(high)
    median = np.median(np.clip(train["spend"], *limits))
    assert found.matrix[2, found.names.index("spend")] == np.float32(median)


def test_columns_without_a_value_and_constants():
    frame = pd.DataFrame(
        {"n": [np.nan] * 4, "w": [None] * 4, "t": [None] * 4, "d": pd.to_datetime([None] * 4), "c": 1.0}
    )
    kinds = {"n": "numeric", "w": "categorical", "t": "text", "d": "datetime", "c": "numeric"}
    typed = to_typed(frame, kinds)
    for name in ("linear", "dense"):
        assert np.isfinite(dense(TableFeatures(NEEDS[name], kinds).fit(typed).transform(typed))).all()
    assert TableFeatures(NEEDS["trees"], kinds).fit(typed).transform(typed).matrix.shape[0] == 4


@pytest.mark.parametrize("name", ["linear", "dense", "trees"])
def test_a_table_that_says_nothing_still_has_a_column(name):
    typed = to_typed(pd.DataFrame({"t": [None, "", "!"]}), {"t": "text"})
    found = TableFeatures(NEEDS[name], {"t": "text"}).fit(typed).transform(typed)
    assert dense(found).tolist() == [[0], [0], [0]] and found.names == ("nothing",)


@pytest.mark.parametrize("name", ["linear", "dense", "trees"])
@pytest.mark.parametrize("at", ["training", "prediction"])
def test_numbers_past_what_a_float32_holds(name, at):
    wild = pd.DataFrame({"n": [1e300, -1e300, 1e39, 0.0, 1.0, np.nan]})
    tame = pd.DataFrame({"n": [1.0, 2.0, 3.0, np.nan]})
    table = TableFeatures(NEEDS[name], {"n": "numeric"}).fit(wild if at == "training" else tame)
    assert not np.isinf(dense(table.transform(wild))).any()


@pytest.mark.parametrize("name", ["linear", "dense", "trees"])
def test_very_many_values(tmp_path, name):
    values = np.array([f"v{i % 1500 if i % 3 else 0}" for i in range(4000)], dtype=object)
    typed = pd.DataFrame({"town": pd.Series(values, dtype=object)})
    table = TableFeatures(NEEDS[name], {"town": "categorical"}).fit(typed)
    found = table.transform(typed.iloc[:50])
    assert "town frequency" in found.names and found.matrix.shape[1] == len(found.names)
    save_state(tmp_path, *table.state())
    again = TableFeatures.from_state(*load_state(tmp_path)).transform(typed.iloc[:50])
    np.testing.assert_array_equal(dense(again), dense(found))
    np.testing.assert_array_equal(dense(table.transform(typed.iloc[[7]]))[0], dense(found)[7])


def test_the_number_of_threads_changes_no_bit_of_text():
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(200)])
    typed = pd.DataFrame({"t": pd.Series([" ".join(rng.choice(words, 9)) for _ in range(900)], dtype=object)})
    got = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            got.append(TableFeatures(NEEDS["trees"], {"t": "text"}).fit(typed).transform(typed).matrix)
    np.testing.assert_array_equal(*got)


def test_column_order_of_the_table_does_not_matter(train, odd):
    table = TableFeatures(NEEDS["trees"], KINDS).fit(train)
    np.testing.assert_array_equal(table.transform(odd[odd.columns[::-1]]).matrix, table.transform(odd).matrix)


def test_same_state_same_bytes(train, tmp_path):
    for name in "ab":
        save_state(tmp_path / name, *TableFeatures(NEEDS["linear"], KINDS).fit(train).state())
    for file in ("features.json", "features.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_families_with_the_same_needs_share_a_key():
    needs = [
        family(key).needs_for(p) for key in FAMILIES for p in ({}, {"features": "rich"}) if key != "prior"
    ]
    assert all((a == b) == (a.key == b.key) for a in needs for b in needs)


def test_modules_can_stand_in_one_notebook():
    names: dict[str, str] = {}
    for module in notebook_modules():
        for node in ast.parse(inspect.getsource(module)).body:
            found = (
                [node.name]
                if isinstance(node, ast.FunctionDef | ast.ClassDef)
                else [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
            )
            for name in found:
                assert names.setdefault(name, module.__name__) == module.__name__, name


def test_source_in_one_namespace_gives_the_same_features(train, odd):
    """As in a notebook: what this package's modules import of each other is left out."""
    space: dict = {}
    for module in notebook_modules():
        assert "automl" not in inspect.getsource(module).replace("from automl.features.", "")
        tree = ast.parse(inspect.getsource(module))
        tree.body = [
            node
            for node in tree.body
            if not (
                isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("automl", "__future__")
            )
        ]
        exec(compile(tree, module.__name__, "exec"), space)
    for needs in NEEDS.values():
        table = space["TableFeatures"](space["Needs"](**vars(needs)), KINDS, learned=LEARNED).fit(train)
        expected = TableFeatures(needs, KINDS, learned=LEARNED).fit(train).transform(odd)
        np.testing.assert_array_equal(dense(table.transform(odd)), dense(expected))
