"""Where tables come from besides files: a folder on the server, S3, SQL. A new source is one file and one line.

A location is a text: `folder:sales/may.csv`, `s3://bucket/key`, `sql:NAME:SELECT …`. It holds no secret: those are
in settings, and stay on the server.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from automl.data.sources import folder, s3, sql
from automl.data.sources.base import Fetched, Progress, Source
from automl.errors import DataError, unknown_name
from automl.types import Note, ReadReport, replace

__all__ = ["SOURCES", "Fetched", "Source", "carried", "fetch", "fetched", "is_location", "noted", "source_of"]

SOURCES: dict[str, Source] = {
    "folder": folder.Folder(),
    "s3": s3.S3(),
    "sql": sql.Sql(),
}


def is_location(text: Any) -> bool:
    """Whether a text names a table of a source, and not a file.

    >>> is_location("s3://bucket/t.csv"), is_location("sql:shop:orders"), is_location("t.csv")
    (True, True, False)
    """
    return isinstance(text, str) and any(text.startswith(s.prefix) for s in SOURCES.values())


def source_of(location: str) -> Source:
    """The source of a location that can be fetched; raises DataError saying what is missing or wrong in it."""
    for source in SOURCES.values():
        if location.startswith(source.prefix):
            if not source.is_configured():
                raise DataError(f"{source.label} can't be read yet. {source.explanation}")
            source.check(location)
            return source
    raise DataError(unknown_name("source", location.split(":")[0], SOURCES))


def fetch(location: str, into: Path, progress: Progress = lambda share: None) -> Fetched:
    """Bring a table to a file in the folder `into`.

    Parameters
    ----------
    location : str
    into : Path
        An empty folder.
    progress : callable
        Is told the share that is done, between 0 and 1; what it raises ends the fetch.

    Raises
    ------
    DataError
        The source is not configured, the location is not allowed or not there, or the connection failed.
    """
    source = source_of(location)
    path, notes = source.fetch(location, into, progress)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return Fetched(path, source.name(location), location, when, tuple(notes))


@contextmanager
def fetched(location: str) -> Iterator[Fetched]:
    """A table in a temporary file, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="foretable-") as into:
        yield fetch(location, Path(into))


def noted(report: ReadReport, found: Fetched) -> ReadReport:
    """A read report that says where the table came from and when, so that it can be fetched again."""
    when = f"{found.when[:16].replace('T', ' ')} UTC"
    said = (Note("source", f"Fetched from {source_of(found.location).shown(found.location)} on {when}."), *found.notes)
    options = {**report.options, "source": {"location": found.location, "fetched": found.when}}
    first = report.notes[:1]
    if found.location.startswith(SOURCES["sql"].prefix):  # the Parquet file in between is nobody's concern
        first = tuple(replace(n, message=n.message.replace(" from Parquet.", " from a query.")) for n in first)
    return replace(report, options=options, notes=(*first, *said, *report.notes[1:]))


def carried(report: ReadReport, before: ReadReport) -> ReadReport:
    """The report of a table that was read another way, which came from where it came from before."""
    if "source" not in before.options:
        return report
    said = [note for note in before.notes if note.code == "source"]
    options = {**report.options, "source": before.options["source"]}
    return replace(report, options=options, notes=(*report.notes[:1], *said, *report.notes[1:]))
