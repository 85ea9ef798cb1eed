"""Put files with the same columns under each other."""

from __future__ import annotations

import argparse
from pathlib import Path

from automl.commands import reading
from automl.errors import DataError

SUMMARY = "Put files with the same columns under each other."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("files", metavar="FILE", nargs="+", help="two or more")
    sub.add_argument(
        "--columns", choices=("all", "common", "first"), default="all",
        help="all columns, those that every file has, or those of the first",
    )  # fmt: skip
    sub.add_argument("--source", metavar="COL", help="a column that says which file a row came from")
    sub.add_argument(
        "--as", dest="kinds", metavar="COL=KIND", action="append", default=[],
        help="text, number or date, where the files differ and the automatic choice is wrong",
    )  # fmt: skip
    sub.add_argument(
        "--same", metavar="NEW=COL", action="append", default=[],
        help="a later file's column that is the first one's by another name",
    )  # fmt: skip
    sub.add_argument("--out", required=True, metavar="FILE", help=".csv or .parquet")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import wording
    from automl.data.append import append
    from automl.data.read import read_table
    from automl.predict import check_output, write_table

    out = Path(args.out)
    check_output(out)
    kinds = {}
    for given in args.kinds:
        column, mark, kind = given.rpartition("=")
        if not mark:
            raise DataError(
                f"'{given}' is no choice of a kind. Write COLUMN=text, COLUMN=number or COLUMN=date."
            )
        kinds[column] = kind
    same = dict(map(reading.same, args.same))
    frames = [read_table(file) for file in args.files]
    names = [reading.name_of(file) for file in args.files]
    table, report = append(frames, names, keep=args.columns, mark=args.source, kinds=kinds, renamed=same)
    write_table(table, out)
    print(f"{wording.count(len(table))} rows written to {out}")
    for note in report.notes:
        print(f"- {note.message}")
