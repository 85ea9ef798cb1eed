"""Builds every sample and prints task, winner, test score with interval, and seconds against the limit.

    python -m benchmarks.samples [--time-limit 60] [--notebooks]

With --notebooks each model's notebook is run in a kernel that can't see this package, and the
difference between its test score and the build's is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--notebooks", action="store_true")
    parser.add_argument("--only", help="names, separated by commas")
    args = parser.parse_args()
    samples = json.loads((ROOT / "sample_data" / "samples.json").read_text(encoding="utf-8"))
    only = args.only.split(",") if args.only else [s["name"] for s in samples if s["target"]]
    print("| data | task | winner | metric | test score | 95 % interval | validation | seconds | notebook |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for sample in samples:
            if sample["name"] in only and sample["target"]:
                print(row(sample, args, Path(folder)), flush=True)


def row(sample: dict, args: argparse.Namespace, folder: Path) -> str:
    """Build one sample through the command line; returns a line of the table."""
    model = folder / sample["name"]
    order = [sys.executable, "-m", "automl", "train", str(ROOT / "sample_data" / sample["file"])]
    order += ["--target", sample["target"], "--time-limit", str(args.time_limit), "--out", str(model), "--json"]
    started = time.monotonic()
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    if done.returncode:
        return f"| {sample['name']} | failed: {done.stderr.strip()} |"
    result = json.loads(done.stdout)
    low, high = result["test_interval"]
    return (
        f"| {sample['name']} | {result['task']} | {result['leaderboard'][0]['candidate']} | {result['metric']} "
        f"| {result['test_score']:.4g} | {low:.4g} – {high:.4g} | {result['validation_score']:.4g} "
        f"| {seconds:.1f} of {args.time_limit:.0f} | {replay(model) if args.notebooks else ''} |"
    )


def replay(model: Path) -> str:
    """Run the model's notebook without this package; returns the difference in test score."""
    script = (
        "import nbformat, sys\nfrom nbclient import NotebookClient\n"
        "book = nbformat.read(sys.argv[1], 4)\nNotebookClient(book, timeout=1800, kernel_name='python3').execute()\n"
        "text = ''.join(o.get('text', '') for c in book.cells for o in c.get('outputs', []))\n"
        "print(text.split('difference')[-1].split()[0])"
    )
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    order = [sys.executable, "-c", script, str(model / "notebook.ipynb")]
    done = subprocess.run(order, cwd=model.parent, env=env, capture_output=True, text=True, check=False)
    return f"differs by {float(done.stdout.strip()):.1g}" if done.returncode == 0 else f"failed: {done.stderr[-300:]}"


if __name__ == "__main__":
    main()
