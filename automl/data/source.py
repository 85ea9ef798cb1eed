"""A read report as Python source for a notebook: the same table, without this package."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from automl.data import parse
from automl.types import ReadReport


def csv_arguments(delimiter: str, quoting: bool) -> dict[str, Any]:
    """What `pandas.read_csv` is told, here and in notebooks: cut the text, decide nothing."""
    arguments = {"sep": delimiter, "header": None, "dtype": str, "na_filter": False}
    return arguments if quoting else {**arguments, "quoting": 3}


def notebook_source(report: ReadReport, path_expression: str) -> str:
    """Python source, without this package, that defines `table` exactly as it was read.

    Parameters
    ----------
    report : ReadReport
        A table that never was a file of its own (format `frame` or `join`) is read from the
        Parquet file that holds it.
    path_expression : str
        Source of the path, such as `'"churn.csv"'`.
    """
    if report.format == "join" or (report.format == "frame" and not report.options):
        return f"import pandas as pd\n\ntable = pd.read_parquet({path_expression})\n"
    options = report.options
    plans: dict[str, Any] = options["columns"]
    body = (
        _text_source(options, path_expression)
        if report.format == "csv"
        else _frame_source(options, path_expression)
    )
    as_stored = report.format == "csv" or options.get("plain")
    used: list[Callable[..., Any]] = [] if as_stored else [parse.to_plain]
    if plans:
        used.append(parse.unify_missing)
        body += _missing_source(options, plans)
    calls, functions = _conversion_source(plans)
    used += functions
    sources = "\n\n".join(inspect.getsource(function).rstrip() + "\n" for function in used)
    numpy = "import numpy as np\n" if "np." in sources else ""
    io_import = "import io\n\n" if "io.StringIO" in body else ""
    head = f"{io_import}{numpy}import pandas as pd\n\n\n"
    return head + (sources + "\n\n" if sources else "") + body + calls


def _text_source(options: dict[str, Any], path: str) -> str:
    arguments = csv_arguments(options["delimiter"], options["quoting"])
    shown = ", ".join(f"{key}={'str' if value is str else repr(value)}" for key, value in arguments.items())
    errors = options["encoding_errors"]
    if options["left_out"]:
        lenient = f", errors={errors!r}" if errors != "strict" else ""
        lines = (
            "# Lines that are no rows of the table (counted from 1) are left out.\n"
            f"left_out = {set(options['left_out'])!r}\n"
            f'with open({path}, encoding={options["encoding"]!r}{lenient}, newline="") as file:\n'
            '    text = "".join(line for number, line in enumerate(file, 1) if number not in left_out)\n'
            f"table = pd.read_csv(io.StringIO(text), {shown})\n"
        )
    else:
        lenient = f", encoding_errors={errors!r}" if errors != "strict" else ""
        lines = (
            f"table = pd.read_csv({path}, skiprows={options['start']}, {shown}, "
            f"encoding={options['encoding']!r}{lenient})\n"
        )
    return f"{lines}table.columns = {literal(options['names'])}\n"


def _frame_source(options: dict[str, Any], path: str) -> str:
    dropped = options.get("dropped") or []
    columns = f"columns={literal(options['names'])}, " if dropped else ""
    source = (
        f'table = pd.read_parquet({path}, {columns}to_pandas_kwargs={{"ignore_metadata": True}})\n'
        f"table.columns = {literal(options['names'])}\n"
    )
    if options.get("plain"):
        return source
    return f"{source}for name in table.columns:\n    table[name] = to_plain(table[name])\n"


def _missing_source(options: dict[str, Any], plans: dict[str, Any]) -> str:
    lines = f"\nmissing_words = {literal(options['missing_words'])}\n"
    ordinary = [name for name, plan in plans.items() if not plan.get("keep")]
    if ordinary:
        lines += f"for name in {literal(ordinary)}:\n"
        lines += "    table[name] = unify_missing(table[name], missing_words)\n"
    for name, plan in plans.items():
        if plan.get("keep"):
            lines += (
                f"table[{name!r}] = unify_missing(table[{name!r}], missing_words, keep={plan['keep']!r})\n"
            )
    return lines


def _conversion_source(plans: dict[str, Any]) -> tuple[str, list[Callable[..., Any]]]:
    """One loop for each way of reading, over the columns that are read so."""
    groups: dict[str, list[str]] = {}
    functions: list[Callable[..., Any]] = []
    for name, plan in plans.items():
        function: Callable[..., Any] | None = None
        match plan["type"]:
            case "number" if plan.get("empty"):
                call = 'table[name].astype("float64")'
            case "number":
                function = parse.to_number
                given = [
                    f"{key}={plan[key]!r}" for key, usual in _NUMBER_DEFAULTS.items() if plan[key] != usual
                ]
                call = f"to_number({', '.join(['table[name]', *given])})"
            case "date":
                function, call = parse.to_date, f"to_date(table[name], {plan['format']!r})"
            case "flag":
                function, call = parse.to_flag, f"to_flag(table[name], boolean={plan['boolean']!r})"
            case _:
                continue
        groups.setdefault(call, []).append(name)
        if function and function not in functions:
            functions.append(function)
    loops = (f"for name in {literal(names)}:\n    table[name] = {call}\n" for call, names in groups.items())
    return "".join(loops), functions


_NUMBER_DEFAULTS = {"decimal": ".", "thousands": "", "integer": False}


def literal(values: list[Any]) -> str:
    """A list as source, in lines of readable length."""
    lines, line = [], "   "
    for value in values:
        piece = f" {value!r},"
        if len(line) + len(piece) > 100 and line.strip():
            lines.append(line)
            line = "   "
        line += piece
    short = "[" + ", ".join(repr(v) for v in values) + "]"
    return short if len(short) <= 80 else "[\n" + "\n".join([*lines, line]) + "\n]"
