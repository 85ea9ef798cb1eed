"""Check a file against a model, as predict would do first."""

from __future__ import annotations

import argparse

from automl.commands import contract
from automl.commands.output import print_json

SUMMARY = "Check a file against a model, as predict would do first."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("model", metavar="MODEL_DIR")
    sub.add_argument("file", metavar="FILE")
    contract.arguments(sub)
    sub.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle, predict, wording
    from automl.types import to_dict

    loaded = bundle.load(args.model)
    found = predict.check_file(loaded, args.file, contract.choices(args, None))
    if args.json:
        print_json({"refused": found.refused, **to_dict(found)})
        return
    print(
        f"{wording.count(found.rows)} rows · {found.present} of the {found.needed} columns that the model reads · "
        f"{found.fine} as in training"
    )
    for status in predict.Status:
        for violation in found.of(status):
            print(f"- {status}: {violation.sentence} [{violation.code}]")
