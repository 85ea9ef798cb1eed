"""Do intervals and sets hold the truth as often as they say? A table over a folder of data sets.

    python -m benchmarks.coverage --data FOLDER [--time-limit 20] [--level 0.9] [--only NAME,NAME] [--test 0.25] [--threshold P]

Each model learns from the training rows of one split and is asked about the others. "empty" is the share of rows with
an empty set: no outcome is likely enough; "right there" how often the predicted outcome is the truth for them all the
same. "least held" is the class that sets are said to hold least often: what is said, and what they hold of its test
rows. With --threshold a model of two classes is asked again, after its rows are called the outcome of interest from that
probability on.
"±" is the standard error of the coverage on so many rows. "size" is the mean width of an interval as a share
of the range that holds 90 % of the target's values, or the mean number of outcomes in a set. "ece" is the expected
calibration error of the probabilities (of the likeliest outcome, ten bins of equal counts).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from automl import AutoMLClassifier, AutoMLRegressor, bundle, choices, insight
from automl.metrics import labels

HEAD = ("table", "test rows", "level", "coverage", "±", "size", "empty", "right there", "accuracy", "least held", "ece", "seconds")
BINS = 10


def calibration_error(probabilities: np.ndarray, codes: np.ndarray) -> float:
    """Mean distance of what is promised and what comes true, over bins of equal counts."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == codes
    parts = np.array_split(np.argsort(sure, kind="stable"), BINS)
    return float(sum(abs(sure[p].mean() - right[p].mean()) * len(p) for p in parts) / len(sure))


def of_classes(made: bundle.Bundle, p: np.ndarray, codes: np.ndarray, level: float) -> tuple:
    """A line about the sets of a classifier, as it calls rows now."""
    problem = made.spec.problem
    right = labels(p, problem.positive_code, made.threshold) == codes
    inside = insight.sets(made, p, level)
    held, empty = inside[np.arange(len(codes)), codes], ~inside.any(axis=1)
    said = insight.held_by_class(made, level)
    least = min(said, key=said.__getitem__) if said else None
    of_it = np.mean(held[codes == problem.classes.index(least)]) if said else None
    least = f"{least}: {said[least]:.0%}, {of_it:.0%}" if said else ""
    there = f"{right[empty].mean():.0%}" if empty.any() else ""
    return held, f"{inside.sum(axis=1).mean():.2f}", f"{empty.mean():.1%}", there, f"{right.mean():.1%}", least, f"{calibration_error(p, codes):.3f}"


def rows_of(entry: dict, folder: Path, seconds: float, level: float, share: float, threshold: float | None) -> list[tuple]:
    frame = pd.read_parquet(folder / entry["file"])
    frame = frame[frame[entry["target"]].notna()]
    X, y = frame.drop(columns=entry["target"]), frame[entry["target"]]
    classes = entry["task"] != "regression"
    rare = classes and y.value_counts().min() < 2
    X, Xt, y, yt = train_test_split(X, y, test_size=share, random_state=0, stratify=y if classes and not rare else None)
    started = time.monotonic()
    model = (AutoMLClassifier if classes else AutoMLRegressor)(time_limit=seconds, random_state=0).fit(X, y)
    took = time.monotonic() - started
    out = []
    if not classes:
        bounds = model.predict_interval(Xt, level)
        held = (bounds[:, 0] <= yt) & (yt <= bounds[:, 1])
        span = float(np.subtract(*np.quantile(y, [0.95, 0.05])))
        out.append((held, f"{np.diff(bounds, axis=1).mean() / span:.2f}", "", "", "", "", ""))
    else:
        p = model.predict_proba(Xt)
        codes = pd.Series(range(len(model.classes_)), index=model.classes_).reindex(yt).to_numpy()
        made = model.bundle_
        out.append(of_classes(made, p, codes, level))
        if threshold is not None and len(model.classes_) == 2:
            choices.save(made.folder, made.spec.problem, choices.Choices(threshold))
            out.append(of_classes(bundle.load(made.folder), p, codes, level))
    return [
        (entry["name"], len(yt), f"{level:.0%}", f"{np.mean(held):.1%}", f"{(np.mean(held) * (1 - np.mean(held)) / len(yt)) ** .5:.1%}", *rest, f"{took:.0f}")
        for held, *rest in out
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--time-limit", type=float, default=20)
    parser.add_argument("--level", type=float, default=0.9)
    parser.add_argument("--test", type=float, default=0.25)
    parser.add_argument("--threshold", type=float, default=None)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    wanted = {name for name in args.only.split(",") if name}
    entries = json.loads((args.data / "manifest.json").read_text("utf-8"))
    print(*HEAD, sep="\t", flush=True)
    for entry in entries:
        tabular = entry.get("task") in ("binary", "multiclass", "regression")
        if tabular and (not wanted or entry["name"] in wanted):
            for row in rows_of(entry, args.data, args.time_limit, args.level, args.test, args.threshold):
                print(*row, sep="\t", flush=True)


if __name__ == "__main__":
    main()
