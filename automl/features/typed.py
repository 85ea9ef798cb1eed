"""Values read as their column's kind, row by row: nothing is learned, no row is dropped."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pandas as pd

NUMBER_IN_TEXT = re.compile(
    r"([-+\u2212]?)\s*[$\u20ac\u00a3\u00a5]?\s*(\d[\d,\s']*\.?\d*|\.\d+)((?:[eE][-+]?\d+)?)"
)
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:[\s']\d{3})+(?:\.\d*)?")
TIME = r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + TIME)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + TIME)
DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-. ]+([A-Za-z]{3,9})[-., ]+(\d{4})" + TIME)
NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})" + TIME)
PLAIN_DATE = re.compile(r"(?:1[7-9]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def to_typed(frame: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
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
            # dtype said: pandas would make text of it, and NaN of what is missing
            columns[name] = pd.Series(typed_words(column), index=frame.index, dtype=object)
    return pd.DataFrame(columns, index=frame.index, copy=False)


def typed_numbers(column: pd.Series) -> np.ndarray:
    """float64; text such as '1,234', '$5', '12 %' or '12 kg' gives its number, junk gives NaN."""
    if column.dtype.kind in "biuf":
        values = column.to_numpy(dtype=np.float64)
    elif column.dtype.kind == "M":
        return np.full(len(column), np.nan)
    else:
        values = np.array([one_number(v) for v in column.to_numpy(dtype=object)], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def one_number(value: object) -> float:
    """The number in a value, NaN where there is none or more than one.

    >>> one_number("$1,234.50"), one_number("12 kg"), one_number("5-7")
    (1234.5, 12.0, nan)
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.nan
    except (TypeError, ValueError):
        pass
    found = NUMBER_IN_TEXT.findall(str(value))
    if len(found) != 1:
        return np.nan
    sign, digits, power = found[0]
    digits = digits.strip(", '\t\n\u00a0\u202f")
    if GROUPED.fullmatch(digits):
        digits = re.sub(r"[,\s']", "", digits)
    elif digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".")  # 1,5 is no group of thousands
    try:
        return float(digits + power) * (-1.0 if sign in ("-", "\u2212") else 1.0)
    except ValueError:
        return np.nan


def typed_dates(column: pd.Series) -> np.ndarray:
    """datetime64[ns] without a time zone (UTC); junk, and what could be two dates, gives NaT."""
    if column.dtype.kind in "biuf":
        return np.full(len(column), np.datetime64("NaT"), dtype="datetime64[ns]")
    if column.dtype == np.dtype("datetime64[ns]"):  # as dates of text are after the recipe; a row waits for this
        return column.to_numpy(copy=True)
    if column.dtype.kind != "M":
        values = column.to_numpy(dtype=object)  # a number among them is no date
        if len(values) <= 30 and None not in (plain := [plain_date(v) for v in values]):  # pandas takes 1 ms a column
            return np.array(plain, dtype="datetime64[ns]")
        column = column.astype(object).where(
            [isinstance(v, (str, datetime.date, np.datetime64)) for v in values]
        )
    dates = pd.to_datetime(
        column, errors="coerce", utc=True, format="ISO8601" if column.dtype.kind != "M" else None
    )
    dates = dates.dt.tz_localize(None)
    dates = dates.where(dates.between(pd.Timestamp("1677-09-22"), pd.Timestamp("2262-04-11")))
    out = dates.astype("datetime64[ns]").to_numpy(copy=True)
    if column.dtype.kind != "M":
        odd = np.flatnonzero(np.isnat(out) & column.notna().to_numpy(dtype=bool))
        if len(odd):
            values = column.to_numpy(dtype=object)[odd]
            read = {v: one_date(v) for v in set(values)}
            out[odd] = np.array([read[v] for v in values], dtype="datetime64[ns]")
    return out


def plain_date(value: object) -> np.datetime64 | None:
    """A date of the years 1700 to 2199 as ISO has it, without a time zone; NaT where it is missing, None for all else.

    >>> str(plain_date("2024-01-31 10:30")), plain_date("31.1.2024")
    ('2024-01-31T10:30:00.000000000', None)
    """
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return np.datetime64("NaT")
    if not isinstance(value, str) or not PLAIN_DATE.fullmatch(value):
        return None
    try:
        return np.datetime64(value, "ns")
    except ValueError:  # no day of the calendar
        return None


def one_date(value: object) -> np.datetime64:
    """A date in another way of writing than ISO's, where only one date can be meant."""
    text = value.strip() if isinstance(value, str) else ""
    if found := YEAR_FIRST.fullmatch(text):
        year, _, month, day, *time = found.groups()
    elif found := YEAR_LAST.fullmatch(text):
        day, mark, month, year, *time = found.groups()
        if int(month) > 12:
            day, month = month, day
        elif mark != "." and int(day) <= 12 and int(day) != int(month):
            return np.datetime64("NaT")
    elif found := DAY_NAME.fullmatch(text):
        day, month, year, *time = found.groups()
    elif found := NAME_DAY.fullmatch(text):
        month, day, year, *time = found.groups()
    else:
        return np.datetime64("NaT")
    if not month.isdigit():
        name = month[:3].lower()
        month = MONTHS.index(name) + 1 if name in MONTHS else 0
    try:
        date = pd.Timestamp(int(year), int(month), int(day), *(int(part or 0) for part in time))
        return date.as_unit("ns").to_datetime64()
    except ValueError:
        return np.datetime64("NaT")


def typed_words(column: pd.Series) -> np.ndarray:
    """str or None; 1.0 and 1 are the same word, and so are True and 'True'."""
    if len(column) > 30 and isinstance(column.dtype, pd.StringDtype):  # each value once, however many rows have it
        codes, values = pd.factorize(column)
    else:
        codes, values = np.arange(len(column)), column.to_numpy(dtype=object)
    return np.array([*map(one_word, values.tolist()), None], dtype=object)[codes]


def one_word(value: object) -> str | None:
    """A value as a trimmed word, None where it is missing or empty.

    >>> one_word(1.0), one_word(True), one_word(" pro "), one_word("")
    ('1', 'True', 'pro', None)
    """
    if type(value) is str:
        value = value.strip()
        return value or None
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip() or None
