"""Write the report of a model or of a table, for someone who has no access to it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from automl.commands import reading
from automl.errors import DataError

if TYPE_CHECKING:
    from automl.report import Document

SUMMARY = "Write the report of a model or of a table, for someone who has no access to it."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR|FILE")
    sub.add_argument("--target", metavar="COL", help="of a table: the column to predict")
    sub.add_argument("--training", action="store_true", help="how it was trained, with every candidate's curve")
    sub.add_argument("--out", required=True, metavar="OUT.html|OUT.pdf")
    reading.arguments(sub)


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl.report import html, pdf

    out = Path(args.out)
    if out.suffix.lower() not in (".html", ".pdf"):
        raise DataError(f"'{out.name}' must end in .html or .pdf.")
    if not out.parent.is_dir():
        raise DataError(f"The folder '{out.parent}' does not exist. Create it or choose another one.")
    document = _of_table(args) if Path(args.model).is_file() else _of_model(args)
    written = pdf.render(document) if out.suffix.lower() == ".pdf" else html.render(document).encode()
    staged = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        staged.write_bytes(written)
        staged.replace(out)
    finally:
        staged.unlink(missing_ok=True)
    print(f"Report written to {out}")


def _of_model(args: argparse.Namespace) -> Document:
    from automl import bundle
    from automl.report.model import model_report, training_report

    if args.target is not None:
        raise DataError(f"--target is for the report of a table, and '{args.model}' is no file.")
    loaded = bundle.load(args.model)
    return (training_report if args.training else model_report)(loaded, loaded.spec.name or Path(args.model).name)


def _of_table(args: argparse.Namespace) -> Document:
    from automl.data.profile import profile
    from automl.data.read import read_with_report
    from automl.report.data import data_report

    frame, report = read_with_report(args.model, options=reading.options(args))
    return data_report(frame, profile(frame), args.target, name=Path(args.model).name, notes=report.notes)
