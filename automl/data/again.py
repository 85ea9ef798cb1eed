"""A data set's own file read another way: what can be chosen, a preview, and keeping the new reading."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl.data.formats import Format, is_utf16, recognise
from automl.data.ingest import ingest, is_large
from automl.data.read import read_with_report, sheets_of
from automl.data.unpack import WRAPPINGS, SeveralTables, Unpacked, tables_in, unpacked
from automl.errors import DataError
from automl.types import Dataset, ReadReport

if TYPE_CHECKING:
    from automl.store.workspace import Workspace

FIRST_LINES, FIRST_BYTES = 12, 64 << 10  # of a file that was refused, as it stands
PREVIEW_BYTES = 4 << 20  # of a large file, only its head is read for a preview

# What a user can choose for one column, as a plan (see `data.guess`) whose details follow from the values.
COLUMN_CHOICES: dict[str, dict[str, Any]] = {
    "text": {"type": "text"},
    "number, decimal point": {"type": "number", "decimal": ".", "thousands": ", '", "integer": False, "loose": True},
    "number, decimal comma": {"type": "number", "decimal": ",", "thousands": ". '", "integer": False, "loose": True},
    "date, day first": {"type": "date", "day_first": True},
    "date, month first": {"type": "date", "day_first": False},
}


def chosen(report: ReadReport) -> dict[str, Any]:
    """What a user decided about how a file was read; all else was decided by looking at it."""
    return dict(report.options.get("chosen") or {})


def alternatives(workspace: Workspace, dataset: Dataset) -> dict[str, list[str]]:
    """The sheets of the workbook (`sheet`) and the tables of the archive (`member`), where there are several."""
    original = workspace.original(dataset.id)
    if original is None:
        return {}
    member = (dataset.report.options.get("wrapping") or {}).get("member")
    return parts(original, dataset.name, member)


def parts(path: Path, name: str, member: str | None = None) -> dict[str, list[str]]:
    """As `alternatives`, of a file that no data set was made of."""
    found: dict[str, list[str]] = {}
    if recognise(path, name) is Format.ZIP:
        found["member"] = tables_in(path)
    with contextlib.suppress(DataError), unpacked(path, name, member) as inner:  # of several tables none was chosen yet
        found["sheet"] = sheets_of(inner, name)
    return {key: names for key, names in found.items() if len(names) > 1}


def preview(
    workspace: Workspace, dataset: Dataset, options: dict[str, Any]
) -> tuple[pd.DataFrame, ReadReport, bool]:
    """The table as the choices give it, its report, and whether that is the whole file; nothing is kept.

    Raises DataError where the file can't be read so.
    """
    return attempt(_original(workspace, dataset), dataset.name, options, workspace.staging)


def attempt(path: Path, name: str, options: dict[str, Any], folder: Path) -> tuple[pd.DataFrame, ReadReport, bool]:
    """As `preview`, of a file that no data set was made of; `folder` is for what is written meanwhile."""
    if not is_large(path) or recognise(path, name) is not Format.TEXT:
        return *read_with_report(path, options=options, name=name), True
    with tempfile.NamedTemporaryFile(dir=folder) as head:
        with path.open("rb") as file:
            part = file.read(PREVIEW_BYTES)
        head.write(part[: part.rfind(b"\n") + 1] or part)
        head.flush()
        return *read_with_report(head.name, options=options, name=name), False


def may_help(path: Path, name: str) -> Format | None:
    """What a file that was refused is, where choices may help: text, a book of sheets or an archive; else None."""
    try:
        format = recognise(path, name)
        if format in WRAPPINGS:
            if format is Format.ZIP:
                tables_in(path)
            with unpacked(path, name) as inner:
                return _mendable(inner, name)
        return _mendable(Unpacked(path, format), name)
    except SeveralTables:
        return Format.ZIP
    except (DataError, OSError):
        return None


def _mendable(found: Unpacked, name: str) -> Format | None:
    if found.format is Format.TEXT:
        return Format.TEXT
    return Format.EXCEL if sheets_of(found, name) else None


def first_lines(path: Path, name: str, encoding: str | None = None, lines: int = FIRST_LINES) -> list[str]:
    """The first lines of a text, as they stand; empty for anything else."""
    try:
        with unpacked(path, name) as found:
            if found.format is not Format.TEXT:
                return []
            with found.path.open("rb") as file:
                head = file.read(FIRST_BYTES)
    except (DataError, OSError):
        return []
    text = head.decode(encoding or is_utf16(head) or "utf-8", "replace").lstrip("\ufeff")
    return text.splitlines()[:lines]


def replaces(workspace: Workspace, dataset: Dataset) -> bool:
    """Whether another reading may take this version's place: nothing was made of it yet, and it is read at once."""
    return not any(workspace.users(dataset.id)) and not is_large(_original(workspace, dataset))


def keep(workspace: Workspace, dataset: Dataset, options: dict[str, Any]) -> Dataset:
    """Read the file again and keep the table: in place of this version while nothing uses it, else as the next.

    Kinds that the user chose stay, where the column is still there. Raises DataError or StoreError; then
    everything is as before.
    """
    original = _original(workspace, dataset)
    own = {c.name: c.kind for c in dataset.columns if c.kind_by_user}
    if replaces(workspace, dataset):
        kept = ingest(workspace, original, name=dataset.name, options=options, replaces=dataset.id)
    else:
        copy = linked(workspace, original)
        try:
            kept = ingest(
                workspace, copy, name=dataset.name, options=options, version_of=dataset.id, original=copy
            )
            kept = workspace.keep_version(kept.id)  # its user has seen the preview
        finally:
            copy.unlink(missing_ok=True)
    for column in kept.columns:
        if column.name in own:
            kept = workspace.set_kind(kept.id, column.name, own[column.name])
    return kept


def linked(workspace: Workspace, original: Path) -> Path:
    """A second name for a kept file, to be taken over; no copy is made where the disk allows that."""
    copy = workspace.staging / f"again-{secrets.token_hex(8)}"
    try:
        os.link(original, copy)
    except OSError:
        copy.write_bytes(original.read_bytes())
    return copy


def is_possible(workspace: Workspace, dataset: Dataset) -> bool:
    """Whether the whole table came from one file that was kept."""
    return dataset.origin not in ("join", "append") and workspace.original(dataset.id) is not None


def _original(workspace: Workspace, dataset: Dataset) -> Path:
    original = workspace.original(dataset.id)
    if original is None or not is_possible(workspace, dataset):
        raise DataError("The file of this table was not kept. Upload it again to read it another way.")
    return original
