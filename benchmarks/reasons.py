"""How near are the reasons of a row to what they would be with walks without end, and what do they cost?

    python -m benchmarks.reasons --data FOLDER [--time-limit 20] [--only NAME,NAME] [--rows 80]

A model learns from each table; reasons of test rows are held against the mean of two explainers that walk from every
reference row, in different orders. "top 3" is the share of rows whose three strongest reasons are the same
columns, "shared" how many of the three are on average, "first" the share whose strongest reason is the same; "error" the
mean distance of a contribution, as a share of their mean size. "ceiling" is how far the two long ones agree.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from automl import AutoMLClassifier, AutoMLRegressor, bundle, insight
from automl.explain import Explainer

TOP = 3
HEAD = ("table", "columns", "walks", "top 3", "shared", "first", "error", "ms a row", "one row, ms")


def agreement(one: np.ndarray, other: np.ndarray, size: float) -> tuple[float, float, float, float]:
    """How far two sets of contributions, of shape (rows, columns), agree."""
    a, b = (np.argsort(-np.abs(f), axis=1, kind="stable")[:, :TOP] for f in (one, other))
    shared = np.array([len(set(x) & set(y)) for x, y in zip(a, b, strict=True)])
    error = float(np.abs(one - other).mean()) / size
    return float((shared == TOP).mean()), float(shared.mean()) / TOP, float((a[:, 0] == b[:, 0]).mean()), error


def measure(model: bundle.Bundle, rows: int) -> list[tuple]:
    held, rng = model.test_rows(), np.random.default_rng(0)
    some = np.sort(rng.choice(len(held.y), min(rows, len(held.y)), replace=False))
    typed = model.model.prepare(held.inputs.iloc[some]).reset_index(drop=True)
    every = len(model.typed_reference)
    long = [Explainer(model.model, model.typed_reference, background=every, seed=seed).explain(typed) for seed in (1, 2)]
    best = (long[0].contributions + long[1].contributions) / 2
    size = float(np.abs(best).mean())
    out = [("ceiling", every, *agreement(long[0].contributions, long[1].contributions, size), None, None)]
    for label, quick in (("batch", True), ("page", False)):
        insight.reasons(model, typed.head(1), quick=quick)  # what is made once
        started = time.perf_counter()
        found = insight.reasons(model, typed, quick=quick)
        took = (time.perf_counter() - started) * 1000 / len(typed)
        started = time.perf_counter()
        insight.reasons(model, typed.head(1), quick=quick)
        one = (time.perf_counter() - started) * 1000
        walks = len(insight.explainer(model, quick=quick).walks)
        out.append((label, walks, *agreement(found.contributions, best, size), took, one))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--time-limit", type=float, default=20)
    parser.add_argument("--rows", type=int, default=80)
    parser.add_argument("--only", default="customer_churn,diamonds,storm_status")
    args = parser.parse_args()
    entries = {e["name"]: e for e in json.loads((args.data / "manifest.json").read_text("utf-8"))}
    print(*HEAD, sep="\t", flush=True)
    for name in args.only.split(","):
        frame = pd.read_parquet(args.data / entries[name]["file"])
        frame = frame[frame[entries[name]["target"]].notna()]
        kind = AutoMLRegressor if entries[name]["task"] == "regression" else AutoMLClassifier
        fitted = kind(time_limit=args.time_limit, test_size=0.2, random_state=0)
        fitted.fit(frame.drop(columns=entries[name]["target"]), frame[entries[name]["target"]])
        with tempfile.TemporaryDirectory() as folder:
            fitted.save(Path(folder) / "model")
            model = bundle.load(Path(folder) / "model")
            for label, walks, same, shared, first, error, took, one in measure(model, args.rows):
                shares = (f"{same:.2f}", f"{shared:.2f}", f"{first:.2f}", f"{error:.2f}")
                times = ("", "") if took is None else (f"{took:.1f}", f"{one:.0f}")
                print(f"{name}, {label}", len(model.typed_reference.columns), walks, *shares, *times, sep="\t", flush=True)


if __name__ == "__main__":
    main()
