"""Joined tables in the workspace: kept with their steps, made again when an input has a newer version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl.data.join import Load, plan_notes, replay
from automl.data.profile import profile
from automl.data.words import count, percent, shorten
from automl.errors import DataError
from automl.types import Column, Dataset, JoinPlan, Note, ReadReport, from_dict, replace, to_dict

if TYPE_CHECKING:
    from automl.store.workspace import Workspace


def plan_of(dataset: Dataset) -> JoinPlan | None:
    """The steps that a data set was joined by; None for any other, and for joins of before there were steps."""
    found = dataset.report.options.get("plan") if dataset.report.format == "join" else None
    return from_dict(found, JoinPlan) if found else None


def loader(workspace: Workspace) -> Load:
    """Loads the columns of a data set; raises ColumnError for one that isn't there any more."""

    def load(id: str, columns: Sequence[str] | None) -> pd.DataFrame:
        return workspace.frame(id, columns=columns)

    return load


def keep(
    workspace: Workspace,
    plan: JoinPlan,
    *,
    name: str,
    before: Dataset | None = None,
    progress: Callable[[float], None] = lambda share: None,
    told: Callable[[float, str], None] = lambda share, what: None,
    **about: Any,
) -> Dataset:
    """Join whole tables and store the result with its steps.

    Parameters
    ----------
    workspace : Workspace
    plan : JoinPlan
        Its tables are data sets of the workspace.
    name : str
    before : Dataset, optional
        The version that this one follows; what changed in its matches is noted.
    progress : callable
        Is told the share that is done, between 0 and 1.
    told : callable
        Is told the same with what comes next, in a few words.
    about : dict
        For `Workspace.add_dataset`: project, id.

    Raises
    ------
    ColumnError, DataError, StoreError
        A table or a key is not there any more, or nothing comes out.
    """
    inputs = [workspace.dataset(id) for id in (plan.base, *(step.table for step in plan.steps))]

    def now(share: float, what: str) -> None:
        progress(share)
        told(share, what)

    def step(done: int) -> None:
        now(0.05 + 0.55 * done / len(plan.steps), f"Adding {shorten(plan.steps[done].name)}")

    now(0.0, f"Loading {shorten(plan.name)}")
    table, reports = replay(plan, loader(workspace), before=step)
    if table.empty:
        raise DataError("No row is left: no row found a partner. Keep all rows of a table, or choose other keys.")
    now(0.6, f"Describing {count(table.shape[1], 'column')} of {count(len(table), 'row')}")
    found = [r.match_share for r in reports]
    notes = plan_notes(plan, reports, table)
    if before is not None:
        notes = (notes[0], *changes(plan, found, before, len(table)), *notes[1:])
    columns, reading = _carry_over(plan, inputs, profile(table))
    now(0.8, "Saving the joined table")
    options = {
        "inputs": [d.id for d in inputs],
        "versions": [d.version for d in inputs],
        "plan": to_dict(plan),
        "found": found,
        "columns": reading,
        **({"renamed": base} if (base := inputs[0].report.options.get("renamed")) else {}),
    }
    return workspace.add_dataset(
        table,
        name=name,
        report=ReadReport("join", options, notes),
        columns=columns,
        origin="join",
        target=inputs[0].target,
        version_of=before.id if before else None,
        **about,
    )


def _carry_over(
    plan: JoinPlan, inputs: Sequence[Dataset], columns: tuple[Column, ...]
) -> tuple[tuple[Column, ...], dict[str, Any]]:
    """Kinds that a user chose for the inputs, and how their columns were written, for files to predict."""
    origin = {c.name: (inputs[0], c.name) for c in inputs[0].columns}
    for step, dataset in zip(plan.steps, inputs[1:], strict=True):
        origin |= {new: (dataset, old) for old, new in step.columns.items()}
    reading, out = {}, []
    for column in columns:
        source = origin.get(column.name)
        known = {c.name: c for c in source[0].columns} if source else {}
        if source and source[1] in known and known[source[1]].kind_by_user:
            column = replace(column, kind=known[source[1]].kind, kind_by_user=True, reason="chosen by you")
        way = source[0].report.options.get("columns", {}) if source else {}
        if source and isinstance(way, dict) and source[1] in way:
            reading[column.name] = way[source[1]]
        out.append(column)
    return tuple(out), reading


def sources(workspace: Workspace, plan: JoinPlan) -> ReadReport | None:
    """How a notebook joins the stored tables; None when one of them was deleted."""
    ids = (plan.base, *(step.table for step in plan.steps))
    if not all(workspace.has_dataset(id) for id in ids):
        return None
    files = [{"path": str(workspace.data_path(id)), "report": to_dict(ReadReport("frame"))} for id in ids]
    return ReadReport("join", {"plan": to_dict(plan), "files": files})


# -- newer versions -----------------------------------------------------------------------------


def newer_inputs(workspace: Workspace, dataset: Dataset) -> dict[str, Dataset]:
    """The inputs of a joined data set that have a newer version: id that was used → the latest version."""
    out = {}
    for id in dataset.report.options.get("inputs", ()):
        if workspace.has_dataset(id) and (versions := workspace.versions(id)) and versions[0].id != id:
            out[id] = versions[0]
    return out


def refreshed_plan(plan: JoinPlan, newer: dict[str, Dataset]) -> JoinPlan:
    """The same steps with the latest versions of their tables."""

    def latest(id: str) -> str:
        return newer[id].id if id in newer else id

    return replace(
        plan,
        base=latest(plan.base),
        steps=tuple(replace(s, table=latest(s.table)) for s in plan.steps),
    )


def refresh(workspace: Workspace, dataset: Dataset, **about: Any) -> Dataset:
    """Do the steps again on the latest versions: the data set's next version.

    Raises DataError when nothing is newer, ColumnError where a newer table lacks a column that the steps need.
    """
    plan, newer = plan_of(dataset), newer_inputs(workspace, dataset)
    if plan is None or not newer:
        raise DataError(f"No table that '{shorten(dataset.name)}' was joined from has a newer version.")
    return keep(workspace, refreshed_plan(plan, newer), name=dataset.name, before=dataset, **about)


def changes(plan: JoinPlan, found: Sequence[float], before: Dataset, rows: int) -> list[Note]:
    """What differs from the version before, in matches and rows."""
    was = before.report.options.get("found", [])
    out = [Note("join_refreshed", f"Joined again from newer tables: {before.rows:,} rows before, {rows:,} now.")]
    for step, now, then in zip(plan.steps, found, was, strict=False):
        change = "as before" if round(now, 4) == round(then, 4) else f"{percent(then)} before"
        out.append(Note("join_found", f"{shorten(step.name)}: {percent(now)} of the rows found a partner, {change}."))
    return out
