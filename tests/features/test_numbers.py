from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl.features.numbers import Numbers

GAP = np.nan
MATRIX = np.array([[1.0, 5.0, GAP, GAP], [3.0, 5.0, 2.0, GAP], [5.0, 5.0, 4.0, GAP]])
NAMES = ["a", "constant", "gaps", "empty"]


def test_as_they_are_for_trees():
    block = Numbers(impute=False, scale=False).fit(MATRIX, NAMES)
    np.testing.assert_array_equal(block.transform(MATRIX), MATRIX)
    assert block.output_names() == NAMES


def test_filled_marked_and_scaled():
    block = Numbers(impute=True, scale=True).fit(MATRIX, NAMES)
    out = block.transform(MATRIX)
    assert block.output_names() == [*NAMES, "gaps is missing", "empty is missing"]
    assert out.shape == (3, 6) and np.isfinite(out).all()
    assert out[:, 0].mean() == pytest.approx(0) and out[:, 0].std() == pytest.approx(1)
    assert (out[:, 1] == 0).all() and (out[:, 3] == 0).all()
    assert out[:, 4].tolist() == [1, 0, 0] and out[:, 5].tolist() == [1, 1, 1]


def test_missing_at_prediction_only_and_wild_values():
    block = Numbers(impute=True, scale=True).fit(MATRIX[1:, :3], NAMES[:3])
    out = block.transform(np.array([[GAP, 1e300, -np.inf]]))
    assert np.isfinite(out).all() and np.abs(out).max() <= 10
    assert out.shape == (1, 3)


def test_no_columns():
    block = Numbers(impute=True, scale=True).fit(np.zeros((4, 0)), [])
    assert block.transform(np.zeros((2, 0))).shape == (2, 0)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, (5, 3), elements=st.floats(-1e100, 1e100) | st.just(GAP)),
    arrays(np.float64, (4, 3), elements=st.floats(allow_infinity=True, allow_nan=True)),
    st.booleans(),
)
def test_state_comes_back_and_rows_stand_alone(train, new, scale):
    block = Numbers(impute=True, scale=scale).fit(train, list("abc"))
    again = Numbers.from_state(*block.state())
    whole = block.transform(new)
    np.testing.assert_array_equal(again.transform(new), whole)
    assert again.output_names() == block.output_names()
    for i in range(len(new)):
        np.testing.assert_array_equal(block.transform(new[[i]])[0], whole[i])
    assert np.isfinite(whole).all()
