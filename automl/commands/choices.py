"""What the shell says of a problem beside its target: the same for validating and for building."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from automl.errors import ColumnError, ProblemError, RecipeError, unknown_name
from automl.types import Column, ColumnKind, Fix, Recipe, SplitKind, TargetReading, replace

KINDS = {kind.word: kind for kind in ColumnKind} | {kind.value: kind for kind in ColumnKind}
SPLITS = (SplitKind.GROUP.value, SplitKind.TIME.value)
STEPS = ("drop_duplicates", "drop_near_duplicates", "impute", "clip_outliers")  # of a proposed plan, that may be switched
AS_IT_IS = "leave out the choices that lead to this"


def arguments(sub: argparse.ArgumentParser) -> None:
    """What a command that looks at a target takes."""
    group = sub.add_argument_group("what to make of the columns, where the automatic choice is wrong")
    group.add_argument("--exclude", metavar="COL", action="append", default=[], help="a column that is not learned from; again for more")
    group.add_argument("--keep", metavar="COL", action="append", default=[], help="an identifier, or a column with one value, that is")
    group.add_argument("--as", dest="kinds", metavar="COL=KIND", action="append", default=[],
                       help="what a column holds: number, category, yes/no, date, text or identifier")  # fmt: skip
    group.add_argument("--task", choices=("binary", "multiclass", "regression"), metavar="T")
    group.add_argument("--metric", metavar="M", help="a scikit-learn name, such as roc_auc")
    group.add_argument("--split", metavar="WAY=COL", help="group=COL keeps rows of the same COL together, time=COL tests on the latest rows")
    group.add_argument("--step", metavar="STEP=on|off", action="append", default=[],
                       help=f"a step of the proposed cleaning: {', '.join(STEPS)}")  # fmt: skip
    group.add_argument("--target-part", metavar="PART", help="predict the month or weekday of a date, or the number in a text")
    group.add_argument("--count-missing", metavar="VALUE", help="what rows without a target count as: a category's name, or a number")
    few = group.add_mutually_exclusive_group()
    few.add_argument("--group-labels", type=int, metavar="N", help="labels of the target with fewer than N rows count as 'other'")
    few.add_argument("--drop-labels", type=int, metavar="N", help="rows of labels with fewer than N rows are set aside")


def with_kinds(args: argparse.Namespace, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The profile with the kinds that were said. Raises ColumnError for an unknown column or kind."""
    kinds = {}
    for given in args.kinds:
        name, mark, kind = given.rpartition("=")
        if not mark:
            raise ColumnError(f"'{given}' does not say what a column holds. Write COLUMN=KIND, such as zip=category.")
        if kind not in KINDS:
            raise ColumnError(unknown_name("kind", kind, [k.word for k in ColumnKind]))
        kinds[name] = KINDS[kind]
    for name in (*kinds, *args.exclude, *args.keep):
        if name not in {c.name for c in columns}:
            raise ColumnError(unknown_name("column", name, [c.name for c in columns]))
    return tuple(replace(c, kind=kinds[c.name], kind_by_user=True) if c.name in kinds else c for c in columns)


def of_problem(args: argparse.Namespace) -> dict[str, Any]:
    """What was said of the problem, as `spec.order` takes it; a way of splitting and its column apart."""
    from automl.data.target import OTHER

    way, _, column = (args.split or "").partition("=")
    if args.split and (way not in SPLITS or not column):
        raise ProblemError(f"'{args.split}' is no way to split. Write group=COLUMN or time=COLUMN.")
    least = args.group_labels if args.group_labels is not None else args.drop_labels
    if least is not None and least < 2:
        raise ProblemError(f"The rows that a label needs must be at least 2, not {least}.")
    reading = TargetReading(
        part=args.target_part or "", missing=args.count_missing or "", least_rows=least or 0,
        rare=OTHER if args.group_labels is not None else "",
    )  # fmt: skip
    return {
        "excluded": tuple(sorted(args.exclude)),
        "kept": tuple(sorted(args.keep)),
        "task": args.task,
        "metric": args.metric,
        "split": SplitKind(way) if way else None,
        "split_column": column or None,
        "reading": None if reading == TargetReading() else reading,
    }


def of_steps(args: argparse.Namespace) -> dict[str, bool]:
    """Which operations were switched. Raises RecipeError for one that is unknown."""
    found = {}
    for given in args.step:
        op, _, state = given.partition("=")
        if op not in STEPS:
            raise RecipeError(unknown_name("step", op, STEPS, "that can be switched"))
        if state not in ("on", "off"):
            raise RecipeError(f"'{given}' does not say on or off. Write {op}=on or {op}=off.")
        found[op] = state == "on"
    return found


def switched(recipe: Recipe, steps: dict[str, bool]) -> Recipe:
    """A recipe with operations switched. Raises RecipeError where it has none of them."""
    for op in steps:
        if op not in {s.op for s in recipe.steps}:
            raise RecipeError(f"The cleaning plan has no step '{op}': there is nothing for it to do. Leave --step {op} out.")
    return Recipe(tuple(replace(s, enabled=steps.get(s.op, s.enabled)) for s in recipe.steps))


def flag_of(fix: Fix) -> str:
    """How the shell says a fix.

    >>> flag_of(Fix("Leave them out", "exclude_columns", ("a", "the b")))
    "--exclude=a '--exclude=the b'"
    """
    first = fix.columns[0] if fix.columns else ""
    said = {
        "exclude_columns": [f"--exclude={c}" for c in fix.columns],
        "keep_columns": [f"--keep={c}" for c in fix.columns],
        "change_kind": [f"--as={c}={fix.value}" for c in fix.columns],
        "split_group": [f"--split=group={first}"],
        "split_time": [f"--split=time={first}"],
        "choose_task": [f"--task={fix.value}"],
        "choose_metric": [f"--metric={fix.value}"],
        "switch_step_on": [f"--step={fix.value.split(':')[0]}=on"],
        "switch_step_off": [f"--step={fix.value.split(':')[0]}=off"],
        "choose_target": [f"--target={first}"],
        "target_part": [f"--target-part={fix.value}"],
        "count_missing": [f"--count-missing={fix.value}"],
        "group_labels": [f"--group-labels={fix.value}"],
        "drop_labels": [f"--drop-labels={fix.value}"],
    }
    if fix.action in said:
        return " ".join(shlex.quote(part) for part in said[fix.action])
    return {
        "append_rows": "python -m automl append FILE MORE --out ALL.csv",
        "join_table": "python -m automl join FILE OTHER --out ALL.csv",
        "reset_choices": AS_IT_IS,
    }.get(fix.action, "")
