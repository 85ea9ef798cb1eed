"""The prediction contract of a model: names, kinds, usual values and categories of its inputs.

Learned from the training rows only.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from automl.types import ColumnKind, Problem

QUANTILES = (0.05, 0.5, 0.95)
BLOCK_CELLS = 2_000_000  # of columns described together
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
    columns, numbers = [], _numbers(typed, [n for n in raw.columns if kinds.get(n) == ColumnKind.NUMERIC.value])
    for name in raw.columns:
        kind = ColumnKind(kinds.get(name, ColumnKind.IDENTIFIER))
        entry: dict[str, Any] = {"name": name, "kind": kind.value, "importance": 0.0}
        if name in numbers:
            entry |= {"missing_share": 0.0} | numbers[name]
        elif name in typed:
            entry |= _described(typed[name], kind)
        columns.append(entry)
    return {"target": problem.target, "task": problem.task.value, "columns": columns}


def rows_to_json(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns as JSON lists; dates as ISO text, missing and infinite as null, anything else as its text."""
    cells = frame.to_numpy(dtype=object)  # taken out at once: there may be thousands of columns
    return {str(name): [_plain(v) for v in cells[:, i]] for i, name in enumerate(frame.columns)}


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
    return pd.DataFrame({k: [np.nan if x is None else x for x in v] for k, v in data.items()})


def _described(values: pd.Series, kind: ColumnKind) -> dict[str, Any]:
    if kind in (ColumnKind.NUMERIC, ColumnKind.DATETIME):
        gaps = {"missing_share": float(values.isna().mean()) if len(values) else 0.0}
        known = values.dropna()
        return gaps | (_numeric(known.to_numpy(dtype=float)) if kind is ColumnKind.NUMERIC else _dates(known))
    codes, words = pd.factorize(values.to_numpy())
    counts = np.bincount(codes[codes >= 0], minlength=len(words))
    filled = int(counts.sum())
    gaps = {"missing_share": (len(values) - filled) / len(values) if len(values) else 0.0}
    order = np.argsort(-counts, kind="stable")[:MAX_CATEGORIES]
    default = str(words[order[0]]) if len(words) else None
    if kind is ColumnKind.TEXT:
        return gaps | {"default": default}
    return gaps | {
        "default": default,
        "categories": [str(words[i]) for i in order],
        "categories_complete": len(words) <= MAX_CATEGORIES,
        "shares": (counts[order] / max(filled, 1)).tolist(),
    }


def _dates(known: pd.Series) -> dict[str, Any]:
    if known.empty:
        return {"default": None, "low": None, "high": None}
    return {"default": known.max().isoformat(), "low": known.min().isoformat(), "high": known.max().isoformat()}


def _numbers(typed: pd.DataFrame, names: list[str]) -> dict[str, dict[str, Any]]:
    """The columns of numbers without a gap, described all at once: of thousands, one by one takes seconds."""
    found: dict[str, dict[str, Any]] = {}
    names = [n for n in names if n in typed]
    step = max(BLOCK_CELLS // max(len(typed), 1), 1)
    for first in range(0, len(names) if len(typed) else 0, step):
        some = names[first : first + step]
        block = np.sort(typed[some].to_numpy(dtype=float), axis=0)  # what is missing comes last
        whole = np.flatnonzero(np.isfinite(block[0]) & np.isfinite(block[-1]))
        quantiles = np.quantile(block[:, whole], QUANTILES, axis=0).T
        for column, (q05, median, q95) in zip(whole, quantiles, strict=True):
            found[some[column]] = _numeric_entry(block[:, column], q05, median, q95)
    return found


def _numeric(values: np.ndarray) -> dict[str, Any]:
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return {"default": None, "low": None, "high": None, "q05": None, "q95": None, "integer": False}
    return _numeric_entry(values, *np.quantile(values, QUANTILES))


def _numeric_entry(values: np.ndarray, q05: float, median: float, q95: float) -> dict[str, Any]:
    """Of sorted values."""
    integer = bool((values == np.round(values)).all())
    return {
        "default": float(np.round(median)) if integer else float(median),
        "low": float(values[0]),
        "high": float(values[-1]),
        "q05": float(q05),
        "q95": float(q95),
        "spread": _spread(values),
        "integer": integer,
    }


def _spread(values: np.ndarray) -> dict[str, list[float]]:
    """Where the tenths of sorted values end, and the share of values up to there: what drift is measured against."""
    places = np.ceil(np.arange(1, 10) * len(values) / 10).astype(int) - 1
    ends = np.unique(values[places])
    below = np.searchsorted(values, ends, side="right") / len(values)
    return {"at": ends.tolist(), "below": below.tolist()}
