"""Join tables on shared columns, one after the other."""

from __future__ import annotations

import argparse
from pathlib import Path

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
        plan = join_plan.again(Path(args.steps), args.left, args.right)
        table, reports = replay(plan, lambda path, columns: read_table(path))
    else:
        given = {name: getattr(args, name) for name in join_plan.CHOICES}
        plan, table, reports = join_plan.chosen(args.left, args.right, given, read_table)
    rows = reports[0].rows_left if reports else len(table)
    write_table(table, out)
    if args.save_steps:
        join_plan.save(plan, Path(args.save_steps))
    others = " and ".join(wording.count(r.rows_right) for r in reports)
    print(f"{wording.count(rows)} and {others} rows → {wording.count(len(table))} rows in {out}")
    for report in reports:
        for note in report.notes:
            print(f"- {note.message}")
