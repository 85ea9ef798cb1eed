"""The prediction contract of a model: names, kinds, usual values and categories of its inputs.

Learned from the training rows only.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from automl.types import ColumnKind, Problem

MAX_CATEGORIES = 200  # kept by frequency; with more, unseen values can't be told from rare ones


def describe(
    raw: pd.DataFrame, typed: pd.DataFrame, kinds: dict[str, str], problem: Problem
) -> dict[str, Any]:
    """Describe a model's inputs.

    Parameters
    ----------
    raw, typed : DataFrame of shape (training rows, columns)
        The input columns as they came, and as the model reads them.
    kinds : dict
        Input column to kind.
    problem : Problem

    Returns
    -------
    dict
        schema.json: {"target", "task", "columns": [{"name", "kind", "missing_share", "default", …}]}.
    """
    columns = []
    for name in raw.columns:
        kind = ColumnKind(kinds.get(name, ColumnKind.IDENTIFIER))
        entry: dict[str, Any] = {"name": name, "kind": kind.value, "importance": 0.0}
        if name in typed:
            values = typed[name]
            entry["missing_share"] = float(values.isna().mean()) if len(values) else 0.0
            entry |= _describe(values.dropna(), kind)
        columns.append(entry)
    return {"target": problem.target, "task": problem.task.value, "columns": columns}


def rows_to_json(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns as JSON lists; dates as ISO text, missing and infinite as null, anything else as its text."""
    return {str(name): [_plain(v) for v in frame[name].astype(object)] for name in frame.columns}


def _plain(value: Any) -> Any:
    """A cell as JSON has it."""
    value = getattr(value, "item", lambda: value)()
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def rows_from_json(data: dict[str, list[Any]]) -> pd.DataFrame:
    """Rebuild what `rows_to_json` wrote (dates stay text; the model reads them)."""
    return pd.DataFrame({k: pd.Series([np.nan if x is None else x for x in v]) for k, v in data.items()})


def _describe(values: pd.Series, kind: ColumnKind) -> dict[str, Any]:
    if kind is ColumnKind.NUMERIC:
        return _numeric(values.to_numpy(dtype=float))
    if kind is ColumnKind.DATETIME:
        if values.empty:
            return {"default": None, "low": None, "high": None}
        return {
            "default": values.max().isoformat(),
            "low": values.min().isoformat(),
            "high": values.max().isoformat(),
        }
    counts = values.value_counts()
    default = str(counts.index[0]) if len(counts) else None
    if kind is ColumnKind.TEXT:
        return {"default": default}
    return {
        "default": default,
        "categories": [str(c) for c in counts.index[:MAX_CATEGORIES]],
        "categories_complete": bool(len(counts) <= MAX_CATEGORIES),
        "shares": [float(n) / int(counts.sum()) for n in counts.iloc[:MAX_CATEGORIES]],
    }


def _numeric(values: np.ndarray) -> dict[str, Any]:
    values = values[np.isfinite(values)]
    if not len(values):
        return {"default": None, "low": None, "high": None, "q05": None, "q95": None, "integer": False}
    q05, median, q95 = np.quantile(values, [0.05, 0.5, 0.95])
    integer = bool((values == np.round(values)).all())
    return {
        "default": float(np.round(median)) if integer else float(median),
        "low": float(values.min()),
        "high": float(values.max()),
        "q05": float(q05),
        "q95": float(q95),
        "spread": _spread(values),
        "integer": integer,
    }


def _spread(values: np.ndarray) -> dict[str, list[float]]:
    """Where the tenths of the values end, and the share of values up to there: what drift is measured against."""
    ends = np.unique(np.quantile(values, np.linspace(0.1, 0.9, 9), method="inverted_cdf"))
    below = np.searchsorted(np.sort(values), ends, side="right") / len(values)
    return {"at": ends.tolist(), "below": below.tolist()}
