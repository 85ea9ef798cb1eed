"""The prediction contract: rows from anywhere are matched to what the model knows, repaired where
that is safe, predicted, and every repair and doubt is said.

A prediction never fails for a missing, renamed or re-cased column, an unseen category or a target
that is still there; it says what it did in `Predictions.repairs` and in each row's `warnings`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.bundle import Bundle
from automl.data.guess import COMMA_DECIMAL
from automl.data.parse import to_date
from automl.data.words import count
from automl.errors import PredictionError
from automl.types import ColumnKind, Note

CHUNK_ROWS = 50_000
MIN_SHARE_OF_COLUMNS = 0.5  # below this share of known columns a table is taken to be the wrong one
MAX_NAMES_IN_A_SENTENCE = 6
COMMA_NUMBER = re.compile(COMMA_DECIMAL)


@dataclass(frozen=True)
class Predictions:
    """What came out: the input rows with `prediction`, `probability_<class>` and `warnings`."""

    table: pd.DataFrame
    values: np.ndarray
    repairs: tuple[Note, ...] = ()
    missing_columns: tuple[str, ...] = ()
    added: tuple[str, ...] = field(default=())  # names of the columns that were added


def match_columns(bundle: Bundle, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Note], list[str]]:
    """Pick the model's input columns out of a table, by name, then by name without case and spaces.

    Returns the columns in the model's order (missing ones empty), what was repaired, and which are missing.
    Raises PredictionError when most of the model's columns are not there.
    """
    wanted = [c["name"] for c in bundle.schema["columns"]]
    target = bundle.schema["target"]
    given = [str(name) for name in frame.columns]
    exact = {name: at for at, name in reversed(list(enumerate(given)))}
    taken = {*wanted, target} & exact.keys()  # a column that has its own name stands for no other
    folded = {_fold(name): at for name, at in exact.items() if name not in taken}
    picked, renamed, missing = {}, [], []
    for name in wanted:
        if name in exact:
            picked[name] = exact[name]
        elif _fold(name) in folded:
            picked[name] = folded[_fold(name)]
            renamed.append(f"'{given[picked[name]]}' read as '{name}'")
        else:
            missing.append(name)
    if wanted and len(missing) > len(wanted) * (1 - MIN_SHARE_OF_COLUMNS):
        raise PredictionError(
            f"{len(missing)} of the {len(wanted)} columns that the model needs are not in this table "
            f"({_names(missing)}). Check that it is the right table."
        )
    notes = []
    if renamed:
        notes.append(
            Note(
                "renamed_column",
                f"Matched without regard to case and spaces: {_names(renamed, quote=False)}.",
            )
        )
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        notes.append(
            Note(
                "missing_column_check",
                f"{_names(missing)} {verb} not in the table and taken as missing in every row.",
            )
        )
    unused = [name for at, name in enumerate(given) if at not in picked.values()]
    extra = [name for name in unused if _fold(name) != _fold(target)]
    if len(extra) < len(unused):
        notes.append(
            Note("target_present", f"The column '{target}' is in the table; the model does not look at it.")
        )
    if extra:
        notes.append(
            Note("extra_column_check", f"Not used by the model, kept in the output: {_names(extra)}.")
        )
    empty = pd.Series(np.nan, index=frame.index)
    out = pd.DataFrame(
        {n: frame.iloc[:, picked[n]] if n in picked else empty for n in wanted}, index=frame.index
    )
    return as_trained(bundle, out), notes, missing


def as_trained(bundle: Bundle, inputs: pd.DataFrame) -> pd.DataFrame:
    """Text that the training file's way of writing explains, read in that way.

    Where the training file wrote 31/01/2024, 1,5 or TRUE, so may a row that is given as text.
    """
    read = {}
    for name, plan in bundle.reading.items():
        special = (
            (plan["type"] == "date" and plan["format"] != "ISO8601")
            or plan.get("decimal") == ","
            or plan["type"] == "flag"
        )
        if special and name in inputs and inputs[name].dtype.kind not in "biufM":
            values = inputs[name].to_numpy(dtype=object)
            distinct = {v for v in values if isinstance(v, str)}
            meant = {v: _meant(v.strip(), plan) for v in distinct}
            read[name] = [meant.get(v, v) if isinstance(v, str) else v for v in values]
    if not read:
        return inputs
    return inputs.assign(**{n: pd.Series(v, index=inputs.index, dtype=object) for n, v in read.items()})


def _meant(text: str, plan: dict[str, Any]) -> Any:
    if plan["type"] == "flag":
        return text.capitalize() if text.lower() in ("true", "false") else text
    if plan["type"] == "date":
        date = to_date(pd.Series([text], dtype="str"), plan["format"]).iloc[0]
        return text if date is pd.NaT else date.isoformat()
    if COMMA_NUMBER.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    return text


def predict_values(bundle: Bundle, frame: pd.DataFrame) -> np.ndarray:
    """Values of shape (rows,) or probabilities of shape (rows, classes), without the contract's talk."""
    return bundle.model.predict_values(match_columns(bundle, frame)[0])


def predict_frame(bundle: Bundle, frame: pd.DataFrame) -> Predictions:
    """Predict every row of a table.

    Parameters
    ----------
    bundle : Bundle
    frame : DataFrame of shape (rows, any columns)
        Raw rows; column order and letter case don't matter, the target may be there.

    Returns
    -------
    Predictions

    Raises
    ------
    PredictionError
        Most of the model's columns are missing.
    """
    model = bundle.model
    inputs, notes, missing = match_columns(bundle, frame)
    typed = model.prepare(inputs)
    values = model.predict_typed(typed) if len(frame) else np.zeros((0, max(len(model.problem.classes), 1)))
    if not len(frame) and not model.problem.has_probabilities:
        values = values[:, 0]
    warnings, summary = row_warnings(bundle, inputs, typed)
    if missing:
        absent = f"{_names(missing)} not in the table"
        warnings = np.array([_add(absent, text) for text in warnings] + [None], dtype=object)[:-1]
    added = {"prediction": model.decide(values)}
    if model.problem.has_probabilities:
        for i, label in enumerate(model.problem.classes):
            added[f"probability_{label}"] = values[:, i]
    added["warnings"] = warnings
    columns, clashes = {}, []
    taken = {str(c) for c in frame.columns}
    for name, data in added.items():
        free = name
        while free in taken:
            free += "_foretable"
        if free != name:
            clashes.append(f"'{name}' is written as '{free}'")
        taken.add(free)
        columns[free] = data
    if clashes:
        notes.append(
            Note("name_clash", f"The table has columns of the same name: {_names(clashes, quote=False)}.")
        )
    table = pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
    return Predictions(table, values, tuple(notes + summary), tuple(missing), tuple(columns))


def predict_one(bundle: Bundle, row: dict[str, Any]) -> dict[str, Any]:
    """Predict one row given as a dict; columns that are left out count as missing.

    Returns ``{"prediction", "probabilities": {label: probability} | None, "warnings": [sentence]}``.
    """
    full = {c["name"]: row.get(c["name"]) for c in bundle.schema["columns"]}
    frame = pd.DataFrame({name: [np.nan if value is None else value] for name, value in full.items()})
    frame = as_trained(bundle, frame)
    model = bundle.model
    typed = model.prepare(frame)
    values = model.predict_typed(typed)
    warnings = row_warnings(bundle, frame, typed)[0][0]
    prediction = model.decide(values)[0]
    probabilities = None
    if model.problem.has_probabilities:
        probabilities = {label: float(p) for label, p in zip(model.problem.classes, values[0], strict=True)}
    return {
        "prediction": prediction.item() if hasattr(prediction, "item") else prediction,
        "probabilities": probabilities,
        "warnings": [w for w in warnings.split("; ") if w],
    }


def row_warnings(bundle: Bundle, inputs: pd.DataFrame, typed: pd.DataFrame) -> tuple[np.ndarray, list[Note]]:
    """What is doubtful about each row, as one text a row, and a summary a column."""
    rows = len(inputs)
    texts = np.full(rows, "", dtype=object)
    notes = []
    for column in bundle.schema["columns"]:
        name, kind = column["name"], column["kind"]
        if name not in typed:
            continue
        given = inputs[name].notna().to_numpy()
        got = typed[name].notna().to_numpy()
        if kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN) and column.get("categories_complete"):
            known = set(column["categories"])
            unseen = np.array(
                [v is not None and v == v and v not in known for v in typed[name].to_numpy(dtype=object)],
                dtype=bool,
            )
            if unseen.any():
                values = typed[name].to_numpy(dtype=object)[unseen]
                for i, v in zip(np.flatnonzero(unseen), values, strict=True):
                    texts[i] = _add(texts[i], f"{name}: '{v}' was not seen in training")
                shown = _names(sorted(set(values), key=str))
                notes.append(
                    Note(
                        "categorical_values_check",
                        f"{name}: {count(int(unseen.sum()), 'row')} with a value not seen in training ({shown}).",
                        name,
                    )
                )
        lost = given & ~got
        if kind in (ColumnKind.NUMERIC, ColumnKind.DATETIME) and lost.any():
            word = "number" if kind == ColumnKind.NUMERIC else "date"
            blank = np.array(
                [isinstance(v, str) and not v.strip() for v in inputs[name].to_numpy(dtype=object)],
                dtype=bool,
            )
            lost &= ~blank
            for i in np.flatnonzero(lost):
                texts[i] = _add(
                    texts[i], f"{name}: '{inputs[name].iloc[i]}' is not a {word}, taken as missing"
                )
            if lost.any():
                notes.append(
                    Note(
                        "data_type_check",
                        f"{name}: {count(int(lost.sum()), 'value')} taken as missing (not a {word}).",
                        name,
                    )
                )
    return texts, notes


def predict_file(bundle: Bundle, path: str | Path, out: str | Path) -> Predictions:
    """Read a table, predict it and write input and predictions to CSV or Parquet (by the ending of `out`).

    The output appears whole or not at all. Text cells that a spreadsheet would run as a formula
    are guarded with an apostrophe in CSV.
    """
    out = Path(out)
    check_output(out)
    predictions = predict_frame(bundle, read_rows(bundle, path))
    write_table(predictions.table, out)
    return predictions


def read_rows(bundle: Bundle, path: str | Path, name: str | None = None) -> pd.DataFrame:
    """Read a file of rows to predict as the training file was read, where its values allow that.

    So 03/04/2024 is the same day in both, and codes such as 007 stay text. `name` is what to call the
    file in sentences.
    """
    from automl.data.read import read_with_report

    known = {_fold(column): plan for column, plan in bundle.reading.items()}
    decimals = {p["decimal"] for p in known.values() if p.get("decimal") == "," or p.get("thousands")}
    options = {"decimal": decimals.pop()} if len(decimals) == 1 else {}
    frame, report = read_with_report(path, options=options, name=name)
    otherwise = {}
    for column, plan in report.options["columns"].items():
        usual = known.get(_fold(column))
        if usual and usual["type"] in ("date", "text") and not plan.get("empty"):
            same = all(usual.get(key) == plan.get(key) for key in ("type", "format", "keep"))
            if not same:
                otherwise[column] = usual
    if not otherwise:
        return frame
    return read_with_report(path, options={**options, "columns": otherwise}, name=name)[0]


def check_output(out: Path) -> None:
    """Raise PredictionError unless `out` can be written as CSV or Parquet."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise PredictionError(f"'{out.name}' must end in .csv or .parquet.")
    if not out.parent.is_dir():
        raise PredictionError(f"The folder '{out.parent}' does not exist. Create it or choose another one.")


def write_table(table: pd.DataFrame, out: Path) -> None:
    """Write a table whole: a temporary name first, then a rename."""
    staged = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        if out.suffix.lower() == ".csv":
            guard_formulas(table).to_csv(staged, index=False)
        else:
            portable(table).to_parquet(staged, index=False)
        staged.replace(out)
    finally:
        staged.unlink(missing_ok=True)


def guard_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text cells and headers that a spreadsheet would run as a formula.

    OWASP, "CSV injection": cells that begin with = + - @, tab or carriage return.
    """

    def guard(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value

    out = table.copy()
    for position in range(out.shape[1]):
        column = out.iloc[:, position]
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            out.isetitem(position, column.astype(object).map(guard))
    out.columns = [guard(c) for c in out.columns]
    return out


def portable(table: pd.DataFrame) -> pd.DataFrame:
    """A copy that Parquet can hold: mixed object columns as text, names as text."""
    out = table.copy()
    out.columns = [str(c) for c in out.columns]
    for position in range(out.shape[1]):
        column = out.iloc[:, position]
        if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) not in (
            "string",
            "boolean",
        ):
            out.isetitem(position, column.map(str, na_action="ignore"))
    return out


def chunks(frame: pd.DataFrame, rows: int = CHUNK_ROWS) -> Iterator[pd.DataFrame]:
    """Cut a table into pieces of at most `rows` rows."""
    for start in range(0, len(frame), rows):
        yield frame.iloc[start : start + rows]


def _fold(name: Any) -> str:
    return "".join(str(name).casefold().split())


def _add(text: str, more: str) -> str:
    return f"{text}; {more}" if text and more else text or more


def _names(names: list[str], quote: bool = True) -> str:
    shown = [f"'{n}'" if quote else n for n in names[:MAX_NAMES_IN_A_SENTENCE]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
