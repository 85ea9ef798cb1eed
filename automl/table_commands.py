"""The shell's commands that make one table of several: join and append."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from automl.errors import DataError


def join(args: argparse.Namespace) -> None:
    """Join files on shared columns, or by stored steps."""
    from automl import wording
    from automl.data import join_plan
    from automl.data.join import replay
    from automl.data.read import read_table
    from automl.predict import check_output, write_table

    out = Path(args.out)
    check_output(out)
    if args.steps:
        plan = _plan_of(args)
        table, reports = replay(plan, lambda path, columns: read_table(path))
        rows = reports[0].rows_left if reports else len(table)
    else:
        plan, table, reports, rows = _joined(args, read_table)
    write_table(table, out)
    if args.save_steps:
        join_plan.save(plan, Path(args.save_steps))
    others = " and ".join(wording.count(r.rows_right) for r in reports)
    print(f"{wording.count(rows)} and {others} rows → {wording.count(len(table))} rows in {out}")
    for report in reports:
        for note in report.notes:
            print(f"- {note.message}")


def _plan_of(args: argparse.Namespace) -> Any:
    """The stored steps, about the tables that are named in the shell."""
    from automl.data import join_plan
    from automl.types import replace

    plan = join_plan.load(Path(args.steps))
    if args.right and len(args.right) != len(plan.steps):
        raise DataError(f"The steps are about {len(plan.steps)} tables besides the base, {len(args.right)} are given.")
    tables = args.right or [step.table for step in plan.steps]
    steps = tuple(replace(step, table=table) for step, table in zip(plan.steps, tables, strict=True))
    return replace(plan, base=args.left, steps=steps)


def _joined(args: argparse.Namespace, read_table: Any) -> tuple[Any, ...]:
    """The steps as the shell says them, and what comes out."""
    from automl.data import join_plan
    from automl.types import JoinPlan, JoinStep

    count = len(args.right)
    if not count:
        raise DataError("A join needs two tables at least: name a second file.")
    each = join_plan.one_for_each
    how, ways = each("--how", args.how, count, "left"), each("--as", args.compare, count, None)
    repeats, columns = each("--repeats", args.repeats, count, "all"), each("--columns", args.columns, count, None)
    on = [*args.on, *[None] * count] if len(args.on) != count and not args.on else each("--on", args.on, count, None)
    table = read_table(args.left)
    rows, steps, reports, name = len(table), [], [], "the left table"
    for i, path in enumerate(args.right):
        stem = Path(path).stem
        keys = join_plan.parse_keys(on[i], ways[i]) if on[i] else ()
        way, _, latest = str(repeats[i]).partition(":")
        step = JoinStep(str(Path(path).resolve()), stem if count > 1 else "the right table", keys, str(how[i]), {}, way, latest or None)
        usual = "_right" if count == 1 else f"_{stem}"
        wanted = [c.strip() for c in columns[i].split(",")] if columns[i] else None
        suffix = each("--suffix", args.suffix, count, usual)[i]
        table, step, report = join_plan.do(table, read_table(path), step, name, suffix, wanted)
        steps.append(step)
        reports.append(report)
        name = "the rows so far"
    plan = JoinPlan(str(Path(args.left).resolve()), Path(args.left).stem, tuple(steps))
    return plan, table, reports, rows


def append(args: argparse.Namespace) -> None:
    """Put files with the same columns under each other."""
    from automl import wording
    from automl.data.append import append as put_under
    from automl.data.read import read_table
    from automl.predict import check_output, write_table

    out = Path(args.out)
    check_output(out)
    kinds = {}
    for given in args.kinds:
        column, mark, kind = given.rpartition("=")
        if not mark:
            raise DataError(f"'{given}' is no choice of a kind. Write COLUMN=text, COLUMN=number or COLUMN=date.")
        kinds[column] = kind
    frames = [read_table(file) for file in args.files]
    names = [Path(file).name for file in args.files]
    table, report = put_under(frames, names, keep=args.columns, mark=args.source, kinds=kinds)
    write_table(table, out)
    print(f"{wording.count(len(table))} rows written to {out}")
    for note in report.notes:
        print(f"- {note.message}")
