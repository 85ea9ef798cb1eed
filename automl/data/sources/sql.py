"""The rows of a SQL query, read only, streamed into a Parquet file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from automl.data.names import safe_names
from automl.data.sources.base import Progress
from automl.data.sources.rows import RowWriter
from automl.data.words import shorten
from automl.errors import DataError, MissingExtraError, unknown_name
from automl.types import Note

PREFIX = "FORETABLE_SQL_"
LIMIT_SETTING = "FORETABLE_SQL_MAX_ROWS"
MOST_ROWS = 5_000_000
CHUNK_ROWS = 20_000
HALFWAY_ROWS = 500_000  # how many rows there will be is not known: so many are shown as half of the way
MOST_QUERY = 20_000  # characters
TABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?")
# What to install where a driver is missing, by the module that is.
DRIVERS = {
    "psycopg": '"psycopg[binary]"', "psycopg2": "psycopg2-binary", "asyncpg": '"psycopg[binary]"', "MySQLdb": "mysqlclient",
    "pymysql": "pymysql", "pyodbc": "pyodbc", "oracledb": "oracledb", "cx_Oracle": "oracledb",
    "snowflake": "snowflake-sqlalchemy", "duckdb": "duckdb-engine", "bigquery": "sqlalchemy-bigquery",
    "redshift": "sqlalchemy-redshift", "databricks": "databricks-sqlalchemy", "trino": "trino", "clickhouse": "clickhouse-sqlalchemy",
}  # fmt: skip


class Sql:
    """Locations are `sql:NAME:QUERY`, or `sql:NAME:TABLE` for a whole table."""

    key, label, prefix = "sql", "SQL query", "sql:"
    explanation = f"Set {PREFIX}NAME to a database's address, such as postgresql://user:password@host/database."

    def is_configured(self) -> bool:
        return bool(connections())

    def check(self, location: str) -> None:
        _parts(location)

    def name(self, location: str) -> str:
        name, query = _parts(location)
        asked = location.removeprefix(self.prefix).split(":", 1)[1].strip()
        return asked if TABLE.fullmatch(asked) else f"{name} query"

    def shown(self, location: str) -> str:
        name, _, query = location.removeprefix(self.prefix).partition(":")
        return f"the database {name} by '{shorten(query, 200)}'"

    def fetch(self, location: str, into: Path, progress: Progress) -> tuple[Path, Sequence[Note]]:
        name, query = _parts(location)
        out, most = into / "table.parquet", max_rows()
        with _connected(name) as connection, _masked(name):
            from sqlalchemy import text

            result = connection.execution_options(stream_results=True, max_row_buffer=CHUNK_ROWS).execute(
                text(query.replace("\\:", ":").replace(":", r"\:"))  # no bind parameters: a colon is a colon
            )
            names, notes = safe_names(list(result.keys()))
            writer, rows, more = RowWriter(names, out), 0, False
            with writer:
                while chunk := result.fetchmany(min(CHUNK_ROWS, most - rows + 1)):
                    if rows + len(chunk) > most:
                        chunk, more = chunk[: most - rows], True
                    rows += len(chunk)
                    writer.write(chunk)
                    progress(rows / (rows + HALFWAY_ROWS))
                    if more:
                        break
        if not rows:
            raise DataError("The query gave no rows. Change its conditions.")
        said = [*notes, *writer.notes()]
        if more:
            said.append(Note("row_limit", f"The query gives more than {most:,} rows; the first {most:,} were read."))
        progress(1.0)
        return out, said


def connections() -> list[str]:
    """The names of the configured databases."""
    return sorted(
        k.removeprefix(PREFIX).lower()
        for k, v in os.environ.items()
        if k.startswith(PREFIX) and k == k.upper() and k not in (PREFIX, LIMIT_SETTING) and v.strip()
    )


def max_rows() -> int:
    """How many rows of a query are read at most."""
    given = os.environ.get(LIMIT_SETTING, "")
    return int(given) if given.isdigit() and int(given) else MOST_ROWS


def _parts(location: str) -> tuple[str, str]:
    name, colon, query = location.removeprefix("sql:").partition(":")
    name, query = name.strip().lower(), query.strip().rstrip(";").strip()
    if name not in connections():
        raise DataError(unknown_name("database", name, connections()))
    if not colon or not query:
        raise DataError("The query is empty. Write a SELECT, or the name of a table.")
    if len(query) > MOST_QUERY or "\0" in query:
        raise DataError(f"The query is longer than {MOST_QUERY:,} characters. Make a view of it in the database.")
    if TABLE.fullmatch(query):
        return name, f"SELECT * FROM {query}"
    bare = _bare(query)
    if ";" in bare:
        raise DataError("The query holds several statements. Write one SELECT.")
    if not re.match(r"\s*\(*\s*(select|with|values|table)\b", bare, re.IGNORECASE):
        raise DataError("Only reading is allowed: the query must start with SELECT or WITH.")
    found = re.search(r"\b(insert|update|delete|merge|drop|alter|create|truncate|grant|attach|pragma|copy|call|into)\b", bare, re.IGNORECASE)
    if found:
        raise DataError(f"Only reading is allowed, but the query says {found[0].upper()}. Quote it if it is a column's name.")
    return name, query


def _bare(query: str) -> str:
    """The query without its comments and what is in quotes."""
    return re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", query, flags=re.DOTALL)


@contextmanager
def _connected(name: str) -> Iterator[Any]:
    """A connection that can't write, where the database knows such a thing; nothing is ever committed."""
    from sqlalchemy import create_engine, event, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    try:
        url = make_url(os.environ[_setting(name)].strip())
        engine = create_engine(url, poolclass=NullPool)
    except NoSuchModuleError:
        raise _missing(url.get_backend_name(), name) from None
    except ArgumentError:
        raise DataError(f"{_setting(name)} is no address of a database, such as postgresql://user:password@host/database.") from None
    except ModuleNotFoundError as e:
        raise _missing(str(e.name), name) from None
    kind = engine.dialect.name
    if kind == "sqlite":
        if url.database in (None, "", ":memory:") or not Path(url.database.removeprefix("file:").split("?")[0]).is_file():
            raise DataError(f"The SQLite file that {_setting(name)} names is not there.")
        event.listen(engine, "connect", lambda db, _: db.execute("PRAGMA query_only = ON"))
    with _masked(name):
        connection = engine.connect()
    try:
        with _masked(name):
            if kind in ("postgresql", "mysql", "mariadb"):
                connection.execute(text("SET TRANSACTION READ ONLY" if kind == "postgresql" else "SET SESSION TRANSACTION READ ONLY"))
                if kind != "postgresql":
                    connection.rollback()
        yield connection
    finally:
        try:
            connection.rollback()
        finally:
            connection.close()
            engine.dispose()


@contextmanager
def _masked(name: str) -> Iterator[None]:
    """Errors of the database as one sentence, in which no password stands."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as e:
        said = " ".join(str(getattr(e, "orig", None) or e).split("\n")[0].split())
        raise DataError(f"The database {name} says: {shorten(masked(said, name), 240)}. Check the query, or the setting {_setting(name)}.") from None


def masked(text: str, name: str) -> str:
    """A text without the password, or the whole address, of a connection."""
    from urllib.parse import quote, quote_plus

    from sqlalchemy.engine import make_url

    raw = os.environ.get(_setting(name), "").strip()
    secrets = [raw]
    try:
        url = make_url(raw)
        secrets += [str(url.password)] if url.password else []
        secrets += [str(v) for k, v in url.query.items() if re.search(r"pass|pwd|secret|token|key", k, re.IGNORECASE)]
    except Exception:  # noqa: BLE001 - an address that can't be read is masked as a whole
        pass
    for secret in secrets:
        for form in {secret, quote(secret), quote_plus(secret), quote(secret, safe="")}:
            if form:
                text = text.replace(form, "***")
    return text


def _setting(name: str) -> str:
    return PREFIX + name.upper()


def _missing(module: str, name: str) -> MissingExtraError:
    top = module.split(".")[0]
    return MissingExtraError(
        f"The database {name} needs a driver that is not installed. Install it: pip install {DRIVERS.get(top, top)}"
    )
