"""Batch prediction of a large table: rows a second beside the model's own in memory, and peak memory.

    python -m benchmarks.batch [--rows 1000000] [--families lightgbm,xgboost] [--candidates 3] [--folder FOLDER]

Makes a table of 20 columns (numbers with gaps, categories, dates, flags), builds a model on 20,000 rows of it, and
predicts all rows twice, each in a process of its own: `model.predict_values` on the table in memory, and a batch as
a job runs it (check, predictions, warnings; to Parquet, and to CSV as well), from the file to the file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

IN_MEMORY = """
import json, resource, sys, time
import pandas as pd
from automl import bundle
loaded = bundle.load(sys.argv[1]); loaded.model
frame = pd.read_parquet(sys.argv[2])
inputs = frame[list(loaded.model.document.inputs)]
loaded.model.predict_values(inputs.head(1000))
started, cpu = time.perf_counter(), time.process_time()
loaded.model.predict_values(inputs)
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
print(json.dumps({"seconds": seconds, "cpu": cpu, "rows": len(frame), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""
BATCH = """
import json, resource, sys, time
from pathlib import Path
from automl import bundle, predict
loaded = bundle.load(sys.argv[1]); loaded.model
formats = tuple(f for f in sys.argv[4].split(",") if f)
table = predict.open_table(Path(sys.argv[2]))
loaded.model.predict_values(next(predict.pieces(table, rows=1000))[1])
started, cpu = time.perf_counter(), time.process_time()
done = predict.run(loaded, table, Path(sys.argv[3]), predict.Wishes(formats=formats))
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
print(json.dumps({"seconds": seconds, "cpu": cpu, "rows": done.rows, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def table(rows: int, seed: int) -> pd.DataFrame:
    """20 columns and a target that depends on some of them."""
    rng = np.random.default_rng(seed)
    numbers = {f"n{i}": rng.normal(100, 30, rows).round(2) for i in range(10)}
    numbers["n0"][rng.random(rows) < 0.05] = np.nan
    kinds = {f"c{i}": np.array([f"v{j}" for j in range(4 + 6 * i)])[rng.integers(0, 4 + 6 * i, rows)] for i in range(5)}
    frame = pd.DataFrame({**numbers, **kinds})
    frame["when"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 700, rows), unit="D")
    frame["flag"] = rng.random(rows) < 0.3
    for i in range(3):
        frame[f"w{i}"] = rng.integers(0, 50, rows)
    risk = (numbers["n1"] - 100) / 30 + (kinds["c0"] == "v1") + frame["flag"] * 0.7 + frame["w0"] / 50
    frame["y"] = np.where(risk + rng.normal(0, 0.7, rows) > 1.1, "yes", "no")
    return frame


def measure(code: str, *arguments: str) -> dict[str, float]:
    order = [sys.executable, "-c", code, *arguments]
    return json.loads(subprocess.run(order, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--families", default="lightgbm,xgboost,catboost")
    parser.add_argument("--candidates", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = args.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        rows, model = folder / f"rows-{args.rows}.parquet", folder / "model"
        if not model.is_dir():
            table(20_000, 0).to_parquet(folder / "train.parquet", index=False)
            order = [sys.executable, "-m", "automl", "train", str(folder / "train.parquet"), "--target", "y"]
            order += ["--out", str(model), "--families", args.families, "--max-candidates", str(args.candidates)]
            subprocess.run([*order, "--time-limit", "120", "--json"], check=True, capture_output=True)
        if not rows.is_file():
            table(args.rows, 1).drop(columns="y").to_parquet(rows, index=False)
        members = json.loads((model / "model.json").read_text("utf-8"))["members"]
        print(f"{args.rows:,} rows x 20 columns; {len(members)} fitted models: {sorted({m['family'] for m in members})}")
        usual = measure(IN_MEMORY, str(model), str(rows))
        print(_line("in memory, predict alone", usual, None))
        for formats, name in (("", "batch to Parquet"), ("csv", "batch to Parquet and CSV")):
            with tempfile.TemporaryDirectory(dir=folder) as out:
                print(_line(name, measure(BATCH, str(model), str(rows), out, formats), usual))
        print(_line("in memory, once more", measure(IN_MEMORY, str(model), str(rows)), usual))


def _line(name: str, found: dict[str, float], usual: dict[str, float] | None) -> str:
    more = ""
    if usual is not None:  # on a busy machine the processor's seconds tell more than the clock's
        wall, cpu = (100 * (found[k] / usual[k] - 1) for k in ("seconds", "cpu"))
        more = f"   {wall:+.0f} % by the clock, {cpu:+.0f} % of processor time"
    return (
        f"{name:<28}{found['rows'] / found['seconds']:>10,.0f} rows/s {found['seconds']:>8.1f} s   "
        f"peak {found['peak'] / 1024:,.0f} MB{more}"
    )


if __name__ == "__main__":
    main()
