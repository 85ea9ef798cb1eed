"""What is doubtful about rows: a sentence a row, and what it adds up to a column. Everything is counted in bulk."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl import wording
from automl.data.values import WORDS
from automl.data.words import count
from automl.predict.cells import LISTED
from automl.predict.columns import name_list
from automl.predict.contract import (
    COMPLETENESS_DROP,
    DRIFT_DISTANCE,
    RANGE_MARGIN,
    UNREADABLE_SHARE,
    Choices,
    Status,
    Violation,
)
from automl.types import ColumnKind, Severity

MEASURED = (ColumnKind.NUMERIC, ColumnKind.DATETIME)
NOISE = 1.36  # / sqrt(rows): what chance alone moves a distribution by, 95 % (Kolmogorov-Smirnov)
RARE_SHARE = 0.01  # below it, what is odd about some rows is worth knowing, not a warning
EXAMPLES = 50  # distinct values remembered for sentences


@dataclass
class _Seen:
    """What was counted of one column."""

    rows: int = 0
    missing: int = 0
    given: int = 0
    lost: int = 0
    lost_examples: list[str] = field(default_factory=list)
    below: int = 0
    above: int = 0
    values: Counter[str] = field(default_factory=Counter)
    unseen: int = 0
    unseen_values: Counter[str] = field(default_factory=Counter)
    bins: np.ndarray | None = None


class Doubts:
    """Looks at rows, piece after piece.

    Parameters
    ----------
    columns : sequence of dict
        Those of schema.json that are read by the model and in the table.
    """

    def __init__(self, columns: Sequence[dict[str, Any]]) -> None:
        self.columns = list(columns)
        self.seen = {c["name"]: _Seen() for c in self.columns}
        self._known = {c["name"]: set(c.get("categories") or ()) for c in self.columns}
        self._ranges = {c["name"]: _range(c) for c in self.columns}

    def look(self, inputs: pd.DataFrame, typed: pd.DataFrame, always: str = "") -> np.ndarray:
        """Count what is doubtful about these rows; returns a text a row, `always` first.

        Parameters
        ----------
        inputs, typed : DataFrame of shape (rows, columns)
            As given, and as the model reads them.
        """
        texts = np.full(len(inputs), always, dtype=object)
        for column in self.columns:
            name, kind = column["name"], column["kind"]
            if name not in typed:
                continue
            seen, values = self.seen[name], typed[name]
            absent = values.isna().to_numpy()
            seen.rows += len(values)
            seen.missing += int(absent.sum())
            if kind in MEASURED:
                lost = self._unread(column, inputs[name], absent, texts)
                self._beyond(column, values, texts)
                absent = absent & ~lost
            elif kind in LISTED:
                self._unlisted(column, values, texts)
            if column.get("missing_share") == 0 and kind != ColumnKind.TEXT and absent.any():
                put(texts, np.flatnonzero(absent), f"{name} is missing, as it never was in training")
        return texts

    def _unread(
        self, column: dict[str, Any], given: pd.Series, absent: np.ndarray, texts: np.ndarray
    ) -> np.ndarray:
        """Cells that hold something, but no number or date."""
        name, seen = column["name"], self.seen[column["name"]]
        there = given.notna().to_numpy()
        seen.given += int(there.sum())
        lost = there & absent
        if lost.any():
            at = np.flatnonzero(lost)
            cells = given.to_numpy(dtype=object)[at]
            real = np.array([not (isinstance(v, str) and v.strip().lower() in WORDS) for v in cells], dtype=bool)
            lost[at[~real]] = False
            at, cells = at[real], cells[real]
            seen.lost += len(at)
            seen.lost_examples += [str(v) for v in cells[: EXAMPLES - len(seen.lost_examples)]]
            put(texts, at, [f"{name}: '{v}' is not a {_word(column)}, taken as missing" for v in cells])
        return lost

    def _beyond(self, column: dict[str, Any], values: pd.Series, texts: np.ndarray) -> None:
        name, seen, limits = column["name"], self.seen[column["name"]], self._ranges[column["name"]]
        if limits is None:
            return
        low, high, margin = limits
        if column["kind"] == ColumnKind.DATETIME:  # dates go on: counted, but no doubt about each row
            dates = values.to_numpy()
            seen.below += int((dates < low.to_datetime64()).sum())
            seen.above += int((dates > high.to_datetime64()).sum())
            return
        numbers = values.to_numpy()
        at = np.flatnonzero((numbers < low - margin) | (numbers > high + margin))
        if len(at):
            seen.below += int((numbers[at] < low).sum())
            seen.above += int((numbers[at] > high).sum())
            usual = f"{wording.number(low)} to {wording.number(high)}"
            said = f"is outside of what was seen in training: {usual}"
            put(texts, at, [f"{name}: {wording.number(v)} {said}" for v in numbers[at]])
        if spread := column.get("spread"):
            found = numbers[~np.isnan(numbers)]
            bins = np.bincount(np.searchsorted(spread["at"], found), minlength=len(spread["at"]) + 1)
            seen.bins = bins if seen.bins is None else seen.bins + bins

    def _unlisted(self, column: dict[str, Any], values: pd.Series, texts: np.ndarray) -> None:
        name, seen, known = column["name"], self.seen[column["name"]], self._known[column["name"]]
        codes, distinct = pd.factorize(values)
        seen.given += int((codes >= 0).sum())
        counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
        seen.values.update({v: int(n) for v, n in zip(distinct, counts, strict=True) if v in known})
        if not column.get("categories_complete"):
            return
        odd = np.array([v not in known for v in distinct] + [False], dtype=bool)
        if not odd.any():
            return
        at = np.flatnonzero(odd[codes])
        seen.unseen += len(at)
        for v, n in zip(distinct, counts, strict=True):
            if v not in known and (v in seen.unseen_values or len(seen.unseen_values) < EXAMPLES):
                seen.unseen_values[v] += int(n)
        said = np.array([f"{name}: '{v}' was not seen in training" for v in distinct], dtype=object)
        put(texts, at, said[codes[at]])

    # -- what it adds up to --------------------------------------------------------------

    def violations(self, choices: Choices) -> list[Violation]:
        """What is to be said of each column so far."""
        out: list[Violation] = []
        for column in self.columns:
            seen = self.seen[column["name"]]
            if seen.rows:
                out += self._types(column, seen, choices)
                if not (out and out[-1].column == column["name"] and out[-1].status is Status.DECISION):
                    out += [*self._completeness(column, seen), *self._categories(column, seen)]
                    out += [*self._out_of_range(column, seen), *self._drift(column, seen)]
        return out

    @staticmethod
    def _types(column: dict[str, Any], seen: _Seen, choices: Choices) -> list[Violation]:
        if not seen.lost:
            return []
        name, word = column["name"], _word(column)
        if seen.lost >= UNREADABLE_SHARE * seen.given and choices.of(name) is None:
            shown = name_list(list(dict.fromkeys(seen.lost_examples))[:3])
            sentence = (
                f"'{name}' holds {word}s in training, but {wording.count(seen.lost)} of {count(seen.given, 'value')} "
                f"here {'is' if seen.lost == 1 else 'are'} no {word} ({shown})."
            )
            return [Violation("data_type_check", Status.DECISION, Severity.HIGH, sentence, name, seen.lost)]
        sentence = f"{name}: {count(seen.lost, 'value')} taken as missing (not a {word})."
        severity = Severity.INFO if seen.lost < RARE_SHARE * seen.rows else Severity.WARNING
        return [Violation("data_type_check", Status.DOUBT, severity, sentence, name, seen.lost)]

    @staticmethod
    def _completeness(column: dict[str, Any], seen: _Seen) -> list[Violation]:
        usual, share = column.get("missing_share"), (seen.missing - seen.lost) / seen.rows
        if usual is None or share <= usual + COMPLETENESS_DROP + 2 * math.sqrt(usual * (1 - usual) / seen.rows):
            return []
        name = column["name"]
        sentence = f"{name}: {wording.percent(share)} of the cells are missing, {_were(usual)} in training."
        missing = seen.missing - seen.lost
        return [Violation("completeness_check", Status.DOUBT, Severity.WARNING, sentence, name, missing)]

    @staticmethod
    def _categories(column: dict[str, Any], seen: _Seen) -> list[Violation]:
        if not seen.unseen:
            return []
        name, shown = column["name"], name_list(sorted(seen.unseen_values))
        sentence = f"{name}: {count(seen.unseen, 'row')} with a value not seen in training ({shown})."
        severity = Severity.INFO if seen.unseen < RARE_SHARE * seen.rows else Severity.WARNING
        return [Violation("categorical_values_check", Status.DOUBT, severity, sentence, name, seen.unseen)]

    def _out_of_range(self, column: dict[str, Any], seen: _Seen) -> list[Violation]:
        outside, limits, name = seen.below + seen.above, self._ranges[column["name"]], column["name"]
        if not outside or limits is None:
            return []
        low, high, _ = limits
        if column["kind"] == ColumnKind.DATETIME:
            usual = f"{low.date()} to {high.date()}"
        else:
            usual = f"{wording.number(low)} to {wording.number(high)}"
        sentence = f"{name}: {count(outside, 'row')} outside of {usual}, the range in training."
        rare = outside < RARE_SHARE * seen.rows or column["kind"] == ColumnKind.DATETIME
        severity = Severity.INFO if rare else Severity.WARNING
        return [Violation("baseline_drift_check", Status.DOUBT, severity, sentence, name, outside)]

    @staticmethod
    def _drift(column: dict[str, Any], seen: _Seen) -> list[Violation]:
        name, found = column["name"], seen.rows - seen.missing
        if not found:
            return []
        allowed = DRIFT_DISTANCE + NOISE / math.sqrt(found)
        if seen.bins is not None:
            here, usual = np.cumsum(seen.bins)[:-1] / seen.bins.sum(), np.array(column["spread"]["below"])
            worst = int(np.argmax(np.abs(here - usual)))
            if abs(here[worst] - usual[worst]) <= allowed:
                return []
            edge = wording.number(column["spread"]["at"][worst])
            sentence = (
                f"{name}: {wording.percent(float(here[worst]))} of the values are at most {edge}; in training "
                f"{_were(float(usual[worst]))}."
            )
        elif column.get("shares"):
            pairs = list(zip(column["categories"], column["shares"], strict=True))
            value, usual = max(pairs, key=lambda p: abs(seen.values[p[0]] / found - p[1]))
            here = seen.values[value] / found
            if abs(here - usual) <= allowed:
                return []
            sentence = f"{name}: {wording.percent(here)} are '{value[:40]}'; in training {_were(usual)}."
        else:
            return []
        return [Violation("baseline_drift_check", Status.DOUBT, Severity.WARNING, sentence, name, found)]


def _were(share: float) -> str:
    return "none were" if share == 0 else f"{wording.percent(share)} were"


def _word(column: dict[str, Any]) -> str:
    return "number" if column["kind"] == ColumnKind.NUMERIC else "date"


def _range(column: dict[str, Any]) -> tuple[Any, Any, Any] | None:
    low, high = column.get("low"), column.get("high")
    if low is None or high is None:
        return None
    if column["kind"] == ColumnKind.DATETIME:
        return pd.Timestamp(low), pd.Timestamp(high), None
    return low, high, RANGE_MARGIN * (high - low)


def put(texts: np.ndarray, at: np.ndarray, said: str | Collection[str]) -> None:
    """Add a sentence to the texts of some rows: the same one, or one each."""
    if len(at):
        said = [said] * len(at) if isinstance(said, str) else said
        texts[at] = [f"{old}; {new}" if old else new for old, new in zip(texts[at], said, strict=True)]
