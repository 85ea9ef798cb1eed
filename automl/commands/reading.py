"""How a file is read, where the automatic choice is wrong."""

from __future__ import annotations

import argparse
from typing import Any


def arguments(sub: argparse.ArgumentParser) -> None:
    """What a command that reads FILE takes."""
    group = sub.add_argument_group("how FILE is read, where the automatic choice is wrong")
    group.add_argument("--sheet", metavar="NAME", help="of a workbook; the first by default")
    group.add_argument("--member", metavar="NAME", help="of a ZIP archive with several files")
    group.add_argument("--delimiter", metavar="D", help="between cells; tab and spaces are words for it")
    group.add_argument("--encoding", metavar="E", help="such as utf-8 or cp1252")
    group.add_argument("--no-header", action="store_true", help="the first row holds values")
    group.add_argument("--decimal", choices=(".", ","), help="the decimal mark of its numbers")
    group.add_argument("--dates", choices=("day-first", "month-first"), help="what 03/04/2024 means")


def options(args: argparse.Namespace) -> dict[str, Any]:
    """What the shell said about reading, as `data.read` takes it."""
    delimiter = {"tab": "\t", "\\t": "\t", "space": r"\s+", "spaces": r"\s+"}.get(
        args.delimiter, args.delimiter
    )
    given = {
        "sheet": args.sheet,
        "member": args.member,
        "delimiter": delimiter,
        "encoding": args.encoding,
        "header": False if args.no_header else None,
        "decimal": args.decimal,
        "day_first": None if args.dates is None else args.dates == "day-first",
    }
    return {key: value for key, value in given.items() if value is not None}
