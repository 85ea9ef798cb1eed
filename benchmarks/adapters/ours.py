"""Our own engine for the peers' harness, through its public scikit-learn API.

`benchmarks.peers` puts it in the place of the harness's own `ours`. It runs inside the harness's `adapter_main.py`,
which says what each function gets and returns.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

VERSION_OF = ("scikit-learn", "lightgbm", "catboost", "xgboost-cpu", "pandas")


def setup(ctx: Any) -> None:
    """Import what a notebook would have imported."""
    sys.path.insert(0, os.environ["OURS_REPO"])
    import automl  # noqa: F401


def fit(ctx: Any) -> Any:
    """Fit on raw rows; the variant is a preset, or "fast" for fast predictions."""
    from automl import AutoMLClassifier, AutoMLRegressor, config

    extra = {"preset": ctx.variant} if ctx.variant else {}
    if ctx.variant == "fast":
        extra = {"predict_limit": config.FAST_US}
    kind = AutoMLRegressor if ctx.task == "regression" else AutoMLClassifier
    X, y = ctx.train.drop(columns=[ctx.target]), ctx.train[ctx.target]
    return kind(time_limit=ctx.budget, metric=ctx.metric, random_state=0, **extra).fit(X, y)


def predict(model: Any, X: Any, ctx: Any) -> Any:
    """Probabilities by class name, or values."""
    import pandas as pd

    if ctx.task == "regression":
        return model.predict(X)
    return pd.DataFrame(model.predict_proba(X), columns=[str(c) for c in model.classes_])


def info(model: Any, ctx: Any) -> dict[str, Any]:
    """What the model promises: the winner's validation score, beside which its test score is held."""
    board = model.leaderboard_
    best = board.iloc[0]
    return {
        "candidate": best["candidate"],
        "validation": float(best["score"]),
        "validation_std": None if best["score_std"] != best["score_std"] else float(best["score_std"]),
        "completed": int((board["state"] == "completed").sum()),
    }


def size(model: Any, ctx: Any) -> int:
    """Bytes of the saved model."""
    path = str(Path(ctx.workdir) / "ours_model")
    model.save(path)
    return ctx.dir_bytes(path)
