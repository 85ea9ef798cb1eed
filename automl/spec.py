"""From a table and a few choices to the full order of a build: the same for app, shell and Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from automl import config
from automl.data import clean
from automl.data.profile import with_kept
from automl.data.words import count
from automl.errors import BuildError, ColumnError, unknown_name
from automl.problem import infer, test_share
from automl.types import (
    Budget,
    BuildSpec,
    Column,
    ColumnKind,
    Label,
    Note,
    Recipe,
    SplitKind,
    SplitPlan,
    TargetReading,
    Task,
    replace,
)

LOOKING_SHARE = 0.06  # of the time, for telling numbers and dates in text; cleaning what is found takes more than that again
CLEANING = 1.7  # times what describing a table takes, for cleaning it and sealing the model: measured on 3,000 columns
CLEANING_SHARE = 0.35  # of the time left, at most; else columns are left out …
MANY_COLUMNS = 200  # … of those of text beyond so many
HURRY = 0.2  # of the time: with less of it left, columns of numbers are left out as well
NUMBERS = (0, 0)  # what columns of numbers, flags and dates cost to read, see `_reading_cost`
MAX_SEED = 2**31 - 1_000_001  # every library takes it, and what is added to it for draws of their own


def order(
    frame: pd.DataFrame,
    columns: tuple[Column, ...],
    target: str,
    *,
    name: str = "",
    dataset: str = "",
    preset: str = "quick",
    seconds: float | None = None,
    candidates: int | None = None,
    metric: str | None = None,
    task: Task | str | None = None,
    families: Sequence[str] = (),
    excluded: Sequence[str] = (),
    kept: Sequence[str] = (),
    reading: TargetReading | None = None,
    positive_class: Label | None = None,
    threshold: float | None = None,
    recipe: Recipe | None = None,
    threads: int | None = None,
    memory_mb: int | None = None,
    predict_us: float | None = None,
    max_rows: int | None | str = "preset",
    split: SplitKind | str | None = None,
    split_column: str | None = None,
    seed: int = 0,
) -> BuildSpec:
    """Fill in everything that was not chosen, and check what was.

    Parameters
    ----------
    frame : DataFrame
    columns : tuple of Column
        Its profile, with the user's kinds.
    target : str
        Must match a column exactly.
    seconds : float, optional
        The time limit; the preset's by default.
    threshold : float, optional
        Of two classes, the probability from which on a row is called the outcome of interest; by default
        chosen on validation rows where the metric counts labels, else 0.5.
    excluded : sequence of str
        Columns that are not known at prediction time.
    kept : sequence of str
        Identifiers and columns with one value that are learned from all the same.
    reading : TargetReading, optional
        How the target's values are read before anything else.
    recipe : Recipe, optional
        The proposed one by default. Every switched-on step must fit the table.
    memory_mb : int, optional
        MB that the whole build may use; by default most of what is free.
    predict_us : float, optional
        Microseconds that the models may take for a row of many, on one thread; by default as `engine.combine` has it.
    max_rows : int or None, optional
        Cap on training rows; the preset's by default.
    split, split_column : optional
        "group" keeps rows with the same value of the column together, "time" tests on the latest ones.

    Raises
    ------
    ColumnError, ProblemError, RecipeError, BuildError
        A choice that can't be followed, in one sentence.
    """
    budget = budget_of(
        preset=preset, seconds=seconds, candidates=candidates, threads=threads, memory_mb=memory_mb, predict_us=predict_us,
        max_rows=max_rows,
    )  # fmt: skip
    if not 0 <= seed <= MAX_SEED:
        raise BuildError(f"The seed must be a whole number from 0 to {MAX_SEED:,}, not {seed}.")
    if target not in frame.columns:
        raise ColumnError(unknown_name("column", target, frame.columns))
    columns = with_kept(frame, columns, kept)
    plan = None
    if split is not None:
        plan = SplitPlan(SplitKind(split), test_share(frame[target].count()), column=split_column, seed=seed)
    problem = infer(
        frame, columns, target, task=task, metric=metric, positive_class=positive_class, threshold=threshold,
        split=plan, reading=reading, kept=kept, seed=seed,
    )  # fmt: skip
    if excluded:
        problem = replace(problem, features=tuple(f for f in problem.features if f not in set(excluded)))
    if recipe is None:
        recipe = clean.propose(frame, columns, target, kept)
    else:
        recipe = clean.settled(recipe, frame, columns, problem)
    return BuildSpec(
        id="",
        dataset=dataset,
        columns=columns,
        recipe=recipe,
        problem=problem,
        budget=budget,
        families=tuple(families),
        preset=preset,
        seed=seed,
        name=name,
    )


def budget_of(
    *,
    preset: str = "quick",
    seconds: float | None = None,
    candidates: int | None = None,
    threads: int | None = None,
    memory_mb: int | None = None,
    predict_us: float | None = None,
    max_rows: int | None | str = "preset",
) -> Budget:
    """What a build may take, by the choices that `order` is given; raises BuildError for one that makes no sense."""
    chosen = config.preset(preset)
    seconds = chosen.seconds if seconds is None else float(seconds)
    if not 0 < seconds < float("inf"):
        raise BuildError(f"The time limit must be a number of seconds above 0, not {seconds:g}.")
    if memory_mb is not None and memory_mb < 1:
        raise BuildError(f"The memory limit must be a number of MB above 0, not {memory_mb}.")
    if predict_us is not None and not 0 < predict_us < float("inf"):
        raise BuildError(f"The limit for a prediction must be a number of microseconds above 0, not {predict_us:g}.")
    if candidates is not None and candidates < 1:
        raise BuildError(f"The number of candidates must be at least 1, not {candidates}.")
    most = chosen.max_rows if max_rows == "preset" else max_rows
    return Budget(seconds, candidates, threads, memory_mb, most, predict_us)


def looking_until(began: float, budget: Budget) -> float | None:
    """When to stop looking for numbers and dates in text, in `time.monotonic()`; None where the time must not shape a build.

    Thousands of such columns would else take longer than there is for the build.
    """
    return None if budget.candidates is not None else began + LOOKING_SHARE * budget.seconds


def narrowed(spec: BuildSpec, describing: float, left: float) -> tuple[BuildSpec, tuple[Note, ...]]:
    """The order with as many columns as the time allows, and what is said of it.

    Thousands of columns of text leave no time to learn from them: those that are quickest to read stay, beside all columns
    of numbers, unless hardly any time is left. With a budget in candidates, or where the recipe makes columns of others, all do.

    Parameters
    ----------
    spec : BuildSpec
    describing, left : float
        Seconds that describing the table took, and those that are left of the budget.
    """
    features = spec.problem.features
    share = CLEANING_SHARE * max(left, 0.0) / max(CLEANING * describing, 1e-9)
    fixed = not describing or spec.budget.candidates is not None or any(clean.op_of(s).makes_columns for s in spec.recipe.steps)
    cost = {c.name: _reading_cost(c) for c in spec.columns}
    hurried = left < HURRY * spec.budget.seconds
    slow = sorted((name for name in features if hurried or cost[name] > NUMBERS), key=cost.__getitem__)
    most = max(int(len(slow) * share), MANY_COLUMNS)
    if fixed or len(slow) <= most:
        return spec, ()
    out = set(slow[most:])
    kept = tuple(name for name in features if name not in out)
    said = (
        f"{count(len(kept), 'column')} of {len(features):,} were learned from, those that are quickest to read: "
        f"describing all took {describing:.1f} of the {spec.budget.seconds:g} seconds. Give it more time to use them."
    )
    return replace(spec, problem=replace(spec.problem, features=kept)), (Note("columns_narrowed", said),)


def _reading_cost(column: Column) -> tuple[int, int]:
    """What a column takes to read, to be compared: numbers the least, then words, of few values before many."""
    if column.kind is ColumnKind.TEXT or column.reason.startswith(("numbers written", "dates written")):
        return 2, column.distinct
    return (1, column.distinct) if column.kind is ColumnKind.CATEGORICAL else NUMBERS


def switched(recipe: Recipe, off: Sequence[str], on: Sequence[str] = ()) -> Recipe:
    """The recipe with steps switched off or on, by `step_key`."""
    steps = []
    for step in recipe.steps:
        key = step_key(step)
        steps.append(replace(step, enabled=(step.enabled and key not in off) or key in on))
    return Recipe(tuple(steps))


def step_key(step: Any) -> str:
    """A stable name of a step within a recipe: its operation and columns."""
    return f"{step.op}:{'|'.join(step.columns)}"
