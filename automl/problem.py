"""What is to be predicted: task, metric and split, inferred with a reason and open to change."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from automl.data.profile import numbers_of
from automl.data.target import read_target
from automl.data.words import count, listed, share, shorten, spelled
from automl.errors import ColumnError, ProblemError, unknown_name
from automl.types import Column, ColumnKind, Label, Note, Problem, SplitKind, SplitPlan, TargetReading, Task
from automl.wording import value

DEFAULT_METRIC: dict[Task, str] = {
    Task.BINARY: "roc_auc",
    Task.MULTICLASS: "log_loss",
    Task.REGRESSION: "rmse",
}

# Share of rows set aside for the one final test, up to so many rows: small tables need a larger
# share for a score that means something, large ones can spare fewer.
TEST_SHARE: tuple[tuple[float, float], ...] = (
    (1_000, 0.25),
    (100_000, 0.2),
    (500_000, 0.1),
    (float("inf"), 0.05),
)
MIN_ROWS = 5  # with a target; below that nothing can be learned and tested
MAX_TARGET = 1e150  # squares of larger numbers are infinite
MAX_CLASSES = 1_000  # Autopilot's limit for 3+ categories
# Autopilot: whole numbers are categories if at most 5 % of the values are distinct (10 % up to
# 1,000 rows). That makes categories of salaries and delays, so more than 20 values stay numbers.
INTEGER_SHARE_LARGE, INTEGER_SHARE_SMALL, SMALL_ROWS = 0.05, 0.1, 1_000
CLASS_LIKE_VALUES = 20
RATING_VALUES = 5  # from five whole numbers in a row on, categories or a scale are both likely: ask
MANY_CLASSES_SHARE = 0.5  # text with a new value in every second row has nothing to learn from
POSITIVE_WORDS = (
    "yes", "true", "y", "t", "1", "1.0", "positive", "pos", "churn", "churned", "bad", "default", "defaulted",
    "fraud", "spam", "leave", "left", "attrition", "fail", "failed", "failure", "late", "delayed", "cancelled",
    "canceled", "dead", "died", "sick", "disease", "malignant", "readmitted", "click", "clicked", "converted",
    "won", "returned", "anomaly",
)  # fmt: skip


# --- inference --------------------------------------------------------------------------


def infer(
    frame: pd.DataFrame,
    columns: tuple[Column, ...],
    target: str,
    *,
    task: Task | str | None = None,
    metric: str | None = None,
    features: tuple[str, ...] | list[str] | None = None,
    split: SplitPlan | None = None,
    positive_class: Label | None = None,
    threshold: float | None = None,
    reading: TargetReading | None = None,
    kept: Sequence[str] = (),
    seed: int = 0,
) -> Problem:
    """Say what kind of problem predicting `target` is, and why.

    Parameters
    ----------
    frame : DataFrame
    columns : tuple of Column
        Its profile.
    target : str
        Must match a column exactly.
    task, metric, features, split, positive_class, threshold
        Choices that replace the inferred ones.
    reading : TargetReading, optional
        How the target's values are read before anything else.
    kept : sequence of str
        Columns with one value that are learned from all the same.
    seed : int
        Of the split.

    Raises
    ------
    ColumnError
        For names that aren't there; the nearest is named.
    ProblemError
        For a target that can't be predicted, or a task or metric that doesn't fit it.

    >>> from automl.data.profile import profile
    >>> table = pd.DataFrame({"calls": range(10), "churn": ["yes", "no"] * 5})
    >>> infer(table, profile(table), "churn").reason
    "2 category prediction: 'churn' has two values, no and yes."
    """
    known = {c.name: c for c in columns}
    if target not in known or target not in frame.columns:
        raise ColumnError(unknown_name("column", target, known))
    read = read_target(frame[target], known[target], reading, None if task is None else _task(task))
    column, present = read.column, has_target(read.values)
    values = read.values[present]
    _refuse(column, values, len(frame))
    numeric = _as_numbers(values, column)
    inferred, reason, borderline = _infer_task(column, values, numeric)
    if task is not None:
        chosen = _task(task)
        _check_task(chosen, target, values, numeric)
        if chosen is not inferred:
            reason = f"{chosen.label}: chosen for '{shorten(target)}'."
        inferred, borderline = chosen, False
    if inferred is Task.REGRESSION:
        _check_size(numeric, target)
    notes = [*read.notes, *_notes(target, column, read.empty)]
    if inferred is Task.REGRESSION and numeric is not None:
        notes += _junk(target, values[numeric.isna()])
    classes: tuple[Label, ...] = ()
    class_dtype = "float64"
    positive: Label | None = None
    if inferred.has_probabilities:
        classes, class_dtype = _classes(values)
        rare = [(c, n) for c, n in zip(classes, _class_counts(values, classes), strict=True) if n < 10]
        if rare:
            names = listed([c for c, _ in rare])
            what = "category has" if len(rare) == 1 else "categories have"
            notes.append(
                Note(
                    "rare_classes",
                    f"{spelled(len(rare)).capitalize()} {what} fewer than 10 rows: {names}.",
                    target,
                )
            )
        if inferred is Task.BINARY:
            positive = _positive(classes, values, positive_class, target)
    if threshold is not None:
        _check_threshold(threshold, inferred)
    split = split or SplitPlan(
        SplitKind.STRATIFIED if inferred.has_probabilities else SplitKind.RANDOM,
        test_share(len(values)),
        seed=seed,
    )
    _check_split(split, frame, known)
    return Problem(
        target=target,
        task=inferred,
        metric=_metric(metric, inferred),
        features=_features(features, columns, target, frame, kept),
        split=split,
        reason=reason,
        classes=classes,
        class_dtype=class_dtype,
        positive_class=positive,
        threshold=threshold,
        borderline=borderline,
        notes=tuple(notes),
        reading=read.way,
    )


def _check_size(numeric: pd.Series | None, target: str) -> None:
    most = 0.0 if numeric is None else float(numeric.abs().max())
    if most > MAX_TARGET:
        raise ProblemError(
            f"The values of '{shorten(target)}' reach {most:.1g}; errors of such numbers can't be squared. "
            "Divide the column by a constant first."
        )


def _check_threshold(threshold: float, task: Task) -> None:
    if task is not Task.BINARY:
        raise ProblemError(
            f"A decision threshold needs a target with two values; this is a {task.label}. Leave it out."
        )
    if not 0 < threshold < 1:
        raise ProblemError(
            f"The decision threshold is a probability between 0 and 1, such as 0.3, not {threshold:g}."
        )


def _refuse(column: Column, values: pd.Series, rows: int) -> None:
    name = f"'{shorten(column.name)}'"
    distinct = values.nunique()
    if not len(values):
        raise ProblemError(
            f"{name} has no value in any of the {count(rows, 'row')}. Choose another column to predict."
        )
    if distinct == 1:
        raise ProblemError(
            f"{name} has only one value, '{shorten(values.iloc[0])}', so there is nothing to predict. "
            "Choose another column."
        )
    if len(values) < MIN_ROWS:
        raise ProblemError(
            f"{name} has a value in only {count(len(values), 'row')}; at least {MIN_ROWS} are needed. Add rows."
        )
    if column.kind is ColumnKind.DATETIME:
        raise ProblemError(f"{name} holds dates, which can't be predicted. Choose a number or a category.")
    text = column.kind in (ColumnKind.TEXT, ColumnKind.IDENTIFIER, ColumnKind.CATEGORICAL)
    many = distinct > max(2, MANY_CLASSES_SHARE * len(values)) or distinct > MAX_CLASSES
    if text and values.dtype.kind not in "biuf" and many:
        raise ProblemError(
            f"{name} has {distinct:,} different values in {count(len(values), 'row')}: too many categories to "
            "learn from. Choose a column whose values repeat, or a number."
        )


def _as_numbers(values: pd.Series, column: Column) -> pd.Series | None:
    """The target as numbers, or None if it holds categories."""
    if values.dtype == bool:
        return None
    if values.dtype.kind in "iuf":
        return values.astype("float64")
    return numbers_of(values) if column.kind is ColumnKind.NUMERIC else None


def _infer_task(column: Column, values: pd.Series, numeric: pd.Series | None) -> tuple[Task, str, bool]:
    """SageMaker Autopilot's rules, with the limit on whole numbers explained above."""
    name = f"'{shorten(column.name)}'"
    distinct = values.nunique()
    if distinct == 2:
        first, second = (_label(v) for v in sorted(values.unique(), key=lambda v: (str(type(v)), v)))
        return Task.BINARY, f"{Task.BINARY.label}: {name} has two values, {first} and {second}.", False
    if numeric is None:
        top = listed([_label(v) for v in values.value_counts().index[:3]], 3, "")
        reason = f"{Task.MULTICLASS.label}: {name} has {spelled(distinct)} different values, such as {top}."
        return Task.MULTICLASS, reason, False
    numbers = numeric.dropna()
    low, high = value(numbers.min(), column.name), value(numbers.max(), column.name)
    span = f"{distinct:,} different numbers between {low} and {high}"
    whole = bool((numbers == np.floor(numbers)).all())
    limit = INTEGER_SHARE_LARGE if len(values) > SMALL_ROWS else INTEGER_SHARE_SMALL
    if not whole or distinct > limit * len(values) or column.kind is ColumnKind.IDENTIFIER:
        few = whole and distinct <= CLASS_LIKE_VALUES
        return Task.REGRESSION, f"{Task.REGRESSION.label}: {name} holds {span}.", few
    if distinct <= CLASS_LIKE_VALUES:
        in_row = numbers.max() - numbers.min() + 1 == distinct and distinct >= RATING_VALUES
        reason = (
            f"{Task.MULTICLASS.label}: {name} has only {spelled(distinct)} different whole numbers, "
            f"from {low} to {high}."
        )
        if in_row:
            reason += " If they are a scale or a count, choose numeric prediction."
        return Task.MULTICLASS, reason, bool(in_row)
    reason = (
        f"{Task.REGRESSION.label}: {name} holds {span}. "
        f"They are whole and repeat ({share(distinct, len(values))} distinct); if they are codes, choose categories."
    )
    return Task.REGRESSION, reason, distinct <= 100


def other_task(problem: Problem, column: Column, rows: int) -> Task | None:
    """The task that a target of numbers could have as well; None where there is nothing to choose.

    >>> ages = Column("age", ColumnKind.NUMERIC, missing=0, distinct=80)
    >>> other_task(Problem("age", Task.REGRESSION, "rmse", ("x",)), ages, 5_000).label
    '3+ category prediction'
    """
    if column.kind is not ColumnKind.NUMERIC or problem.task is Task.BINARY:
        return None
    if problem.task is Task.MULTICLASS:
        return Task.REGRESSION
    many = column.distinct > min(MAX_CLASSES, MANY_CLASSES_SHARE * (rows - column.missing))
    return None if many or column.distinct < 3 else Task.MULTICLASS


def _label(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return shorten(value)


def _task(task: Task | str) -> Task:
    try:
        return Task(task)
    except ValueError as e:
        raise ProblemError(unknown_name("task", str(task), [t.value for t in Task])) from e


def _check_task(task: Task, target: str, values: pd.Series, numeric: pd.Series | None) -> None:
    distinct = values.nunique()
    name = f"'{shorten(target)}'"
    if task is Task.REGRESSION and (numeric is None and values.dtype != bool):
        raise ProblemError(
            f"{name} holds text such as '{shorten(values.iloc[0])}', so it can't be predicted as a number."
        )
    if task is Task.BINARY and distinct != 2:
        raise ProblemError(
            f"{name} has {distinct:,} different values; a 2 category prediction needs exactly two."
        )
    if task is Task.MULTICLASS and distinct == 2:
        raise ProblemError(f"{name} has two values; choose the 2 category prediction (binary).")
    if task is Task.MULTICLASS and distinct > MAX_CLASSES:
        raise ProblemError(
            f"{name} has {distinct:,} different values; at most {MAX_CLASSES:,} categories can be predicted."
        )
    many = distinct > MANY_CLASSES_SHARE * len(values)
    if task is Task.MULTICLASS and many and numeric is not None and (numeric != np.floor(numeric)).any():
        raise ProblemError(
            f"{name} is continuous: {distinct:,} different numbers in {count(len(values), 'row')}. "
            "Predict it as a number (regression)."
        )


def _classes(values: pd.Series) -> tuple[tuple[Label, ...], str]:
    unique = values.unique()
    try:
        ordered = sorted(unique)
    except TypeError:
        ordered = sorted(unique, key=lambda v: (str(type(v)), str(v)))
    plain = tuple(v.item() if isinstance(v, np.generic) else v for v in ordered)
    return plain, str(values.dtype)


def _class_counts(values: pd.Series, classes: tuple[Label, ...]) -> list[int]:
    counts = values.value_counts()
    return [int(counts.get(c, 0)) for c in classes]


def _positive(classes: tuple[Label, ...], values: pd.Series, wanted: Label | None, target: str) -> Label:
    """The class of interest: the one asked for, one that says yes, else the rarer."""
    if wanted is not None:
        for label in classes:
            if label == wanted and type(label) is type(wanted) or _label(label) == _label(wanted):
                return label
        raise ProblemError(
            unknown_name(f"value in '{shorten(target)}' called", str(wanted), map(_label, classes))
        )
    yes = [c for c in classes if str(c).strip().lower() in POSITIVE_WORDS]
    if len(yes) == 1:
        return yes[0]
    counts = _class_counts(values, classes)
    return classes[0] if counts[0] < counts[1] else classes[1]


def _notes(target: str, column: Column, missing: int) -> list[Note]:
    notes = []
    if missing:
        what = f"{count(missing, 'row')} without a value in '{shorten(target)}' {'is' if missing == 1 else 'are'} set aside."
        notes.append(Note("target_missing", what, target))
    if column.kind is ColumnKind.IDENTIFIER:
        what = f"'{shorten(target)}' looks like an identifier ({column.reason}): predicting it is unlikely to be useful."
        notes.append(Note("target_identifier", what, target))
    return notes


def _junk(target: str, values: pd.Series) -> list[Note]:
    """What is said of values among a target's numbers that are none."""
    if not len(values):
        return []
    what = f"{count(len(values), 'row')} whose '{shorten(target)}' is no number, such as '{shorten(values.iloc[0])}', "
    return [Note("target_not_a_number", what + f"{'is' if len(values) == 1 else 'are'} set aside.", target)]


def _features(
    wanted: Sequence[str] | None, columns: tuple[Column, ...], target: str, frame: pd.DataFrame, kept: Sequence[str]
) -> tuple[str, ...]:
    names = [c.name for c in columns]
    if wanted is None:
        chosen = [
            c.name
            for c in columns
            if c.name != target
            and c.name in frame.columns
            and c.kind is not ColumnKind.IDENTIFIER
            and (c.distinct > 1 or (c.distinct == 1 and c.missing) or c.name in kept)
        ]
        if not chosen:
            raise ProblemError(
                f"No column is left to predict '{shorten(target)}' from: the others are identifiers or have one value."
            )
        return tuple(chosen)
    for name in wanted:
        if name not in names:
            raise ColumnError(unknown_name("column", name, names))
    if target in wanted:
        raise ProblemError(
            f"'{shorten(target)}' is what is predicted, so it can't be predicted from. Switch it off."
        )
    if not wanted:
        raise ProblemError(f"Choose at least one column to predict '{shorten(target)}' from.")
    return tuple(name for name in names if name in set(wanted))


def _metric(name: str | None, task: Task) -> str:
    if name is None:
        return DEFAULT_METRIC[task]
    from automl.metrics import metric

    return metric(name, task).name


def _check_split(split: SplitPlan, frame: pd.DataFrame, known: dict[str, Column]) -> None:
    if not 0 <= split.test_share < 1:
        raise ProblemError(f"The share of test rows must be from 0 to below 1, not {split.test_share:g}.")
    if split.kind not in (SplitKind.GROUP, SplitKind.TIME):
        return
    if split.column not in known or split.column not in frame.columns:
        raise ColumnError(unknown_name("column", str(split.column), known))
    name = f"'{shorten(split.column)}'"
    if split.kind is SplitKind.TIME and frame[split.column].dtype.kind not in "Miuf":
        raise ProblemError(f"Rows can't be ordered in time by {name}: it holds neither dates nor numbers.")
    if frame[split.column].nunique() < 2:
        raise ProblemError(f"Rows can't be split by {name}: it has only one value.")


# --- the target -------------------------------------------------------------------------


def has_target(series: pd.Series) -> np.ndarray:
    """Which rows have a value to learn from, as an array of bool."""
    return series.notna().to_numpy(dtype=bool)


def encode_target(series: pd.Series, problem: Problem) -> np.ndarray:
    """The target as models take it.

    Parameters
    ----------
    series : Series of shape (rows,)
        Without missing values (see `has_target`).
    problem : Problem

    Returns
    -------
    ndarray of shape (rows,)
        int64 positions in `problem.classes`, or float64 values.

    Raises
    ------
    ProblemError
        For a value that was never seen, or is no number.
    """
    if not problem.has_probabilities:
        numbers = (series.astype("float64") if series.dtype.kind in "biuf" else numbers_of(series)).to_numpy(
            dtype=np.float64
        )
        if np.isnan(numbers).any():
            odd = series[np.isnan(numbers)].iloc[0]
            raise ProblemError(
                f"'{shorten(problem.target)}' must hold numbers, but one value is '{shorten(odd)}'."
            )
        return numbers
    codes = class_codes(series, problem)
    if (codes < 0).any():
        odd = series[codes < 0].iloc[0]
        known = [_label(label) for label in problem.classes]
        word = "missing" if pd.isna(odd) else _label(odd)
        raise ProblemError(unknown_name(f"category of '{shorten(problem.target)}' called", word, known))
    return codes


def class_codes(series: pd.Series, problem: Problem) -> np.ndarray:
    """Positions in `problem.classes`, int64 of shape (rows,); -1 for what is missing or was never seen."""
    codes, values = pd.factorize(series)
    lookup: dict[Any, int] = {_label(label): i for i, label in enumerate(problem.classes)}
    exact = {label: i for i, label in enumerate(problem.classes)}
    found = [exact.get(v, lookup.get(_label(v), -1)) for v in values]
    return np.array([*found, -1], dtype=np.int64)[codes]


# --- test rows --------------------------------------------------------------------------


def test_share(rows: int) -> float:
    """The share of rows for the final test, by the size of the table.

    >>> test_share(800), test_share(5000), test_share(300_000)
    (0.25, 0.2, 0.1)
    """
    return next(part for limit, part in TEST_SHARE if rows <= limit)


test_share.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest thinks of its name


def split_rows(
    frame: pd.DataFrame, problem: Problem, *, share: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Set test rows aside, before anything is learned.

    Rows that were written twice stay on one side (see `copies`). Categories keep their shares, and
    one with a single row stays in training; groups stay together; with a time split the latest
    rows are the test. Rows without a target are in neither part.

    Parameters
    ----------
    frame : DataFrame
    problem : Problem
        Its split plan: kind, column, seed, test share.
    share : float, optional
        Replaces the plan's test share.

    Returns
    -------
    (train, test)
        Positions of rows, ascending.
    """
    plan = problem.split if share is None else replace(problem.split, test_share=share)
    columns = [name for name in (*problem.features, problem.target) if name in frame.columns]
    return split_positions(
        frame, columns, problem.target, plan.kind.value, plan.column, plan.test_share, plan.seed
    )


def copies(table, target):
    """Which rows are copies of one another: a number a row, the same for equal rows.

    A row that was written twice has the same target twice. Where equal rows often have different
    targets, or are nine of ten, there are few values to be had and people or days are simply alike: each
    row counts.
    """
    if not table.shape[1]:
        return np.arange(len(table))
    few = table.iloc[:, :8]  # where these tell all rows apart, the others need not be asked
    if few.shape[1] < table.shape[1] and not pd.util.hash_pandas_object(few, index=False).duplicated().any():
        return np.arange(len(table))
    alike = pd.factorize(pd.util.hash_pandas_object(table, index=False).to_numpy())[0]
    outcome = pd.factorize(np.asarray(target))[0]
    several = np.bincount(alike, minlength=1) > 1
    pairs = pd.DataFrame({"alike": alike, "outcome": outcome}).drop_duplicates()
    differ = np.bincount(pairs["alike"], minlength=1) > 1
    few = len(several) < 0.1 * len(table)
    return np.arange(len(table)) if few or differ.sum() > 0.1 * several.sum() else alike


def split_positions(
    table: pd.DataFrame, columns: list[str], target: str, kind: str, by: str | None, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows to learn from and of the rows to test on."""
    rows = np.flatnonzero(table[target].notna().to_numpy(dtype=bool))
    part = table.iloc[rows]
    wanted = max(1, round(share * len(rows))) if share > 0 and len(rows) > 1 else 0
    if kind == "time":
        order = part[by].rank(method="min", na_option="top").to_numpy()
        cut = np.sort(order)[len(rows) - wanted] if wanted else np.inf
        late = order >= cut if cut > order.min() else order > cut
        return rows[~late], rows[late]
    units = copies(part[[name for name in columns if name != target]], part[target])
    if kind == "group":  # a group takes along the duplicates of its rows, and their groups
        groups = pd.factorize(part[by], use_na_sentinel=False)[0]
        before = None
        while before is None or (units != before).any():
            before = units
            units = pd.Series(units).groupby(groups).transform("min").to_numpy()
            units = pd.Series(units).groupby(before).transform("min").to_numpy()
    units = pd.factorize(units)[0]
    sizes = np.bincount(units)
    strata = np.zeros(len(sizes), dtype=np.int64)
    if kind == "stratified":
        strata[units] = pd.factorize(part[target])[0]
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(strata[order], kind="stable")]
    per_stratum = np.bincount(strata, weights=sizes)
    room = np.round(per_stratum * wanted / max(len(rows), 1))
    room[(room < 1) & (per_stratum >= 5) & (wanted > 0)] = 1
    chosen = np.zeros(len(sizes), dtype=bool)
    for stratum in range(len(per_stratum)):
        mine = order[strata[order] == stratum]
        mine = mine[sizes[mine] <= room[stratum]][: len(mine) - 1] if len(mine) > 1 else mine[:0]
        chosen[mine[np.cumsum(sizes[mine]) <= room[stratum]]] = True
    if wanted and not chosen.any() and len(sizes) > 1:
        chosen[order[np.argmin(sizes[order])]] = True
    return rows[~chosen[units]], rows[chosen[units]]


def split_source(problem: Problem) -> str:
    """Python source, without this package, that sets `train_rows` and `test_rows` of `table`."""
    plan = problem.split
    columns = [*problem.features, problem.target]
    return (
        "import numpy as np\nimport pandas as pd\n\n\n"
        f"{inspect.getsource(copies)}\n\n{inspect.getsource(split_positions)}\n\n"
        f"columns = [name for name in {columns!r} if name in table.columns]\n"
        f"train_rows, test_rows = split_positions(\n    table, columns, {problem.target!r}, {plan.kind.value!r}, "
        f"{plan.column!r}, share={plan.test_share!r}, seed={plan.seed!r}\n)\n"
    )
