"""The command line's contract: what it prints, what it writes, how it refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from automl import build, bundle
from automl.__main__ import main
from automl.errors import BuildError
from automl.metrics import METRICS
from automl.predict import output
from tests.conftest import customers

ROOT = Path(__file__).resolve().parents[1]
LEADERBOARD = ["rank", "candidate", "family", "state", "metric", "score", "score_std", "fit_seconds",
               "predict_ms_per_row", "reason"]  # fmt: skip
SMALL = ["--max-candidates", "1", "--families", "linear", "--time-limit", "60"]


@pytest.fixture
def run(capsys):
    """Run a command; returns its exit code, stdout and stderr."""

    def go(*argv):
        capsys.readouterr()
        try:
            code = main([str(a) for a in argv])
        except SystemExit as e:
            code = e.code
        out, err = capsys.readouterr()
        return code, out, err

    return go


@pytest.fixture
def refused(run, tmp_path):
    """Run a command that must be refused: exit 2, one line on stderr, nothing on stdout, nothing written."""

    def go(*argv):
        before = sorted(tmp_path.rglob("*"))
        code, out, err = run(*argv)
        assert code == 2
        assert out == ""
        assert err.startswith("error: ") and err.endswith("\n")
        assert len(err.splitlines()) == 1
        assert "Traceback" not in err
        assert sorted(tmp_path.rglob("*")) == before
        return err

    return go


@pytest.fixture(scope="module")
def model_dir(churn_bundle):
    return churn_bundle.folder


@pytest.fixture
def new_rows(tmp_path):
    path = tmp_path / "new.csv"
    customers(30, seed=5).drop(columns="churn").to_csv(path, index=False)
    return path


def shell(*argv, cwd=ROOT):
    env = dict(os.environ, PYTHONPATH=str(ROOT), GOMP_SPINCOUNT="1000")
    return subprocess.run(
        [sys.executable, "-m", "automl", *map(str, argv)], capture_output=True, text=True, cwd=cwd, env=env
    )


# --- inspect ----------------------------------------------------------------------------


def test_inspect_prints_one_object(run, customers_csv):
    code, out, err = run("inspect", customers_csv, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert set(found) == {"rows", "columns", "report", "bad_rows", "set_aside"}
    assert found["rows"] == 300
    assert all(set(c) == {"name", "kind", "missing", "distinct"} for c in found["columns"])
    kinds = {c["name"]: c["kind"] for c in found["columns"]}
    assert kinds == {
        "customer_id": "identifier", "Day Minutes": "numeric", "plan": "categorical", "calls": "numeric",
        "since": "datetime", "last note": "text", "country": "categorical", "spend": "numeric",
        "churn": kinds["churn"],
    }  # fmt: skip
    assert kinds["churn"] in ("boolean", "categorical")
    assert all(set(n) == {"code", "message", "column"} for n in found["report"])


def test_inspect_shows_a_table(run, customers_csv):
    code, out, _ = run("inspect", customers_csv)
    assert code == 0
    assert "300 rows · 9 columns" in out
    assert "Day Minutes" in out and "number" in out


def test_inspect_shows_the_rows_set_aside(run, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("a,b,c\n1,x,2\n3,y\n5,z,6\n" + "7,w,8\n" * 20 + "9,v\n" * 15)
    code, out, _ = run("inspect", str(file))
    assert code == 0
    assert "  line 3: 2 cells instead of 3: 3,y\n" in out
    assert "  and 6 more; --json lists up to 1,000 of them" in out
    found = json.loads(run("inspect", str(file), "--json")[1])
    assert (found["rows"], found["bad_rows"]) == (22, 16)
    assert found["set_aside"][0] == {"line": 3, "reason": "2 cells instead of 3", "text": "3,y"}
    assert len(found["set_aside"]) == 16


def test_inspect_with_a_target_validates_the_data(run, tmp_path, customers_csv):
    table = pd.read_csv(customers_csv)
    table.assign(again=table["churn"].str.upper()).to_csv(tmp_path / "t.csv", index=False)
    found = json.loads(run("inspect", tmp_path / "t.csv", "--target", "churn", "--json")[1])
    assert found["target"] == "churn"
    powers = {c["name"]: c.get("power") for c in found["columns"]}
    assert powers["again"] == 1 and powers["spend"] > 0.3 and powers["churn"] is None
    first = found["findings"][0]
    assert (first["code"], first["severity"], first["fix"]["columns"]) == ("target_copy", "high", ["again"])
    _, out, _ = run("inspect", tmp_path / "t.csv", "--target", "churn")
    assert "[high] again is a copy of the target" in out
    assert "Power" in out
    assert "    Leave it out: --exclude=again\n" in out
    assert "    Add rows: python -m automl append" in out
    assert "--exclude=again" in first["flags"]
    _, out, _ = run("inspect", tmp_path / "t.csv", "--target", "churn", "--exclude=again", "--keep=country", "--split", "time=since")
    assert "copy of the target" not in out and "country is always the same" not in out and "dated" not in out
    assert run("inspect", customers_csv, "--target", "chrun")[0] == 2


def test_inspect_in_a_shell_prints_only_the_object(customers_csv):
    done = shell("inspect", customers_csv, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["rows"] == 300
    assert done.stderr == ""


# --- join -------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_join_says_rows_before_and_after(run, tmp_path, ending):
    left, right, out = tmp_path / "l.csv", tmp_path / "r.csv", tmp_path / f"out.{ending}"
    pd.DataFrame({"id": range(20), "v": range(20)}).to_csv(left, index=False)
    pd.DataFrame({"key": range(10), "w": range(10)}).to_csv(right, index=False)
    code, said, _ = run("join", left, right, "--on", "id=key", "--how", "inner", "--out", out)
    assert code == 0
    assert "20 and 10 rows → 10 rows" in said
    table = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert len(table) == 10 and {"v", "w"} <= set(table.columns)


def test_join_names_the_nearest_key(refused, tmp_path):
    file = tmp_path / "l.csv"
    pd.DataFrame({"ident": range(20), "v": range(20)}).to_csv(file, index=False)
    assert "'ident'" in refused("join", file, file, "--on", "idnt", "--out", tmp_path / "out.csv")
    assert "how" in refused("join", file, file, "--on", "ident", "--how", "over", "--out", "o.csv")


def test_join_takes_several_tables_with_choices_and_repeats_its_steps(run, refused, tmp_path):
    base, codes, visits = tmp_path / "base.csv", tmp_path / "codes.csv", tmp_path / "visits.parquet"
    pd.DataFrame({"id": [1, 2, 3], "city": ["Riga", "OSLO ", "Rome"]}).to_csv(base, index=False)
    pd.DataFrame({"city": ["riga", "oslo", "rome"], "land": ["LV", "NO", "IT"]}).to_csv(codes, index=False)
    pd.DataFrame({"id": ["001", "001", "003"], "spent": [1.5, 2.5, 3.5]}).to_parquet(visits)
    out, steps = tmp_path / "out.csv", tmp_path / "steps.json"
    order = ("join", base, codes, visits, "--on", "city", "--on", "id", "--as", "folded", "--as", "number")
    code, said, _ = run(*order, "--repeats", "all", "--repeats", "sum", "--save-steps", steps, "--out", out)
    assert code == 0
    assert "3 and 3 and 3 rows → 3 rows" in said
    assert "66.7 % of the 3 rows of the rows so far found a partner" in said
    first = pd.read_csv(out)
    assert first["land"].tolist() == ["LV", "NO", "IT"]
    assert first["spent"].fillna(0).tolist() == [4.0, 0.0, 3.5]
    code, _, _ = run("join", base, "--steps", steps, "--out", tmp_path / "again.csv")
    assert code == 0
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "again.csv"), first)
    assert "number, zeros, text" in refused("join", base, visits, "--on", "id", "--out", out)
    assert "second file" in refused("join", base, "--out", out)
    steps.write_text("[]")
    assert "does not hold the steps" in refused("join", base, "--steps", steps, "--out", out)


def test_join_finds_the_keys_by_itself(run, tmp_path):
    left, right, out = tmp_path / "orders.csv", tmp_path / "clients.csv", tmp_path / "out.csv"
    pd.DataFrame({"order": range(20), "client_id": [i % 7 + 100 for i in range(20)]}).to_csv(left, index=False)
    pd.DataFrame({"id": range(100, 110), "city": list("abcdefghij")}).to_csv(right, index=False)
    code, said, _ = run("join", left, right, "--out", out)
    assert code == 0
    assert "'client_id' = 'id', since 100 % of the values are found" in said


# --- train ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory, customers_csv):
    """`train --json` in a shell, once."""
    out = tmp_path_factory.mktemp("trained") / "deep" / "model"
    done = shell("train", customers_csv, "--target", "churn", "--out", out, "--json", *SMALL)
    return done, out


def test_train_prints_one_object(trained):
    done, out = trained
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert set(found) == {
        "task", "metric", "validation_score", "test_score", "test_interval", "leaderboard", "seconds", "findings",
    }  # fmt: skip
    assert (found["task"], found["metric"]) == ("binary", "roc_auc")
    low, high = found["test_interval"]
    assert 0.5 < low < found["test_score"] < high <= 1
    assert 0.7 < found["validation_score"] <= 1
    assert 0 < found["seconds"] < 60
    assert [list(r) for r in found["leaderboard"]] == [LEADERBOARD] * len(found["leaderboard"])
    assert [r["rank"] for r in found["leaderboard"]] == list(range(1, len(found["leaderboard"]) + 1))
    assert {f["code"] for f in found["findings"]} >= {"few_rows"}
    assert not [p for p in out.parent.iterdir() if p != out]  # no scratch is left


def test_leaderboard_of_a_trained_model(run, trained):
    _, model = trained
    code, out, err = run("leaderboard", model, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["leaderboard"] == json.loads(trained[0].stdout)["leaderboard"]
    _, out, _ = run("leaderboard", model)
    assert "higher is better" in out and "Linear" in out


def test_train_shows_progress_and_leaderboard(run, tmp_path, customers_csv):
    options = ["--target", "spend", "--metric", "mae", "--task", "regression", "--seed", "3"]
    options += ["--exclude", "plan", "--keep", "country", "--as", "calls=category", "--step", "impute=on", "--split=time=since"]
    code, out, err = run("train", customers_csv, *options, *SMALL, "--out", tmp_path / "m")
    assert code == 0
    assert "Numeric prediction" in err
    assert "lower is better" in out and "Model written to" in out
    assert METRICS["mae"].label in out
    spec = bundle.load(tmp_path / "m").spec
    assert "country" in spec.problem.features and "plan" not in spec.problem.features
    assert {c.name: c.kind.value for c in spec.columns}["calls"] == "categorical"
    assert {s.op: s.enabled for s in spec.recipe.steps if s.op == "impute"} == {"impute": True}
    assert (spec.problem.split.kind, spec.problem.split.column) == ("time", "since")


BAD_TRAIN = {
    "no such file": (["nosuch.csv", "--target", "churn"], "nosuch.csv"),
    "unknown target": (["{csv}", "--target", "chrun"], "Did you mean 'churn'?"),
    "target of another case": (["{csv}", "--target", "Churn"], "Did you mean 'churn'?"),
    "one value": (["{csv}", "--target", "country"], "only one value"),
    "unknown metric": (["{csv}", "--target", "churn", "--metric", "roc_acu"], "'roc_auc'"),
    "metric of another task": (["{csv}", "--target", "churn", "--metric", "rmse"], "rmse"),
    "task that doesn't fit": (["{csv}", "--target", "churn", "--task", "regression"], "number"),
    "kind of no column": (["{csv}", "--target", "churn", "--as", "cals=number"], "Did you mean 'calls'?"),
    "unknown kind": (["{csv}", "--target", "churn", "--as", "calls=nubmer"], "Did you mean 'number'?"),
    "a kind alone": (["{csv}", "--target", "churn", "--as", "calls"], "COLUMN=KIND"),
    "leaving out no column": (["{csv}", "--target", "churn", "--exclude", "cals"], "Did you mean 'calls'?"),
    "unknown split": (["{csv}", "--target", "churn", "--split", "calls"], "group=COLUMN"),
    "unknown step": (["{csv}", "--target", "churn", "--step", "inpute=on"], "'impute'"),
    "half a step": (["{csv}", "--target", "churn", "--step", "impute"], "impute=on"),
    "a step with nothing to do": (["{csv}", "--target", "churn", "--step", "drop_duplicates=on"], "nothing for it to do"),
    "labels of one row": (["{csv}", "--target", "plan", "--group-labels", "1"], "at least 2"),
    "labels of too many rows": (["{csv}", "--target", "plan", "--group-labels", "900"], "Too few labels"),
    "part of no date": (["{csv}", "--target", "churn", "--target-part", "month"], "no dates"),
    "unknown task": (["{csv}", "--target", "churn", "--task", "ranking"], "ranking"),
    "unknown family": (["{csv}", "--target", "churn", "--families", "lightgmb"], "'lightgbm'"),
    "unknown preset": (["{csv}", "--target", "churn", "--preset", "quik"], "'quick'"),
    "time limit is no number": (["{csv}", "--target", "churn", "--time-limit", "soon"], "soon"),
    "time limit of 0": (["{csv}", "--target", "churn", "--time-limit", "0"], "above 0"),
    "memory limit of 0": (["{csv}", "--target", "churn", "--memory-limit", "0"], "number of MB above 0"),
    "prediction limit of 0": (["{csv}", "--target", "churn", "--predict-limit", "0"], "microseconds above 0, not 0"),
    "too little memory": (["{csv}", "--target", "churn", "--memory-limit", "50"], "Allow at least"),
    "no end": (["{csv}", "--target", "churn", "--time-limit", "inf"], "time limit"),
    "no time": (["{csv}", "--target", "churn", "--time-limit", "nan"], "time limit"),
    "no candidates": (["{csv}", "--target", "churn", "--max-candidates", "0"], "at least 1"),
    "a seed below 0": (["{csv}", "--target", "churn", "--seed", "-1"], "seed must be a whole number from 0"),
    "a seed past 31 bits": (["{csv}", "--target", "churn", "--seed", "99999999999999999999"], "seed must be"),
    "no target": (["{csv}"], "--target"),
    "header only": (["{header}", "--target", "a"], "no rows"),
    "empty": (["{empty}", "--target", "a"], "empty"),
    "an image": (["{image}", "--target", "a"], "image"),
    "a folder": (["{folder}", "--target", "a"], "folder"),
}


@pytest.mark.parametrize("case", BAD_TRAIN)
def test_train_refuses(refused, tmp_path, customers_csv, case):
    argv, says = BAD_TRAIN[case]
    places = {"csv": customers_csv, "folder": tmp_path / "folder"}
    for name, content in (
        ("header", b"a,b\n"),
        ("empty", b""),
        ("image", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01"),
    ):
        places[name] = tmp_path / f"{name}.csv"
        places[name].write_bytes(content)
    places["folder"].mkdir()
    given = [a.format(**places) for a in argv]
    assert says.lower() in refused("train", *given, "--out", tmp_path / "model").lower()


def test_train_refuses_a_folder_that_is_there(refused, tmp_path, customers_csv):
    (tmp_path / "model").mkdir()
    says = refused("train", customers_csv, "--target", "churn", "--out", tmp_path / "model")
    assert "exists already" in says


def test_train_refuses_a_place_that_cannot_be_written(refused, tmp_path, customers_csv):
    (tmp_path / "file").write_text("not a folder")
    says = refused("train", customers_csv, "--target", "churn", "--out", tmp_path / "file" / "model", *SMALL)
    assert "file" in says


def test_train_leaves_nothing_when_the_build_fails(refused, tmp_path, customers_csv, monkeypatch):
    def fails(frame, spec, *, scratch, **options):
        (scratch / "members").mkdir()
        raise BuildError("No candidate finished in the time given. Give the build more time.")

    monkeypatch.setattr(build, "fit", fails)
    out = tmp_path / "new" / "deep" / "model"
    assert "more time" in refused("train", customers_csv, "--target", "churn", "--out", out, *SMALL)


def test_errors_in_a_shell(tmp_path, customers_csv):
    done = shell("train", customers_csv, "--target", "chrun", "--out", tmp_path / "m", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: There is no column 'chrun'.")
    assert not any(tmp_path.iterdir())


# --- predict ----------------------------------------------------------------------------


def test_predict_joins_predictions_to_the_input(run, tmp_path, model_dir, new_rows):
    out = tmp_path / "out.csv"
    code, said, err = run("predict", model_dir, new_rows, "--out", out)
    assert (code, err) == (0, "")
    assert "30 rows predicted" in said
    given, got = pd.read_csv(new_rows), pd.read_csv(out)
    added = ["prediction", "probability_no", "probability_yes", "warnings"]
    assert list(got.columns) == [*given.columns, *added]
    pd.testing.assert_frame_equal(got[given.columns], given)
    assert set(got["prediction"]) == {"yes", "no"}
    assert got[["probability_no", "probability_yes"]].sum(axis=1).to_numpy() == pytest.approx(1)


def test_predict_writes_parquet_with_the_same_numbers(run, tmp_path, model_dir, new_rows):
    for name in ("out.csv", "out.parquet"):
        assert run("predict", model_dir, new_rows, "--out", tmp_path / name)[0] == 0
    csv, parquet = pd.read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")
    assert list(csv.columns) == list(parquet.columns)
    assert csv["probability_yes"].to_numpy() == pytest.approx(parquet["probability_yes"].to_numpy(), rel=1e-9)


def test_predict_with_target_other_order_other_case_and_gaps(run, tmp_path, model_dir, new_rows):
    frame = customers(30, seed=5)
    frame = frame.rename(columns=lambda c: c.upper() if c != "churn" else c)[
        list(frame.columns.str.upper())[::-1][1:] + ["churn"]
    ]
    frame = frame.drop(columns="SPEND")
    frame.loc[3, "PLAN"] = "platinum"
    odd = tmp_path / "odd.csv"
    frame.to_csv(odd, index=False)
    code, said, _ = run("predict", model_dir, odd, "--out", tmp_path / "out.csv")
    assert code == 0
    assert "'churn' is in the table" in said
    assert "'PLAN' read as 'plan'" in said
    assert "'spend' is not in the table" in said
    got = pd.read_csv(tmp_path / "out.csv")
    assert "plan: 'platinum' was not seen in training" in got["warnings"][3]
    assert got["warnings"].str.contains("'spend' not in the table").all()
    assert got["warnings"].str.contains("platinum").sum() == 1


def test_predict_keeps_columns_of_the_same_name(run, tmp_path, model_dir):
    frame = customers(5, seed=5).assign(prediction="mine", warnings="mine too")
    frame.to_csv(tmp_path / "new.csv", index=False)
    code, said, _ = run("predict", model_dir, tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert code == 0
    assert "'prediction' is written as 'prediction_foretable'" in said
    got = pd.read_csv(tmp_path / "out.csv")
    assert set(got["prediction"]) == {"mine"} and set(got["prediction_foretable"]) <= {"yes", "no"}
    assert set(got["warnings"]) == {"mine too"}


def test_predict_refuses(refused, tmp_path, model_dir, new_rows):
    other = tmp_path / "other.csv"
    pd.DataFrame({"a": range(5), "b": range(5)}).to_csv(other, index=False)
    (tmp_path / "header.csv").write_text("Day Minutes,plan,calls\n")
    out = tmp_path / "out.csv"
    assert "right table" in refused("predict", model_dir, other, "--out", out)
    assert "no rows" in refused("predict", model_dir, tmp_path / "header.csv", "--out", out)
    assert ".parquet" in refused("predict", model_dir, new_rows, "--out", tmp_path / "out.txt")
    assert "nowhere" in refused("predict", model_dir, new_rows, "--out", tmp_path / "nowhere" / "out.csv")
    assert "nosuch.csv" in refused("predict", model_dir, tmp_path / "nosuch.csv", "--out", out)
    assert "manifest" in refused("predict", tmp_path, new_rows, "--out", out)
    (tmp_path / "folder.csv").mkdir()
    refused("predict", model_dir, new_rows, "--out", tmp_path / "folder.csv")


def test_check_says_what_predict_would_do(run, tmp_path, model_dir):
    frame = customers(30, seed=5).drop(columns=["churn", "calls"]).rename(columns={"spend": "Spend (EUR)"})
    frame.to_csv(tmp_path / "new.csv", index=False)
    code, said, _ = run("check", model_dir, tmp_path / "new.csv")
    assert code == 0
    assert said.startswith("30 rows · 4 of the 6 columns that the model reads · ")
    assert "- needs a decision: 'calls' is not in the table. [missing_column_check]" in said
    assert "Perhaps it is 'Spend (EUR)' here." in said
    code, said, _ = run("check", model_dir, tmp_path / "new.csv", "--json", "--fill", "usual", "--rename", "Spend (EUR)=spend")
    found = json.loads(said)
    assert (found["refused"], found["rows"], found["present"]) == (None, 30, 5)
    codes = {(v["code"], v["status"]) for v in found["violations"]}
    assert ("missing_column_check", "repaired") in codes and ("renamed_column", "repaired") in codes


def test_missing_columns_are_filled_refused_or_renamed(run, refused, tmp_path, model_dir):
    frame = customers(30, seed=5).drop(columns="churn").rename(columns={"calls": "number of calls"})
    frame.to_csv(tmp_path / "new.csv", index=False)
    args = ("predict", model_dir, tmp_path / "new.csv", "--out")
    assert "'calls' is not in the table" in refused(*args, tmp_path / "o.csv", "--refuse")
    assert "Choose one of --fill and --refuse" in refused(*args, tmp_path / "o.csv", "--refuse", "--fill", "usual")
    assert "no column 'nr of calls'" in refused(*args, tmp_path / "o.csv", "--rename", "nr of calls=calls")
    assert "'other'" in refused(*args, tmp_path / "o.csv", "--keep", "other")
    code, said, _ = run(*args, tmp_path / "o.xlsx", "--rename", "number of calls=calls", "--keep", "customer_id")
    assert code == 0 and "'number of calls' read as 'calls'" in said
    got = pd.read_excel(tmp_path / "o.xlsx", engine="calamine")
    assert list(got.columns) == ["customer_id", "prediction", "probability_no", "probability_yes", "warnings"]
    code, said, _ = run(*args, tmp_path / "u.csv", "--fill", "usual", "--keep", "", "--no-warnings")
    assert code == 0 and "filled with its usual value" in said
    assert list(pd.read_csv(tmp_path / "u.csv").columns) == ["prediction", "probability_no", "probability_yes"]


@pytest.mark.parametrize("damage", ["tampered", "missing", "manifest", "newer"])
def test_a_damaged_model_is_refused(refused, tmp_path, model_dir, new_rows, damage):
    broken = tmp_path / "model"
    shutil.copytree(model_dir, broken)
    manifest = json.loads((broken / "manifest.json").read_text())
    if damage == "tampered":
        with (broken / "schema.json").open("a") as file:
            file.write(" ")
    elif damage == "missing":
        (broken / "schema.json").unlink()
    elif damage == "manifest":
        (broken / "manifest.json").write_text("{")
    else:
        (broken / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    for command in (
        ["leaderboard", broken],
        ["predict", broken, new_rows, "--out", tmp_path / "o.csv"],
        ["notebook", broken, "--out", tmp_path / "n.ipynb"],
    ):
        assert "model in" in refused(*command)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights(refused, tmp_path, model_dir, new_rows):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert "rights" in refused("predict", model_dir, new_rows, "--out", locked / "out.csv")


def test_a_full_disk_leaves_nothing(refused, tmp_path, model_dir, new_rows, monkeypatch):
    def full(self, piece):
        self.path.write_text("half")
        raise OSError(28, "No space left on device", str(self.path))

    monkeypatch.setattr(output.CsvWriter, "write", full)
    assert "No space left" in refused("predict", model_dir, new_rows, "--out", tmp_path / "out.csv")


# --- notebook and usage -----------------------------------------------------------------


def test_notebook_is_written_whole(run, refused, tmp_path, model_dir):
    code, _, err = run("notebook", model_dir, "--out", tmp_path / "n.ipynb")
    assert (code, err) == (0, "")
    assert json.loads((tmp_path / "n.ipynb").read_text())["nbformat"] == 4
    assert ".ipynb" in refused("notebook", model_dir, "--out", tmp_path / "n.txt")
    assert "nowhere" in refused("notebook", model_dir, "--out", tmp_path / "nowhere" / "n.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    refused("notebook", model_dir, "--out", tmp_path / "folder.ipynb")


def test_usage(run, refused):
    assert "COMMAND" in refused()
    assert "invalid choice" in refused("tarin")
    code, out, _ = run("--help")
    assert code == 0 and "train" in out


# --- append -----------------------------------------------------------------------------


def test_append(run, tmp_path):
    (tmp_path / "a.csv").write_text("id,plan\n1,x\n2,y\n")
    (tmp_path / "b.csv").write_text("PLAN;ID;city\nx;1;Oslo\nz;3;Rome\n")
    out = tmp_path / "out.csv"
    code, said, err = run("append", tmp_path / "a.csv", tmp_path / "b.csv", "--source", "file", "--out", out)
    assert (code, err) == (0, "")
    assert said.startswith(f"4 rows written to {out}\n- Put 2 and 2 rows under each other: 4 rows and 4 columns.")
    assert out.read_text().splitlines()[3] == "1,x,Oslo,b.csv"
    code, said, _ = run(
        "append", tmp_path / "a.csv", tmp_path / "b.csv", "--columns", "common", "--as", "id=text", "--out", out
    )
    assert code == 0
    assert "1 row of 'b.csv' stands in a table before it already, value for value." in said
    assert "'city' of 'b.csv' is left out." in said


def test_append_refuses(refused, tmp_path):
    (tmp_path / "a.csv").write_text("id,plan\n1,x\n2,y\n")
    (tmp_path / "b.csv").write_text("q\n1\n2\n")
    a, b, out = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "out.csv"
    assert "at least two" in refused("append", a, "--out", out)
    assert "no column in common" in refused("append", a, b, "--out", out)
    assert "no choice of a kind" in refused("append", a, a, "--as", "id", "--out", out)
    assert "There is no file" in refused("append", a, tmp_path / "c.csv", "--out", out)


# --- how sure, and why ------------------------------------------------------------------


def test_predict_adds_intervals_and_reasons(run, refused, tmp_path, model_dir, new_rows):
    out = tmp_path / "out.csv"
    run("predict", model_dir, new_rows, "--out", out, "--intervals", "--reasons", "2")
    _, said, _ = run("predict", model_dir, new_rows, "--out", tmp_path / "low.csv", "--intervals", "0.5")
    empty = int((pd.read_csv(tmp_path / "low.csv", keep_default_na=False)["prediction_set"] == "").sum())
    assert empty and re.search(rf"^- {empty} rows? .* unsure: no answer is likely enough at 50 %", said, re.MULTILINE)
    table = pd.read_csv(out)
    assert list(table.columns[-5:-1]) == ["probability_yes", "prediction_set", "reason_1", "reason_2"]
    assert set(table["prediction_set"].str.split(" | ", regex=False).str[0]) <= {"yes", "no"}
    assert "such as 0.9, not 9" in refused("predict", model_dir, new_rows, "--out", out, "--intervals", "9")


# --- sources ----------------------------------------------------------------------------


def test_a_table_of_a_source_is_inspected_and_appended(run, refused, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "may.csv").write_text("id,plan\n1,x\n2,y\n")
    monkeypatch.delenv("FORETABLE_IMPORT_DIR", raising=False)
    assert "Set FORETABLE_IMPORT_DIR" in refused("inspect", "folder:may.csv")
    monkeypatch.setenv("FORETABLE_IMPORT_DIR", str(tmp_path / "in"))
    code, said, _ = run("inspect", "folder:may.csv")
    assert code == 0 and said.startswith("2 rows · 2 columns") and "Fetched from 'may.csv'" in said
    assert "There is no file 'june.csv'" in refused("inspect", "folder:june.csv")
    out = tmp_path / "out.csv"
    assert run("append", "folder:may.csv", tmp_path / "in" / "may.csv", "--source", "from", "--out", out)[0] == 0
    assert out.read_text().splitlines()[1] == "1,x,may.csv"


def test_a_model_learns_from_a_source_and_its_notebook_finds_the_table(run, refused, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    customers(120).to_csv(tmp_path / "in" / "may.csv", index=False)
    monkeypatch.setenv("FORETABLE_IMPORT_DIR", str(tmp_path / "in"))
    refused("train", "folder:may.csv", "--target", "nothing", "--out", tmp_path / "a" / "m", *SMALL)
    code, _, _ = run("train", "folder:may.csv", "--target", "churn", "--out", tmp_path / "m", "--json", *SMALL)
    assert code == 0
    assert (tmp_path / "m-data" / "table").read_bytes() == (tmp_path / "in" / "may.csv").read_bytes()
    assert str(tmp_path / "m-data" / "table") in (tmp_path / "m" / "notebook.ipynb").read_text()
    assert json.loads(run("leaderboard", tmp_path / "m", "--json")[1])["data"] == "Learned from 'may.csv', 120 rows."


def test_a_recipe_is_proposed_edited_and_applied(run, tmp_path):
    frame = customers(60)
    frame["plan"] = frame["plan"].replace({"pro": " Pro"})
    frame.to_csv(tmp_path / "t.csv", index=False)
    code, out, _ = run("clean", tmp_path / "t.csv", "--propose", "--target", "churn", "--out", tmp_path / "r.json")
    assert code == 0 and "steps written" in out and "Leave out identifiers" in out
    recipe = json.loads((tmp_path / "r.json").read_text())
    recipe["steps"].append({"op": "formula", "params": {"name": "hours", "formula": "[Day Minutes] / 60"}})
    recipe["steps"].append({"op": "filter_rows", "params": {"conditions": [{"column": "hours", "test": "above", "value": 3}]}})
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    code, out, _ = run("clean", tmp_path / "t.csv", "--recipe", tmp_path / "r.json", "--out", tmp_path / "out.parquet")
    made = pd.read_parquet(tmp_path / "out.parquet")
    assert code == 0 and len(made) == 60 and "only leaves rows out of training: Keep rows where hours is above 3" in out
    assert "customer_id" not in made and made["hours"].notna().sum() == frame["Day Minutes"].notna().sum()

    recipe["steps"].append({"op": "rename", "params": {"names": {"plam": "x"}}})
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    order = ("--target", "churn", "--recipe", tmp_path / "r.json", *SMALL, "--out", tmp_path / "m")
    code, _, err = run("train", tmp_path / "t.csv", *order)
    assert code == 2 and "“Rename 'plam' to 'x'”: 'plam' is not in the table at this step" in err
    (tmp_path / "r.json").write_text("no json")
    code, _, err = run("clean", tmp_path / "t.csv", "--recipe", tmp_path / "r.json", "--out", tmp_path / "o.csv")
    assert code == 2 and "not JSON" in err and not (tmp_path / "o.csv").exists()


def test_the_learning_curve_of_a_model(run, refused, tmp_path, plain_bundle):
    folder, table = tmp_path / "model", tmp_path / "customers.csv"
    shutil.copytree(plain_bundle.folder, folder)
    customers(900).to_csv(table, index=False)
    lacking = _without(table, "plan")
    assert "no column 'plan'" in refused("learning", folder, lacking)
    assert "above 0" in refused("learning", folder, table, "--time-limit", "0")
    code, out, err = run("learning", folder, table)
    assert code == 0 and err == ""
    course = bundle.load(folder).learning
    assert len(course["points"]) == 5 and course["folds"] == 5
    assert out.splitlines()[-1] == course["sentence"]
    assert f"{course['points'][-1]['rows']} rows" in out
    code, out, _ = run("learning", folder, table, "--json")
    assert json.loads(out) == course


def _without(table: Path, column: str) -> Path:
    lacking = table.with_name("lacking.csv")
    pd.read_csv(table).drop(columns=column).to_csv(lacking, index=False)
    return lacking
