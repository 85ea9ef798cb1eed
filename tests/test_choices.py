from __future__ import annotations

import json
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest

from automl import additions, bundle, choices, notebook
from automl.choices import Choices, Payoff
from automl.errors import BundleError, PredictionError
from automl.predict import predict_frame, predict_one
from automl.types import Problem, Task


@pytest.fixture
def model(churn_bundle, tmp_path):
    return shutil.copytree(churn_bundle.folder, tmp_path / "model")


def chosen(folder, threshold, **more):
    choices.save(folder, bundle.load(folder).spec.problem, Choices(threshold, **more))
    return bundle.load(folder)


def test_a_saved_threshold_is_used_by_every_prediction(model, customers_csv, tmp_path) -> None:
    plain = bundle.load(model)
    rows = plain.test_rows().inputs
    before = predict_frame(plain, rows)
    chance = before.values[:, 1]
    threshold = float(np.sort(chance)[len(chance) // 3] + 1e-9)  # neither none nor all
    loaded = chosen(model, threshold)
    after = predict_frame(loaded, rows).table["prediction"]
    assert (after == np.where(chance >= threshold, "yes", "no")).all()
    assert (after != before.table["prediction"]).any()
    one = int(np.flatnonzero((chance >= threshold) & (chance < 0.5))[0])
    assert predict_one(loaded, rows.iloc[one].to_dict())["prediction"] == "yes"
    assert predict_one(plain, rows.iloc[one].to_dict())["prediction"] == "no"
    # another process, which only knows the folder
    rows.to_csv(tmp_path / "rows.csv", index=False)
    order = [sys.executable, "-m", "automl", "predict", str(model), str(tmp_path / "rows.csv")]
    subprocess.run([*order, "--out", str(tmp_path / "out.csv")], check=True, capture_output=True)
    told = pd.read_csv(tmp_path / "out.csv")["prediction"]
    assert (told == after.to_numpy()).all()


def test_it_can_be_taken_back_and_leaves_the_seal_alone(model) -> None:
    sealed = (model / "manifest.json").read_bytes()
    loaded = chosen(model, 0.2, payoff=Payoff(100, -5, currency="$"))
    assert loaded.choices == Choices(0.2, Payoff(100, -5, currency="$"))
    assert (loaded.threshold, loaded.model.threshold) == (0.2, 0.2)
    assert loaded.stamp != bundle.load(shutil.copytree(model, model.parent / "twin")).stamp
    undone = chosen(model, None)
    assert undone.choices == Choices()
    assert undone.threshold is undone.model.threshold is None
    assert (model / "manifest.json").read_bytes() == sealed
    assert not list(model.glob("choices*"))
    assert not list(model.glob(".*"))


@pytest.mark.parametrize("value", [0, 1, -0.5, 1.2, float("nan")])
def test_no_probability_is_refused(model, value) -> None:
    with pytest.raises(PredictionError, match="between 0 and 1"):
        chosen(model, value)


def test_other_tasks_know_no_threshold(tmp_path) -> None:
    task = Problem("x", Task.MULTICLASS, "log_loss", (), classes=("a", "b", "c"))
    with pytest.raises(PredictionError, match="two classes"):
        choices.save(tmp_path, task, Choices(0.5))


def test_a_changed_or_borrowed_choice_is_refused(model, tmp_path) -> None:
    chosen(model, 0.2)
    path = model / choices.NAME
    text = path.read_text()
    for broken in (text.replace("0.2", "0.3"), text[:40], "[]", ""):
        path.write_text(broken)
        with pytest.raises(BundleError, match="damaged or belongs to another model"):
            choices.read(model)
    path.write_text(text)
    (model / "manifest.json").write_text("{}")
    with pytest.raises(BundleError, match="another model"):
        additions.read(model, choices.NAME)


def test_the_notebook_says_it(model) -> None:
    plain = bundle.load(model)
    assert notebook.text(plain) == plain.notebook.read_text("utf-8")
    assert "THRESHOLD = 0.5 " in notebook.text(plain)
    book = nbformat.reads(notebook.text(chosen(model, 0.25)), as_version=4)
    code = "\n".join(c.source for c in book.cells if c.cell_type == "code")
    assert "THRESHOLD = 0.25 " in code
    assert "THRESHOLD = 0.5" not in code
    assert "'threshold': 0.25" in code  # sets are calibrated by it as well
    assert "from a probability of 25.0 % on" in book.cells[0].source


def test_in_the_shell(model, capsys) -> None:
    from automl.__main__ import main

    assert main(["threshold", str(model)]) == 0
    assert "from a probability of 50.0 % on (the build's own)" in capsys.readouterr().out
    assert main(["threshold", str(model), "0.3"]) == 0
    assert "churn is called yes from a probability of 30.0 % on (chosen)" in capsys.readouterr().out
    assert json.loads((model / choices.NAME).read_text())["content"]["threshold"] == 0.3
    for wrong in ("2", "much"):
        assert main(["threshold", str(model), wrong]) == 2
        assert capsys.readouterr().err.startswith("error: ")
    assert main(["threshold", str(model), "auto"]) == 0
    assert not (model / choices.NAME).exists()
