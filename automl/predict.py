"""The prediction contract: rows from anywhere are matched to what the model knows, repaired where
that is safe, predicted, and every repair and doubt is said.

A prediction never fails for a missing, renamed or re-cased column, an unseen category or a target
that is still there; it says what it did in `Predictions.repairs` and in each row's `warnings`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.bundle import Bundle
from automl.errors import PredictionError
from automl.types import ColumnKind, Note

CHUNK_ROWS = 50_000
MIN_SHARE_OF_COLUMNS = 0.5  # below this share of known columns a table is taken to be the wrong one
MAX_NAMES_IN_A_SENTENCE = 6


@dataclass(frozen=True)
class Predictions:
    """What came out: the input rows with `prediction`, `probability_<class>` and `warnings`."""

    table: pd.DataFrame
    values: np.ndarray
    repairs: tuple[Note, ...] = ()
    missing_columns: tuple[str, ...] = ()
    added: tuple[str, ...] = field(default=())  # names of the columns that were added


def match_columns(bundle: Bundle, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Pick the model's input columns out of a table, by name, then by name without case and spaces.

    Returns the columns in the model's order (missing ones empty) and what was repaired.
    Raises PredictionError when most of the model's columns are not there.
    """
    wanted = [c["name"] for c in bundle.schema["columns"]]
    target = bundle.schema["target"]
    exact = {str(name): name for name in reversed(frame.columns)}
    folded = {_fold(name): name for name in reversed(frame.columns)}
    picked, renamed, missing = {}, [], []
    for name in wanted:
        if name in exact:
            picked[name] = frame[exact[name]]
        elif _fold(name) in folded:
            source = folded[_fold(name)]
            picked[name] = frame[source]
            renamed.append(f"'{source}' read as '{name}'")
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
    used = {picked[n].name for n in picked}
    extra = [str(c) for c in frame.columns if c not in used and str(c) != target]
    if any(str(c) == target for c in frame.columns):
        notes.append(
            Note("target_present", f"The column '{target}' is in the table; the model does not look at it.")
        )
    if extra:
        notes.append(
            Note("extra_column_check", f"Not used by the model, kept in the output: {_names(extra)}.")
        )
    out = pd.DataFrame(
        {n: picked.get(n, pd.Series(np.nan, index=frame.index)) for n in wanted}, index=frame.index
    )
    return out, notes


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
    inputs, notes = match_columns(bundle, frame)
    typed = model.prepare(inputs)
    values = model.predict_typed(typed) if len(frame) else np.zeros((0, max(len(model.problem.classes), 1)))
    if not len(frame) and not model.problem.has_probabilities:
        values = values[:, 0]
    warnings, summary = row_warnings(bundle, inputs, typed)
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
    folded = {_fold(c) for c in frame.columns}
    missing = tuple(c for c in inputs.columns if _fold(c) not in folded)
    return Predictions(table, values, tuple(notes + summary), missing, tuple(columns))


def predict_one(bundle: Bundle, row: dict[str, Any]) -> dict[str, Any]:
    """Predict one row given as a dict; columns that are left out count as missing.

    Returns ``{"prediction", "probabilities": {label: probability} | None, "warnings": [sentence]}``.
    """
    full = {c["name"]: row.get(c["name"]) for c in bundle.schema["columns"]}
    frame = pd.DataFrame({name: [np.nan if value is None else value] for name, value in full.items()})
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
                        f"{name}: {int(unseen.sum()):,} rows hold values not seen in training ({shown}).",
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
                        f"{name}: {int(lost.sum()):,} values are not {word}s and taken as missing.",
                        name,
                    )
                )
    return texts, notes


def predict_file(bundle: Bundle, path: str | Path, out: str | Path) -> Predictions:
    """Read a table, predict it and write input and predictions to CSV or Parquet (by the ending of `out`).

    The output appears whole or not at all. Text cells that a spreadsheet would run as a formula
    are guarded with an apostrophe in CSV.
    """
    from automl.data.read import read_table

    out = Path(out)
    check_output(out)
    predictions = predict_frame(bundle, read_table(path))
    write_table(predictions.table, out)
    return predictions


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
    return f"{text}; {more}" if text else more


def _names(names: list[str], quote: bool = True) -> str:
    shown = [f"'{n}'" if quote else n for n in names[:MAX_NAMES_IN_A_SENTENCE]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
