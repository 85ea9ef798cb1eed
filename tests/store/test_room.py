from __future__ import annotations

import errno
import sqlite3

import pytest

from automl.errors import StoreError
from automl.store import Workspace, room
from automl.store.database import Database


def of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "start"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full."),
        (OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"), "The disk is full."),
        (OSError(errno.EROFS, "Read-only file system"), "The folder can't be written"),
        (OSError(errno.EIO, "Input/output error"), "The disk could not be read"),
        (of_sqlite(13), "The disk is full."),
        (of_sqlite(8), "The folder can't be written"),
        (of_sqlite(8 | 5 << 8), "The folder can't be written"),  # SQLite's extended codes
    ],
)
def test_what_the_disk_is_the_cause_of_is_said(error, start):
    said = room.sentence(error)
    assert said.startswith(start) and said.endswith("then try again.")
    with pytest.raises(ValueError, match="other words") as raised:
        raise ValueError("other words") from error
    assert room.sentence(raised.value) == said


@pytest.mark.parametrize("error", [ValueError("x"), FileNotFoundError(2, "No such file"), of_sqlite(1), of_sqlite(14)])
def test_any_other_error_is_not_the_disks(error, tmp_path):
    assert room.sentence(error, tmp_path) is None


def test_a_file_elsewhere_that_may_not_be_read_is_not_the_workspaces(tmp_path):
    refused = PermissionError(errno.EACCES, "Permission denied", "/somewhere/else.csv")
    assert room.sentence(refused, tmp_path) is None
    refused.filename = str(tmp_path / "staging" / "x")
    assert room.sentence(refused, tmp_path).startswith(f"The folder '{tmp_path}' can't be written")


def test_a_full_index_says_so_and_keeps_what_it_had(tmp_path):
    database = Database(tmp_path / "i.sqlite3")
    with database.write() as db:
        db.execute("CREATE TABLE texts (t TEXT)")
        db.execute("INSERT INTO texts VALUES ('kept')")
    with database.read() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")  # as a disk without room for one page more
    with pytest.raises(StoreError, match="^The disk is full. This was not saved"), database.write() as db:
        db.execute("INSERT INTO texts VALUES (?)", ("x" * 100_000,))
    with database.read() as db:
        assert [row["t"] for row in db.execute("SELECT t FROM texts")] == ["kept"]


def test_an_index_that_may_only_be_read_is_still_read(tmp_path):
    workspace = Workspace(tmp_path / "home")
    with workspace.database.read() as db:
        db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="can't be written: its disk is read-only"):
        workspace.add_project("Other")
    assert [p.name for p in workspace.projects()] == [workspace.project().name]
