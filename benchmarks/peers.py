"""Runs the peers' harness on this checkout and keeps what every system predicted.

    BENCH=folder/of/the/harness python -m benchmarks.peers --systems ours,lightgbm --datasets all --budget 60 \\
        --run NAME [--resume]

The options are those of the harness's `run_peers.py`, which stays as it is. Results are written to
`BENCH_RESULTS` (default `benchmarks/results`, not committed) as NAME.jsonl, predictions to
NAME/dataset-system-fold.parquet, for `benchmarks.standings`. Our engine is run by `adapters/ours.py` of this folder.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(os.environ.get("BENCH_RESULTS", ROOT / "benchmarks" / "results")).resolve()


def harness() -> ModuleType:
    """The module `run_peers`, from the folder that BENCH names."""
    folder = os.environ.get("BENCH")
    if not folder or not (Path(folder) / "run_peers.py").is_file():
        sys.exit("error: set BENCH to the folder that holds the harness's run_peers.py")
    os.environ.setdefault("OURS_REPO", str(ROOT))
    os.environ.setdefault("OURS_PYTHON", sys.executable)
    os.environ["BENCH_RESULTS"] = str(RESULTS)
    os.environ["BENCH_REEXEC"] = "1"  # this Python has all that the harness needs
    sys.path.insert(0, str(Path(folder).resolve()))
    return importlib.import_module("run_peers")


def predictions(run: str, dataset: str, system: str, fold: int) -> Path:
    """Where the predictions of a cell are kept."""
    return RESULTS / run / f"{dataset}-{system}-{fold}.parquet".replace(":", "_")


def with_our_adapter(module: ModuleType, folder: Path) -> None:
    """Let the harness start its adapters from a folder that has ours among them."""
    theirs, ours = Path(module.HERE), ROOT / "benchmarks" / "adapters" / "ours.py"
    (folder / "adapters").mkdir()
    (folder / "adapter_main.py").symlink_to(theirs / "adapter_main.py")
    for path in (*(theirs / "adapters").glob("*.py"), ours):
        link = folder / "adapters" / path.name
        link.unlink(missing_ok=True)
        link.symlink_to(path)
    if "--manifest" not in sys.argv:
        sys.argv += ["--manifest", str(theirs.parent / "data" / "manifest.json")]
    module.HERE = str(folder)


def main() -> None:
    module = harness()
    measure, score = module.run_cell, module.score
    last: dict[str, Any] = {}

    def keeping_score(y: Any, pred: Any, *rest: Any) -> Any:
        last["pred"] = pred
        return score(y, pred, *rest)

    def keeping_cell(row: dict[str, Any], name: str, *rest: Any) -> dict[str, Any]:
        last.clear()
        row = measure(row, name, *rest)
        if "pred" in last:
            path = predictions(row["run"], row["dataset"], name, row["fold"])
            path.parent.mkdir(parents=True, exist_ok=True)
            last["pred"].to_parquet(path, index=False)
        return row

    module.score, module.run_cell = keeping_score, keeping_cell
    with tempfile.TemporaryDirectory() as folder:
        with_our_adapter(module, Path(folder))
        module.main()


if __name__ == "__main__":
    main()
