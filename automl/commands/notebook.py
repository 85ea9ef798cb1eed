"""Write a model's notebook, which runs without Foretable."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from automl.errors import BundleError, DataError

SUMMARY = "Write a model's notebook, which runs without Foretable."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("--out", required=True, metavar="FILE.ipynb")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle, notebook

    out = Path(args.out)
    if out.suffix.lower() != ".ipynb":
        raise DataError(f"'{out.name}' must end in .ipynb.")
    loaded = bundle.load(args.model)
    if not loaded.notebook.is_file():
        raise BundleError(
            f"The model in '{args.model}' has no notebook: it was built from a table in memory."
        )
    if not out.parent.is_dir():
        raise DataError(f"The folder '{out.parent}' does not exist. Create it or choose another one.")
    staged = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        staged.write_text(notebook.text(loaded), encoding="utf-8")
        staged.replace(out)
    finally:
        staged.unlink(missing_ok=True)
    print(f"Notebook written to {out}")
