"""The final score and everything the Analyze pages show, from one look at the test rows.

Scores come with bootstrap intervals, beside a plain baseline, in sentences an analyst can repeat.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from automl import wording
from automl.metrics import METRICS, bootstrap_interval, for_task
from automl.types import Problem

CURVE_POINTS = 200
CURVE_CLASSES = 15  # curves are drawn for the most frequent so many classes
SCATTER_POINTS = 1_000
RESIDUAL_BINS = 30
CONFUSION_LABELS = 50


def evaluate(
    problem: Problem,
    y: np.ndarray,
    prediction: np.ndarray,
    *,
    baseline_prediction: np.ndarray,
    rows_train: int = 0,
    validation: dict[str, tuple[float, float | None]] | None = None,
    impact: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Evaluate predictions of the test rows.

    Parameters
    ----------
    problem : Problem
    y : ndarray of shape (rows,)
        Class codes, or values.
    prediction, baseline_prediction : ndarray of shape (rows, classes) or (rows,)
        Probabilities, or values.
    rows_train : int
        Rows the model learned from.
    validation : dict, optional
        Metric name to its mean and standard deviation over the folds.
    impact : list of dict, optional
        Column impact, largest first.

    Returns
    -------
    dict
        evaluation.json.
    """
    validation = validation or {}
    positive = _positive(problem)
    metric = METRICS[problem.metric]
    entries = []
    for m in for_task(problem.task):
        low, high = bootstrap_interval(m, y, prediction, positive=positive)
        mean, std = validation.get(m.name, (None, None))
        value = m.score(y, prediction, positive=positive)
        entries.append(
            {
                "name": m.name,
                "label": m.label,
                "value": value,
                "low": low,
                "high": high,
                "greater_is_better": m.greater_is_better,
                "validation_mean": mean,
                "validation_std": std,
                "baseline": m.score(y, baseline_prediction, positive=positive),
                "sentence": m.sentence,
            }
        )
    main = next(e for e in entries if e["name"] == metric.name)
    headline = (
        _class_headline(problem, y, prediction, entries, positive)
        if problem.has_probabilities
        else _value_headline(problem, y, prediction, baseline_prediction, entries)
    )
    return {
        "rows_test": len(y),
        "rows_train": rows_train,
        "metric": metric.name,
        "score": main["value"],
        "interval": [main["low"], main["high"]],
        "baseline_score": main["baseline"],
        "validation_score": main["validation_mean"],
        "validation_std": main["validation_std"],
        "sentence": _sentence(problem, main, headline, len(y)),
        "headline": headline,
        "metrics": entries,
        "confusion": _confusion(problem, y, prediction) if problem.has_probabilities else None,
        "curves": _curves(problem, y, prediction) if problem.has_probabilities else None,
        "class_sentences": _class_sentences(problem, y, prediction) if problem.has_probabilities else [],
        "regression": None if problem.has_probabilities else _regression(y, prediction),
        "impact": impact or [],
        "impact_method": (
            "How much worse the score on test rows gets when a column's values are shuffled, as a share of all columns."
        ),
    }


def _positive(problem: Problem) -> int:
    if problem.positive_class in problem.classes:
        return list(problem.classes).index(problem.positive_class)
    return 1


def _sentence(problem: Problem, main: dict[str, Any], headline: dict[str, str], rows: int) -> str:
    label = METRICS[problem.metric].label
    better = "higher" if main["greater_is_better"] else "lower"
    return (
        f"On {wording.count(rows)} rows it had never seen: {headline['value']} ({headline['detail']}). "
        f"{headline['text']} {label} {wording.number(main['value'])}, with 95 % confidence between "
        f"{wording.number(main['low'])} and {wording.number(main['high'])} ({better} is better; a plain guess gets "
        f"{wording.number(main['baseline'])})."
    )


def _of_100(share: float) -> str:
    """Whole numbers of 100, but never a false 0 or 100."""
    if share in (0.0, 1.0):
        return f"{share * 100:.0f}"
    if share > 0.995 or share < 0.005:
        return f"{share * 100:.1f}"
    return f"{share * 100:.0f}"


def _class_headline(
    problem: Problem, y: np.ndarray, prediction: np.ndarray, entries: list[dict[str, Any]], positive: int
) -> dict[str, str]:
    accuracy = next(e for e in entries if e["name"] == "accuracy")
    counts = np.bincount(y, minlength=len(problem.classes))
    common = problem.classes[int(counts.argmax())]
    text = f"Always guessing “{common}” would be right for {_of_100(counts.max() / len(y))} of 100."
    if len(problem.classes) == 2:
        label = prediction.argmax(axis=1)
        called, real = label == positive, y == positive
        name = problem.classes[positive]
        if called.any() and real.any():
            hit = _of_100((real & called).sum() / called.sum())
            found = _of_100((real & called).sum() / real.sum())
            text += f" Of 100 rows it calls “{name}”, {hit} are; it finds {found} of every 100."
        elif real.any():
            text += f" It calls no row “{name}” at the even threshold."
    return {
        "value": f"{_of_100(accuracy['value'])} of 100 right",
        "detail": f"between {_of_100(accuracy['low'])} and {_of_100(accuracy['high'])}",
        "text": text,
    }


def _value_headline(
    problem: Problem, y: np.ndarray, prediction: np.ndarray, baseline: np.ndarray, entries: list[dict[str, Any]]
) -> dict[str, str]:
    mae = next(e for e in entries if e["name"] == "mae")
    r2 = next(e for e in entries if e["name"] == "r2")
    guess = mae["baseline"]
    text = f"Always guessing the average would be off by {wording.number(guess)}."
    if r2["value"] > 0:
        text += f" The columns explain {wording.percent(r2['value'])} of the variation in {problem.target}."
    return {
        "value": f"off by {wording.number(mae['value'])} on average",
        "detail": f"between {wording.number(mae['low'])} and {wording.number(mae['high'])}",
        "text": text,
    }


def _confusion(problem: Problem, y: np.ndarray, prediction: np.ndarray) -> dict[str, Any]:
    size = len(problem.classes)
    counts = np.zeros((size, size), dtype=int)
    np.add.at(counts, (y, prediction.argmax(axis=1)), 1)
    keep = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[:CONFUSION_LABELS])
    return {
        "labels": [str(problem.classes[i]) for i in keep],
        "counts": counts[np.ix_(keep, keep)].tolist(),
        "left_out": size - len(keep),
    }


def _class_sentences(problem: Problem, y: np.ndarray, prediction: np.ndarray) -> list[str]:
    """Canvas's sentence for each class."""
    label, out = prediction.argmax(axis=1), []
    counts = np.bincount(y, minlength=len(problem.classes))
    for code in np.argsort(-counts, kind="stable")[:CURVE_CLASSES]:
        called = label == code
        name = f"“{problem.classes[code]}”"
        if not called.any():
            out.append(f"{name} was never predicted; it occurred {wording.count(counts[code])} times.")
            continue
        precision = wording.percent(float((y[called] == code).mean()))
        text = f"Of all the times that {name} was predicted, the prediction was correct {precision} of the time."
        if counts[code]:
            text += f" Of all real {name}, {wording.percent(float((label[y == code] == code).mean()))} were found."
        out.append(text)
    return out


def _curves(problem: Problem, y: np.ndarray, prediction: np.ndarray) -> dict[str, Any]:
    counts = np.bincount(y, minlength=len(problem.classes))
    codes = [_positive(problem)] if len(problem.classes) == 2 else np.argsort(-counts, kind="stable")[:CURVE_CLASSES]
    return {
        str(problem.classes[c]): _curve((y == c).astype(float), prediction[:, c]) for c in codes if 0 < counts[c] < len(y)
    }


def _curve(hit: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """ROC and precision-recall points of a yes/no outcome, thinned."""
    order = np.argsort(-score, kind="stable")
    s, h = score[order], hit[order]
    last = np.r_[np.flatnonzero(np.diff(s)), len(s) - 1]
    found = np.cumsum(h)[last]
    taken = last + 1.0
    yes, no = hit.sum(), len(hit) - hit.sum()
    tpr, fpr = np.r_[0.0, found / yes], np.r_[0.0, (taken - found) / no]
    precision, recall = found / taken, found / yes
    auc = float(np.trapezoid(tpr, fpr))
    ap = float((np.diff(recall, prepend=0.0) * precision).sum())
    roc_at, pr_at = _thin(len(tpr)), _thin(len(precision))
    return {
        "roc": {"fpr": fpr[roc_at].tolist(), "tpr": tpr[roc_at].tolist(), "auc": auc},
        "pr": {"recall": recall[pr_at].tolist(), "precision": precision[pr_at].tolist(), "ap": ap},
        "share": float(hit.mean()),
    }


def _thin(count: int) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, min(count, CURVE_POINTS)).round().astype(int))


def _regression(y: np.ndarray, prediction: np.ndarray) -> dict[str, Any]:
    rows = np.arange(len(y))
    if len(y) > SCATTER_POINTS:
        rows = np.sort(np.random.default_rng(0).choice(len(y), SCATTER_POINTS, replace=False))
    residuals = prediction - y
    counts, edges = np.histogram(residuals, bins=RESIDUAL_BINS)
    return {
        "actual": y[rows].tolist(),
        "predicted": prediction[rows].tolist(),
        "residual_histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
        "within_10_percent": float((np.abs(residuals) <= 0.1 * np.abs(y)).mean()),
    }
