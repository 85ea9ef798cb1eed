"""Are planted leaks found, and clean tables left in peace?

    python -m benchmarks.leaks --data FOLDER [--only name,name] [--json]

FOLDER holds tables and a manifest.json (name, file, task, target). Into each table, one leak at a time
is planted; found means that the checks before training name the column, with which severity. Then the
table as it is: which alarms does it raise? The thresholds (`before.base.NEARLY_GIVES_AWAY`, `.GIVES_AWAY`) are not
chosen on these tables.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from automl.data.profile import numbers_of, profile
from automl.data.read import read_with_report
from automl.findings.before import Table, validate
from automl.types import Severity

TABULAR = ("binary", "multiclass", "regression")
NOT_A_LEAK = "(noise)"


class Planting:
    """A table with its target as numbers (of classes: codes by frequency) and a source of chance."""

    def __init__(self, frame: pd.DataFrame, target: str, number: bool, seed: int = 0) -> None:
        self.rng, self.n, self.number = np.random.default_rng(seed), len(frame), number
        self.target = frame[target]
        if number:
            self.y = numbers_of(self.target).to_numpy()
        else:
            order = {v: i for i, v in enumerate(self.target.value_counts().index)}
            self.y = self.target.map(order).to_numpy(dtype=float)
        self.rare = self.y >= 1 if not number else self.y >= np.quantile(self.y, 0.8)
        self.spread = self.y.std()

    def copy(self, noise: float) -> np.ndarray:
        """Numbers: noise of so many standard deviations. Classes: so many of the rows have another class."""
        if self.number:
            return self.y + self.rng.normal(0, noise * self.spread, self.n)
        wrong = self.rng.random(self.n) < noise
        return np.where(wrong, self.rng.permutation(self.target.astype(str)), self.target.astype(str))

    def recoded(self) -> np.ndarray:
        values = np.unique(self.y)
        return self.rng.permutation(len(values))[np.searchsorted(values, self.y)] * 7 + 1000

    def finer(self) -> np.ndarray:
        """Each class in three kinds; of numbers, bands of 2 % of the rows."""
        if self.number:
            return np.array([f"band {i:02d}" for i in (pd.Series(self.y).rank(pct=True) * 50).astype(int)])
        return np.array([f"{v}-{i}" for v, i in zip(self.y.astype(int), self.rng.integers(0, 3, self.n), strict=True)])

    def aggregate(self) -> np.ndarray:
        """The target smoothed: four fifths its own value, one fifth the mean of a pair of rows."""
        groups = pd.Series(np.argsort(self.rng.permutation(self.n)) // 2)
        by_size = pd.Series(self.y + self.rng.normal(0, 0.05 * self.spread, self.n))
        return (by_size * 0.8 + by_size.groupby(groups).transform("mean") * 0.2).to_numpy()

    def running_total(self) -> np.ndarray:
        """What is left when the outcome is booked: before minus after."""
        return 1e6 - 3.5 * self.y + self.rng.normal(0, 0.02 * self.spread, self.n)

    def filled_afterwards(self) -> np.ndarray:
        return np.where(self.rare, self.rng.normal(size=self.n), np.nan)

    def closed_on(self) -> pd.Series:
        days = pd.Timestamp("2024-01-01") + pd.to_timedelta(self.rng.integers(0, 365, self.n), unit="D")
        late = pd.Series(days).where(pd.Series(self.rare))
        return late.dt.strftime("%Y-%m-%d")

    def later_date(self) -> pd.Series:
        """A date that moves with the outcome: contracts that end are changed later, and by how much it matters."""
        rank = pd.Series(self.y).rank(pct=True, method="dense").to_numpy()
        days = 700 * rank + self.rng.integers(0, 30, self.n)
        return pd.Series(pd.Timestamp("2022-01-01") + pd.to_timedelta(days.round(), unit="D"))

    def remark(self) -> np.ndarray:
        """Free text whose words follow from the outcome."""
        words = [
            "settled in full", "sent to collection", "passed on to legal", "closed by phone", "written off today",
            "paid twice", "under appeal", "handed back", "waiting for stock", "moved away", "merged elsewhere",
        ]  # fmt: skip
        fifth = np.minimum(pd.Series(self.y).rank(pct=True) * 5, 4).astype(int)
        band = fifth if self.number else np.minimum(self.y, len(words) - 1).astype(int)
        names = self.rng.integers(0, 5000, (self.n, 2))
        return np.array([f"case {a} {words[i]} by agent {b} as agreed" for i, (a, b) in zip(band, names, strict=True)])


LEAKS: dict[str, Callable[[Planting], object]] = {
    "exact copy": lambda p: p.target.to_numpy(),
    "copy, 1 % noise": lambda p: p.copy(0.01),
    "copy, 5 % noise": lambda p: p.copy(0.05),
    "copy, 10 % noise": lambda p: p.copy(0.10),
    "one-to-one recoding": Planting.recoded,
    "finer classes or bands": Planting.finer,
    "smoothed target": Planting.aggregate,
    "balance after booking": Planting.running_total,
    "filled iff outcome": Planting.filled_afterwards,
    "date filled iff outcome": Planting.closed_on,
    "date moved by outcome": Planting.later_date,
    "free text written after": Planting.remark,
    NOT_A_LEAK: lambda p: p.rng.normal(size=p.n),
}
COLUMN = "planted"


def severity_of(frame: pd.DataFrame, target: str, column: str) -> Severity | None:
    """The highest severity of what is said about a column."""
    found = [f for f in validate(Table.of(frame, profile(frame), target)) if column in f.columns]
    found = [f for f in found if f.code in ("target_copy", "target_leakage", "known_afterwards")]
    return found[0].severity if found else None


def sorted_by_target(frame: pd.DataFrame, target: str) -> Severity | None:
    """An identifier given in the order of the target."""
    ordered = frame.sort_values(target, kind="stable", ignore_index=True)
    ordered.insert(0, COLUMN, np.arange(1, len(ordered) + 1))
    return severity_of(ordered, target, COLUMN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    entries = [e for e in json.loads((args.data / "manifest.json").read_text("utf-8")) if e.get("task") in TABULAR]
    entries = [e for e in entries if not args.only or e["name"] in args.only.split(",")]
    rows, clean = [], []
    for entry in entries:
        frame, _ = read_with_report(args.data / entry["file"])
        target = entry["target"]
        start = time.perf_counter()
        found = validate(Table.of(frame, profile(frame), target))
        clean.append(
            {
                "table": entry["name"], "seconds": round(time.perf_counter() - start, 2),
                **{s.value: [f"{f.code}: {', '.join(f.columns)}" for f in found if f.severity is s] for s in Severity},
            }
        )  # fmt: skip
        for leak, plant in LEAKS.items():
            planted = frame.assign(**{COLUMN: plant(Planting(frame, target, entry["task"] == "regression"))})
            rows.append((entry["name"], leak, severity_of(planted, target, COLUMN)))
        rows.append((entry["name"], "id in target order", sorted_by_target(frame, target)))
        if not args.json:
            print(f"{entry['name']}: {clean[-1]['seconds']} s", flush=True)
    if args.json:
        print(json.dumps({"planted": [(t, k, s.value if s else None) for t, k, s in rows], "clean": clean}))
        return
    _table(rows)
    for one in clean:
        print(f"\n{one['table']}: {len(one['high'])} high")
        for severity in ("high", "warning"):
            for text in one[severity]:
                print(f"  {severity}: {text}")


def _table(rows: list[tuple[str, str, Severity | None]]) -> None:
    tables = list(dict.fromkeys(t for t, _, _ in rows))
    shown = {(t, k): s.value if s else "–" for t, k, s in rows}
    kinds = list(dict.fromkeys(k for _, k, _ in rows))
    wide = max(map(len, kinds)) + 2
    print("\n" + " " * wide + "  ".join(t[:12].ljust(12) for t in tables))
    for kind in kinds:
        print(kind.ljust(wide) + "  ".join(shown[t, kind].ljust(12) for t in tables))
    leaks = [s for _, k, s in rows if k != NOT_A_LEAK]
    noise = [s for _, k, s in rows if k == NOT_A_LEAK]
    high = sum(s is Severity.HIGH for s in leaks)
    print(f"\nfound {sum(s is not None for s in leaks)} of {len(leaks)} ({high} high); noise called a leak: {sum(s is not None for s in noise)} of {len(noise)}")


if __name__ == "__main__":
    main()
