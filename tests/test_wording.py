from __future__ import annotations

import math

import pytest

from automl import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.83333, "0.833"),
        (0.0, "0"),
        (-0.5, "-0.500"),
        (1, "1"),
        (12.0, "12"),
        (0.1, "0.100"),
        (1.5, "1.50"),
        (0.9996, "1.00"),
        (9.996, "10.0"),
        (99.96, "100"),
        (-99.96, "-100"),
        (123.456, "123"),
        (12345.678, "12,346"),
        (1e7, "10,000,000"),
        (4.1e-5, "0.0000410"),
        (3e-12, "about 0"),
        (-3e-12, "about 0"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_number(value, text) -> None:
    assert wording.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.1234, "12.3 %"),
        (1, "100 %"),
        (0, "0 %"),
        (0.9999, "over 99.9 %"),
        (0.0002, "under 0.1 %"),
        (None, "–"),
    ],
)
def test_percent(share, text) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (72, "1 min 12 s"),
        (60, "1 min"),
        (59.7, "1 min"),
        (9.97, "10 s"),
        (0.25, "250 ms"),
        (0.0004, "0.4 ms"),
        (0.00004, "0.04 ms"),
        (0.9996, "1.0 s"),
        (3599.6, "1 h"),
        (3725, "1 h 2 min"),
        (7199, "2 h"),
        (90061, "25 h 1 min"),
        (0, "0 s"),
        (None, "–"),
    ],
)
def test_duration(seconds, text) -> None:
    assert wording.duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (4_200_000, "4.2 MB"),
        (812, "812 bytes"),
        (999_999, "1.0 MB"),
        (123e6, "123 MB"),
        (2.5e9, "2.5 GB"),
        (None, "–"),
    ],
)
def test_filesize(size, text) -> None:
    assert wording.filesize(size) == text


def test_count() -> None:
    assert wording.count(12345) == "12,345"
    assert wording.count(None) == "–"
    assert wording.count(math.nan) == "–"


def test_of_100() -> None:
    assert wording.of_100(0.914) == "91"
    assert wording.of_100(1) == "100"
    assert wording.of_100(0.997) == "99.7"
    assert wording.of_100(0.99999) == "over 99.9"
    assert wording.of_100(0.003) == "0.3"
    assert wording.of_100(0.0001) == "under 0.1"


def test_numpy_numbers_too() -> None:
    import numpy as np

    assert wording.number(np.float32(0.5)) == "0.500"
    assert wording.number(np.float32("nan")) == "–"
    assert wording.count(np.int64(1000)) == "1,000"


def test_years_have_no_separator_wherever_a_value_of_their_column_is_said() -> None:
    import numpy as np
    import pandas as pd

    from automl import insight, preview
    from automl.evaluate.segments import _ranges

    assert insight.shown(2014.0, "year") == "2014" and insight.shown(2014.0, "price") == "2,014"
    years = pd.Series(np.arange(1990, 2030, dtype=float), name="YearBuilt")
    names = list(_ranges(years, years.isna().to_numpy(), False))
    assert names[0].startswith("1990 to ") and names[-1].endswith("2029")
    prices = list(_ranges(years.rename("price"), years.isna().to_numpy(), False))
    assert prices[0].startswith("1,990 to ") and [p.replace(",", "") for p in prices] == names
    _, rows = preview._table(pd.DataFrame({"yr": [2014], "km": [2014]}))
    assert rows == (("2014", "2,014"),)
