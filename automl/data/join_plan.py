"""The steps of a join as they are chosen in the shell, and as a JSON file that repeats them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from automl.data.doctor import shown
from automl.data.join import JoinReport, Load, brought, check_step, plan_notes, replay, run_step
from automl.data.read import read_with_report
from automl.data.suggest import suggest
from automl.errors import ColumnError, DataError, ForetableError, unknown_name
from automl.types import JoinKey, JoinPlan, JoinStep, Note, ReadReport, from_json, replace, to_dict, to_json

CHOICES = {
    "on": "--on", "how": "--how", "compare": "--as", "repeats": "--repeats", "columns": "--columns", "suffix": "--suffix",
}  # fmt: skip


def one_for_each(option: str, given: Sequence[str], count: int, usual: str | None) -> list[str | None]:
    """A choice for each table: as many as there are tables, or one for all.

    >>> one_for_each("--how", ["inner"], 2, "left"), one_for_each("--how", [], 1, "left")
    (['inner', 'inner'], ['left'])
    """
    if not given:
        return [usual] * count
    if len(given) == 1:
        return [given[0]] * count
    if len(given) != count:
        raise DataError(f"{option} is given {len(given)} times for {count} tables. Give it once, or once for each table.")
    return list(given)


def parse_keys(on: str, compares: str | None) -> tuple[JoinKey, ...]:
    """Keys from the shell's `left=right,both` and `number,same`.

    >>> parse_keys("dest=faa,day", "folded,day")[0]
    JoinKey(left='dest', right='faa', compare='folded')
    """
    pairs = [part.partition("=") for part in on.split(",")]
    ways = one_for_each("The ways of --as", [w.strip() for w in compares.split(",")] if compares else [], len(pairs), "same")
    return tuple(
        JoinKey(a.strip(), (b or a).strip(), way or "same") for (a, _, b), way in zip(pairs, ways, strict=True)
    )


def ask_for(
    table: pd.DataFrame, other: pd.DataFrame, step: JoinStep, suffix: str, wanted: Sequence[str] | None
) -> tuple[JoinStep, list[Note]]:
    """The step with everything filled in that was not chosen: keys where there are none, names of columns.

    Raises DataError where no key fits.
    """
    notes = []
    if not step.keys:
        found = suggest(table, other, step.name)
        if not found:
            raise DataError(f"No columns of the tables hold the same values. Say with --on how '{step.name}' is joined.")
        step = replace(step, keys=found[0].keys)
        notes.append(Note("join_suggested", f"Keys of {step.name}: {shown(step.keys)}, since {found[0].reason}."))
    check_step(table, other, step)
    return replace(step, columns=brought(table.columns, other.columns, step, suffix=suffix, wanted=wanted)), notes


def do(
    table: pd.DataFrame, other: pd.DataFrame, step: JoinStep, name: str, suffix: str, wanted: Sequence[str] | None
) -> tuple[pd.DataFrame, JoinStep, JoinReport]:
    """Fill a step in and do it."""
    step, notes = ask_for(table, other, step, suffix, wanted)
    table, report = run_step(table, other, step, name)
    return table, step, replace(report, notes=(*notes, *report.notes))


def chosen(
    base: str, others: Sequence[str], given: Mapping[str, Sequence[str]], read: Callable[[str], pd.DataFrame]
) -> tuple[JoinPlan, pd.DataFrame, list[JoinReport]]:
    """Join files as the shell's choices say.

    Parameters
    ----------
    base : str
        Path of the first table.
    others : sequence of str
        Paths of those that are added, in order.
    given : mapping
        The choices by name (see CHOICES), each once for all or once for each of `others`.
    read : callable
        Reads a table.

    Raises
    ------
    ColumnError, DataError
    """
    count = len(others)
    if not count:
        raise DataError("A join needs two tables at least: name a second file.")
    usual = {"how": "left", "repeats": "all"}
    each = {name: one_for_each(CHOICES[name], given.get(name, ()), count, usual.get(name)) for name in CHOICES}
    if len(given.get("on", ())) == 1 and count > 1:
        raise DataError("--on is given once for several tables. Give it once for each, or leave it out.")
    table, name = read(base), "the left table"
    steps, reports = [], []
    for i, path in enumerate(others):
        stem = Path(path).stem
        keys = parse_keys(str(each["on"][i]), each["compare"][i]) if each["on"][i] else ()
        way, _, latest = str(each["repeats"][i]).partition(":")
        called = stem if count > 1 else "the right table"
        how = str(each["how"][i])
        step = JoinStep(str(Path(path).resolve()), called, keys, how, {}, way, latest or None)
        suffix = each["suffix"][i] or ("_right" if count == 1 else f"_{stem}")
        columns = each["columns"][i]
        wanted = [c.strip() for c in columns.split(",")] if columns else None
        table, step, report = do(table, read(path), step, name, suffix, wanted)
        steps.append(step)
        reports.append(report)
        name = "the rows so far"
    return JoinPlan(str(Path(base).resolve()), Path(base).stem, tuple(steps)), table, reports


def again(file: Path, base: str, others: Sequence[str]) -> JoinPlan:
    """Stored steps, about the tables that are named; those of the file where none are."""
    plan = load(file)
    if others and len(others) != len(plan.steps):
        raise DataError(
            f"The steps are about {len(plan.steps)} tables besides the base, {len(others)} are given."
        )
    tables = others or [step.table for step in plan.steps]
    steps = tuple(replace(step, table=table) for step, table in zip(plan.steps, tables, strict=True))
    return replace(plan, base=base, steps=steps)


def save(plan: JoinPlan, path: Path) -> None:
    """Write a plan as JSON."""
    path.write_text(to_json(plan) + "\n", encoding="utf-8")


def load(path: Path) -> JoinPlan:
    """Read a plan; the paths of its tables are taken from its own folder where they are not whole.

    Raises DataError when it is no plan.
    """
    try:
        plan = from_json(path.read_text(encoding="utf-8"), JoinPlan)
    except (ValueError, ForetableError) as e:
        raise DataError(f"'{path.name}' does not hold the steps of a join. Write it with join --save-steps.") from e

    def at(table: str) -> str:
        return str((path.parent / table).resolve())

    return replace(plan, base=at(plan.base), steps=tuple(replace(s, table=at(s.table)) for s in plan.steps))


def for_training(
    frame: pd.DataFrame, report: ReadReport, path: str, plan: JoinPlan
) -> tuple[pd.DataFrame, ReadReport, JoinPlan, Load]:
    """Join a base table that was read from a file with the files of a plan.

    Returns the joined table, the report that reads and joins all files again, the plan, and what loads its tables.
    """
    read = {step.table: read_with_report(step.table) for step in plan.steps}
    read[plan.base] = (frame, report)

    def load(table: str, columns: Sequence[str] | None) -> pd.DataFrame:
        whole = read[table][0]
        for name in columns or ():
            if name not in whole.columns:
                raise ColumnError(unknown_name("column", name, whole.columns, f"in '{Path(table).name}'"))
        return whole if columns is None else whole[list(columns)]

    table, reports = replay(plan, load)
    reading = dict(report.options.get("columns", {}))
    for step in plan.steps:
        ways = read[step.table][1].options.get("columns", {})
        reading |= {new: ways[old] for old, new in step.columns.items() if old in ways}
    files = [{"path": path, "report": to_dict(report)}]
    files += [{"path": step.table, "report": to_dict(read[step.table][1])} for step in plan.steps]
    options = {"plan": to_dict(plan), "files": files, "columns": reading}
    return table, ReadReport("join", options, plan_notes(plan, reports, table)), plan, load
