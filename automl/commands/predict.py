"""Predict every row of a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from automl.commands import contract

SUMMARY = "Predict every row of a file."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("file", metavar="FILE")
    sub.add_argument("--out", required=True, metavar="OUT.csv|OUT.parquet|OUT.xlsx")
    sub.add_argument(
        "--keep", metavar="a,b", help="columns of FILE in the output; all by default, none with ''"
    )
    sub.add_argument("--no-warnings", action="store_true", help="without the column of doubts about each row")
    sub.add_argument(
        "--intervals", nargs="?", const=0.9, type=float, metavar="LEVEL",
        help="add an interval, or the outcomes likely enough, that hold the truth for this share of rows (0.9)",
    )  # fmt: skip
    sub.add_argument(
        "--reasons",
        nargs="?",
        const=3,
        default=0,
        type=int,
        metavar="N",
        help="add the N strongest reasons (3)",
    )
    contract.arguments(sub)


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle, predict, wording

    out = Path(args.out)
    predict.check_output(out, predict.FORMATS)
    loaded = bundle.load(args.model)
    wishes = predict.Wishes(
        choices=contract.choices(args, None if args.refuse else "missing"),
        keep=None if args.keep is None else tuple(c.strip() for c in args.keep.split(",") if c.strip()),
        warnings=not args.no_warnings,
        extras=predict.Extras(args.intervals, args.reasons, quick=True),
    )
    done = predict.predict_file(loaded, args.file, out, wishes)
    print(f"{wording.count(done.rows)} rows predicted, written to {out}")
    if done.unsure:
        print(f"- {predict.unsure_sentence(done.unsure, done.rows, args.intervals)}")
    for violation in done.check.violations:
        print(f"- {violation.sentence}")
