"""Columns of text through their distinct cells: the same as cell by cell, and sooner."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.data import parse, values
from automl.data.guess import amounts_of
from automl.data.ingest import is_large

NUMBER = {"type": "number", "decimal": ".", "thousands": "", "integer": False}
WHOLE = {**NUMBER, "integer": True}


def read(cells, plan):
    text = values.Text(pd.Series(cells, dtype="str"))
    return pd.Series(text.spread(text.read_as(plan)))


@pytest.mark.parametrize(
    ("cells", "plan"),
    [
        (["1.5", " 2 ", "n/a", "1.5", "", "-0", "1e5", ".5", "3."], NUMBER),
        (["+5", "7", "+5"], NUMBER),
        (["inf", "1", "-Infinity"], NUMBER),
        (["12", "7", "12", "-3"], WHOLE),
        (["+12", "7"], WHOLE),
        (["1.234,5", "7", "-"], {**NUMBER, "decimal": ",", "thousands": "."}),
        (["2024-01-31", "?", "2024-02-01T10:30:00", "2024-01-31"], {"type": "date", "format": "ISO8601"}),
        (["2024-01-31T10:00:00Z", "2024-01-31"], {"type": "date", "format": "ISO8601"}),
        (["0001-01-01", "2024-01-31"], {"type": "date", "format": "ISO8601"}),
        (["31/01/2024", "01/02/2024", "31/01/2024"], {"type": "date", "format": "%d/%m/%Y"}),
        (["true", "FALSE", "true"], {"type": "flag", "boolean": True}),
        (["a ", "a", "NA", "none"], {"type": "text", "keep": ["none"]}),
    ],
)
def test_the_same_as_cell_by_cell(cells, plan):
    expected = values.apply_plan(pd.Series(cells, dtype="str"), plan)
    pd.testing.assert_series_equal(read(cells, plan), expected, check_names=False)


@pytest.mark.parametrize("cell", ["0x1F", "five"])
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(ValueError):
        read(["1", cell], WHOLE)


def test_words_and_gaps_are_counted_by_row():
    text = values.Text(pd.Series(["a", "n/a", "a", None, "-", "n/a", " "], dtype="str"))
    assert (text.gaps, text.written, text.doubtful) == (4, {"n/a": 2}, {"-": 1})
    assert text.values.tolist() == ["a"]
    assert text.missing and not text.tidy


def test_progress_never_goes_back(monkeypatch):
    monkeypatch.setattr(values, "TOLD", 2)
    frame = pd.DataFrame({f"c{i}": ["1", "2"] for i in range(10)}, dtype="str")
    told: list[float] = []
    table, plans, _ = values.convert(frame, {}, progress=told.append)
    assert told == sorted(told) and len(told) == 10 and told[-1] < 1
    assert table.dtypes.unique().tolist() == [np.dtype("int64")]
    assert plans["c9"] == {"type": "number", "decimal": ".", "thousands": "", "integer": True}


def test_dates_of_the_calendar_only():
    frame, plans, notes = values.convert(pd.DataFrame({"d": ["2024-02-30", *[f"2024-01-{i:02d}" for i in range(1, 29)]]}, dtype="str"), {})
    assert plans["d"]["format"] == "ISO8601"
    assert frame["d"].isna().tolist() == [True] + [False] * 28
    assert any("1 cell that is no real date of the years 1677 to 2262 counts as missing" in note.message for note in notes)


def test_a_wide_table_is_read_by_a_job(tmp_path):
    narrow, wide = tmp_path / "narrow.csv", tmp_path / "wide.csv"
    narrow.write_text(",".join(f"c{i}" for i in range(300)) + "\n")
    wide.write_text(";".join(f"c{i}" for i in range(4_000)) + "\n")
    assert (is_large(narrow), is_large(wide)) == (False, True)


def test_zeros_and_signs_match_parse():
    cells = pd.Series(["7", "0", "-7", "0"], dtype="str")
    assert parse.to_number(cells, integer=True).tolist() == read(cells.tolist(), WHOLE).tolist() == [7, 0, -7, 0]


def test_a_dash_beside_a_currency_is_nought_as_spreadsheets_show_it():
    frame, plans, notes = values.convert(pd.DataFrame({"v": ["$ 1,234.50", "$ (2,000.00)", "$ -", ""]}, dtype="str"), {})
    assert frame["v"].tolist()[:3] == [1234.5, -2000.0, 0.0]
    assert frame["v"].isna().tolist() == [False, False, False, True]
    assert "'v': a dash beside the sign, as in '$ -', is read as 0." in [note.message for note in notes]


SIGNED = st.text(st.sampled_from("0123456789.,-+\u2212\u2013()$\u20ac% \u00a0\u2009\u2007e'"), min_size=1, max_size=9).map(str.strip).filter(bool)


@given(st.lists(st.one_of(st.none(), SIGNED), min_size=1, max_size=8), st.sampled_from(["$", "\u20ac", "%", ""]))
def test_amounts_are_read_by_arrow_as_by_pandas(written, unit):
    cells = pa.array(written, pa.large_string())
    column = pd.Series(written, dtype="str")
    plain = parse.plain_amounts(column, unit)
    assert amounts_of(cells, unit).to_pylist() == [None if pd.isna(v) else v for v in plain]
    plan = {"type": "number", "decimal": ".", "thousands": ",", "integer": False, "unit": unit}
    read = values._plain_numbers(cells, plan)
    if read is not None:
        assert read.tolist() == pytest.approx(values.apply_plan(column, plan, tidy=True).tolist(), nan_ok=True)
