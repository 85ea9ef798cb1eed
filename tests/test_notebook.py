"""The notebook does the whole job again without the product, to the same score."""

from __future__ import annotations

import ast
import json
import re
import sys

import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest

from automl import build, bundle
from automl.data.clean import OPS
from automl.data.read import read_with_report
from automl.families import family
from automl.families.base import Config
from automl.types import TargetReading, replace
from tests.conftest import a_spec, customers


def made(folder, frame, target, switch_on=(), more=(), **options):
    """A model from a CSV file; `more` are steps of the recipe after the proposed ones."""
    folder.mkdir()
    frame.to_csv(folder / "data.csv", index=False)
    table, report = read_with_report(folder / "data.csv")
    spec = a_spec(table, target, **options)
    steps = tuple(replace(s, enabled=s.enabled or s.op in switch_on) for s in spec.recipe.steps)
    spec = replace(spec, recipe=replace(spec.recipe, steps=(*steps, *more)))
    sealed = build.fit(
        table, spec, target=folder / "bundle", scratch=folder / "work",
        source=build.Source(str(folder / "data.csv"), report),
    )  # fmt: skip
    return bundle.load(sealed)


def binary(folder):
    frame = customers(300)
    frame = pd.concat([frame, frame.iloc[[3, 5]]])  # duplicates, which the recipe takes out
    frame.loc[:19, "churn"] = None
    return made(
        folder, frame, "churn", switch_on=("impute", "clip_outliers"), metric="accuracy", threshold=0.3
    )


def multiclass(folder):
    """With a target whose gaps and rare labels are read as labels, and columns that tell little kept."""
    frame = customers(240).drop(columns=["last note", "churn"])
    frame["grade"] = np.select([frame["calls"] > 2, frame["spend"] > 55], ["a", "b"], "c")
    frame["paid"] = [f"€ {v:,.2f}" for v in np.exp(frame["spend"] / 10)]
    frame.loc[:30, "grade"], frame.loc[31:36, "grade"] = None, ["d", "e", "e", "f", "g", "g"]
    frame["void"] = np.nan
    reading = TargetReading(missing="(missing)", least_rows=10, rare="other")
    again = frame.tail(30).assign(plan=frame["plan"].str.upper())  # cases that were entered twice
    near = OPS["drop_near_duplicates"].new(("plan", "calls", "spend"))
    return made(folder, pd.concat([frame, again]), "grade", more=(near,), families=("linear",), candidates=1,
                reading=reading, kept=("country", "customer_id", "void"))  # fmt: skip


def amounts(folder):
    """With a recipe of every sort: columns renamed and computed, rows filtered, outliers removed in the folds."""
    frame = customers(240).drop(columns=["last note"])
    frame["spend"] = [f"${np.exp(v / 12) * 40:,.2f}" for v in frame["spend"]]  # a long tail
    frame.loc[:6, "spend"] = None
    more = (
        OPS["replace"].new(("plan",), pairs=[["team", "pro"]]),
        OPS["rename"].new(names={"Day Minutes": "minutes"}),
        OPS["formula"].new(name="hours", formula="round(minutes / 60, 1) + if(plan = 'pro', 1, 0)"),
        OPS["date_parts"].new(("since",), parts=["month"], drop=True),
        OPS["filter_rows"].new(conditions=[{"column": "hours", "test": "at most", "value": 5}]),
        OPS["remove_outliers"].new(("minutes", "calls"), method="forest", share=5.0),
        OPS["group_rare"].new(("plan",), share=20.0),
        OPS["impute"].new(("minutes",), numeric="mean", indicator=True),
    )
    with pytest.MonkeyPatch.context() as patch:
        chosen = [Config("Root", {"target_power": 0.5, "learning_rate": 0.1, "num_leaves": 7})]
        patch.setattr(family("lightgbm"), "portfolio", lambda *_: chosen)
        return made(folder, frame, "spend", more=more, families=("lightgbm",), candidates=1, metric="mae",
                    reading=TargetReading(missing="0"))  # fmt: skip


def rich(folder):
    """Features that look at the target: cross-fitted for the rows that a member learned from."""
    frame = customers(300).drop(columns=["country"])
    town = np.random.default_rng(0).integers(0, 40, len(frame))
    frame["town"], frame["churn"] = [f"town {t}" for t in town], np.where(town % 3 > 0, frame["churn"], "yes")
    with pytest.MonkeyPatch.context() as patch:
        chosen = [Config("Rich", {"features": "rich", "learning_rate": 0.1, "num_leaves": 7})]
        patch.setattr(family("lightgbm"), "portfolio", lambda *_: chosen)
        return made(folder, frame, "churn", families=("lightgbm",), candidates=1)


@pytest.fixture(scope="module", params=[binary, multiclass, amounts, rich], ids=lambda f: f.__name__)
def model(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp("notebook") / request.param.__name__)


def code_cells(model):
    book = nbformat.read(model.notebook, as_version=4)
    nbformat.validate(book)
    return [c.source for c in book.cells if c.cell_type == "code"]


def run(book, folder, monkeypatch):
    """Execute in a fresh kernel that can't see the product."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    check = nbformat.v4.new_code_cell(
        "import importlib.util, json\n"
        "print(json.dumps({'product': importlib.util.find_spec('automl') is not None, 'score': float(score)}))"
    )
    warnings = nbformat.v4.new_code_cell("import warnings\nwarnings.simplefilter('error')")
    book.cells = [warnings, *book.cells, check]
    client = nbclient.NotebookClient(
        book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return json.loads(book.cells[-1].outputs[0].text), book


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_it_gives_the_same_score_without_the_product(model, tmp_path, monkeypatch):
    book = nbformat.read(model.notebook, as_version=4)
    found, book = run(book, tmp_path, monkeypatch)
    assert found["product"] is False
    assert found["score"] == pytest.approx(model.evaluation["score"], abs=1e-6)
    last = book.cells[-2].outputs[-1]["data"]["text/html"]
    assert "prediction" in last
    kind = "prediction_set" if model.spec.problem.has_probabilities else "prediction_high"
    assert kind in last


def test_members_and_weights_are_all_there(model):
    text = "\n".join(code_cells(model))
    members = model.model.document.members
    if len(model.spec.families) > 1:
        assert len({m.candidate for m in members}) >= 2
    assert text.count("'replay'") == len(members)
    assert sum(float(w) for w in re.findall(r"'weight': ([0-9.e-]+)", text)) == pytest.approx(1)


def test_it_imports_nothing_of_the_product(model):
    allowed = {"numpy", "pandas", "scipy", "sklearn", "lightgbm", "threadpoolctl"}
    for source in code_cells(model):
        for node in ast.walk(ast.parse(source)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                assert name.split(".")[0] in allowed | set(sys.stdlib_module_names), name
        assert "automl" not in source


def test_no_name_is_defined_twice(model):
    seen = set()
    for source in code_cells(model):
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert node.name not in seen, node.name
                seen.add(node.name)
    text = "\n".join(code_cells(model))
    given = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    assert not given & seen  # no value takes the name of a function that is called later
    constants = re.findall(r"^([A-Z_]{2,}) =", text, re.MULTILINE)
    assert len(set(constants)) == len(constants)
    assert ("kept_for_training" in text) == ("rows_to_learn_from" in text)


def test_it_says_what_it_is(model):
    book = nbformat.read(model.notebook, as_version=4)
    assert model.spec.problem.target in book.cells[0].source
    assert model.evaluation["sentence"] in book.cells[0].source
    assert all(c.cell_type == "code" or c.source.startswith("#") for c in book.cells)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    frame = customers(120)
    first = made(tmp_path / "a", frame, "churn", families=("linear",), candidates=1)
    again = made(tmp_path / "b", frame, "churn", families=("linear",), candidates=1)
    text = first.notebook.read_text().replace(str(tmp_path / "a"), str(tmp_path / "b"))
    assert text == again.notebook.read_text()
