"""Measure whether more rows would help a model."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from automl.commands import reading
from automl.commands.output import print_json

SUMMARY = "Measure whether more rows would help a model: its learning curve on the file it was built from."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("file", metavar="FILE", help="the file that the model was built from")
    sub.add_argument("--time-limit", type=float, default=600.0, metavar="S", help="seconds; 600 by default")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    reading.arguments(sub)


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle, wording
    from automl.data.read import read_table
    from automl.engine import learning
    from automl.errors import BuildError

    if not args.time_limit > 0:
        raise BuildError(f"The time limit must be a number of seconds above 0, not {args.time_limit:g}.")
    loaded = bundle.load(args.model)
    how = {"columns": loaded.reading} if loaded.reading else {}
    frame = read_table(args.file, options={**how, **reading.options(args)})
    tty = sys.stderr.isatty() and not args.json

    def progress(share: float) -> None:
        if tty:
            print(f"\r\033[KLearning from ever more rows · {wording.percent(share)}", end="", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="foretable-") as folder:
        try:
            course = learning.again(
                loaded, frame, Path(folder) / "work", seconds=args.time_limit, progress=progress
            )
        finally:
            if tty:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
    if args.json:
        print_json(course)
        return
    for point in course["points"]:
        print(f"{wording.count(point['rows']):>12} rows  {wording.number(point['score'])}")
    print(f"\n{course['sentence']}")
