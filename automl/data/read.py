"""Any file to a table: told by content, every decision noted and repeatable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.data import excel, parse, renamed, sheet_xml, sniff, values, web
from automl.data.delimited import read_delimited
from automl.data.encoding import Decoded, decode
from automl.data.formats import Format
from automl.data.names import safe_names
from automl.data.records import read_records
from automl.data.source import notebook_source
from automl.data.unpack import Unpacked, unpacked
from automl.data.words import count, listed, shorten
from automl.errors import DataError, unknown_name
from automl.types import BadRow, Note, ReadReport, replace

__all__ = ["frame_with_report", "notebook_source", "read_table", "read_with_report", "safe_names"]

Progress = Callable[[float], None]

# What `options` may hold: choices a user can make, then what the reader records besides.
CHOICES = (
    "delimiter", "encoding", "header", "quoting", "decimal", "day_first", "columns", "sheet", "member",
    "total_row", "subtotals", "blank_rows", "nameless", "as_written", "comments", "under_names", "renamed",
    "skip", "bad_rows",
)  # fmt: skip
RECORDED = (
    "encoding_errors", "names", "start", "tidy", "left_out", "missing_words", "kept", "plain", "wrapping", "mended", "empty", "lined_up",
    "chosen", "source", "empty_rows", "foot", "no_cases", "written_as",
)  # fmt: skip


CALCULATE = "Open the workbook in Excel or LibreOffice once, save it, and upload it again."


def read_table(path: str | Path, *, options: dict[str, Any] | None = None) -> pd.DataFrame:
    """Read a CSV, TSV, Excel, JSON or Parquet file, packed or not, whatever its ways of writing.

    Parameters
    ----------
    path : str or Path
        A file, or a location of a configured source (see `data.sources`): `folder:sales/may.csv`,
        `s3://bucket/key`, `sql:NAME:SELECT …`.
    options : dict, optional
        Choices that replace automatic ones: `delimiter`, `encoding`, `header` (bool), `quoting`
        (bool), `decimal`, `day_first` (bool), `columns` ({name: plan}, as in a report's options),
        `sheet` of a workbook, `member` of a ZIP archive, `total_row` ("aside" or "kept") for a row of
        totals at the foot, `subtotals` for rows that sum up those above and `blank_rows` for rows without
        any value, in the same way; `nameless` ("first" or "last") says which columns have no name where rows have more cells
        than names; `comments` and `under_names` ("aside" or "kept") for lines with a number sign and for rows under the names that
        say what columns are; `as_written` (bool) leaves escapes, stray quotes and JSON in cells as they stand; `renamed`
        ({name in the file: name}) gives columns the names that they had before; `skip` (int) leaves out so many lines at the
        top; `bad_rows` ("aside") sets rows that do not fit aside however many they are.

    Returns
    -------
    DataFrame
        Numbers as int64 or float64, dates as datetime64[ns], true/false as bool, the rest as `str`.

    Raises
    ------
    DataError
        If the file can't be read as a table.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = file.write_text("when;price\\n31/01/2024;1,5\\n01/02/2024;n/a\\n")
    >>> read_table(file).dtypes.astype(str).to_dict()
    {'when': 'datetime64[ns]', 'price': 'float64'}
    """
    return read_with_report(path, options=options)[0]


def read_with_report(
    path: str | Path, *, options: dict[str, Any] | None = None, name: str | None = None
) -> tuple[pd.DataFrame, ReadReport]:
    """Read a file and say how.

    Parameters
    ----------
    path : str or Path
        A file or a location, as for `read_table`.
    options : dict, optional
        As for `read_table`; a report's `options` read the file the same way again.
    name : str, optional
        What to call the file in sentences (an upload's own name).

    Raises
    ------
    DataError
    """
    from automl.data import sources

    if sources.is_location(path):
        with sources.fetched(str(path)) as found:
            frame, report = read_with_report(found.path, options=options, name=name or found.name)
            return frame, sources.noted(report, found)
    if not str(path).strip() or str(path) == ".":
        raise DataError("No file is named. Give the path of a file.")
    path = Path(path)
    name = name or path.name
    options = _checked(options)
    member = options.get("member") or (options.get("wrapping") or {}).get("member")
    with unpacked(path, name, member) as found:
        _check_parts(found, name, options)
        return read_unpacked(found, name, options)


def read_unpacked(
    found: Unpacked, name: str, options: dict[str, Any] | None = None, progress: Progress = lambda share: None
) -> tuple[pd.DataFrame, ReadReport]:
    """As `read_with_report`, of a file whose format is known; `progress` is told the share that is done."""
    options = _checked(options)
    frame, report = _READERS[found.format](found, name, options, progress)
    more = {"wrapping": found.wrapping} if found.wrapping else {}
    return frame, replace(report, options={**report.options, **more, **chosen(options)})


def chosen(options: dict[str, Any]) -> dict[str, Any]:
    """What of the options was chosen rather than found, as the report keeps it."""
    own = options["chosen"] if "chosen" in options else {k: v for k, v in options.items() if k in CHOICES}
    return {"chosen": own} if own else {}


def frame_with_report(
    frame: pd.DataFrame, *, options: dict[str, Any] | None = None
) -> tuple[pd.DataFrame, ReadReport]:
    """Bring a data frame of any types into the form that files are read into.

    Mixed objects, categories, nullable types, decimals and text that holds numbers or dates are
    treated as in a file; the index is dropped.
    """
    return _from_frame(frame.reset_index(drop=True), "frame", _checked(options), "The table")


def _check_parts(found: Unpacked, name: str, options: dict[str, Any]) -> None:
    """A sheet or a file inside can be chosen only where there are such."""
    if "names" in options:
        return  # a report's, of another file
    if options.get("sheet") and found.format not in (Format.EXCEL, Format.SHEETS_XML, Format.PAGE):
        raise DataError(f"'{name}' is no workbook, so it has no sheet '{shorten(options['sheet'])}'. Leave the sheet out.")
    if options.get("member") and (found.wrapping or {}).get("kind") != "zip":
        raise DataError(
            f"'{name}' is no ZIP archive, so it holds no file '{shorten(options['member'])}'. Leave the file inside out."
        )


def _checked(options: dict[str, Any] | None) -> dict[str, Any]:
    known = (*CHOICES, *RECORDED)
    for key in options or {}:
        if key not in known:
            raise DataError(unknown_name("reading option", key, CHOICES))
    return dict(options or {})


# --- cells of text ----------------------------------------------------------------------


def _read_text(
    found: Unpacked, name: str, options: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    decoded = decode(
        found.path.read_bytes(), name, options.get("encoding"), options.get("encoding_errors")
    )
    return _from_text(decoded, "csv", name, options, {}, progress)


def _read_excel(
    found: Unpacked, name: str, options: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    sizes = excel.sizes(found.path, name)
    names = list(sizes)
    sheet = excel.choose(names, options.get("sheet") or excel.likely(sizes), name)
    decoded = Decoded(excel.sheet_text(str(found.path), sheet, empty=True).encode(), "utf-8")
    options = {**options, "delimiter": ","}
    formulas = excel.unfinished(found.path, sheet)
    try:
        frame, report = _from_text(decoded, "excel", f"{name}, sheet {sheet}", options, {"sheet": sheet, "empty_rows": True}, progress)
    except DataError as e:
        if cells := sum(formulas.missing.values()):
            raise DataError(
                f"'{name}' has no values in sheet '{shorten(sheet)}': {count(cells, 'formula')} without a stored result. {CALCULATE}"
            ) from e
        raise
    why = "" if options.get("sheet") or sheet == names[0] else ", the first with several columns"
    said = f"Read {count(len(frame), 'row')} and {count(frame.shape[1], 'column')} from sheet '{shorten(sheet)}'{why}."
    return frame, _of_sheets(report, said, [n for n in names if n != sheet], "the workbook", _formula_notes(formulas, report.options["names"]))


def _of_sheets(report: ReadReport, said: str, rest: list[str], of: str, more: list[Note]) -> ReadReport:
    """The report of one of several sheets, with the others named."""
    if rest:
        said = f"{said[:-1]}; {of} also has {listed(rest)}."
    return replace(report, notes=(Note("read", said), *more, *report.notes[1:]))


def _read_sheets_xml(
    found: Unpacked, name: str, options: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    names = sheet_xml.sheets(found.path, name)
    sheet = excel.choose(names, options.get("sheet"), name)
    try:
        text = sheet_xml.xml_sheet_text(str(found.path), sheet, empty=True)
    except ValueError as e:
        raise DataError(f"Sheet '{shorten(sheet)}' of '{name}' says that it has tens of millions of cells, and is not read. Save it as CSV and use that.") from e
    decoded = Decoded(text.encode(), "utf-8")
    more = {"sheet": sheet, "empty_rows": True, "written_as": "xml"}
    frame, report = _from_text(decoded, "excel", f"{name}, sheet {sheet}", {**options, "delimiter": ","}, more, progress)
    said = f"Read {count(len(frame), 'row')} and {count(frame.shape[1], 'column')} from sheet '{shorten(sheet)}' of a workbook in XML."
    return frame, _of_sheets(report, said, [n for n in names if n != sheet], "the workbook", [])


def _read_page(
    found: Unpacked, name: str, options: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    how = web.encoding_of(found.path.read_bytes(), name, options.get("encoding"), options.get("encoding_errors"))
    names = web.sheets(found.path, name, *how)
    sheet = excel.choose(names, options.get("sheet"), name)
    decoded = Decoded(web.page_text(str(found.path), sheet, *how).encode(), how[0], how[1])
    more = {"sheet": sheet, "written_as": "page"}
    frame, report = _from_text(decoded, "excel", name, {**options, "delimiter": ","}, more, progress)
    which = f"'{sheet}', the largest" if len(names) > 1 and not options.get("sheet") else "the table" if len(names) == 1 else f"'{sheet}'"
    said = f"Read {count(len(frame), 'row')} and {count(frame.shape[1], 'column')} from {which} of a web page."
    return frame, _of_sheets(report, said, [n for n in names if n != sheet], "the page", [])


def sheets_of(found: Unpacked, name: str) -> list[str]:
    """The sheets of a workbook, or the tables of a web page; empty for anything else.

    Raises
    ------
    DataError
    """
    match found.format:
        case Format.EXCEL:
            return excel.sheets(found.path, name)
        case Format.SHEETS_XML:
            return sheet_xml.sheets(found.path, name)
        case Format.PAGE:
            return web.sheets(found.path, name)
        case _:
            return []


def _formula_notes(formulas: excel.Unfinished, names: list[str]) -> list[Note]:
    """Which columns hold formulas that nobody has calculated."""

    def said(counts: dict[int, int]) -> str:
        return listed([f"{shorten(names[i], 30)} ({n:,})" for i, n in counts.items() if i < len(names)], quote="")

    notes = []
    if formulas.missing:
        what = f"Formulas without a stored result are read as empty cells: {said(formulas.missing)}. {CALCULATE}"
        notes.append(Note("formulas", what))
    if formulas.zero:
        what = f"All formulas of a column have the result 0, as if they were never calculated: {said(formulas.zero)}. {CALCULATE}"
        notes.append(Note("formulas", what))
    return notes


def _from_text(
    decoded: Decoded, format: str, name: str, options: dict[str, Any], more: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    cut = read_delimited(decoded, name, options)
    frame, plans, notes = values.convert(cut.frame, options, cut.european, progress)
    notes = [cut.notes[0], *values.summary(frame), *cut.notes[1:], *notes]
    recorded = {**cut.recorded, **more, "missing_words": values.WORDS, "columns": plans}
    return frame, ReadReport(format, recorded, tuple(notes), cut.bad_rows, cut.set_aside)


# --- cells of any type ------------------------------------------------------------------


def _read_json(
    found: Unpacked, name: str, options: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    decoded = decode(
        found.path.read_bytes(), name, options.get("encoding"), options.get("encoding_errors")
    )
    frame, notes, bad = read_records(decoded.data.decode(), name)
    more = {"encoding": decoded.encoding, "encoding_errors": decoded.errors}
    return _from_frame(frame, "json", options, f"'{name}'", notes, more, bad, progress=progress)


def _read_parquet(
    found: Unpacked, name: str, options: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(found.path)
        kept = _kept(schema, name)
        frame = pd.read_parquet(
            found.path, columns=kept if len(kept) < len(schema.names) else None, to_pandas_kwargs={"ignore_metadata": True}
        )
    except (pa.ArrowException, OSError) as e:
        raise DataError(f"'{name}' is a Parquet file but damaged or cut short. Upload it again.") from e
    return _of_schema(frame, schema, kept, "Parquet", name, options, {}, progress)


def _read_arrow(
    found: Unpacked, name: str, options: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    import pyarrow as pa

    with found.path.open("rb") as file:
        way = "open_file" if file.read(6) == b"ARROW1" else "open_stream"
    try:
        with pa.memory_map(str(found.path)) as file:
            table = getattr(pa.ipc, way)(file).read_all()
            kept = _kept(table.schema, name)
            frame = table.select(kept).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as e:
        raise DataError(f"'{name}' is an Arrow file but damaged or cut short. Upload it again.") from e
    return _of_schema(frame, table.schema, kept, "Arrow", name, options, {"written_as": way}, progress)


def _kept(schema: Any, name: str) -> list[str]:
    """The columns that can be used."""
    if twice := next((n for n, times in Counter(schema.names).items() if times > 1), None):
        raise DataError(f"'{name}' has more than one column '{shorten(twice)}'. Rename all but one of them.")
    return [field.name for field in schema if not _is_nested(field.type)]


def _of_schema(
    frame: pd.DataFrame, schema: Any, kept: list[str], of: str, name: str, options: dict[str, Any], more: dict[str, Any], progress: Progress
) -> tuple[pd.DataFrame, ReadReport]:
    """A table of typed columns, those that hold lists or records set aside."""
    if not schema.names:
        raise DataError(f"'{name}' is {'an' if of[0] == 'A' else 'a'} {of} file without any column. Choose another file.")
    if not len(frame):
        raise DataError(f"'{name}' has column names but no rows. Add rows or choose another file.")
    if not kept:
        raise DataError(f"'{name}' has no column that can be used: all hold lists or records.")
    types = {field.name: field.type for field in schema}
    notes = [Note("read", f"Read {count(len(frame), 'row')} and {count(len(kept), 'column')} from {of}.")]
    for column in [n for n in schema.names if n not in kept]:
        what = f"'{shorten(column)}' holds lists or records ({shorten(types[column])}) and was set aside."
        notes.append(Note("set_aside", what, column))
    more = {**more, **({"kept": kept} if len(kept) < len(schema.names) else {})}
    return _from_frame(frame, "parquet", options, f"'{name}'", notes, more, types=types, progress=progress)


def _from_frame(
    frame: pd.DataFrame,
    format: str,
    options: dict[str, Any],
    name: str,
    notes: list[Note] | None = None,
    more: dict[str, Any] | None = None,
    bad: list[BadRow] | None = None,
    types: dict[str, Any] | None = None,
    progress: Progress = lambda share: None,
) -> tuple[pd.DataFrame, ReadReport]:
    """A frame of any types: columns of plain types under safe names, text decided upon."""
    plain, kept, type_notes, unchanged = _plain_columns(frame, types)
    given = options.get("renamed") or {}
    plain.columns = renamed.called(list(plain.columns), given)
    if plain.shape[1] == 0:
        raise DataError(f"{name} has no column that can be used: all hold lists or records.")
    done, plans, value_notes = values.convert(plain, options, progress=progress)
    first = (notes or [])[:1]
    said = [*first, *values.summary(done), *(notes or [])[1:], *renamed.notes(given), *type_notes, *value_notes]
    recorded = {
        **(more or {}),
        "names": list(plain.columns),
        "plain": unchanged,
        "missing_words": values.WORDS,
        "columns": plans,
    }
    if len(kept) < frame.shape[1]:
        recorded["kept"] = kept
    if given:
        recorded["renamed"] = dict(given)
    return done, ReadReport(format, recorded, tuple(said), len(bad or ()), tuple((bad or ())[: sniff.SHOWN_BAD]))


def _is_nested(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return (
        pa.types.is_nested(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or (pa.types.is_fixed_size_binary(kind) and not pa.types.is_decimal(kind))
    )


def _plain_columns(
    frame: pd.DataFrame, types: dict[str, Any] | None = None
) -> tuple[pd.DataFrame, list[str], list[Note], bool]:
    """Columns of plain types under safe names, the own names of those kept, and whether all were plain."""
    names, notes = safe_names(list(frame.columns))
    columns: dict[str, pd.Series] = {}
    kept: list[str] = []
    unchanged = True
    for position, name in enumerate(names):
        column = frame.iloc[:, position]
        if column.dtype == object and types is None and _holds_objects(column):
            message = f"'{shorten(name)}' holds lists or records and was set aside."
            notes.append(Note("set_aside", message, name))
            continue
        plain = parse.to_plain(column)
        stored = str((types or {}).get(frame.columns[position], column.dtype))
        notes += _type_notes(name, column, plain, stored)
        columns[name] = plain
        kept.append(str(frame.columns[position]))
        unchanged = unchanged and plain.dtype == column.dtype and plain.isna().sum() == column.isna().sum()
    return pd.DataFrame(columns, index=frame.index), kept, notes, bool(unchanged)


def _holds_objects(column: pd.Series) -> bool:
    return any(
        isinstance(v, (list, dict, set, tuple, np.ndarray, bytes)) for v in column.dropna().iloc[:1000]
    )


def _type_notes(name: str, column: pd.Series, plain: pd.Series, stored: str) -> list[Note]:
    lost = int(plain.isna().sum()) - int(column.isna().sum())
    shown = shorten(name)
    if lost and plain.dtype.kind == "f":
        return [Note("infinite", f"'{shown}': {count(lost, 'infinite value')} {'counts' if lost == 1 else 'count'} as missing.", name)]
    if lost and plain.dtype.kind == "M":
        what = f"'{shown}': {count(lost, 'date')} outside the years 1677 to 2262 {'counts' if lost == 1 else 'count'} as missing."
        return [Note("dates", what, name)]
    if getattr(column.dtype, "tz", None) is not None:
        return [Note("time_zone", f"'{shown}' was converted from {column.dtype.tz} to UTC.", name)]
    if plain.dtype.kind == "M" and not np.issubdtype(_numpy_type(column), np.datetime64):
        return [Note("stored_type", f"'{shown}' was stored as {stored} and is read as a date.", name)]
    if plain.dtype.kind in "fi" and _numpy_type(column).kind not in "fiu":
        return [Note("stored_type", f"'{shown}' was stored as {stored} and is read as a number.", name)]
    whole = stored in ("int64", "uint64") and plain.dtype == np.float64
    if whole and len(plain) and plain.abs().max() >= 2**53:
        what = (
            f"'{shown}' has whole numbers past 9,007,199,254,740,992 and gaps: their last digits are rounded."
        )
        return [Note("rounded", what, name)]
    return []


def _numpy_type(column: pd.Series) -> np.dtype:
    return column.dtype if isinstance(column.dtype, np.dtype) else np.dtype(object)


_READERS = {
    Format.TEXT: _read_text,
    Format.EXCEL: _read_excel,
    Format.JSON: _read_json,
    Format.PARQUET: _read_parquet,
    Format.ARROW: _read_arrow,
    Format.SHEETS_XML: _read_sheets_xml,
    Format.PAGE: _read_page,
}
