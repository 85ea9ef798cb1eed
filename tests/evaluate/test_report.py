from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as reference

from automl.evaluate import evaluate
from automl.evaluate.curves import POINTS
from automl.evaluate.report import CLASSES_SHOWN, CONFUSION_LABELS, SCATTER_POINTS
from automl.metrics import for_task
from automl.types import Problem, Task

KEYS = {
    "rows_test", "rows_train", "metric", "score", "interval", "baseline_score", "validation_score",
    "validation_std", "sentence", "threshold", "headline", "metrics", "confusion", "curves", "class_sentences", "regression",
    "impact", "impact_method", "gain", "guess",
}  # fmt: skip


def churn(**changes) -> Problem:
    known = {"target": "churn", "task": Task.BINARY, "metric": "roc_auc", "features": ("age",)}
    return Problem(**{**known, "classes": ("no", "yes"), "positive_class": "yes", **changes})


def hundred() -> tuple[np.ndarray, np.ndarray]:
    """100 rows: 86 no, 14 yes; 12 called yes, of which 9 are. 92 right."""
    y = np.r_[np.zeros(86, int), np.ones(14, int)]
    called = np.zeros(100)
    called[[0, 1, 2, *range(86, 95)]] = 1
    p = np.where(called[:, None] == 1, [0.2, 0.8], [0.9, 0.1])
    return y, p


BASE = np.tile([0.86, 0.14], (100, 1))


def test_two_classes_in_words() -> None:
    y, p = hundred()
    said = evaluate(churn(), y, p, baseline_prediction=BASE)
    assert said["headline"]["value"] == "92 of 100 right"
    low, high = (int(w) for w in said["headline"]["detail"].removeprefix("between ").split(" and "))
    assert 82 <= low < 92 < high <= 99
    assert said["headline"]["text"] == (
        "Always guessing “no” would be right for 86. "
        "Of 100 rows it calls “yes”, 75 are; it finds 64 of every 100 that are."
    )
    assert said["sentence"].startswith(
        "Right for 92 of 100 rows it had never seen; always guessing “no” would be right for 86. ROC AUC 0.804, between"
    )
    assert said["sentence"].endswith("higher is better, and a plain guess gets 0.500.")
    assert said["class_sentences"] == [
        "Of all the times that churn = no was predicted, the prediction was correct 94.3 % of the time. "
        "Of the 86 rows that really are churn = no, 96.5 % were found.",
        "Of all the times that churn = yes was predicted, the prediction was correct 75.0 % of the time. "
        "Of the 14 rows that really are churn = yes, 64.3 % were found.",
    ]
    assert said["confusion"] == {"labels": ["no", "yes"], "counts": [[83, 3], [5, 9]], "left_out": 0}


def test_the_layout() -> None:
    y, p = hundred()
    impact = [{"column": "age", "impact": 1.0, "std": 0.1}]
    validation = {"roc_auc": (0.81, 0.02), "f1": (0.7, None)}
    said = evaluate(
        churn(), y, p, baseline_prediction=BASE, rows_train=400, validation=validation, impact=impact
    )
    assert set(said) == KEYS
    assert (said["rows_test"], said["rows_train"], said["impact"]) == (100, 400, impact)
    assert (said["validation_score"], said["validation_std"]) == (0.81, 0.02)
    assert [m["name"] for m in said["metrics"]] == [m.name for m in for_task(Task.BINARY)]
    for entry in said["metrics"]:
        assert entry["low"] <= entry["value"] <= entry["high"]
        assert entry["sentence"]
        assert set(entry) == {
            "name", "label", "value", "low", "high", "greater_is_better", "validation_mean", "validation_std",
            "baseline", "sentence",
        }  # fmt: skip
    assert said["score"] == pytest.approx(reference.roc_auc_score(y, p[:, 1]))
    assert said["baseline_score"] == 0.5
    assert json.loads(json.dumps(said, allow_nan=False)) == said


def test_the_guess_is_what_training_rows_would_guess() -> None:
    """When the test rows are mostly “yes”, the plain guess is still the training rows' “no”."""
    y, p = hundred()
    said = evaluate(churn(), 1 - y, p, baseline_prediction=BASE)
    assert "Always guessing “no” would be right for 14." in said["headline"]["text"]


def test_an_outcome_of_interest_that_comes_first() -> None:
    y, p = hundred()
    said = evaluate(
        churn(classes=("bad", "good"), positive_class="bad"),
        1 - y,
        p[:, ::-1],
        baseline_prediction=BASE[:, ::-1],
    )
    assert "Of 100 rows it calls “bad”, 75 are" in said["headline"]["text"]
    assert list(said["curves"]) == ["bad"]
    recall = next(m for m in said["metrics"] if m["name"] == "recall")
    assert recall["value"] == pytest.approx(9 / 14)


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_outcome_only(outcome) -> None:
    y, p = np.full(10, outcome), np.tile([0.7, 0.3], (10, 1))
    said = evaluate(churn(), y, p, baseline_prediction=p)
    assert "It calls no row “yes”." in said["headline"]["text"]
    assert said["curves"] == {}
    assert "churn = yes was never predicted." in " ".join(said["class_sentences"])
    json.dumps(said, allow_nan=False)


def test_labels_of_other_types() -> None:
    y, p = hundred()
    for classes in ((False, True), (0, 1), (1.5, 2.5)):
        said = evaluate(churn(classes=classes, positive_class=classes[1]), y, p, baseline_prediction=BASE)
        assert said["confusion"]["labels"] == [str(c) for c in classes]
        json.dumps(said, allow_nan=False)


def test_many_classes() -> None:
    k, n = 60, 3000
    rng = np.random.default_rng(0)
    y = rng.integers(0, k - 1, n)  # the last class is not there
    p = rng.dirichlet(np.ones(k), n)
    p[np.arange(n), y] += 0.05
    p /= p.sum(axis=1, keepdims=True)
    problem = churn(task=Task.MULTICLASS, metric="log_loss", classes=tuple(f"c{i:02}" for i in range(k)))
    said = evaluate(problem, y, p, baseline_prediction=np.full((n, k), 1 / k))
    assert len(said["curves"]) == len(said["class_sentences"]) == CLASSES_SHOWN
    assert len(said["confusion"]["labels"]) == CONFUSION_LABELS
    assert said["confusion"]["left_out"] == 10
    assert "lower is better" in said["sentence"]
    assert "it calls" not in said["headline"]["text"]


@pytest.mark.parametrize("ties", [False, True])
def test_curves_agree_with_scikit_learn(ties) -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 5000)
    score = np.clip(rng.normal(0.3 + 0.3 * y, 0.2), 0, 1)
    score = np.round(score, 1) if ties else score
    said = evaluate(churn(), y, np.c_[1 - score, score], baseline_prediction=np.full((5000, 2), 0.5))
    curve = said["curves"]["yes"]
    assert curve["roc"]["auc"] == pytest.approx(reference.roc_auc_score(y, score))
    assert curve["pr"]["ap"] == pytest.approx(reference.average_precision_score(y, score))
    for part in curve["roc"], curve["pr"]:
        xs, ys = list(part.values())[:2]
        assert len(xs) == len(ys) <= POINTS
        assert all(a <= b for a, b in zip(xs, xs[1:], strict=False))
    assert (curve["roc"]["fpr"][0], curve["roc"]["tpr"][0]) == (0, 0)
    assert (curve["roc"]["fpr"][-1], curve["roc"]["tpr"][-1]) == (1, 1)
    assert np.trapezoid(curve["roc"]["tpr"], curve["roc"]["fpr"]) == pytest.approx(
        curve["roc"]["auc"], abs=0.002
    )


def price(**changes) -> Problem:
    return Problem("price", Task.REGRESSION, **{"metric": "rmse", "features": ("carat",), **changes})


def test_values_in_words() -> None:
    y = np.array([100.0, 200, 300, 400])
    said = evaluate(price(), y, y + [10, -10, 10, -10], baseline_prediction=np.full(4, 250.0))
    assert said["headline"]["value"] == "off by 10 on average"
    assert said["headline"]["text"] == (
        "Always guessing 250 would be off by 100. The columns explain 99.2 % of the variation in price."
    )
    assert said["sentence"].startswith(
        "Off by 10 on average on rows it had never seen; always guessing 250 would be off by 100. RMSE 10, between"
    )
    assert said["confusion"] is said["curves"] is None
    assert said["class_sentences"] == []
    assert set(said) == KEYS


def test_worse_than_guessing_explains_nothing() -> None:
    y = np.array([1.0, 2, 3])
    said = evaluate(price(), y, y[::-1] * 3, baseline_prediction=np.full(3, 2.0))
    assert "explain" not in said["headline"]["text"]


def test_many_values() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=5000)
    p = y + rng.normal(size=5000)
    p[0] = 1e6  # a wild prediction does not squeeze the histogram
    regression = evaluate(price(), y, p, baseline_prediction=np.zeros(5000))["regression"]
    assert len(regression["actual"]) == len(regression["predicted"]) == SCATTER_POINTS
    histogram = regression["residual_histogram"]
    assert max(histogram["edges"]) < 10
    assert sum(histogram["counts"]) + histogram["below"] + histogram["above"] == 5000


def test_one_row_and_constant_targets() -> None:
    for y in (np.array([3.0]), np.full(5, 3.0)):
        said = json.loads(json.dumps(evaluate(price(), y, y, baseline_prediction=y), allow_nan=False))
        assert said["rows_test"] == len(y)
        assert {m["name"]: m["value"] for m in said["metrics"]}["rmse"] == 0
