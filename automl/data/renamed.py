"""Columns that have another name than before: which may be the same, and tables and reports under the names they had.

`renamed` is everywhere ``{name in the file: name that the column had before}``. It is kept in a read report's options,
so that a file is read so again, and a model takes files with either name.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from automl.data.compare import Side, fold, kind_of_values
from automl.data.compare import renamed as by_values
from automl.data.words import shorten
from automl.errors import DataError, unknown_name
from automl.types import Column, Dataset, Note, ReadReport, replace

if TYPE_CHECKING:
    from automl.store.workspace import Workspace

CODE = "renamed"  # of the note that says so, and the key in a report's options
ALIKE_NAMES = 0.75  # from this likeness on, names of columns of one kind are taken for versions of each other
LEAST_LETTERS = 4  # of a name that is found inside another
MOST_PAIRS = 2_500  # columns that went times those that came; with more it is another table
CHUNK_ROWS = 200_000


@dataclass(frozen=True)
class Candidate:
    """A column that went, one that came, and why they may be one."""

    was: str
    name: str
    why: str


def candidates(before: Side, after: Side) -> list[Candidate]:
    """Columns that may be the same by another name: by their values, then by name and kind; each name once.

    >>> import pandas as pd
    >>> def side(**columns):
    ...     from automl.data.profile import profile
    ...     frame = pd.DataFrame(columns)
    ...     return Side(profile(frame), len(frame), frame)
    >>> candidates(side(income=[1.5, 2.5, 9.0]), side(income_eur=[100.5, 250.5, 80.0]))
    [Candidate(was='income', name='income_eur', why='both hold numbers and their names are alike')]
    """
    old, new = {c.name for c in before.columns}, {c.name for c in after.columns}
    gone = [c.name for c in before.columns if c.name not in new]
    came = [c.name for c in after.columns if c.name not in old]
    if not gone or not came or len(gone) * len(came) > MOST_PAIRS:
        return []
    found = [Candidate(was, name, why.rpartition(": ")[2].rstrip(".")) for was, name, why in by_values(gone, came, before, after)]
    gone = [n for n in gone if n not in {c.was for c in found}]
    came = [n for n in came if n not in {c.name for c in found}]
    named = [(likeness(was, name), was, name) for was in gone for name in came if _same_kind(was, name, before, after)]
    for alike, was, name in sorted(named, key=lambda n: -n[0]):
        if alike >= ALIKE_NAMES and not {was, name} & {n for c in found for n in (c.was, c.name)}:
            word = {"number": "numbers", "date": "dates"}.get(kind_of_values(after.frame[name]), "text")
            found.append(Candidate(was, name, f"both hold {word} and their names are alike"))
    return found


def _same_kind(was: str, name: str, before: Side, after: Side) -> bool:
    return kind_of_values(before.frame[was]) == kind_of_values(after.frame[name])


def likeness(one: str, two: str) -> float:
    """How alike two names are, from 0 to 1; 1 where one holds the other.

    >>> likeness("Tenure", "tenure_months"), round(likeness("plan", "price"), 2)
    (1.0, 0.22)
    """
    a, b = fold(one), fold(two)
    short, long = sorted((a, b), key=len)
    if len(short) >= LEAST_LETTERS and short in long:
        return 1.0
    return SequenceMatcher(None, a, b).ratio()


# -- names and reports -------------------------------------------------------------------------


def called(names: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    """The names of a file with those that columns had before.

    Raises
    ------
    DataError
        A name is not in the file, or two columns would have the same.

    >>> called(["tariff", "calls"], {"tariff": "plan"})
    ['plan', 'calls']
    """
    for name, was in renamed.items():
        if name not in names:
            raise DataError(f"{unknown_name('column', name, names, 'in the file')} It was to be read as '{shorten(was)}'.")
    out = [renamed.get(name, name) for name in names]
    twice = next((n for n in renamed.values() if out.count(n) > 1), None)
    if twice is not None:
        raise DataError(f"Two columns would be called '{shorten(twice)}'. Say of one column only that it is the same.")
    return out


def notes(renamed: Mapping[str, str]) -> list[Note]:
    """A sentence for each column that is called as before."""
    return [
        Note(CODE, f"The file calls '{shorten(was)}' '{shorten(name)}'; it keeps the name that it had.", was)
        for name, was in renamed.items()
    ]


def fitting(known: Mapping[str, str], names: Collection[str], before: Collection[str]) -> dict[str, str]:
    """Those of the known names that say something of a file: the new name is there, the one before is not, and was a column.

    >>> fitting({"tariff": "plan", "cost": "price"}, ["tariff", "calls"], ["plan", "calls"])
    {'tariff': 'plan'}
    """
    out: dict[str, str] = {}
    for name, was in known.items():
        if name in names and name not in before and was not in names and was in before and was not in out.values():
            out[name] = was
    return out


def of_report(report: ReadReport) -> dict[str, str]:
    """Which columns of a data set's file have another name than the data set's."""
    return dict(report.options.get(CODE) or {})


def of_series(versions: Iterable[Dataset]) -> dict[str, str]:
    """All names that files of a data set's versions gave its columns; the latest version's word counts."""
    known: dict[str, str] = {}
    for version in sorted(versions, key=lambda v: v.version):
        known |= of_report(version.report)
    return known


def known(workspace: Workspace, id: str) -> dict[str, str]:
    """As `of_series`, of the data set with this id, which may have been deleted."""
    dataset = workspace.remembered(id)
    return of_series(workspace.versions_of(dataset.series)) if dataset else {}


def report_called(report: ReadReport, renamed: Mapping[str, str]) -> ReadReport:
    """A report of how a file was read, as if it had been read under other names: `renamed` takes the place of what it has."""
    in_file = {was: name for name, was in of_report(report).items()}

    def call(name: str) -> str:
        own = in_file.get(name, name)
        return renamed.get(own, own)

    options = {key: value for key, value in report.options.items() if key != CODE}
    for key in ("names", "empty"):
        if options.get(key):
            options[key] = [call(n) for n in options[key]]
    if isinstance(options.get("columns"), dict):
        options["columns"] = {call(n): plan for n, plan in options["columns"].items()}
    chosen = {key: value for key, value in (options.get("chosen") or {}).items() if key != CODE}
    if chosen.get("columns"):
        chosen["columns"] = {call(n): plan for n, plan in chosen["columns"].items()}
    if renamed:
        options[CODE] = chosen[CODE] = dict(renamed)
    options.pop("chosen", None)
    if chosen:
        options["chosen"] = chosen
    said = tuple(replace(n, column=call(n.column) if n.column else None) for n in report.notes if n.code != CODE)
    return replace(report, options=options, notes=(*said[:1], *notes(renamed), *said[1:]))


# -- stored tables -----------------------------------------------------------------------------


def write_called(path: Path, out: Path, names: Sequence[str]) -> None:
    """A Parquet file once more with other names, in constant memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        schema = pa.schema([f.with_name(n) for f, n in zip(schema, names, strict=True)], _metadata(schema.metadata, dict(zip(schema.names, names, strict=True))))
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            for piece in file.iter_batches(batch_size=CHUNK_ROWS):
                writer.write_batch(pa.RecordBatch.from_arrays(piece.columns, schema=schema))


def _metadata(metadata: dict[bytes, bytes] | None, new: Mapping[str, str]) -> dict[bytes, bytes] | None:
    """What pandas wrote about the columns, under their new names: it says how text and dates are held in memory."""
    import json

    if not metadata or b"pandas" not in metadata:
        return metadata
    told = json.loads(metadata[b"pandas"])
    for column in told.get("columns", ()):
        column["name"] = new.get(column.get("name"), column.get("name"))
        column["field_name"] = new.get(column.get("field_name"), column.get("field_name"))
    return {**metadata, b"pandas": json.dumps(told).encode()}


def keep(workspace: Workspace, dataset: Dataset, renamed: Mapping[str, str], before: Dataset | None = None) -> Dataset:
    """A data set with its columns called as `renamed` says, in place of itself while nothing uses it, else as its next version.

    Parameters
    ----------
    workspace : Workspace
    dataset : Dataset
        A version, kept or proposed. What was said of its names so far counts no more.
    renamed : mapping
        Names of its file → names before.
    before : Dataset, optional
        The version that it follows; kinds that a user chose there count for columns of the same name.

    Raises
    ------
    DataError, StoreError
        Two columns would have the same name, or the workspace can't be written.
    """
    from automl.data.append_stored import with_kinds

    own = {was: name for name, was in of_report(dataset.report).items()}
    in_file = [own.get(c.name, c.name) for c in dataset.columns]
    names = called(in_file, renamed)
    report = report_called(dataset.report, renamed)
    columns: Sequence[Column] = tuple(replace(c, name=n) for c, n in zip(dataset.columns, names, strict=True))
    columns = with_kinds(columns, before.columns) if before else columns
    out = workspace.staging / f"renamed-{secrets.token_hex(8)}"
    try:
        write_called(workspace.data_path(dataset.id), out, names)
        if not any(workspace.users(dataset.id)):
            return workspace.replace_table(dataset.id, out, report=report, columns=columns)
        original = workspace.original(dataset.id)
        copy = None
        if original is not None:
            from automl.data.again import linked

            copy = linked(workspace, original)
        try:
            return workspace.add_dataset(
                out, name=dataset.name, report=report, columns=columns, version_of=dataset.id, origin=dataset.origin,
                original=copy,
            )  # fmt: skip
        finally:
            if copy is not None:
                copy.unlink(missing_ok=True)
    finally:
        with contextlib.suppress(FileNotFoundError):
            out.unlink()
