"""Versions in the workspace: read, appended, proposed, made again from newer inputs."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.data import ingest as ingests
from automl.data.append_alike import Alike
from automl.data.append_stored import alike_in, append_again, append_datasets, newer_inputs
from automl.data.ingest import ingest
from automl.errors import DataError
from automl.store import Workspace
from automl.types import ColumnKind


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def upload(workspace):
    def upload(text: str, name: str, **about):
        path = workspace.staging / "upload"
        path.write_text(text)
        return ingest(workspace, path, name=name, original=path, **about)

    return upload


def test_a_file_becomes_the_next_version_once_it_is_kept(workspace, upload):
    first = upload("id,plan\n1,a\n2,b\n", "customers.csv")
    workspace.set_kind(first.id, "id", "categorical")
    second = upload("id,tariff\n1,a\n2,b\n3,c\n", "export.csv", version_of=first.id)
    assert (second.name, second.version, second.parent, second.rows) == ("customers.csv", 0, first.id, 3)
    assert second.column("id").kind is ColumnKind.CATEGORICAL and second.column("id").kind_by_user
    assert workspace.original(second.id).read_text().startswith("id,tariff")
    assert workspace.keep_version(second.id).version == 2


@pytest.mark.parametrize("large", [False, True])
def test_rows_are_put_under_a_data_set(workspace, upload, monkeypatch, large):
    first = upload("id,since\n1,31/01/2024\n2,01/02/2024\n", "customers.csv")
    monkeypatch.setattr(ingests, "LARGE_BYTES", 1 if large else 1 << 30)
    more = upload("SINCE,ID\n02/02/2024,3\n31/01/2024,1\n", "february.csv", append_to=first.id)
    assert (more.name, more.version, more.parent, more.origin) == ("customers.csv", 0, first.id, "append")
    table = workspace.frame(more.id)
    assert table["id"].tolist() == [1, 2, 3, 1]
    assert table["since"].tolist()[2] == pd.Timestamp("2024-02-02")
    assert more.report.options["inputs"] == [first.id] and more.report.options["file"] == "february.csv"
    assert more.report.options["columns"]["since"]["type"] == "date"
    said = "\n".join(n.message for n in more.report.notes)
    assert "1 row of 'february.csv' stands in a table before it already" in said
    assert newer_inputs(workspace, workspace.keep_version(more.id)) == []
    assert not list(workspace.staging.iterdir())


@pytest.mark.parametrize("large", [False, True])
def test_rows_are_appended_otherwise_as_the_user_says(workspace, upload, monkeypatch, large):
    first = upload("shop,revenue_usd,code\na,10.5,1\nb,20.5,2\nc,30.5,3\n", "may.csv")
    monkeypatch.setattr(ingests, "LARGE_BYTES", 1 if large else 1 << 30)
    june = "shop,Revenue,code\na,900.5,x1\nb,8.5,y2\n"
    proposed = upload(june, "june.csv", append_to=first.id)
    assert alike_in(proposed.report) == [Alike("revenue_usd", "Revenue", "june.csv", "their names are alike")]
    assert [c.name for c in proposed.columns] == ["shop", "revenue_usd", "code", "Revenue"]
    choices = {"renamed": {"Revenue": "revenue_usd"}, "kinds": {"code": "number"}}
    made = upload(june, "june.csv", append_to=first.id, choices=choices, instead_of=proposed.id)
    assert not workspace.has_dataset(proposed.id)
    again = ingest(workspace, workspace.original(made.id), name="june.csv", append_to=first.id, choices=choices, replaces=made.id)
    assert (again.id, again.digest, again.report) == (made.id, made.digest, made.report)
    table = workspace.frame(made.id)
    assert list(table.columns) == ["shop", "revenue_usd", "code"]
    assert table["revenue_usd"].tolist() == [10.5, 20.5, 30.5, 900.5, 8.5]
    assert table["code"].isna().tolist() == [False, False, False, True, True]
    assert {k: made.report.options[k] for k in choices} == choices
    assert alike_in(made.report) == alike_in(proposed.report)  # so that it can be taken back
    assert "'Revenue' of 'june.csv' is 'revenue_usd', as you said." in [n.message for n in made.report.notes]


def test_data_sets_are_appended_and_made_again_from_newer_ones(workspace, upload):
    a, b = upload("id,plan\n1,a\n2,b\n", "a.csv"), upload("id,plan\n3,c\n", "b.csv")
    both = append_datasets(workspace, [a.id, b.id], name="both", choices={"mark": "table"})
    assert (both.version, both.origin, both.rows) == (1, "append", 3)
    assert workspace.frame(both.id)["table"].tolist() == ["a.csv", "a.csv", "b.csv"]
    assert workspace.users(a.id)[1] == [both]
    assert newer_inputs(workspace, both) == []
    newer = workspace.keep_version(upload("id,plan\n3,c\n4,d\n", "b2.csv", version_of=b.id).id)
    assert newer_inputs(workspace, both) == [newer]
    again = append_again(workspace, both)
    assert (again.version, again.parent, again.rows, again.name) == (0, both.id, 4, "both")
    assert again.report.options["inputs"] == [a.id, newer.id] and again.report.options["mark"] == "table"
    workspace.delete_dataset(a.id)
    with pytest.raises(DataError, match=r"'a.csv' was deleted, so 'both' can't be made again"):
        append_again(workspace, both)


def test_two_versions_of_one_table_are_told_apart(workspace, upload):
    a = upload("id\n1\n2\n", "a.csv")
    b = workspace.keep_version(upload("id\n3\n", "x.csv", version_of=a.id).id)
    both = append_datasets(workspace, [a.id, b.id], name="both", choices={"mark": "from"})
    assert set(workspace.frame(both.id)["from"]) == {"a.csv, version 1", "a.csv, version 2"}


def test_what_can_not_be_appended_leaves_nothing(workspace, upload):
    a = upload("id\n1\n2\n", "a.csv")
    with pytest.raises(DataError, match="no column in common"):
        upload("q\n1\n2\n", "b.csv", append_to=a.id)
    with pytest.raises(DataError, match="can't be done again"):
        append_again(workspace, a)
    assert workspace.datasets() == [a]
    assert [p for p in workspace.staging.iterdir() if p.name != "upload"] == []
