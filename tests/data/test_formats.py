"""Packed files, workbooks and JSON: the same table as its plain text, and the same from the notebook."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import zipfile

import pandas as pd
import pytest

from automl.data.formats import Format, recognise
from automl.data.read import read_table
from automl.errors import DataError
from tests.data.reading import codes, read, said

CSV = b"name;when;price\nAnn;31/01/2024;1,5\nBob;01/02/2024;n/a\nCy;15/02/2024;12,25\n"


def a_zip(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def a_workbook(**sheets) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


# --- packed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(CSV),
        a_zip({"data.csv": CSV}),
        a_zip({"folder/data.csv": CSV, "__MACOSX/data.csv": b"x", "README.txt": b"about"}),
    ],
    ids=["gzip", "zip", "zip with a readme"],
)
def test_a_packed_table_is_the_table(tmp_path, packed):
    plain, _ = read(tmp_path, CSV, "plain")
    frame, report = read(tmp_path, packed, "named.like.nothing")
    pd.testing.assert_frame_equal(frame, plain)
    assert report.options["wrapping"]["kind"] in ("gzip", "zip")


def test_packed_text_with_rows_that_do_not_fit(tmp_path):
    content = "a,b\n1,2\n3\n4,5\n".encode("utf-16")
    frame, report = read(tmp_path, gzip.compress(content))
    assert frame["a"].tolist() == [1, 4]
    assert report.bad_rows == 1


def test_packed_parquet_and_workbook(tmp_path):
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    raw = io.BytesIO()
    table.to_parquet(raw)
    assert read(tmp_path, gzip.compress(raw.getvalue()))[0].equals(read(tmp_path, raw.getvalue())[0])
    frame, _ = read(tmp_path, a_zip({"book.xlsx": a_workbook(Sheet1=[["a", "b"], [1, "x"], [2, "y"]])}))
    assert frame["a"].tolist() == [1, 2] and frame["b"].tolist() == ["x", "y"]


def test_several_tables_in_an_archive(tmp_path):
    packed = a_zip({"one.csv": b"a,b\n1,2\n", "two.csv": b"c,d\n3,4\n"})
    (tmp_path / "two.zip").write_bytes(packed)
    with pytest.raises(DataError, match=r"'two.zip' holds 2 files: 'one.csv' and 'two.csv'\."):
        read_table(tmp_path / "two.zip")
    frame, _ = read(tmp_path, packed, member="two.csv")
    assert frame.columns.tolist() == ["c", "d"]
    with pytest.raises(DataError, match=r"Did you mean 'one.csv'\?"):
        read_table(tmp_path / "two.zip", options={"member": "on.csv"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(b"a,b\n1,2\n" * 1000)[:-20], "can't be unpacked"),
        (a_zip({"data.csv": CSV})[:60], "damaged or cut short"),
        (gzip.compress(gzip.compress(CSV)), "another archive"),
        (gzip.compress(b"\x89PNG\r\n\x1a\n\x00\x00"), "PNG"),
        (a_zip({}), "without a table"),
        (gzip.compress(b""), "empty"),
        (a_zip({"word/document.xml": b"x"}), "Office document"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,  # packing writes the time
)
def test_archives_without_a_table(tmp_path, content, says):
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_table(tmp_path / "f")


def test_a_decompression_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setenv("FORETABLE_MAX_UPLOAD_MB", "1")
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 8_000_000))
    with pytest.raises(DataError, match=r"'bomb.gz' unpacks to more than 20 MB, .* times its size"):
        read_table(tmp_path / "bomb.gz")


def test_a_protected_archive(tmp_path):
    raw = bytearray(a_zip({"data.csv": CSV}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        raw[raw.index(mark) + (6 if mark[2] == 3 else 8)] |= 1  # the flag for encryption
    (tmp_path / "secret.zip").write_bytes(bytes(raw))
    with pytest.raises(DataError, match="protected by a password"):
        read_table(tmp_path / "secret.zip")


# --- workbooks ---------------------------------------------------------------------------


def test_a_workbook(tmp_path):
    rows = [
        ["code", "when", "at", "n", "x", "flag", "text"],
        ["007", datetime.date(2024, 1, 31), datetime.datetime(2024, 1, 31, 8, 30), 5, 1.5, True, " a "],
        ["010", datetime.date(2024, 2, 1), datetime.datetime(2024, 2, 1, 9, 0), 6, None, False, "n/a"],
    ]
    frame, report = read(tmp_path, a_workbook(Sales=rows, Notes=[["x"], [1]]))
    assert report.format == "excel"
    assert frame["code"].tolist() == ["007", "010"]
    assert frame["when"].tolist() == [pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-01")]
    assert frame["at"].iloc[0] == pd.Timestamp("2024-01-31 08:30")
    assert frame["n"].tolist() == [5, 6] and str(frame["n"].dtype) == "int64"
    assert frame["x"].iloc[0] == 1.5 and pd.isna(frame["x"].iloc[1])
    assert frame["flag"].tolist() == [True, False]
    assert frame["text"].iloc[0] == "a" and pd.isna(frame["text"].iloc[1])
    assert said(report, "read") == (
        "Read 2 rows and 7 columns from sheet 'Sales'; the workbook also has 'Notes'."
    )


def test_another_sheet(tmp_path):
    content = a_workbook(Sales=[["a"], [1], [2]], Notes=[["b", "c"], [3, 4], [5, 6]])
    frame, _ = read(tmp_path, content, sheet="Notes")
    assert frame.columns.tolist() == ["b", "c"]
    with pytest.raises(DataError, match=r"no sheet 'Note' in 't.csv'. Did you mean 'Notes'\?"):
        read_table(tmp_path / "t.csv", options={"sheet": "Note"})


def test_a_title_above_the_table_and_gaps_around_it(tmp_path):
    rows = [[None, "Report 2024"], [], [None, "region", "sales"], [None, "north", 5], [None, "south", 7]]
    frame, report = read(tmp_path, a_workbook(S=rows))
    assert frame.columns.tolist() == ["region", "sales"]
    assert frame["sales"].tolist() == [5, 7]
    assert "Report 2024" in said(report, "preamble")


def test_workbooks_that_cannot_be_read(tmp_path):
    (tmp_path / "empty.xlsx").write_bytes(a_workbook(S=[]))
    with pytest.raises(DataError, match="workbook without values"):
        read_table(tmp_path / "empty.xlsx")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    with pytest.raises(DataError, match="'old.xls' can't be opened"):
        read_table(tmp_path / "old.xls")


# --- JSON --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": {"c": "x", "d": 2.5}}\n{"a": 2, "b": {"c": "y", "d": null}}\n',
        '[{"a": 1, "b": {"c": "x", "d": 2.5}}, {"a": 2, "b": {"c": "y"}}]',
        '{"status": "ok", "rows": [{"a": 1, "b.c": "x", "b.d": 2.5}, {"a": 2, "b.c": "y"}]}',
        '{"a": [1, 2], "b.c": ["x", "y"], "b.d": [2.5, null]}',
        '{"a": {"0": 1, "1": 2}, "b.c": {"0": "x", "1": "y"}, "b.d": {"0": 2.5, "1": null}}',
        '[["a", "b.c", "b.d"], [1, "x", 2.5], [2, "y", null]]',
        '\ufeff{"a": 1, "b.c": "x", "b.d": "2.5"},\r\n\r\n{"a": 2, "b.c": "y", "b.d": ""}\r\n',
    ],
    ids=["lines", "list", "inside", "columns", "columns by index", "rows", "lines with a mark"],
)
def test_json(tmp_path, text):
    frame, report = read(tmp_path, text.encode())
    assert report.format == "json"
    assert frame["a"].tolist() == [1, 2]
    assert frame["b.c"].tolist() == ["x", "y"]
    assert frame["b.d"].iloc[0] == 2.5 and pd.isna(frame["b.d"].iloc[1])


def test_json_lists_are_set_aside_and_bad_lines_counted(tmp_path):
    lines = [json.dumps({"n": i, "tags": ["x"], "when": f"2024-01-0{i}"}) for i in range(1, 6)]
    lines[2] = lines[2][:10]
    frame, report = read(tmp_path, "\n".join(lines).encode())
    assert frame["n"].tolist() == [1, 2, 4, 5]
    assert frame["when"].iloc[0] == pd.Timestamp("2024-01-01")
    assert report.bad_rows == 1
    assert "line 3" in said(report, "bad_rows")
    assert "'tags' holds lists" in said(report, "set_aside")
    assert {"read", "types", "bad_rows", "set_aside"} <= codes(report)


def test_mostly_bad_lines_are_refused_with_the_first(tmp_path):
    (tmp_path / "f").write_bytes(b'{"a": 1}\n{"a"\nnonsense\nmore\n')
    with pytest.raises(DataError, match=r"3 lines of 4 are no JSON objects, first line 2: \{\"a\""):
        read_table(tmp_path / "f")


# --- what a file is ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "format"),
    [
        (b"[id],[name]\n1,2\n", Format.TEXT),
        (b"[2024-01-01 12:00] started\n", Format.TEXT),
        (b'{"a" : 1}', Format.JSON),
        (b' [ {"a": 1}', Format.JSON),
        (b"BMI,age\n1,2\n", Format.TEXT),
        (b"MZ,a\n1,2\n", Format.TEXT),
        (b"Obj,b\n1,2\n", Format.TEXT),
    ],
)
def test_told_by_content(tmp_path, head, format):
    (tmp_path / "x.parquet").write_bytes(head)
    assert recognise(tmp_path / "x.parquet", "x") is format
