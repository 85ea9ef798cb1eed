"""The final score and everything the Analyze pages show, from one look at the test rows.

Scores come with bootstrap intervals, beside a plain baseline, in sentences an analyst can repeat.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from automl import wording
from automl.evaluate import noise
from automl.evaluate.curves import curve
from automl.metrics import METRICS, bootstrap_interval, for_task, labels
from automl.types import Problem

CLASSES_SHOWN = 15  # Autopilot's report shows as many; curves and sentences are of the most frequent
CONFUSION_LABELS = 50
SCATTER_POINTS = 1_000
RESIDUAL_BINS = 30
RESIDUAL_RANGE = (0.005, 0.995)  # a few wild rows would squeeze the rest into one bar
IMPACT_METHOD = (
    "How much worse the score on the test rows gets when a column's values are shuffled, "
    "as a share of what all columns cost."
)


def evaluate(
    problem: Problem,
    y: np.ndarray,
    prediction: np.ndarray,
    *,
    baseline_prediction: np.ndarray,
    threshold: float | None = None,
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
    threshold : float, optional
        The model's; of two classes, from which probability on a row is called the outcome of interest.
    rows_train : int
        Rows the model learned from.
    validation : dict, optional
        Metric name to its mean and standard deviation over the folds.
    impact : list of dict, optional
        Column impact, largest first.

    Returns
    -------
    dict
        evaluation.json: plain numbers, lists and sentences.

    >>> from automl.types import Task
    >>> problem = Problem("churn", Task.BINARY, "accuracy", ("age",), classes=("no", "yes"))
    >>> said = evaluate(problem, np.array([0, 0, 1, 1]), np.eye(2)[[0, 0, 1, 0]],
    ...                 baseline_prediction=np.tile([0.6, 0.4], (4, 1)))
    >>> said["headline"]["sentence"]
    'Right for 75 of 100 rows it had never seen; always guessing “no” would be right for 50.'
    """
    y = np.asarray(y)
    entries = {
        e["name"]: e
        for e in _scores(problem, y, prediction, baseline_prediction, validation or {}, threshold)
    }
    main = entries[problem.metric]
    classes = problem.has_probabilities
    called = labels(prediction, problem.positive_code, threshold) if classes else None
    headline = (
        _class_headline(problem, y, called, baseline_prediction, entries)
        if classes
        else _value_headline(problem, baseline_prediction, entries)
    )
    gain = _gain(problem, y, prediction, baseline_prediction, threshold)
    return {
        "rows_test": len(y),
        "rows_train": rows_train,
        "metric": problem.metric,
        "score": main["value"],
        "interval": [main["low"], main["high"]],
        "baseline_score": main["baseline"],
        "gain": gain,
        "guess": baseline_prediction[0].tolist() if len(y) else None,
        "validation_score": main["validation_mean"],
        "validation_std": main["validation_std"],
        "sentence": _sentence(main, headline),
        "threshold": threshold,
        "headline": headline,
        "metrics": list(entries.values()),
        "confusion": _confusion(problem, y, called) if classes else None,
        "curves": _curves(problem, y, prediction) if classes else None,
        "class_sentences": _class_sentences(problem, y, called) if classes else [],
        "regression": None if classes else _regression(y, prediction),
        "impact": impact or [],
        "impact_method": IMPACT_METHOD,
    }


def _scores(
    problem: Problem,
    y: np.ndarray,
    prediction: np.ndarray,
    baseline: np.ndarray,
    validation: dict[str, tuple[float, float | None]],
    threshold: float | None,
) -> list[dict[str, Any]]:
    out = []
    for plain in (m.for_outcome(problem.positive_code) for m in for_task(problem.task)):
        metric = plain.for_outcome(plain.positive, threshold)
        low, high = bootstrap_interval(metric, y, prediction)
        mean, std = validation.get(metric.name, (None, None))
        out.append(
            {
                "name": metric.name,
                "label": metric.label,
                "value": metric.score(y, prediction),
                "low": low,
                "high": high,
                "greater_is_better": metric.greater_is_better,
                "validation_mean": mean,
                "validation_std": std,
                "baseline": plain.score(y, baseline),
                "sentence": metric.sentence,
            }
        )
    return out


def _gain(
    problem: Problem, y: np.ndarray, prediction: np.ndarray, baseline: np.ndarray, threshold: float | None
) -> dict[str, Any]:
    """What the model adds to a plain guess on the same rows, in the headline's measure and in the build's metric."""
    out: dict[str, Any] = {}
    headline = "accuracy" if problem.has_probabilities else "mae"
    for name in dict.fromkeys((headline, problem.metric)):
        plain = METRICS[name].for_outcome(problem.positive_code)
        tuned = plain.for_outcome(plain.positive, threshold)
        found = noise.compare(tuned, y, prediction, [baseline], other_metric=plain)[0]
        out[name] = {"value": found.value, "low": found.low, "high": found.high, "clear": found.is_clear}
    return {"scores": out, "sentence": _how_sure(out, headline, problem)}


def _how_sure(scores: dict[str, dict[str, Any]], headline: str, problem: Problem) -> str:
    shown, main = scores[headline], scores[problem.metric]
    ends = [abs(shown["low"]), abs(shown["high"])] if shown["clear"] else [shown["low"], shown["high"]]
    low, high = sorted(ends)
    if problem.has_probabilities:
        size = wording.number(abs(shown["value"]) * 100, 2)
        what = f"{size} {'more' if shown['value'] >= 0 else 'fewer'} of 100 rows right than the plain guess"
        between = f"between {wording.number(low * 100, 2)} and {wording.number(high * 100, 2)}"
    else:
        what = f"{wording.number(abs(shown['value']))} {'closer' if shown['value'] >= 0 else 'further off'} than the plain guess"
        between = f"between {wording.number(low)} and {wording.number(high)}"
    said = f"{what[0].upper()}{what[1:]}, {between} with 95 % confidence"
    if shown["clear"]:
        return f"{said}: that is no luck."
    label = METRICS[problem.metric].label
    if problem.metric != headline and main["clear"] and main["value"] > 0:
        more = f"{wording.number(main['value'])} better, between {wording.number(main['low'])} and {wording.number(main['high'])}"
        return f"{said}: that may be luck. In {label} it is surely better than the guess: {more}."
    return f"{said}: that may be luck, the model can't be told apart from guessing."


def _sentence(main: dict[str, Any], headline: dict[str, str]) -> str:
    better = "higher" if main["greater_is_better"] else "lower"
    return (
        f"{headline['sentence']} {main['label']} {wording.number(main['value'])}, between "
        f"{wording.number(main['low'])} and {wording.number(main['high'])} with 95 % confidence; "
        f"{better} is better, and a plain guess gets {wording.number(main['baseline'])}."
    )


def _class_headline(
    problem: Problem, y: np.ndarray, label: np.ndarray, baseline: np.ndarray, entries: dict[str, Any]
) -> dict[str, str]:
    right = entries["accuracy"]
    common = problem.classes[int(baseline[0].argmax())]
    share, guess = wording.of_100(right["value"]), wording.of_100(right["baseline"])
    text = f"Always guessing “{common}” would be right for {guess}."
    if len(problem.classes) == 2:
        text += f" {_found(problem, y, label)}"
    return {
        "value": f"{share} of 100 right",
        "detail": f"between {wording.of_100(right['low'])} and {wording.of_100(right['high'])}",
        "text": text,
        "sentence": f"Right for {share} of 100 rows it had never seen; always guessing “{common}” would be right "
        f"for {guess}.",
    }


def _found(problem: Problem, y: np.ndarray, label: np.ndarray) -> str:
    """Precision and recall of the outcome of interest, as one would tell it."""
    code = problem.positive_code
    name = f"“{problem.classes[code]}”"
    called, real = label == code, y == code
    if not called.any():
        return f"It calls no row {name}."
    said = f"Of 100 rows it calls {name}, {wording.of_100(float(real[called].mean()))} are"
    if not real.any():
        return f"{said}; no test row is."
    return f"{said}; it finds {wording.of_100(float(called[real].mean()))} of every 100 that are."


def _value_headline(problem: Problem, baseline: np.ndarray, entries: dict[str, Any]) -> dict[str, str]:
    off, explained = entries["mae"], entries["r2"]["value"]
    size, guess = wording.number(off["value"]), wording.number(float(baseline[0]))
    text = f"Always guessing {guess} would be off by {wording.number(off['baseline'])}."
    if explained > 0:
        text += f" The columns explain {wording.percent(explained)} of the variation in {problem.target}."
    return {
        "value": f"off by {size} on average",
        "detail": f"between {wording.number(off['low'])} and {wording.number(off['high'])}",
        "text": text,
        "sentence": f"Off by {size} on average on rows it had never seen; always guessing {guess} would be off by "
        f"{wording.number(off['baseline'])}.",
    }


def _confusion(problem: Problem, y: np.ndarray, label: np.ndarray) -> dict[str, Any]:
    """Rows are what really is, columns what was predicted; of many classes the most frequent."""
    size = len(problem.classes)
    counts = np.bincount(y * size + label, minlength=size * size).reshape(size, size)
    keep = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[:CONFUSION_LABELS])
    return {
        "labels": [str(problem.classes[i]) for i in keep],
        "counts": counts[np.ix_(keep, keep)].tolist(),
        "left_out": size - len(keep),
    }


def _class_sentences(problem: Problem, y: np.ndarray, label: np.ndarray) -> list[str]:
    """Canvas's sentence for each class, the most frequent first."""
    out = []
    for code in _most_frequent(problem, y):
        name = f"{problem.target} = {problem.classes[code]}"
        called, real = label == code, y == code
        if called.any():
            correct = wording.percent(float(real[called].mean()))
            text = f"Of all the times that {name} was predicted, the prediction was correct {correct} of the time."
        else:
            text = f"{name} was never predicted."
        if real.any():
            found = wording.percent(float(called[real].mean()))
            text += f" Of the {wording.count(real.sum())} rows that really are {name}, {found} were found."
        else:
            text += f" No test row is {name}."
        out.append(text)
    return out


def _most_frequent(problem: Problem, y: np.ndarray) -> np.ndarray:
    return np.argsort(-np.bincount(y, minlength=len(problem.classes)), kind="stable")[:CLASSES_SHOWN]


def _curves(problem: Problem, y: np.ndarray, prediction: np.ndarray) -> dict[str, Any]:
    two = len(problem.classes) == 2
    codes = [problem.positive_code] if two else _most_frequent(problem, y)
    return {
        str(problem.classes[c]): curve(y == c, prediction[:, c])
        for c in codes
        if 0 < (y == c).sum() < len(y)
    }


def _regression(y: np.ndarray, prediction: np.ndarray) -> dict[str, Any]:
    rows = np.arange(len(y))
    if len(y) > SCATTER_POINTS:
        rows = np.sort(np.random.default_rng(0).choice(len(y), SCATTER_POINTS, replace=False))
    residuals = prediction - y
    low, high = np.quantile(residuals, RESIDUAL_RANGE)
    counts, edges = np.histogram(residuals, bins=RESIDUAL_BINS, range=(low, high))
    return {
        "actual": y[rows].tolist(),
        "predicted": prediction[rows].tolist(),
        "residual_histogram": {
            "edges": edges.tolist(),
            "counts": counts.tolist(),
            "below": int((residuals < low).sum()),
            "above": int((residuals > high).sum()),
        },
        "within_10_percent": float((np.abs(residuals) <= 0.1 * np.abs(y)).mean()),
    }
