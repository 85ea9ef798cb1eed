"""The measures against what scipy says, and what must hold for any table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from automl.data.insights.association import correlation_ratio, cramers_v, spearman, table_of, theils_u
from automl.data.insights.power import gini

QUICK = settings(max_examples=40, deadline=None)
numbers = hnp.arrays(np.float64, 30, elements=st.integers(-20, 20).map(float))
codes = hnp.arrays(np.int64, 60, elements=st.integers(-1, 4))
tables = hnp.arrays(np.float64, st.tuples(st.integers(2, 5), st.integers(2, 5)), elements=st.integers(1, 40).map(float))


@QUICK
@given(numbers, numbers)
def test_spearman_is_scipys(a, b) -> None:
    if np.ptp(a) and np.ptp(b):
        assert spearman(a, b) == pytest.approx(abs(stats.spearmanr(a, b).statistic))
    else:
        assert spearman(a, b) == 0


@QUICK
@given(numbers)
def test_spearman_sees_only_the_order(a) -> None:
    if np.ptp(a):
        assert spearman(a, a**3 - 5) == pytest.approx(1)
        assert spearman(a, -a) == pytest.approx(1)


def test_spearman_leaves_gaps_out() -> None:
    a = np.array([1, 2, np.nan, 3, 4, 100.0])
    b = np.array([1, 2, 900, 3, 4, np.nan])
    assert spearman(a, b) == 1


@QUICK
@given(tables)
def test_cramers_v_is_below_the_uncorrected_one(counts) -> None:
    n, least = counts.sum(), min(counts.shape) - 1
    plain = np.sqrt(stats.chi2_contingency(counts, correction=False).statistic / n / least)
    assert 0 <= cramers_v(counts) <= 1
    assert cramers_v(counts) == pytest.approx(cramers_v(counts.T), abs=1e-9)
    assert cramers_v(counts * 1000) == pytest.approx(plain, abs=0.05)  # the correction fades with more rows


@QUICK
@given(codes, codes)
def test_tables_count_the_rows_that_have_both(a, b) -> None:
    counts = table_of(a, b)
    assert counts.sum() == ((a >= 0) & (b >= 0)).sum()
    assert not counts.size or counts.any(axis=1).all()


@QUICK
@given(tables)
def test_theils_u_is_a_share(counts) -> None:
    assert 0 <= theils_u(counts) <= 1
    independent = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    assert theils_u(independent) == pytest.approx(0, abs=1e-9)
    assert theils_u(np.diag(counts.sum(axis=1))) == 1


@QUICK
@given(codes, hnp.arrays(np.float64, 60, elements=st.integers(-90, 90).map(float)))
def test_the_correlation_ratio_is_a_share_and_sees_only_the_order(a, y) -> None:
    found = correlation_ratio(a, y)
    assert 0 <= found <= 1
    assert correlation_ratio(a, y * 2 + 1) == pytest.approx(found)


def test_values_that_set_a_number_apart_have_a_ratio_of_nearly_one() -> None:
    groups = np.repeat([0, 1, 2], 100)
    y = groups * 1000 + np.random.default_rng(0).normal(size=300)
    assert correlation_ratio(groups, y) > 0.93  # ranks inside a group still differ
    assert correlation_ratio(np.random.default_rng(1).permutation(groups), y) < 0.2


@QUICK
@given(hnp.arrays(np.float64, 40, elements=st.integers(0, 9).map(float)), hnp.arrays(bool, 40))
def test_gini_counts_pairs(scores, wanted) -> None:
    ones, others = scores[wanted], scores[~wanted]
    if not len(ones) or not len(others):
        assert gini(scores, wanted) == 0
        return
    signs = np.sign(ones[:, None] - others[None, :])
    assert gini(scores, wanted) == pytest.approx(signs.mean())
