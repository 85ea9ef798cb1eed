"""scikit-learn's own checks of its conventions, for both estimators.

They fit about 120 times. Here the fits run in this process; `make check-estimator` lets
each build start its processes, as it does for everyone, which takes some minutes.
"""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from automl import AutoMLClassifier, AutoMLRegressor

SMALL = {"max_candidates": 1, "families": ["linear"], "n_jobs": 1, "random_state": 0}
# name of the check → why it can't pass
EXCLUDED = {
    "check_sample_weight_equivalence_on_dense_data": "repeated rows are other rows to draw folds from",
}

checks = parametrize_with_checks(
    [AutoMLClassifier(**SMALL), AutoMLRegressor(**SMALL)], expected_failed_checks=lambda estimator: EXCLUDED
)


@checks
def test_convention(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.usefixtures("own_processes")
@checks
def test_convention_with_processes(estimator, check):
    check(estimator)
