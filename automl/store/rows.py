"""Rows of the index as dataclasses, and the questions that are asked inside a transaction."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

from automl.errors import StoreError
from automl.store.migrations import DEFAULT_PROJECT
from automl.types import BuildSpec, Column, Dataset, ModelVersion, Project, ReadReport, from_dict, to_dict

MOST_NAME = 120  # characters


def now() -> str:
    """The time as stored: ISO 8601, UTC, microseconds, so that text order is time order."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def dataset_row(db: sqlite3.Connection, id: str) -> sqlite3.Row:
    """The row of a data set; raises StoreError when it is unknown or was deleted."""
    row = db.execute("SELECT * FROM datasets WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise StoreError("There is no such data set in this workspace. Choose another one.")
    if row["deleted"]:
        raise StoreError(f"The data set '{row['name']}' was deleted. Choose another one, or upload it again.")
    return row


def model_row(db: sqlite3.Connection, id: str) -> sqlite3.Row:
    """The row of a model; raises StoreError when it is unknown."""
    row = db.execute("SELECT * FROM models WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise StoreError("There is no such model in this workspace. It may have been deleted.")
    return row


def dataset_of(row: sqlite3.Row) -> Dataset:
    """A row as a data set."""
    fields = {k: row[k] for k in row.keys() if k != "deleted"}  # noqa: SIM118 (a Row iterates over values)
    fields["series"] = row["series"] or row["id"]
    fields["columns"] = tuple(from_dict(json.loads(row["columns"]), tuple[Column, ...]))
    fields["report"] = from_dict(json.loads(row["report"]), ReadReport)
    return Dataset(**fields)


def model_of(row: sqlite3.Row) -> ModelVersion:
    """A row as a model."""
    fields = {k: row[k] for k in row.keys()}  # noqa: SIM118
    fields["draft"] = json.loads(row["draft"])
    fields["spec"] = from_dict(json.loads(row["spec"]), BuildSpec) if row["spec"] else None
    return ModelVersion(**fields)


def next_number(db: sqlite3.Connection, project: str, name: str) -> int:
    """The number of the next model of a name."""
    query = "SELECT coalesce(max(number), 0) + 1 FROM models WHERE project = ? AND name = ?"
    return db.execute(query, (project, name)).fetchone()[0]


def series_of(
    db: sqlite3.Connection, project: str, name: str, before: Dataset | None
) -> tuple[str | None, str | None]:
    """The series that a table of this name belongs to and its latest version; None where it starts one."""
    where = "series = ?" if before else "project = ? AND name = ?"
    row = db.execute(
        f"SELECT id, series FROM datasets WHERE {where} AND deleted IS NULL AND version > 0"
        " ORDER BY version DESC LIMIT 1",
        (before.series,) if before else (project, name),
    ).fetchone()
    return (row["series"], row["id"]) if row else (before.series if before else None, None)


def next_version(db: sqlite3.Connection, series: str | None) -> int:
    """The number after the last one that was ever given, so that a deleted version's number never comes back."""
    query = "SELECT coalesce(max(version), 0) + 1 FROM datasets WHERE series = ?"
    return db.execute(query, (series,)).fetchone()[0]


def project_id(project: Project | str | None, default: str | None = DEFAULT_PROJECT) -> str | None:
    """The id of a project that may be given by itself."""
    return project.id if isinstance(project, Project) else project or default


def clean_name(what: str, name: str) -> str:
    """A name on one line, cut where it is very long; raises StoreError when nothing is left."""
    name = " ".join(str(name).split())
    if not name:
        raise StoreError(f"The {what} needs a name.")
    return name[:MOST_NAME]


def dump(value: Any) -> str:
    """A value as JSON; raises StoreError when it can't be."""
    try:
        return json.dumps(to_dict(value), ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as e:
        raise StoreError(f"This can't be stored as JSON: {e}.") from e


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):  # a NumPy number
        return value.item()
    raise TypeError(f"{type(value).__name__} {value!r}")
