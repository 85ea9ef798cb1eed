"""What an operation of the recipe is. A new one is one file in `ops` and one line in its table.

An operation works row by row (then it is replayed on every row that is ever predicted), removes rows (of
training only), or is learned (then `features` fits it inside each training fold). The page that edits
recipes draws a form from `params`, the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from automl.data.words import listed, shorten
from automl.errors import RecipeError
from automl.types import ColumnKind, Step, replace

MOST_ENTRIES = 5_000  # words, pairs and the like in one parameter
MOST_TEXT = 2_000  # characters of a text
KIND_WORDS = {kind.value: kind.word for kind in ColumnKind}


@dataclass(frozen=True)
class Param:
    """One parameter of an operation.

    `kind` is choice, number, whole, text, flag, words (list of texts), names (old name → new name), pairs (list of
    what is replaced and by what), spellings (column → spelling → spelling), conditions, choices (several of
    `choices`) or formula. `only_with` names another parameter and the values at which this one matters.
    """

    key: str
    label: str
    kind: str
    default: Any = None
    choices: Mapping[str, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    help: str = ""
    optional: bool = False
    only_with: tuple[str, tuple[str, ...]] | None = None

    def check(self, value: Any) -> None:
        """Raise RecipeError, one sentence, unless the value can be used."""
        if value is None and (self.optional or self.default is None and self.kind in ("number", "whole")):
            return
        if not CHECKS[self.kind](self, value):
            raise RecipeError(f"{self.label}: {_wanted(self)}, not {shorten(repr(value), 60)}.")

    def matters(self, params: Mapping[str, Any]) -> bool:
        """Whether this parameter has a say beside the others."""
        return self.only_with is None or str(params.get(self.only_with[0])) in self.only_with[1]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT


def _is_number(param: Param, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        return False
    whole = param.kind != "whole" or float(value).is_integer()
    return whole and (param.low is None or value >= param.low) and (param.high is None or value <= param.high)


def _is_list(value: Any, item: Callable[[Any], bool]) -> bool:
    return isinstance(value, (list, tuple)) and len(value) <= MOST_ENTRIES and all(map(item, value))


def _is_map(value: Any, item: Callable[[Any], bool]) -> bool:
    return isinstance(value, Mapping) and len(value) <= MOST_ENTRIES and all(
        isinstance(k, str) and item(v) for k, v in value.items()
    )  # fmt: skip


def _is_condition(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) - {"column", "test", "value"}:
        return False
    return isinstance(value.get("column"), str) and isinstance(value.get("test"), str)


CHECKS: dict[str, Callable[[Param, Any], bool]] = {
    "choice": lambda p, v: isinstance(v, str) and v in p.choices,
    "choices": lambda p, v: _is_list(v, lambda x: x in p.choices) and len(v) > 0,
    "number": _is_number,
    "whole": _is_number,
    "text": lambda p, v: _is_text(v),
    "formula": lambda p, v: isinstance(v, str),
    "flag": lambda p, v: isinstance(v, bool),
    "words": lambda p, v: _is_list(v, _is_text),
    "pairs": lambda p, v: _is_list(v, lambda x: _is_list(x, lambda y: y is None or _is_text(y)) and len(x) == 2),
    "names": lambda p, v: _is_map(v, lambda x: isinstance(x, str)),
    "spellings": lambda p, v: _is_map(v, lambda x: _is_map(x, _is_text)),
    "kept": lambda p, v: _is_map(v, lambda x: _is_list(x, _is_text)),
    "conditions": lambda p, v: _is_list(v, _is_condition) and len(v) > 0,
}


def _wanted(param: Param) -> str:
    match param.kind:
        case "choice" | "choices":
            several = "at least one of" if param.kind == "choices" else "one of"
            return f"this must be {several} {listed(param.choices, 9)}"
        case "number" | "whole":
            what = "a whole number" if param.kind == "whole" else "a number"
            if param.low is not None and param.high is not None:
                return f"this must be {what} from {param.low:g} to {param.high:g}"
            return f"this must be {what}" + (f" of {param.low:g} or more" if param.low is not None else "")
        case "flag":
            return "this must be true or false"
        case "text" | "formula":
            return f"this must be a text of at most {MOST_TEXT:,} characters"
        case "words":
            return "this must be a list of texts"
        case "pairs":
            return "this must be a list of pairs, each of what is replaced and by what"
        case "conditions":
            return "this must be a list of conditions, each with a column, a test and a value"
        case _:
            return "this must name columns and what becomes of them"


@dataclass(frozen=True)
class Flow:
    """A column on its way through the recipe.

    `kind` is None where only the values tell; `holds` is number, text, date or flag; `sources` are the columns of the
    table as it was read that it comes from.
    """

    kind: str | None
    holds: str
    sources: tuple[str, ...]

    @property
    def word(self) -> str:
        return KIND_WORDS.get(self.kind or "categorical", "category")


Flows = dict[str, Flow]


class Op:
    """One operation. What it does by itself here is right for one that changes cells of its columns."""

    key: ClassVar[str]
    label: ClassVar[str]  # a verb and what it is done to, as in a menu
    about: ClassVar[str]  # one sentence: what it does and when it helps
    learned: ClassVar[bool] = False
    removes_rows: ClassVar[bool] = False
    accepts: ClassVar[tuple[str, ...]] = ()  # kinds of columns; empty: all
    picks_columns: ClassVar[bool] = True
    counts: ClassVar[str] = "cells"  # what `effect` counts: cells, rows or columns
    again: ClassVar[bool] = True  # done twice, it does what it does once
    of_all_columns: ClassVar[bool] = False  # a new step of it begins with all columns
    makes_columns: ClassVar[bool] = False  # computes new columns from those it names
    reads_text: ClassVar[bool] = False  # only reads what a file wrote: the values stay what they were
    params: ClassVar[tuple[Param, ...]] = ()

    # -- what a step says ----------------------------------------------------------------

    def defaults(self) -> dict[str, Any]:
        return {p.key: p.default for p in self.params if p.default is not None}

    def new(self, columns: tuple[str, ...] = (), **params: Any) -> Step:
        """A step with the usual parameters and a title of its own."""
        step = Step(
            self.key, columns, {**self.defaults(), **params}, learned=self.learned, removes_rows=self.removes_rows
        )
        return self.named(step)

    def named(self, step: Step, reason: str = "Added by you.") -> Step:
        """The step with the title that its parameters make."""
        return replace(step, columns=self.columns(step), title=self.title(step), reason=step.reason or reason)

    def title(self, step: Step) -> str:
        return f"{self.label}: {listed(step.columns, 2)}" if step.columns else self.label

    def columns(self, step: Step) -> tuple[str, ...]:
        """The columns that it names, in the table as it comes to it."""
        return step.columns

    def value(self, step: Step, key: str) -> Any:
        """A parameter, or its default."""
        found = step.params.get(key)
        return self.defaults().get(key) if found is None else found

    def check(self, step: Step) -> None:
        """Raise RecipeError, one sentence, when the step can't be used on any table."""
        if self.picks_columns and not self.columns(step):
            raise RecipeError("Choose at least one column.")
        known = {p.key: p for p in self.params}
        for key in step.params:
            if key not in known:
                raise RecipeError(f"It has no parameter '{shorten(key)}'; it knows {listed(known, 9) or 'none'}.")
        for key, param in known.items():
            if param.matters({**self.defaults(), **step.params}):
                param.check(step.params.get(key, param.default))

    def fits(self, step: Step, flows: Flows) -> None:
        """Raise RecipeError when the step can't be done to a table of these columns."""
        names = self.columns(step)
        there = [n for n in names if n in flows]
        if names and not there:
            verb = "is" if len(names) == 1 else "are"
            raise RecipeError(f"{listed(names)} {verb} not in the table at this step.")
        wrong = [n for n in there if self.accepts and (flows[n].kind or "categorical") not in self.accepts]
        if wrong and len(wrong) == len(there):
            kinds = " or ".join(KIND_WORDS[k] for k in self.accepts)
            raise RecipeError(
                f"{listed(wrong)} {'holds' if len(wrong) == 1 else 'hold'} the kind {flows[wrong[0]].word}; "
                f"this step is for columns of the kind {kinds}. Change the type first, or choose others."
            )

    def passed_over(self, step: Step, flows: Flows) -> list[str]:
        """The columns that it names but leaves as they are: not there, or of another kind."""
        return [
            n for n in self.columns(step)
            if n not in flows or (self.accepts and (flows[n].kind or "categorical") not in self.accepts)
        ]  # fmt: skip

    def after(self, step: Step, flows: Flows) -> Flows:
        """The columns after the step."""
        return flows

    # -- what it does ----------------------------------------------------------------------

    def present(self, frame: pd.DataFrame, step: Step) -> list[str]:
        return [n for n in self.columns(step) if n in frame.columns]

    def apply(self, frame: pd.DataFrame, step: Step) -> pd.DataFrame:
        """The table after a step that works row by row; columns that are absent are passed over."""
        changed = {}
        for name in self.present(frame, step):
            column = frame[name]
            made = self.change(column, step, name)
            if made is not column:
                changed[name] = made
        return with_columns(frame, changed) if changed else frame

    def change(self, column: pd.Series, step: Step, name: str) -> pd.Series:
        """One column after the step."""
        raise NotImplementedError

    def keep(self, frame: pd.DataFrame, step: Step) -> np.ndarray:
        """Which rows a step that removes rows leaves to learn from, as bools of shape (rows,)."""
        raise NotImplementedError

    def source(self, step: Step) -> str:
        """Python source that does the same to `table`; functions of `clean.functions` may be called.

        One that removes rows sets `kept`, an array of bool.
        """
        names = source_list(self.columns(step))
        return f"for name in table.columns.intersection({names}):\n    table[name] = {self.call(step)}\n"

    def call(self, step: Step) -> str:
        """The expression that `source` sets each column to, from `table[name]`."""
        raise NotImplementedError

    def fitting(self, step: Step) -> dict[str, Any]:
        """What `features.learned` needs to fit a learned step."""
        return {"op": self.key, "columns": list(step.columns), **self.defaults(), **step.params}


def with_columns(frame: pd.DataFrame, changed: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The table with some columns set; the table that was given stays as it is."""
    out = frame.copy(deep=False)
    for name, column in changed.items():
        out[name] = column
    return out


def source_list(values: Any) -> str:
    """A list as Python source, in lines of readable length."""
    from automl.data.source import literal

    return literal(list(values))
