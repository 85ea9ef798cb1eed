"""What a column of text holds: numbers, dates, true/false, or text. Decisions only, no conversion.

A plan is a small dict that `data.read` carries out with the functions of `data.parse` and records
in the report: {"type": "number", "decimal": ",", "thousands": "."} (with "unit", which may be empty, where signs are
taken off; "loose" where what is no number becomes missing; "flags" where some stand behind numbers), {"type": "date", "format": …} (several in one column:
"%Y-%m-%d or %d/%m/%Y"), {"type": "flag"} or {"type": "text"}, each with "keep" (words that are values here, not missing) or "missing" (words that mean so here only).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from automl.data import beside, counted, parse

# Words that always mean "missing" once trimmed and in lower case …
MISSING_WORDS = (
    "",
    "na",
    "n/a",
    "#n/a",
    "nan",
    "null",
    "<na>",
    "nat",
    "?",
    "#null!",
    "#div/0!",
    "#value!",
    "#ref!",
    "#name?",
    "#num!",
    "(null)",
    "[null]",
    "<null>",
    "\\n",
    "..",
    "...",
    "#n/a n/a",
    "#nv",
    "#wert!",
    "#bezug!",
    "#zahl!",
    "#valeur!",
    "-nan",
    "1.#qnan",
    "1.#ind",
    "-1.#ind",
    "0000-00-00",
    "0000-00-00 00:00:00",
)
# … and those that do unless the column says otherwise (see `kept_words`).
DOUBTFUL_WORDS = (":", "-", "--", "—", ".", "none", "nil")
INFINITE = r"^[+-]?(?i:inf|infinity)$"

KEEP_SHARE = 0.05  # 'none' in at least 5 % of the rows of a category column without other gaps is a level
KEEP_MAX_DISTINCT = 20
MAX_DIGITS = 18  # longer whole numbers may not fit 64 bits: then they are codes
EXACT_FLOAT = 2**53  # whole numbers past this are not exact as float64
VALID_DATES = 0.95  # share of real dates among what looks like dates
MAX_DATE_FORMATS = 4  # ways of writing dates in one column
LEAST_THOUSANDS = 5  # different numbers with three digits behind a point, to believe that it separates thousands
SAMPLE = 100  # distinct values looked at before a whole column is tested

PLAIN = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
WHOLE = r"[+-]?\d+"
OTHER_DIGIT = r"[^\P{Nd}0-9]"
LEADING_ZERO = r"^[+-]?0\d"
EIGHT_DIGIT_DATE = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
SIX_DIGIT_TIME = r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
DATED = r"date|datum|fecha|^(?:tag|day|jour|data|dt)$|(?:^|_)(?:dt|data)(?:_|$)"  # names of columns
COMMA_DECIMAL = r"[+-]?(?:(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?"
COMMA_THOUSANDS = r"[+-]?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?"  # and lakh, crore
POINT_GROUPS = r"[+-]?(?:\d{1,3}|[1-9]\d{0,2}(?:\.\d{3})+)"
SPACES = " '\u00a0\u202f\u2019\u2009\u2007"
SPACE_THOUSANDS = rf"[+-]?(?:\d+|[1-9]\d{{0,2}}(?:[{SPACES}]\d{{3}})+)(?:[.,]\d+)?"
CURRENCY = (
    r"US\$|HK\$|NT\$|MX\$|[ACRS]\$|[$€£¥₹₽₩₺₪円元₫฿₱₦₴₸]|руб\.?|Ft|lei|zł|Kč|kr\.?|Fr\.?|Rs\.?|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|BRL|CZK|HUF"
    r"|RUB|TRY|ZAR|MXN"
)
_GAP, _SIGN = "[ \u00a0\u202f\u2009]*", "[+\u2212\u2013-]?"
AMOUNT = (
    rf"\(?{_SIGN}{_GAP}(?P<before>(?:{CURRENCY})?){_GAP}\(?{_SIGN}{_GAP}(?:\d[\d.,{SPACES}]*|[.,]\d+){_GAP}"
    rf"(?P<after>(?:{CURRENCY}|%)?){_GAP}-?\)?"
)
NO_AMOUNT = rf"(?:{CURRENCY}){_GAP}-|-{_GAP}(?:{CURRENCY})"  # as spreadsheets show 0
BRACKETS = r"\D*\(.*\)|.*\d-"
MINUS = "\u2212|\u2013|^- "  # typographic ones, or one behind which a space stands

_TIMES = (
    ("", ""),
    (r" \d{1,2}:\d{2}", " %H:%M"),
    (r" \d{1,2}:\d{2}:\d{2}", " %H:%M:%S"),
    (r" \d{1,2}:\d{2}:\d{2}\.\d{1,9}", " %H:%M:%S.%f"),
    (r" \d{1,2}:\d{2}:\d{2},\d{1,9}", " %H:%M:%S,%f"),
    (r" \d{1,2}:\d{2} [AaPp][Mm]", " %I:%M %p"),
    (r" \d{1,2}:\d{2}[AaPp][Mm]", " %I:%M%p"),
    (r" \d{1,2}:\d{2}:\d{2} [AaPp][Mm]", " %I:%M:%S %p"),
)
_MONTH = "[A-Za-z]{3}"
_LONG_MONTH = "[A-Za-z]{3,9}"
_DAYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\d{4}-\d{1,2}-\d{1,2}", ("%Y-%m-%d",)),
    (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", ("%Y.%m.%d",)),
    (r"\d{4}年\d{1,2}月\d{1,2}日", ("%Y年%m月%d日",)),
    (r"\d{1,2}/\d{1,2}/\d{4}", ("%d/%m/%Y", "%m/%d/%Y")),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y", "%m.%d.%Y")),
    (r"\d{1,2}-\d{1,2}-\d{4}", ("%d-%m-%Y", "%m-%d-%Y")),
    (r"\d{1,2}/\d{1,2}/\d{2}", ("%d/%m/%y", "%m/%d/%y")),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", ("%d.%m.%y", "%m.%d.%y")),
    (r"\d{2}-\d{2}-\d{2}", ("%d-%m-%y", "%m-%d-%y")),
    (rf"\d{{1,2}}-{_MONTH}-\d{{4}}", ("%d-%b-%Y",)),
    (rf"\d{{1,2}}-{_MONTH}-\d{{2}}", ("%d-%b-%y",)),
    (rf"\d{{1,2}}/{_MONTH}/\d{{4}}", ("%d/%b/%Y",)),
    (rf"\d{{1,2}} {_MONTH} \d{{4}}", ("%d %b %Y",)),
    (rf"\d{{1,2}}\. {_MONTH} \d{{4}}", ("%d. %b %Y",)),
    (rf"\d{{1,2}} {_LONG_MONTH} \d{{4}}", ("%d %B %Y",)),
    (rf"{_MONTH} \d{{1,2}}, \d{{4}}", ("%b %d, %Y",)),
    (rf"{_LONG_MONTH} \d{{1,2}}, \d{{4}}", ("%B %d, %Y",)),
    (rf"{_MONTH}, \d{{1,2}} {_MONTH} \d{{4}}", ("%a, %d %b %Y",)),
    (rf"{_LONG_MONTH}, {_LONG_MONTH} \d{{1,2}}, \d{{4}}", ("%A, %B %d, %Y",)),
)
_ISO = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
_DATES = (
    (_ISO, ("ISO8601",)),
    (r"\d{4}-\d{2}", ("%Y-%m",)),
    (r"(?:0?[1-9]|1[0-2])/(?:19|20)\d\d", ("%m/%Y",)),
    (rf"{_MONTH} \d{{4}}", ("%b %Y",)),
    (rf"{_MONTH}-\d{{2}}", ("%b-%y",)),
    (rf"{_LONG_MONTH} \d{{4}}", ("%B %Y",)),
    (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} (?:UTC|GMT)", ("%Y-%m-%d %H:%M:%S %Z",)),
    (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} [+-]\d{2}:?\d{2}", ("%Y-%m-%d %H:%M:%S %z",)),
    (rf"{_MONTH}, \d{{1,2}} {_MONTH} \d{{4}} \d{{2}}:\d{{2}}:\d{{2}} [+-]\d{{4}}", ("%a, %d %b %Y %H:%M:%S %z",)),
    (rf"{_MONTH}, \d{{1,2}} {_MONTH} \d{{4}} \d{{2}}:\d{{2}}:\d{{2}} (?:UTC|GMT)", ("%a, %d %b %Y %H:%M:%S %Z",)),
    (rf"\d{{1,2}}{_MONTH}\d{{4}}", ("%d%b%Y",)),  # SAS and Stata
    (rf"\d{{1,2}}{_MONTH}\d{{4}}:\d{{2}}:\d{{2}}:\d{{2}}", ("%d%b%Y:%H:%M:%S",)),
    (rf"\d{{1,2}}{_MONTH}\d{{4}} \d{{2}}:\d{{2}}:\d{{2}}", ("%d%b%Y %H:%M:%S",)),
    (rf"\d{{1,2}}{_MONTH}\d{{2}}:\d{{2}}:\d{{2}}:\d{{2}}", ("%d%b%y:%H:%M:%S",)),
    (rf"\d{{1,2}}-{_MONTH}-\d{{2}} \d{{2}}\.\d{{2}}\.\d{{2}}\.\d{{1,9}} [AP]M", ("%d-%b-%y %I.%M.%S.%f %p",)),  # Oracle
    (rf"\d{{1,2}}/{_MONTH}/\d{{4}}:\d{{2}}:\d{{2}}:\d{{2}} [+-]\d{{4}}", ("%d/%b/%Y:%H:%M:%S %z",)),  # servers of the web
    (r"\d{8}T\d{6}Z", ("%Y%m%dT%H%M%SZ",)),
    (r"\d{8}T\d{6}", ("%Y%m%dT%H%M%S",)),
    (rf"{_MONTH} {_MONTH} {{1,2}}\d{{1,2}} \d{{2}}:\d{{2}}:\d{{2}} \d{{4}}", ("%a %b %d %H:%M:%S %Y",)),
    (rf"{_MONTH} {_MONTH} {{1,2}}\d{{1,2}} \d{{2}}:\d{{2}}:\d{{2}} [+-]\d{{4}} \d{{4}}", ("%a %b %d %H:%M:%S %z %Y",)),
    *(
        (day + time, tuple(f + suffix for f in formats))
        for (day, formats), (time, suffix) in itertools.product(_DAYS, _TIMES)
    ),
)


@dataclass(frozen=True)
class Evidence:
    """What the other columns of the file say about its origin: votes for each way of writing."""

    comma_decimal: int = 0
    point_decimal: int = 0
    day_first: int = 0
    month_first: int = 0
    european: bool = False  # fields separated by semicolons
    flags: int = 0  # columns of numbers with flags behind some

    @property
    def decimal_comma(self) -> bool:
        return self.comma_decimal > self.point_decimal or (self.european and not self.point_decimal)


@dataclass(frozen=True)
class Guess:
    """A plan, and why. `unsure` names what the values alone can't decide: 'decimal' or 'day'."""

    plan: dict[str, Any] = field(default_factory=lambda: {"type": "text"})
    unsure: str = ""
    reason: str = ""  # a remark worth a note
    invalid: int = 0  # distinct values that look right but are not (31 February)


def matches(values: pd.Series, pattern: str) -> pd.Series:
    """Which values match the whole pattern."""
    return pd.Series(_match(pa.array(values), f"^(?:{pattern})$"), index=values.index)


def _match(values: pa.Array, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(values, pattern).to_numpy(zero_copy_only=False).astype(bool)


def _all(values: pa.Array, pattern: str) -> bool:
    """Whether every value matches the whole pattern; a few are tried first, and of these one."""
    first = values[0].as_py() if len(values) and "\\p" not in pattern else None
    if first is not None and not _compiled(pattern).fullmatch(first):
        return False
    for part in (values.slice(0, SAMPLE), values) if len(values) > SAMPLE else (values,):
        if not _match(part, f"^(?:{pattern})$").all():
            return False
    return True


def _any(values: pa.Array, pattern: str) -> bool:
    return bool(_match(values, pattern).any())


def _has(values: pa.Array, mark: str) -> bool:
    return bool(pc.any(pc.match_substring(values, mark)).as_py())


def guess(values: pd.Series | pa.Array, missing: bool, name: str, evidence: Evidence = Evidence()) -> Guess:
    """Decide what a column holds.

    Parameters
    ----------
    values : Series or Array of str
        Its distinct values, trimmed, without missing ones.
    missing : bool
        Whether cells are missing (whole numbers then become float64).
    name : str
        The header, which decides about eight-digit dates such as 20240131.
    evidence : Evidence
        What other columns of the file have shown.
    """
    if not len(values):
        return Guess({"type": "number", "empty": True})
    array = values if isinstance(values, pa.Array) else pa.array(values)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if array[0].as_py().lower() in ("true", "false") and _all(array, "(?i:true|false)"):
        return Guess({"type": "flag", "boolean": not missing})
    return (
        _guess_number(array, missing, name, evidence)
        or _guess_amount(array, missing, name, evidence)
        or _guess_digits(array, missing, name, evidence)
        or guess_date(array, evidence)
        or _guess_months(array, evidence)
        or _guess_beside(array, name, evidence)
        or Guess()
    )


def _guess_beside(values: pa.Array, name: str, evidence: Evidence) -> Guess | None:
    """Numbers or dates among words that mean missing, or numbers with flags behind some; None if they are no such."""
    if _match(values.slice(0, SAMPLE), r"^\W{0,3}\d").mean() < 1 - beside.MOST_FLAGGED:
        return None
    words, rest = beside.words_among(values)
    if not len(rest):
        return None
    if words:
        ways = (_guess_number(rest, True, name, evidence), _guess_amount(rest, True, name, evidence), guess_date(rest, evidence))
        found = next((way for way in ways if way and way.plan["type"] != "text"), None) or _guess_flagged(rest, name, evidence, any(word[0] == ":" for word in words))
        return found and Guess({**found.plan, "missing": words}, found.unsure, found.reason, found.invalid)
    return _guess_flagged(rest, name, evidence)


def _guess_flagged(values: pa.Array, name: str, evidence: Evidence, surely: bool = False) -> Guess | None:
    """Numbers of which some have flags behind them, or most where other cells of the file have such; None if they are no such."""
    some = beside.flagged(values)
    if not some.any() or some.mean() > beside.MOST_FLAGGED and not evidence.flags and not surely:
        return None
    bare = pa.array(parse.without_flags(pd.Series(values, dtype="str")), pa.large_string())
    found = _guess_number(bare, True, name, evidence)
    if found is None or found.plan["type"] != "number":
        return None
    return Guess({**found.plan, "flags": True}, found.unsure, found.reason)


def _guess_months(values: pa.Array, evidence: Evidence) -> Guess | None:
    """Dates with names of months in other languages than English, or with words around; None if they are no such."""
    some = values.slice(0, SAMPLE)
    # Arrow takes hundredths of a second to make WORDED, and makes it anew each time: what can't fit is passed over before.
    if not _match(some, r"\d").all() or not all(map(_worded().fullmatch, some.to_pylist())) or not _all(some, WORDED):
        return None
    found = guess_date(pa.array(parse.english_months(pd.Series(values, dtype="str")), pa.large_string()), evidence)
    return found and Guess({**found.plan, "months": True}, found.unsure, found.reason, found.invalid)


_DAY_OF_WEEK, _ORDINAL = r"(?:\pL{2,10}\.?,? )?", r"(?:er|st|nd|rd|th|º)?"
_TIME_BEHIND = r"(?:,? (?:um |at )?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm]| Uhr)?)?"
WORDED = (
    rf"(?:{_DAY_OF_WEEK}(?:\d{{1,2}}{_ORDINAL}\.?[ -])?(?:de )?\pL{{3,10}}\.?[ -](?:de )?\d{{4}}"
    rf"|{_DAY_OF_WEEK}\d{{1,2}}\.\d{{1,2}}\.\d{{2,4}}|{_DAY_OF_WEEK}\pL{{3,10}} \d{{1,2}}{_ORDINAL},? \d{{4}}){_TIME_BEHIND}"
)


@cache
def _worded() -> re.Pattern[str]:
    """WORDED and a little more: here a letter is what is none elsewhere, such as a Roman number of one sign."""
    return re.compile(WORDED.replace(r"\pL", r"[^\W\d_]"))


def _guess_digits(values: pa.Array, missing: bool, name: str, evidence: Evidence) -> Guess | None:
    """Numbers in the digits of another script; None if they are no such."""
    if not _any(values.slice(0, SAMPLE), OTHER_DIGIT):
        return None
    array = pa.array(parse.plain_digits(pd.Series(values, dtype="str")), pa.large_string())
    found = _guess_number(array, missing, name, evidence) or _guess_amount(array, missing, name, evidence)
    if found is None or found.plan["type"] != "number":
        return None
    return Guess({**found.plan, "digits": True}, found.unsure, found.reason)


def _guess_number(values: pa.Array, missing: bool, name: str, evidence: Evidence) -> Guess | None:
    """Numbers in any of the usual ways of writing; None if they aren't all numbers."""
    plain = _all(values, PLAIN)
    if not plain and not _any(values.slice(0, SAMPLE), r"\d"):
        return None
    if not plain and _any(values.slice(0, 10 * SAMPLE), INFINITE):
        values, missing = values.filter(pa.array(~_match(values, INFINITE))), True
        plain = bool(len(values)) and _all(values, PLAIN)
        if not len(values):
            return None
    if plain:
        if _any(values, LEADING_ZERO):
            return Guess(reason="codes")
        if _all(values, WHOLE):
            return _guess_whole(values, missing, name)
        grouped = _all(values, POINT_GROUPS)
        if grouped and evidence.comma_decimal > evidence.point_decimal:
            return Guess(_number(",", ".", not missing), reason="thousands")
        if grouped and evidence.decimal_comma and _in_thousands(values):
            return Guess(_number(",", ".", not missing), "decimal", "thousands")
        return Guess(_number(".", "", False), unsure="decimal" if grouped else "")
    if _any(values, LEADING_ZERO):
        return None
    comma, grouped = _all(values, COMMA_DECIMAL), _all(values, COMMA_THOUSANDS)
    if comma and grouped:
        plan = _number(",", ".", False) if evidence.decimal_comma else _number(".", ",", not missing)
        return Guess(plan, unsure="decimal", reason="decimal" if evidence.decimal_comma else "thousands")
    if comma:
        fraction = _has(values, ",")
        plan = _number(",", ".", not fraction and not missing)
        return Guess(plan, reason="decimal" if fraction else "thousands")
    if grouped:
        return Guess(_number(".", ",", not _has(values, ".") and not missing), reason="thousands")
    if _all(values, SPACE_THOUSANDS):
        marks = "".join(mark for mark in SPACES if _has(values, mark))
        decimal = "," if _has(values, ",") else "."
        if decimal == "," and _has(values, "."):
            return None
        return Guess(_number(decimal, marks, not _has(values, decimal) and not missing), reason="thousands")
    return None


def _in_thousands(values: pa.Array) -> bool:
    """Whether a point stands in all numbers from 1,000 on and in none below, as between thousands only."""
    pointed = _match(values, r"\.")
    return LEAST_THOUSANDS <= int(pointed.sum()) < len(values)


def _guess_amount(values: pa.Array, missing: bool, name: str, evidence: Evidence) -> Guess | None:
    """Numbers with a currency or percent sign, in brackets where below zero; None if they are no such.

    One sign a column: dollars and euros don't mix. Brackets around all values are no minus.
    """
    if not _any(values.slice(0, SAMPLE), r"\d"):
        return None
    if not _all(values, AMOUNT):
        if _match(values, r"\d").all():  # none of NO_AMOUNT has a digit
            return None
        amounts = values.filter(pa.array(~_match(values, f"^(?:{NO_AMOUNT})$")))
        if not 0 < len(amounts) < len(values):
            return None
        found = _guess_amount(amounts, missing, name, evidence)
        return found if found and found.plan.get("unit") and _all(values, rf".*{re.escape(found.plan['unit'])}.*") else None
    found = pc.extract_regex(values, f"^(?:{AMOUNT})$")
    signs = [found.field("before"), found.field("after")]
    units = {unit for part in signs for unit in pc.unique(part).to_pylist()} - {""}
    if len(units) > 1 or (units == {"%"} and not _all(values, ".*%.*")):
        return None
    unit = next(iter(units), "")
    below = _match(values, f"^(?:{BRACKETS})$")
    in_brackets = _match(values, r"^\(.*\)$")
    if not unit and (in_brackets.all() or not (below.any() or _any(values, MINUS))):
        return None
    guessed = _guess_number(amounts_of(values, unit), missing, name, evidence)
    if guessed is None or guessed.plan["type"] != "number":
        return None
    return Guess({**guessed.plan, "unit": unit}, guessed.unsure, guessed.reason)


def amounts_of(values: pa.Array, unit: str) -> pa.Array:
    """As `parse.plain_amounts`, sooner.

    >>> amounts_of(pa.array(["$ 5", "($7)", "$-"], pa.large_string()), "$").to_pylist()
    ['5', '-7', '0']
    """
    values = pc.replace_substring(pc.replace_substring(values, "\u2212", "-"), "\u2013", "-")
    below_zero = pc.match_substring_regex(values, r"^[^\d]*\(.*\)$|-$|^[^\d]*-")
    if unit:
        values = pc.replace_substring(values, unit, "")
    values = pc.replace_substring_regex(values, r"^[-+()\s\pZ]+|[-+()\s\pZ]+$", "")
    if pc.any(below_zero).as_py():
        minus = pa.scalar("-", values.type)
        values = pc.if_else(below_zero, pc.binary_join_element_wise(minus, values, pa.scalar("", values.type)), values)
        values = pc.if_else(pc.equal(values, minus), pa.scalar("0", values.type), values)
    return values


def _number(decimal: str, thousands: str, integer: bool) -> dict[str, Any]:
    return {"type": "number", "decimal": decimal, "thousands": thousands, "integer": bool(integer)}


def _guess_whole(values: pa.Array, missing: bool, name: str) -> Guess:
    digits = pc.max(pc.utf8_length(values)).as_py()
    if digits > MAX_DIGITS and (missing or not all(-(2**63) <= int(v) < 2**63 for v in values.to_pylist())):
        return Guess(reason="long")
    if digits > 15 and missing and max(abs(int(v)) for v in values.to_pylist()) > EXACT_FLOAT:
        return Guess(reason="long")
    if digits == 8 and re.search(DATED, name.lower()) and _all(values, EIGHT_DIGIT_DATE):
        return Guess({"type": "date", "format": "%Y%m%d"}, reason="digits")
    if digits == 14 and counted.is_named(name) and _all(values, EIGHT_DIGIT_DATE + SIX_DIGIT_TIME):
        return Guess({"type": "date", "format": "%Y%m%d%H%M%S"}, reason="digits")
    return Guess(_number(".", "", not missing), reason="whole")


def guess_date(
    values: pd.Series | pa.Array, evidence: Evidence = Evidence(), tolerance: float = 1.0
) -> Guess | None:
    """Dates in any of the usual ways of writing; None if fewer than `tolerance` look like dates.

    Where no way fits all, up to four ways are: the plan's format then holds them, separated by " or ".
    """
    first = values.slice(0, SAMPLE) if isinstance(values, pa.Array) else pa.array(values.iloc[:SAMPLE])
    if not len(values) or _match(first, r"^(?:[A-Za-z]{3,9}, |[A-Za-z]{3} [A-Za-z]{3} +)?[A-Za-z]{0,9}[ -]?\d").mean() < tolerance:
        return None
    if isinstance(values, pa.Array) and _all(first, _ISO) and _all(values, _ISO) and parse_iso(values) is not None:
        return Guess({"type": "date", "format": "ISO8601"})
    head = first.to_pylist()
    likely = [place for place, value in enumerate(head) if value and _like_a_date().fullmatch(value)]
    if not likely:
        return None
    values = pd.Series(values, dtype="str")
    fitting: dict[tuple[str, tuple[str, ...]], set[int]] = {}
    for written in _DATES:
        fitting[written] = {place for place in likely if _compiled(written[0]).fullmatch(head[place])}
        if fitting[written] and len(fitting[written]) / len(head) >= tolerance:
            found = _as_dates(values, [written], evidence, tolerance)
            if found:
                return found
    mixed: list[tuple[str, tuple[str, ...]]] = []
    left = set(range(len(head)))
    while len(left) > (1 - tolerance) * len(head) and len(mixed) < MAX_DATE_FORMATS:
        most = max(_DATES, key=lambda written: len(fitting[written] & left))
        if not fitting[most] & left:
            return None
        mixed.append(most)
        left -= fitting[most]
    return _as_dates(values, mixed, evidence, tolerance) if len(mixed) > 1 else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """As Arrow understands it, which makes it anew for each column: longer than a look at some values takes."""
    return re.compile(pattern, re.ASCII)


@cache
def _like_a_date() -> re.Pattern[str]:
    """What any of _DATES fits, and some more."""
    days, times = ("|".join(pattern for pattern, _ in part) for part in (_DAYS, _TIMES))
    others = "|".join(pattern for pattern, _ in _DATES[: -len(_DAYS) * len(_TIMES)])
    return re.compile(f"{others}|(?:{days})(?:{times})", re.ASCII)


def parse_iso(values: pa.Array) -> np.ndarray | None:
    """As `parse.to_date` of ISO 8601, sooner; None where Arrow can't: time zones, no real dates, dates too far away."""
    try:
        return values.cast(pa.timestamp("ns")).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None


def _as_dates(
    values: pd.Series, written: list[tuple[str, tuple[str, ...]]], evidence: Evidence, tolerance: float
) -> Guess | None:
    """Dates in these ways of writing, all with the day first or all with the month first."""
    parts, left = [], values
    for pattern, formats in written:
        fits = matches(left, pattern)
        parts.append((left[fits], formats))
        left = left[~fits]
    if len(left) > (1 - tolerance) * len(values):
        return None
    looks = len(values) - len(left)
    orders = (0, 1) if any(len(f) == 2 for _, f in parts) else (0,)
    valid = [sum(int(real_dates(part, f[min(i, len(f) - 1)]).sum()) for part, f in parts) for i in orders] * 2
    if max(valid) < VALID_DATES * looks:
        return None
    both = [f for _, f in parts if len(f) == 2]
    unsure = bool(both) and valid[0] == valid[1]
    order = int(valid[1] > valid[0])
    if unsure:
        order = int(not day_first(both[0][0], evidence))
    chosen = [f[min(order, len(f) - 1)] for _, f in parts]
    if len(parts) == 1 and re.fullmatch(r"%[dm][.-]%[dm][.-]%y", chosen[0]):
        mark, first = chosen[0][2], values.str.match(r"0|\d\d-")
        if unsure and mark == "." and not first.any():
            return None  # 2.11.10 may be a version
        if _span(values, f"%y{mark}%m{mark}%d") < _span(values, chosen[0]) / 2:
            chosen, unsure, both = [f"%y{mark}%m{mark}%d"], False, []
    possible = sum(int(parse.to_date(part, f).notna().sum()) for (part, _), f in zip(parts, chosen, strict=True))
    if possible < looks / 2:
        return None  # of years that dates here can't have: better the text than nothing
    plan = {"type": "date", "format": " or ".join(chosen)}
    return Guess(plan, "day" if unsure else "", "day" if both else "", looks - possible)


def _span(values: pd.Series, format: str) -> pd.Timedelta:
    """From the first date to the last; without end where some are no dates."""
    dates = parse.to_date(values, format)
    return pd.Timedelta.max if dates.isna().any() else dates.max() - dates.min()


def real_dates(values: pd.Series, format: str) -> pd.Series:
    """Which values exist in the calendar, however far away."""
    return pd.to_datetime(values, format=format, utc=True, errors="coerce").notna()


def day_first(format: str, evidence: Evidence) -> bool:
    """How to read a date that could be day-month or month-day: as the file's other columns do."""
    if evidence.day_first != evidence.month_first:
        return evidence.day_first > evidence.month_first
    return "." in format.split(" ")[0] or evidence.decimal_comma


def gather(guesses: list[Guess], european: bool, names: list[str] | tuple[str, ...] = ()) -> Evidence:
    """Count what the columns that are sure say, and whether one has the name that Eurostat gives the first."""
    sure = [g for g in guesses if not g.unsure]
    numbers = [g.plan for g in sure if g.plan["type"] == "number" and not g.plan.get("empty")]
    dates = [f for g in sure if g.reason == "day" for f in g.plan["format"].split(" or ")]
    return Evidence(
        comma_decimal=sum(p["decimal"] == "," for p in numbers),
        point_decimal=sum(g.reason != "whole" and g.plan.get("decimal") == "." for g in sure),
        day_first=sum(f.startswith("%d") for f in dates),
        month_first=sum(f.startswith("%m") for f in dates),
        european=european,
        flags=sum(bool(p.get("flags")) for p in numbers) + any(re.search(r"\\TIME(?:_PERIOD)?$", name, re.IGNORECASE) for name in names),
    )


def kept_words(words: dict[str, int], distinct: int, rows: int, gaps: int, plus: bool) -> list[str]:
    """Which doubtful words are values of a text column.

    Parameters
    ----------
    words : dict
        Each doubtful word found (in lower case) with its number of cells.
    distinct, rows, gaps : int
        Other distinct values, all cells, and cells that are missing for sure.
    plus : bool
        Whether '+' is a value of the column: then '-' is one too.

    Returns
    -------
    list of str
        '-' beside '+' is a value; 'none' is a level of a category column (at most 20 values) where
        at least 5 % of the cells say so and no cell is missing in another way.
    """
    kept = ["-"] if plus and "-" in words else []
    if gaps == 0 and 0 < distinct <= KEEP_MAX_DISTINCT and not set(words) - {"none", "-"} and len(words) == 1:
        kept += [w for w in ("none",) if words.get(w, 0) >= KEEP_SHARE * rows]
    return kept


def ordered(dates: pd.Series) -> bool:
    """Whether dates come in order, as a log's do: a hint which of two readings is right."""
    stamps = dates.dropna().to_numpy().astype(np.int64)
    return len(stamps) > 2 and bool((np.diff(stamps) >= 0).all() or (np.diff(stamps) <= 0).all())
