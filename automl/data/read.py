"""Any file to a table: CSV, TSV and Parquet by content, every decision noted and repeatable."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.data import parse, sniff
from automl.data.guess import (
    DOUBTFUL_WORDS,
    MISSING_WORDS,
    Evidence,
    Guess,
    gather,
    guess,
    kept_words,
    ordered,
)
from automl.data.source import csv_arguments, notebook_source
from automl.data.words import count, listed, shorten
from automl.errors import DataError, unknown_name
from automl.types import Note, ReadReport

__all__ = [
    "apply_plan",
    "frame_with_report",
    "notebook_source",
    "read_table",
    "read_with_report",
    "safe_names",
]

# What `options` may hold: choices a user can make, then what the reader records besides.
CHOICES = ("delimiter", "encoding", "header", "quoting", "decimal", "day_first", "columns")
RECORDED = ("encoding_errors", "names", "start", "tidy", "left_out", "missing_words", "dropped", "plain")
SHOWN_LINES = 5
_WORDS = [*MISSING_WORDS, *DOUBTFUL_WORDS]


def read_table(path: str | Path, *, options: dict[str, Any] | None = None) -> pd.DataFrame:
    """Read a CSV, TSV or Parquet file, whatever its delimiter, encoding and ways of writing.

    Parameters
    ----------
    path : str or Path
    options : dict, optional
        Choices that replace automatic ones: `delimiter`, `encoding`, `header` (bool), `quoting`
        (bool), `decimal`, `day_first` (bool), `columns` ({name: plan}, as in a report's options).

    Returns
    -------
    DataFrame
        Numbers as int64 or float64, dates as datetime64[ns], true/false as bool, the rest as `str`.

    Raises
    ------
    DataError
        If the file can't be read as a table.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = file.write_text("when;price\\n31/01/2024;1,5\\n01/02/2024;n/a\\n")
    >>> read_table(file).dtypes.astype(str).to_dict()
    {'when': 'datetime64[ns]', 'price': 'float64'}
    """
    return read_with_report(path, options=options)[0]


def read_with_report(
    path: str | Path, *, options: dict[str, Any] | None = None, name: str | None = None
) -> tuple[pd.DataFrame, ReadReport]:
    """Read a file and say how.

    Parameters
    ----------
    path : str or Path
    options : dict, optional
        As for `read_table`; a report's `options` read the file the same way again.
    name : str, optional
        What to call the file in sentences (an upload's own name).

    Raises
    ------
    DataError
    """
    path = Path(path)
    name = name or path.name
    options = _checked(options)
    if sniff.looks_like(path, name) == "parquet":
        return _read_parquet(path, name, options)
    return _read_text(path, name, options)


def frame_with_report(
    frame: pd.DataFrame, *, options: dict[str, Any] | None = None
) -> tuple[pd.DataFrame, ReadReport]:
    """Bring a data frame of any types into the form that files are read into.

    Mixed objects, categories, nullable types, decimals and text that holds numbers or dates are
    treated as in a file; the index is dropped.
    """
    plain, names, notes, _ = _plain_columns(frame.reset_index(drop=True))
    if plain.shape[1] == 0:
        raise DataError("The table has no columns that can be used.")
    plans = _convert(plain, _checked(options), False, notes)
    recorded = {"names": names, "columns": plans, "missing_words": _WORDS}
    return plain, ReadReport("frame", recorded, tuple(notes))


def _checked(options: dict[str, Any] | None) -> dict[str, Any]:
    known = (*CHOICES, *RECORDED)
    for key in options or {}:
        if key not in known:
            raise DataError(unknown_name("reading option", key, CHOICES))
    return dict(options or {})


# --- text -------------------------------------------------------------------------------


def _read_text(path: Path, name: str, options: dict[str, Any]) -> tuple[pd.DataFrame, ReadReport]:
    decoded = sniff.decode(path.read_bytes(), name, options.get("encoding"), options.get("encoding_errors"))
    layout = sniff.lay_out(
        decoded.data, name, options.get("delimiter"), options.get("header"), options.get("quoting")
    )
    names, notes = safe_names(layout.header or ("",) * layout.width)
    left_out = _left_out(layout)
    frame = _cut(decoded.data, layout, left_out)
    frame.columns = names
    notes = [*_layout_notes(decoded, layout, frame), *notes]
    plans = _convert(frame, options, layout.delimiter == ";", notes)
    recorded = {
        "delimiter": layout.delimiter,
        "encoding": decoded.encoding,
        "encoding_errors": decoded.errors,
        "header": layout.header is not None,
        "quoting": layout.quoting,
        "names": names,
        "start": layout.start,
        "tidy": layout.tidy,
        "left_out": left_out,
        "missing_words": _WORDS,
        "columns": plans,
    }
    return frame, ReadReport("csv", recorded, tuple(notes), len(layout.bad))


def _left_out(layout: sniff.Layout) -> list[int]:
    """Lines (from 1) that are dropped by number: all above the data once any row doesn't fit."""
    bad = [line for first, last, _ in layout.bad for line in range(first, last + 1)]
    return [*range(1, layout.first_line), *bad] if bad or not layout.tidy else []


def _cut(data: bytes, layout: sniff.Layout, left_out: list[int]) -> pd.DataFrame:
    start = layout.start
    if left_out:
        skipped = set(left_out)
        lines = io.StringIO(data.decode("utf-8"), newline="")
        data = "".join(line for number, line in enumerate(lines, 1) if number not in skipped).encode()
        start = 0
    try:
        return pd.read_csv(
            io.BytesIO(data), skiprows=start, **csv_arguments(layout.delimiter, layout.quoting)
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as e:
        raise DataError("The rows can't be cut into columns: check the separators and quotes.") from e


def safe_names(header: tuple[str, ...] | list[Any]) -> tuple[list[str], list[Note]]:
    """Trim names, number repeated ones and name empty ones; every change is noted.

    >>> safe_names(["a ", "", "a"])[0]
    ['a', 'column_2', 'a (2)']
    """
    names: list[str] = []
    notes = []
    taken = {str(given).strip() for given in header}
    trimmed = sum(str(given) != str(given).strip() for given in header)
    for position, given in enumerate(header, 1):
        base = str(given).strip() or f"column_{position}"
        new, number = base, 1
        while new in names or (number > 1 or not str(given).strip()) and new in taken:
            number += 1
            new = f"{base} ({number})"
        if new != str(given).strip():
            what = f"is a second '{shorten(base)}' and" if str(given).strip() else "has no name and"
            notes.append(Note("header_names", f"Column {position} {what} is called '{shorten(new)}'.", new))
        names.append(new)
    if trimmed:
        notes.append(Note("header_names", f"Spaces around {count(trimmed, 'column name')} were removed."))
    if len(notes) > 10 and not any(str(given).strip() for given in header):
        notes = []
    return names, notes


def _layout_notes(decoded: sniff.Decoded, layout: sniff.Layout, frame: pd.DataFrame) -> list[Note]:
    rows, columns = frame.shape
    separated = f", separated by {sniff.DELIMITER_WORDS.get(layout.delimiter, repr(layout.delimiter))}"
    notes = [
        Note(
            "read",
            f"Read {count(rows, 'row')} and {count(columns, 'column')}"
            f"{separated if columns > 1 else ''}, encoded as {_encoding_word(decoded.encoding)}.",
        )
    ]

    def note(code: str, message: str) -> None:
        notes.append(Note(code, message))

    if decoded.garbled:
        note("encoding", f"{count(decoded.garbled, 'character')} could not be read and became '\ufffd'.")
    if layout.preamble:
        note(
            "preamble",
            f"{count(len(layout.preamble), 'line')} above the table left out: {listed(layout.preamble)}.",
        )
    if layout.header is None:
        note(
            "no_header",
            f"The first row holds values, so the columns are called column_1 to column_{columns}.",
        )
    if "quotes" in layout.remarks:
        note("quotes", "Quotation marks are kept as they stand: they don't enclose whole values here.")
    if "row_names" in layout.remarks:
        note(
            "header", f"The header has {columns - 1} names for {columns} columns: the first column has none."
        )
    for remark in layout.remarks:
        kind, _, number = remark.partition(":")
        if kind == "wide_header":
            note("header", f"{count(int(number), 'column name')} at the end had no values and were left out.")
        if kind == "narrow_header":
            note("header", f"{count(int(number), 'column')} at the end had no name.")
    if layout.blank:
        note("blank_lines", f"{count(layout.blank, 'blank line')} left out.")
    if layout.bad:
        note("bad_rows", _bad_rows_sentence(layout))
    return notes


def _encoding_word(encoding: str) -> str:
    words = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a byte order mark", "cp1252": "Windows-1252"}
    return words.get(encoding, encoding.upper().replace("CP", "Windows-"))


def _bad_rows_sentence(layout: sniff.Layout) -> str:
    few = sum(fields < layout.width for _, _, fields in layout.bad)
    many = len(layout.bad) - few
    parts = [f"{few:,} with too few" if few else "", f"{many:,} with too many" if many else ""]
    lines = ", ".join(f"{line:,}" for line, _, _ in layout.bad[:SHOWN_LINES])
    more = f" and {len(layout.bad) - SHOWN_LINES:,} more" if len(layout.bad) > SHOWN_LINES else ""
    return (
        f"{count(len(layout.bad), 'row')} set aside because they don't have {count(layout.width, 'field')} "
        f"({' and '.join(p for p in parts if p)}): line{'s' if len(layout.bad) > 1 else ''} {lines}{more}."
    )


# --- Parquet and frames -----------------------------------------------------------------


def _read_parquet(path: Path, name: str, options: dict[str, Any]) -> tuple[pd.DataFrame, ReadReport]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
        kept = [field.name for field in schema if not _is_nested(field.type)]
        dropped = [field.name for field in schema if _is_nested(field.type)]
        frame = pd.read_parquet(
            path, columns=kept if dropped else None, to_pandas_kwargs={"ignore_metadata": True}
        )
    except (pa.ArrowException, OSError) as e:
        raise DataError(f"'{name}' is a Parquet file but damaged or cut short. Upload it again.") from e
    if not len(frame):
        raise DataError(f"'{name}' has column names but no rows. Add rows or choose another file.")
    if not kept:
        raise DataError(f"'{name}' has no column that can be used: all hold lists or records.")
    types = {field.name: field.type for field in schema}
    frame, names, notes, plain = _plain_columns(frame, types)
    first = Note("read", f"Read {count(len(frame), 'row')} and {count(len(names), 'column')} from Parquet.")
    notes.insert(0, first)
    for column in dropped:
        what = f"'{column}' holds lists or records ({shorten(types[column])}) and was set aside."
        notes.append(Note("set_aside", what, column))
    plans = _convert(frame, options, False, notes)
    recorded = {
        "names": names,
        "dropped": dropped,
        "plain": plain,
        "missing_words": _WORDS,
        "columns": plans,
    }
    return frame, ReadReport("parquet", recorded, tuple(notes))


def _is_nested(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return (
        pa.types.is_nested(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or (pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind))
    )


def _plain_columns(
    frame: pd.DataFrame, types: dict[str, Any] | None = None
) -> tuple[pd.DataFrame, list[str], list[Note], bool]:
    """Columns of plain types under safe names, and whether they were so already; what can't be
    one is set aside."""
    names, notes = safe_names(list(frame.columns))
    columns: dict[str, pd.Series] = {}
    unchanged = True
    for position, name in enumerate(names):
        column = frame.iloc[:, position]
        if column.dtype == object and types is None and _holds_objects(column):
            message = f"'{shorten(name)}' holds lists or records and was set aside."
            notes.append(Note("set_aside", message, name))
            continue
        plain = parse.to_plain(column)
        stored = str((types or {}).get(frame.columns[position], column.dtype))
        notes += _type_notes(name, column, plain, stored)
        columns[name] = plain
        unchanged = unchanged and plain.dtype == column.dtype and plain.isna().sum() == column.isna().sum()
    return pd.DataFrame(columns, index=frame.index), list(columns), notes, bool(unchanged)


def _holds_objects(column: pd.Series) -> bool:
    return any(
        isinstance(v, (list, dict, set, tuple, np.ndarray, bytes)) for v in column.dropna().iloc[:1000]
    )


def _type_notes(name: str, column: pd.Series, plain: pd.Series, stored: str) -> list[Note]:
    lost = int(plain.isna().sum()) - int(column.isna().sum())
    shown = shorten(name)
    if lost and plain.dtype.kind == "f":
        return [Note("infinite", f"'{shown}': {count(lost, 'infinite value')} count as missing.", name)]
    if lost and plain.dtype.kind == "M":
        what = f"'{shown}': {count(lost, 'date')} outside the years 1677 to 2262 count as missing."
        return [Note("dates", what, name)]
    if getattr(column.dtype, "tz", None) is not None:
        return [Note("time_zone", f"'{shown}' was converted from {column.dtype.tz} to UTC.", name)]
    if plain.dtype.kind == "M" and not np.issubdtype(_numpy_type(column), np.datetime64):
        return [Note("stored_type", f"'{shown}' was stored as {stored} and is read as a date.", name)]
    if plain.dtype.kind in "fi" and _numpy_type(column).kind not in "fiu":
        return [Note("stored_type", f"'{shown}' was stored as {stored} and is read as a number.", name)]
    whole = stored in ("int64", "uint64") and plain.dtype == np.float64
    if whole and len(plain) and plain.abs().max() >= 2**53:
        what = (
            f"'{shown}' has whole numbers past 9,007,199,254,740,992 and gaps: their last digits are rounded."
        )
        return [Note("rounded", what, name)]
    return []


def _numpy_type(column: pd.Series) -> np.dtype:
    return column.dtype if isinstance(column.dtype, np.dtype) else np.dtype(object)


# --- values -----------------------------------------------------------------------------


def _convert(
    frame: pd.DataFrame, options: dict[str, Any], european: bool, notes: list[Note]
) -> dict[str, Any]:
    """Decide about every column of text, convert it in place, and return the plans."""
    wanted = options.get("columns") or {}
    texts = [i for i, dtype in enumerate(frame.dtypes) if isinstance(dtype, pd.StringDtype)]
    facts = {i: _Text(frame.iloc[:, i]) for i in texts}
    first = {i: guess(t.values, t.missing, frame.columns[i]) for i, t in facts.items()}
    evidence = gather(list(first.values()), european)
    if options.get("decimal"):
        evidence = Evidence(10**6 * (options["decimal"] == ","), 10**6 * (options["decimal"] == "."),
                            evidence.day_first, evidence.month_first, evidence.european)  # fmt: skip
    columns: dict[str, pd.Series] = {name: frame.iloc[:, i] for i, name in enumerate(frame.columns)}
    plans: dict[str, Any] = {}
    for i, text in facts.items():
        name = frame.columns[i]
        decided = first[i]
        if decided.unsure or options.get("decimal"):
            decided = guess(text.values, text.missing, name, evidence)
        decided = _settle_day(decided, text, options, evidence)
        plan = _with_keep(decided.plan, text)
        if name in wanted and (given := _try_plan(text.column, wanted[name])) is not None:
            columns[name], plan = given, wanted[name]
        else:
            columns[name] = apply_plan(text.column, plan)
        plans[name] = plan
        notes += _value_notes(name, decided, plan, text, columns[name], evidence)
    for i, name in enumerate(frame.columns):
        if i in facts:
            frame[name] = columns[name]
    notes[1:1] = _summary_notes(frame)
    return plans


def _summary_notes(frame: pd.DataFrame) -> list[Note]:
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
        notes.append(Note("missing", f"{count(int(gaps.sum()), 'cell')} in {where} have no value."))
    return notes


class _Text:
    """A column of text before it is decided upon: trimmed distinct values and what is missing."""

    def __init__(self, column: pd.Series) -> None:
        self.column = column
        cells = column.str.strip()
        unique = pd.Series(cells.unique(), dtype="str").dropna()
        words = unique.str.lower().isin(_WORDS)
        self.values = unique[~words].reset_index(drop=True) if words.any() else unique
        self.gaps = int(cells.isna().sum())
        self.doubtful: dict[str, int] = {}
        self.written: dict[str, int] = {}  # other words for missing than the empty one
        if words.any():
            found = cells[cells.isin(unique[words])].str.lower().value_counts()
            for word, n in found.items():
                (self.doubtful if word in DOUBTFUL_WORDS else self.written)[str(word)] = int(n)
            self.gaps += sum(self.written.values())
            self.written.pop("", None)
        self.missing = bool(self.gaps or self.doubtful)


def _with_keep(plan: dict[str, Any], text: _Text) -> dict[str, Any]:
    if plan["type"] != "text" or not text.doubtful:
        return plan
    plus = bool((text.values == "+").any())
    keep = kept_words(text.doubtful, len(text.values), len(text.column), text.gaps, plus)
    return {**plan, "keep": keep} if keep else plan


def _settle_day(decided: Guess, text: _Text, options: dict[str, Any], evidence: Evidence) -> Guess:
    """Choose between day/month and month/day where the values of the column allow both."""
    plan = decided.plan
    if plan["type"] != "date" or decided.reason != "day" or not (decided.unsure or "day_first" in options):
        return decided
    day, month = (
        re.sub("^%[dm](.)%[dm]", r"%d\1%m", plan["format"]),
        re.sub("^%[dm](.)%[dm]", r"%m\1%d", plan["format"]),
    )
    if options.get("day_first") is not None:
        chosen = day if options["day_first"] else month
        return Guess({"type": "date", "format": chosen}, "", "day")
    if evidence.day_first == evidence.month_first:
        clean = parse.unify_missing(text.column, _WORDS)
        in_order = [ordered(parse.to_date(clean, f)) for f in (day, month)]
        if in_order[0] != in_order[1]:
            return Guess({"type": "date", "format": day if in_order[0] else month}, "", "order")
    return decided


def apply_plan(column: pd.Series, plan: dict[str, Any]) -> pd.Series:
    """Carry out a plan on a column of text (see `data.guess`)."""
    column = parse.unify_missing(column, _WORDS, plan.get("keep", ()))
    match plan["type"]:
        case "number":
            if plan.get("empty"):
                return column.astype("float64")
            return parse.to_number(column, plan["decimal"], plan["thousands"], plan["integer"])
        case "date":
            return parse.to_date(column, plan["format"])
        case "flag":
            return parse.to_flag(column, plan["boolean"])
        case _:
            return column


def _try_plan(column: pd.Series, plan: dict[str, Any]) -> pd.Series | None:
    """A plan given by the user, or None where the values don't allow it."""
    try:
        done = apply_plan(column, plan)
    except (ValueError, TypeError, KeyError):
        return None
    lost = done.isna() & parse.unify_missing(column, _WORDS, plan.get("keep", ())).notna()
    return None if lost.mean() > 0.05 else done


def _value_notes(
    name: str, decided: Guess, plan: dict[str, Any], text: _Text, done: pd.Series, evidence: Evidence
) -> list[Note]:
    shown, notes = f"'{shorten(name)}'", []

    def note(code: str, message: str) -> None:
        notes.append(Note(code, message, name))

    kept = plan.get("keep", [])
    words = {w: n for w, n in {**text.written, **text.doubtful}.items() if w not in kept}
    if words and not plan.get("empty"):
        cells = sum(words.values())
        note("missing_words", f"{shown}: {count(cells, 'cell')} that say {listed(words)} count as missing.")
    for word in kept:
        why = "'+' is a value too" if word == "-" else "nothing else is missing there"
        note(
            "kept_word",
            f"{shown}: '{word}' ({count(text.doubtful[word], 'cell')}) is kept as a value, since {why}.",
        )
    if plan["type"] == "number" and not plan.get("empty"):
        infinite = int(done.isna().sum()) - text.gaps - sum(text.doubtful.values())
        if infinite > 0:
            note("infinite", f"{shown}: {count(infinite, 'infinite value')} count as missing.")
        if plan["decimal"] == "," or plan["thousands"]:
            comma = f"{'decimal comma' if plan['decimal'] == ',' else 'decimal point'}"
            unsure = " (the values alone allow both readings)" if decided.unsure else ""
            example = text.values[
                text.values.str.contains(f"[{re.escape(plan['thousands'] + plan['decimal'])}]")
            ]
            shown_value = f"'{example.iloc[0]}'" if len(example) else "numbers"
            grouped = ", thousands separated" if plan["thousands"] else ""
            note("number_format", f"{shown} is read with {comma}{grouped}{unsure}, as in {shown_value}.")
        elif decided.unsure:
            note("number_format", f"{shown} is read with decimal point, as in '{text.values.iloc[0]}'.")
    if plan["type"] == "date":
        note("dates", _date_sentence(shown, decided, plan["format"], text))
        if decided.invalid:
            cells = int(done.isna().sum()) - text.gaps - sum(text.doubtful.values())
            note("dates", f"{shown}: {count(cells, 'cell')} that are no real dates count as missing.")
    if decided.reason == "codes":
        example = text.values[text.values.str.match(r"[+-]?0\d")].iloc[0]
        note("leading_zeros", f"{shown} stays text: codes such as '{shorten(example)}' start with zero.")
    if decided.reason == "long":
        note(
            "long_numbers", f"{shown} stays text: whole numbers of {int(text.values.str.len().max())} digits."
        )
    return notes


def _date_sentence(shown: str, decided: Guess, format: str, text: _Text) -> str:
    example = shorten(text.values.iloc[0])
    if format == "ISO8601":
        zones = text.values.iloc[:1000].str.contains(r"[Z+]|\d-\d\d:?\d\d$", regex=True).any()
        return f"{shown} is read as dates, as in '{example}'{', converted to UTC' if zones else ''}."
    order = "day first" if format.startswith("%d") else "month first" if format.startswith("%m") else ""
    why = {
        "day": "the other order would not give dates" if not decided.unsure else "both orders are possible",
        "order": "only so do the rows come in order",
    }.get(decided.reason, "")
    return f"{shown} is read as dates{f', {order}' if order else ''}, as in '{example}'{f' ({why})' if why else ''}."
