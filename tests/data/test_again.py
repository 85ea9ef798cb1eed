"""A kept file read another way: in place, or as the next version; every choice is undone by leaving it out."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest

from automl.data import again, ingest, stream, survey
from automl.data.read import read_with_report
from automl.errors import DataError, StoreError
from automl.store import Workspace
from tests.data.reading import check_again, said

TEXT = "id;when;price\n1;01/02/2024;1,5\n2;03/04/2024;2,25\n3;05/06/2024;3\n4;07/08/2024\n"


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace(tmp_path / "home")
    yield opened
    opened.close()


def a_dataset(workspace, tmp_path, content=TEXT, name="t.csv"):
    path = workspace.staging / "came"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return ingest.ingest(workspace, path, name=name, original=path)


def test_another_reading_takes_the_place_of_the_first(workspace, tmp_path):
    dataset = a_dataset(workspace, tmp_path)
    assert again.chosen(dataset.report) == {}
    workspace.set_kind(dataset.id, "id", "identifier")
    dataset = workspace.dataset(dataset.id)
    options = {"day_first": True, "decimal": ",", "columns": {"price": again.COLUMN_CHOICES["text"]}}
    frame, report, whole = again.preview(workspace, dataset, options)
    assert whole and frame["price"].tolist() == ["1,5", "2,25", "3"]
    assert workspace.dataset(dataset.id) == dataset  # nothing is kept by looking
    kept = again.keep(workspace, dataset, options)
    assert (kept.id, kept.version) == (dataset.id, 1) and kept.digest != dataset.digest
    assert kept == workspace.dataset(dataset.id)
    assert again.chosen(kept.report) == options
    assert workspace.frame(kept.id)["when"].iloc[0] == pd.Timestamp("2024-02-01")
    assert kept.column("id").kind_by_user
    assert [b.line for b in kept.report.set_aside] == [5]
    back = again.keep(workspace, kept, {})
    assert again.chosen(back.report) == {}
    pd.testing.assert_frame_equal(workspace.frame(back.id), read_with_report(workspace.original(back.id))[0])
    assert not list(workspace.staging.iterdir())


def test_a_version_that_a_model_uses_stays(workspace, tmp_path):
    dataset = a_dataset(workspace, tmp_path)
    workspace.add_model("m", dataset.id)
    kept = again.keep(workspace, dataset, {"header": False})
    assert (kept.version, kept.name, kept.parent) == (2, "t.csv", dataset.id)
    assert kept.columns[0].name == "column_1"
    assert workspace.dataset(dataset.id).digest == dataset.digest
    assert workspace.original(dataset.id).read_bytes() == workspace.original(kept.id).read_bytes()
    with pytest.raises(StoreError, match="in use"):
        workspace.replace_table(
            dataset.id, workspace.frame(kept.id), report=kept.report, columns=kept.columns
        )


def test_what_fails_leaves_all_as_it_was(workspace, tmp_path):
    dataset = a_dataset(workspace, tmp_path, b"a;b\n1;\xe4\n2;x\n")
    with pytest.raises(DataError, match="can't be read with the encoding"):
        again.keep(workspace, dataset, {"encoding": "utf-8"})
    assert workspace.dataset(dataset.id) == dataset
    assert not list(workspace.staging.iterdir())


def test_a_large_file_is_looked_at_by_its_head(workspace, tmp_path, monkeypatch):
    text = "a;b\n" + "".join(f"{i};x\n" for i in range(5000))
    dataset = a_dataset(workspace, tmp_path, text)
    monkeypatch.setattr(ingest, "LARGE_BYTES", 1000)
    monkeypatch.setattr(again, "PREVIEW_BYTES", 1000)
    frame, _, whole = again.preview(workspace, dataset, {"header": False})
    assert not whole and 100 < len(frame) < 300 and frame.columns[0] == "column_1"
    assert not again.replaces(workspace, dataset)


def test_sheets_and_members_can_be_chosen(workspace, tmp_path):
    from tests.data.corpus import workbook, zipped

    dataset = a_dataset(workspace, tmp_path, workbook(One=[["a"], [1], [2]], Two=[["b"], [3]]), "t.xlsx")
    assert again.alternatives(workspace, dataset) == {"sheet": ["One", "Two"]}
    kept = again.keep(workspace, dataset, {"sheet": "Two"})
    assert [c.name for c in kept.columns] == ["b"]
    path = workspace.staging / "zip"
    path.write_bytes(zipped({"x.csv": b"a\n1\n", "y.csv": b"b\n2\n", "readme.txt": b"-"}))
    packed = ingest.ingest(workspace, path, name="t.zip", options={"member": "x.csv"}, original=path)
    assert again.alternatives(workspace, packed) == {"member": ["x.csv", "y.csv"]}
    assert zipfile.is_zipfile(workspace.original(packed.id))


@pytest.mark.parametrize(
    ("values", "way", "expected", "words"),
    [
        (["1.5", "2", "about 3"], "number, decimal point", [1.5, 2.0, None], "1 cell that is no number, such as 'about 3'"),
        (["1.234,5", "2", "x"], "number, decimal comma", [1234.5, 2.0, None], ""),
        (["$1,234.50", "$2", "free"], "number, decimal point", [1234.5, 2.0, None], "free"),
        (["1", "2", "3"], "text", ["1", "2", "3"], ""),
        (["03/04/2024", "05/06/2024", "soon"], "date, day first", ["2024-04-03", "2024-06-05", None], ""),
        (["03/04/2024", "05/06/2024", "07/08/2024"], "date, day first", ["2024-04-03", "2024-06-05", "2024-08-07"], ""),
        (["03/04/2024", "05/06/2024", "07/08/2024"], "date, month first", ["2024-03-04", "2024-05-06", "2024-07-08"], ""),
        (["red", "blue", "red"], "date, day first", ["red", "blue", "red"], "can't be read as dates"),
    ],
)
def test_a_column_is_read_as_its_user_says(tmp_path, values, way, expected, words):
    path = tmp_path / "t.tsv"
    path.write_text("v\tn\n" + "".join(f"{v}\t{i}\n" for i, v in enumerate(values)))
    frame, report = read_with_report(path, options={"columns": {"v": again.COLUMN_CHOICES[way]}})
    found = [None if pd.isna(v) else v for v in frame["v"].tolist()]
    if way.startswith("date") and not words:
        expected = [None if v is None else pd.Timestamp(v) for v in expected]
    assert found == expected
    assert words in said(report, "lost") + said(report, "choice")
    check_again(path, frame, report)


def test_a_choice_holds_in_a_large_file_too(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "BLOCK_BYTES", 2000)
    path = tmp_path / "t.csv"
    path.write_text("v,n\n" + "".join(f"{'word' if i % 3 else i},{i}\n" for i in range(3000)))
    columns = {"v": again.COLUMN_CHOICES["number, decimal point"], "n": again.COLUMN_CHOICES["text"]}
    _, report = stream.to_parquet(path, tmp_path / "t.parquet", name="t.csv", options={"columns": columns})
    frame = pd.read_parquet(tmp_path / "t.parquet")
    assert frame["v"].isna().sum() == 2000 and frame["v"].iloc[3] == 3.0
    assert frame["n"].iloc[7] == "7"
    assert again.chosen(report) == {"columns": columns}
