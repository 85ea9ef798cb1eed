"""A read report as Python source for a notebook: the same table, without this package."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from automl.data import encoding, excel, fixed, marks, mend, merge, parse, records, sheet_xml, web
from automl.store.files import sample_rows
from automl.types import JoinPlan, ReadReport, from_dict


def csv_arguments(delimiter: str, quoting: bool) -> dict[str, Any]:
    """What `pandas.read_csv` is told, here and in notebooks: cut the text, decide nothing."""
    arguments = {"sep": delimiter, "header": None, "dtype": str, "na_filter": False}
    return arguments if quoting else {**arguments, "quoting": 3}


def notebook_source(report: ReadReport, path_expression: str) -> str:
    """Python source, without this package, that defines `table` exactly as it was read.

    Parameters
    ----------
    report : ReadReport
        A table that never was a file of its own (format `frame`, `append`, or `join` without the files
        it was joined from) is read from the Parquet file that holds it.
    path_expression : str
        Source of the path, such as `'"churn.csv"'`.
    """
    options = report.options
    if options.get("sample"):
        source = inspect.getsource(sample_rows).rstrip().replace(" | Path", "")
        return f"import pandas as pd\n\n\n{source}\n\n\ntable = sample_rows({path_expression}, {options['sample']})\n"
    if report.format == "join" and options.get("files"):
        return _join_source(report, path_expression)
    if report.format in ("join", "append") or (report.format == "frame" and not options):
        return f"import pandas as pd\n\ntable = pd.read_parquet({path_expression})\n"
    plans: dict[str, Any] = options["columns"]
    opened = _opened(options.get("wrapping"), path_expression)
    used: list[Callable[..., Any]] = []
    match report.format:
        case "csv":
            used += [fixed.fixed_cells] if options.get("lined_up") else []
            used += [_IN_QUOTES[how]] if (how := options.get("mended")) in _IN_QUOTES else []
            used += [mend.unwrapped] if how == "wrapped" else []
            body = _text_source(options, path_expression, opened)
        case "excel":
            function = {"xml": sheet_xml.xml_sheet_text, "page": web.page_text}.get(options.get("written_as"), excel.sheet_text)
            used += [web.page_rows, function] if function is web.page_text else [function]
            book = f"io.BytesIO({opened}.read())" if opened else path_expression
            how = f", {options['encoding']!r}, {options['encoding_errors']!r}" if function is web.page_text else ""
            text = f"{function.__name__}({book}, {options['sheet']!r}{how}{', empty=True' if options.get('empty_rows') else ''})"
            body = _cut_source(options, f"text = {text}\n", "io.StringIO(text)")
        case "json":
            used.append(records.json_records)
            body = _json_source(options, path_expression, opened)
        case _:
            body = _frame_source(options, f"io.BytesIO({opened}.read())" if opened else path_expression)
    if report.format not in ("csv", "excel") and not options.get("plain"):
        used.append(parse.to_plain)
    if plans:
        used.append(parse.unify_missing)
        body += _missing_source(options, plans)
    calls, functions = _conversion_source(plans)
    used += functions
    if options.get("encoding_errors") == encoding.WINDOWS:
        used.append(encoding.windows_letters)
        body = f"codecs.register_error({encoding.WINDOWS!r}, windows_letters)\n{body}"
    sources = "\n\n".join(inspect.getsource(function).rstrip() + "\n" for function in used)
    text = sources + body
    modules = [m for m in ("bz2", "codecs", "csv", "datetime", "gzip", "io", "json", "lzma", "re", "zipfile") if f"{m}." in text]
    imports = "".join(f"import {module}\n" for module in modules) + ("\n" if modules else "")
    numpy = "import numpy as np\n" if "np." in sources else ""
    arrow = "import pyarrow as pa\n" if " pa." in body or "(pa." in body else ""
    head = f"{imports}{numpy}import pandas as pd\n{arrow}\n\n"
    return head + (sources + "\n\n" if sources else "") + body + calls


def _join_source(report: ReadReport, path: str) -> str:
    """Every table read as it was, then joined step after step."""
    plan = from_dict(report.options["plan"], JoinPlan)
    base, *others = report.options["files"]
    body = inspect.getsource(merge).split("from __future__ import annotations\n", 1)[1].strip("\n")
    parts = [body, f"# {_comment(plan.name)}\n{notebook_source(from_dict(base['report'], ReadReport), path)}"]
    for step, other in zip(plan.steps, others, strict=True):
        read = notebook_source(from_dict(other["report"], ReadReport), repr(other["path"]))
        keys = [(k.left, k.right, k.compare) for k in step.keys]
        call = [f"    rows_so_far, table, {keys!r}, {step.how!r},", f"    {literal_map(step.columns)},"]
        if step.repeats != "all":
            call.append(f"    repeats={step.repeats!r}, latest={step.latest!r},")
        lines = [f"# {_comment(step.name)} is added to it", "rows_so_far = table", read.strip("\n")]
        parts.append("\n".join([*lines, "table = merge_tables(", *call, ")"]))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _comment(name: str) -> str:
    return " ".join(name.split())[:80]


def literal_map(values: dict[str, str]) -> str:
    """A dict as source, in lines of readable length."""
    import pprint

    return pprint.pformat(values, width=100, sort_dicts=False, compact=True).replace("\n", "\n    ")


def _opened(wrapping: dict[str, Any] | None, path: str) -> str:
    """An expression for the unpacked bytes as a file; empty where nothing is packed."""
    match (wrapping or {}).get("kind"):
        case "gzip":
            return f"gzip.open({path})"
        case "bzip2":
            return f"bz2.open({path})"
        case "xz":
            return f"lzma.open({path})"
        case "zstd":
            return f'io.BytesIO(pa.input_stream({path}, compression="zstd").read())'
        case "zip":
            return f"zipfile.ZipFile({path}).open({wrapping['member']!r})"
        case _:
            return ""


def _text_source(options: dict[str, Any], path: str, opened: str) -> str:
    errors = options["encoding_errors"]
    how = f"encoding={options['encoding']!r}"
    long = marks.is_long(options["delimiter"])
    if options["left_out"] or options.get("mended") or options.get("lined_up") or long:
        how += f", errors={errors!r}" if errors != "strict" else ""
        file = f"io.TextIOWrapper({opened}, {how}, newline=\"\")" if opened else f'open({path}, {how}, newline="")'
        before = f"with {file} as file:\n    text = file.read()\n"
        if lined_up := options.get("lined_up"):
            before += f"text = fixed_cells(text, {lined_up['gaps']!r}, {lined_up['top']})\n"
            return _cut_source({**options, "delimiter": ","}, before, "io.StringIO(text)")
        if long:
            before += f"text = text.replace({options['delimiter']!r}, {marks.CUT!r})\n"
            return _cut_source({**options, "delimiter": marks.CUT, "long": options["delimiter"]}, before, "io.StringIO(text)")
        return _cut_source(options, before, "")
    how += f", encoding_errors={errors!r}" if errors != "strict" else ""
    return _cut_source(options, "", opened or path, how)


def _cut_source(options: dict[str, Any], before: str, source: str, how: str = "") -> str:
    """Cut a file, or the text that the lines `before` give, into columns."""
    arguments = csv_arguments(options["delimiter"], options["quoting"])
    shown = ", ".join(f"{key}={'str' if value is str else repr(value)}" for key, value in arguments.items())
    shown += f", {how}" if how else ""
    skip = f"skiprows={options['start']}, "
    if mended := options.get("mended"):
        before += _mended(mended, options["delimiter"])
        source = "io.StringIO(text, newline='')"
    if options["left_out"]:
        before += (
            "# Lines that are no rows of the table (counted from 1) are left out.\n"
            f"left_out = {set(options['left_out'])!r}\n"
            'lines = enumerate(io.StringIO(text, newline=""), 1)\n'
            'text = "".join(line for number, line in lines if number not in left_out)\n'
        )
        source, skip = "io.StringIO(text)", ""
    after = f"table.columns = {literal(options['names'])}\n"
    if options.get("long"):
        after += f"table = table.apply(lambda column: column.str.replace({marks.CUT!r}, {options['long']!r}, regex=False))\n"
    if foot := options.get("foot"):
        after += f"table = table.iloc[:-{foot}]  # rows without a value\n"
    if options.get("no_cases"):
        after += (
            "filled = table.apply(lambda column: column.str.strip()).ne('').any(axis=1)\n"
            "table = table[filled].reset_index(drop=True)\n"
        )
    if options.get("empty"):
        after += f"table = table.drop(columns={literal(options['empty'])})\n"
    return f"{before}table = pd.read_csv({source}, {skip}{shown})\n{after}"


_IN_QUOTES = {"delimiters": mend.delimiters_in_quotes, "braces": mend.braces_in_quotes, "other": mend.other_quotes}


def _mended(how: str, delimiter: str) -> str:
    """As `mend.mend`, on text."""
    if how in _IN_QUOTES:
        return f"text = {_IN_QUOTES[how].__name__}(text, {delimiter!r})\n"
    if how == "wrapped":
        return "text = unwrapped(text)\n"
    if how == "padding":
        pattern = f"\\0+(?={re.escape(delimiter)}|[\\r\\n]|\\Z)"
        return f"text = re.sub({pattern!r}, '', text)\n"
    if how == "marks":
        return 'text = re.sub(r"(?m)^\\ufeff", "", text)\n'
    if how == "escaped":
        return "text = text.replace('\\\\\"', '\"\"')\n"
    if how == "brackets":
        return "text = re.sub('(?m)(^|\\\\s)\\\\[([^\\\\]\"\\r\\n]*)\\\\](?=\\\\s|$)', r'\\1\"\\2\"', text)\n"
    mark = re.escape(delimiter)
    if how == "formulas":
        pattern = f'(?m)(^|{mark})=(?="[^"\\r\\n]*"(?:{mark}|\\r?$))'
        return f"text = re.sub({pattern!r}, r'\\1', text)\n"
    if how == "inner":
        pattern = f'(?m)(?<!^)(?<!{mark})(?<!")"(?!{mark}|"|\\r?$)'
        return f"text = re.sub({pattern!r}, '\"\"', text)\n"
    pattern = f'({mark}) +(?=")'
    return f"text = re.sub({pattern!r}, r'\\1', text)\n"


def _json_source(options: dict[str, Any], path: str, opened: str) -> str:
    how = f"encoding={options['encoding']!r}, errors={options['encoding_errors']!r}"
    file = f"io.TextIOWrapper({opened}, {how})" if opened else f"open({path}, {how})"
    source = f"with {file} as file:\n    records, bad_lines = json_records(file.read())\n"
    kept = f"[{literal(options['kept'])}]" if options.get("kept") else ""
    return f"{source}table = pd.DataFrame(records){kept}\n" + _names_source(options)


def _frame_source(options: dict[str, Any], path: str) -> str:
    columns = f"columns={literal(options['kept'])}, " if options.get("kept") else ""
    if way := options.get("written_as"):
        kept = f".select({literal(options['kept'])})" if options.get("kept") else ""
        file = path if path.startswith("io.BytesIO(") else f"pa.OSFile(str({path}))"
        return f"table = pa.ipc.{way}({file}).read_all(){kept}.to_pandas(ignore_metadata=True)\n" + _names_source(options)
    return (
        f'table = pd.read_parquet({path}, {columns}to_pandas_kwargs={{"ignore_metadata": True}})\n'
        + _names_source(options)
    )


def _names_source(options: dict[str, Any]) -> str:
    source = f"table.columns = {literal(options['names'])}\n"
    if options.get("plain"):
        return source
    return f"{source}for name in table.columns:\n    table[name] = to_plain(table[name])\n"


def _missing_source(options: dict[str, Any], plans: dict[str, Any]) -> str:
    lines = f"\nmissing_words = {literal(options['missing_words'])}\n"
    plans = {name: plan for name, plan in plans.items() if plan.get("stored") != "numbers"}
    ordinary = [name for name, plan in plans.items() if not plan.get("keep") and not plan.get("missing")]
    if ordinary:
        lines += f"for name in {literal(ordinary)}:\n"
        lines += "    table[name] = unify_missing(table[name], missing_words)\n"
    for name, plan in plans.items():
        if plan.get("keep"):
            lines += (
                f"table[{name!r}] = unify_missing(table[{name!r}], missing_words, keep={plan['keep']!r})\n"
            )
        elif plan.get("missing"):
            lines += f"table[{name!r}] = unify_missing(table[{name!r}], [*missing_words, *{plan['missing']!r}])\n"
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
                    f"{key}={plan[key]!r}"
                    for key, usual in _NUMBER_DEFAULTS.items()
                    if plan.get(key, usual) != usual
                ]
                bare = "plain_digits(table[name])" if plan.get("digits") else "table[name]"
                bare = f"without_flags({bare})" if plan.get("flags") else bare
                bare = f"plain_amounts({bare}, {plan['unit']!r})" if "unit" in plan else bare
                if plan.get("flags") and parse.without_flags not in functions:
                    functions.append(parse.without_flags)
                if plan.get("digits") and parse.plain_digits not in functions:
                    functions.append(parse.plain_digits)
                call = f"to_number({', '.join([bare, *given])})"
                if "unit" in plan and parse.plain_amounts not in functions:
                    functions.append(parse.plain_amounts)
            case "date":
                text = "english_months(table[name])" if plan.get("months") else "table[name]"
                function, call = parse.to_date, f"to_date({text}, {plan['format']!r})"
                if plan.get("months") and parse.english_months not in functions:
                    functions.append(parse.english_months)
            case "flag":
                function, call = parse.to_flag, f"to_flag(table[name], boolean={plan['boolean']!r})"
            case _:
                continue
        groups.setdefault(call, []).append(name)
        if function and function not in functions:
            functions.append(function)
    loops = (f"for name in {literal(names)}:\n    table[name] = {call}\n" for call, names in groups.items())
    return "".join(loops), functions


_NUMBER_DEFAULTS = {"decimal": ".", "thousands": "", "integer": False, "loose": False}


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
