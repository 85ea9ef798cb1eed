"""A folder on the server: its files, and never anything outside it."""

from __future__ import annotations

import os

import pytest

from automl.data import sources
from automl.data.read import read_table, read_with_report
from automl.data.sources.folder import Folder
from automl.errors import DataError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    root = tmp_path / "import"
    (root / "sales" / "2024").mkdir(parents=True)
    (root / "sales" / "2024" / "may.csv").write_text("id;price\n1;1,5\n2;2,5\n")
    (root / "<b>&x.csv").write_text("a\n1\n2\n")
    (root / ".secret.csv").write_text("a\n1\n")
    (tmp_path / "outside.csv").write_text("a\n1\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.csv").write_text("a\n1\n")
    (root / "link.csv").symlink_to(tmp_path / "outside.csv")
    (root / "way").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(root / "pipe")
    monkeypatch.setenv("FORETABLE_IMPORT_DIR", str(root))
    return root


def test_its_files_are_listed_without_links_pipes_and_hidden_ones(folder) -> None:
    assert [(f.path, f.bytes) for f in Folder().files()] == [("<b>&x.csv", 6), ("sales/2024/may.csv", 21)]


def test_a_file_is_read_and_the_report_says_whence(folder) -> None:
    frame, report = read_with_report("folder:sales/2024/may.csv")
    assert frame["price"].tolist() == [1.5, 2.5]
    assert report.options["source"]["location"] == "folder:sales/2024/may.csv"
    assert report.notes[1].message.startswith("Fetched from 'sales/2024/may.csv' in the server's folder on 20")
    again, _ = read_with_report(folder / "sales/2024/may.csv", options=report.options)
    assert again.equals(frame)
    assert read_table("folder:<b>&x.csv")["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("../outside.csv", "'..' and hidden files are refused"),
        ("sales/../../outside.csv", "'..' and hidden files are refused"),
        (".secret.csv", "hidden files are refused"),
        ("/etc/passwd", "no path within"),
        ("sales//2024/may.csv", "no path within"),
        ("", "no path within"),
        ("a\0b", "no path within"),
        ("..\\outside.csv", "no path within"),
        ("link.csv", "Links are not followed"),
        ("way/x.csv", "Links are not followed"),
        ("pipe", "is no file"),
        ("sales", "is no file"),
        ("sales/gone.csv", "There is no file 'sales/gone.csv'"),
    ],
)
def test_nothing_else_is_read(folder, tmp_path, path, sentence) -> None:
    with pytest.raises(DataError, match=sentence.replace("'..'", r"'\.\.'")):
        sources.fetch(f"folder:{path}", tmp_path)


def test_without_the_setting_it_is_explained(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("FORETABLE_IMPORT_DIR", raising=False)
    with pytest.raises(DataError, match="Set FORETABLE_IMPORT_DIR to a folder"):
        read_table("folder:x.csv")
    monkeypatch.setenv("FORETABLE_IMPORT_DIR", str(tmp_path / "gone"))
    with pytest.raises(DataError, match="FORETABLE_IMPORT_DIR names is not there"):
        Folder().files()
    with pytest.raises(DataError, match="FORETABLE_IMPORT_DIR names can't be opened"):
        read_table("folder:x.csv")
