from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automl.features.typed import one_date, one_number, to_typed, typed_dates, typed_numbers, typed_words

WILD = st.lists(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes()
    | st.decimals(allow_nan=False) | st.sampled_from(["1,234", "$5", "12 %", "31/01/2024", "2024-01-05", "inf", "9999-12-31", pd.NA, pd.NaT]),
    min_size=1, max_size=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), (" 12.5 ", 12.5), ("1,234", 1234), ("1,234,567.5", 1234567.5), ("$5", 5), ("$ 5.50", 5.5),
        ("-$5", -5), ("€1,200", 1200), ("12 %", 12), ("12%", 12), ("12 kg", 12), ("12kg", 12), ("5 USD", 5),
        ("1 234", 1234), ("1\u00a0234 kr", 1234), ("1'234", 1234), ("1,5", 1.5), ("0,75", 0.75), ("12,3456", 12.3456),
        ("\u22125", -5), ("- 5", -5), ("+5", 5), ("1e3", 1000), ("1.5E-3 s", 0.0015), (".5", 0.5), ("5.", 5), ("1,234 kg", 1234),
        (True, 1), (Decimal("2.5"), 2.5), (np.int8(3), 3),
    ],
)  # fmt: skip
def test_numbers_in_text(text, number):
    assert one_number(text) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    "junk",
    ["", " ", "a lot", "2024-01-05", "12:30", "5-7", "1.2.3", "1,2,3", "12 34", "1.234,56.7", None, np.nan, pd.NA, pd.NaT,
     "inf", "-inf", "nan", "1e999", dt.date(2024, 1, 5)],
)  # fmt: skip
def test_what_is_no_number_is_missing(junk):
    assert np.isnan(typed_numbers(pd.Series([junk], dtype=object))[0])


@pytest.mark.parametrize(
    "dtype", ["int64", "int8", "float32", "bool", "Int64", "Float64", "category", "object", "str"]
)
def test_numbers_of_every_type(dtype):
    assert typed_numbers(
        pd.Series([1, 0]).astype(dtype) if dtype != "str" else pd.Series(["1", "0"])
    ).tolist() == [1, 0]


def test_dates_are_no_numbers():
    assert np.isnan(typed_numbers(pd.Series(pd.to_datetime(["2024-01-01"])))).all()


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-01-05", "2024-01-05"), ("2024-01-05 13:30", "2024-01-05T13:30"), ("2024-01-05T13:30:01Z", "2024-01-05T13:30:01"),
        ("2024-01-05T13:30:00+02:00", "2024-01-05T11:30"), ("2024/01/05", "2024-01-05"), ("2024.1.5", "2024-01-05"),
        ("2024-1-5", "2024-01-05"), ("31/01/2024", "2024-01-31"), ("01/31/2024", "2024-01-31"), ("5/5/2024", "2024-05-05"),
        ("05.01.2024", "2024-01-05"), ("31-01-2024 08:15", "2024-01-31T08:15"), ("5 Jan 2024", "2024-01-05"),
        ("05-Jan-2024", "2024-01-05"), ("5 January 2024", "2024-01-05"), ("Jan 5, 2024", "2024-01-05"),
        ("January 5 2024", "2024-01-05"), ("5th March 2024", "2024-03-05"), (" 2024/01/05 ", "2024-01-05"),
    ],
)  # fmt: skip
def test_dates_in_text(text, date):
    assert typed_dates(pd.Series([text, None]))[0] == np.datetime64(date, "ns")


@pytest.mark.parametrize(
    "junk",
    ["", "soon", "05/01/2024", "5-1-2024", "31/02/2024", "2024-13-01", "2024/13/41", "5 Foo 2024", "9999-12-31", "0001-01-01",
     "99/99/9999", "31/12/9999", None, np.nan, pd.NA, pd.NaT, "x" * 5000],
)  # fmt: skip
def test_what_is_no_date_or_could_be_two_is_missing(junk):
    assert np.isnat(typed_dates(pd.Series([junk], dtype=object))[0])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_of_every_unit(unit):
    given = pd.Series(pd.to_datetime(["2024-01-05 10:00", None])).astype(f"datetime64[{unit}]")
    for column in (
        given,
        given.dt.tz_localize("Europe/Amsterdam"),
        given.dt.tz_localize("UTC").astype(object),
    ):
        found = typed_dates(column)
        assert found.dtype == "datetime64[ns]" and np.isnat(found[1])
    assert typed_dates(given)[0] == np.datetime64("2024-01-05T10:00")
    assert typed_dates(given.dt.tz_localize("Europe/Amsterdam"))[0] == np.datetime64("2024-01-05T09:00")


def test_dates_far_away_are_missing():
    far = pd.Series(np.array(["9999-12-31", "2024-01-01"], dtype="datetime64[s]"))
    assert np.isnat(typed_dates(far)).tolist() == [True, False]


def test_numbers_are_no_dates():
    assert np.isnat(typed_dates(pd.Series([2024.0, np.nan]))).all()
    assert np.isnat(typed_dates(pd.Series([20240105, 7], dtype=object))).all()


def test_words():
    given = pd.Series(
        [" a ", "", None, np.nan, pd.NA, 1.0, 1, 1.5, True, "True", np.float64(2), np.inf], dtype=object
    )
    expected = ["a", None, None, None, None, "1", "1", "1.5", "True", "True", "2", "inf"]
    assert typed_words(given).tolist() == expected
    assert typed_words(pd.Series(["x", None], dtype="category")).tolist() == ["x", None]
    assert typed_words(pd.Series([1, None], dtype="Int64")).tolist() == ["1", None]
    assert typed_words(pd.Series([True, False])).tolist() == ["True", "False"]


def test_identifiers_are_left_out_and_the_index_stays():
    frame = pd.DataFrame({"id": [1, 2], "a": ["1", "x"], "b": [1, 2]}, index=[7, 7])
    typed = to_typed(frame, {"id": "identifier", "b": "categorical", "a": "numeric"})
    assert list(typed.columns) == ["b", "a"] and list(typed.index) == [7, 7]
    assert len(to_typed(frame.iloc[:0], {"a": "numeric", "b": "text"})) == 0


@settings(max_examples=80, deadline=None)
@given(WILD)
@example([10**400])
@example([1, "2024-01-05"])
@example(["\x00", "٣", "1_0"])
def test_any_value_is_read_alone_as_among_others(values):
    frame = pd.DataFrame({"c": pd.Series(values, dtype=object)})
    for kind, dtype in (
        ("numeric", "float64"),
        ("datetime", "datetime64[ns]"),
        ("categorical", None),
        ("text", None),
    ):
        whole = to_typed(frame, {"c": kind})
        assert len(whole) == len(values)
        assert dtype is None or whole["c"].dtype == dtype
        alone = pd.concat([to_typed(frame.iloc[[i]], {"c": kind}) for i in range(len(values))])
        assert whole["c"].astype(object).where(whole["c"].notna(), None).tolist() == (
            alone["c"].astype(object).where(alone["c"].notna(), None).tolist()
        )


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_no_text_breaks_a_reader(text):
    number, date = one_number(text), one_date(text)
    assert isinstance(number, float)
    assert date.dtype == np.dtype("datetime64[ns]") or np.isnat(date)


@settings(max_examples=100, deadline=None)
@given(st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)))
def test_every_date_comes_back(when):
    day = np.datetime64(when.date(), "ns")
    for text in (
        when.strftime("%Y/%m/%d"),
        when.strftime("%d %b %Y"),
        when.strftime("%B %d, %Y"),
        when.date().isoformat(),
    ):
        assert typed_dates(pd.Series([text]))[0] == day


DATES = st.one_of(
    st.none(),
    st.datetimes().map(str),
    st.dates().map(str),
    st.sampled_from(["2024-02-30", "2024-01-31 24:00", "2024-01-01T10:00:00Z", " 2024-01-01", "31.1.2024", "soon", "1650-01-01", "2300-01-01"]),
)


@given(st.lists(DATES, min_size=1, max_size=4))
def test_dates_of_few_rows_are_read_as_those_of_many(values):
    few, many = pd.Series(values, dtype="str"), pd.Series([*values, *["soon"] * 40], dtype="str")
    np.testing.assert_array_equal(typed_dates(few), typed_dates(many)[: len(values)])
