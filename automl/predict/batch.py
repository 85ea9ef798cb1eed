"""A whole table: checked, predicted in pieces of constant memory, written in every format that is wished for."""

from __future__ import annotations

import tempfile
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl.bundle import Bundle
from automl.errors import ColumnError, PredictionError, unknown_name
from automl.predict.contract import ANY_FILL, Check, Choices
from automl.predict.extras import MANY_ROWS, Extras
from automl.predict.output import FORMATS, WRITERS, check_output, fits_excel
from automl.predict.reading import CHUNK_ROWS, Progress, Table, pieces, to_table
from automl.predict.rows import Part, Predictor

if TYPE_CHECKING:
    import pyarrow as pa

CHECKED_ROWS = 100_000  # of a larger table so many rows are checked before it is predicted, all while it is
EXPLAINED_ROWS = 2_000  # a piece where reasons are given, which take their time: progress is seen, a cancel heard
MASTER = "predictions.parquet"  # what history, comparison and score read; other formats are for people


@dataclass(frozen=True)
class Wishes:
    """What the output is to hold.

    Attributes
    ----------
    choices : Choices
        About the table's columns.
    keep : tuple of str, optional
        The table's columns in the output; None: all.
    formats : tuple of str
        Of csv, parquet and xlsx.
    warnings : bool
    extras : Extras
        Intervals, sets, reasons.
    """

    choices: Choices = ANY_FILL
    keep: tuple[str, ...] | None = None
    formats: tuple[str, ...] = ("csv",)
    warnings: bool = True
    extras: Extras = Extras()


@dataclass(frozen=True)
class Outcome:
    """What came out of a batch.

    Attributes
    ----------
    rows : int
    check : Check
        Of all rows.
    added : tuple of str
        The columns that were added, the prediction first.
    files : dict
        Format → file name in the folder.
    labels : dict
        How often each label was predicted; empty for values.
    mean, low, high : float, optional
        Of the predicted values.
    warned : int
        Rows with a warning.
    unsure : int
        Rows with an empty set: no outcome is likely enough.
    """

    rows: int
    check: Check
    added: tuple[str, ...]
    files: dict[str, str]
    labels: dict[str, int] = field(default_factory=dict)
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    warned: int = 0
    unsure: int = 0


def check_table(bundle: Bundle, table: Table, choices: Choices = Choices()) -> Check:
    """Check a table before it is predicted; of a large one its first 100,000 rows."""
    predictor = Predictor(bundle, table.names, choices)
    if predictor.found.refused:
        return predictor.check(table.rows)
    looked = Predictor(bundle, table.names, _anyhow(choices))
    for _, frame in pieces(table):
        looked.look(frame)
        if looked.rows >= CHECKED_ROWS:
            break
    looked.choices, looked.found = choices, predictor.found
    check = looked.check(table.rows)
    return replace(check, violations=(*table.repairs, *check.violations))


def check_file(bundle: Bundle, path: str | Path, choices: Choices = Choices()) -> Check:
    """Check a file of rows to predict.

    Raises
    ------
    DataError
        The file is no table, or has no rows.
    """
    with tempfile.TemporaryDirectory(prefix="foretable-") as folder:
        table = to_table(bundle, Path(path), Path(folder), name=Path(path).name)
        return check_table(bundle, table, choices)


def run(
    bundle: Bundle, table: Table, folder: Path, wishes: Wishes = Wishes(), progress: Progress = lambda share: None
) -> Outcome:
    """Predict a table into a folder: predictions.parquet, and predictions.csv and .xlsx where wished for.

    Parameters
    ----------
    bundle : Bundle
    table : Table
    folder : Path
        Exists and is empty; what is in it is of use only when this has returned.
    wishes : Wishes
    progress : callable
        Is told the share of rows that is done; what it raises ends the run.

    Raises
    ------
    PredictionError
        The table can't be predicted, or not be written as Excel.
    """
    if table.rows <= MANY_ROWS:
        wishes = replace(wishes, extras=replace(wishes.extras, quick=False))
    predictor = Predictor(bundle, table.names, wishes.choices, warnings=wishes.warnings, extras=wishes.extras)
    if predictor.found.refused:
        raise PredictionError(predictor.found.refused)
    for name in wishes.keep or ():
        if name not in table.names:
            raise ColumnError(unknown_name("column", name, table.names, "in the table"))
    kept = [n for n in table.names if wishes.keep is None or n in wishes.keep]
    formats = tuple(dict.fromkeys(("parquet", *wishes.formats)))
    if "xlsx" in formats and (why := fits_excel(table.rows, len(kept) + len(predictor.names))):
        raise PredictionError(why)
    needed = list(dict.fromkeys([*kept, *(table.names[i] for i in predictor.reads())]))
    needed = [n for n in table.names if n in set(needed)]
    predictor = Predictor(bundle, needed, wishes.choices, warnings=wishes.warnings, extras=wishes.extras)
    predictor.names, predictor.clashes = _names_beside(bundle, wishes, kept)
    tally = _Tally()
    paths = {f: folder / (MASTER if f == "parquet" else f"predictions.{f}") for f in formats}
    writers = [WRITERS[f](path) for f, path in paths.items()]
    try:
        with ThreadPoolExecutor(1) as behind:  # writes while the next piece is predicted
            pending: Future[None] | None = None
            rows = EXPLAINED_ROWS if wishes.extras.reasons else CHUNK_ROWS
            for stored, frame in pieces(table, needed, rows):
                part = predictor.predict(frame)
                tally.add(part, predictor)
                piece = beside(stored.select(kept), part, bundle)
                if pending:
                    pending.result()
                pending = behind.submit(_write, writers, piece)
                progress(min(predictor.rows / table.rows, 1.0))
            if pending:
                pending.result()
    finally:
        for writer in writers:
            writer.close()
    check = replace(predictor.check(), violations=(*table.repairs, *predictor.violations()))
    files = {f: path.name for f, path in paths.items()}
    return Outcome(predictor.rows, check, tuple(predictor.names.values()), files, **tally.result())


def predict_file(
    bundle: Bundle,
    path: str | Path,
    out: str | Path,
    wishes: Wishes = Wishes(),
    progress: Progress = lambda share: None,
) -> Outcome:
    """Read a file of any size, predict it, and write input and predictions to CSV, Parquet or Excel.

    The output appears whole or not at all. Text cells that a spreadsheet would run as a formula are
    guarded in CSV and Excel.

    Raises
    ------
    DataError, PredictionError
        The file can't be read, predicted or written.
    """
    path, out = Path(path), Path(out)
    check_output(out, FORMATS)
    format = out.suffix.lower().removeprefix(".")
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", suffix=".part", dir=out.parent) as scratch:
        table = to_table(bundle, path, Path(scratch), name=path.name, progress=lambda s: progress(0.2 * s))
        done = Path(scratch) / "done"
        done.mkdir()
        outcome = run(
            bundle, table, done, replace(wishes, formats=(format,)), lambda s: progress(0.2 + 0.8 * s)
        )
        (done / outcome.files[format]).replace(out)
    return outcome


def beside(stored: pa.Table, part: Part, bundle: Bundle) -> pa.Table:
    """The kept columns with the added ones after them."""
    import pyarrow as pa

    for name, values in part.added.items():
        if isinstance(values, np.ndarray) and values.dtype == object:
            labels = bundle.model.problem.class_dtype in ("str", "object") or isinstance(values[:1].tolist()[0], str)
            cells = pa.array([None if v is None else str(v) for v in values] if labels else values.tolist())
            cells = cells.cast(pa.string()) if pa.types.is_null(cells.type) else cells
        else:
            cells = pa.array(np.asarray(values))
        stored = stored.append_column(name, cells)
    return stored


def _write(writers: list[Any], piece: pa.Table) -> None:
    for writer in writers:
        writer.write(piece)


def _names_beside(bundle: Bundle, wishes: Wishes, kept: list[str]) -> tuple[dict[str, str], list[str]]:
    from automl.predict.rows import added_names, free_names

    return free_names(added_names(bundle, wishes.warnings, wishes.extras), kept)


def _anyhow(choices: Choices) -> Choices:
    """The same choices, with every other missing column taken as missing: so that the rest can be looked at."""
    return replace(choices, fill=choices.fill or ANY_FILL.fill)


class _Tally:
    """What the predictions add up to."""

    def __init__(self) -> None:
        self.labels: Counter[str] = Counter()
        self.rows, self.total, self.low, self.high, self.warned = 0, 0.0, np.inf, -np.inf, 0
        self.classes, self.unsure = False, 0

    def add(self, part: Part, predictor: Predictor) -> None:
        first = part.added[predictor.names["prediction"]]
        self.classes = part.values.ndim == 2
        self.unsure += part.unsure
        if self.classes:
            values, counts = np.unique(np.asarray(first, dtype=str), return_counts=True)
            self.labels.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        elif len(first):
            self.rows, self.total = self.rows + len(first), self.total + float(np.sum(first))
            self.low, self.high = min(self.low, float(np.min(first))), max(self.high, float(np.max(first)))
        if predictor.warnings:
            self.warned += int(np.count_nonzero(part.added[predictor.names["warnings"]] != ""))

    def result(self) -> dict[str, Any]:
        numbers = {}
        if self.rows:
            numbers = {"mean": self.total / self.rows, "low": self.low, "high": self.high}
        return {"labels": dict(self.labels.most_common()), "warned": self.warned, "unsure": self.unsure, **numbers}
