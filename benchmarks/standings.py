"""Where we stand beside the peers: tables from the results of `benchmarks.peers`.

    BENCH=folder/of/the/harness python -m benchmarks.standings NAME.jsonl [--floor] [--honest] [--less-time NAME.jsonl]

Scores and ranks (a failure shares the last ranks), one-to-one, deadlines, memory, prediction. With
--floor also the paired bootstrap of the test rows against the best of the untuned models, with --honest
the winners' validation scores beside the intervals of their test scores, with --less-time our scores
beside those of a run of ours with less time; these need the predictions that `benchmarks.peers` kept.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

OURS = "ours"
UNTUNED = ("lightgbm", "catboost", "hgb", "linear")
GREATER = ("roc_auc", "accuracy", "balanced_accuracy", "f1_macro", "f1", "r2")
RESAMPLES = 1_000
Cells = dict[str, dict[str, list[dict[str, Any]]]]  # data set → system → one row a split


def read(path: Path) -> Cells:
    """The last row of each cell."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["dataset"], row["system"], row["fold"]] = row
    cells: Cells = defaultdict(lambda: defaultdict(list))
    for (dataset, system, _), row in sorted(rows.items(), key=lambda item: item[0][2]):
        cells[dataset][system].append(row)
    return cells


def error(row: dict[str, Any]) -> float:
    """A score turned so that less is better; a failure is worse than all."""
    if row["status"] != "ok":
        return float("inf")
    return 1 - row["score"] if row["metric"] in GREATER else row["score"]


def ranks(cells: Cells, systems: list[str]) -> dict[str, list[float]]:
    """The rank of each system on each split of each data set; equal errors share one."""
    found = defaultdict(list)
    for by_system in cells.values():
        for split in range(len(by_system[OURS])):
            errors = {s: error(by_system[s][split]) for s in systems if split < len(by_system[s])}
            for system, mine in errors.items():
                less = sum(e < mine for e in errors.values())
                same = sum(e == mine for e in errors.values())
                found[system].append(less + (same + 1) / 2)
    return found


def ahead(cells: Cells, system: str) -> tuple[int, int]:
    """On how many data sets our mean error is smaller, and of how many."""
    wins = total = 0
    for by_system in cells.values():
        if by_system.get(system) and by_system.get(OURS):
            ours, theirs = (np.mean([error(r) for r in by_system[s]]) for s in (OURS, system))
            wins, total = wins + bool(ours < theirs), total + 1
    return wins, total


def shown(rows: list[dict[str, Any]]) -> str:
    scores = [r["score"] for r in rows if r["status"] == "ok"]
    if len(scores) < len(rows):
        return "failed"
    return f"{np.mean(scores):.4g}" if scores else ""


def mean(cells: Cells, system: str, key: str, over: Any = np.mean) -> float:
    values = [r[key] for by in cells.values() for r in by.get(system, []) if r.get(key) is not None]
    return float(over(values)) if values else float("nan")


def per_10k(cells: Cells, system: str) -> float:
    """Median seconds for 10,000 rows, were all sets as large."""
    values = [
        r["predict_seconds"] / r["test_rows"] * 10_000
        for by in cells.values()
        for r in by.get(system, [])
        if r.get("predict_seconds")
    ]
    return float(np.median(values)) if values else float("nan")


def tables(cells: Cells) -> str:
    systems = [OURS, *sorted({s for by in cells.values() for s in by} - {OURS})]
    placed = ranks(cells, systems)
    systems.sort(key=lambda s: np.mean(placed[s]))
    lines = ["| data | metric | rows | " + " | ".join(systems) + " |", "|---" * (len(systems) + 3) + "|"]
    for name, by in cells.items():
        first = by[OURS][0]
        best = min((np.mean([error(r) for r in by[s]]), s) for s in systems if by.get(s))[1]
        scores = [f"**{shown(by[s])}**" if s == best else shown(by.get(s, [])) for s in systems]
        lines.append(f"| {name} | {first['metric']} | {first['train_rows']:,} | " + " | ".join(scores) + " |")
    lines += ["", "| | " + " | ".join(systems) + " |", "|---" * (len(systems) + 1) + "|"]

    def line(what: str, value: Any) -> None:
        lines.append(f"| {what} | " + " | ".join(str(value(s)) for s in systems) + " |")

    line("mean rank", lambda s: f"{np.mean(placed[s]):.2f}")
    line("we are ahead on", lambda s: "" if s == OURS else "{} of {}".format(*ahead(cells, s)))
    line("fit, s (mean)", lambda s: f"{mean(cells, s, 'fit_seconds'):.1f}")
    line("fit, s (longest)", lambda s: f"{mean(cells, s, 'fit_seconds', max):.1f}")
    line("memory, MB (most)", lambda s: f"{mean(cells, s, 'peak_rss_mb', max):,.0f}")
    line("10,000 rows, s (median)", lambda s: f"{per_10k(cells, s):.2f}")
    line("one row, ms (median)", lambda s: f"{mean(cells, s, 'row_latency_ms', np.median):.1f}")
    line("one row, ms (most)", lambda s: f"{mean(cells, s, 'row_latency_ms', max):.1f}")
    return "\n".join(lines)


def prediction_table(cells: Cells, other: str) -> str:
    """Seconds of the test rows and milliseconds of one row, set by set, beside another system's."""
    lines = [f"| data | rows | ours, s | {other}, s | ours, ms a row | {other}, ms a row |", "|---" * 6 + "|"]
    for name, by in cells.items():
        if by.get(other) and by[OURS][0]["status"] == by[other][0]["status"] == "ok":
            pair = (by[OURS][0], by[other][0])
            seconds = " | ".join(f"{r['predict_seconds']:.2f}" for r in pair)
            one = " | ".join(f"{r['row_latency_ms']:.1f}" for r in pair)
            lines.append(f"| {name} | {pair[0]['test_rows']:,} | {seconds} | {one} |")
    return "\n".join(lines)


# --- the floor --------------------------------------------------------------------------


def losses(y: np.ndarray, pred: Any, metric: str, classes: list[str]) -> np.ndarray:
    """Each row's share of the error, where rows have one; of an AUC, each positive's."""
    if metric == "rmse":
        return (y.astype(float) - pred["prediction"].to_numpy(float)) ** 2
    p = np.column_stack([pred[c].to_numpy(float) if c in pred else np.zeros(len(y)) for c in classes])
    p = np.clip(p, 1e-15, None)
    p /= p.sum(axis=1, keepdims=True)
    if metric == "log_loss":
        place = {c: i for i, c in enumerate(classes)}
        return -np.log(p[np.arange(len(y)), [place[v] for v in y]])
    return p[:, 1]


def value(metric: str, classes: list[str], y: np.ndarray, part: np.ndarray) -> float:
    """The error of some rows."""
    if metric == "rmse":
        return float(np.sqrt(part.mean()))
    if metric == "log_loss":
        return float(part.mean())
    from automl.metrics import METRICS

    hit = (y == classes[1]).astype(int)
    return 1 - METRICS["roc_auc"].score(hit, np.column_stack([1 - part, part]))


def truth(name: str) -> tuple[np.ndarray, list[str], str]:
    """The test rows' targets of the first split, the classes and the metric."""
    from benchmarks.peers import harness

    module = harness()
    manifest = module.read_manifest(str(Path(module.HERE) / ".." / "data" / "manifest.json"))
    df, target, task, metric = module.load_dataset(name, manifest)
    train, test = module.split(df, target, task, 0, 0, 10_000)
    classes = [] if task == "regression" else sorted(set(train[target]) | set(test[target]))
    return test[target].to_numpy(), classes, metric


def honest(cells: Cells, run: str) -> str:
    """What our winners promised after validation, beside the test score and its 95 % bootstrap interval."""
    import pandas as pd

    from automl.metrics import METRICS, bootstrap_interval
    from benchmarks.peers import predictions

    lines = ["| data | metric | winner | validation | test | 95 % interval | inside? |", "|---" * 7 + "|"]
    for name, by in cells.items():
        row = by[OURS][0]
        if row["status"] != "ok" or "validation" not in row["info"]:
            continue
        y, classes, metric = truth(name)
        pred = pd.read_parquet(predictions(run, name, OURS, 0))
        if classes:
            place = {c: i for i, c in enumerate(classes)}
            y = np.array([place[v] for v in y])
            values = np.column_stack(
                [pred[c].to_numpy(float) if c in pred else np.zeros(len(y)) for c in classes]
            )
        else:
            y, values = y.astype(float), pred["prediction"].to_numpy(float)
        low, high = bootstrap_interval(METRICS[metric], y, values)
        promised = row["info"]["validation"]
        lines.append(
            f"| {name} | {metric} | {row['info']['candidate']} | {promised:.4g} | {row['score']:.4g} "
            f"| {low:.4g} – {high:.4g} | {'yes' if low <= promised <= high else 'no'} |"
        )
    return "\n".join(lines)


def less_error(name: str, theirs: Path, ours: Path) -> tuple[float, float]:
    """By how much less the error of the second predictions is: the 95 % interval of a paired bootstrap of the test rows."""
    import pandas as pd

    y, classes, metric = truth(name)
    both = [losses(y, pd.read_parquet(path), metric, classes) for path in (theirs, ours)]
    rng, gains = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(y), len(y))
        first, second = (value(metric, classes, y[rows], part[rows]) for part in both)
        gains.append(first - second)
    low, high = np.quantile(gains, [0.025, 0.975])
    return float(low), float(high)


def with_less_time(cells: Cells, run: str, less: Path) -> str:
    """Our scores beside our own with less time."""
    from benchmarks.peers import predictions

    before = read(less)
    lines = ["| data | less time | more time | our error less (95 % interval) | worse? |", "|---" * 5 + "|"]
    for name, by in cells.items():
        if not (by.get(OURS) and before[name].get(OURS)):
            continue
        low, high = less_error(name, predictions(less.stem, name, OURS, 0), predictions(run, name, OURS, 0))
        scores = (f"{rows[OURS][0]['score']:.4g}" for rows in (before[name], by))
        lines.append(f"| {name} | {' | '.join(scores)} | {low:.3g} … {high:.3g} | {'yes' if high < 0 else 'no'} |")
    return "\n".join(lines)


def floor(cells: Cells, run: str) -> str:
    """The difference of our error to the best untuned model's, with a paired bootstrap interval."""
    from benchmarks.peers import predictions

    lines = [
        "| data | best untuned | its score | ours | our error less (95 % interval) | behind? |",
        "|---" * 6 + "|",
    ]
    for name, by in cells.items():
        known = [s for s in UNTUNED if by.get(s) and by[s][0]["status"] == "ok"]
        best = min(known, key=lambda s: error(by[s][0]))
        low, high = less_error(name, predictions(run, name, best, 0), predictions(run, name, OURS, 0))
        lines.append(
            f"| {name} | {best} | {by[best][0]['score']:.4g} | {by[OURS][0]['score']:.4g} "
            f"| {low:.3g} … {high:.3g} | {'yes' if high < 0 else 'no'} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, metavar="NAME.jsonl")
    parser.add_argument("--floor", action="store_true")
    parser.add_argument("--honest", action="store_true")
    parser.add_argument("--less-time", type=Path, metavar="NAME.jsonl", help="a run of ours with less time")
    parser.add_argument("--beside", default="ag_good", help="whose prediction times stand beside ours")
    args = parser.parse_args()
    cells = read(args.results)
    print(tables(cells))
    print()
    print(prediction_table(cells, args.beside))
    if args.floor:
        print()
        print(floor(cells, args.results.stem))
    if args.less_time:
        print()
        print(with_less_time(cells, args.results.stem, args.less_time))
    if args.honest:
        print()
        print(honest(cells, args.results.stem))


if __name__ == "__main__":
    main()
