"""Batches of predictions and what starts them by itself, in the workspace's index.

batches/<id>/input           an uploaded file, as it came
batches/<id>/table.parquet   the rows to predict, once they are read (a data set's are where they are)
batches/<id>/output/         predictions.parquet, .csv, .xlsx; there only when the batch is done
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from automl.errors import StoreError
from automl.store import files
from automl.store.database import Database
from automl.store.rows import now
from automl.types import Automation, Batch

_BATCH = "id, project, model, name, created, source, wishes, automation, job, rows, contract, outcome, truth"
_AUTOMATION = "id, project, model, kind, source, name, wishes, enabled, created, error"
_JSON = ("source", "wishes", "contract", "outcome", "truth")


class Batches:
    """The batches and automations of one workspace.

    Parameters
    ----------
    database : Database
    home, staging : Path
        The workspace's folder, and where files are removed from.
    """

    def __init__(self, database: Database, home: Path, staging: Path) -> None:
        self.database, self.home, self.staging = database, home, staging

    # -- batches -----------------------------------------------------------------------

    def add(
        self,
        project: str,
        model: str,
        name: str,
        source: dict[str, Any],
        wishes: dict[str, Any],
        *,
        upload: Path | None = None,
        automation: str | None = None,
        item: str | None = None,
    ) -> Batch | None:
        """Start a batch; an uploaded file is taken over.

        With an `automation`, `item` is what it saw; where that was seen before, nothing happens and None is
        returned.
        """
        id = files.new_id("b")
        folder = self.home / "batches" / id
        folder.mkdir(parents=True)
        batch = Batch(id, project, model, name, now(), source, wishes, automation)
        try:
            if upload is not None:
                upload.rename(folder / "input")
            with self.database.write() as db:
                if automation and not _see(db, automation, item or id, id):
                    files.discard(folder, self.staging)
                    return None
                db.execute(
                    f"INSERT INTO batches ({_BATCH}) VALUES ({', '.join('?' * 13)})",
                    (
                        id, project, model, name, batch.created, _dump(source), _dump(wishes), automation, None, 0,
                        None, None, None,
                    ),
                )  # fmt: skip
        except BaseException:
            files.discard(folder, self.staging)
            raise
        return batch

    def get(self, id: str) -> Batch:
        """One batch; raises StoreError when it is unknown or was deleted."""
        with self.database.read() as db:
            row = db.execute(f"SELECT {_BATCH} FROM batches WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise StoreError("There is no such batch of predictions in this workspace. It may have been deleted.")
        return _batch(row)

    def of(self, *, model: str | None = None, automation: str | None = None) -> list[Batch]:
        """The batches of a model or of an automation, newest first."""
        with self.database.read() as db:
            rows = db.execute(
                f"SELECT {_BATCH} FROM batches WHERE model = coalesce(?, model)"
                " AND coalesce(automation, '') = coalesce(?, automation, '') ORDER BY created DESC, rowid DESC",
                (model, automation),
            ).fetchall()
        return [_batch(row) for row in rows]

    def update(self, id: str, **fields: Any) -> Batch:
        """Change wishes, job, rows, contract, outcome or truth; returns the batch as it is now."""
        unknown = set(fields) - {"wishes", "job", "rows", "contract", "outcome", "truth"}
        if unknown:
            raise StoreError(f"A batch has no '{unknown.pop()}' to change.")
        values = [_dump(v) if k in _JSON and v is not None else v for k, v in fields.items()]
        with self.database.write() as db:
            names = ", ".join(f"{name} = ?" for name in fields)
            db.execute(f"UPDATE batches SET {names} WHERE id = ?", (*values, id))
        return self.get(id)

    def delete(self, id: str) -> None:
        """Delete a batch with its files; raises StoreError while it is being predicted."""
        with self.database.write() as db:
            if _busy(db, "subject = ?", id):
                raise StoreError("This batch is being predicted. Cancel it first, then delete it.")
            db.execute("DELETE FROM jobs WHERE subject = ?", (id,))
            db.execute("DELETE FROM batches WHERE id = ?", (id,))
        files.discard(self.home / "batches" / id, self.staging)

    def sweep(self, before: str) -> None:
        """Delete what was started before a time, never submitted, and not gone on with."""
        with self.database.read() as db:
            query = "SELECT id FROM batches WHERE job IS NULL AND outcome IS NULL AND created < ?"
            found = [row["id"] for row in db.execute(query, (before,))]
        for id in found:
            self.delete(id)

    def folder(self, id: str) -> Path:
        """The folder of a batch."""
        self.get(id)
        return self.home / "batches" / id

    def output(self, batch: Batch, format: str) -> Path | None:
        """The file of a finished batch in a format, if there is one."""
        name = ((batch.outcome or {}).get("files") or {}).get(format)
        path = self.home / "batches" / batch.id / "output" / str(name)
        return path if name and path.is_file() else None

    # -- automations -------------------------------------------------------------------

    def automate(
        self, project: str, model: str, kind: str, source: str, name: str, wishes: dict[str, Any], seen: list[str]
    ) -> Automation:
        """Predict by itself from now on; what is `seen` already is left alone.

        Parameters
        ----------
        kind : str
            dataset or folder.
        source : str
            The series of the data set; or the folder, relative to the one that may be watched.
        """
        made = Automation(files.new_id("a"), project, model, kind, source, name, wishes, True, now())
        with self.database.write() as db:
            same = db.execute(
                "SELECT 1 FROM automations WHERE model = ? AND kind = ? AND source = ?", (model, kind, source)
            ).fetchone()
            if same:
                raise StoreError(f"'{name}' is predicted by itself already. Switch that on or off instead.")
            db.execute(
                f"INSERT INTO automations ({_AUTOMATION}) VALUES ({', '.join('?' * 10)})",
                (made.id, project, model, kind, source, name, _dump(wishes), 1, made.created, None),
            )
            for item in seen:
                _see(db, made.id, item, None)
        return made

    def automations(self, *, model: str | None = None, enabled: bool = False) -> list[Automation]:
        """The automations of a model (of all by default), oldest first."""
        with self.database.read() as db:
            rows = db.execute(
                f"SELECT {_AUTOMATION} FROM automations WHERE model = coalesce(?, model)"
                f"{' AND enabled = 1' if enabled else ''} ORDER BY created, rowid",
                (model,),
            ).fetchall()
        return [_automation(row) for row in rows]

    def switch(self, id: str, enabled: bool) -> None:
        """Switch an automation on or off."""
        with self.database.write() as db:
            db.execute("UPDATE automations SET enabled = ?, error = NULL WHERE id = ?", (int(enabled), id))

    def trouble(self, id: str, error: str | None) -> None:
        """Note why an automation can't look just now; None: it can again."""
        with self.database.write() as db:
            db.execute("UPDATE automations SET error = ? WHERE id = ?", (error, id))

    def forget(self, id: str) -> None:
        """Delete an automation; its batches stay."""
        with self.database.write() as db:
            db.execute("DELETE FROM automation_seen WHERE automation = ?", (id,))
            db.execute("DELETE FROM automations WHERE id = ?", (id,))

    def has_seen(self, automation: str, item: str) -> bool:
        """Whether an automation has dealt with this item."""
        query = "SELECT 1 FROM automation_seen WHERE automation = ? AND item = ?"
        with self.database.read() as db:
            return db.execute(query, (automation, item)).fetchone() is not None

    def see(self, automation: str, item: str) -> bool:
        """Note an item; whether it is new."""
        with self.database.write() as db:
            return _see(db, automation, item, None)


def delete_of_model(db: sqlite3.Connection, model: str) -> list[str]:
    """Remove the rows of a model's batches and automations; returns the ids of the batches.

    Raises StoreError while one is being predicted.
    """
    if _busy(db, "subject IN (SELECT id FROM batches WHERE model = ?)", model):
        raise StoreError("Rows are being predicted with this model. Cancel that first, then delete it.")
    gone = [row["id"] for row in db.execute("SELECT id FROM batches WHERE model = ?", (model,))]
    db.execute("DELETE FROM jobs WHERE subject IN (SELECT id FROM batches WHERE model = ?)", (model,))
    db.execute("DELETE FROM batches WHERE model = ?", (model,))
    db.execute(
        "DELETE FROM automation_seen WHERE automation IN (SELECT id FROM automations WHERE model = ?)", (model,)
    )
    db.execute("DELETE FROM automations WHERE model = ?", (model,))
    return gone


def _busy(db: sqlite3.Connection, where: str, value: str) -> bool:
    query = f"SELECT 1 FROM jobs WHERE {where} AND state IN ('queued', 'running')"
    return db.execute(query, (value,)).fetchone() is not None


def _see(db: sqlite3.Connection, automation: str, item: str, batch: str | None) -> bool:
    done = db.execute(
        "INSERT OR IGNORE INTO automation_seen (automation, item, seen, batch) VALUES (?, ?, ?, ?)",
        (automation, item, now(), batch),
    )
    return done.rowcount == 1


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _batch(row: sqlite3.Row) -> Batch:
    fields = {k: row[k] for k in row.keys()}  # noqa: SIM118 (a Row iterates over values)
    for name in _JSON:
        fields[name] = json.loads(fields[name]) if fields[name] else None
    return Batch(**fields)


def _automation(row: sqlite3.Row) -> Automation:
    fields = {k: row[k] for k in row.keys()}  # noqa: SIM118
    return Automation(**{**fields, "wishes": json.loads(row["wishes"]), "enabled": bool(row["enabled"])})
