"""A file becomes a data set: unpacked, read or (where large) streamed, profiled, stored with its original."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.data import renamed, sources, stream
from automl.data.append_stored import append_rows, with_kinds
from automl.data.formats import PACKED, Format
from automl.data.profile import profile, profile_file
from automl.data.read import read_unpacked
from automl.data.unpack import Unpacked, unpacked
from automl.errors import DataError
from automl.store import files
from automl.types import Dataset, ReadReport

if TYPE_CHECKING:
    import pandas as pd

    from automl.store.workspace import Workspace

LARGE_BYTES = 64 << 20  # a text file from this size on is streamed; a job of its own in the app
READ_SHARE = 0.9  # of the progress; the rest is profiling and storing …
PARSED_SHARE = 0.6  # … which take a larger part of a table that is held in memory
WIDE_COLUMNS = 3000  # a table from this width on takes seconds, however short it is

Progress = Callable[[float], None]


def is_large(path: Path) -> bool:
    """Whether a file is better read by a process of its own; a packed one may become ten times as large."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    packed = head.startswith((b"PK", *(magic for magic, _ in PACKED)))
    top = head.split(b"\n", 1)[0]
    if max(top.count(mark) for mark in (b",", b";", b"\t", b"|")) >= WIDE_COLUMNS:
        return True
    return path.stat().st_size * (10 if packed else 1) >= LARGE_BYTES


def ingest(
    workspace: Workspace,
    path: Path,
    *,
    name: str,
    options: dict[str, Any] | None = None,
    progress: Progress = lambda share: None,
    version_of: str | None = None,
    append_to: str | None = None,
    choices: dict[str, Any] | None = None,
    instead_of: str | None = None,
    replaces: str | None = None,
    source: sources.Fetched | None = None,
    **about: Any,
) -> Dataset:
    """Read a file into the workspace.

    Parameters
    ----------
    workspace : Workspace
    path : Path
        The file as it came; it is copied and kept with the data set, so that it can be read another way.
    name : str
        What to call the data set, and the file in sentences.
    options : dict, optional
        Reading choices, as for `data.read.read_table`.
    progress : callable
        Is told the share that is done, between 0 and 1.
    version_of, append_to : str, optional
        A data set that the file is the next version of, or has further rows for. The version is proposed:
        `Workspace.keep_version` keeps it.
    choices : dict, optional
        With `append_to`: `kinds` and `renamed`, as for `data.append.append`.
    instead_of : str, optional
        A proposal that is dropped once this one is there.
    replaces : str, optional
        The data set whose table this one takes the place of; see `Workspace.replace_table`.
    source : Fetched, optional
        Where the file was fetched from.
    about : dict
        For `Workspace.add_dataset`: id, project, origin, target, original.

    Raises
    ------
    DataError
        The file can't be read as a table; nothing is kept.
    StoreError
        The workspace can't be written.
    """
    options = options or {}
    before = workspace.dataset(version_of or append_to) if version_of or append_to else None
    with (
        unpacked(path, name, options.get("member")) as found,
        tempfile.TemporaryDirectory(prefix="reading-", dir=workspace.staging) as folder,
    ):
        table = Path(folder) / "table.parquet"
        if found.format is Format.TEXT and found.path.stat().st_size >= LARGE_BYTES:
            report = _streamed(found, table, name, options, lambda share: progress(READ_SHARE * share))
            described = lambda share: progress(READ_SHARE + (1 - READ_SHARE) * share)  # noqa: E731
            if before and not append_to:
                report = _called_as_before(workspace, before, report, options, table)
            columns = profile_file(table, described) if not append_to else ()
        else:
            frame, report = read_unpacked(found, name, options, lambda share: progress(PARSED_SHARE * share))
            if frame.empty:
                raise DataError(f"'{name}' has no rows. Choose a file with a header and at least one row.")
            if before and not append_to:
                report = _called_as_before(workspace, before, report, options, frame)
            progress(PARSED_SHARE)
            described = lambda share: progress(PARSED_SHARE + (1 - PARSED_SHARE) * share)  # noqa: E731
            columns = profile(frame, described) if not append_to else ()
            files.write_table(frame, table)
        if replaces and not append_to:
            report = sources.carried(report, workspace.dataset(replaces).report)
            return workspace.replace_table(replaces, table, report=report, columns=columns)
        if source:
            report = sources.noted(report, source)
            about.setdefault("origin", sources.source_of(source.location).key)
        if append_to:
            made = append_rows(workspace, before, table, report, name=name, choices=choices, replaces=replaces, **about)
            if instead_of and workspace.has_dataset(instead_of):
                workspace.delete_dataset(instead_of)
            return made
        if before:
            about |= {"version_of": version_of, "proposed": True}
            columns = with_kinds(columns, before.columns)
        return workspace.add_dataset(
            table, name=before.name if before else name, report=report, columns=columns, **about
        )


def _called_as_before(
    workspace: Workspace, before: Dataset, report: ReadReport, options: dict[str, Any], table: Path | pd.DataFrame
) -> ReadReport:
    """Columns of which it was said for an earlier version that they are the same get their names again, in `table` too."""
    known = renamed.of_series(workspace.versions_of(before.series))
    if not known or "renamed" in options:
        return report
    names = files.names(table) if isinstance(table, Path) else list(table.columns)
    found = renamed.fitting(known, names, [c.name for c in before.columns])
    if not found:
        return report
    if isinstance(table, Path):
        out = table.with_name("renamed.parquet")
        renamed.write_called(table, out, renamed.called(names, found))
        out.replace(table)
    else:
        table.columns = renamed.called(names, found)
    return renamed.report_called(report, found)


def _streamed(found: Unpacked, table: Path, name: str, options: dict[str, Any], progress: Progress) -> Any:
    _, report = stream.to_parquet(found.path, table, name=name, options=options, progress=progress)
    return report
