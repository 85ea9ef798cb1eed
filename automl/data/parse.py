"""Conversions of one column, each self-contained: their source also stands in notebooks.

Only pandas, numpy and the standard library are used here: `data.read.notebook_source` and
`data.clean.notebook_source` copy the functions they need.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd


def unify_missing(column: pd.Series, words: list[str], keep: list[str] | tuple[str, ...] = ()) -> pd.Series:
    """Trim text, and make the words for a missing value (in any letter case) really missing."""
    column = column.str.strip()
    return column.mask(column.str.lower().isin([word for word in words if word not in keep]))


def plain_amounts(column: pd.Series, unit: str = "") -> pd.Series:
    """Take the currency or percent sign off; (5), $(5), 5- and a typographic minus mean below zero, a dash alone 0."""
    column = column.str.replace("\u2212", "-", regex=False).str.replace("\u2013", "-", regex=False)
    below_zero = column.str.contains(r"^[^\d]*\(.*\)$|-$|^[^\d]*-", regex=True)
    if unit:
        column = column.str.replace(unit, "", regex=False)
    column = column.str.replace("^[-+()\\s\u00a0\u202f]+|[-+()\\s\u00a0\u202f]+$", "", regex=True)
    return column.mask(below_zero, "-" + column).replace("-", "0")


def plain_digits(column: pd.Series) -> pd.Series:
    """Digits of other scripts (Arabic, Devanagari, Thai …) as 0 to 9, and Arabic marks as points and commas."""
    marks = {"\u066b": ".", "\u066c": ",", "\u066a": "%"}

    def plain(text):
        return "".join(marks.get(c, str(int(c)) if c.isdecimal() else c) for c in text)

    return column.map(plain, na_action="ignore").astype("str")


def without_flags(column: pd.Series) -> pd.Series:
    """Take flags of statistical offices (12.3 b, 12.3*) off numbers."""
    return column.str.replace(r"(?<=\d) ?(?:[bcdefinprsuz]{1,3}|[*\u2020\u2021]{1,3})$", "", regex=True)


def to_number(
    column: pd.Series, decimal: str = ".", thousands: str = "", integer: bool = False, loose: bool = False
) -> pd.Series:
    """Turn text that holds plain numbers into int64 or float64; infinite values become missing.

    So does what is no number, where `loose`; else it raises ValueError.
    """
    for mark in thousands:
        column = column.str.replace(mark, "", regex=False)
    if decimal != ".":
        column = column.str.replace(decimal, ".", regex=False)
    if integer:
        return column.astype("int64")
    if loose:
        column = column.where(column.str.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"))
    numbers = column.astype("float64")
    infinite = np.isinf(numbers)
    return numbers.mask(infinite) if infinite.any() else numbers


def to_amount(text: str, decimal: str = ".", thousands: str = ",", unit: str = "") -> float:
    """Read one number written with a currency, a percent sign or a unit; NaN if it isn't one."""
    for mark in thousands:
        text = text.replace(mark, "")
    text = text.replace(decimal, ".").replace("\u2212", "-").strip()
    currency = r"US\$|[ACR]\$|[$€£¥₹]|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|BRL|Rs|kr"
    found = re.fullmatch(
        rf"([+-]?)\s*({currency})?\s*([+-]?)\s*(\d+\.?\d*|\.\d+)((?:[eE][+-]?\d+)?)\s*"
        rf"(%|{currency}|[A-Za-zµ°²³/]{{1,8}})?",
        text,
    )
    if not found or (found[2] and found[6]) or (found[2] or found[6] or unit) != unit:
        return float("nan")
    sign = -1.0 if "-" in (found[1], found[3]) else 1.0
    return sign * float(found[4] + found[5])


def amounts_of_text(column: pd.Series, decimal: str = ".", thousands: str = ",", unit: str = "") -> pd.Series:
    """Turn text that holds amounts into float64; a column that is no text stays as it is."""
    if column.dtype not in ("str", "object"):
        return column
    codes, values = pd.factorize(column)
    read = [to_amount(str(value), decimal, thousands, unit) for value in values]
    return pd.Series(np.array([*read, np.nan], dtype=np.float64)[codes], index=column.index)


def dates_of_text(column: pd.Series, format: str) -> pd.Series:
    """Turn text that holds dates into datetime64[ns]; a column that is no text stays as it is."""
    if column.dtype not in ("str", "object"):
        return column
    return to_date(column.astype("str").str.strip(), format)


def tidy_text(column: pd.Series, missing: set[str]) -> pd.Series:
    """Trim text and make the words for a missing value really missing; all else stays as it is."""
    if column.dtype not in ("str", "object"):
        return column
    if len(column) <= 30:  # counting values would take longer than looking at each
        codes, values = np.arange(len(column)), column.tolist()
    else:
        codes, values = pd.factorize(column)
        if len(values) > 500 and column.dtype == "str":  # all at once: most columns are tidy
            bare = values.str.strip()
            if bare.equals(values) and not bare.str.lower().isin(missing).any():
                return column
    tidy = [value.strip() if isinstance(value, str) else value for value in values]
    tidy = [None if isinstance(value, str) and value.lower() in missing else value for value in tidy]
    if all(new is old or new == old for new, old in zip(tidy, values, strict=True)):
        return column
    tidy = [value if isinstance(value, str) or not pd.isna(value) else None for value in tidy]
    return pd.Series(np.array([*tidy, None], dtype=object)[codes], index=column.index, dtype=column.dtype)


def english_months(column: pd.Series) -> pd.Series:
    """Names of months in other languages (German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian) as Jan, Feb …

    Days of the week, the letters of "1st", and "Uhr" are left out.
    """
    names = (
        "januar january janvier enero gennaio janeiro januari jänner ene", "februar february février fevrier febrero febbraio fevereiro februari feber févr fév",
        "march märz maerz mars marzo março marco maart marts mrz mär", "april avril abril aprile avr abr", "may mai mayo maggio maio mei maj",
        "june juni juin junio giugno junho", "july juli juillet julio luglio julho juil", "august août aout agosto augustus augusti",
        "september septembre septiembre settembre setembro sept", "october oktober octobre octubre ottobre outubro okt",
        "november novembre noviembre novembro", "dezember décembre decembre diciembre dicembre dezembro december desember dez déc dic",
    )  # fmt: skip
    short = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    found = {word: short[i] for i, words in enumerate(names) for word in words.split()}

    def word(match):
        return found.get(match[0].rstrip(".").casefold(), match[0])

    def plain(text):
        text = re.sub(r"(?<=\d) de (?=\D)|(?<=[^\W\d_]) de (?=\d)", " ", text)
        text = re.sub(r"(?<=\d)(er|st|nd|rd|th|º)(?=\W)", "", text)
        text = re.sub(r"^[^\W\d_]{2,10}\.?,? (?=\d{1,2}\.? ?[^\W\d_]{3}|\d{1,2}\.\d{1,2}\.)", "", text)  # a day of the week
        text = re.sub(r",? (um|at) (?=\d)|,? (?=\d{1,2}:\d{2})", " ", text.removesuffix(" Uhr"))
        return re.sub(r"[^\W\d_]+\.?", word, text)

    return column.map(plain, na_action="ignore").astype("str")


def to_date(column: pd.Series, format: str) -> pd.Series:
    """Turn text into dates (UTC, no time zone kept); what is no real date becomes missing.

    Several formats, separated by " or ", are tried one after the other on what is still missing. "seconds since 1970" is a
    format too, as are milliseconds, microseconds and nanoseconds, and "days since 1899-12-30", which spreadsheets count.
    """
    if " since " in format:
        unit = {"days": "D", "seconds": "s", "milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}[format.split()[0]]
        dates = pd.to_datetime(pd.to_numeric(column, errors="coerce"), unit=unit, origin=format.split()[-1], errors="coerce")
        return dates.dt.round("ms" if unit == "D" else "us").astype("datetime64[ns]").rename(column.name)
    first, *others = format.split(" or ")
    dates = pd.to_datetime(column, format=first, utc=True, errors="coerce")
    for other in others:
        dates = dates.fillna(
            pd.to_datetime(column.where(dates.isna()), format=other, utc=True, errors="coerce")
        )
    found = dates.dt.tz_localize(None).to_numpy(copy=True)
    found[(found < np.datetime64("1677-09-22")) | (found > np.datetime64("2262-04-11"))] = np.datetime64("NaT")
    return pd.Series(found.astype("datetime64[ns]"), index=column.index, name=column.name)


def to_flag(column: pd.Series, boolean: bool = False) -> pd.Series:
    """Turn true/false in any letter case into bool, or into 'True' and 'False' where some are missing."""
    text = column.str.lower()
    if boolean:
        return (text == "true").astype(bool)
    return text.str.capitalize().astype("str")


def to_plain(column: pd.Series) -> pd.Series:
    """Turn a column of any pandas type into int64, float64, bool, datetime64[ns] or text."""
    if not isinstance(column.dtype, np.dtype) and not isinstance(
        column.dtype, (pd.StringDtype, pd.DatetimeTZDtype)
    ):
        column = column.astype(object).infer_objects()  # categories, nullable and Arrow types, periods
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype("str")
    if column.dtype == object:
        column = column.where(column.notna(), np.nan)
        values = column.dropna()
        kinds = {type(value) for value in values}
        names = {kind.__name__ for kind in kinds}
        if kinds <= {bool, np.bool_} and kinds:
            if len(values) == len(column):
                return column.astype(bool)
            return column.map(str, na_action="ignore").astype("str")
        elif kinds and (names <= {"int", "float", "Decimal"} or all(issubclass(k, np.number) for k in kinds)):
            whole = len(values) == len(column) and not names & {"float", "Decimal"}
            if names == {"int"} and not all(-(2**63) <= value < 2**63 for value in values):
                return column.map(str, na_action="ignore").astype("str")  # float64 would round them
            whole = whole and all(-(2**63) <= value < 2**63 and value == int(value) for value in values)
            column = column.astype("int64") if whole else column.astype("float64")
        elif kinds and names <= {"date", "datetime", "Timestamp", "datetime64"}:
            column = pd.to_datetime(column, utc=True, errors="coerce")
        else:
            return column.map(str, na_action="ignore").astype("str")
    if column.dtype == bool:
        return column
    if column.dtype.kind == "m":
        return column.dt.total_seconds()
    if column.dtype.kind == "M":
        if column.dt.tz is not None:
            column = column.dt.tz_convert("UTC").dt.tz_localize(None)
        possible = column.between(pd.Timestamp("1677-09-22"), pd.Timestamp("2262-04-11"))
        return column.where(possible).astype("datetime64[ns]")
    if column.dtype.kind in "iu" and (column.dtype != np.uint64 or not len(column) or column.max() < 2**63):
        return column.astype("int64")
    if column.dtype.kind in "iuf":
        numbers = column.astype("float64")
        return numbers.mask(np.isinf(numbers))
    return column.astype(str).astype("str")
