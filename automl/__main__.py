"""The command line: the product's job from the shell. Exit 0 on success, 2 with one line on bad input."""

from __future__ import annotations

import time

_STARTED = time.monotonic()

import argparse  # noqa: E402
import importlib  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from automl import config  # noqa: E402
from automl.commands import COMMANDS  # noqa: E402
from automl.errors import ForetableError  # noqa: E402


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for name, value in config.OPENMP_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        args = _parser().parse_args(argv)
        args.started = _STARTED
        return args.run(args) or 0
    except ForetableError as e:
        print(f"error: {' '.join(str(e).split())}", file=sys.stderr)
        return 2
    except OSError as e:
        if isinstance(e, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        where = f"'{e.filename}': " if e.filename else ""
        print(f"error: {where}{e.strerror or e}. Check the path and the rights to it.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: stopped by the keyboard; nothing was written", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """Bad usage is bad input: one line, exit code 2."""

    def error(self, message: str) -> Any:
        print(f"error: {message}. See: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m automl", description="Foretable: from a table to a model that can be trusted."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for name in COMMANDS:
        module = importlib.import_module(f"automl.commands.{name}")
        sub = commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY)
        sub.set_defaults(run=module.run)
        module.arguments(sub)
    return parser


if __name__ == "__main__":
    sys.exit(main())
