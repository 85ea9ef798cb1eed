"""Data sets of the workspace under each other: a new data set, or the next version of one, that can be done again."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.data.append import AppendReport, Progress, Table, append_files, plan, table_of_file
from automl.data.append_alike import Alike
from automl.data.profile import profile_file
from automl.data.renamed import fitting, of_series
from automl.errors import DataError
from automl.store import files
from automl.types import Column, Dataset, ReadReport, replace

if TYPE_CHECKING:
    from automl.store.workspace import Workspace

CHOICES = ("keep", "mark", "kinds", "renamed")  # of `append`, as a report's options hold them


def append_datasets(
    workspace: Workspace,
    ids: Sequence[str],
    *,
    name: str,
    choices: dict[str, Any] | None = None,
    progress: Progress = lambda share: None,
    **about: Any,
) -> Dataset:
    """Put data sets under each other, in constant memory.

    Parameters
    ----------
    ids : sequence of str
        Two or more.
    name : str
        What to call the result.
    choices : dict, optional
        `keep`, `mark`, `kinds` and `renamed`, as for `data.append.append`.
    about : dict
        For `Workspace.add_dataset`: project, version_of, proposed.

    Raises
    ------
    DataError, StoreError
    """
    choices = {k: v for k, v in (choices or {}).items() if k in CHOICES and v}
    datasets = [workspace.dataset(id) for id in ids]
    paths = [workspace.data_path(id) for id in ids]
    tables = [table_of_file(p, _label(d, datasets)) for p, d in zip(paths, datasets, strict=True)]
    with tempfile.TemporaryDirectory(prefix="appending-", dir=workspace.staging) as folder:
        out = Path(folder) / "table.parquet"
        done = _write(paths, tables, choices, out, progress)
        versions = [d.version for d in datasets]
        options = {"inputs": list(ids), "versions": versions, **choices, "columns": _plans(d.report for d in reversed(datasets))}
        columns = with_kinds(profile_file(out), datasets[0].columns)
        report = ReadReport("append", options, done.notes)
        return workspace.add_dataset(out, name=name, report=report, columns=columns, **{"origin": "append", **about})


def append_rows(
    workspace: Workspace,
    dataset: Dataset,
    table: Path,
    report: ReadReport,
    *,
    name: str,
    choices: dict[str, Any] | None = None,
    replaces: str | None = None,
    progress: Progress = lambda share: None,
    **about: Any,
) -> Dataset:
    """The rows of a file that was read as the Parquet file `table`, put under a data set: its next version, proposed.

    Columns that only the file has are kept; the difference to the version before says so. `choices` are `kinds` and
    `renamed`, as for `data.append.append`; `replaces` is a proposal whose table this one takes the place of. Which columns may be the same by another name is in the report (`alike_in`).
    """
    known = of_series(workspace.versions_of(dataset.series)) if choices is None else {}
    choices = {k: v for k, v in (choices or {}).items() if k in ("kinds", "renamed") and v}
    tables = [table_of_file(workspace.data_path(dataset.id), dataset.name), table_of_file(table, name)]
    if said := fitting(known, files.names(table), [c.name for c in dataset.columns]):  # for an earlier version
        choices["renamed"] = said
    out = table.with_name("appended.parquet")
    done = _write([workspace.data_path(dataset.id), table], tables, choices, out, progress)
    candidates = list(plan(tables).alike if choices.get("renamed") else done.alike)
    found = {one.name for one in candidates}
    candidates += [Alike(was, new, name, "you said so before") for new, was in choices.get("renamed", {}).items() if new not in found]
    options = {
        "inputs": [dataset.id], "versions": [dataset.version], "file": name, **choices,
        "alike": [asdict(one) for one in candidates], "columns": _plans([report, dataset.report]),
    }  # fmt: skip
    if read := report.options.get("chosen"):
        options["chosen"] = read
    both = ReadReport("append", options, (*done.notes, *report.notes), report.bad_rows)
    columns = with_kinds(profile_file(out), dataset.columns)
    if replaces:
        return workspace.replace_table(replaces, out, report=both, columns=columns)
    return workspace.add_dataset(
        out, name=dataset.name, report=both, columns=columns, version_of=dataset.id, proposed=True,
        **{"origin": "append", **about},
    )  # fmt: skip


def alike_in(report: ReadReport) -> list[Alike]:
    """Columns of appended rows that may be columns of the data set by another name, those the user took included."""
    return [Alike(**one) for one in report.options.get("alike", ())]


def newer_inputs(workspace: Workspace, dataset: Dataset) -> list[Dataset]:
    """The latest versions of the data sets that this one was made of, where they are newer than what was used."""
    newer = []
    for id in dataset.report.options.get("inputs", ()):
        used = workspace.remembered(id)
        if used is None or used.series == dataset.series:  # rows put under itself
            continue
        latest = _latest(workspace, used)
        if latest is not None and latest.version > used.version:
            newer.append(latest)
    return newer


def append_again(
    workspace: Workspace, dataset: Dataset, progress: Progress = lambda share: None
) -> Dataset:
    """Do an append again, with the latest version of each of its inputs: the next version, proposed.

    Raises
    ------
    DataError
        The data set was not made by appending data sets, or one of them is gone.
    """
    options = dataset.report.options
    if dataset.report.format != "append" or len(options.get("inputs", ())) < 2:
        raise DataError(f"'{dataset.name}' was not made by appending data sets, so that can't be done again.")
    ids = []
    for id in options["inputs"]:
        used = workspace.remembered(id)
        latest = _latest(workspace, used) if used else None
        if latest is None:
            gone = f"'{used.name}'" if used else "One of its tables"
            raise DataError(f"{gone} was deleted, so '{dataset.name}' can't be made again. Append other tables.")
        ids.append(latest.id)
    return append_datasets(
        workspace, ids, name=dataset.name, choices=options, progress=progress, version_of=dataset.id, proposed=True
    )


def with_kinds(columns: Sequence[Column], before: Sequence[Column]) -> tuple[Column, ...]:
    """A profile with the kinds that the user chose for columns of the same name."""
    chosen = {c.name: c.kind for c in before if c.kind_by_user}
    return tuple(
        replace(c, kind=chosen[c.name], kind_by_user=True, reason="chosen by you") if c.name in chosen else c
        for c in columns
    )


def _latest(workspace: Workspace, used: Dataset) -> Dataset | None:
    return next(iter(workspace.versions_of(used.series)), None)


def _write(
    paths: Sequence[Path], tables: Sequence[Table], choices: dict[str, Any], out: Path, progress: Progress
) -> AppendReport:
    return append_files(paths, plan(tables, **choices), out, progress)


def _label(dataset: Dataset, others: Sequence[Dataset]) -> str:
    """A name that tells it from the others: with its version where another version is among them."""
    twice = sum(d.name == dataset.name for d in others) > 1
    return f"{dataset.name}, version {dataset.version}" if twice else dataset.name


def _plans(reports: Any) -> dict[str, Any]:
    """How the columns of the files were written, the last report's word counting: files to predict are read so."""
    plans: dict[str, Any] = {}
    for report in reports:
        plans |= report.options.get("columns", {})
    return plans
