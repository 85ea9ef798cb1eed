"""Compare two models on the test rows that neither has learned from."""

from __future__ import annotations

import argparse

from automl.commands.output import print_json, print_table

SUMMARY = "Compare two models on the test rows that neither has learned from."


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("first", metavar="FIRST_DIR")
    sub.add_argument("second", metavar="SECOND_DIR")
    sub.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import bundle, wording
    from automl.compare import compare, note, verdict

    found = compare(bundle.load(args.first), bundle.load(args.second))
    if args.json:
        metrics = [
            {"name": m.name, "first": m.first, "second": m.second, **({"gain": vars(m.gain)} if m.gain else {})}
            for m in found.metrics
        ]
        print_json({"rows": found.rows, "sentence": verdict(found), "note": note(found), "metrics": metrics, "disagreeing": found.disagreeing})
        return
    print(verdict(found))
    if said := note(found):
        print(said)
    rows = []
    for m in found.metrics:
        gain = f"{wording.number(m.gain.low)} to {wording.number(m.gain.high)}" if m.gain else ""
        rows.append((m.label, wording.number(m.first), wording.number(m.second), gain))
    print_table(("Metric", "First", "Second", "Gain, 95 % interval"), rows, right=(1, 2, 3))
