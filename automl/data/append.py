"""Tables with the same columns become one, row under row: aligned by name, kinds reconciled, copies counted.

A plan is made from the tables (of large ones from a sample); then each is brought into the plan's form,
whole (`append`) or piece by piece into a Parquet file (`append_files`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.data.append_alike import Alike, alike
from automl.data.guess import guess_date
from automl.data.parse import to_date
from automl.data.words import count, listed, shorten
from automl.errors import DataError, unknown_name
from automl.store.files import sample_rows
from automl.types import Note

KEEPS = ("all", "common", "first")  # which columns come out
MOSTLY = 0.95  # share of a text column's values that must read as numbers (or dates) to be taken for them
PLAN_ROWS = 100_000  # of a file that a plan is made from
BATCH_ROWS = 100_000
EXAMPLES = 3
WORDS = {
    "whole": "whole numbers", "number": "numbers", "date": "dates", "flag": "true or false", "text": "text",
}  # fmt: skip

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Table:
    """What a plan needs to know of a table: its name, rows, columns (or a sample) and which have gaps."""

    name: str
    rows: int
    sample: pd.DataFrame
    gaps: frozenset[str]


@dataclass(frozen=True)
class Target:
    """One column of the result: its kind, and what it is called in each table (None: not there)."""

    name: str
    kind: str  # one of WORDS
    sources: tuple[str | None, ...]
    date_format: str = ""  # of text that is read as dates


@dataclass(frozen=True)
class AppendPlan:
    """How the tables are brought together."""

    tables: tuple[str, ...]
    rows: tuple[int, ...]
    columns: tuple[Target, ...]
    mark: str | None = None
    notes: tuple[Note, ...] = ()
    alike: tuple[Alike, ...] = ()


@dataclass(frozen=True)
class AppendReport:
    """What an append did. `copies` counts, for each table, rows that stand in an earlier one already."""

    rows: tuple[int, ...]
    copies: tuple[int, ...]
    columns: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    alike: tuple[Alike, ...] = ()

    @property
    def mixed(self) -> tuple[str, ...]:
        """Columns that hold one kind of values here and another there."""
        return tuple(note.column for note in self.notes if note.code == "append_kind" and note.column)


def append(
    frames: Sequence[pd.DataFrame],
    names: Sequence[str] = (),
    *,
    keep: str = "all",
    mark: str | None = None,
    kinds: dict[str, str] | None = None,
    renamed: dict[str, str] | None = None,
) -> tuple[pd.DataFrame, AppendReport]:
    """Put tables under each other.

    Parameters
    ----------
    frames : sequence of DataFrame
        Two or more, as `data.read` gives them. Columns are matched by name, their order and letter
        case aside.
    names : sequence of str, optional
        What to call the tables.
    keep : {"all", "common", "first"}
        All columns (a table that lacks one has no values there), those that every table has, or
        those of the first table.
    mark : str, optional
        The name of a column that says which table a row came from.
    kinds : dict, optional
        ``{column: "text" | "number" | "date"}`` where tables differ and the automatic choice is wrong.
    renamed : dict, optional
        ``{name in a later table: name before}`` of columns that are the same; the report's `alike` names candidates.

    Returns
    -------
    (DataFrame, AppendReport)

    Raises
    ------
    DataError
        Fewer than two tables, no column in common, or `mark` is the name of a column.

    >>> a, b = pd.DataFrame({"id": [1, 2]}), pd.DataFrame({"ID": [2], "city": ["Oslo"]})
    >>> table, report = append([a, b], ["a", "b"])
    >>> table["id"].tolist(), report.copies
    ([1, 2, 2], (0, 0))
    """
    tables = [
        Table(_name(names, i), len(f), f, frozenset(map(str, f.columns[f.isna().any()])))
        for i, f in enumerate(frames)
    ]
    made = plan(tables, keep=keep, mark=mark, kinds=kinds, renamed=renamed)
    tally = _Tally(made)
    parts = [_aligned(frame, made, i, tally) for i, frame in enumerate(frames)]
    columns = {t.name: _joined([p[t.name] for p in parts], t.kind) for t in made.columns}
    table = pd.DataFrame(columns)
    if mark:
        labels = np.repeat(np.array(made.tables, dtype=object), [len(f) for f in frames])
        table[mark] = pd.Series(labels, dtype="str")
    return table, tally.report()


def append_files(
    paths: Sequence[Path], made: AppendPlan, out: Path, progress: Progress = lambda share: None
) -> AppendReport:
    """Put Parquet files under each other in constant memory, as a plan made with `table_of_file` says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "whole": pa.int64(), "number": pa.float64(), "date": pa.timestamp("ns"), "flag": pa.bool_(),
        "text": pa.string(),
    }  # fmt: skip
    fields = [(t.name, types[t.kind]) for t in made.columns]
    schema = pa.schema([*fields, *([(made.mark, pa.string())] if made.mark else [])])
    tally, done, total = _Tally(made), 0, max(sum(made.rows), 1)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for number, path in enumerate(paths):
            for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS):
                part = _aligned(batch.to_pandas(), made, number, tally)
                arrays = [pa.array(part[t.name], from_pandas=True).cast(types[t.kind]) for t in made.columns]
                if made.mark:
                    arrays.append(pa.array([made.tables[number]] * len(part), pa.string()))
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                done += len(part)
                progress(done / total)
    return tally.report()


def table_of_file(path: Path, name: str) -> Table:
    """What a plan needs to know of a Parquet file."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    gaps = set()
    for i, column in enumerate(file.schema_arrow.names):
        for group in range(file.metadata.num_row_groups):
            found = file.metadata.row_group(group).column(i).statistics
            if found is None or found.null_count is None or found.null_count:
                gaps.add(column)
                break
    return Table(name, file.metadata.num_rows, sample_rows(path, PLAN_ROWS), frozenset(gaps))


# --- the plan ---------------------------------------------------------------------------


def plan(
    tables: Sequence[Table],
    *,
    keep: str = "all",
    mark: str | None = None,
    kinds: dict[str, str] | None = None,
    renamed: dict[str, str] | None = None,
) -> AppendPlan:
    """Decide how tables are brought together; the parameters are those of `append`."""
    if len(tables) < 2:
        raise DataError("Appending needs at least two tables. Add another one.")
    if keep not in KEEPS:
        raise DataError(unknown_name("choice of columns", keep, KEEPS))
    for name, kind in (kinds or {}).items():
        if kind not in ("text", "number", "date"):
            raise DataError(
                f"'{shorten(name)}' can be brought to text, number or date, not '{shorten(kind)}'."
            )
    notes: list[Note] = []
    matched = _match(tables, notes, renamed or {})
    for name in kinds or {}:
        if name not in [c for c, _ in matched]:
            raise DataError(unknown_name("column", name, [c for c, _ in matched]))
    if not any(all(sources) for _, sources in matched):
        raise DataError(
            f"{listed([t.name for t in tables])} have no column in common: "
            f"{listed([c for c, s in matched if s[0]])} against {listed([c for c, s in matched if not s[0]])}. "
            "Rename the columns that belong together, or join the tables instead."
        )
    columns = []
    for name, sources in matched:
        absent = [t for t, s in zip(tables, sources, strict=True) if s is None]
        if absent and (keep == "common" or (keep == "first" and sources[0] is None)):
            where = listed([t.name for t, s in zip(tables, sources, strict=True) if s is not None])
            notes.append(Note("append_left_out", f"'{shorten(name)}' of {where} is left out.", name))
            continue
        if absent:
            rows = count(sum(t.rows for t in absent), "row")
            what = (
                f"'{shorten(name)}' is not in {listed([t.name for t in absent])}: {rows} have no value there."
            )
            notes.append(Note("append_missing", what, name))
        columns.append(_reconciled(name, sources, tables, (kinds or {}).get(name), notes))
    if mark is not None:
        mark = mark.strip()
        if not mark or mark in {c.name for c in columns}:
            raise DataError(
                f"The column that says where a row came from can't be called '{shorten(mark)}'. Choose another name."
            )
        notes.append(Note("append_mark", f"'{shorten(mark)}' says which table a row came from.", mark))
    said = _distinct_names([t.name for t in tables])
    candidates = alike(tables, matched)
    for one in candidates:
        what = f"'{shorten(one.name)}' is only in '{shorten(one.table)}', and '{shorten(one.was)}' is missing there"
        notes.append(Note("append_alike", f"{what}: perhaps the same column, since {one.why}.", one.name))
    return AppendPlan(tuple(said), tuple(t.rows for t in tables), tuple(columns), mark, tuple(notes), tuple(candidates))


def _match(
    tables: Sequence[Table], notes: list[Note], renamed: dict[str, str]
) -> list[tuple[str, tuple[str | None, ...]]]:
    """Which column of each table belongs where: as the user says, the same name, else the same but for letter case."""
    for name, was in renamed.items():
        if was not in map(str, tables[0].sample.columns):
            raise DataError(unknown_name("column", was, tables[0].sample.columns, f"in '{shorten(tables[0].name)}'"))
        if not any(name in map(str, t.sample.columns) for t in tables[1:]):
            raise DataError(unknown_name("column", name, [c for t in tables[1:] for c in t.sample.columns], "in the tables appended"))
    found: list[tuple[str, list[str | None]]] = [(str(c), [str(c)]) for c in tables[0].sample.columns]
    for number, table in enumerate(tables[1:], 1):
        own = [str(c) for c in table.sample.columns]
        for _, sources in found:
            sources.append(None)
        exact = dict(found)
        rest = []
        for column in own:
            if column in exact:
                exact[column][number] = column
            else:
                rest.append(column)
        for column in [c for c in rest if exact.get(renamed.get(c, ""), own)[number:] == [None]]:
            exact[renamed[column]][number] = column
            rest.remove(column)
            what = f"'{shorten(column)}' of '{shorten(table.name)}' is '{shorten(renamed[column])}', as you said."
            notes.append(Note("append_renamed", what, renamed[column]))
        for column in rest:
            near = [(n, s) for n, s in found if s[number] is None and _fold(n) == _fold(column)]
            if near:
                near[0][1][number] = column
                what = f"'{shorten(column)}' of '{shorten(table.name)}' is taken for '{shorten(near[0][0])}'."
                notes.append(Note("append_case", what, near[0][0]))
            else:
                found.append((column, [None] * number + [column]))
    return [(name, tuple(sources)) for name, sources in found]


def _reconciled(
    name: str, sources: tuple[str | None, ...], tables: Sequence[Table], wanted: str | None, notes: list[Note]
) -> Target:
    """A kind that all tables' columns can be brought to."""
    held, texts = {}, []
    for table, source in zip(tables, sources, strict=True):
        if source is None:
            continue
        column = table.sample[source]
        if column.isna().all():
            continue
        kind = _kind(column)
        held.setdefault(kind, []).append(table.name)
        if kind == "text":
            texts.append(column)
    gaps = None in sources or any(s in t.gaps for t, s in zip(tables, sources, strict=True) if s is not None)
    kind, date_format, why = _common(set(held), texts, wanted)
    if len(set(held) - {"whole"} if "number" in held else set(held)) > 1:
        is_what = " and ".join(f"{WORDS[k]} in {listed(t)}" for k, t in held.items())
        how = f"all are read as {WORDS[kind]}{why}" if kind != "text" else f"all are kept as text{why}"
        notes.append(Note("append_kind", f"'{shorten(name)}' holds {is_what}: {how}.", name))
    if kind == "flag" and gaps:
        kind = "text"
    return Target(name, kind, sources, date_format)


def _common(held: set[str], texts: list[pd.Series], wanted: str | None) -> tuple[str, str, str]:
    """The kind, the format of text that is read as dates, and why in a few words."""
    if wanted:
        format_ = _date_format(texts) if wanted == "date" else ""
        return wanted, format_, ", as chosen"
    if len(held) <= 1:
        return next(iter(held), "text"), "", ""
    if held <= {"whole", "number"}:
        return "number", "", ""
    if held <= {"whole", "number", "flag"}:
        return "number", "", ", true as 1 and false as 0"
    if held <= {"whole", "number", "text"} and texts:
        codes = any(t.dropna().astype(str).str.match(r"[+-]?0\d").any() for t in texts)
        if codes:
            return "text", "", ", since codes such as 007 would lose their zeros"
        if _share(texts, lambda t: _numbers(t).notna()) >= MOSTLY:
            return "number", "", ", as nearly all of the text can be"
        return "text", "", ", since much of it is no number"
    if held == {"date", "text"}:
        found = _date_format(texts)
        if found and _share(texts, lambda t: to_date(t, found).notna()) >= MOSTLY:
            return "date", found, ", as nearly all of the text can be"
    return "text", "", ""


def _date_format(texts: list[pd.Series]) -> str:
    if not texts:
        return ""
    values = pd.concat(texts).dropna().drop_duplicates().reset_index(drop=True)
    found = guess_date(values, tolerance=MOSTLY)
    return found.plan["format"] if found else ""


def _share(texts: list[pd.Series], reads: Callable[[pd.Series], pd.Series]) -> float:
    values = pd.concat(texts).dropna().drop_duplicates().reset_index(drop=True)
    return float(reads(values).mean()) if len(values) else 1.0


# --- carrying it out --------------------------------------------------------------------


class _Tally:
    """What was counted on the way: rows, copies, and cells that did not fit their column's kind."""

    def __init__(self, made: AppendPlan) -> None:
        self.made = made
        self.rows, self.copies = [0] * len(made.tables), [0] * len(made.tables)
        self.earlier = np.array([], dtype=np.uint64)  # hashes of the rows of the tables before
        self.current: list[np.ndarray] = []
        self.number = 0
        self.lost: dict[str, int] = {}
        self.examples: dict[str, list[str]] = {}

    def add(self, number: int, part: pd.DataFrame) -> None:
        if number != self.number:
            self.earlier = np.sort(np.concatenate([self.earlier, *self.current]))
            self.current, self.number = [], number
        hashes = (
            pd.util.hash_pandas_object(part, index=False).to_numpy() if len(part) else np.array([], np.uint64)
        )
        self.rows[number] += len(part)
        if number:
            self.copies[number] += _found(hashes, self.earlier)
        if number < len(self.made.tables) - 1:
            self.current.append(hashes)

    def lose(self, column: str, cells: pd.Series) -> None:
        self.lost[column] = self.lost.get(column, 0) + len(cells)
        seen = self.examples.setdefault(column, [])
        seen += [str(v) for v in cells.drop_duplicates().head(EXAMPLES - len(seen))]

    def report(self) -> AppendReport:
        made, columns = self.made, [c.name for c in self.made.columns]
        columns += [made.mark] if made.mark else []
        rows = [f"{n:,}" for n in self.rows]
        first = (
            f"Put {', '.join(rows[:-1])} and {rows[-1]} rows under each other: "
            f"{count(sum(self.rows), 'row')} and {count(len(columns), 'column')}."
        )
        notes = [Note("append", first)]
        for name, copies, all_rows in zip(made.tables, self.copies, self.rows, strict=True):
            if copies and copies == all_rows:
                what = f"Every row of '{shorten(name)}' stands in a table before it already: check that it is not appended twice."
                notes.append(Note("append_copies", what))
            elif copies:
                what = f"{count(copies, 'row')} of '{shorten(name)}' {'stands' if copies == 1 else 'stand'} in a table before it already, value for value."
                notes.append(Note("append_copies", what))
        for name, cells in self.lost.items():
            kind = next(t.kind for t in made.columns if t.name == name)
            what = (
                f"'{shorten(name)}': {count(cells, 'cell')} that can't be read as {WORDS[kind]}, such as "
                f"{listed(self.examples[name], EXAMPLES)}, {'counts' if cells == 1 else 'count'} as missing."
            )
            notes.append(Note("append_lost", what, name))
        return AppendReport(tuple(self.rows), tuple(self.copies), tuple(columns), (*notes, *made.notes), made.alike)


def _aligned(frame: pd.DataFrame, made: AppendPlan, number: int, tally: _Tally) -> pd.DataFrame:
    """A table, or a piece of it, with the plan's columns."""
    columns: dict[str, pd.Series] = {}
    for target in made.columns:
        source = target.sources[number]
        if source is None:
            columns[target.name] = _nothing(target.kind, len(frame))
            continue
        given = frame[source].reset_index(drop=True)
        done = _brought(given, target)
        lost = given.notna() & done.isna()
        if lost.any():
            tally.lose(target.name, given[lost])
        columns[target.name] = done
    part = pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))
    tally.add(number, part)
    return part


def _found(values: np.ndarray, ordered: np.ndarray) -> int:
    """How many values are among the ordered ones."""
    if not len(ordered):
        return 0
    at = np.searchsorted(ordered, values)
    return int((ordered[np.minimum(at, len(ordered) - 1)] == values).sum())


def _brought(column: pd.Series, target: Target) -> pd.Series:
    own = _kind(column)
    match target.kind:
        case "whole":
            return column.astype("Int64" if column.isna().any() else "int64")
        case "number":
            if own == "date":
                return pd.Series(np.nan, index=column.index, dtype="float64")
            return _numbers(column) if own == "text" else column.astype("float64")
        case "date":
            if own == "date":
                return column.astype("datetime64[ns]")
            if own != "text" or not target.date_format:
                return pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
            return to_date(column.astype("str"), target.date_format)
        case "flag":
            return column.astype("bool")
        case _:
            return _as_text(column, own)


def _as_text(column: pd.Series, own: str) -> pd.Series:
    if own == "text":
        return column.astype("str")
    if own == "date":
        days = (column.dropna() == column.dropna().dt.normalize()).all()
        return column.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%d %H:%M:%S").astype("str")
    if own == "number":
        whole = column.dropna()
        if (whole == np.floor(whole)).all() and (whole.abs() < 2**53).all():
            column = column.astype("Int64")
    return column.map(str, na_action="ignore").astype("str")


def _numbers(column: pd.Series) -> pd.Series:
    read = pd.to_numeric(column.astype("str").str.strip(), errors="coerce").astype("float64")
    return read.where(np.isfinite(read))


def _nothing(kind: str, rows: int) -> pd.Series:
    dtypes = {"whole": "Int64", "number": "float64", "date": "datetime64[ns]"}
    return pd.Series([None] * rows, dtype=dtypes.get(kind, "str"))


def _joined(parts: list[pd.Series], kind: str) -> pd.Series:
    """The parts of a column under each other; whole numbers with gaps are float64, as files are read."""
    column = pd.concat(parts, ignore_index=True)
    if kind == "whole":
        return column.astype("float64" if column.isna().any() else "int64")
    return column


def _kind(column: pd.Series) -> str:
    kind = "text" if isinstance(column.dtype, pd.StringDtype) else column.dtype.kind
    return {"i": "whole", "u": "whole", "f": "number", "M": "date", "b": "flag"}.get(kind, "text")


def _fold(name: Any) -> str:
    return " ".join(str(name).split()).casefold()


def _name(names: Sequence[str], i: int) -> str:
    return str(names[i]) if i < len(names) else f"table {i + 1}"


def _distinct_names(names: Sequence[str]) -> list[str]:
    """Names that tell the tables apart: a second one of the same name gets a number."""
    out: list[str] = []
    for name in names:
        new, number = name, 1
        while new in out:
            number += 1
            new = f"{name} ({number})"
        out.append(new)
    return out
