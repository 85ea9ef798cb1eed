"""The cells of text columns as numbers, dates, true/false or text: decided, carried out, and said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from automl.data import beside, counted, parse
from automl.data.guess import (
    CURRENCY,
    DOUBTFUL_WORDS,
    MINUS,
    MISSING_WORDS,
    NO_AMOUNT,
    Evidence,
    Guess,
    amounts_of,
    gather,
    guess,
    guess_date,
    kept_words,
    matches,
    ordered,
    parse_iso,
)
from automl.data.words import count, listed, shorten
from automl.types import Note

MOST_DATES = 0.5  # share of values that must look like dates where the user says that they are
_WORDS_OF = {"number": "numbers", "date": "dates", "flag": "true or false", "text": "text"}
WORDS = [*MISSING_WORDS, *DOUBTFUL_WORDS]
_WORDS = pa.array(WORDS, pa.large_string())
_PLAIN_NUMBER = {"type", "decimal", "thousands", "integer", "unit", "keep", "missing"}
TOLD = 50  # columns between two words of progress


def convert(
    frame: pd.DataFrame,
    options: dict[str, Any],
    european: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[pd.DataFrame, dict[str, Any], list[Note]]:
    """Decide about every column of text and convert it.

    Parameters
    ----------
    frame : DataFrame
        Columns that are no text stay as they are.
    options : dict
        Choices of the user: `decimal`, `day_first`, `columns` ({name: plan}).
    european : bool
        Whether the fields were separated by semicolons: a hint at decimal commas.
    progress : callable
        Is told the share that is done, between 0 and 1.

    Returns
    -------
    (DataFrame, dict, list of Note)
        The table, the plan of each text column (see `data.guess`), and what to say of them.
    """
    wanted = options.get("columns") or {}
    facts: dict[int, Text] = {}
    first: dict[int, Guess] = {}
    columns: dict[str, Any] = {}
    for i, ((name, column), dtype) in enumerate(zip(frame.items(), frame.dtypes, strict=True)):
        columns[name] = column
        if isinstance(dtype, pd.StringDtype):
            facts[i] = Text(columns[name])
            first[i] = guess(facts[i].array, facts[i].missing, name)
        if i % TOLD == 0:
            progress(0.5 * i / frame.shape[1])
    evidence = gather(list(first.values()), european, list(frame.columns))
    if options.get("decimal"):
        evidence = Evidence(10**6 * (options["decimal"] == ","), 10**6 * (options["decimal"] == "."),
                            evidence.day_first, evidence.month_first, evidence.european, evidence.flags)  # fmt: skip
    plans: dict[str, Any] = {}
    notes: list[Note] = []
    for name in [n for i, (n, dtype) in enumerate(zip(frame.columns, frame.dtypes, strict=True)) if i not in facts and dtype.kind in "if"]:
        columns[name], plan, said = _numbers(name, columns[name], wanted.get(name))
        plans |= {name: plan} if plan else {}
        notes += said
    for i, text in facts.items():
        name = frame.columns[i]
        decided = first[i]
        if decided.unsure or options.get("decimal") or evidence.flags and decided.plan["type"] == "text":
            decided = guess(text.array, text.missing, name, evidence)
        decided = _settle_day(decided, text, options, evidence)
        plan = _with_keep(decided.plan, text)
        wish = _with_details(wanted[name], text) if name in wanted else None
        if wish and (given := _try_plan(text, wish)) is not None:
            done, plan, decided = given, wish, Guess(wish, "", "chosen")
            notes += _lost_note(name, plan, text, given)
        else:
            done = text.read_as(plan)
        columns[name] = text.column if text.tidy and plan["type"] == "text" else text.spread(done)
        if name in wanted and plan != wish:
            what = _WORDS_OF[wanted[name]["type"]]
            message = f"'{shorten(name)}' can't be read as {what}, so it is read as its values suggest."
            notes.append(Note("choice", message, name))
        plans[name] = plan
        notes += _value_notes(name, decided, plan, text, done, evidence)
        if i % TOLD == 0:
            progress(0.5 + 0.5 * i / frame.shape[1])
    return pd.DataFrame(columns, index=frame.index), plans, notes


def summary(frame: pd.DataFrame) -> list[Note]:
    """What the columns hold, and how much of it is missing."""
    words = {"f": "numbers", "i": "numbers", "M": "dates", "b": "true or false"}
    held: dict[str, int] = {}
    for dtype in frame.dtypes:
        word = words.get(dtype.kind, "text")
        held[word] = held.get(word, 0) + 1
    parts = [f"{n:,} {'holds' if n == 1 else 'hold'} {word}" for word, n in held.items()]
    notes = [Note("types", f"Of {count(frame.shape[1], 'column')} {listed(parts, 5, quote='')}.")]
    gaps = frame.isna().sum()
    if gaps.any():
        where = f"{int((gaps > 0).sum()):,} of {count(frame.shape[1], 'column')}"
        notes.append(Note("missing", f"{count(int(gaps.sum()), 'cell')} in {where} {'has' if gaps.sum() == 1 else 'have'} no value."))
    return notes


class Text:
    """A column of text, looked at through its distinct cells: each is read once, whatever the rows.

    `cells` are the distinct cells as they stand (a missing one among them), `codes` says which each row has and
    `counts` how many rows have each; `array` holds the distinct values, trimmed, without missing ones.
    """

    def __init__(self, column: pd.Series) -> None:
        self.column = column
        found = pa.array(column)
        found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        encoded = found.dictionary_encode(null_encoding="encode")
        self.cells, self.codes = encoded.dictionary, encoded.indices.to_numpy()
        self.counts = np.bincount(self.codes, minlength=len(self.cells))
        self._trimmed = pc.utf8_trim_whitespace(self.cells)
        self._lowered = pc.utf8_lower(self._trimmed)
        words = pc.is_in(self._lowered, value_set=_WORDS).to_numpy(zero_copy_only=False)
        if self.cells.null_count:
            words = words | self.cells.is_null().to_numpy(zero_copy_only=False)
        self._words = words
        self.gaps = 0
        self.doubtful: dict[str, int] = {}
        self.written: dict[str, int] = {}  # other words for missing than the empty one
        untrimmed = not self._trimmed.equals(self.cells)
        kept = self._trimmed
        if words.any():
            kept = kept.filter(pa.array(~words))
            self._count_words()
        self.array = pc.unique(kept) if untrimmed else kept
        self.missing = bool(self.gaps or self.doubtful)
        self.tidy = not untrimmed and not words.any()  # nothing to trim or to unify

    def _count_words(self) -> None:
        words = self._lowered.filter(pa.array(self._words)).to_pylist()
        for word, n in zip(words, self.counts[self._words].tolist(), strict=True):
            if word in DOUBTFUL_WORDS:
                self.doubtful[word] = self.doubtful.get(word, 0) + n
                continue
            self.gaps += n
            if word:
                self.written[word] = self.written.get(word, 0) + n

    @cached_property
    def values(self) -> pd.Series:
        """`array` as a Series."""
        return pd.Series(self.array, dtype="str")

    def says(self, words: Sequence[str]) -> np.ndarray:
        """Which of the distinct cells are one of these words, in any letter case."""
        return pc.is_in(self._lowered, value_set=pa.array(words, self._lowered.type)).to_numpy(zero_copy_only=False)

    def clean(self, keep: Sequence[str] = (), missing: Sequence[str] = ()) -> pa.Array:
        """The distinct cells trimmed, those that mean missing really missing: but for `keep`, and those of `missing` too."""
        gone = self._words | self.says(missing) if missing else self._words
        if keep:
            gone = gone & ~self.says(keep)
        return pc.if_else(pa.array(gone), None, self._trimmed) if gone.any() else self._trimmed

    def read_as(self, plan: dict[str, Any]) -> pd.Series:
        """What each distinct cell becomes by a plan (see `data.guess`)."""
        given = self.clean(plan.get("keep", ()), plan.get("missing", ()))
        if plan["type"] == "number" and not set(plan) - _PLAIN_NUMBER:
            numbers = _plain_numbers(given, plan)
            if numbers is not None:
                return pd.Series(numbers)
        if plan["type"] == "date" and plan["format"] == "ISO8601" and (dates := parse_iso(given)) is not None:
            return pd.Series(dates)
        return apply_plan(pd.Series(given, dtype="str"), plan, tidy=True)

    def spread(self, done: pd.Series) -> Any:
        """The column's rows, where each distinct cell became what `done` says."""
        return done.to_numpy()[self.codes] if isinstance(done.dtype, np.dtype) else done.array.take(self.codes)

    def rows_of(self, cells: pd.Series) -> int:
        """How many rows have the distinct cells that are marked."""
        return int(self.counts[cells.to_numpy(dtype=bool)].sum())


def _plain_numbers(values: pa.Array, plan: dict[str, Any]) -> np.ndarray | None:
    """As `apply_plan`, sooner; None where Arrow reads otherwise: +5, 0x5."""
    integer = plan["integer"]
    if "unit" in plan:
        values = amounts_of(values, plan["unit"])
    for mark in plan["thousands"]:
        values = pc.replace_substring(values, mark, "")
    if plan["decimal"] != ".":
        values = pc.replace_substring(values, plan["decimal"], ".")
    if integer and (values.null_count or pc.any(pc.match_substring(values, "x")).as_py()):
        return None
    try:
        read = values.cast(pa.int64() if integer else pa.float64())
    except pa.ArrowInvalid:
        return None
    numbers = read.to_numpy(zero_copy_only=False)
    if not integer and np.isinf(numbers).any():
        numbers = np.where(np.isinf(numbers), np.nan, numbers)
    return numbers


def _with_keep(plan: dict[str, Any], text: Text) -> dict[str, Any]:
    if plan["type"] != "text" or not text.doubtful:
        return plan
    plus = bool((text.values == "+").any())
    keep = kept_words(text.doubtful, len(text.values), len(text.column), text.gaps, plus)
    return {**plan, "keep": keep} if keep else plan


def _settle_day(decided: Guess, text: Text, options: dict[str, Any], evidence: Evidence) -> Guess:
    """Choose between day/month and month/day where the values of the column allow both."""
    plan = decided.plan
    if plan["type"] != "date" or decided.reason != "day" or not (decided.unsure or "day_first" in options):
        return decided
    day, month = (
        re.sub(r"%[dm]([/.-])%[dm]([/.-]%[yY])", r"%d\1%m\2", plan["format"]),
        re.sub(r"%[dm]([/.-])%[dm]([/.-]%[yY])", r"%m\1%d\2", plan["format"]),
    )
    if options.get("day_first") is not None:
        chosen = day if options["day_first"] else month
        return Guess({"type": "date", "format": chosen}, "", "day")
    if evidence.day_first == evidence.month_first:
        clean = pd.Series(text.clean(), dtype="str")
        in_order = [ordered(pd.Series(text.spread(parse.to_date(clean, f)))) for f in (day, month)]
        if in_order[0] != in_order[1]:
            return Guess({"type": "date", "format": day if in_order[0] else month}, "", "order")
    return decided


def apply_plan(column: pd.Series, plan: dict[str, Any], *, tidy: bool = False) -> pd.Series:
    """Carry out a plan on a column of text (see `data.guess`); of a tidy one nothing is missing."""
    if not tidy:
        column = parse.unify_missing(column, [*WORDS, *plan.get("missing", ())], plan.get("keep", ()))
    match plan["type"]:
        case "number":
            if plan.get("empty"):
                return column.astype("float64")
            if plan.get("digits"):
                column = parse.plain_digits(column)
            if plan.get("flags"):
                column = parse.without_flags(column)
            if "unit" in plan:
                column = parse.plain_amounts(column, plan["unit"])
            return parse.to_number(
                column, plan["decimal"], plan["thousands"], plan["integer"], plan.get("loose", False)
            )
        case "date":
            column = parse.english_months(column) if plan.get("months") else column
            return parse.to_date(column, plan["format"])
        case "flag":
            return parse.to_flag(column, plan["boolean"])
        case _:
            return column


def _with_details(plan: dict[str, Any], text: Text) -> dict[str, Any] | None:
    """A user's choice with what only the values can tell: how dates are written, which sign numbers have."""
    if plan["type"] == "date" and "format" not in plan:
        first = bool(plan["day_first"])
        found = guess_date(text.values, Evidence(day_first=first, month_first=not first), MOST_DATES)
        if found is None:
            way = counted.way_of(pd.to_numeric(text.values, errors="coerce").to_numpy(dtype=np.float64))
            return {"type": "date", "format": way, "loose": True} if way else None
        swap = {True: (r"^%m([/.-])%d", r"%d\1%m"), False: (r"^%d([/.-])%m", r"%m\1%d")}[first]
        ways = [re.sub(*swap, way) for way in found.plan["format"].split(" or ")]
        return {"type": "date", "format": " or ".join(ways), "loose": True}
    if plan["type"] == "number" and plan.get("loose") and "unit" not in plan:
        units = text.values.str.extract(f"({CURRENCY}|%)")[0].dropna().unique()
        if len(units) == 1:
            return {**plan, "unit": str(units[0])}
    return plan


def _numbers(name: str, column: pd.Series, wish: dict[str, Any] | None) -> tuple[pd.Series, dict[str, Any], list[Note]]:
    """A column that holds numbers already: as dates where the user says that they count from a day on, else with a hint."""
    numbers = column.to_numpy(dtype=np.float64)
    if not wish:
        said = counted.hint(name, numbers) if counted.is_named(name) else ""
        return column, {}, [Note("counted", f"'{shorten(name)}' {said}", name)] if said else []
    way = wish.get("format") or counted.way_of(numbers) if wish["type"] == "date" else None
    if not way:
        what = f"'{shorten(name)}' can't be read as {_WORDS_OF[wish['type']]}, so it stays as it is."
        return column, {}, [Note("choice", what, name)] if wish["type"] != "number" else []
    plan = {"type": "date", "format": way, "stored": "numbers"}
    return parse.to_date(column, way), plan, [Note("dates", f"'{shorten(name)}' is read as dates, counted in {way} (chosen by you).", name)]


def _lost_note(name: str, plan: dict[str, Any], text: Text, done: pd.Series) -> list[Note]:
    """Cells that a user's choice makes missing."""
    clean = pd.Series(text.clean(plan.get("keep", ()), plan.get("missing", ())), dtype="str")
    lost = done.isna() & clean.notna()
    if not lost.any():
        return []
    cells = text.rows_of(lost)
    word = {"number": "number", "date": "date"}.get(plan["type"], "such value")
    shown = listed(clean[lost].unique()[:2])
    what = f"{count(cells, 'cell')} that {'is' if cells == 1 else 'are'} no {word}, such as {shown}"
    return [Note("lost", f"'{shorten(name)}': {what}, {_counts(cells)} as missing.", name)]


def _counts(n: int) -> str:
    return "counts" if n == 1 else "count"


def _try_plan(text: Text, plan: dict[str, Any]) -> pd.Series | None:
    """What the distinct cells become by a plan that the user gave, or None where the values don't allow it."""
    try:
        done = text.read_as(plan)
    except (ValueError, TypeError, KeyError):
        return None
    lost = done.isna() & pd.Series(text.clean(plan.get("keep", ()), plan.get("missing", ())), dtype="str").notna()
    return None if text.rows_of(lost) > 0.05 * len(text.column) and not plan.get("loose") else done


def _value_notes(
    name: str, decided: Guess, plan: dict[str, Any], text: Text, done: pd.Series, evidence: Evidence
) -> list[Note]:
    shown, notes = f"'{shorten(name)}'", []

    def note(code: str, message: str) -> None:
        notes.append(Note(code, message, name))

    kept = plan.get("keep", [])
    words = {w: n for w, n in {**text.written, **text.doubtful}.items() if w not in kept}
    others = {word: int(text.counts[text.says([word])].sum()) for word in plan.get("missing", ())}

    def values() -> pd.Series:  # asked for only where there is something to say
        return text.values[~text.values.str.lower().isin(list(others))] if others else text.values

    if others:
        cells, what = sum(others.values()), {"date": "dates"}.get(plan["type"], "numbers")
        says = "1 cell that says {} counts" if cells == 1 else f"{cells:,} cells that say {{}} count"
        note("missing_words", f"{shown}: {says.format(listed(others))} as missing, since all else is {what}.")
    if words and not plan.get("empty"):
        cells = sum(words.values())
        says = "1 cell that says {} counts" if cells == 1 else f"{cells:,} cells that say {{}} count"
        note("missing_words", f"{shown}: {says.format(listed(words))} as missing.")
    for word in kept:
        why = "'+' is a value too" if word == "-" else "nothing else is missing there"
        note(
            "kept_word",
            f"{shown}: '{word}' ({count(text.doubtful[word], 'cell')}) is kept as a value, since {why}.",
        )
    if plan["type"] == "number" and not plan.get("empty"):
        infinite = text.rows_of(done.isna()) - text.gaps - sum(text.doubtful.values()) - sum(others.values())
        if infinite > 0:
            note("infinite", f"{shown}: {count(infinite, 'infinite value')} {_counts(infinite)} as missing.")
        if plan.get("digits"):
            note("number_format", f"{shown} is read as numbers, its digits being of another script, as in '{shorten(values().iloc[0])}'.")
        if plan.get("flags"):
            note("number_format", f"{shown} is read as numbers without the flags behind some, {listed(beside.flags_in(values().tolist()), 5)}.")
        if "unit" in plan:
            signed = re.compile(re.escape(plan["unit"]) or f"[(]|{MINUS}|-$")
            example = next(filter(signed.search, text.array.to_pylist() if not others else values()), None)
            sign = f"without '{plan['unit']}'" if plan["unit"] else "below zero where in brackets or with a minus behind"
            shown_value = f", as in '{shorten(example)}'" if example is not None else ""
            note("number_format", f"{shown} is read as numbers {sign}{shown_value}.")
            zeros = plan["unit"] and (done == 0).any()
            if zeros and len(dashes := values()[matches(values(), NO_AMOUNT)]):
                note("number_format", f"{shown}: a dash beside the sign, as in '{shorten(dashes.iloc[0])}', is read as 0.")
        if plan["decimal"] == "," or plan["thousands"] and not plan.get("loose"):
            comma = f"{'decimal comma' if plan['decimal'] == ',' else 'decimal point'}"
            unsure = " (the values alone allow both readings)" if decided.unsure else ""
            example = values()[
                values().str.contains(f"[{re.escape(plan['thousands'] + plan['decimal'])}]")
            ]
            shown_value = f"'{example.iloc[0]}'" if len(example) else "numbers"
            marks = f"[{re.escape(plan['thousands'])}]\\d{{3}}"
            grouped = ", thousands separated" if plan["thousands"] and values().str.contains(marks).any() else ""
            note("number_format", f"{shown} is read with {comma}{grouped}{unsure}, as in {shown_value}.")
        elif decided.unsure:
            note("number_format", f"{shown} is read with decimal point, as in '{values().iloc[0]}'.")
        if said := counted.hint(name, done.to_numpy(dtype=np.float64)) if counted.is_named(name) else "":
            note("counted", f"{shown} {said}")
    if plan["type"] == "date":
        note("dates", _date_sentence(shown, decided, plan["format"], text, values().iloc[0]))
        if decided.invalid:
            cells = text.rows_of(done.isna()) - text.gaps - sum(text.doubtful.values()) - sum(others.values())
            what = "is no real date of the years 1677 to 2262" if cells == 1 else "are no real dates of the years 1677 to 2262"
            note("dates", f"{shown}: {count(cells, 'cell')} that {what} {_counts(cells)} as missing.")
    if decided.reason == "codes":
        example = values()[values().str.match(r"[+-]?0\d")].iloc[0]
        note("leading_zeros", f"{shown} stays text: codes such as '{shorten(example)}' start with zero.")
    if decided.reason == "long":
        note(
            "long_numbers", f"{shown} stays text: whole numbers of {int(text.values.str.len().max())} digits."
        )
    return notes


def _date_sentence(shown: str, decided: Guess, format: str, text: Text, first: str) -> str:
    example, formats = shorten(first), format.split(" or ")
    if " since " in format:
        return f"{shown} is read as dates, counted in {format}, as in '{example}' (chosen by you)."
    if formats == ["ISO8601"]:
        zones = pc.any(pc.match_substring_regex(text.array.slice(0, 1000), r"[Z+]|\d-\d\d:?\d\d$|:\d\d(\.\d+)?-\d\d$")).as_py()
        return f"{shown} is read as dates, as in '{example}'{', converted to UTC' if zones else ''}."
    order = {"%d": "day first", "%m": "month first"}
    order = next((order[f[:2]] for f in formats if f[:2] in order and decided.reason), "")
    why = {
        "day": "the other order would not give dates" if not decided.unsure else "both orders are possible",
        "order": "only so do the rows come in order",
        "chosen": "chosen by you",
    }.get(decided.reason, "")
    ways = f", written in {len(formats)} ways" if len(formats) > 1 else ""
    return (
        f"{shown} is read as dates{ways}{f', {order}' if order else ''}, as in '{example}'{f' ({why})' if why else ''}."
    )
