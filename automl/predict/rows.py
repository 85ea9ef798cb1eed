"""Rows in, predictions out: a table at once, or piece after piece with the same outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl import insight
from automl.bundle import Bundle
from automl.data.words import count
from automl.predict.cells import as_trained
from automl.predict.columns import Matched, as_called, match, name_list, read_by, said_of, take
from automl.predict.contract import ANY_FILL, Check, Choices, Status, Violation
from automl.predict.doubts import Doubts, put
from automl.predict.extras import MANY_ROWS, Extras
from automl.predict.joining import Joiner
from automl.types import Note, Severity


@dataclass(frozen=True)
class Predictions:
    """What came out: the input rows with `prediction`, `probability_<class>` and `warnings`."""

    table: pd.DataFrame
    values: np.ndarray
    repairs: tuple[Note, ...] = ()
    missing_columns: tuple[str, ...] = ()
    added: tuple[str, ...] = field(default=())  # names of the columns that were added


@dataclass(frozen=True)
class Part:
    """Predictions of some rows: the model's values, and the columns that are added to the table."""

    values: np.ndarray
    added: dict[str, Any]
    unsure: int = 0  # rows with an empty set


class Predictor:
    """Predicts a table piece by piece; each row's outcome does not depend on the others.

    Parameters
    ----------
    bundle : Bundle
    names : sequence
        The table's column names.
    choices : Choices
    warnings : bool
        Say what is doubtful about each row, in a column of its own.
    extras : Extras
        Intervals, sets, reasons.

    Raises
    ------
    PredictionError
        Most of the model's columns are missing, or one about which nothing was decided; or the extras
        can't be given.
    """

    def __init__(
        self,
        bundle: Bundle,
        names: Sequence[Any],
        choices: Choices = ANY_FILL,
        *,
        warnings: bool = True,
        extras: Extras = Extras(),
    ) -> None:
        self.bundle, self.choices, self.warnings, self.extras = bundle, choices, warnings, extras
        given, said = as_called(bundle, names, choices)
        self.joiner = Joiner(bundle, given)
        self.found = _match(self.joiner, choices)
        self.called = said_of("renamed_column", "The same column by another name, as was said of its data set: ", said)
        self.recased: Counter[str] = Counter()
        self.rows = 0
        read = set(read_by(bundle))
        here = [
            c for c in bundle.schema["columns"]
            if c["name"] in read and c["name"] in self.found.places and c["name"] not in choices.fills
        ]  # fmt: skip
        self.doubts = Doubts(here)
        self._always = f"{name_list(self.found.missing)} not in the table" if self.found.missing else ""
        self.names, self.clashes = free_names(added_names(bundle, warnings, extras), names)

    def reads(self) -> list[int]:
        """Positions of the table's columns that are looked at."""
        return sorted({at for at in self.found.places.values() if at < self.joiner.own} | self.joiner.used)

    def inputs(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The model's columns of some rows, repaired."""
        frame = self.joiner.complete(frame)
        return as_trained(self.bundle, take(self.bundle, frame, self.found, self.choices), self.recased)

    def look(self, frame: pd.DataFrame) -> None:
        """Check some rows without predicting them."""
        inputs = self.inputs(frame)
        self.rows += len(frame)
        self.doubts.look(inputs, self.bundle.model.given(inputs))

    def predict(self, frame: pd.DataFrame) -> Part:
        """Predict some rows of the table."""
        model, inputs = self.bundle.model, self.inputs(frame)
        typed = model.prepare(inputs)
        values = model.predict_typed(typed)
        self.rows += len(frame)
        added: dict[str, Any] = {"prediction": model.decide(values)}
        if model.problem.has_probabilities:
            added |= {f"probability_{c}": values[:, i] for i, c in enumerate(model.problem.classes)}
        added |= self.extras.columns(self.bundle, typed, values)
        unsure = self.extras.unsure(added)
        if self.warnings:
            texts = self.doubts.look(inputs, model.given(inputs, typed), self._always)
            put(texts, unsure, self.extras.said_of_unsure)
            added["warnings"] = texts
        return Part(values, {self.names[name]: column for name, column in added.items()}, len(unsure))

    def violations(self) -> tuple[Violation, ...]:
        """All that was found about the table so far."""
        cased = [
            Violation(
                "category_case", Status.REPAIRED, Severity.INFO,
                f"{name}: {count(cells, 'cell')} in another letter case than in training.", name, cells,
            )
            for name, cells in self.recased.items()
        ]  # fmt: skip
        clashes = []
        if self.clashes:
            said = f"The table has columns of the same name: {name_list(self.clashes, quote=False)}."
            clashes = [Violation("name_clash", Status.REPAIRED, Severity.INFO, said, count=len(self.clashes))]
        return (*self.joiner.violations(), *self.called, *self.found.violations, *cased, *self.doubts.violations(self.choices), *clashes)

    def check(self, rows: int | None = None) -> Check:
        """The outcome of the check, of a table with so many rows (all that were looked at by default)."""
        violations, needed = self.violations(), read_by(self.bundle)
        troubled = {v.column for v in violations if v.column}
        present = [name for name in needed if name in self.found.places]
        fine = sum(name not in troubled for name in present)
        return Check(rows or self.rows, self.rows, len(needed), len(present), fine, violations)


def predict_frame(
    bundle: Bundle,
    frame: pd.DataFrame,
    choices: Choices = ANY_FILL,
    *,
    level: float | None = None,
    reasons: int = 0,
) -> Predictions:
    """Predict every row of a table.

    Parameters
    ----------
    bundle : Bundle
    frame : DataFrame of shape (rows, any columns)
        Raw rows; column order and letter case don't matter, the target may be there.
    choices : Choices
        What stands in for missing columns; by default they count as missing in every row.
    level, reasons
        As of `Extras`.

    Returns
    -------
    Predictions

    Raises
    ------
    PredictionError
        Most of the model's columns are missing, or the level can't be promised.
    """
    extras = Extras(level, reasons, quick=len(frame) > MANY_ROWS)
    predictor = Predictor(bundle, list(frame.columns), choices, extras=extras)
    part = predictor.predict(frame)
    table = pd.concat([frame, pd.DataFrame(part.added, index=frame.index)], axis=1)
    notes = tuple(Note(v.code, v.sentence, v.column) for v in predictor.violations())
    return Predictions(table, part.values, notes, predictor.found.missing, tuple(part.added))


def predict_values(bundle: Bundle, frame: pd.DataFrame) -> np.ndarray:
    """Values of shape (rows,) or probabilities of shape (rows, classes), without the contract's talk."""
    joiner = Joiner(bundle, as_called(bundle, list(frame.columns))[0])
    return bundle.model.predict_values(as_trained(bundle, take(bundle, joiner.complete(frame), _match(joiner))))


def _match(joiner: Joiner, choices: Choices = ANY_FILL) -> Matched:
    """The model's columns among those of a table and those that are brought along for it."""
    joined = len(joiner.names) - joiner.own
    return match(joiner.bundle, joiner.names, choices, joined=joined, keys=joiner.used)


def predict_one(
    bundle: Bundle, row: dict[str, Any], *, level: float | None = None, reasons: bool = False
) -> dict[str, Any]:
    """Predict one row given as a dict; columns that are left out count as missing.

    Returns ``{"prediction", "probabilities": {label: probability} | None, "warnings": [sentence]}``; with a
    level also ``"interval": (low, high)`` or ``"set": [label]``, which may be empty, with reasons ``"reasons"``, an
    `explain.Reasons` of one row.
    """
    model, frame = bundle.model, one_row(bundle, row)
    typed = model.prepare(frame)
    values = model.predict_typed(typed)
    given = [c for c in bundle.schema["columns"] if c["name"] in row]
    warnings = Doubts(given).look(frame, model.given(frame, typed))[0]
    prediction = model.decide(values)[0]
    out: dict[str, Any] = {
        "prediction": prediction.item() if hasattr(prediction, "item") else prediction,
        "probabilities": None,
        "warnings": [w for w in warnings.split("; ") if w],
    }
    if model.problem.has_probabilities:
        pairs = zip(model.problem.classes, values[0], strict=True)
        out["probabilities"] = {label: float(p) for label, p in pairs}
    if level is not None and model.problem.has_probabilities:
        inside = insight.sets(bundle, values, level)[0]
        likely = np.argsort(-values[0], kind="stable")
        out["set"] = [model.problem.classes[code] for code in likely if inside[code]]
    elif level is not None:
        low, high = insight.intervals(bundle, values, level)
        out["interval"] = (float(low[0]), float(high[0]))
    if reasons:
        out["reasons"] = insight.reasons(bundle, typed)
    return out


def one_row(bundle: Bundle, row: dict[str, Any]) -> pd.DataFrame:
    """A row given as a dict as a table of one, the model's columns in order."""
    row = dict(zip(as_called(bundle, list(row))[0], row.values(), strict=True))
    row = Joiner(bundle, list(row)).complete_row(row)
    full = {c["name"]: row.get(c["name"]) for c in bundle.schema["columns"]}
    frame = pd.DataFrame({name: [np.nan if value is None else value] for name, value in full.items()})
    return as_trained(bundle, frame)


def typed_row(bundle: Bundle, row: dict[str, Any]) -> pd.DataFrame:
    """A row given as a dict as the model reads it."""
    return bundle.model.prepare(one_row(bundle, row))


def added_names(bundle: Bundle, warnings: bool, extras: Extras = Extras()) -> list[str]:
    problem = bundle.model.problem
    classes = [f"probability_{c}" for c in problem.classes] if problem.has_probabilities else []
    return ["prediction", *classes, *extras.names(bundle), *(["warnings"] if warnings else [])]


def free_names(wanted: list[str], given: Sequence[Any]) -> tuple[dict[str, str], list[str]]:
    """Names for the added columns that the table does not have yet, and what had to be renamed."""
    taken, names, clashes = {str(n) for n in given}, {}, []
    for name in wanted:
        free = name
        while free in taken:
            free += "_foretable"
        if free != name:
            clashes.append(f"'{name}' is written as '{free}'")
        taken.add(free)
        names[name] = free
    return names, clashes
