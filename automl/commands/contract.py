"""What stands in for columns that a file to predict lacks."""

from __future__ import annotations

import argparse
from typing import Any

from automl.errors import DataError


def arguments(sub: argparse.ArgumentParser) -> None:
    """What a command that predicts FILE takes."""
    group = sub.add_argument_group("what stands in for columns that FILE lacks")
    group.add_argument(
        "--fill", choices=("missing", "usual"), help="count as missing (the default), or its usual value"
    )
    group.add_argument("--refuse", action="store_true", help="predict nothing when a column is missing")
    group.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OWN=COL",
        help="FILE's column OWN is the model's COL",
    )


def choices(args: argparse.Namespace, fill: str | None) -> Any:
    """What the shell decided about the table's columns."""
    from automl.predict import Choices

    pairs = [pair.partition("=") for pair in args.rename]
    if any(not own or not column for own, _, column in pairs):
        raise DataError(
            "--rename takes the file's column and the model's, such as --rename Tenure=tenure_months."
        )
    if args.refuse and args.fill:
        raise DataError("Choose one of --fill and --refuse.")
    return Choices({column.strip(): own.strip() for own, _, column in pairs}, fill=args.fill or fill)
