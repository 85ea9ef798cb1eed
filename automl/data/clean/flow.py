"""What becomes of the columns on the way through a recipe, and which steps do not fit a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from automl.data.clean.apply import op_of
from automl.data.clean.base import Flow, Flows
from automl.data.clean.ops.formula import Formula
from automl.data.words import listed
from automl.errors import RecipeError
from automl.types import Column, ColumnKind, Problem, Recipe, Step, replace

HOLDS = {"f": "number", "i": "number", "u": "number", "M": "date", "b": "flag"}
ORDER = ("remove_outliers", "clip_outliers", "group_rare", "impute")  # of what is learned, after all other steps


@dataclass(frozen=True)
class Issue:
    """Why the step at a place of the recipe does not fit a table; not `fatal` where it does so in part."""

    step: int
    message: str
    fatal: bool = True


def start(frame: pd.DataFrame, columns: Iterable[Column], target: str | None = None) -> Flows:
    """The columns of a table as it was read; the column to predict is not among them."""
    kinds = {c.name: c.kind.value for c in columns}
    return {
        str(n): Flow(kinds.get(str(n), "categorical"), HOLDS.get(dtype.kind, "text"), (str(n),))
        for n, dtype in zip(frame.columns, frame.dtypes, strict=True)
        if n != target
    }


def in_order(recipe: Recipe) -> Recipe:
    """Learned steps after all others, in the order in which they are done."""
    first = [s for s in recipe.steps if s.op not in ORDER]
    learned = sorted((s for s in recipe.steps if s.op in ORDER), key=lambda s: ORDER.index(s.op))
    return Recipe((*first, *learned))


def excluded(columns: Iterable[Column], problem: Problem) -> set[str]:
    """The columns that the user took out of the model; identifiers are not among them, as formulas may use them."""
    known = {*problem.features, problem.target}
    return {c.name for c in columns if c.name not in known and c.kind is not ColumnKind.IDENTIFIER}


def spoken(recipe: Recipe, issue: Issue) -> str:
    """An issue as a sentence that names its step."""
    step = recipe.steps[issue.step]
    return f"Step {issue.step + 1} of the recipe, “{step.title or op_of(step).title(step)}”: {issue.message}"


def bind(
    recipe: Recipe, flows: Flows, target: str | None = None, away: Iterable[str] = ()
) -> tuple[Recipe, list[Issue], Flows]:
    """Settle a recipe on a table.

    Parameters
    ----------
    recipe : Recipe
    flows : dict
        The columns as `start` gave them.
    target : str, optional
        The column to predict, which no step may touch.
    away : iterable of str
        Columns that the user took out of the model; a step that only names such is passed over.

    Returns
    -------
    (Recipe, list of Issue, dict)
        The recipe with its order and its formulas settled, which steps do not fit and why, and the columns after it.
    """
    steps, issues = [], []
    for number, step in enumerate(in_order(recipe).steps):
        if step.enabled:
            try:
                step, flows, said = _bound(step, flows, target, set(away))
                if said:
                    issues.append(Issue(number, said, fatal=False))
            except RecipeError as e:
                issues.append(Issue(number, str(e)))
        steps.append(step)
    return Recipe(tuple(steps)), issues, flows


def _bound(step: Step, flows: Flows, target: str | None, away: set[str]) -> tuple[Step, Flows, str]:
    op = op_of(step)
    op.check(step)
    named = op.columns(step)
    seen = flows
    if target is not None and op.removes_rows and not op.learned:
        seen = {**flows, target: Flow("categorical", "text", (target,))} if target in named else flows
    elif set(named) == {target} and op.reads_text:
        return step, flows, ""  # the target is read as its task needs it
    elif target in named and (isinstance(op, Formula) or set(named) <= {target}):
        raise RecipeError(
            f"It uses '{target}', the column to predict, which is not known for new rows. To change it, keep the "
            "cleaned table and build from that."
        )
    gone = [n for n in named if n in away and n not in flows]
    if gone and (isinstance(op, Formula) or op.removes_rows and not op.picks_columns):
        if not isinstance(op, Formula):
            seen = {**seen, **dict.fromkeys(gone, Flow("categorical", "text", ()))}
        else:
            raise RecipeError(f"It uses {listed(gone)}, which this model leaves out. Take it in on the Build page first.")
    elif gone and set(named) <= {*gone, target}:
        return step, flows, ""
    op.fits(step, seen)
    passed = [n for n in op.passed_over(step, seen) if n != target and n not in away]
    said = f"Passes over {listed(passed)}: not in the table at this step, or of another kind." if passed else ""
    if isinstance(op, Formula):
        step = op.bound(step, flows)
        if step.params["name"] == target:
            raise RecipeError(f"'{target}' is the column to predict. Give the new column another name.")
    if target in step.params.get("names", {}).values():
        raise RecipeError(f"'{target}' is the column to predict. Choose another name.")
    after = op.after(step, flows)
    return step, after, said


def settled(recipe: Recipe, frame: pd.DataFrame, columns: tuple[Column, ...], problem: Problem) -> Recipe:
    """The recipe as a build uses it: in order, with its formulas settled.

    Raises
    ------
    RecipeError
        A switched-on step that does not fit the table, by its number and title.
    """
    away = excluded(columns, problem)
    flows = {n: f for n, f in start(frame, columns, problem.target).items() if n not in away}
    bound, issues, _ = bind(recipe, flows, problem.target, away)
    for issue in issues:
        if issue.fatal:
            raise RecipeError(spoken(bound, issue))
    return bound


def switched_off(recipe: Recipe, issues: Iterable[Issue]) -> Recipe:
    """The recipe with the steps that do not fit switched off."""
    off = {i.step for i in issues if i.fatal}
    return Recipe(tuple(replace(s, enabled=s.enabled and n not in off) for n, s in enumerate(recipe.steps)))
