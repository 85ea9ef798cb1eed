"""Are a model's probabilities what happens? Expected calibration error on test rows that nothing was fitted on.

    python -m benchmarks.calibration --data FOLDER [--time-limit 30]

For every table of two or more classes: a build with enough test rows, then the error of the outcome of
interest (of several classes, of the class that is called) in 10 and in 15 equally wide bins, and what a
temperature fitted on the out-of-fold predictions would make of it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from automl import build, bundle
from automl.data.profile import profile
from automl.evaluate.curves import calibration
from automl.spec import order
from automl.types import Problem, replace

WANTED_ROWS = 2_000  # test rows; of small tables at most 40 %
MOST_SHARE = 0.4
TEMPERATURES = np.geomspace(0.5, 2.0, 61)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--time-limit", type=float, default=30.0)
    args = parser.parse_args()
    print("| data | winner | test rows | error, 10 bins | 15 bins | temperature | 10 bins with it |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for entry in json.loads((args.data / "manifest.json").read_text(encoding="utf-8")):
        wanted = not args.only or entry["name"] in args.only.split(",")
        if wanted and entry["task"] in ("binary", "multiclass"):
            with tempfile.TemporaryDirectory() as folder:
                print(row(entry, args, Path(folder)), flush=True)


def row(entry: dict, args: argparse.Namespace, folder: Path) -> str:
    """Build one table's model; returns a line of the table."""
    frame = pd.read_parquet(args.data / entry["file"])
    spec = order(frame, profile(frame), entry["target"], seconds=args.time_limit)
    share = max(spec.problem.split.test_share, min(WANTED_ROWS / len(frame), MOST_SHARE))
    split = replace(spec.problem.split, test_share=share)
    spec = replace(spec, problem=replace(spec.problem, split=split))
    build.fit(frame, spec, target=folder / "bundle", scratch=folder / "work")
    loaded = bundle.load(folder / "bundle")
    held, kept = loaded.test_rows(), loaded.validation_rows
    temperature = fitted(kept.y, kept.values)
    plain = [error(held.problem, held.y, held.values, bins) for bins in (10, 15)]
    tempered = error(held.problem, held.y, cooled(held.values, temperature), 10)
    return (
        f"| {entry['name']} | {loaded.leaderboard[0].candidate} | {len(held.y):,} | {plain[0]:.4f} | {plain[1]:.4f} "
        f"| {temperature:.2f} | {tempered:.4f} |"
    )


def error(problem: Problem, y: np.ndarray, values: np.ndarray, bins: int) -> float:
    """Expected calibration error (see `curves.calibration`)."""
    if values.shape[1] == 2:
        code = problem.positive_code
        return calibration(y == code, values[:, code], bins)["error"]
    return calibration(values.argmax(axis=1) == y, values.max(axis=1), bins)["error"]


def cooled(values: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities at another temperature (Guo, Pleiss, Sun & Weinberger 2017)."""
    logits = np.log(np.clip(values, 1e-12, None)) / temperature
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def fitted(y: np.ndarray, values: np.ndarray) -> float:
    """The temperature with the least log loss."""
    rows = np.arange(len(y))
    losses = [-np.log(np.clip(cooled(values, t)[rows, y], 1e-12, None)).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


if __name__ == "__main__":
    main()
