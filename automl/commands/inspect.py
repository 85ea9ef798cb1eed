"""Show a file's columns, their kinds and how it was read."""

from __future__ import annotations

import argparse
from typing import Any

from automl.commands import choices, reading
from automl.commands.output import print_json, print_table
from automl.types import Finding, SplitPlan

SUMMARY = "Show a file's columns, their kinds and how it was read."
BAD_ROWS_SHOWN = 10


def arguments(sub: argparse.ArgumentParser) -> None:
    """What it takes."""
    sub.add_argument("file", metavar="FILE")
    sub.add_argument("--target", metavar="COL", help="validate the data for predicting this column")
    choices.arguments(sub)
    reading.arguments(sub)
    sub.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl import wording
    from automl.data.profile import profile
    from automl.data.read import read_with_report
    from automl.data.words import count

    frame, report = read_with_report(args.file, options=reading.options(args))
    columns = choices.with_kinds(args, profile(frame))
    power, findings = _validated(frame, columns, args) if args.target else ({}, [])
    if args.json:
        from automl.types import to_dict

        shown = [
            {"name": c.name, "kind": c.kind.value, "missing": c.missing, "distinct": c.distinct}
            | ({"power": round(power[c.name], 4)} if c.name in power else {})
            for c in columns
        ]
        notes = [{"code": n.code, "message": n.message, "column": n.column} for n in report.notes]
        bad = [{"line": b.line, "reason": b.reason, "text": b.text} for b in report.set_aside]
        found = {"rows": len(frame), "columns": shown, "report": notes}
        if args.target:
            found |= {"target": args.target, "findings": [_told(to_dict(f), f) for f in findings]}
        print_json({**found, "bad_rows": report.bad_rows, "set_aside": bad})
        return
    print(f"{count(len(frame), 'row')} · {count(len(columns), 'column')}")
    lines = [
        (
            c.name,
            c.kind.word,
            wording.percent(c.missing / len(frame) if len(frame) else 0),
            wording.count(c.distinct),
            *([wording.number(power.get(c.name), 2)] if power else []),
        )
        for c in columns
    ]
    header = ("Column", "Kind", "Missing", "Distinct", *(["Power"] if power else []))
    print_table(header, lines, right=(2, 3, 4) if power else (2, 3))
    if power:
        print(f"Power: what the column alone knows about '{args.target}', from 0 (a guess) to 1 (always right).")
    for note in report.notes:
        print(f"- {note.message}")
    for bad in report.set_aside[:BAD_ROWS_SHOWN]:
        print(f"  line {wording.count(bad.line)}: {bad.reason}: {bad.text}")
    if report.bad_rows > BAD_ROWS_SHOWN:
        print(
            f"  and {wording.count(report.bad_rows - BAD_ROWS_SHOWN)} more; --json lists up to 1,000 of them"
        )
    for finding in findings:
        print(f"- [{finding.severity.value}] {finding.title}: {finding.message}")
        for fix in finding.fixes:
            if flag := choices.flag_of(fix):
                print(f"    {fix.label}: {flag}")


def _told(plain: dict[str, Any], finding: Finding) -> dict[str, Any]:
    """A finding as JSON, with what the shell takes to mend it."""
    return plain | {"flags": [flag for fix in finding.fixes if (flag := choices.flag_of(fix))]}


def _validated(frame: Any, columns: Any, args: argparse.Namespace) -> tuple[dict[str, float], list[Any]]:
    """The prediction power of each column, and what the checks before training find."""
    from automl.findings.before import Table, validate

    chosen = choices.of_problem(args)
    way, column = chosen.pop("split"), chosen.pop("split_column")
    split = SplitPlan(way, column=column) if way else None
    table = Table.of(frame, columns, args.target, split=split, steps=choices.of_steps(args), **chosen)
    findings = validate(table)
    return ({name: p.score for name, p in table.power.items()} if table.problem else {}), findings
