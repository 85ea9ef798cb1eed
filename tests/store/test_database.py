from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from automl.errors import StoreError
from automl.store.database import Database


def make(path: Path) -> Database:
    database = Database(path)
    with database.write() as db:
        db.execute("CREATE TABLE IF NOT EXISTS numbers (n INTEGER)")
    return database


def test_the_index_is_in_wal_mode(tmp_path):
    with Database(tmp_path / "i.sqlite3").read() as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_block_that_raises_leaves_nothing(tmp_path):
    database = make(tmp_path / "i.sqlite3")
    with pytest.raises(StoreError, match="no such table"), database.write() as db:
        db.executemany("INSERT INTO numbers VALUES (?)", [(1,), (2,)]).execute("INSERT INTO missing VALUES (1)")
    with database.write() as db:
        assert db.execute("SELECT count(*) FROM numbers").fetchone()[0] == 0


def test_threads_count_without_losing_one(tmp_path):
    database = make(tmp_path / "i.sqlite3")
    with database.write() as db:
        db.execute("INSERT INTO numbers VALUES (0)")

    def work() -> None:
        for _ in range(10):
            with database.write() as db:
                n = db.execute("SELECT n FROM numbers").fetchone()[0]
                db.execute("UPDATE numbers SET n = ?", (n + 1,))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as db:
        assert db.execute("SELECT n FROM numbers").fetchone()[0] == 40


def test_processes_that_open_a_new_workspace_at_once_all_succeed(tmp_path):
    order = [sys.executable, "-c", "from automl.store import Workspace; print(Workspace().project().owner)"]
    root = str(Path(__file__).parents[2])
    env = {"FORETABLE_HOME": str(tmp_path / "home"), "PYTHONPATH": root, "PATH": ""}
    started = [subprocess.Popen(order, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip()) == (0, b"local"), err.decode()


def test_a_file_that_is_no_index_is_said_so(tmp_path):
    path = tmp_path / "i.sqlite3"
    path.write_bytes(b"not a database, but long enough to be read as one" * 10)
    with pytest.raises(StoreError, match=r"i\.sqlite3' can't be used"):
        Database(path)


def test_a_connection_left_in_a_transaction_is_not_used_again(tmp_path):
    database = make(tmp_path / "i.sqlite3")
    with database.read() as db:
        db.execute("BEGIN")
    with database.write() as db:
        assert isinstance(db, sqlite3.Connection)
        db.execute("INSERT INTO numbers VALUES (1)")
