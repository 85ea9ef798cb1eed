"""Where the seconds of a build go.

    python -m benchmarks.where [--data FOLDER] [--only NAME,NAME] [--time-limit 60]

FOLDER holds a manifest.json (name, file, target, task, metric); by default the samples of the app.
"fits" is what the processes of the race were busy with candidates (features, fits, the rounds that suit all folds,
validation), of all their time; "overhead" is what is left of the whole build.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("preparing", "candidates", "combining", "scoring", "saving")


def tables(folder: Path | None) -> list[dict[str, Any]]:
    """Name, path, target, and where it is known the metric and the task, of each table."""
    if folder is None:
        samples = json.loads((ROOT / "sample_data" / "samples.json").read_text(encoding="utf-8"))
        return [s | {"path": ROOT / "sample_data" / s["file"]} for s in samples if s["target"]]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    listed = manifest if isinstance(manifest, list) else manifest["datasets"]
    return [d | {"path": folder / d["file"]} for d in listed if d.get("target")]


def read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def profile(table: dict[str, Any], limit: float, folder: Path) -> str:
    """Build once; returns a line of the table."""
    from automl import build, bundle
    from automl.data.profile import profile as described
    from automl.spec import order

    frame = read(table["path"])
    frame = frame[frame[table["target"]].notna()].reset_index(drop=True)
    if table.get("task", "regression") != "regression":
        frame[table["target"]] = frame[table["target"]].astype(str)
    spec = order(
        frame, described(frame), table["target"], seconds=limit, metric=table.get("metric"),
        task=table.get("task"), max_rows=None,
    )  # fmt: skip
    events: list[dict[str, Any]] = []
    build.fit(frame, spec, target=folder / "bundle", scratch=folder / "work", emit=events.append)
    at = {e["stage"]: e["t"] for e in events if e["type"] == "stage"} | {"done": events[-1]["t"]}
    trials = {e["trial"]["order"] for e in events if e["type"] == "trial" and e["trial"]["family"] != "ensemble"}
    race = at["combining"] - at["candidates"]
    total = at["done"]
    fits = bundle.load(folder / "bundle", verify=False).training["profile"]["fitting"]
    cells = [
        f"{total:.1f}", f"{at['candidates']:.2f}", f"{race:.1f}", f"{100 * fits / race:.0f} %",
        f"{at['scoring'] - at['combining']:.2f}", f"{at['saving'] - at['scoring']:.2f}",
        f"{total - at['saving']:.2f}", f"{100 * (1 - fits / total):.1f} %",
    ]  # fmt: skip
    return f"| {table['name']} | {len(frame):,} | {len(trials)} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--time-limit", type=float, default=60.0)
    args = parser.parse_args()
    head = ("data", "rows", "candidates", "seconds", "preparing", "race", "fits of the race", "combining",
            "scoring", "saving", "overhead")  # fmt: skip
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for table in tables(args.data):
        if not args.only or table["name"] in args.only.split(","):
            with tempfile.TemporaryDirectory() as folder:
                print(profile(table, args.time_limit, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
