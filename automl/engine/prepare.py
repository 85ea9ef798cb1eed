"""From a table to training rows, test rows and targets: the test rows are locked away here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl import problem as problems
from automl.data import clean, words
from automl.data.clean.base import Flows
from automl.data.profile import UNREAD, Amounts, profile, way_of_numbers
from automl.data.target import as_learned, as_read
from automl.engine import plan
from automl.errors import ProblemError, RecipeError
from automl.features.clean import rows_without_outliers
from automl.features.pipeline import values_of
from automl.features.typed import to_typed
from automl.types import BuildSpec, ColumnKind, Note, Problem, Recipe, SplitKind, Task, replace

MIN_TRAINING_ROWS = 8  # fewer can't be split into anything that is validated


@dataclass(frozen=True)
class Prepared:
    """Row numbers are positions in the table as it was read.

    `raw` holds the model's input columns of all rows as they came, `columns` names all; `typed` the training rows as the
    model reads them; `y` the training targets. `kinds` are those of the columns after the recipe, `input_kinds` those
    of the inputs where the recipe makes other columns of them, `sources` the inputs that each column comes from.
    """

    problem: Problem
    recipe: Recipe
    kinds: dict[str, str]
    raw: pd.DataFrame
    columns: tuple[str, ...]
    target: pd.Series
    train: np.ndarray
    test: np.ndarray
    typed: pd.DataFrame
    y: np.ndarray
    weight: np.ndarray | None
    groups: np.ndarray | None
    notes: tuple[Note, ...]
    written: Amounts | None = None  # how a target of text writes its numbers
    most_rows: int | None = None  # to learn from, see `plan.rows_within`
    input_kinds: dict[str, str] = field(default_factory=dict)
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def learned(self) -> list[dict[str, Any]]:
        """The recipe's learned steps, as `features.clean` fits them."""
        return learned_steps(self.recipe)

    @property
    def classes(self) -> int:
        """Number of classes; 0 for values."""
        return len(self.problem.classes)


def prepare(
    frame: pd.DataFrame,
    spec: BuildSpec,
    *,
    hold_out: bool,
    sample_weight: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Prepared:
    """Set rows without a target aside, lock the test rows away, clean the training rows.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        The data set as it was read, target included.
    spec : BuildSpec
    hold_out : bool
        Whether test rows are set aside; the estimators leave that to their caller.
    sample_weight, groups : ndarray of shape (rows,), optional

    Raises
    ------
    ProblemError
        Too few rows are left to learn from.
    """
    problem, notes = spec.problem, []
    recipe, flows, said = _settled(frame, spec)
    notes += said
    sources = {source for flow in flows.values() for source in flow.sources}
    inputs = [c for c in _order(frame, problem) if c in sources]
    if not inputs:
        raise ProblemError("No column is left to predict from. Switch at least one column on.")
    written = None
    if not problem.has_probabilities and (read := as_read(frame[problem.target], problem)).dtype.kind not in "biuf":
        written = way_of_numbers(read)
    frame = as_learned(frame, problem)
    target = frame[problem.target]
    known = np.flatnonzero(problems.has_target(target))
    if len(known) < len(frame):
        left_out = len(frame) - len(known)
        rare = " that is to be learned" if problem.reading is not None and problem.reading.least_rows else ""
        notes.append(
            Note(
                "target_missing",
                f"{words.count(left_out, 'row')} without a value in '{problem.target}'{rare} set aside.",
            )
        )
    if hold_out:
        train, test = problems.split_rows(frame, problem)
        notes.append(
            Note(
                "test_rows",
                f"{words.count(len(test), 'row')} locked away for the final score before anything was learned.",
            )
        )
    else:
        train, test = known, known[:0]
    keep = clean.training_row_mask(frame.iloc[train], recipe)
    if not keep.all():
        notes.append(
            Note(
                "rows_removed",
                f"{words.count(int((~keep).sum()), 'training row')} removed by the cleaning recipe.",
            )
        )
        train = train[keep]
    wordy = sum(c.kind in (ColumnKind.CATEGORICAL, ColumnKind.TEXT) for c in spec.columns if c.name in sources)
    most_rows = plan.rows_within(spec.budget, len(frame), len(inputs), wordy)
    why = "A standard build uses all." if most_rows == spec.budget.max_rows else "The memory limit allows no more."
    if most_rows == plan.rows_in_time(spec.budget, len(inputs), wordy):
        why = "The time allows no more."
    train, sampled = _cap(train, target, problem, spec, most_rows, why)
    notes += sampled
    if len(train) < MIN_TRAINING_ROWS:
        raise ProblemError(
            f"Only {len(train)} rows are left to learn from, at least {MIN_TRAINING_ROWS} are needed. "
            "Add rows, or keep rows that the recipe removes."
        )
    y = problems.encode_target(target.iloc[train], problem)
    if problem.has_probabilities and len(np.unique(y)) < 2:
        raise ProblemError(
            f"All training rows have the same value in '{problem.target}'. There is nothing to tell apart."
        )
    raw = frame[inputs]
    cleaned = clean.apply_steps(raw.iloc[train], recipe)
    kinds = {n: f.kind or _kind_of(cleaned[n]) for n, f in flows.items()}
    typed = to_typed(cleaned, kinds)
    notes += _outliers(typed, recipe, y if problem.has_probabilities else None)
    weight = sample_weight if sample_weight is not None else _weights(frame, problem)
    notes += _unread(spec)
    return Prepared(
        problem=problem,
        recipe=recipe,
        kinds=kinds,
        input_kinds=_input_kinds(inputs, recipe, spec),
        sources={n: f.sources for n, f in flows.items()},
        raw=raw,
        columns=tuple(map(str, frame.columns)),
        target=target,
        train=train,
        test=test,
        typed=typed.reset_index(drop=True),
        y=y,
        weight=None if weight is None else np.asarray(weight, dtype=np.float64)[train],
        groups=_groups(frame, problem, groups, train),
        notes=tuple(notes),
        written=written,
        most_rows=most_rows,
    )


def _unread(spec: BuildSpec) -> list[Note]:
    names = [c.name for c in spec.columns if c.reason.endswith(UNREAD) and c.name in spec.problem.features]
    if not names:
        return []
    said = f"Numbers and dates were not looked for in the text of {words.listed(names)}: the time was too short. Give it more."
    return [Note("text_unread", said)]


def _order(frame: pd.DataFrame, problem: Problem) -> list[str]:
    """All columns but the one to predict: the features in their order first."""
    features = [c for c in problem.features if c in frame.columns and c != problem.target]
    placed = {*features, problem.target}
    return [*features, *(str(c) for c in frame.columns if c not in placed)]


def _settled(frame: pd.DataFrame, spec: BuildSpec) -> tuple[Recipe, Flows, list[Note]]:
    """The switched-on steps as they fit the table, the columns after them that are learned from, what was noted.

    Raises RecipeError for a step that does not fit.
    """
    problem = spec.problem
    found = clean.start(frame, spec.columns, problem.target)
    away = clean.excluded(spec.columns, problem)
    flows = {c: found[c] for c in _order(frame, problem) if c not in away}
    recipe, issues, flows = clean.bind(spec.recipe, flows, problem.target, away)
    for issue in issues:
        if issue.fatal:
            raise RecipeError(clean.spoken(recipe, issue))
    notes = [Note("recipe", clean.spoken(recipe, issue)) for issue in issues]
    recipe = replace(recipe, steps=tuple(s for s in recipe.steps if s.enabled))
    return recipe, {n: f for n, f in flows.items() if f.kind != "identifier"}, notes


def learned_steps(recipe: Recipe) -> list[dict[str, Any]]:
    """The switched-on learned steps of a recipe, as `features.clean` fits them."""
    return [clean.op_of(s).fitting(s) for s in recipe.steps if s.enabled and clean.op_of(s).learned]


def _kind_of(column: pd.Series) -> str:
    """The kind of a computed column, by its values; it is wanted, so never an identifier."""
    kind = profile(column.to_frame())[0].kind.value
    if column.dtype == "str" and kind in ("numeric", "datetime"):
        return "categorical"  # a formula that makes text means text
    return "text" if kind == "identifier" else kind


def _input_kinds(inputs: list[str], recipe: Recipe, spec: BuildSpec) -> dict[str, str]:
    """The kinds of the input columns; empty where the recipe only reads and leaves out."""
    steps = [clean.op_of(s) for s in recipe.steps]
    if all(o.reads_text or o.learned or o.removes_rows or o.key == "drop_columns" for o in steps):
        return {}
    kinds = {c.name: c.kind.value for c in spec.columns}
    return {c: "text" if kinds.get(c) == "identifier" else kinds.get(c, "categorical") for c in inputs}


def _outliers(typed: pd.DataFrame, recipe: Recipe, codes: np.ndarray | None) -> list[Note]:
    if not any(s.op == "remove_outliers" for s in recipe.steps):
        return []
    keep = rows_without_outliers(values_of(typed, typed.columns), learned_steps(recipe), codes)
    return [
        Note(
            "outliers_removed",
            f"{words.count(int((~keep).sum()), 'training row')} of {len(keep):,} are outliers by the recipe; inside each "
            "fold those among its own training rows are not learned from.",
        )
    ]


def _cap(
    train: np.ndarray, target: pd.Series, problem: Problem, spec: BuildSpec, most: int | None, why: str
) -> tuple[np.ndarray, list[Note]]:
    if not most or len(train) <= most:
        return train, []
    labels = None if problem.task is Task.REGRESSION else problems.encode_target(target.iloc[train], problem)
    pick = cap_rows(len(train), labels, most, spec.seed)
    note = f"{len(pick):,} of {len(train):,} training rows were used, a random sample. {why}"
    return train[pick], [Note("rows_sampled", note)]


def cap_rows(count, labels, most, seed):
    """Positions of a random sample of at most `most` rows; every class keeps 20 of its rows if it has them."""
    if count <= most:
        return np.arange(count)
    rng = np.random.default_rng(seed)
    pick = rng.permutation(count)[:most]
    if labels is not None:
        order = rng.permutation(count)
        rank = pd.Series(labels[order]).groupby(labels[order]).cumcount().to_numpy()
        pick = np.union1d(pick, order[rank < 20])
    return np.sort(pick)


def baseline_prediction(rows: Prepared, count: int) -> np.ndarray:
    """What a plain guess says: class frequencies, or the mean (the median for absolute errors)."""
    weight = np.ones(len(rows.y)) if rows.weight is None else rows.weight
    if rows.problem.has_probabilities:
        shares = np.bincount(rows.y, weight, rows.classes) / weight.sum()
        return np.tile(shares, (count, 1))
    median = rows.problem.metric in ("mae", "mape", "median_absolute_error")
    return np.full(count, np.median(rows.y) if median else np.average(rows.y, weights=weight))


def _weights(frame: pd.DataFrame, problem: Problem) -> np.ndarray | None:
    if problem.weight_column is None:
        return None
    weight = pd.to_numeric(frame[problem.weight_column], errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~np.isfinite(weight) | (weight < 0))
    if len(bad):
        raise ProblemError(
            f"The weight column '{problem.weight_column}' has {len(bad):,} values that are missing, negative or not "
            f"numbers, the first in row {bad[0] + 1:,}. Mend them or choose no weights."
        )
    return weight


def _groups(
    frame: pd.DataFrame, problem: Problem, groups: np.ndarray | None, train: np.ndarray
) -> np.ndarray | None:
    if groups is not None:
        return np.asarray(groups)[train]
    if problem.split.column and problem.split.kind in (SplitKind.GROUP, SplitKind.TIME):
        return frame[problem.split.column].iloc[train].to_numpy()
    return None
