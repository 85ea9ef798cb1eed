"""A model of a joined table: it joins new rows by itself, and its notebook joins the tables without us."""

from __future__ import annotations

import json
import shutil
import sys

import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest

from automl import build, bundle, load_model, predict
from automl.__main__ import main
from automl.data import carried
from automl.data.join import replay
from automl.data.joined import keep, loader
from automl.data.profile import profile
from automl.data.read import read_table
from automl.store import Workspace
from automl.types import JoinKey, JoinPlan, JoinStep, ReadReport, replace
from tests.conftest import a_spec

FLIGHTS = pd.DataFrame(
    {
        "tail": [f"{i % 40:03d}" for i in range(400)],
        "day": pd.date_range("2024-01-01", periods=20, freq="D")[np.arange(400) % 20],
        "dist": np.random.default_rng(0).normal(500, 100, 400).round(1),
    }
)
PLANES = pd.DataFrame({"tail": range(38), "seats": np.arange(38) * 5.0, "maker": ["A", "B"] * 19, "dist": 1.0})
RAIN = pd.DataFrame(
    {"when": pd.date_range("2024-01-01 06:00", periods=40, freq="12h"), "rain": np.arange(40) % 7 * 1.0}
)
STEPS = (
    JoinStep("", "planes", (JoinKey("tail", "tail", "number"),), columns={"seats": "seats", "maker": "maker", "dist": "dist_planes"}),
    JoinStep("", "rain", (JoinKey("day", "when", "day"),), columns={"rain": "rain"}, repeats="mean"),
)


def base():
    seats = pd.to_numeric(FLIGHTS["tail"]).map(PLANES.set_index("tail")["seats"]).fillna(50)
    return FLIGHTS.assign(late=np.where(seats + FLIGHTS["dist"] / 10 > 140, "yes", "no"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace with three tables, joined, and a model of the result."""
    home = tmp_path_factory.mktemp("joined")
    workspace = Workspace(home / "home")
    ids = [
        workspace.add_dataset(frame, name=name, report=ReadReport("frame"), columns=profile(frame)).id
        for name, frame in (("flights", base()), ("planes", PLANES), ("rain", RAIN))
    ]
    plan = JoinPlan(ids[0], "flights", tuple(replace(s, table=i) for s, i in zip(STEPS, ids[1:], strict=True)))
    dataset = keep(workspace, plan, name="all")
    frame = workspace.frame(dataset.id)
    spec = replace(
        a_spec(frame, "late", families=("linear",), candidates=1), dataset=dataset.id, columns=dataset.columns
    )
    (home / "build").mkdir()
    sealed = build.run(spec, lambda event: None, lambda: None, workspace=workspace, out=home / "build")
    yield workspace, plan, bundle.load(sealed), frame
    workspace.close()


def test_base_rows_are_joined_by_the_model_as_by_hand(made, tmp_path):
    workspace, plan, model, joined = made
    alone = shutil.copytree(model.folder, tmp_path / "elsewhere")  # it works without the workspace
    model = bundle.load(alone)
    by_hand, _ = replay(plan, loader(workspace))
    pd.testing.assert_frame_equal(by_hand, joined)
    rows = base().drop(columns="late")
    done = predict.predict_frame(model, rows)
    expected = predict.predict_frame(model, joined.drop(columns="late"))
    np.testing.assert_array_equal(done.values, expected.values)
    said = " ".join(n.message for n in done.repairs)
    assert "Joined with 'planes' on 'tail', as in training: 95.0 % of the rows found a partner." in said
    assert "Joined with 'rain'" in said
    assert "Joined with" not in " ".join(n.message for n in expected.repairs)
    assert list(done.table.columns[:3]) == ["tail", "day", "dist"]
    assert "seats" not in done.table
    # from Python, in another order and case, dates as text
    other = pd.DataFrame({"DIST": rows["dist"], "Tail": rows["tail"], "day": rows["day"].astype("str")})
    np.testing.assert_array_equal(load_model(alone).predict_proba(other), expected.values)
    one = predict.predict_one(model, {"tail": "007", "day": "2024-01-03", "dist": 480.0})
    again = predict.predict_frame(model, pd.DataFrame({"tail": ["007"], "day": ["2024-01-03"], "dist": [480.0]}))
    assert one["probabilities"]["yes"] == again.values[0, 1]


def test_without_its_key_nothing_is_brought_along_and_it_says_so(made):
    model = made[2]
    done = predict.predict_frame(model, base().drop(columns=["late", "tail"]).assign(seats=5.0, maker="A"))
    assert "Joined with 'planes'" not in " ".join(n.message for n in done.repairs)  # it is joined already
    done = predict.predict_frame(model, base().drop(columns=["late", "day"]))
    said = " ".join(n.message for n in done.repairs)
    assert "Nothing was brought along from 'rain': its key 'day' is not in the table." in said
    assert "'rain'" in said
    assert len(done.table) == 400


def test_what_travels_is_small_and_said(made, tmp_path, monkeypatch):
    workspace, plan, model, joined = made
    assert sorted(p.name for p in (model.folder / "joined").iterdir()) == ["0.parquet", "1.parquet", "plan.json"]
    assert "joined_carried" in [n["code"] for n in model.ledger]
    assert len(model.joins.tables[1]) == 20  # a row a day: averaged before it travels
    monkeypatch.setattr(carried, "MOST_BYTES", 100)
    note = carried.pack(tmp_path, plan, loader(workspace), ["seats"], list(joined.columns))
    assert "too large to travel" in note.message
    assert not (tmp_path / "joined").exists()
    note = carried.pack(tmp_path, plan, loader(workspace), ["dist"], list(joined.columns))
    assert note.code == "joined_unused"


def test_the_notebook_joins_the_tables_itself(made, tmp_path):
    _, _, model, _ = made
    book = nbformat.read(model.notebook, as_version=4)
    source = "\n".join(c.source for c in book.cells if c.cell_type == "code")
    assert "automl" not in source
    assert "table = merge_tables(" in source
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    text = "".join(o.get("text", "") for c in book.cells for o in c.get("outputs", []))
    score = float(text.split("The build said")[1].split("difference")[1].split()[0])
    assert score < 1e-9
    assert sys.version_info >= (3, 11)


def test_from_the_shell(tmp_path, capsys):
    base().to_csv(tmp_path / "flights.csv", index=False)
    PLANES.to_csv(tmp_path / "planes.csv", index=False)
    files = [str(tmp_path / f"{n}.csv") for n in ("flights", "planes")]
    steps, out, model = (str(tmp_path / n) for n in ("steps.json", "joined.csv", "model"))
    assert main(["join", *files, "--on", "tail", "--as", "number", "--save-steps", steps, "--out", out]) == 0
    order = ["train", files[0], "--join", steps, "--target", "late", "--families", "linear", "--max-candidates", "1"]
    assert main([*order, "--out", model]) == 0
    base().drop(columns="late").to_csv(tmp_path / "new.csv", index=False)
    capsys.readouterr()
    assert main(["predict", model, str(tmp_path / "new.csv"), "--out", str(tmp_path / "a.csv")]) == 0
    assert "Joined with 'the right table' on 'tail'" in capsys.readouterr().out
    assert main(["predict", model, out, "--out", str(tmp_path / "b.csv")]) == 0
    one, two = read_table(tmp_path / "a.csv"), read_table(tmp_path / "b.csv")
    assert one["probability_yes"].tolist() == two["probability_yes"].tolist()
    source = json.loads((tmp_path / "model" / "notebook.ipynb").read_text("utf-8"))
    assert "planes.csv" in json.dumps(source)
