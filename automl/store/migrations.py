"""The index's shape, as the list of scripts that led to it. Only ever append to MIGRATIONS.

`PRAGMA user_version` counts the scripts that were applied. Every row belongs to a project, and a
project to an owner, so that login and sharing can come without moving data.
"""

from __future__ import annotations

import sqlite3

from automl.errors import StoreError

DEFAULT_PROJECT = "p0000000000000001"

_FIRST = f"""
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    created TEXT NOT NULL
);
INSERT INTO projects VALUES ('{DEFAULT_PROJECT}', 'My project', 'local', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));

CREATE TABLE datasets (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created TEXT NOT NULL,
    origin TEXT NOT NULL,
    target TEXT,
    columns TEXT NOT NULL,
    report TEXT NOT NULL,
    deleted TEXT
);
CREATE UNIQUE INDEX one_version_a_name ON datasets (project, name, version) WHERE deleted IS NULL;
CREATE INDEX datasets_of_project ON datasets (project, created);

CREATE TABLE models (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    dataset TEXT NOT NULL,
    created TEXT NOT NULL,
    job TEXT,
    draft TEXT NOT NULL,
    spec TEXT,
    UNIQUE (project, name, number)
);
CREATE INDEX models_of_project ON models (project, created);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    project TEXT NOT NULL REFERENCES projects (id),
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    lease INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    created TEXT NOT NULL,
    started TEXT,
    heartbeat TEXT,
    finished TEXT,
    pid INTEGER,
    pid_started REAL,
    host_started REAL,
    wish TEXT,
    error TEXT,
    payload TEXT NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state, created);
CREATE UNIQUE INDEX one_active_job_a_subject ON jobs (kind, subject) WHERE state IN ('queued', 'running');
"""

# A data set is one version in a series; `parent` is the version it was made from or compared with. Version 0
# is a proposal that nobody has kept yet. What was there before belongs together by its name.
_SERIES = """
ALTER TABLE datasets ADD COLUMN series TEXT;
ALTER TABLE datasets ADD COLUMN parent TEXT;
UPDATE datasets SET series = (
    SELECT first.id FROM datasets AS first
    WHERE first.project = datasets.project AND first.name = datasets.name
    ORDER BY first.version, first.rowid LIMIT 1
);
DROP INDEX one_version_a_name;
CREATE UNIQUE INDEX one_version_a_name ON datasets (project, name, version) WHERE deleted IS NULL AND version > 0;
CREATE INDEX datasets_of_series ON datasets (series, version);
"""

# What a batch was asked for and what came of it are JSON; an automation remembers all that it has dealt with.
_BATCHES = """
CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    source TEXT NOT NULL,
    wishes TEXT NOT NULL,
    automation TEXT,
    job TEXT,
    rows INTEGER NOT NULL DEFAULT 0,
    contract TEXT,
    outcome TEXT,
    truth TEXT
);
CREATE INDEX batches_of_model ON batches (model, created);
CREATE TABLE automations (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    model TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    wishes TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created TEXT NOT NULL,
    error TEXT,
    UNIQUE (model, kind, source)
);
CREATE TABLE automation_seen (
    automation TEXT NOT NULL REFERENCES automations (id),
    item TEXT NOT NULL,
    seen TEXT NOT NULL,
    batch TEXT,
    PRIMARY KEY (automation, item)
);
"""

_RECIPES = """
CREATE TABLE recipes (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    recipe TEXT NOT NULL,
    UNIQUE (project, name)
);
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, _SERIES, _BATCHES, _RECIPES)


def version(connection: sqlite3.Connection) -> int:
    """How many migrations a database has seen."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def check(connection: sqlite3.Connection) -> bool:
    """Whether the index is up to date; raises StoreError when a newer Foretable wrote it."""
    found = version(connection)
    if found > len(MIGRATIONS):
        raise StoreError(
            "This workspace was written by a newer version of Foretable. "
            "Update Foretable, or set FORETABLE_HOME to another folder."
        )
    return found == len(MIGRATIONS)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the scripts that are still missing, each in a transaction of its own.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode (``isolation_level=None``).

    Raises
    ------
    StoreError
        The workspace was written by a newer version.
    """
    while not check(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            number = version(connection)  # another process may have been faster
            if number < len(MIGRATIONS):
                for statement in _statements(MIGRATIONS[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _statements(script: str) -> list[str]:
    """Cut a script at its semicolons; `executescript` would commit the transaction first."""
    found, current = [], ""
    for part in script.split(";"):
        current += part + ";"
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return [s for s in found if s.strip(" \n;")]
