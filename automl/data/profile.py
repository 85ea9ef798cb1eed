"""What each column is: its kind with a reason, gaps, distinct values, and a small chart."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from automl.data.distinct import counted, distinct_text, texts_of
from automl.data.guess import CURRENCY, DOUBTFUL_WORDS, MISSING_WORDS, SAMPLE, guess_date, kept_words
from automl.data.parse import to_amount, to_date, to_plain
from automl.data.words import count, listed, share, shorten
from automl.store.files import sample_rows
from automl.types import Column, ColumnKind

if TYPE_CHECKING:
    import pyarrow.parquet as pq

EXAMPLES = 5
MOSTLY = 0.95  # share of values that must read as numbers (or dates) for a text column to be one
IDENTIFIER_DISTINCT = 0.99  # an identifier tells (nearly) every row apart …
IDENTIFIER_MIN_ROWS = 20  # … which says little in a very small table, unless its name says so
TEXT_WORDS = 4.0  # free text has many words a value …
TEXT_DISTINCT_SHARE = 0.05  # … and few repeats
LONG_TEXT = 60  # characters a value, on average
SAMPLE_VALUES = 20_000  # distinct values looked at where looking at all would be slow
READ_VALUES = 1_000  # distinct values whose words are counted
CHART_ROWS = 100_000
WHOLE_SPAN = 20  # whole numbers a bar up to which each bar gets as many of them
ALWAYS = 50  # columns that are described in full, however short the time
QUICK_ROWS, FEW_VALUES = 20_000, 50  # where time is short, of columns with more different values than that
UNREAD = "the time was too short to look for numbers or dates in it"
TOLD = 50  # columns between two words of progress

# Pairs of values that are yes/no, in lower case.
YES_NO = tuple(
    frozenset(pair)
    for pair in (
        ("yes", "no"),
        ("y", "n"),
        ("true", "false"),
        ("t", "f"),
        ("on", "off"),
        ("0", "1"),
        ("0.0", "1.0"),
    )
)
# Names that mark a key: 'id', 'customer_id', 'CustomerID', 'order no', 'index' …
KEY_NAME = re.compile(
    r"(^|[\s_.\-#])(id|ids|key|uuid|guid|index|idx|nr|no|row|rownames?|unnamed: 0|pk|ssn|iban|isbn|serial|hash|token)$"
    r"|[a-z](Id|ID|Key|No|Nr|UUID|Uuid)$|^(unit|user|customer|client|account|order|member|patient|employee|record)id$"
    r"|(number|code|reference|ref)$"
)


@dataclass(frozen=True)
class Amounts:
    """How a text column writes its numbers: what the `parse` step needs."""

    decimal: str
    thousands: str
    unit: str
    share: float  # of the distinct values that read as numbers


# Letters around one number at most, as `parse.to_amount` reads it: a quick look before each is read.
_ONE_NUMBER = rf"^[^A-Za-z\d]*(?:{CURRENCY})?[^A-Za-z\d]*(?:{CURRENCY})?[^A-Za-z\d]*\d[^A-Za-z]*(?:[eE][+-]?\d+)?\D*$"
_GAP = "[\\s\u00a0\u202f\u2009\u2007]*"
_UNIT = rf"^[^\d]*?(?P<before>[$€£¥₹]|[A-Za-z]{{1,3}}\$?){_GAP}[\d+.-]|\d{_GAP}(?P<after>[^\d\s.,+-]{{1,8}})\s*$"
_WORDS = pa.array([*MISSING_WORDS, *DOUBTFUL_WORDS], pa.large_string())
PROFILE_ROWS = 100_000  # of a file that is too large to be looked at in full


def profile_file(path: Path, progress: Callable[[float], None] = lambda share: None) -> tuple[Column, ...]:
    """Describe every column of a large Parquet file, one column in memory at a time.

    Missing cells and distinct values are counted in all rows; kind and examples come from a random
    sample of 100,000. `progress` is told the share of the columns that is done.
    """
    import pyarrow.parquet as pq

    sample, file = sample_rows(str(path), PROFILE_ROWS), pq.ParquetFile(path)
    rows = file.metadata.num_rows
    if rows <= PROFILE_ROWS:
        return profile(sample, progress)
    described = []
    for i, name in enumerate(file.schema_arrow.names):
        described.append(_describe(name, sample.iloc[:, i], (rows, *count_values(file, name, rows))))
        progress((i + 1) / len(file.schema_arrow.names))
    return tuple(described)


def count_values(file: pq.ParquetFile, name: str, rows: int) -> tuple[int, int]:
    """Filled cells and distinct values of a column, told by 64-bit numbers: eight bytes a cell at most.

    Numbers and dates are taken as they are, text by its hash (two of ten million texts share one once in
    400,000 files).
    """
    found, filled, end = np.empty(rows, dtype=np.uint64), 0, 0
    for group in range(file.num_row_groups):
        cells = file.read_row_group(group, columns=[name]).column(0)
        filled += len(cells) - cells.null_count
        if pa.types.is_primitive(cells.type) and cells.type.bit_width == 64:
            values = cells.drop_null().combine_chunks()
            if pa.types.is_floating(cells.type):
                values = pc.add(values, 0.0)  # of the two zeros one
            part = values.to_numpy().view(np.uint64)
        else:
            texts = pc.unique(cells).drop_null().cast(pa.string()).to_pylist()
            part = pd.util.hash_array(np.array(texts, dtype=object), categorize=False)
        found[end : end + len(part)] = part
        end += len(part)
    found = found[:end]
    found.sort()
    return filled, int(bool(end)) + int(np.count_nonzero(found[1:] != found[:-1]))


def profile(
    frame: pd.DataFrame,
    progress: Callable[[float], None] = lambda share: None,
    until: float | None = None,
    whole: Collection[str] = (),
) -> tuple[Column, ...]:
    """Describe every column.

    Parameters
    ----------
    frame : DataFrame
        As `data.read` gives it; other types work too.
    progress : callable, optional
        Is told the share of the columns that is done.
    until : float, optional
        `time.monotonic()` from which on text is taken as it stands: no numbers or dates are looked for in it. Of columns
        with many different values 20,000 rows are then looked at, and how many there are is estimated. The first 50 columns
        are described in full in any case.
    whole : collection of str
        More columns that are, such as the target.

    >>> [c.kind.value for c in profile(pd.DataFrame({"plan": ["a", "b", "a"], "paid": [0, 1, 1]}))]
    ['categorical', 'boolean']
    """
    described = []
    for i, name in enumerate(frame.columns):
        column, total = frame.iloc[:, i], None
        quick = i >= ALWAYS and str(name) not in whole and until is not None and time.monotonic() > until
        if quick and len(frame) > QUICK_ROWS:
            column, total = _sampled(column)
        described.append(_describe(str(name), column, total, quick))
        if i % TOLD == 0:
            progress(i / frame.shape[1])
    return tuple(described)


def _sampled(column: pd.Series) -> tuple[pd.Series, tuple[int, int, int] | None]:
    """Some rows of a column, and rows, filled cells and distinct values of the whole; all of it where few are different.

    How many are different is told from how many values come once and twice in the sample, by the estimate of Chao (1984)
    and what Colwell et al. (2012) make of it for so many rows more.
    """
    places = np.sort(np.random.default_rng(0).choice(len(column), QUICK_ROWS, replace=False))
    part = column.iloc[places]
    counts = part.value_counts(sort=False)
    often = counts.to_numpy()
    untidy = column.dtype == object or isinstance(column.dtype, pd.StringDtype) and not is_tidy(texts_of(counts.index.array))
    if len(often) <= FEW_VALUES or untidy:
        return column, None
    once, twice = int((often == 1).sum()), max(int((often == 2).sum()), 1)
    seen, filled = int(often.sum()), int(column.notna().sum())
    if once == seen:  # an identifier, or measured very finely
        return part, (len(column), filled, filled)
    unseen = once**2 / (2 * twice)
    more = -unseen * np.expm1((filled - seen) * np.log1p(-once / (seen * unseen + once))) if once else 0.0
    return part, (len(column), filled, min(len(often) + round(more), filled))


def _describe(
    name: str, column: pd.Series, total: tuple[int, int, int] | None = None, quick: bool = False
) -> Column:
    """One column; `total` holds rows, filled cells and distinct values of the whole that it is a sample of."""
    if not isinstance(column.dtype, pd.StringDtype) and column.dtype.kind not in "biufM":
        column = to_plain(column)
    if isinstance(column.dtype, pd.StringDtype):
        values, counts = distinct_text(column)
        if not is_tidy(values):
            tidy, _ = tidy_counts(counted(values, counts), len(column))
            values, counts = texts_of(tidy.index.array), tidy.to_numpy()
    else:
        codes, values = pd.factorize(column.to_numpy())
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
    rows, filled, distinct = total or (len(column), int(counts.sum()), len(counts))
    kind, reason = _kind(name, values, counts, distinct, filled, quick)
    # the most frequent; `nlargest` takes 2 ms a column
    first = np.argsort(-counts, kind="stable")[:EXAMPLES] if len(counts) <= 1000 else np.arange(EXAMPLES)
    if isinstance(values, pa.Array):
        common = values.take(pa.array(first)).to_pylist()
    else:
        common = values[first] if column.dtype.kind != "M" else pd.Series(values[first])
    examples = tuple(shorten(_text(value), 60) for value in common)
    return Column(name, kind, rows - filled, distinct, examples, reason)


def is_tidy(values: pa.Array) -> bool:
    """Whether no value has spaces around it or is a word for missing, so that the `trim` step leaves all as they are."""
    return pc.utf8_trim_whitespace(values).equals(values) and not pc.any(
        pc.is_in(pc.utf8_lower(values), value_set=_WORDS.cast(values.type))
    ).as_py()


def tidy_counts(counts: pd.Series, rows: int) -> tuple[pd.Series, list[str]]:
    """Cells by trimmed value, words for missing left out, as the `trim` step leaves them.

    Also returns the words that would mean missing but are values in this column.
    """
    kept: list[str] = []
    if is_tidy(texts_of(counts.index.array)):
        return counts, kept
    trimmed = counts.index.str.strip()
    lowered = trimmed.str.lower()
    words = lowered.isin([*MISSING_WORDS, *DOUBTFUL_WORDS])
    if words.any():
        doubtful = lowered.isin(DOUBTFUL_WORDS)
        found = counts[doubtful].groupby(lowered[doubtful]).sum()
        others = trimmed[~words].unique()
        gaps = rows - int(counts.sum()) + int(counts[words & ~doubtful].sum())
        kept = kept_words({str(w): int(n) for w, n in found.items()}, len(others), rows, gaps, "+" in others)
        words &= ~lowered.isin(kept)
        counts, trimmed = counts[~words], trimmed[~words]
    return counts.set_axis(trimmed) if trimmed.is_unique else counts.groupby(trimmed, sort=False).sum(), kept


def _text(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _kind(
    name: str, values: pa.Array | np.ndarray, counts: np.ndarray, distinct: int, filled: int, quick: bool = False
) -> tuple[ColumnKind, str]:
    """Decide on the distinct values; the reason is a few words with the number that decided."""
    if isinstance(values, pa.Array):
        if not len(values):
            return ColumnKind.CATEGORICAL, "no values"
        return _text_kind(name, values, counts, distinct, filled, quick)
    if values.dtype.kind == "M":
        return ColumnKind.DATETIME, "dates"
    if values.dtype == bool:
        return ColumnKind.BOOLEAN, "true or false"
    if not distinct:
        return (ColumnKind.NUMERIC if values.dtype.kind == "f" else ColumnKind.CATEGORICAL), "no values"
    if values.dtype.kind in "iuf":
        return _number_kind(name, values, distinct, filled)
    return _text_kind(name, texts_of(pd.Series(values).astype("str").array), counts, distinct, filled, quick)


def _number_kind(name: str, values: np.ndarray, distinct: int, filled: int) -> tuple[ColumnKind, str]:
    numbers = values.astype(np.float64)
    if distinct == 2 and set(numbers) == {0.0, 1.0}:
        return ColumnKind.BOOLEAN, "only 0 and 1"
    whole = bool((numbers == np.floor(numbers)).all())
    unique = distinct >= IDENTIFIER_DISTINCT * filled
    if whole and unique and numbers.min() >= 0:
        named = bool(KEY_NAME.search(name)) and filled >= 3
        running = filled >= IDENTIFIER_MIN_ROWS and numbers.max() - numbers.min() < 1.02 * filled
        in_order = running and bool((np.diff(numbers) > 0).all())
        if named or (values.dtype.kind != "f" and in_order):
            why = "its name says so" if named else "a running number"
            return ColumnKind.IDENTIFIER, f"{share(distinct, filled)} of the values are different, and {why}"
    return ColumnKind.NUMERIC, "whole numbers" if whole else "numbers"


def _text_kind(
    name: str, values: pa.Array, counts: np.ndarray, distinct: int, filled: int, quick: bool = False
) -> tuple[ColumnKind, str]:
    if distinct == 2 and frozenset(text.strip().lower() for text in values.to_pylist()) in YES_NO:
        return ColumnKind.BOOLEAN, f"two values, {listed(sorted(values.to_pylist()))}"
    unique = distinct >= IDENTIFIER_DISTINCT * filled
    if len(values) > SAMPLE_VALUES:
        picked = pd.Series(np.arange(len(values))).sample(SAMPLE_VALUES, random_state=0).to_numpy()
        first, values, counts = values[0].as_py(), values.take(pa.array(picked)), counts[picked]
    else:
        first = values[0].as_py()
    digits = pc.any(pc.match_substring_regex(values, r"\d")).as_py()  # no number and no date is written without one
    as_it_stands = f"; {UNREAD}" if digits and quick else ""
    if digits and not quick:
        if read_amounts(values, counts):
            return ColumnKind.NUMERIC, f"numbers written as text, such as '{shorten(first)}'"
        if guess_date(values[:SAMPLE], tolerance=MOSTLY) and guess_date(values, tolerance=MOSTLY):
            return ColumnKind.DATETIME, f"dates written as text, such as '{shorten(first)}'"
    varied = distinct > 50 and distinct >= TEXT_DISTINCT_SHARE * filled
    if varied or (unique and filled >= IDENTIFIER_MIN_ROWS):
        some = values.take(pa.array(np.linspace(0, len(values) - 1, min(len(values), READ_VALUES)).astype(int)))
        words = float(pc.mean(pc.count_substring_regex(some, r"\s+")).as_py() + 1)
        length = float(pc.mean(pc.utf8_length(some)).as_py())
        if words >= TEXT_WORDS or length >= LONG_TEXT and words >= 2:
            why = f"{words:.0f} words a value on average, {count(distinct, 'different value')}"
            return ColumnKind.TEXT, why + as_it_stands
    named = bool(KEY_NAME.search(name)) and filled >= 3
    if unique and (filled >= IDENTIFIER_MIN_ROWS or named):
        return ColumnKind.IDENTIFIER, f"{share(distinct, filled)} of the values are different{as_it_stands}"
    return ColumnKind.CATEGORICAL, count(distinct, "different value") + as_it_stands


def read_amounts(values: pd.Series | pa.Array, counts: np.ndarray | None = None) -> Amounts | None:
    """How distinct text values write numbers with a currency, percent sign or unit; None if they don't.

    At least 95 % must read as numbers, of the distinct values or (with `counts`) of the cells, all in
    one unit: kilograms and pounds don't mix.
    """
    texts = values if isinstance(values, pa.Array) else texts_of(values.array)
    cells = np.ones(len(texts)) if counts is None else counts

    def part(good: np.ndarray) -> float:
        return max(float(good.mean()), float(np.average(good, weights=cells[: len(good)]))) if len(good) else 0.0

    if part(_found(texts[:SAMPLE], r"\d")) < MOSTLY - 0.05 or _found(texts, r"^0\d").any():
        return None
    if part(_found(texts, _ONE_NUMBER)) < MOSTLY:
        return None
    before, after = (part.to_pylist() for part in pc.extract_regex(texts, _UNIT).flatten())
    totals: Counter[str] = Counter()
    for i, n in enumerate(cells.tolist()):
        totals[before[i] or after[i] or ""] += n
    del totals[""]
    chosen = max(sorted(totals), key=totals.__getitem__) if totals else ""
    plain = texts.to_pylist()
    for decimal, thousands in ((".", ","), (",", ". ")):
        if decimal == "." and _found(texts, r"\.\d{3},\d|^\D*\d+,(?:\d{1,2}|\d{4,})\D*$").any():
            continue
        read = np.array([to_amount(v, decimal, thousands, chosen) for v in plain], dtype=np.float64)
        good = part(~np.isnan(read))
        if good >= MOSTLY:
            return Amounts(decimal, thousands, chosen, good)
    return None


def _found(texts: pa.Array, pattern: str) -> np.ndarray:
    """Which of the texts hold the pattern."""
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False).astype(bool)


def with_kept(frame: pd.DataFrame, columns: tuple[Column, ...], kept: Iterable[str]) -> tuple[Column, ...]:
    """The profile with the identifiers among `kept` as what they hold, so that a model learns from them.

    >>> frame = pd.DataFrame({"ref": [f"K{i:04d}" for i in range(500)]})
    >>> with_kept(frame, profile(frame), ["ref"])[0].kind.value
    'text'
    """
    names, out = set(kept), []
    for column in columns:
        if column.name in names and column.kind is ColumnKind.IDENTIFIER and column.name in frame.columns:
            holds = frame[column.name].dtype.kind
            kind = {"M": ColumnKind.DATETIME, "b": ColumnKind.BOOLEAN}.get(holds)
            kind = kind or (ColumnKind.NUMERIC if holds in "iuf" else ColumnKind.TEXT)
            column = replace(column, kind=kind, reason="kept by you", kind_by_user=True)
        out.append(column)
    return tuple(out)


def numbers_of(column: pd.Series) -> pd.Series:
    """A column as float64, text read as amounts where it holds them."""
    if column.dtype == object:
        column = to_plain(column)
    if column.dtype.kind in "biuf":
        return column.astype("float64")
    way = way_of_numbers(column)
    unique = column.dropna().astype("str").unique()
    read = {v: to_amount(v, way.decimal, way.thousands, way.unit) for v in unique}
    return column.map(read).astype("float64")


def way_of_numbers(column: pd.Series) -> Amounts:
    """How a text column writes numbers; plain ones where that is not clear."""
    counts = column.dropna().astype("str").value_counts(sort=False)
    unique = pd.Series(counts.index, dtype="str")
    found = read_amounts(unique, counts.to_numpy()) if len(unique) else None
    return found or Amounts(".", ",", "", 0.0)


def dates_of(column: pd.Series) -> pd.Series:
    """A column as datetime64[ns], text read as dates where it holds them."""
    if column.dtype.kind == "M":
        return column
    unique = pd.Series(column.dropna().astype("str").unique(), dtype="str")
    found = guess_date(unique, tolerance=0.5) if len(unique) else None
    return to_date(column.astype("str"), found.plan["format"] if found else "ISO8601")


def distribution(
    frame: pd.DataFrame, column: Column, bins: int = 12, rows: int | None = None
) -> dict[str, Any]:
    """Figures of a small chart of a column.

    Parameters
    ----------
    frame : DataFrame
    column : Column
        Its kind decides the chart: a histogram for numbers and dates (edges of dates as ISO text),
        else the most frequent values.
    bins : int
        Bars at most. Tables of over 100,000 rows are sampled, and the counts scaled up.
    rows : int, optional
        Of the whole table, where the frame is a sample: counts are scaled up to it.

    Returns
    -------
    dict
        {"type": "histogram", "edges": [...], "counts": [...]} or
        {"type": "top", "values": [...], "counts": [...], "other": n}
    """
    values = frame[column.name].dropna()
    scale = rows / len(frame) if rows and len(frame) else 1.0
    if len(values) > CHART_ROWS:
        scale *= len(values) / CHART_ROWS
        values = values.iloc[np.random.default_rng(0).choice(len(values), CHART_ROWS, replace=False)]
    if column.kind is ColumnKind.NUMERIC:
        numbers = numbers_of(values).dropna().to_numpy()
        return _histogram(numbers[np.isfinite(numbers)], bins, scale)
    if column.kind is ColumnKind.DATETIME:
        stamps = dates_of(values).dropna().to_numpy().astype("datetime64[ns]").astype(np.int64)
        chart = _histogram(stamps / 1e9, bins, scale)
        edges = pd.to_datetime(pd.Series(chart["edges"], dtype="float64"), unit="s").dt.strftime(
            "%Y-%m-%dT%H:%M:%S"
        )
        return {**chart, "edges": edges.tolist()}
    top = values.map(_text, na_action="ignore").value_counts()
    shown = top.iloc[:bins]
    return {
        "type": "top",
        "values": [str(v) for v in shown.index],
        "counts": [round(float(c) * scale) for c in shown],
        "other": round(float(top.iloc[bins:].sum()) * scale),
    }


def _histogram(numbers: np.ndarray, bins: int, scale: float) -> dict[str, Any]:
    """Equal bars between the 0.5 % and 99.5 % quantiles; what lies beyond counts in the end bars."""
    if not len(numbers):
        return {"type": "histogram", "edges": [], "counts": []}
    low, high = np.quantile(numbers, [0.005, 0.995]) if len(numbers) > 200 else (numbers.min(), numbers.max())
    if low == high:
        low, high = numbers.min(), numbers.max()
    distinct = np.unique(numbers[:5000])
    whole = bool((distinct == np.floor(distinct)).all())
    span = float(np.ceil(high)) - float(np.floor(low)) + 1  # infinite where the largest numbers there are lie apart
    if whole and span <= WHOLE_SPAN * bins and abs(high) < 2**52:  # as many whole numbers in each bar
        step = int(np.ceil(span / bins))
        edges = np.floor(low) - 0.5 + step * np.arange(int(np.ceil(span / step)) + 1)
    elif low == high:
        around = max(0.5, abs(float(low)) / 1000)
        edges = np.nan_to_num([float(low) - around, float(high) + around])
    else:
        edges = 4 * np.linspace(low / 4, high / 4, bins + 1)  # the way between the largest numbers is none itself
    counts, _ = np.histogram(np.clip(numbers, edges[0], edges[-1]), edges)
    return {
        "type": "histogram",
        "edges": [float(e) for e in edges],
        "counts": [round(float(c) * scale) for c in counts],
    }
