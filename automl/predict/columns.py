"""Which column of a table is which of the model's: by name, by name without case and spaces, by choice."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.bundle import Bundle
from automl.data.words import shorten
from automl.errors import ColumnError, PredictionError, unknown_name
from automl.predict.contract import ALIKE, ANY_FILL, MIN_SHARE_OF_COLUMNS, Choices, Fill, Status, Violation
from automl.types import ColumnKind, Severity

MAX_NAMES_IN_A_SENTENCE = 6


@dataclass(frozen=True)
class Matched:
    """Where the model's columns stand in a table.

    Attributes
    ----------
    places : dict
        The model's column → its position in the table.
    missing : tuple of str
        Columns that the model reads and the table has not.
    suggested : dict
        A missing column → the name in the table that it may have.
    violations : tuple of Violation
    """

    places: dict[str, int]
    missing: tuple[str, ...]
    suggested: dict[str, str]
    violations: tuple[Violation, ...]

    @property
    def refused(self) -> str | None:
        return next((v.sentence for v in self.violations if v.status is Status.REFUSED), None)


def read_by(bundle: Bundle) -> list[str]:
    """The columns that the model reads: its inputs without those that its recipe leaves out, and identifiers."""
    document = bundle.model.document
    kinds = document.input_kinds or document.kinds
    return [c["name"] for c in bundle.schema["columns"] if kinds.get(c["name"], "identifier") != "identifier"]


def match(
    bundle: Bundle, given: Sequence[Any], choices: Choices = ANY_FILL, *, joined: int = 0, keys: Collection[int] = ()
) -> Matched:
    """Find the model's columns among the names of a table.

    The last `joined` columns were brought along from other tables, by the columns at the positions `keys`.

    Raises
    ------
    ColumnError
        A choice names a column that isn't there.
    """
    wanted = [c["name"] for c in bundle.schema["columns"]]
    target, names = bundle.schema["target"], [str(name) for name in given]
    exact = {name: at for at, name in reversed(list(enumerate(names)))}
    _check_choices(choices, wanted, names)
    taken = ({*wanted, target} & exact.keys()) | set(choices.renames.values())
    folded = {fold(name): at for name, at in exact.items() if name not in taken}
    places: dict[str, int] = {}
    renamed, chosen = [], []
    for name in wanted:
        if name in choices.renames:
            places[name] = exact[choices.renames[name]]
            chosen.append(f"'{shorten(choices.renames[name], 60)}' read as '{shorten(name, 60)}'")
        elif name in exact and name not in choices.renames.values():
            places[name] = exact[name]
        elif fold(name) in folded:
            places[name] = folded[fold(name)]
            renamed.append(f"'{shorten(names[places[name]], 60)}' read as '{shorten(name, 60)}'")
    needed = read_by(bundle)
    missing = tuple(name for name in needed if name not in places)
    free = [n for at, n in enumerate(names) if at not in places.values() and fold(n) != fold(target)]
    suggested = suggest(missing, free)
    violations = [
        *_refused(needed, missing, suggested),
        *said_of("renamed_column", "Matched without regard to case and spaces: ", renamed),
        *said_of("renamed_column", "Matched as you chose: ", chosen),
        *_order({name: at for name, at in places.items() if at < len(names) - joined}),
        *(_missing(name, suggested.get(name), choices, bundle) for name in missing),
        *_unused(names, {*places.values(), *keys}, target),
    ]
    return Matched(places, missing, suggested, tuple(violations))


def as_called(bundle: Bundle, given: Sequence[Any], choices: Choices = ANY_FILL) -> tuple[list[str], list[str]]:
    """A table's names, columns that have another name in files by those of training; and what was done, in words.

    Only what is missing by its own name is taken for it, and no column that a choice speaks of.
    """
    names, said = [str(name) for name in given], []
    there = {fold(name) for name in names}
    wanted = {c["name"] for c in bundle.schema["columns"]}
    wanted |= {k.left for step in bundle.joins.plan.steps for k in step.keys} if bundle.joins else set()
    for other, own in bundle.called_otherwise.items():
        if own not in wanted:
            continue
        at = next((i for i, name in enumerate(names) if fold(name) == fold(other)), None)
        if at is None or fold(own) in there or own in choices.renames or names[at] in choices.renames.values():
            continue
        said.append(f"'{shorten(names[at], 60)}' read as '{shorten(own, 60)}'")
        names[at] = own
        there.add(fold(own))
    return names, said


def take(bundle: Bundle, frame: pd.DataFrame, found: Matched, choices: Choices = ANY_FILL) -> pd.DataFrame:
    """The model's input columns in its order; what is missing is filled as was decided.

    Raises
    ------
    PredictionError
        The table lacks most columns, or one about which nothing was decided.
    """
    if found.refused:
        raise PredictionError(found.refused)
    columns: dict[str, Any] = {}
    for column in bundle.schema["columns"]:
        name = column["name"]
        filled = choices.fills.get(name) if name in found.places else choices.of(name)
        if name in found.places and filled is None:
            columns[name] = frame.iloc[:, found.places[name]]
        elif filled is None and name in found.missing:
            raise PredictionError(
                f"The column '{name}' is not in the table, and it was not decided what stands in for it. "
                "Fill it, or add it to the table."
            )
        else:
            usual = column.get("default") if filled == Fill.USUAL else None
            value = np.nan if usual is None else usual
            columns[name] = pd.Series([value] * len(frame), index=frame.index)
    return pd.DataFrame(columns, index=frame.index)


def fold(name: Any) -> str:
    """A name without letter case and spaces."""
    return "".join(str(name).casefold().split())


def plain(name: Any) -> str:
    """Letters and digits of a name, in lower case.

    >>> plain("Tenure (months)") == plain("tenure_months")
    True
    """
    return "".join(c for c in str(name).casefold() if c.isalnum())


def suggest(missing: Sequence[str], free: Sequence[str]) -> dict[str, str]:
    """For each missing column, the free name that is most like it, if any is; no name twice.

    >>> suggest(["tenure_months", "plan"], ["Tenure (months)", "colour"])
    {'tenure_months': 'Tenure (months)'}
    """
    scored = sorted(
        (
            (1.0 if plain(a) == plain(b) else difflib.SequenceMatcher(None, plain(a), plain(b)).ratio(), a, b)
            for a in missing
            for b in free[:200]
            if plain(a) and plain(b)
        ),
        key=lambda entry: -entry[0],
    )
    found: dict[str, str] = {}
    for score, a, b in scored:
        if score >= ALIKE and a not in found and b not in found.values():
            found[a] = b
    return found


def name_list(names: Sequence[str], quote: bool = True) -> str:
    """Names for a sentence; of many the first."""
    shown = [f"'{shorten(n, 60)}'" if quote else n for n in names[:MAX_NAMES_IN_A_SENTENCE]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _check_choices(choices: Choices, wanted: list[str], names: list[str]) -> None:
    for model_column, own in choices.renames.items():
        if own not in names:
            raise ColumnError(unknown_name("column", own, names, "in the table"))
        if model_column not in wanted:
            raise ColumnError(unknown_name("column", model_column, wanted, "in the model"))
    for model_column in choices.fills:
        if model_column not in wanted:
            raise ColumnError(unknown_name("column", model_column, wanted, "in the model"))


def _refused(needed: list[str], missing: tuple[str, ...], suggested: dict[str, str]) -> list[Violation]:
    lost = [name for name in missing if name not in suggested]
    if not needed or len(lost) <= len(needed) * (1 - MIN_SHARE_OF_COLUMNS):
        return []
    all_lost = len(lost) == len(needed)
    which = f"None of the {len(needed)}" if all_lost else f"{len(lost)} of the {len(needed)}"
    sentence = (
        f"{which} columns that the model needs {'is' if all_lost else 'are not'} in this table "
        f"({name_list(lost)}). Check that it is the right table."
    )
    return [Violation("missing_column_check", Status.REFUSED, Severity.HIGH, sentence, count=len(lost))]


def said_of(code: str, start: str, pairs: list[str]) -> list[Violation]:
    """What was repaired, in one sentence; nothing where nothing was."""
    if not pairs:
        return []
    sentence = f"{start}{name_list(pairs, quote=False)}."
    return [Violation(code, Status.REPAIRED, Severity.INFO, sentence, count=len(pairs))]


def _order(places: dict[str, int]) -> list[Violation]:
    order = list(places.values())
    if order == sorted(order):
        return []
    sentence = "The columns stand in another order than in training; they are taken by name."
    return [Violation("column_order", Status.REPAIRED, Severity.INFO, sentence, count=len(order))]


def _missing(name: str, suggestion: str | None, choices: Choices, bundle: Bundle) -> Violation:
    fill = choices.of(name)
    if fill is None:
        hint = f" Perhaps it is '{suggestion}' here." if suggestion else ""
        sentence = f"'{name}' is not in the table.{hint}"
        return Violation(
            "missing_column_check", Status.DECISION, Severity.HIGH, sentence, name, 1, suggestion
        )
    column = next(c for c in bundle.schema["columns"] if c["name"] == name)
    if fill == Fill.USUAL and column.get("default") is not None:
        how = f"filled with its usual value, {usual_value(column)}"
    else:
        how = "taken as missing in every row"
    sentence = f"'{name}' is not in the table and {how}."
    return Violation("missing_column_check", Status.REPAIRED, Severity.WARNING, sentence, name, 1, suggestion)


def usual_value(column: dict[str, Any]) -> str:
    """A column's usual value as people read it."""
    from automl import wording

    value = column.get("default")
    if column["kind"] == ColumnKind.NUMERIC and value is not None:
        return wording.value(value, column["name"])
    return "none" if value is None else f"'{str(value)[:40]}'"


def _unused(names: list[str], used: set[int], target: str) -> list[Violation]:
    unused = [name for at, name in enumerate(names) if at not in used]
    extra = [name for name in unused if fold(name) != fold(target)]
    out = []
    if len(extra) < len(unused):
        sentence = f"The column '{target}' is in the table; the model does not look at it."
        out.append(Violation("target_present", Status.REPAIRED, Severity.INFO, sentence, count=1))
    if extra:
        sentence = f"Not used by the model, kept in the output: {name_list(extra)}."
        out.append(
            Violation("extra_column_check", Status.REPAIRED, Severity.INFO, sentence, count=len(extra))
        )
    return out
