"""What the recipe does to columns, as plain functions: their source also stands in notebooks.

Each looks at one cell of a column at a time, so that a row alone gives what it gives in a batch. Only
pandas, numpy and the standard library are used, and other functions of this file.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd


def by_value(column: pd.Series, function, dtype) -> pd.Series:
    """A function of each distinct value of a column; None where it is missing."""
    codes, values = pd.factorize(column)
    made = [None if value is None or value != value else function(value) for value in values]
    missing = np.nan if dtype == "float64" else None
    made = [missing if value is None else value for value in made]
    if dtype == "float64":
        return pd.Series(np.array([*made, missing], dtype=np.float64)[codes], index=column.index)
    return pd.Series(np.array([*made, missing], dtype=object)[codes], index=column.index, dtype=dtype)


def number_of(value) -> float | None:
    """The number that a value is, or that its text writes plainly."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if np.isfinite(number) else None


def word_of(value) -> str:
    """A value as text: 3.0 as 3, a day without its midnight."""
    if isinstance(value, str):
        return value
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value)
    return str(value)


def nearly(column: pd.Series) -> pd.Series:
    """What near copies agree in: numbers to three digits, text without letter case and spaces around or doubled."""
    if column.dtype.kind == "f":
        numbers = column.to_numpy(dtype=np.float64)
        size = np.floor(np.log10(np.abs(numbers), out=np.zeros_like(numbers), where=numbers != 0))
        scale = 10.0 ** np.clip(2 - size, -300, 300)
        with np.errstate(over="ignore", invalid="ignore"):
            rounded = np.round(numbers * scale) / scale
        return pd.Series(np.where(np.isfinite(rounded), rounded, numbers), index=column.index)
    if column.dtype.kind in "biuM":
        return column
    return column.astype("str").str.strip().str.lower().str.replace(r"\s+", " ", regex=True)


def as_number(column: pd.Series) -> pd.Series:
    """Numbers; text that writes one plainly is read, all else becomes missing."""
    if column.dtype.kind == "M":
        return pd.Series(np.nan, index=column.index)
    if column.dtype.kind in "biuf":
        numbers = column.astype("float64")
        return numbers.mask(np.isinf(numbers))
    return by_value(column, number_of, "float64")


def as_text(column: pd.Series) -> pd.Series:
    """Text; numbers and dates as they are written."""
    return column if column.dtype == "str" else by_value(column, word_of, "str")


def as_date(column: pd.Series) -> pd.Series:
    """Dates; text is read where it begins with year, month and day, all else becomes missing."""
    if column.dtype.kind == "M":
        return column.astype("datetime64[ns]")
    if column.dtype.kind in "biuf":
        return pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
    dates = pd.to_datetime(as_text(column), format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None)
    possible = dates.between(pd.Timestamp("1677-09-22"), pd.Timestamp("2262-04-11"))
    return dates.where(possible).astype("datetime64[ns]")


def as_flag(column: pd.Series) -> pd.Series:
    """True or False; what is neither, and what is missing, is False."""
    if column.dtype == bool:
        return column
    return as_text(column).str.strip().str.lower().isin(["true", "yes", "1"])


def as_yes_no(column: pd.Series) -> pd.Series:
    """'yes' or 'no' for the usual ways of writing them; all else becomes missing."""
    known = dict.fromkeys(("yes", "y", "true", "t", "1", "on"), "yes")
    known |= dict.fromkeys(("no", "n", "false", "f", "0", "off"), "no")
    return by_value(column, lambda value: known.get(word_of(value).strip().lower()), "str")


def unified_text(column: pd.Series, case: str = "keep", spaces: bool = True, accents: bool = False) -> pd.Series:
    """Text in one letter case, with single spaces, without accents, as asked for; a column of no text stays."""
    if column.dtype not in ("str", "object"):
        return column

    def unified(value):
        if not isinstance(value, str):
            return value
        if spaces:
            value = " ".join(value.split())
        if accents:
            parts = unicodedata.normalize("NFKD", value)
            value = "".join(c for c in parts if not unicodedata.combining(c))
        return {"lower": value.lower, "upper": value.upper, "title": value.title}.get(case, value.strip)()

    return by_value(column, unified, column.dtype)


def without_words(column: pd.Series, words: set[str]) -> pd.Series:
    """Missing where a cell, trimmed and in lower case, is one of the words; numbers count as they are written."""
    if column.dtype.kind == "M":
        return column
    codes, values = pd.factorize(column)
    gone = np.array([word_of(value).strip().lower() in words for value in values] + [False], dtype=bool)[codes]
    if not gone.any():
        return column
    return column.astype("float64" if column.dtype.kind in "iu" else object if column.dtype == bool else column.dtype).mask(gone)  # fmt: skip


def replaced(column: pd.Series, pairs: list, part: bool = False, case: bool = True) -> pd.Series:
    """Values replaced by others, whole or in part; in a column of numbers only whole values, by numbers.

    The first pair that meets a whole value counts. None makes a value missing.
    """
    numbers = column.dtype.kind in "iuf"
    if column.dtype.kind == "M" or (numbers and part):
        return column
    fold = (lambda text: text) if case else str.lower
    whole = {fold(old): new for old, new in reversed(pairs)}

    def changed(value):
        text = word_of(value)
        if not part:
            new = whole.get(fold(text), value)
            return number_of(new) if numbers and new is not value else new
        if not isinstance(value, str):
            return value
        for old, new in pairs:
            if old:
                how = 0 if case else re.IGNORECASE
                text = re.sub(re.escape(old), lambda found, new=new: new or "", text, flags=how)[:10_000]
        return text

    made = by_value(column, changed, "float64" if numbers else object if column.dtype == bool else column.dtype)
    same = made.isna() & column.isna() | (made == column)
    return column if same.all() and made.dtype != column.dtype else made


def respelled(column: pd.Series, spellings: dict[str, str]) -> pd.Series:
    """One spelling for all the ways in which a value is written; a column of no text stays."""
    if column.dtype not in ("str", "object"):
        return column
    return by_value(
        column, lambda value: spellings.get(value, value) if isinstance(value, str) else value, column.dtype
    )


def date_part(column: pd.Series, part: str) -> pd.Series:
    """A part of dates as a number: year, quarter, month, week, day, weekday (Monday is 1), hour, day of the year."""
    dates = as_date(column).dt
    if part == "week":
        return dates.isocalendar().week.astype("float64")
    if part == "weekday":
        return dates.day_of_week.astype("float64") + 1
    return getattr(dates, part.replace(" ", "_")).astype("float64")


def meets(column: pd.Series, test: str, value) -> pd.Series:
    """Whether each cell meets a condition; a missing one meets only 'is missing' and the negative tests."""
    if test in ("is missing", "is not missing"):
        return column.isna() if test == "is missing" else column.notna()
    if test in ("above", "at least", "below", "at most"):
        if column.dtype.kind == "M":
            cells, limit = column, pd.to_datetime(value, errors="coerce")
        else:
            cells, limit = as_number(column), number_of(value)
        if limit is None or limit is pd.NaT:
            return pd.Series(False, index=column.index)
        return {"above": cells.gt, "at least": cells.ge, "below": cells.lt, "at most": cells.le}[test](limit)
    text = as_text(column).str.strip().str.lower()
    words = [word_of(v).strip().lower() for v in (value if isinstance(value, list) else [value])]
    if test in ("contains", "does not contain"):
        found = text.str.contains(words[0], regex=False, na=False).astype(bool)
        return found if test == "contains" else ~found
    found = text.isin(words)
    return found if test in ("is", "is one of") else ~found


# -- formulas -------------------------------------------------------------------------------


def divide(a, b):
    """a / b; missing where b is 0."""
    with np.errstate(all="ignore"):
        return finite(a / (b.where(b != 0) if isinstance(b, pd.Series) else b or np.nan))


def remainder(a, b):
    """What is left of a when it is divided by b; missing where b is 0."""
    with np.errstate(all="ignore"):
        return finite(a % (b.where(b != 0) if isinstance(b, pd.Series) else b or np.nan))


def power(a, b):
    """a to the power of b; missing where that is no number."""
    with np.errstate(all="ignore"):
        return finite(a.pow(b) if isinstance(a, pd.Series) else b.rpow(a))


def finite(a: pd.Series) -> pd.Series:
    """Numbers; what is infinite becomes missing."""
    return a.mask(np.isinf(a))


def calculated(function: str, a: pd.Series) -> pd.Series:
    """log, log10, sqrt, exp, floor or ceil; missing where there is none."""
    with np.errstate(all="ignore"):
        return finite(pd.Series(getattr(np, function)(a.to_numpy()), index=a.index))


def smallest(*values):
    """The smallest number of each row that is not missing."""
    out = values[0]
    for value in values[1:]:
        out = np.fmin(out, value)
    return out


def largest(*values):
    """The largest number of each row that is not missing."""
    out = values[0]
    for value in values[1:]:
        out = np.fmax(out, value)
    return out


def spread(value, *others) -> pd.Series:
    """A value as a column as long as the others."""
    if isinstance(value, pd.Series):
        return value
    index = next(other.index for other in others if isinstance(other, pd.Series))
    return pd.Series(value, index=index)


def choose(condition, yes, no) -> pd.Series:
    """`yes` where the condition is true, else `no`."""
    columns = (condition, yes, no)
    return spread(yes, *columns).where(spread(condition, *columns), no)


def first_known(*values) -> pd.Series:
    """The first value of each row that is not missing."""
    out = spread(values[0], *values)
    for value in values[1:]:
        out = out.where(out.notna(), value)
    return out


def text_replaced(column: pd.Series, old: str, new: str) -> pd.Series:
    """A text within others replaced, a thousand times in a cell at most."""
    if not old:
        return column
    return by_value(column, lambda value: value.replace(old, new, 1_000)[:10_000], "str")


def joined(*parts) -> pd.Series:
    """Texts one after the other; missing where one is missing."""
    out = parts[0]
    for part in parts[1:]:
        out = out + part
    return out.str.slice(0, 10_000)


def days_between(a, b) -> pd.Series:
    """Days from b to a, with their fraction."""
    return (a - b).dt.total_seconds() / 86_400
