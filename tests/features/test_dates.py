from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.features.dates import Dates


def stamps(*texts):
    return np.array(texts, dtype="datetime64[ns]")


def parts(block, when):
    return dict(zip(block.output_names("d"), block.transform(when).T, strict=True))


def test_calendar_parts():
    block = Dates().fit(stamps("2024-01-01", "2024-03-01"))
    found = parts(block, stamps("2024-02-29", "NaT", "1969-12-31"))
    assert [found[f"d {p}"][0] for p in ("days", "year", "month", "day", "weekday")] == [59, 2024, 2, 29, 3]
    assert [found[f"d {p}"][2] for p in ("year", "month", "day", "weekday")] == [1969, 12, 31, 2]
    assert all(np.isnan(v[1]) for v in found.values())
    assert "d hour" not in found


def test_the_season_is_a_circle():
    found = Dates().fit(stamps("2024-01-01")).transform(stamps("2023-12-31", "2024-01-01"))
    assert np.abs(found[0, 5:7] - found[1, 5:7]).max() < 0.03


def test_hours_where_there_are_any():
    block = Dates().fit(stamps("2024-01-01T13:30", "NaT"))
    assert parts(block, stamps("2024-01-02T06:15"))["d hour"][0] == 6.25


def test_nothing_known_and_no_rows():
    block = Dates().fit(stamps("NaT", "NaT"))
    assert np.isfinite(block.transform(stamps("2024-01-01"))).all()
    assert block.transform(stamps()).shape == (0, 7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(2**62), 2**62) | st.just(np.iinfo(np.int64).min), min_size=1, max_size=8))
def test_state_comes_back_and_rows_stand_alone(values):
    when = np.array(values, dtype=np.int64).view("datetime64[ns]")
    block = Dates().fit(when)
    again = Dates.from_state(json.loads(json.dumps(block.state())))
    whole = block.transform(when)
    np.testing.assert_array_equal(again.transform(when), whole)
    assert (np.isnan(whole).all(axis=1) == np.isnat(when)).all()
    for i in range(len(when)):
        np.testing.assert_array_equal(block.transform(when[[i]])[0], whole[i])
