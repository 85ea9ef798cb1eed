from __future__ import annotations

import sqlite3

import pytest

from automl.errors import StoreError
from automl.store import migrations
from automl.store.database import Database


def connect(path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def test_a_new_index_has_all_migrations(tmp_path):
    with Database(tmp_path / "i.sqlite3").read() as db:
        assert migrations.version(db) == len(migrations.MIGRATIONS)


def test_migrations_go_on_from_where_an_older_index_stands(tmp_path, monkeypatch):
    Database(tmp_path / "i.sqlite3").close()
    more = "CREATE TABLE extra (id TEXT); INSERT INTO extra VALUES ('a;b');"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, more))
    with Database(tmp_path / "i.sqlite3").read() as db:
        assert migrations.version(db) == len(migrations.MIGRATIONS)
        assert db.execute("SELECT id FROM extra").fetchone()[0] == "a;b"
        assert db.execute("SELECT count(*) FROM projects").fetchone()[0] == 1


def test_a_migration_that_fails_changes_nothing(tmp_path, monkeypatch):
    connection = connect(tmp_path / "i.sqlite3")
    monkeypatch.setattr(migrations, "MIGRATIONS", ("CREATE TABLE a (id TEXT); CREATE TABLE a (id TEXT);",))
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(connection)
    assert migrations.version(connection) == 0
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    connection.close()


def test_an_index_of_a_newer_version_is_refused(tmp_path):
    Database(tmp_path / "i.sqlite3").close()
    connection = connect(tmp_path / "i.sqlite3")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StoreError, match="newer version of Foretable"):
        Database(tmp_path / "i.sqlite3")


def test_data_sets_of_before_there_were_series_belong_together_by_name(tmp_path):
    connection = connect(tmp_path / "i.sqlite3")
    for statement in migrations._statements(migrations.MIGRATIONS[0]):
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    rows = [("d1", "a", 1), ("d2", "a", 2), ("d3", "b", 1)]
    for id, name, version in rows:
        connection.execute(
            "INSERT INTO datasets (id, project, name, version, digest, rows, bytes, created, origin, columns, report)"
            " VALUES (?, ?, ?, ?, '', 1, 1, '2026', 'upload', '[]', '{}')",
            (id, migrations.DEFAULT_PROJECT, name, version),
        )
    migrations.migrate(connection)
    assert connection.execute("SELECT id, series, parent FROM datasets ORDER BY id").fetchall() == [
        ("d1", "d1", None), ("d2", "d1", None), ("d3", "d3", None),
    ]  # fmt: skip
    connection.close()
