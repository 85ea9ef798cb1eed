from __future__ import annotations

import numpy as np
import pytest

from automl.features.target_means import (
    INNER_FOLDS,
    ROUNDING,
    TargetMeans,
    cross_fitted_means,
    outcomes,
    shrunken_means,
)


def rows(n=600, values=12, signal=1.0, seed=0):
    rng = np.random.default_rng(seed)
    keys = rng.integers(0, values, n)
    y = signal * (keys % 3) + rng.normal(0, 1, n)
    return keys, y[:, None], np.ones(n)


def test_outcomes_by_task():
    y = np.array([2, 2, 0, 1, 1, 2])
    assert outcomes(y * 1.5, "regression", 0, 4).tolist() == [[3.0], [3.0], [0.0], [1.5], [1.5], [3.0]]
    assert outcomes(y % 2, "binary", 2, 4).ravel().tolist() == [0, 0, 0, 1, 1, 0]
    assert outcomes(y, "multiclass", 3, 2).T.tolist() == [[1, 1, 0, 0, 0, 1], [0, 0, 0, 1, 1, 0]]


def test_own_outcome_is_not_in_a_rows_mean():
    keys, targets, weight = rows()
    before = cross_fitted_means(keys, 12, targets, weight)
    for i in (0, 17, 599):
        changed = targets.copy()
        changed[i] = 1e9
        after = cross_fitted_means(keys, 12, changed, weight)
        assert after[i] == before[i]
        assert (after != before).any()


def test_each_row_gets_the_mean_of_the_other_inner_folds():
    keys, targets, weight = rows(50, values=2)
    fold = np.random.default_rng(0).permutation(50) % INNER_FOLDS
    rest = fold != fold[7]
    expected = shrunken_means(keys[rest], 2, targets[rest], weight[rest])[1][keys[7]]
    np.testing.assert_array_equal(cross_fitted_means(keys, 2, targets, weight)[7], expected)


def test_means_are_shrunk_by_what_is_noise():
    keys, targets, weight = rows(values=3, signal=5.0)
    prior, means = shrunken_means(keys, 4, targets, weight)
    raw = np.array([targets[keys == k].mean() for k in range(3)])
    np.testing.assert_allclose(means[:3, 0], raw, atol=0.05)
    assert means[3] == prior == targets.mean()
    assert (np.abs(means[:3, 0] - prior) <= np.abs(raw - prior)).all()
    few = np.r_[np.zeros(3, dtype=int), np.ones(300, dtype=int), np.full(300, 2)]
    noisy = np.r_[[9.0, 9.0, 9.0], np.random.default_rng(1).normal(0, 5, 600)][:, None]
    shrunk = shrunken_means(few, 3, noisy, np.ones(603))[1][0, 0]
    assert 0 < shrunk < 8


def test_a_column_that_says_nothing_says_one_number():
    keys, targets, weight = rows(2000, values=500, signal=0.0)
    apart = cross_fitted_means(keys, 500, targets, weight)
    assert apart.std() < 0.1
    alike = TargetMeans().fit(keys, np.full_like(targets, 7.0), weight).transform(keys)
    assert set(alike.ravel()) == {7.0}  # on the grid of quarters


def test_rounding_hides_from_which_inner_fold_a_mean_came():
    keys, targets, weight = rows(5000, values=4, signal=2.0)
    block = TargetMeans()
    encoded = block.fit_transform(keys, targets, weight)
    assert len(np.unique(cross_fitted_means(keys, 4, targets, weight))) == 4 * INNER_FOLDS
    assert len(np.unique(encoded)) <= 4
    assert np.abs(block.transform(keys) - encoded).max() <= 2 * ROUNDING * targets.std()


def test_rows_of_weight_0_are_not_there():
    keys, targets, weight = rows()
    weight[300:] = 0
    spoiled = targets.copy()
    spoiled[300:] = 1e6
    one, two = (TargetMeans().fit(keys, t, weight) for t in (targets, spoiled))
    np.testing.assert_allclose(one.prior, two.prior)
    np.testing.assert_allclose(
        *(shrunken_means(keys, 12, t, weight)[1] for t in (targets, spoiled)), rtol=1e-6
    )


def test_unseen_keys_and_state():
    keys, targets, weight = rows()
    block = TargetMeans().fit(keys * 10, targets, weight)
    new = np.array([-5, 0, 7, 110, 99999])
    found = block.transform(new)
    assert found[[0, 2, 4]].ravel().tolist() == [block.prior[0]] * 3
    assert found[1] != found[3] or block.means[0] == block.means[11]
    np.testing.assert_array_equal(TargetMeans.from_state(block.state()).transform(new), found)
    np.testing.assert_array_equal(block.transform(new[[3]]), found[[3]])


@pytest.mark.parametrize("scale", [1.0, 1e12])
def test_large_values_stay_exact(scale):
    keys = np.repeat([0, 1], 100)
    targets = scale + np.repeat([[0.0], [scale / 1e9]], 100, axis=0)
    means = shrunken_means(keys, 2, targets, np.ones(200))[1].ravel()
    np.testing.assert_allclose(means - scale, [0, scale / 1e9], atol=scale * 1e-13)
