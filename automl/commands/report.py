"""Write a model's report, for someone who has no access to it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from automl.errors import DataError

SUMMARY = "Write a model's report, for someone who has no access to it."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("--training", action="store_true", help="how it was trained, with every candidate's curve")
    sub.add_argument("--out", required=True, metavar="OUT.html|OUT.pdf")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle
    from automl.report import html, pdf
    from automl.report.model import model_report, training_report

    out = Path(args.out)
    if out.suffix.lower() not in (".html", ".pdf"):
        raise DataError(f"'{out.name}' must end in .html or .pdf.")
    if not out.parent.is_dir():
        raise DataError(f"The folder '{out.parent}' does not exist. Create it or choose another one.")
    loaded = bundle.load(args.model)
    document = (training_report if args.training else model_report)(loaded, loaded.spec.name or Path(args.model).name)
    written = pdf.render(document) if out.suffix.lower() == ".pdf" else html.render(document).encode()
    staged = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        staged.write_bytes(written)
        staged.replace(out)
    finally:
        staged.unlink(missing_ok=True)
    print(f"Report written to {out}")
