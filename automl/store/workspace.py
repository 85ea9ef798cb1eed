"""The workspace: resolves ids to rows and files. Nothing above it knows a path.

foretable.sqlite3                       the index
datasets/<id>/table.parquet  original   tables, unchanged while anything uses them, and the files they were read from
intake/<id>/                            an upload that is being read by a job: original, events.jsonl, worker.log
batches/<id>/                           rows to predict and the predictions of them (store.batches)
models/<id>/                            a build's folder: events.jsonl, worker.log, bundle/ once sealed
staging/                                what is being written or removed
supervisor.lock  supervisor.log         the process that runs builds (jobs.supervisor)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl import config
from automl.errors import StoreError
from automl.store import files
from automl.store.batches import Batches, delete_of_model
from automl.store.database import Database
from automl.store.migrations import DEFAULT_PROJECT
from automl.store.rows import (
    clean_name,
    dataset_of,
    dataset_row,
    dump,
    model_of,
    model_row,
    next_number,
    next_version,
    now,
    project_id,
    series_of,
)
from automl.types import (
    BuildSpec,
    Column,
    ColumnKind,
    Dataset,
    JobKind,
    ModelVersion,
    Project,
    ReadReport,
    replace,
)

if TYPE_CHECKING:
    import pandas as pd

PROPOSAL_SECONDS = 7 * 24 * 3600.0  # a proposed version that nobody kept for a week goes
_UNSET: Any = object()


class Workspace:
    """Everything that lasts, in one folder. Cheap to make; safe in threads and processes at once.

    Parameters
    ----------
    home : Path, optional
        The folder; ``FORETABLE_HOME`` or ``~/.foretable`` by default. It is created when missing.

    Raises
    ------
    StoreError
        The folder can't be written, or a newer version of Foretable wrote it.

    Examples
    --------
    >>> import tempfile
    >>> Workspace(Path(tempfile.mkdtemp())).project().owner
    'local'
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = Path(home or config.home()).expanduser().resolve()
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in ("datasets", "models", "intake", "batches", "staging"):
                (self.home / name).mkdir(exist_ok=True)
        except OSError as e:
            raise StoreError(
                f"The workspace folder '{self.home}' can't be written: {e.strerror}. "
                "Set FORETABLE_HOME to a folder that is yours."
            ) from e
        self.database = Database(self.home / "foretable.sqlite3")
        self.batches = Batches(self.database, self.home, self.staging)

    @property
    def staging(self) -> Path:
        """Where files are written before they get their final name; same disk as all the others."""
        return self.home / "staging"

    def close(self) -> None:
        """Close idle connections to the index."""
        self.database.close()

    # -- projects ----------------------------------------------------------------------

    def project(self, id: str = DEFAULT_PROJECT) -> Project:
        """A project by id; the default one belongs to the owner "local"."""
        with self.database.read() as db:
            row = db.execute("SELECT id, name, owner FROM projects WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise StoreError("There is no such project in this workspace.")
        return Project(*row)

    def projects(self, owner: str | None = None) -> list[Project]:
        """All projects, or those of one owner, oldest first."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT id, name, owner FROM projects WHERE owner = coalesce(?, owner) ORDER BY created, id",
                (owner,),
            ).fetchall()
        return [Project(*row) for row in rows]

    def add_project(self, name: str, owner: str = "local") -> Project:
        """Create an empty project."""
        project = Project(files.new_id("p"), clean_name("project", name), owner)
        with self.database.write() as db:
            db.execute(
                "INSERT INTO projects VALUES (?, ?, ?, ?)", (project.id, project.name, project.owner, now())
            )
        return project

    # -- data sets ---------------------------------------------------------------------

    def add_dataset(
        self,
        table: pd.DataFrame | Path,
        *,
        name: str,
        report: ReadReport,
        columns: Iterable[Column],
        project: Project | str | None = None,
        origin: str = "upload",
        target: str | None = None,
        original: Path | None = None,
        id: str | None = None,
        version_of: str | None = None,
        proposed: bool = False,
    ) -> Dataset:
        """Store a table. A name that is taken in the project gets the next version.

        Parameters
        ----------
        table : DataFrame of shape (rows, columns), or Path
            A path is that of a Parquet file in the folder `staging`, which is taken over.
        name : str
            Shown to people.
        report : ReadReport
            How the file was read.
        columns : iterable of Column
            The profile, one per column of the frame.
        project : Project or str, optional
        origin : str
            upload, sample, join, append, or the key of the source it was fetched from.
        target : str, optional
            A sample's suggested target.
        original : Path, optional
            The file that the table was read from, on the disk of the workspace; it is taken over.
        id : str, optional
            As `new_intake` gave it.
        version_of : str, optional
            The data set that this one is the next version of, whatever its file is called.
        proposed : bool
            Not a version yet: `keep_version` makes it one, after its user has seen what differs.

        Raises
        ------
        StoreError
            The table is empty of columns, names repeat, or the disk is full.
        """
        name, columns = clean_name("data set", name), tuple(columns)
        names = [c.name for c in columns] if isinstance(table, Path) else [str(c) for c in table.columns]
        if not names:
            raise StoreError(f"The table '{name}' has no columns.")
        if len(set(names)) < len(names):
            twice = next(c for c in names if names.count(c) > 1)
            raise StoreError(f"The table '{name}' has two columns called '{twice}'. Rename one of them.")
        before = self.dataset(version_of) if version_of else None
        owner = before.project if before else self.project(project_id(project)).id
        id = id or files.new_id("d")
        staged = self.staging / id
        try:
            staged.mkdir()
            if isinstance(table, Path):
                table.rename(staged / "table.parquet")
                files.flush(staged / "table.parquet")
            else:
                files.write_table(table, staged / "table.parquet")
            rows = files.count_rows(staged / "table.parquet")
            if original is not None:
                original.rename(staged / "original")
            digest, size = files.digest(staged / "table.parquet"), (staged / "table.parquet").stat().st_size
            files.flush(staged)
            files.publish(staged, self._dataset_folder(id))
            with self.database.write() as db:
                if version_of:  # renamed or deleted while the table was written
                    before = dataset_of(dataset_row(db, version_of))
                    name, target = before.name, target or before.target
                series, latest = series_of(db, owner, name, before)
                dataset = Dataset(
                    id=id, project=owner, name=name, version=0 if proposed else next_version(db, series),
                    digest=digest, rows=rows, columns=columns, report=report, bytes=size, created=now(),
                    origin=origin, target=target, series=series or id, parent=before.id if before else latest,
                )  # fmt: skip
                db.execute(
                    "INSERT INTO datasets (id, project, name, version, digest, rows, bytes, created, origin, target,"
                    " columns, report, series, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        id, owner, name, dataset.version, digest, dataset.rows, size, dataset.created, origin, target,
                        dump(columns), dump(report), dataset.series, dataset.parent,
                    ),
                )  # fmt: skip
        except BaseException:
            files.discard(staged, self.staging)
            files.discard(self._dataset_folder(id), self.staging)
            raise
        return dataset

    def replace_table(
        self, id: str, table: pd.DataFrame | Path, *, report: ReadReport, columns: Iterable[Column]
    ) -> Dataset:
        """Put another reading of its file in the place of a data set's table, while nothing was made of it.

        `table`, `report` and `columns` are as for `add_dataset`. Raises StoreError where a model or another
        table uses it.
        """
        if any(self.users(id)):
            raise StoreError("This version is in use, so it stays as it is. Keep the new reading as the next version.")
        columns = tuple(columns)
        staged = self.staging / files.new_id("d")
        try:
            staged.mkdir()
            if isinstance(table, Path):
                table.rename(staged / "table.parquet")
                files.flush(staged / "table.parquet")
            else:
                files.write_table(table, staged / "table.parquet")
            rows, digest = files.count_rows(staged / "table.parquet"), files.digest(staged / "table.parquet")
            size = (staged / "table.parquet").stat().st_size
            with self.database.write() as db:
                dataset = dataset_of(dataset_row(db, id))
                db.execute(
                    "UPDATE datasets SET digest = ?, rows = ?, bytes = ?, columns = ?, report = ? WHERE id = ?",
                    (digest, rows, size, dump(columns), dump(report), id),
                )
                (staged / "table.parquet").replace(self._table(id))
        finally:
            files.discard(staged, self.staging)
        return replace(dataset, digest=digest, rows=rows, bytes=size, columns=columns, report=report)

    def datasets(self, project: Project | str | None = None) -> list[Dataset]:
        """The data sets of a project (all projects when None), newest first."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT * FROM datasets WHERE deleted IS NULL AND version > 0 AND project = coalesce(?, project)"
                " ORDER BY created DESC, rowid DESC",
                (project_id(project, None),),
            ).fetchall()
        return [dataset_of(row) for row in rows]

    def versions(self, id: str) -> list[Dataset]:
        """The kept versions of a data set's series, the latest first."""
        return self.versions_of(self.dataset(id).series)

    def versions_of(self, series: str) -> list[Dataset]:
        """The kept versions of a series, the latest first."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT * FROM datasets WHERE deleted IS NULL AND version > 0 AND series = ? ORDER BY version DESC",
                (series,),
            ).fetchall()
        return [dataset_of(row) for row in rows]

    def proposals(self, id: str) -> list[Dataset]:
        """What was proposed as the next version of a data set's series and waits for a word, the latest first."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT * FROM datasets WHERE deleted IS NULL AND version = 0 AND series = ? ORDER BY created DESC",
                (dataset_row(db, id)["series"],),
            ).fetchall()
        return [dataset_of(row) for row in rows]

    def remembered(self, id: str) -> Dataset | None:
        """A data set as it is or was: one that was deleted is still named; None when it is unknown."""
        with self.database.read() as db:
            row = db.execute("SELECT * FROM datasets WHERE id = ?", (id,)).fetchone()
        return dataset_of(row) if row else None

    def keep_version(self, id: str) -> Dataset:
        """Make a proposed table the next version of its series; one that is kept already stays as it is."""
        with self.database.write() as db:
            dataset = dataset_of(dataset_row(db, id))
            if dataset.is_proposed:
                newest = db.execute(
                    "SELECT name FROM datasets WHERE series = ? AND id != ? AND deleted IS NULL AND version > 0"
                    " ORDER BY version DESC LIMIT 1",
                    (dataset.series, id),
                ).fetchone()
                name = newest["name"] if newest else dataset.name
                series, _ = series_of(db, dataset.project, name, dataset if newest else None)
                dataset = replace(
                    dataset, name=name, series=series or id, version=next_version(db, series), created=now()
                )
                db.execute(
                    "UPDATE datasets SET name = ?, series = ?, version = ?, created = ? WHERE id = ?",
                    (name, dataset.series, dataset.version, dataset.created, id),
                )
        return dataset

    def users(self, id: str) -> tuple[list[ModelVersion], list[Dataset]]:
        """The models that were started on a data set, and the data sets that were made of it."""
        self.dataset(id)
        models = [m for m in self.models() if m.dataset == id]
        made = [d for d in self.datasets() if id in d.report.options.get("inputs", ())]
        return models, made

    def dataset(self, id: str) -> Dataset:
        """One data set; raises StoreError when it is unknown or was deleted."""
        with self.database.read() as db:
            return dataset_of(dataset_row(db, id))

    def has_dataset(self, id: str) -> bool:
        """Whether there is a data set of this id."""
        with self.database.read() as db:
            query = "SELECT 1 FROM datasets WHERE id = ? AND deleted IS NULL"
            return db.execute(query, (id,)).fetchone() is not None

    def frame(
        self, id: str, rows: int | None = None, seed: int = 0, columns: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """The table of a data set, with the dtypes it was stored with.

        Parameters
        ----------
        id : str
        rows : int, optional
            At most so many rows, chosen at random with `seed`, in the table's order.
        columns : iterable of str, optional
            Load these only, all their rows.

        Raises
        ------
        StoreError
            The data set is unknown or deleted, or its file is damaged.
        """
        dataset = self.dataset(id)
        names = None if columns is None else [dataset.column(c).name for c in columns]
        try:
            table = self._table(id)
            if names is not None:
                return files.read_table(table, names)
            return files.read_table(table) if rows is None else files.sample_rows(table, rows, seed)
        except FileNotFoundError as e:
            self.dataset(id)  # deleted just now: say so
            raise StoreError(f"The file of the data set '{dataset.name}' is missing. Upload it again.") from e
        except (OSError, ValueError) as e:
            raise StoreError(
                f"The file of the data set '{dataset.name}' is damaged ({e}). Upload it again."
            ) from e

    def data_path(self, id: str) -> Path:
        """The Parquet file of a data set."""
        self.dataset(id)
        return self._table(id)

    def original(self, id: str) -> Path | None:
        """The file that a data set was read from, if it was kept."""
        self.dataset(id)
        path = self._dataset_folder(id) / "original"
        return path if path.is_file() else None

    # -- uploads that are read by a job ------------------------------------------------

    def new_intake(self, upload: Path | None) -> str:
        """Take over an uploaded file, to be read by a job; returns the id that the data set will have.

        Without a file, the job will fetch one.
        """
        id = files.new_id("d")
        folder = self._intake(id)
        folder.mkdir()
        if upload is not None:
            upload.rename(folder / "original")
        return id

    def intake_folder(self, id: str) -> Path:
        """Where an upload waits and is read; raises StoreError when there is none."""
        folder = self._intake(id)
        if not files.is_id(id) or not folder.is_dir():
            raise StoreError("This upload is not there any more. Upload the file again.")
        return folder

    def drop_intake(self, id: str) -> None:
        """Remove an upload that was read, or will not be."""
        if files.is_id(id):
            files.discard(self._intake(id), self.staging)

    def set_kind(self, id: str, column: str, kind: ColumnKind | str) -> Dataset:
        """Set a column's kind, as chosen by the user."""
        kind = ColumnKind(kind)
        with self.database.write() as db:
            dataset = dataset_of(dataset_row(db, id))
            dataset.column(column)  # raises ColumnError with the nearest name
            columns = tuple(
                replace(c, kind=kind, kind_by_user=True, reason="chosen by you") if c.name == column else c
                for c in dataset.columns
            )
            db.execute("UPDATE datasets SET columns = ? WHERE id = ?", (dump(columns), id))
        return replace(dataset, columns=columns)

    def rename_dataset(self, id: str, name: str) -> Dataset:
        """Give all versions of a data set another name; where the name is taken, they become its next versions."""
        name = clean_name("data set", name)
        with self.database.write() as db:
            dataset = dataset_of(dataset_row(db, id))
            if name == dataset.name:
                return dataset
            series, _ = series_of(db, dataset.project, name, None)
            if series is None:
                db.execute("UPDATE datasets SET name = ? WHERE series = ? AND deleted IS NULL", (name, dataset.series))
                return replace(dataset, name=name)
            moved = db.execute(
                "SELECT id, version FROM datasets WHERE series = ? AND deleted IS NULL ORDER BY version",
                (dataset.series,),
            ).fetchall()
            for row in moved:
                number = next_version(db, series) if row["version"] else 0
                db.execute(
                    "UPDATE datasets SET name = ?, series = ?, version = ? WHERE id = ?",
                    (name, series, number, row["id"]),
                )
            return dataset_of(dataset_row(db, id))

    def delete_dataset(self, id: str) -> None:
        """Delete a data set. A build that has read it goes on; models built from it stay."""
        with self.database.write() as db:
            dataset_row(db, id)
            db.execute("UPDATE datasets SET deleted = ? WHERE id = ?", (now(), id))
        files.discard(self._dataset_folder(id), self.staging)

    # -- models ------------------------------------------------------------------------

    def add_model(
        self,
        name: str,
        dataset: str,
        draft: dict[str, Any] | None = None,
        *,
        project: Project | str | None = None,
    ) -> ModelVersion:
        """Start a model on a data set: a draft until a build is submitted.

        A name that is taken in the project gets the next version number.
        """
        name = clean_name("model", name)
        with self.database.write() as db:
            owner = project_id(project, None) or dataset_row(db, dataset)["project"]
            model = ModelVersion(
                id=files.new_id("m"), project=owner, name=name, number=next_number(db, owner, name),
                dataset=dataset, created=now(), draft=dict(draft or {}),
            )  # fmt: skip
            db.execute(
                "INSERT INTO models (id, project, name, number, dataset, created, draft) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (model.id, owner, name, model.number, dataset, model.created, dump(model.draft)),
            )
        return model

    def update_model(
        self,
        id: str,
        *,
        name: str = _UNSET,
        draft: dict[str, Any] = _UNSET,
        spec: BuildSpec | None = _UNSET,
        job: str | None = _UNSET,
        dataset: str = _UNSET,
    ) -> ModelVersion:
        """Change what is given and leave the rest; returns the model as it is now."""
        with self.database.write() as db:
            model = model_of(model_row(db, id))
            if name is not _UNSET and (name := clean_name("model", name)) != model.name:
                number = next_number(db, model.project, name)
                model = replace(model, name=name, number=number)
            if draft is not _UNSET:
                model = replace(model, draft=dict(draft))
            given = {"spec": spec, "job": job, "dataset": dataset}
            model = replace(model, **{k: v for k, v in given.items() if v is not _UNSET})
            db.execute(
                "UPDATE models SET name = ?, number = ?, draft = ?, spec = ?, job = ?, dataset = ? WHERE id = ?",
                (model.name, model.number, dump(model.draft), model.spec and dump(model.spec), model.job, model.dataset, id),
            )
        return model

    def link_job(self, db: sqlite3.Connection, id: str, job: str, spec: BuildSpec | None) -> None:
        """Set a model's spec and job inside the transaction that queues the job."""
        model_row(db, id)
        db.execute("UPDATE models SET spec = ?, job = ? WHERE id = ?", (spec and dump(spec), job, id))

    def models(self, project: Project | str | None = None) -> list[ModelVersion]:
        """The models of a project (all projects when None), newest first."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT * FROM models WHERE project = coalesce(?, project) ORDER BY created DESC, rowid DESC",
                (project_id(project, None),),
            ).fetchall()
        return [model_of(row) for row in rows]

    def model(self, id: str) -> ModelVersion:
        """One model; raises StoreError when it is unknown or was deleted."""
        with self.database.read() as db:
            return model_of(model_row(db, id))

    def delete_model(self, id: str) -> None:
        """Delete a model with its bundle; raises StoreError while it is being built."""
        with self.database.write() as db:
            name = model_row(db, id)["name"]
            busy = db.execute(
                "SELECT 1 FROM jobs WHERE subject = ? AND kind = 'build' AND state IN ('queued', 'running')", (id,)
            ).fetchone()
            if busy:
                raise StoreError(f"The model '{name}' is being built. Cancel the build first, then delete it.")
            batches = delete_of_model(db, id)
            db.execute("DELETE FROM jobs WHERE subject = ?", (id,))
            db.execute("DELETE FROM models WHERE id = ?", (id,))
        for folder in (self._model_folder(id), *(self.home / "batches" / batch for batch in batches)):
            files.discard(folder, self.staging)

    def job_folder(self, kind: JobKind, subject: str) -> Path:
        """Where a job writes its events and log."""
        if kind is JobKind.PREDICT:
            return self.batches.folder(subject)
        if kind is JobKind.INGEST:
            return self.intake_folder(subject)
        return self.build_folder(subject, "learning" if kind is JobKind.LEARN else "")

    def build_folder(self, model_id: str, part: str = "") -> Path:
        """The folder of a model's build, or a part of it, created when missing: events, log, bundle."""
        with self.database.read() as db:
            model_row(db, model_id)
        folder = self._model_folder(model_id) / part
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def bundle_folder(self, model_id: str) -> Path | None:
        """The sealed bundle of a model, or None when there is none yet."""
        with self.database.read() as db:
            model_row(db, model_id)
        folder = self._model_folder(model_id) / "bundle"
        return folder if (folder / "manifest.json").is_file() else None

    # -- housekeeping --------------------------------------------------------------------

    def sweep(self) -> None:
        """Remove what crashes left behind: staged files, and folders without a row."""
        with self.database.write() as db:
            long_ago = (datetime.now(UTC) - timedelta(seconds=PROPOSAL_SECONDS)).isoformat(timespec="microseconds")
            db.execute(
                "UPDATE datasets SET deleted = ? WHERE version = 0 AND deleted IS NULL AND created < ?",
                (now(), long_ago),
            )
        self.batches.sweep(long_ago)
        with self.database.read() as db:
            known = {r[0] for r in db.execute("SELECT id FROM datasets WHERE deleted IS NULL")}
            known |= {r[0] for r in db.execute("SELECT id FROM models UNION SELECT id FROM batches")}
            jobs = "SELECT subject FROM jobs WHERE state IN ('queued', 'running')"
            known |= {r[0] for r in db.execute(jobs)}
        for kind in ("datasets", "models", "intake", "batches"):
            for folder in (self.home / kind).iterdir():
                if folder.name not in known and _age(folder) > files.LEFTOVER_SECONDS:
                    files.discard(folder, self.staging)
        files.sweep(self.staging)

    def _dataset_folder(self, id: str) -> Path:
        return self.home / "datasets" / id

    def _intake(self, id: str) -> Path:
        return self.home / "intake" / id

    def _table(self, id: str) -> Path:
        return self._dataset_folder(id) / "table.parquet"

    def _model_folder(self, id: str) -> Path:
        return self.home / "models" / id


def _age(path: Path) -> float:
    import time

    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
