"""What each step of a recipe does to a table: how much it touches, and what changes, side by side.

Of a large table a random sample is looked at, and counts are scaled up. Learned steps are fitted on the rows
looked at, to show what they would do; in a build they learn inside each training fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from automl import wording
from automl.data import clean
from automl.data.clean.base import Flow, Flows
from automl.data.words import shorten
from automl.features.clean import LEARNED_STEPS, gap_of, rows_without_outliers
from automl.features.pipeline import values_of
from automl.features.typed import to_typed
from automl.types import Column, Recipe, Step, replace

EXACT_ROWS = 10_000  # of a table with more, a sample of so many is looked at
SHOWN = 6  # changes, rows or columns in a preview
MISSING = wording.NOTHING


NONE_LEFT = "No row would be left to learn from. Change it, or switch it off."


@dataclass(frozen=True)
class Look:
    """What one step does.

    Attributes
    ----------
    touched : int
        Cells, rows or columns (`what`), scaled up where a sample was looked at.
    issue : str
        Why it does not fit, or what it passes over; `fatal` when it does nothing at all.
    header, rows : tuple
        A small table of what changes.
    learned : tuple of str
        What a learned step learned from the rows looked at, in words.
    flows : dict
        The columns as they come to the step.
    table : DataFrame
        The rows looked at, as they come to the step.
    """

    touched: int = 0
    what: str = "cells"
    issue: str = ""
    fatal: bool = False
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    learned: tuple[str, ...] = ()
    flows: Flows = field(default_factory=dict)
    table: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Trace:
    """A recipe gone through: settled, one `Look` a step, and the table after all of it."""

    recipe: Recipe
    looks: tuple[Look, ...]
    table: pd.DataFrame
    flows: Flows
    looked_at: int
    rows: int

    @property
    def exact(self) -> bool:
        return self.looked_at == self.rows


def trace(
    frame: pd.DataFrame,
    columns: Iterable[Column],
    recipe: Recipe,
    target: str | None = None,
    away: Iterable[str] = (),
    rows: int | None = None,
) -> Trace:
    """Go through a recipe step by step.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        The table as it was read.
    columns : iterable of Column
        Its profile.
    recipe : Recipe
    target : str, optional
        The column to predict.
    away : iterable of str
        Columns that are left out of the model.
    rows : int, optional
        Rows of the table that `frame` is a sample of.

    >>> from automl.data.clean import OPS
    >>> table = pd.DataFrame({"a": [" x", "y"]})
    >>> trace(table, (), Recipe((OPS["trim"].new(("a",)),))).looks[0].touched
    1
    """
    away = set(away)
    total = len(frame) if rows is None else rows
    part = frame
    if len(frame) > EXACT_ROWS:
        pick = np.sort(np.random.default_rng(0).permutation(len(frame))[:EXACT_ROWS])
        part = frame.iloc[pick].reset_index(drop=True)
    scale = total / max(len(part), 1)
    flows = {n: f for n, f in clean.start(frame, columns, target).items() if n not in away}
    bound, issues, after = clean.bind(recipe, flows, target, away)
    said = {i.step: i for i in issues}
    looks: list[Look] = []
    table, keep = part, np.ones(len(part), dtype=bool)
    names = {c.name for c in columns}
    for number, step in enumerate(bound.steps):
        op, issue = clean.op_of(step), said.get(number)
        if op.learned:
            break
        look = Look(what=op.counts, issue=issue.message if issue else "", fatal=bool(issue and issue.fatal), flows=flows, table=table)
        if step.enabled and not look.fatal:
            if op.removes_rows:
                whole = clean.sees_the_table_as_read(step)
                fine = op.keep(frame if whole else table, step)
                gone = int((~fine).sum()) if whole else int((~fine & keep).sum())
                shown = frame[~fine] if whole else table[~fine & keep]
                keep = keep & fine if len(fine) == len(keep) else keep
                ratio = total / max(len(frame), 1) if whole else scale
                look = _look(look, round(gone * ratio), _rows_shown(shown, op.columns(step)))
                if gone and not keep.any() and len(part) == len(frame):
                    look = replace(look, issue=NONE_LEFT, fatal=True)
            else:
                changed = op.apply(table, step)
                skipped = target if target in names else None
                look = _compared(look, table, changed, step, scale, skipped)
                table = changed
            flows = op.after(step, flows)
        looks.append(look)
    looks += _learned(bound, len(looks), said, table, keep, flows, scale)
    return Trace(bound, tuple(looks), table, after, len(part), total)


def _look(look: Look, touched: int, shown: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]) -> Look:
    return replace(look, touched=touched, header=shown[0], rows=shown[1])


def _compared(
    look: Look, before: pd.DataFrame, after: pd.DataFrame, step: Step, scale: float, target: str | None
) -> Look:
    if step.op == "rename":
        pairs = [(o, n) for o, n in step.params["names"].items() if o in before]
        return _look(look, len(pairs), (("Before", "After"), tuple((shorten(o), shorten(n)) for o, n in pairs)))
    gone = [n for n in before if n not in after]
    made = [n for n in after if n not in before or (step.op == "formula" and n == step.params["name"])]
    if made:
        used = [n for n in clean.op_of(step).columns(step) if n in before and n not in made]
        if step.op == "formula":
            look = replace(look, issue=look.issue or _of_formula(before, after, step, scale))
        beside = pd.concat([before[used[: SHOWN - 2]].head(SHOWN), after[made[: SHOWN - 1]].head(SHOWN)], axis=1)
        return _look(look, len(made), _table(beside))
    if gone:
        rows = tuple((shorten(n), _examples(before[n])) for n in gone[:SHOWN])
        return _look(look, len(gone), (("Left out", "Values such as"), rows))
    return _cells_changed(look, before, after, scale, target)


def _of_formula(before: pd.DataFrame, after: pd.DataFrame, step: Step, scale: float) -> str:
    """What is to be said of a computed column: that another one goes, and where it has no value although its columns have."""
    name = step.params["name"]
    taken = f"It takes the place of the column '{shorten(name)}'." if name in before else ""
    used = [n for n in clean.op_of(step).columns(step) if n in before]
    whole = before[used].notna().all(axis=1).to_numpy()
    empty = int((after[name].isna().to_numpy() & whole).sum())
    if not empty:
        return taken
    why = "something is divided by 0, or can't be computed or read"
    if empty == int(whole.sum()):
        return f"{taken} No row has a value in it: {why}. Change the formula.".strip()
    what = "row has" if round(empty * scale) == 1 else "rows have"
    return f"{taken} {wording.count(round(empty * scale))} {what} no value in it, where {why}.".strip()


def _cells_changed(look: Look, before: pd.DataFrame, after: pd.DataFrame, scale: float, target: str | None) -> Look:
    cells, found = 0, []
    for name in after:
        if after[name] is before[name] or name == target:
            continue
        old, new = before[name], after[name]
        differ = _differ(old, new)
        if not differ.any():
            continue
        cells += int(differ.sum())
        pairs = pd.DataFrame({"b": old[differ].astype(object), "a": new[differ].astype(object)})
        pairs = pairs.map(partial(_shown, name=str(name))).value_counts(sort=True).head(SHOWN)
        found += [(shorten(name, 30), b, a, n) for (b, a), n in pairs.items()]
    found.sort(key=lambda row: -row[3])
    rows = tuple((name, b, a, wording.count(n * scale)) for name, b, a, n in found[:SHOWN])
    return _look(look, round(cells * scale), (("Column", "Before", "After", "Cells"), rows))


def _differ(old: pd.Series, new: pd.Series) -> np.ndarray:
    if old.dtype != new.dtype:
        old, new = old.astype(object), new.astype(object)
    same = (old == new).fillna(False).to_numpy(dtype=bool) | (old.isna() & new.isna()).to_numpy(dtype=bool)
    return ~same


def _learned(
    recipe: Recipe, first: int, said: dict, table: pd.DataFrame, keep: np.ndarray, flows: Flows, scale: float
) -> list[Look]:
    """The learned steps, fitted on the rows looked at."""
    steps = recipe.steps[first:]
    if not steps:
        return []
    wanted = {n for s in steps for n in s.columns}
    kinds = {n: f.kind or _kind_of(f) for n, f in flows.items() if n in wanted and f.kind != "identifier"}
    typed = to_typed(table[keep], {n: k for n, k in kinds.items() if n in table})
    columns = values_of(typed, typed.columns)
    looks = []
    for number, step in enumerate(steps, first):
        op, issue = clean.op_of(step), said.get(number)
        look = Look(what=op.counts, issue=issue.message if issue else "", fatal=bool(issue and issue.fatal), flows=flows, table=table)
        if step.enabled and not look.fatal:
            look, columns = _fitted(look, step, op.fitting(step), columns, scale)
        looks.append(look)
    return looks


def _kind_of(flow: Flow) -> str:
    return {"number": "numeric", "date": "datetime"}.get(flow.holds, "categorical")


def _fitted(look: Look, step: Step, fitting: dict, columns: dict, scale: float) -> tuple[Look, dict]:
    if step.removes_rows:
        fine = rows_without_outliers(columns, [fitting])
        shown = pd.DataFrame({n: columns[n][~fine] for n in step.columns if n in columns})
        kept = {n: v[fine] for n, v in columns.items()}
        return _look(look, round(int((~fine).sum()) * scale), _rows_shown(shown, step.columns)), kept
    block = LEARNED_STEPS[step.op](**{k: v for k, v in fitting.items() if k != "op"}).fit(columns)
    after = block.transform(columns)
    old = pd.DataFrame({n: pd.Series(columns[n], dtype=columns[n].dtype) for n in step.columns if n in columns})
    new = pd.DataFrame({n: pd.Series(after[n], dtype=after[n].dtype) for n in step.columns if n in columns})
    look = _cells_changed(look, old, new, scale, None)
    learned = tuple(fitted_words({"op": step.op, **vars(block)}))
    if step.params.get("indicator"):
        gaps = sum(int(gap_of(columns[n]).sum()) > 0 for n in step.columns if n in columns)
        learned = (*learned, f"{gaps} column says where a value was missing" if gaps == 1 else f"{gaps} columns say where a value was missing")
    return replace(look, learned=learned), after


def fitted_words(state: dict) -> list[str]:
    """What a fitted learned step holds, a line a column.

    >>> fitted_words({"op": "impute", "values": {"age": 38.0}})
    ['age: missing becomes 38']
    """
    match state["op"]:
        case "impute":
            return [f"{n}: missing becomes {_value(v, n)}" for n, v in state["values"].items()]
        case "clip_outliers":
            return [f"{n}: between {_value(low, n)} and {_value(high, n)}" for n, (low, high) in state["limits"].items()]
        case _:
            return [
                f"{n}: {wording.count(len(kept))} values stay, all others become {state['name']}"
                for n, kept in state["kept"].items()
            ]


def over_folds(states: list[dict]) -> list[str]:
    """What one learned step learned in several folds, a line a column: a number as the range that it lies in.

    >>> over_folds([{"op": "impute", "values": {"age": 38.0}}, {"op": "impute", "values": {"age": 39.5}}])
    ['age: missing becomes 38 to 39.5']
    """
    if not states:
        return []
    op, key = states[0]["op"], {"impute": "values", "clip_outliers": "limits"}.get(states[0]["op"], "kept")
    lines = []
    for name in dict.fromkeys(n for s in states for n in s[key]):
        found = [s[key][name] for s in states if name in s[key]]
        match op:
            case "impute":
                words = _range(found, name) if isinstance(found[0], float) else " or ".join(dict.fromkeys(map(_value, found)))
                lines.append(f"{name}: missing becomes {words}")
            case "clip_outliers":
                lines.append(f"{name}: between {_range([f[0] for f in found], name)} and {_range([f[1] for f in found], name)}")
            case _:
                count = _range([float(len(f)) for f in found])
                lines.append(f"{name}: {count} values stay, all others become {states[0]['name']}")
    return lines


def _range(values: list[float], name: str = "") -> str:
    low, high = wording.value(min(values), name), wording.value(max(values), name)
    return low if low == high else f"{low} to {high}"


def _value(value: object, name: str = "") -> str:
    return wording.value(value, name) if isinstance(value, float) else shorten(value, 30)


def _rows_shown(rows: pd.DataFrame, first: Iterable[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    names = [n for n in first if n in rows]
    names += [n for n in rows if n not in names]
    return _table(rows[names[:SHOWN]].head(SHOWN))


def _table(rows: pd.DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    header = tuple(shorten(n, 24) for n in rows.columns)
    return header, tuple(
        tuple(map(_shown, row, map(str, rows.columns))) for row in rows.astype(object).itertuples(index=False, name=None)
    )


def _examples(column: pd.Series) -> str:
    return ", ".join(_shown(v, str(column.name)) for v in column.dropna().unique()[:3]) or "none"


def _shown(value: object, name: str) -> str:
    """A cell of a column for people: short, marked where it has spaces around it."""
    if value is None or value is pd.NaT or value != value:
        return MISSING
    if isinstance(value, (int, float, np.number)) and wording.is_year(name, (float(value),)):
        return wording.value(float(value), name)
    if isinstance(value, (float, np.floating)):
        return f"{value:,.6g}" if abs(value) < 1e6 else wording.number(float(value))
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value)
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return f"{value:,}"
    text = str(value)
    return f"“{shorten(text, 36)}”" if text != text.strip() or not text else shorten(text, 40)
