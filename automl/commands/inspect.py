"""Show a file's columns, their kinds and how it was read."""

from __future__ import annotations

import argparse

from automl.commands import reading
from automl.commands.output import print_json, print_table

SUMMARY = "Show a file's columns, their kinds and how it was read."
BAD_ROWS_SHOWN = 10


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("file", metavar="FILE")
    reading.arguments(sub)
    sub.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import wording
    from automl.data.profile import profile
    from automl.data.read import read_with_report

    frame, report = read_with_report(args.file, options=reading.options(args))
    columns = profile(frame)
    if args.json:
        shown = [
            {"name": c.name, "kind": c.kind.value, "missing": c.missing, "distinct": c.distinct}
            for c in columns
        ]
        notes = [{"code": n.code, "message": n.message, "column": n.column} for n in report.notes]
        bad = [{"line": b.line, "reason": b.reason, "text": b.text} for b in report.set_aside]
        found = {"rows": len(frame), "columns": shown, "report": notes}
        print_json({**found, "bad_rows": report.bad_rows, "set_aside": bad})
        return
    print(f"{wording.count(len(frame))} rows · {len(columns)} columns")
    lines = [
        (
            c.name,
            c.kind.word,
            wording.percent(c.missing / len(frame) if len(frame) else 0),
            wording.count(c.distinct),
        )
        for c in columns
    ]
    print_table(("Column", "Kind", "Missing", "Distinct"), lines, right=(2, 3))
    for note in report.notes:
        print(f"- {note.message}")
    for bad in report.set_aside[:BAD_ROWS_SHOWN]:
        print(f"  line {wording.count(bad.line)}: {bad.reason}: {bad.text}")
    if report.bad_rows > BAD_ROWS_SHOWN:
        print(
            f"  and {wording.count(report.bad_rows - BAD_ROWS_SHOWN)} more; --json lists up to 1,000 of them"
        )
