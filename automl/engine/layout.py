"""Lays a build's training rows out for those who fit on them: the folds, the job, the scratch folder."""

from __future__ import annotations

from pathlib import Path

from automl.engine.folds import Folds, fold_count, load_of, make_folds
from automl.engine.prepare import Prepared
from automl.engine.workfolder import WorkFolder
from automl.types import BuildSpec, SplitKind

CACHE_CELLS = 40_000_000  # of fitted features that a process keeps


def lay_out(rows: Prepared, spec: BuildSpec, folder: Path, threads: int) -> tuple[WorkFolder, Folds, float]:
    """Assign the folds and write everything into `folder`; the same for the same rows and spec.

    Returns
    -------
    WorkFolder, Folds, float
        The last is the load (see `folds.load_of`).
    """
    problem, n = rows.problem, len(rows.y)
    load = load_of(n, len(rows.kinds), spec.budget.seconds, rows.classes)
    count = problem.split.folds or fold_count(n, load, problem.split.kind is SplitKind.TIME)
    folds = make_folds(problem, rows.typed, rows.y, count=count, groups=rows.groups)
    work = WorkFolder(folder)
    job = {
        "task": problem.task.value,
        "metric": problem.metric,
        "positive": problem.positive_code,
        "threshold": problem.threshold,
        "classes": rows.classes,
        "kinds": rows.kinds,
        "learned": rows.learned,
        "threads": threads,
        "seed": spec.seed,
        "cache_cells": CACHE_CELLS,
    }
    work.write(job, rows.typed, rows.y, rows.weight, folds)
    return work, folds, load
