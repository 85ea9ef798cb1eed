from __future__ import annotations

import numpy as np
import pytest

from automl.engine.threshold import choose
from automl.metrics import METRICS


def rare(rows: int = 4000, seed: int = 0):
    """An outcome of about 7 % whose chance is known exactly; never likelier than not."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(0.5, 6, rows).clip(0, 0.49)
    y = (rng.random(rows) < chance).astype(int)
    return np.column_stack([1 - chance, chance]), y, np.arange(rows) % 5


def test_f1_of_a_rare_outcome_gains_on_rows_it_was_not_chosen_on():
    p, y, fold = rare()
    f1 = METRICS["f1"]
    found = choose(p, y, fold, f1)
    assert found.before == f1.score(y, p) == 0.0
    assert 0.1 < found.value < 0.3 and found.score > 0.25
    p, y, _ = rare(seed=1)
    assert f1.for_outcome(1, found.value).score(y, p) == pytest.approx(found.score, abs=0.05)


def test_the_outcome_of_interest_may_be_the_first():
    p, y, fold = rare()
    found = choose(p[:, ::-1], 1 - y, fold, METRICS["f1"].for_outcome(0))
    assert found == choose(p, y, fold, METRICS["f1"])


def test_what_is_right_most_often_stays():
    p, y, fold = rare()
    assert choose(p, y, fold, METRICS["accuracy"]) is None


@pytest.mark.parametrize("name", ["roc_auc", "log_loss", "precision", "recall"])
def test_other_metrics_have_no_threshold(name):
    assert choose(*rare(), METRICS[name]) is None


def test_one_fold_is_not_enough():
    p, y, fold = rare()
    assert choose(p, y, np.zeros_like(fold), METRICS["f1"]) is None


def test_rows_without_weight_do_not_count():
    p, y, fold = rare()
    junk, weight = rare(seed=2), np.repeat([1.0, 0.0], len(y))
    doubled = np.vstack([p, junk[0]]), np.r_[y, 1 - junk[1]], np.r_[fold, fold]
    assert choose(*doubled, METRICS["f1"], weight).score == pytest.approx(
        choose(p, y, fold, METRICS["f1"]).score, abs=0.03
    )
