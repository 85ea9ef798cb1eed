"""Skills from counts are those of predictions made row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.data.insights.grouped import PRIOR_ROWS, skill_of_groups, told_by_target
from automl.data.insights.outcome import Outcome
from automl.data.insights.power import gini, skill

ROWS, FOLDS = 240, 4


def row_by_row(codes, aims, folds):
    """The mean of the other folds' rows with the same code, shrunk to the mean of those folds."""
    out = np.empty_like(aims)
    for row, (code, fold) in enumerate(zip(codes, folds, strict=True)):
        learned = folds != fold
        same = learned & (codes == code)
        out[row] = (aims[same].sum(axis=0) + PRIOR_ROWS * aims[learned].mean(axis=0)) / (same.sum() + PRIOR_ROWS)
    return out


@pytest.fixture(params=["two", "five", "number"])
def outcome(request):
    rng = np.random.default_rng(4)
    y = rng.normal(size=ROWS)
    target = {"two": np.where(y > 0.4, "p", "q"), "five": pd.cut(y, 5).astype(str), "number": y}[request.param]
    return Outcome.of(pd.DataFrame({"y": target}), "y", number=request.param == "number")


def test_skills_are_those_of_rows(outcome) -> None:
    rng = np.random.default_rng(5)
    aims, folds = outcome.aims(), outcome.folds(FOLDS)
    known = outcome.numbers > 0.3 if outcome.is_number else outcome.codes == 0
    codes = np.column_stack([
        known.astype(int), np.where(rng.random(ROWS) < 0.3, 1 - known, known), rng.integers(0, 17, ROWS), np.zeros(ROWS, int), np.arange(ROWS),
    ])  # fmt: skip
    found = skill_of_groups(codes, aims, folds, outcome)
    wanted = [skill(row_by_row(c, aims, folds), aims, outcome) for c in codes.T]
    assert found == pytest.approx(wanted, abs=1e-9)
    assert found[0] > found[2]
    assert found[3] == pytest.approx(0, abs=1e-9)


def test_blocks_of_columns_make_no_difference(outcome, monkeypatch) -> None:
    codes = np.random.default_rng(6).integers(0, 5, (ROWS, 9))
    whole = skill_of_groups(codes, outcome.aims(), outcome.folds(FOLDS), outcome)
    monkeypatch.setattr("automl.data.insights.grouped.BLOCK_CELLS", 1)
    assert skill_of_groups(codes, outcome.aims(), outcome.folds(FOLDS), outcome).tolist() == whole.tolist()


def test_what_the_target_tells_of_gaps(outcome) -> None:
    rng = np.random.default_rng(7)
    known = outcome.numbers > 0.3 if outcome.is_number else outcome.codes == 0
    gaps = np.column_stack([known, rng.random(ROWS) < 0.2, np.arange(ROWS) < 9])
    rates = outcome.numbers if outcome.is_number else np.zeros(0)
    wanted = []
    for one in gaps.T:
        if not outcome.is_number:
            rates = np.array([one[outcome.codes == c].mean() for c in range(len(outcome.labels))])[outcome.codes]
        wanted.append(abs(gini(rates, one)))
    found = told_by_target(gaps, outcome)
    assert found[:2] == pytest.approx(wanted[:2], abs=1e-9)
    assert found[0] == pytest.approx(1)
    assert found[2] == 0  # too few to say
