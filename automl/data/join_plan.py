"""The steps of a join as they are chosen in the shell, and as a JSON file that repeats them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from automl.data.doctor import shown
from automl.data.join import JoinReport, brought, check_step, run_step
from automl.data.merge import COUNT
from automl.data.suggest import suggest
from automl.errors import DataError, ForetableError
from automl.types import JoinKey, JoinPlan, JoinStep, Note, from_json, replace, to_json


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


def columns_wanted(step: JoinStep) -> list[str]:
    """The columns of the other table that a step reads."""
    needed = [k.right for k in step.keys] + [c for c in step.columns if c != COUNT]
    return list(dict.fromkeys([*needed, step.latest] if step.latest else needed))
