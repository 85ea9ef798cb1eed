"""A total at the foot of a file: noticed, set aside only when told to."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.data import stream, survey
from automl.data.read import notebook_source, read_table, read_with_report
from automl.data.totals import total_row

HEAD = "shop,day,sold,price\n"
ROWS = "a,2024-01-01,10,1.50\nb,2024-01-02,20,2.25\nc,2024-01-03,5,0.10\nd,2024-01-04,7,9.99\n"


def cells(text):
    rows = [line.split(",") for line in (HEAD + text).splitlines()]
    return pd.DataFrame(rows[1:], columns=rows[0], dtype="str")


@pytest.mark.parametrize(
    ("last", "word", "sums"),
    [
        ("Total,,42,13.84\n", "Total", ("sold", "price")),
        ("Summe:,,42,\n", "Summe:", ("sold",)),
        (",,42,13.84\n", "", ("sold", "price")),
        ("GRAND TOTAL,,,\n", "GRAND TOTAL", ()),
        ("Total,,41,\n", "Total", ()),  # most of it is empty
    ],
)
def test_found(last, word, sums):
    found = total_row(cells(ROWS + last))
    assert (found.word, found.sums) == (word, sums)


@pytest.mark.parametrize(
    "last",
    [
        "e,2024-01-05,42,13.84\n",  # full like any other, whatever its numbers
        ",,42,9.00\n",  # one number is no sum
        ",,,\n",
        "Total,2024-01-05,3,2.00\n",  # says so, but nothing adds up and nothing is empty
    ],
)
def test_not_found(last):
    assert total_row(cells(ROWS + last)) is None


def test_a_word_that_rows_have_too_is_a_value():
    assert total_row(cells(ROWS.replace("a,", "total,") + "total,,42,\n")) is None


def test_said_and_kept_until_told_otherwise(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(HEAD + ROWS + "Total,,42,13.84\n\n")
    frame, report = read_with_report(path)
    assert len(frame) == 5
    (note,) = [n for n in report.notes if n.code == "total_row"]
    assert "line 6" in note.message and "'sold' and 'price' are the sums" in note.message

    frame, report = read_with_report(path, options={"total_row": "aside"})
    assert frame["sold"].tolist() == [10, 20, 5, 7]
    assert frame["day"].dtype == "datetime64[ns]"
    assert [(r.line, r.reason) for r in report.set_aside] == [(6, "totals of the rows above")]
    assert report.bad_rows == 1
    assert [n.code for n in report.notes if n.code.startswith("total")] == ["total_aside"]
    space: dict = {}
    exec(notebook_source(report, repr(str(path))), space)
    pd.testing.assert_frame_equal(space["table"], frame)

    _, report = read_with_report(path, options={"total_row": "kept"})
    assert not [n for n in report.notes if n.code.startswith("total")]


def test_a_sheet_with_sums(tmp_path):
    path = tmp_path / "t.xlsx"
    pd.DataFrame({"shop": ["a", "b", "c", "Summe"], "sold": [1.5, 2.5, 3.0, 7.0]}).to_excel(path, index=False)
    assert read_table(path, options={"total_row": "aside"})["sold"].tolist() == [1.5, 2.5, 3.0]


SHOPS = "shop,day,sold,price,code\n" + "".join(f"s{i % 7},2024-01-{i % 28 + 1:02d},{i % 50},{i % 9}.25,{i:04d}\n" for i in range(900))
SOLD, PRICE = sum(i % 50 for i in range(900)), sum(i % 9 + 0.25 for i in range(900))
FEET = {
    "named": (f"Total,,{SOLD},{PRICE},\n", True),
    "blank lines after it": (f"Total,,{SOLD},{PRICE},\n\n\n", True),
    "mark of DOS": (f"Total,,{SOLD},{PRICE},\n\x1a", True),
    "no line end": (f"Total,,{SOLD},,", True),
    "no word": (f",,{SOLD},{PRICE},\n", True),
    "in quotes": (f'"Grand total",,"{SOLD}",,\n', True),
    "word alone": ("Summe,,,,\n", True),
    "nothing adds up": (",,17,2.5,\n", False),
    "full": (f"s1,2024-02-01,{SOLD},{PRICE},0900\n", False),
    "too short": (f"Total,,{SOLD}\n", False),
    "a remark below": (f"Total,,{SOLD},{PRICE},\n\nEnd of report\n\n", True),
    "one of many": (f"s3,,{SOLD},,\n", False),
}


@pytest.mark.parametrize("case", FEET)
def test_a_large_file_is_looked_at_in_the_same_way(tmp_path, monkeypatch, case):
    for name, size in {"BLOCK_BYTES": 2_000, "HEAD_BYTES": 4_000, "PIECE_BYTES": 1_000, "PIECES": 8}.items():
        monkeypatch.setattr(survey, name, size)
    foot, found = FEET[case]
    path, out = tmp_path / "t.csv", tmp_path / "t.parquet"
    path.write_text(SHOPS + foot)
    for options in ({}, {"total_row": "aside"}, {"total_row": "kept"}):
        rows, report = stream.to_parquet(path, out, name="t.csv", options=options)
        whole, other = read_with_report(path, options=options)
        table = pd.read_parquet(out)
        pd.testing.assert_frame_equal(table, whole, check_dtype=False)
        assert (rows, report.bad_rows, report.set_aside) == (len(whole), other.bad_rows, other.set_aside)
        said, others = ([n.message for n in r.notes if n.code.startswith("total")] for r in (report, other))
        assert said == others
        assert bool(said) == (found and options != {"total_row": "kept"})
        if found and options == {"total_row": "aside"}:
            assert table["sold"].sum() == SOLD
            assert 902 in [row.line for row in report.set_aside]
            assert report.options["chosen"] == {"total_row": "aside"}


def test_a_large_files_word_that_other_rows_have_is_a_value(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "BLOCK_BYTES", 2_000)
    path = tmp_path / "t.csv"
    path.write_text(SHOPS.replace("s4,", "Total,") + f"Total,,{SOLD},{PRICE},\n")
    rows, report = stream.to_parquet(path, tmp_path / "t.parquet", name="t.csv", options={"total_row": "aside"})
    assert rows == 901
    assert not [n for n in report.notes if n.code.startswith("total")]
