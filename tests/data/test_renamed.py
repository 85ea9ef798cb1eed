"""Columns with another name than before: which are pointed out, and what keeps the name that it had."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.data import again, renamed
from automl.data.compare import Side
from automl.data.ingest import ingest
from automl.data.profile import profile
from automl.data.read import notebook_source, read_with_report
from automl.errors import DataError
from automl.store import Workspace
from automl.types import ColumnKind
from tests.conftest import customers


def side(frame: pd.DataFrame) -> Side:
    return Side(profile(frame), len(frame), frame)


@pytest.mark.parametrize(
    ("was", "now", "values", "why"),
    [
        ("plan", "tariff", ["a", "b", "c"], "100 % of its values are the same"),
        ("Plan", "PLAN ", ["x", "y", "z"], "it is only written another way"),
        ("income", "income_2024", ["u", "v", "w"], "both hold text and their names are alike"),
        ("customer status", "costumer_status", ["u", "v", "w"], "both hold text and their names are alike"),
        ("plan", "colour", ["u", "v", "w"], None),
        ("income", "income_2024", [1, 2, 3], None),  # text before, numbers now
    ],
)
def test_what_may_be_the_same_column(was, now, values, why) -> None:
    old = pd.DataFrame({"id": range(30), was: ["a", "b", "c"] * 10})
    new = pd.DataFrame({"id": range(30), now: values * 10})
    found = renamed.candidates(side(old), side(new))
    assert [(c.was, c.name, c.why) for c in found] == ([(was, now, why)] if why else [])


def test_a_name_is_taken_once() -> None:
    old = pd.DataFrame({"spend": [1.0, 2.0, 5.0], "spend net": [800.5, 9.5, 77.0]})
    new = pd.DataFrame({"spend_eur": [1.0, 2.0, 5.0]})
    assert [(c.was, c.name) for c in renamed.candidates(side(old), side(new))] == [("spend", "spend_eur")]


@pytest.fixture
def workspace(tmp_path):
    found = Workspace(tmp_path / "home")
    yield found
    found.close()


@pytest.fixture
def upload(workspace, tmp_path):
    def upload(frame, name="customers.csv", **about):
        path = tmp_path / "upload"
        frame.to_csv(path, index=False)
        original = workspace.staging / f"kept-{len(list(workspace.staging.iterdir()))}"
        original.write_bytes(path.read_bytes())
        return ingest(workspace, path, name=name, original=original, **about)

    return upload


def june(n: int = 80, seed: int = 2) -> pd.DataFrame:
    return customers(n, seed=seed).rename(columns={"plan": "tariff", "calls": "calls_made"})


def test_a_version_keeps_its_names_and_lets_them_go_again(workspace, upload) -> None:
    before = workspace.set_kind(upload(customers(90, seed=1)).id, "calls", ColumnKind.CATEGORICAL)
    proposed = upload(june(), "june.csv", version_of=before.id)
    kept = renamed.keep(workspace, proposed, {"tariff": "plan", "calls_made": "calls"}, before)
    assert (kept.id, kept.is_proposed) == (proposed.id, True)
    table = workspace.frame(kept.id)
    assert list(table.columns) == [c.name for c in kept.columns] == [c.name for c in before.columns]
    assert table.dtypes.to_dict() == workspace.frame(before.id).dtypes.to_dict()
    assert table["plan"].equals(june()["tariff"].astype("str"))
    assert kept.column("calls").kind is ColumnKind.CATEGORICAL
    assert "The file calls 'plan' 'tariff'; it keeps the name that it had." in [n.message for n in kept.report.notes]
    back = renamed.keep(workspace, kept, {"calls_made": "calls"}, before)
    assert [c.name for c in back.columns][2:4] == ["tariff", "calls"]
    assert renamed.of_report(back.report) == {"calls_made": "calls"}
    assert back.report.options["chosen"] == {"renamed": {"calls_made": "calls"}}
    with pytest.raises(DataError, match="Two columns would be called 'calls'"):
        renamed.keep(workspace, back, {"calls_made": "calls", "tariff": "calls"})


def test_the_next_versions_and_rows_follow_by_themselves(workspace, upload) -> None:
    first = upload(customers(90, seed=1))
    second = upload(june(), version_of=first.id)
    second = workspace.keep_version(renamed.keep(workspace, second, {"tariff": "plan"}).id)
    third = upload(june(70, seed=3), version_of=second.id)
    assert renamed.of_report(third.report) == {"tariff": "plan"}  # calls_made is still another column
    assert [c.name for c in third.columns] == [c.name for c in second.columns]
    assert renamed.known(workspace, first.id) == {"tariff": "plan"}
    with_both = upload(june().assign(plan="x"), version_of=second.id)
    assert renamed.of_report(with_both.report) == {}  # the name is there: nothing is to be said
    more = upload(june(10, seed=4).drop(columns="calls_made"), append_to=second.id)
    assert more.report.options["renamed"] == {"tariff": "plan"}
    assert workspace.frame(more.id)["plan"].tail(10).notna().sum() > 5
    assert [(a["was"], a["name"], a["why"]) for a in more.report.options["alike"]][0] == ("plan", "tariff", "their values are alike")


def test_one_in_use_stays_and_the_next_version_has_the_names(workspace, upload) -> None:
    first = upload(customers(60, seed=1))
    second = workspace.keep_version(upload(june(), version_of=first.id).id)
    workspace.add_model("Leaving", second.id, {"target": "churn"})
    third = renamed.keep(workspace, second, {"tariff": "plan"})
    assert (third.version, third.parent) == (3, second.id)
    assert "tariff" in workspace.frame(second.id)
    assert "plan" in workspace.frame(third.id)
    assert workspace.original(third.id).read_bytes() == workspace.original(second.id).read_bytes()
    again_read = again.preview(workspace, third, {**again.chosen(third.report), "delimiter": ","})
    assert "plan" in again_read[0]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl", "xlsx"])
def test_a_file_is_read_so_again_and_in_a_notebook(tmp_path, suffix) -> None:
    frame, path = june(20)[["tariff", "calls_made", "spend"]], tmp_path / f"june.{suffix}"
    match suffix:
        case "csv":
            frame.to_csv(path, index=False)
        case "parquet":
            frame.to_parquet(path)
        case "jsonl":
            frame.to_json(path, orient="records", lines=True)
        case _:
            frame.to_excel(path, index=False)
    table, report = read_with_report(path, options={"renamed": {"tariff": "plan"}})
    assert list(table.columns) == ["plan", "calls_made", "spend"]
    assert read_with_report(path, options=report.options)[0].equals(table)
    scope: dict = {}
    exec(notebook_source(report, repr(str(path))), scope)
    pd.testing.assert_frame_equal(scope["table"], table)
    with pytest.raises(DataError, match="There is no column 'tarif' in the file. Did you mean 'tariff'"):
        read_with_report(path, options={"renamed": {"tarif": "plan"}})
