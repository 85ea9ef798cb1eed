"""Clean a file with a recipe, or propose a recipe for it."""

from __future__ import annotations

import argparse
from pathlib import Path

from automl.commands import reading, recipe
from automl.errors import DataError

SUMMARY = "Clean a file with a recipe, or propose a recipe for it."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("file", metavar="FILE")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", metavar="R.json", help="apply its steps that work row by row")
    what.add_argument("--propose", action="store_true", help="write the recipe that is proposed for FILE")
    sub.add_argument("--target", metavar="COL", help="the column to predict: never dropped, filled or clipped")
    sub.add_argument("--out", required=True, metavar="OUT", help=".csv or .parquet; .json with --propose")
    reading.arguments(sub)


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import wording
    from automl.data import clean
    from automl.data.clean import document
    from automl.data.profile import profile
    from automl.data.read import read_with_report
    from automl.errors import ColumnError, RecipeError, unknown_name
    from automl.predict import check_output, write_table

    out = Path(args.out)
    if args.propose and out.suffix.lower() != ".json":
        raise DataError(f"'{out.name}' must end in .json: a recipe is written there.")
    if not args.propose:
        check_output(out)
    given = recipe.load(args.recipe) if args.recipe else None
    frame, _ = read_with_report(args.file, options=reading.options(args))
    columns = profile(frame)
    if args.target is not None and args.target not in frame.columns:
        raise ColumnError(unknown_name("column", args.target, frame.columns))
    if given is None:
        proposed = clean.propose(frame, columns, args.target)
        out.write_text(document.dump(proposed, Path(args.file).stem), encoding="utf-8")
        for step in proposed.steps:
            print(f"- {step.title}{'' if step.enabled else ' (off)'}: {step.reason}")
        print(f"{wording.count(len(proposed.steps))} steps written to {out}")
        return
    bound, issues, _ = clean.bind(given, clean.start(frame, columns))
    for issue in issues:
        if issue.fatal:
            raise RecipeError(clean.spoken(bound, issue))
    table = clean.apply_steps(frame, bound)
    write_table(table, out)
    print(f"{wording.count(len(table))} rows and {wording.count(table.shape[1])} columns written to {out}")
    for issue in issues:
        print(f"- {clean.spoken(bound, issue)}")
    for step in bound.steps:
        if step.enabled and not clean.is_row_wise(step):
            why = "it is learned when a model is trained" if step.learned else "it only leaves rows out of training"
            print(f"- Not done here, as {why}: {step.title}")
