"""How a file is read, where the automatic choice is wrong."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from automl.errors import BundleError, DataError, unknown_name

KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "text"},
    "number": {"type": "number", "decimal": ".", "thousands": ", '", "integer": False, "loose": True},
    "date": {"type": "date", "day_first": True},
}  # what a column can be said to hold; what is no such value becomes missing


def arguments(sub: argparse.ArgumentParser) -> None:
    """What a command that reads FILE takes."""
    group = sub.add_argument_group("how FILE is read, where the automatic choice is wrong")
    group.add_argument("--sheet", metavar="NAME", help="of a workbook; the first by default")
    group.add_argument("--member", metavar="NAME", help="of a ZIP archive with several files")
    group.add_argument("--delimiter", metavar="D", help="between cells; tab, spaces and fixed (columns lined up with spaces) are words for it")
    group.add_argument("--encoding", metavar="E", help="such as utf-8 or cp1252")
    group.add_argument("--no-header", action="store_true", help="the first row holds values")
    group.add_argument("--decimal", choices=(".", ","), help="the decimal mark of its numbers")
    group.add_argument("--skip", metavar="N", type=int, help="lines at the top that are left out")
    group.add_argument("--bad-rows", choices=("aside",), help="rows that do not fit are set aside, however many they are")
    group.add_argument("--total-row", choices=("aside", "kept"), help="what becomes of totals at the foot; a note by default")
    group.add_argument("--subtotals", choices=("aside", "kept"), help="what becomes of rows that sum up those above; set aside by default")
    group.add_argument("--blank-rows", choices=("aside", "kept"), help="what becomes of rows without any value; those at the foot are left out by default")
    group.add_argument("--nameless", choices=("first", "last"), help="which columns have no name, where rows have more cells than names")
    group.add_argument("--comments", choices=("aside", "kept"), help="what becomes of lines that begin with a number sign; set aside by default")
    group.add_argument("--under-names", choices=("aside", "kept"), help="what becomes of units, descriptions and further names under the names")
    group.add_argument("--as-written", action="store_true", help="escapes, stray quotes and JSON in cells are left as they stand")
    group.add_argument("--same", metavar="NEW=COL", action="append", default=[], help="the column that FILE calls NEW keeps the name COL, as recipes and models know it")
    group.add_argument("--dates", choices=("day-first", "month-first"), help="what 03/04/2024 means")
    group.add_argument(
        "--read-as", action="append", default=[], metavar="COL=KIND",
        help="read a column as text, number or date, also one that counts seconds or days; as often as needed",
    )  # fmt: skip


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
        "skip": _lines(args.skip),
        "bad_rows": args.bad_rows,
        "total_row": args.total_row,
        "subtotals": args.subtotals,
        "blank_rows": args.blank_rows,
        "nameless": args.nameless,
        "comments": args.comments,
        "under_names": args.under_names,
        "as_written": True if args.as_written else None,
        "renamed": dict(map(same, args.same)) or None,
        "day_first": None if args.dates is None else args.dates == "day-first",
        "columns": _kinds(args) or None,
    }
    return {key: value for key, value in given.items() if value is not None}


def _lines(given: int | None) -> int | None:
    if given is not None and given < 0:
        raise DataError(f"{given} lines can't be left out. Give a number of 0 or more.")
    return given or None


def same(given: str) -> tuple[str, str]:
    """NEW=COL of the shell, the last sign of equality counting."""
    name, mark, column = given.rpartition("=")
    if not mark:
        raise DataError(f"'{given}' does not say which columns are the same. Write NEW=COLUMN, such as revenue_usd=revenue.")
    return name, column


def _kinds(args: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """How columns are to be read, as `--read-as` says it."""
    found = {}
    for said in args.read_as:
        column, mark, kind = said.rpartition("=")
        if not mark or kind not in KINDS:
            raise DataError(unknown_name("kind of a column", kind, list(KINDS), f"in '--read-as {said}'"))
        found[column] = dict(KINDS[kind])
        if kind == "number" and args.decimal == ",":
            found[column] |= {"decimal": ",", "thousands": ". '"}
        if kind == "date" and args.dates == "month-first":
            found[column]["day_first"] = False
    return found


def name_of(file: str) -> str:
    """What to call a file, or a table of a source, in sentences."""
    from automl.data import sources

    return sources.source_of(file).name(file) if sources.is_location(file) else Path(file).name


@contextmanager
def at_hand(args: argparse.Namespace, kept: Path) -> Iterator[tuple[Path, Any, Any]]:
    """The file that FILE is, its table, and how it was read.

    A table of a source is kept in the folder `kept`, where a notebook can read it; it goes when the block raises.
    """
    from automl.data import sources
    from automl.data.read import read_with_report

    if not sources.is_location(args.file):
        yield Path(args.file), *read_with_report(args.file, options=options(args))
        return
    if kept.exists():
        raise BundleError(f"'{kept}' exists already. Remove it: the fetched table is kept there for the notebook.")
    made = [folder for folder in kept.parents if not folder.exists()]
    kept.mkdir(parents=True)
    try:
        found = sources.fetch(args.file, kept)
        frame, report = read_with_report(found.path, options=options(args), name=found.name)
        yield found.path, frame, sources.noted(report, found)
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise
    print(f"The fetched table is kept in {kept}, where the notebook reads it.", file=sys.stderr)
