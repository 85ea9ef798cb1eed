"""What each ingredient of the engine is worth: builds with one of them left out.

    python -m benchmarks.ablation --data FOLDER [--time-limit 30] [--only NAME,NAME] [--without NAME,NAME]

FOLDER holds a manifest.json (name, file, target, task, metric). A quarter of the rows (10,000 at
most) is the test part. Figures are by how many per cent the error (1 - AUC, log loss, RMSE) on the
test rows is larger without the ingredient; differences of a few per cent are noise on small tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from automl import AutoMLClassifier, AutoMLRegressor
from automl.engine import combine, plan, race, tune
from automl.metrics import METRICS
from benchmarks.where import read, tables

SEED = 1000


def without_rich(usual: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def portfolio(*args: Any) -> list[Any]:
        return [c for c in usual(*args) if c.params.get("features") != "rich"]

    return portfolio


def one_of_each(usual: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def portfolio(*args: Any) -> list[Any]:
        seen: set[str] = set()
        return [c for c in usual(*args) if not (c.family in seen or seen.add(c.family))]

    return portfolio


@contextmanager
def left_out(what: str) -> Iterator[dict[str, Any]]:
    """The engine without an ingredient; yields options of the estimator."""
    changes: list[Any] = []
    options: dict[str, Any] = {}
    if what == "rich features":
        changes.append(mock.patch.object(plan, "portfolio", without_rich(plan.portfolio)))
    elif what == "portfolio":
        changes.append(mock.patch.object(plan, "portfolio", one_of_each(plan.portfolio)))
    elif what == "tuning":
        changes.append(mock.patch.object(tune.Tuner, "next", return_value=None))
    elif what == "ensemble":
        changes.append(mock.patch.object(combine, "_pool", lambda compared: compared[:1]))
    elif what == "models of all folds":
        changes.append(mock.patch.object(combine, "PREDICT_US", 0.0))
    elif what == "first looks":
        changes.append(mock.patch.object(race, "looks_at_every_fold", return_value=True))
    elif what == "small fits side by side":
        changes.append(mock.patch.object(plan, "SIDE_BY_SIDE_CELLS", 0))
    elif what in ("linear", "lightgbm", "xgboost", "catboost", "trees", "mlp"):
        options["families"] = [k for k in plan.FIRST_ROUND if k != what]
    elif what != "nothing":
        raise SystemExit(f"error: there is no ingredient '{what}'")
    for change in changes:
        change.start()
    try:
        yield options
    finally:
        for change in changes:
            change.stop()


INGREDIENTS = (
    "rich features", "portfolio", "tuning", "ensemble", "models of all folds", "first looks",
    "small fits side by side", "linear", "lightgbm", "xgboost", "catboost", "trees", "mlp",
)  # fmt: skip


def error(table: dict[str, Any], what: str, limit: float) -> float:
    """The error on the test rows of a build without an ingredient."""
    from sklearn.model_selection import train_test_split

    frame, target = read(table["path"]), table["target"]
    frame = frame[frame[target].notna()].reset_index(drop=True)
    values = table["task"] == "regression"
    y = frame[target] if values else frame[target].astype(str)
    strata = None if values or y.value_counts().min() < 2 else y
    test_rows = min(round(0.25 * len(frame)), 10_000)
    train, test = train_test_split(
        np.arange(len(frame)), test_size=test_rows, random_state=SEED, stratify=strata
    )
    X, metric = frame.drop(columns=[target]), METRICS[table["metric"]]
    kind = AutoMLRegressor if values else AutoMLClassifier
    with left_out(what) as options:
        model = kind(time_limit=limit, metric=metric.name, random_state=0, **options)
        model.fit(X.iloc[train], y.iloc[train])
    if values:
        return metric.score(y.iloc[test].to_numpy(), model.predict(X.iloc[test]))
    place = {label: code for code, label in enumerate(model.classes_)}
    p = model.predict_proba(X.iloc[test])
    known = y.iloc[test].isin(place).to_numpy()
    score = metric.score(y.iloc[test][known].map(place).to_numpy(), p[known])
    return 1 - score if metric.greater_is_better else score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--time-limit", type=float, default=30.0)
    parser.add_argument("--only", help="names of tables, separated by commas")
    parser.add_argument("--without", help="ingredients, separated by commas")
    args = parser.parse_args()
    ingredients = tuple(args.without.split(",")) if args.without else INGREDIENTS
    print(f"| data | error | {' | '.join(ingredients)} |\n|{'---|' * (len(ingredients) + 2)}", flush=True)
    worth: dict[str, list[float]] = {what: [] for what in ingredients}
    for table in tables(args.data):
        if args.only and table["name"] not in args.only.split(","):
            continue
        usual = error(table, "nothing", args.time_limit)
        cells = []
        for what in ingredients:
            worth[what].append(100 * (error(table, what, args.time_limit) / usual - 1))
            cells.append(f"{worth[what][-1]:+.1f} %")
        print(f"| {table['name']} | {usual:.4g} | {' | '.join(cells)} |", flush=True)
    medians = " | ".join(f"{np.median(worth[what]):+.1f} %" for what in ingredients)
    print(f"| **median** | | {medians} |", flush=True)


if __name__ == "__main__":
    main()
