"""The SQLite index: connections that several threads and processes can use at once."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from automl.errors import StoreError
from automl.store import migrations, room

BUSY_SECONDS = 15.0  # how long a writer waits for another one; transactions here take milliseconds
MOST_IDLE = 8


class Database:
    """A small pool of connections to one SQLite file in WAL mode.

    A connection serves one thread at a time: it is taken for the length of a `read` or `write`
    block and put back.

    Parameters
    ----------
    path : Path
        The file; it is created and migrated when needed.

    Raises
    ------
    StoreError
        The folder can't be written, or a newer version wrote the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._pid = os.getpid()
        with _reported(path), self._connection() as connection:
            if not self._ready(connection):
                self._prepare(connection)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for single SELECTs; each sees the latest commit."""
        with _reported(self.path), self._connection() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its start (BEGIN IMMEDIATE).

        Committed at the end of the block, rolled back when the block raises.
        """
        with _reported(self.path), self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the idle connections; the next block opens a new one."""
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            if self._pid != os.getpid():  # SQLite connections must not cross a fork
                self._idle, self._pid = [], os.getpid()
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._open()
        try:
            yield connection
        finally:
            with self._guard:
                keep = len(self._idle) < MOST_IDLE and not connection.in_transaction
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @staticmethod
    def _ready(connection: sqlite3.Connection) -> bool:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        return mode == "wal" and migrations.check(connection)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # Switching to WAL does not wait for other processes; a lock file makes them queue.
        with self.path.with_suffix(".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            connection.execute("PRAGMA journal_mode = WAL")
            migrations.migrate(connection)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as e:
        if isinstance(e, sqlite3.IntegrityError):
            raise
        raise StoreError(
            room.sentence(e, path.parent)
            or f"The workspace index '{path}' can't be used: {e}. Check that the disk has room and that the file is yours."
        ) from e
