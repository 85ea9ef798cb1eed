"""A total at the foot of a file: noticed, set aside only when told to."""

from __future__ import annotations

import pandas as pd
import pytest

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
