"""What the guard against divergence is worth on a table with rare classes.

    python -m benchmarks.lightgbm_guard FILE TARGET
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from automl.data.profile import profile
from automl.data.read import read_table
from automl.families import family, lightgbm
from automl.features.pipeline import TableFeatures
from automl.features.typed import to_typed
from automl.metrics import METRICS

SETTINGS = {
    "with the guard": lightgbm.MULTICLASS_GUARD,
    "defaults": {},
    "leaves of 5 rows": {"min_data_in_leaf": 5, "min_sum_hessian_in_leaf": 1e-3},
}


def main(path: str, target: str) -> None:
    table = read_table(path).dropna(subset=[target])
    kinds = {c.name: c.kind.value for c in profile(table) if c.name != target}
    typed, codes = to_typed(table, kinds), pd.factorize(table[target], sort=True)[0]
    order = np.random.default_rng(0).permutation(len(table))
    train, valid = order[: len(order) * 7 // 10], order[len(order) * 7 // 10 :]
    kind, classes = family("lightgbm"), int(codes.max()) + 1
    features = TableFeatures(kind.needs, kinds).fit(typed.iloc[train])
    x_train, x_valid = (features.transform(typed.iloc[rows]) for rows in (train, valid))
    print("| setting | log loss | trees kept | last tree's log loss | worst |\n|---|---|---|---|---|")
    for name, guard in SETTINGS.items():
        lightgbm.MULTICLASS_GUARD = guard
        fitted = kind.fit(
            x_train,
            codes[train],
            task="multiclass",
            classes=classes,
            params={"learning_rate": 0.1, "num_leaves": 31},
            validation=(x_valid, codes[valid], None),
            metric=METRICS["log_loss"],
            threads=2,
        )
        score = METRICS["log_loss"].score(codes[valid], fitted.predict(x_valid))
        kept = fitted.replay["num_boost_round"]
        print(f"| {name} | {score:.3f} | {kept} | {fitted.curve[-1]:.2f} | {max(fitted.curve):.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:3])
