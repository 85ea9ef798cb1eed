"""Tables become one on chosen keys, step after step, with what matched and what didn't."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from automl.data.doctor import COMPARES, JoinCheck, examine, mismatch, said, shown, triples, ways_between
from automl.data.merge import COUNT, merge_tables
from automl.data.words import count, shorten
from automl.errors import ColumnError, DataError, unknown_name
from automl.types import JoinKey, JoinPlan, JoinStep, Note, replace

HOWS = ("inner", "left", "right", "outer")
REPEATS = ("all", "first", "latest", "mean", "sum", "count")
MAX_ROWS = 20_000_000  # more rows than this, and than both tables have, is a mistaken key, not a join
CELL_BYTES = 24  # of a joined table in memory, text and numbers mixed; twice while it is made
MEMORY_SHARE = 0.6  # of what is free

Load = Callable[[str, Sequence[str] | None], pd.DataFrame]


@dataclass(frozen=True)
class JoinReport:
    """What a join did, in rows. `multiplied` counts the extra rows from keys that match several."""

    check: JoinCheck
    notes: tuple[Note, ...] = ()

    @property
    def rows_left(self) -> int:
        return self.check.rows_left

    @property
    def rows_right(self) -> int:
        return self.check.rows_right

    @property
    def rows_out(self) -> int:
        return self.check.rows_out

    @property
    def matched_left(self) -> int:
        return self.check.matched_left

    @property
    def matched_right(self) -> int:
        return self.check.matched_right

    @property
    def multiplied(self) -> int:
        return self.check.multiplied

    @property
    def match_share(self) -> float:
        """Share of left rows that found a partner."""
        return self.check.found_left


def join(
    left: pd.DataFrame,
    right: pd.DataFrame,
    on: Sequence[str | tuple[str, ...] | JoinKey],
    how: str = "left",
    *,
    suffix: str = "_right",
    columns: Sequence[str] | None = None,
    repeats: str = "all",
    latest: str | None = None,
) -> tuple[pd.DataFrame, JoinReport]:
    """Join two tables.

    Parameters
    ----------
    left, right : DataFrame
        As `data.read` gives them.
    on : sequence of str, (left name, right name), (left name, right name, compare) or JoinKey
        The keys. Missing keys never match each other. `compare` is one of `data.doctor.COMPARES`.
    how : {"inner", "left", "right", "outer"}
    suffix : str
        For right columns whose names the left table has already.
    columns : sequence of str, optional
        The right columns to bring along; all by default.
    repeats : {"all", "first", "latest", "mean", "sum", "count"}
        What becomes of right rows that share a key: all are kept and multiply the left rows, or each key is
        brought down to one row.
    latest : str, optional
        The date column that `repeats="latest"` goes by.

    Returns
    -------
    (DataFrame, JoinReport)
        The left columns, then the right ones without their keys.

    Raises
    ------
    ColumnError
        For a key that isn't there, or that is of another type on the other side.
    DataError
        For an unknown choice, or keys that would multiply the rows beyond all measure.

    >>> a, b = pd.DataFrame({"k": ["x", "y"]}), pd.DataFrame({"k": ["x"], "v": [1]})
    >>> table, report = join(a, b, ["k"], "left")
    >>> table["v"].tolist(), report.matched_left
    ([1.0, nan], 1)
    """
    keys = tuple(_key(k) for k in on)
    step = JoinStep("right", "the right table", keys, how, {}, repeats, latest)
    check_step(left, right, step)
    step = replace(step, columns=brought(left.columns, right.columns, step, suffix=suffix, wanted=columns))
    table, report = run_step(left, right, step, "the left table")
    return table, replace(report, notes=(*report.notes, *_name_notes(step)))


def _key(key: str | tuple[str, ...] | JoinKey) -> JoinKey:
    if isinstance(key, JoinKey):
        return key
    return JoinKey(key, key) if isinstance(key, str) else JoinKey(*(str(k) for k in key))


def brought(
    left: Iterable[str],
    right: Iterable[str],
    step: JoinStep,
    *,
    suffix: str,
    wanted: Sequence[str] | None = None,
) -> dict[str, str]:
    """The right columns that come along, each with its name in the result: a free one, by the suffix.

    >>> step = JoinStep("", "b", (JoinKey("k", "k"),))
    >>> brought(["k", "year"], ["k", "year", "seats"], step, suffix="_b")
    {'year': 'year_b', 'seats': 'seats'}
    """
    left, right = [str(c) for c in left], [str(c) for c in right]
    for name in wanted or ():
        if name not in right:
            raise ColumnError(unknown_name("column", name, right, f"in {step.name}"))
    keys = {k.right for k in step.keys}
    if step.repeats == "count":
        return {COUNT: _free("rows", f"rows{suffix}", set(left))}
    chosen = [c for c in right if c not in keys and (wanted is None or c in wanted)]
    taken = {*left, *chosen}
    out = {}
    for name in chosen:
        new = name
        if name in left:
            new = _free(f"{name}{suffix}", f"{name}{suffix}", taken)
            taken.add(new)
        out[name] = new
    return out


def _free(first: str, stem: str, taken: set[str]) -> str:
    name, number = first, 2
    while name in taken:
        name, number = f"{stem}{number}", number + 1
        if stem not in taken:
            name = stem
    return name


def check_step(left: pd.DataFrame, right: pd.DataFrame, step: JoinStep) -> None:
    """Raise ColumnError or DataError where a step can't be done with these tables (their keys suffice)."""
    if step.how not in HOWS:
        raise DataError(unknown_name("kind of join", step.how, HOWS))
    if step.repeats not in REPEATS:
        raise DataError(unknown_name("way with repeated keys", step.repeats, REPEATS))
    if not step.keys:
        raise DataError("A join needs at least one key: name a column that both tables have.")
    where = "the right table" if step.name == "the right table" else f"'{shorten(step.name)}'"
    for key in step.keys:
        if key.compare not in COMPARES:
            raise DataError(unknown_name("way to compare", key.compare, COMPARES))
        if key.left not in left.columns:
            raise ColumnError(unknown_name("column", key.left, left.columns, "in the left table"))
        if key.right not in right.columns:
            raise ColumnError(unknown_name("column", key.right, right.columns, f"in {where}"))
        if key.compare == "same" and (why := mismatch(left[key.left], right[key.right], (key.left, key.right))):
            choices = ", ".join(ways_between(left[key.left], right[key.right]))
            raise ColumnError(f"The keys can't be compared as they are: {why} Choose how to compare them: {choices}.")
    if step.repeats == "latest":
        if step.latest not in right.columns:
            raise ColumnError(
                unknown_name("column", step.latest or "", right.columns, f"in {where} to tell the latest row by")
            )
        if right[step.latest].dtype.kind not in "Miuf":
            raise ColumnError(
                f"'{shorten(step.latest)}' in {where} holds neither dates nor numbers, so it can't tell the latest row. "
                "Choose another column."
            )


def run_step(left: pd.DataFrame, right: pd.DataFrame, step: JoinStep, name: str) -> tuple[pd.DataFrame, JoinReport]:
    """Do one step; `name` is what to call the left table in sentences. Raises as `join` does."""
    check_step(left, right, step)
    check = examine(left, right, step)
    refuse_too_large(check, step, len(left.columns) + len(step.columns))
    table = merge_tables(left, right, triples(step.keys), step.how, step.columns, step.repeats, step.latest)
    other = step.name if step.name == "the right table" else f"'{shorten(step.name)}'"
    notes = tuple(Note(code, text) for code, text in said(check, step, name, other))
    return table, JoinReport(check, notes)


def refuse_too_large(check: JoinCheck, step: JoinStep, columns: int) -> None:
    """Raise DataError for a result that is a mistake, or that the memory can't hold."""
    import psutil

    if check.rows_out > max(MAX_ROWS, check.rows_left + check.rows_right):
        raise DataError(
            f"Joining on {shown(step.keys)} would give {check.rows_out:,} rows from {check.rows_left:,} and "
            f"{check.rows_right:,}: the keys repeat on both sides. Add a key, or bring each key down to one row."
        )
    needed, free = 2 * check.rows_out * columns * CELL_BYTES, psutil.virtual_memory().available
    if needed > MEMORY_SHARE * free:
        raise DataError(
            f"The joined table would have {check.rows_out:,} rows and {columns:,} columns, about "
            f"{needed / 1e9:,.1f} GB while it is made; {free / 1e9:,.1f} GB are free. Bring fewer columns along, or "
            "join fewer rows."
        )


def _name_notes(step: JoinStep) -> list[Note]:
    notes = []
    for old, new in step.columns.items():
        if old != new and old != COUNT:
            what = f"Both tables have a column '{shorten(old)}': the right one is called '{shorten(new)}'."
            notes.append(Note("join_names", what, new))
    for key in step.keys:
        if key.left != key.right:
            what = f"'{shorten(key.right)}' is not repeated: where rows match it equals '{shorten(key.left)}'."
            notes.append(Note("join_keys", what, key.left))
    return notes


# -- plans ----------------------------------------------------------------------------------------


def needed(plan: JoinPlan, names: Mapping[str, Sequence[str]], wanted: Iterable[str]) -> list[set[str]]:
    """Which columns of each table (base first) the columns `wanted` of a plan's result are made from, keys included.

    `names` holds the column names of the base under "" only; those of the others are in the steps.
    """
    out: list[set[str]] = [set() for _ in range(len(plan.steps) + 1)]
    still = set(wanted)
    for at in range(len(plan.steps), 0, -1):
        step = plan.steps[at - 1]
        back = {new: old for old, new in step.columns.items()}
        out[at] |= {back[n] for n in still if n in back} - {COUNT} | {k.right for k in step.keys}
        out[at] |= {step.latest} if step.latest else set()
        still = {n for n in still if n not in back} | {k.left for k in step.keys}
    out[0] = still & set(names[""])
    return out


def replay(
    plan: JoinPlan,
    load: Load,
    only: Iterable[str] | None = None,
    before: Callable[[int], None] = lambda step: None,
) -> tuple[pd.DataFrame, list[JoinReport]]:
    """Do all steps of a plan.

    Parameters
    ----------
    plan : JoinPlan
    load : callable
        Takes a table's id or path, and the names of the columns to load (None for all); returns a data frame.
    only : iterable of str, optional
        Columns of the result that are needed, all rows of them; the others are not even loaded.
    before : callable
        Is told the number of each step, from 0, before it is done.

    Raises
    ------
    ColumnError, DataError
        As `join` does.
    """
    parts: list[set[str] | None] = [None] * (len(plan.steps) + 1)
    if only is not None:
        later = {new for step in plan.steps for new in step.columns.values()}
        own = {k.left for step in plan.steps for k in step.keys} | set(only)
        parts = list(needed(plan, {"": list(own - later)}, only))
    table = load(plan.base, None if parts[0] is None else sorted(parts[0]))
    reports = []
    for number, (step, part) in enumerate(zip(plan.steps, parts[1:], strict=True)):
        before(number)
        right = load(step.table, sorted({*step.columns} - {COUNT} | keys_of(step)) if part is None else sorted(part))
        if part is not None:
            step = replace(step, columns={o: n for o, n in step.columns.items() if o in part or o == COUNT})
        name = f"'{shorten(plan.name)}'" if not reports else "the rows so far"
        table, report = run_step(table, right, step, name)
        reports.append(report)
    return table, reports


def first_rows(plan: JoinPlan, load: Load, rows: int) -> pd.DataFrame:
    """The first rows of what `replay` gives, without joining more of the first table than they need.

    Joins that keep or narrow the rows so far keep their order, so the first rows come from the first rows.

    >>> tables = {"a": pd.DataFrame({"k": range(5000)}), "b": pd.DataFrame({"k": [1, 3], "v": ["x", "y"]})}
    >>> plan = JoinPlan("a", "a", (JoinStep("b", "b", (JoinKey("k", "k"),), "inner", {"v": "v"}),))
    >>> first_rows(plan, lambda id, columns: tables[id], 2)["v"].tolist()
    ['x', 'y']
    """
    base = load(plan.base, None)
    for size in (rows, 100 * rows) if all(step.how in ("left", "inner") for step in plan.steps) else ():
        if size < len(base):
            start = base.head(size)
            table, _ = replay(plan, lambda id, columns: start if columns is None else load(id, columns))  # noqa: B023
            if len(table) >= rows:
                return table.head(rows)
    return replay(plan, load)[0].head(rows)


def keys_of(step: JoinStep) -> set[str]:
    """The columns of the right table that a step needs whatever it brings along."""
    return {k.right for k in step.keys} | ({step.latest} if step.latest else set())


def plan_notes(plan: JoinPlan, reports: Sequence[JoinReport], table: pd.DataFrame) -> tuple[Note, ...]:
    """The ledger of a joined table."""
    size = f"{count(len(table), 'row')} and {count(table.shape[1], 'column')}"
    names = [f"'{shorten(step.name)}'" for step in plan.steps]
    others = names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"
    notes = [Note("joined", f"'{shorten(plan.name)}' joined with {others}: {size}.")]
    for step, report in zip(plan.steps, reports, strict=True):
        notes += [*report.notes, *_name_notes(step)]
    return tuple(notes)
