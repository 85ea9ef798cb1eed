"""Join tables on shared columns, one after the other."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from automl.errors import DataError

SUMMARY = "Join tables on shared columns, one after the other."
HOWS = ("inner", "left", "right", "outer")


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("left", metavar="BASE", help="the table whose rows are added to")
    sub.add_argument("right", metavar="OTHER", nargs="*", help="joined in this order")
    group = sub.add_argument_group("choices", "each once for all tables, or once for each OTHER, in order")
    group.add_argument(
        "--on", action="append", default=[], metavar="KEY[,KEY]",
        help="BASEKEY=OTHERKEY where the names differ; the best suggestion by default",
    )  # fmt: skip
    group.add_argument(
        "--how", action="append", default=[], choices=HOWS, help="rows to keep; left by default"
    )
    group.add_argument(
        "--as", action="append", default=[], dest="compare", metavar="WAY[,WAY]",
        help="how each key is compared: same, number, text, zeros (text without zeros in front), folded "
        "(ignoring case and spaces), day or hour",
    )  # fmt: skip
    group.add_argument(
        "--repeats", action="append", default=[], metavar="R",
        help="rows of OTHER with the same key: all, first, latest:COLUMN, mean, sum or count",
    )  # fmt: skip
    group.add_argument(
        "--columns", action="append", default=[], metavar="COL[,COL]", help="to bring along; all by default"
    )
    group.add_argument("--suffix", action="append", default=[], metavar="S", help="for names that are taken")
    sub.add_argument("--steps", metavar="FILE.json", help="repeat the steps of that file instead of choices")
    sub.add_argument(
        "--save-steps", metavar="FILE.json", help="write the steps, to be repeated or given to train"
    )
    sub.add_argument("--out", required=True, metavar="FILE", help=".csv or .parquet")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
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
        raise DataError(
            f"The steps are about {len(plan.steps)} tables besides the base, {len(args.right)} are given."
        )
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
    repeats, columns = (
        each("--repeats", args.repeats, count, "all"),
        each("--columns", args.columns, count, None),
    )
    on = (
        [*args.on, *[None] * count]
        if len(args.on) != count and not args.on
        else each("--on", args.on, count, None)
    )
    table = read_table(args.left)
    rows, steps, reports, name = len(table), [], [], "the left table"
    for i, path in enumerate(args.right):
        stem = Path(path).stem
        keys = join_plan.parse_keys(on[i], ways[i]) if on[i] else ()
        way, _, latest = str(repeats[i]).partition(":")
        step = JoinStep(
            str(Path(path).resolve()),
            stem if count > 1 else "the right table",
            keys,
            str(how[i]),
            {},
            way,
            latest or None,
        )
        usual = "_right" if count == 1 else f"_{stem}"
        wanted = [c.strip() for c in columns[i].split(",")] if columns[i] else None
        suffix = each("--suffix", args.suffix, count, usual)[i]
        table, step, report = join_plan.do(table, read_table(path), step, name, suffix, wanted)
        steps.append(step)
        reports.append(report)
        name = "the rows so far"
    plan = JoinPlan(str(Path(args.left).resolve()), Path(args.left).stem, tuple(steps))
    return plan, table, reports, rows
