from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.findings.shift import stability_index

rng = np.random.default_rng(0)


def test_two_samples_of_one_population_have_not_moved():
    for size in (20, 100, 2_000):
        assert stability_index(pd.Series(rng.normal(size=1_000)), pd.Series(rng.normal(size=size))) == 0.0
        words = [pd.Series(rng.choice(list("abcdef"), n), dtype=object) for n in (1_000, size)]
        assert stability_index(*words) == 0.0


def test_it_is_the_index_of_the_books():
    before = pd.Series(["a"] * 500 + ["b"] * 500, dtype=object)
    after = pd.Series(["a"] * 800 + ["b"] * 200, dtype=object)
    expected = (0.8 - 0.5) * np.log(0.8 / 0.5) + (0.2 - 0.5) * np.log(0.2 / 0.5)
    assert stability_index(before, after) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pd.Series(rng.normal(size=1_000)), pd.Series(rng.normal(1.0, 1.0, size=300))),
        (pd.Series(rng.normal(size=1_000)), pd.Series([np.nan] * 150 + [0.0] * 150)),
        (pd.Series(pd.date_range("2020-01-01", periods=1_000)), pd.Series(pd.date_range("2023-01-01", periods=300))),
        (pd.Series(["a", "b"] * 500, dtype=object), pd.Series(["new"] * 300, dtype=object)),
        (pd.Series(["a", "b"] * 500, dtype=object), pd.Series([None] * 100 + ["a"] * 100, dtype=object)),
        (pd.Series([True, False] * 500), pd.Series([True] * 300)),
    ],
)
def test_what_moved_is_seen(before, after):
    assert stability_index(before, after) > 0.25


def test_nothing_to_compare():
    assert stability_index(pd.Series([], dtype=float), pd.Series([1.0])) == 0.0
    assert stability_index(pd.Series([np.nan] * 9), pd.Series([np.nan] * 9)) == 0.0


def test_of_many_columns_more_is_asked():
    before, after = pd.Series(rng.normal(size=300)), pd.Series(rng.normal(size=100))
    least = next(s for s in np.linspace(0, 2, 200) if stability_index(before, after + s) > 0)
    assert stability_index(before, after + least, columns=500) == 0.0
    assert stability_index(before, after + least + 1, columns=500) == stability_index(before, after + least + 1) > 0.25
