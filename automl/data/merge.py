"""Rows of two tables side by side by their keys: pandas alone, since this source stands in notebooks."""

from __future__ import annotations

import numpy as np
import pandas as pd

COUNT = "number of rows"  # what is brought along where repeated rows are only counted


def as_text(column):
    """Values as people write them: 7 and not 7.0, dates without a time where there is none."""
    codes, values = pd.factorize(column)
    written = []
    for value in values:
        if isinstance(value, (float, np.floating)) and float(value).is_integer():
            written.append(f"{value:.0f}")
        elif isinstance(value, pd.Timestamp) and value == value.normalize():
            written.append(value.strftime("%Y-%m-%d"))
        else:
            written.append(str(value))
    return pd.Series([*written, None], dtype="str").take(codes).set_axis(column.index)


def as_dates(column):
    """Text as dates, the day first where dots or a number above 12 show it; 20240131 is a date too."""
    if column.dtype.kind == "M":
        return column.astype("datetime64[ns]")
    codes, values = pd.factorize(as_text(column).str.strip())
    values = pd.Series(values, dtype="str")
    first = values.str.extract(r"^(\d{1,2})([/.-])\d{1,2}[/.-]\d")
    day_first = bool((first[1] == ".").any() or (pd.to_numeric(first[0]) > 12).any())
    ways = [{"format": "ISO8601"}, {"format": "mixed", "dayfirst": day_first}]
    if column.dtype.kind in "biuf":
        ways = [{"format": "%Y%m%d"}]
    read = [pd.to_datetime(values, errors="coerce", utc=True, **way) for way in ways]
    best = max(read, key=lambda dates: int(dates.notna().sum()))
    dates = best.dt.tz_localize(None).astype("datetime64[ns]")
    return pd.concat([dates, pd.Series([pd.NaT])], ignore_index=True).take(codes).set_axis(column.index)


def key_values(column, compare):
    """A key column in the form it is compared in.

    `compare`: same (as it is), text, zeros (text without leading zeros), folded (text without regard to
    letter case and spaces), number, day or hour (dates down to it).
    """
    if compare == "number":
        if column.dtype.kind in "biuf":
            return column.astype("float64")
        return pd.to_numeric(as_text(column).str.strip(), errors="coerce").astype("float64")
    if compare in ("day", "hour"):
        return as_dates(column).dt.floor({"day": "D", "hour": "h"}[compare])
    if compare == "same":
        return column if column.dtype.kind in "biufM" else column.astype("str")
    text = as_text(column)
    if compare == "zeros":
        bare = text.str.strip().str.lstrip("0")
        return bare.mask(bare == "", "0")
    return text.str.casefold().str.replace(r"\s+", "", regex=True) if compare == "folded" else text


def key_frames(left, right, keys):
    """The keys of both tables as columns that can be compared; `keys`: (left name, right name, compare)."""
    one, two = {}, {}
    for i, (a, b, compare) in enumerate(keys):
        x, y = key_values(left[a], compare), key_values(right[b], compare)
        if x.dtype != y.dtype:
            kinds = x.dtype.kind + y.dtype.kind
            both = "datetime64[ns]" if kinds == "MM" else "float64" if set(kinds) <= set("biuf") else "str"
            x, y = x.astype(both), y.astype(both)
        one[f"key_{i}"], two[f"key_{i}"] = x, y
    return pd.DataFrame(one, index=left.index), pd.DataFrame(two, index=right.index)


def one_row_a_key(right, keys, repeats, latest=None):
    """The right table with each key once. Rows without a key stay as they are.

    `repeats`: all (nothing is done), first, latest (by the date in that column), mean or sum (of numbers;
    of anything else the first value), count (only how many rows there are).
    """
    if repeats == "all":
        return right
    names = [b for _, b, _ in keys]
    values = pd.DataFrame({i: key_values(right[b], how) for i, (_, b, how) in enumerate(keys)})
    group = np.array(values.groupby(list(values.columns), sort=False, dropna=False).ngroup())
    alone = np.flatnonzero(values.isna().any(axis=1))
    group[alone] = len(right) + np.arange(len(alone))
    if repeats in ("first", "latest"):
        order = np.arange(len(right))
        if repeats == "latest":
            order = right[latest].reset_index(drop=True).sort_values(kind="stable", na_position="first").index.to_numpy()[::-1]
        keep = order[~pd.Series(group[order]).duplicated().to_numpy()]
        return right.iloc[np.sort(keep)].reset_index(drop=True)
    right = right.reset_index(drop=True)
    if repeats == "count":
        counted = right[names].groupby(group, sort=False).first()
        return counted.assign(**{COUNT: right.groupby(group, sort=False).size()}).reset_index(drop=True)
    numbers = [c for c in right.columns if c not in names and right[c].dtype.kind in "biuf"]
    grouped = right[numbers].groupby(group, sort=False)
    summed = grouped.mean() if repeats == "mean" else grouped.sum(min_count=1)
    rest = right[[c for c in right.columns if c not in numbers]].groupby(group, sort=False).first()
    return pd.concat([rest, summed], axis=1)[list(right.columns)].reset_index(drop=True)


def join_rows(left_keys, right_keys, how):
    """Row numbers of the left and the right table, side by side; -1 where there is no partner.

    Missing keys never match. In the left table's order, for `right` in the right one's.
    """
    names = list(left_keys.columns)
    a = left_keys.assign(left_row=np.arange(len(left_keys))).dropna(subset=names)
    b = right_keys.assign(right_row=np.arange(len(right_keys))).dropna(subset=names)
    pairs = a.merge(b, on=names)[["left_row", "right_row"]]
    one, two = pairs["left_row"].to_numpy(dtype=np.int64), pairs["right_row"].to_numpy(dtype=np.int64)
    used, met = np.zeros(len(left_keys), dtype=bool), np.zeros(len(right_keys), dtype=bool)
    used[one], met[two] = True, True
    lonely = np.flatnonzero(~used) if how in ("left", "outer") else one[:0]
    other = np.flatnonzero(~met) if how in ("right", "outer") else two[:0]
    one, two = (
        np.concatenate([one, lonely, np.full(len(other), -1)]),
        np.concatenate([two, np.full(len(lonely), -1), other]),
    )
    first, second = (one, two) if how != "right" else (two, one)
    order = np.lexsort((second, first, first < 0))
    return one[order], two[order]


def take_rows(column, rows):
    """Rows of a column, missing where the row is -1: whole numbers become float64 then, yes/no text."""
    gaps = rows < 0
    if not gaps.any():
        return column.take(rows).reset_index(drop=True)
    if not len(column):
        kind = column.dtype.kind
        return pd.Series(np.nan, index=range(len(rows))).astype(
            "float64" if kind in "iu" else "str" if kind == "b" else column.dtype
        )
    taken = column.take(np.where(gaps, 0, rows)).reset_index(drop=True)
    if taken.dtype.kind == "b":
        taken = taken.map({True: "True", False: "False"}).astype("str")
    return taken.mask(gaps)


def merge_tables(left, right, keys, how, columns, repeats="all", latest=None):
    """The left columns, and those of the right table that are named in `columns`: {right name: new name}."""
    wanted = dict.fromkeys([*(b for _, b, _ in keys), *columns, *([latest] if latest else [])])
    right = one_row_a_key(right[[c for c in wanted if c in right.columns]], keys, repeats, latest)
    left_rows, right_rows = join_rows(*key_frames(left, right, keys), how)
    table = {name: take_rows(left[name], left_rows) for name in left.columns}
    for a, b, _ in keys if (left_rows < 0).any() else ():
        own, other = table[a], take_rows(right[b], right_rows)
        if own.dtype.kind != other.dtype.kind and not {own.dtype.kind, other.dtype.kind} <= set("iuf"):
            own, other = as_text(own), as_text(other)
        table[a] = own.where(left_rows >= 0, other)
    return pd.DataFrame(table | {new: take_rows(right[old], right_rows) for old, new in columns.items()})
