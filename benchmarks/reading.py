"""A large CSV file to Parquet: seconds and peak memory, ours beside DuckDB's plain conversion, and the profile.

    python -m benchmarks.reading [--rows 9000000] [--folder FOLDER] [--dirty] [--duckdb PYTHON] [--keep FILE]

Makes a file of 12 columns (numbers, dates, categories, codes, text; 1.1 GB at 9,000,000 rows) in FOLDER
(a temporary one by default, removed afterwards; or as FILE, which is kept and taken again). Each conversion is a process of its own; they take turns.
DuckDB is no requirement of Foretable: PYTHON is that of an environment that has it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

DUCKDB = """
import duckdb, sys
db = duckdb.connect(config={"memory_limit": "2GB", "threads": %d})
db.execute("COPY (SELECT * FROM read_csv(?)) TO '" + sys.argv[2] + "' (FORMAT parquet)", [sys.argv[1]])
"""
OURS = """
import sys
from pathlib import Path
from automl.data.stream import to_parquet
print(to_parquet(Path(sys.argv[1]), Path(sys.argv[2]), name="big.csv")[0])
"""
PROFILE = """
import sys
from pathlib import Path
from automl.data.profile import profile_file
for column in profile_file(Path(sys.argv[2])):
    print(column.name, column.kind.value, column.missing, column.distinct)
"""


def write(path: Path, rows: int, dirty: bool) -> None:
    """Rows in pieces, so that this process stays small too."""
    rng, step = np.random.default_rng(0), 250_000
    cities = np.array([f"City {i}" for i in range(400)])
    for start in range(0, rows, step):
        n = min(step, rows - start)
        at = pd.Timestamp("2015-01-01") + pd.to_timedelta(np.arange(start, start + n) * 30, unit="s")
        piece = pd.DataFrame(
            {
                "order_id": np.arange(start, start + n) + 1_000_000,
                "ordered_at": at.strftime("%Y-%m-%d %H:%M:%S"),
                "customer": rng.integers(0, 2_000_000, n),
                "city": rng.choice(cities, n),
                "product": [f"P-{i:05d}" for i in rng.integers(0, 30_000, n)],
                "quantity": rng.integers(1, 20, n),
                "price": rng.gamma(2.0, 40.0, n).round(2),
                "discount": np.where(rng.random(n) < 0.3, np.nan, rng.random(n).round(3)),
                "weight_kg": rng.gamma(3.0, 2.0, n).round(3),
                "express": rng.choice(["true", "false"], n),
                "rating": rng.integers(1, 6, n),
                "remark": rng.choice(["", "leave at the door", "call before, please", "gift wrap"], n),
            }
        )
        text = piece.to_csv(index=False, header=start == 0)
        if dirty and start:
            lines = text.split("\n")
            for i in rng.integers(0, n, 20):
                lines[i] = lines[i][: len(lines[i]) // 2]
            text = "\n".join(lines)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)


def run(what: str, code: str, *arguments: str, python: str = sys.executable) -> dict[str, float]:
    """Seconds and peak memory (MB) of a program of its own."""
    wrapped = (
        "import resource, time; t = time.perf_counter()\n" + code + "\n"
        "import json; print(json.dumps([time.perf_counter() - t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))"
    )
    done = subprocess.run(
        [python, "-c", wrapped, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"error: {what} failed: {done.stderr.strip().splitlines()[-1]}")
    *said, last = done.stdout.strip().splitlines()
    seconds, peak = json.loads(last)
    print(f"{what}: {seconds:.1f} s, peak {peak:.0f} MB {'· ' + said[0] if said and len(said) == 1 else ''}", flush=True)
    return {"seconds": seconds, "peak": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=9_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--dirty", action="store_true", help="with rows that are cut short")
    parser.add_argument("--duckdb", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--keep", type=Path, metavar="FILE")
    args = parser.parse_args()
    threads = len(__import__("os").sched_getaffinity(0))
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        file = args.keep or Path(folder) / "big.csv"
        started = time.perf_counter()
        if not file.exists():
            write(file, args.rows, args.dirty)
        print(f"{file.stat().st_size / 1e6:,.0f} MB written in {time.perf_counter() - started:.0f} s", flush=True)
        out = str(Path(folder) / "out.parquet")
        ours, theirs = [], []
        for _ in range(2):
            if not args.dirty:
                theirs.append(run("DuckDB", DUCKDB % threads, str(file), str(Path(folder) / "duckdb.parquet"), python=args.duckdb))
            ours.append(run("ours", OURS, str(file), out))
        if theirs:
            ratio = min(o["seconds"] for o in ours) / min(t["seconds"] for t in theirs)
            print(f"ours / DuckDB: {ratio:.2f} of the time")
        run("profile", PROFILE, str(file), out)


if __name__ == "__main__":
    main()
