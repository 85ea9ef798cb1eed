"""Values read as their column's kind, row by row: nothing is learned, no row is dropped."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

NUMBER_IN_TEXT = re.compile(r"[-+\u2212]?(?:\d[\d,\s']*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def to_typed(frame, kinds):
    """Read every column of `kinds` (name → kind) as its kind; identifiers are left out.

    numeric → float64, datetime → datetime64[ns], all others → str or None. Junk becomes missing.
    """
    columns = {}
    for name, kind in kinds.items():
        if kind == "identifier":
            continue
        column = frame[name]
        if kind == "numeric":
            columns[name] = typed_numbers(column)
        elif kind == "datetime":
            columns[name] = typed_dates(column)
        else:
            columns[name] = typed_words(column)
    return pd.DataFrame(columns, index=frame.index)


def typed_numbers(column):
    """float64; text such as '1,234', '$5', '12 %' or '12 kg' gives its number, junk gives NaN."""
    if column.dtype.kind in "biuf":
        values = column.to_numpy(dtype=np.float64)
    elif column.dtype.kind == "M":
        return np.full(len(column), np.nan)
    else:
        values = np.array([one_number(v) for v in column.to_numpy(dtype=object)], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def one_number(value):
    if value is None or value is pd.NA or value is pd.NaT:
        return np.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    found = NUMBER_IN_TEXT.findall(str(value))
    if len(found) != 1:
        return np.nan
    try:
        return float(re.sub(r"[,\s']", "", found[0]).replace("\u2212", "-"))
    except ValueError:
        return np.nan


def typed_dates(column):
    """datetime64[ns] without a time zone (UTC); junk gives NaT."""
    if column.dtype.kind in "biuf" and column.notna().any():
        return np.full(len(column), np.datetime64("NaT"), dtype="datetime64[ns]")
    dates = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601" if column.dtype.kind != "M" else None)
    return dates.dt.tz_localize(None).astype("datetime64[ns]").to_numpy()


def typed_words(column):
    """str or None; 1.0 and 1 are the same word, and so are True and 'True'."""
    values = column.to_numpy(dtype=object)
    return np.array([one_word(v) for v in values] + [None], dtype=object)[:-1]


def one_word(value):
    if type(value) is str:
        value = value.strip()
        return value or None
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip() or None
