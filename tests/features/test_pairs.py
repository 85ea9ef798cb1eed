from __future__ import annotations

import numpy as np
import pytest

from automl.features import pairs
from automl.features.pairs import MAX_PAIRS, OPERATIONS, Pairs, combine_numbers, explained, in_bins, spreads


def numbers(n=3000, seed=0):
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(0, 1, (n, 4)))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_finds_the_pair_that_counts(operation):
    matrix = numbers()
    target = combine_numbers(matrix[:, 1], matrix[:, 3], operation)
    rank = np.searchsorted(np.sort(target), target)[:, None].astype(float)
    block = Pairs().fit(matrix, rank)
    assert block.pairs[0] == [1, operation, 3]
    np.testing.assert_array_equal(block.transform(matrix)[:, 0], target)
    assert block.output_names(["a", "b", "c", "d"])[0] == f"b {operation} d"


def test_noise_and_sides_that_speak_apart_give_no_pair():
    matrix = numbers()
    noise = np.random.default_rng(1).normal(size=(len(matrix), 1))
    assert Pairs().fit(matrix, noise).pairs == []
    assert Pairs().fit(matrix, (matrix[:, :1] > 1) * 1.0).pairs == []
    assert Pairs().fit(matrix[:5], noise[:5]).pairs == []
    assert Pairs().fit(matrix[:, :0], noise).pairs == []


def test_at_most_so_many_pairs(monkeypatch):
    monkeypatch.setattr(pairs, "SURPLUS", -9.0)
    monkeypatch.setattr(pairs, "NOISE", -9999.0)
    rng = np.random.default_rng(0)
    matrix = rng.normal(0, 1, (4000, 9))
    assert len(Pairs().fit(matrix, matrix.sum(axis=1, keepdims=True)).pairs) == MAX_PAIRS


def test_a_wide_column_does_not_drown_a_narrow_one():
    rng = np.random.default_rng(0)
    rooms, place = rng.integers(1, 6, 3000).astype(float), rng.normal(-93, 0.02, 3000)
    target = (rooms + 20 * place)[:, None]
    found = Pairs().fit(np.column_stack([rooms, place]), target).pairs
    assert all(operation not in ("plus", "minus") for _, operation, _ in found)


def test_gaps_and_zeros():
    a, b = np.array([1.0, 2.0, np.nan, 1e308]), np.array([0.0, 4.0, 1.0, 1e308])
    np.testing.assert_array_equal(combine_numbers(a, b, "over"), [np.nan, 0.5, np.nan, 1.0])
    block = Pairs()
    block.pairs = [[0, "times", 1], [0, "minus", 1]]
    found = block.transform(np.column_stack([a, b]))
    np.testing.assert_array_equal(found[:, 0], [0, 8, np.nan, np.inf])
    np.testing.assert_array_equal(block.transform(np.column_stack([a, b])[[1]])[0], found[1])


def test_bins_and_what_they_explain():
    assert in_bins(np.array([3.0, 1.0, np.nan, 2.0, 4.0]), 4).tolist() == [2, 0, 4, 1, 3]
    assert in_bins(np.array([np.nan, np.nan]), 4).tolist() == [4, 4]
    rng = np.random.default_rng(0)
    place, noise = rng.integers(0, 50, 1000), rng.normal(size=(1000, 1))
    assert abs(explained(place, noise)) < 0.05
    assert explained(np.arange(1000), noise) == 0.0
    assert explained(place, np.ones((1000, 1))) == 0.0
    assert explained(place, np.column_stack([place % 2, noise])) == pytest.approx(0.5, abs=0.03)


def test_spreads():
    assert spreads(np.array([np.nan])) == (0.0, 0.0)
    assert spreads(np.array([-93.0] * 5)) == (0.0, 0.0)
    wide, share = spreads(np.linspace(0, 10, 101))
    assert wide == pytest.approx(8) and share == pytest.approx(1.6)
