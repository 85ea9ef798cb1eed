"""How OpenMP's waiting costs time: fits with threads that spin, spin briefly or sleep, alone and beside
a busy neighbour.

    .venv/bin/python benchmarks/openmp.py [--rounds 5]

Each fit runs in a process of its own, since OpenMP reads its settings once. The settings take turns
within a round, so that other load on the machine meets all of them alike. docs/decisions/0001 holds
the figures and what was decided.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

SETTINGS = {
    "default": {},
    "GOMP_SPINCOUNT=1000": {"GOMP_SPINCOUNT": "1000"},
    "OMP_WAIT_POLICY=passive": {"OMP_WAIT_POLICY": "passive"},
}
LIBRARIES = ("lightgbm", "xgboost", "sklearn")
ROWS, COLUMNS, ROUNDS_OF_BOOSTING, THREADS = 30_000, 20, 100, 2
TOO_LONG = 60.0  # seconds; a fit that takes longer counts as this


def fit(library: str) -> float:
    """Seconds of one fit in this process."""
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=ROWS) > 0).astype(int)
    if library == "lightgbm":
        from lightgbm import LGBMClassifier

        model = LGBMClassifier(n_estimators=ROUNDS_OF_BOOSTING, n_jobs=THREADS, verbose=-1)
    elif library == "xgboost":
        from xgboost import XGBClassifier

        model = XGBClassifier(n_estimators=ROUNDS_OF_BOOSTING, n_jobs=THREADS)
    else:
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(max_iter=ROUNDS_OF_BOOSTING, early_stopping=False)
    started = time.perf_counter()
    model.fit(x, y)
    return time.perf_counter() - started


def timed(library: str, setting: dict[str, str]) -> float:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GOMP_", "OMP_", "KMP_"))}
    environment = {**clean, **setting, "OMP_NUM_THREADS": str(THREADS)}
    order = [sys.executable, __file__, "--fit", library]
    try:
        done = subprocess.run(
            order, env=environment, capture_output=True, text=True, check=True, timeout=TOO_LONG + 10
        )
    except subprocess.TimeoutExpired:
        return TOO_LONG
    return json.loads(done.stdout)


class Neighbour:
    """As many busy processes as there are threads in a fit."""

    def __enter__(self) -> None:
        self.processes = [
            subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(THREADS)
        ]

    def __exit__(self, *_error: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


class Nobody:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        return None


def measure(rounds: int) -> dict[tuple[str, str, str], list[float]]:
    seconds: dict[tuple[str, str, str], list[float]] = {}
    for number in range(rounds):
        for beside, company in (("alone", Nobody), ("busy", Neighbour)):
            with company():
                for library in LIBRARIES:
                    for name, setting in SETTINGS.items():
                        took = timed(library, setting)
                        seconds.setdefault((library, beside, name), []).append(took)
        print(f"round {number + 1} of {rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fit", choices=LIBRARIES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fit:
        print(json.dumps(fit(args.fit)))
        return
    seconds = measure(args.rounds)
    print(f"Median (worst) seconds of {args.rounds}, {THREADS} threads on {os.cpu_count()} cores")
    print("| fit | neighbour | " + " | ".join(SETTINGS) + " |")
    print("|---|---|" + "---|" * len(SETTINGS))
    for library in LIBRARIES:
        for beside in ("alone", "busy"):
            cells = [
                f"{statistics.median(s):.2f} ({max(s):.2f})"
                for s in (seconds[library, beside, name] for name in SETTINGS)
            ]
            print(f"| {library} | {beside} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
