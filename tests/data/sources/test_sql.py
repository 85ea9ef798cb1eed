"""SQL: read only, streamed, without a password in any sentence."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal

import pandas as pd
import pytest

from automl.data import sources
from automl.data.read import read_table, read_with_report
from automl.data.sources import rows as rows_module
from automl.data.sources import sql
from automl.data.sources.rows import RowWriter
from automl.errors import DataError, ForetableError, MissingExtraError


@pytest.fixture
def shop(tmp_path, monkeypatch):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute('CREATE TABLE orders (id INTEGER, "the price" REAL, day TEXT, note TEXT, picture BLOB)')
        cells = [(i, i / 4, f"2024-01-{i % 28 + 1:02d}", "a:b %x" if i % 2 else None, b"\0") for i in range(500)]
        db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", cells)
    db.close()
    monkeypatch.setenv("FORETABLE_SQL_SHOP", f"sqlite:///{path}")
    monkeypatch.setattr(sql, "CHUNK_ROWS", 64)
    return path


def test_a_table_and_a_query_are_read(shop) -> None:
    frame, report = read_with_report("sql:shop:orders")
    assert len(frame) == 500
    assert frame["the price"].tolist()[:3] == [0.0, 0.25, 0.5]
    assert frame["day"].dtype.kind == "M"
    said = "\n".join(n.message for n in report.notes)
    assert said.startswith("Read 500 rows and 5 columns from a query.")
    assert "Fetched from the database shop by 'orders' on 20" in said
    assert "'picture': cells that hold bytes, such as images, count as missing." in said
    query = "sql:SHOP:SELECT id AS \"İd\", ':x' AS c FROM orders -- all; of them\n WHERE note LIKE 'a:b %' ORDER BY id DESC;"
    frame = read_table(query)
    assert frame.iloc[:, 0].tolist()[:2] == [499, 497] and set(frame["c"]) == {":x"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("DELETE FROM orders", "must start with SELECT or WITH"),
        ("SELECT 1; DROP TABLE orders", "several statements"),
        ("WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x", "the query says DELETE"),
        ("PRAGMA writable_schema = 1", "must start with SELECT or WITH"),
        ("ATTACH 'x.db' AS y", "must start with SELECT or WITH"),
        ("/* SELECT */ UPDATE orders SET id = 1", "must start with SELECT or WITH"),
        ("", "The query is empty"),
        ("   ;", "The query is empty"),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT * FROM orders WHERE id < 0", "gave no rows"),
    ],
)
def test_only_reading_is_allowed(shop, query, sentence) -> None:
    with pytest.raises(DataError, match=sentence):
        read_table(f"sql:shop:{query}")
    with sqlite3.connect(shop) as db:
        assert db.execute("SELECT count(*), max(id) FROM orders").fetchone() == (500, 499)
    db.close()


def test_the_connection_itself_can_not_write(shop) -> None:
    from sqlalchemy import text

    with pytest.raises(DataError, match="readonly database"), sql._connected("shop") as db, sql._masked("shop"):
        db.execute(text("DELETE FROM orders"))


def test_rows_past_the_limit_are_left_and_it_is_said(shop, monkeypatch) -> None:
    monkeypatch.setenv("FORETABLE_SQL_MAX_ROWS", "100")
    frame, report = read_with_report("sql:shop:SELECT id FROM orders")
    assert frame["id"].tolist() == list(range(100))
    assert "more than 100 rows; the first 100 were read." in "\n".join(n.message for n in report.notes)
    monkeypatch.setenv("FORETABLE_SQL_MAX_ROWS", "500")
    assert "row_limit" not in {n.code for n in read_with_report("sql:shop:SELECT id FROM orders")[1].notes}


def test_progress_rises_and_what_it_raises_ends_the_fetch(shop, tmp_path) -> None:
    told = []
    sources.fetch("sql:shop:orders", tmp_path, told.append)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 5

    def cancel(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sources.fetch("sql:shop:orders", tmp_path, cancel)


SECRET = "p@ss:w/rd"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://ann:p%40ss%3Aw%2Frd@127.0.0.1:1/x",
        "mysql+pymysql://ann:p%40ss%3Aw%2Frd@127.0.0.1:1/x",
        "nosuchdatabase://ann:p%40ss%3Aw%2Frd@127.0.0.1/x",
        "p%40ss%3Aw%2Frd is no address",
        "sqlite:///p%40ss%3Aw%2Frd.db",
    ],
)
def test_no_password_and_no_address_in_any_sentence(monkeypatch, address) -> None:
    monkeypatch.setenv("FORETABLE_SQL_WAREHOUSE", address)
    with pytest.raises(ForetableError) as caught:
        read_table("sql:warehouse:orders")
    assert SECRET not in str(caught.value) and "p%40ss" not in str(caught.value)


def test_a_password_is_masked_however_it_is_written(monkeypatch) -> None:
    monkeypatch.setenv("FORETABLE_SQL_W", "postgresql://ann:p%40ss%3Aw%2Frd@h/x?sslpassword=hush")
    said = sql.masked(f"FATAL: {SECRET} p%40ss%3Aw%2Frd hush postgresql://ann:p%40ss%3Aw%2Frd@h/x?sslpassword=hush", "w")
    assert SECRET not in said and "%40" not in said and "hush" not in said


def test_a_missing_driver_comes_with_the_command(monkeypatch) -> None:
    monkeypatch.setenv("FORETABLE_SQL_W", "snowflake://ann:x@h/x")
    with pytest.raises(MissingExtraError, match="pip install snowflake-sqlalchemy"):
        read_table("sql:w:orders")
    monkeypatch.setenv("FORETABLE_SQL_W", "postgresql+psycopg2://ann:x@h/x")
    with pytest.raises(MissingExtraError, match="pip install psycopg2-binary"):
        read_table("sql:w:orders")


def test_unknown_names_and_no_setting(shop, monkeypatch) -> None:
    monkeypatch.setenv("FORETABLE_SQL_MAX_ROWS", "10")
    monkeypatch.setenv("FORETABLE_SQL_empty", "sqlite:///x.db")
    monkeypatch.setenv("FORETABLE_SQL_BLANK", " ")
    assert sql.connections() == ["shop"]
    with pytest.raises(DataError, match="Did you mean 'shop'"):
        read_table("sql:shpo:orders")
    monkeypatch.delenv("FORETABLE_SQL_SHOP")
    with pytest.raises(DataError, match="Set FORETABLE_SQL_NAME to a database's address"):
        read_table("sql:shop:orders")
    monkeypatch.setenv("FORETABLE_SQL_SHOP", "sqlite:///gone.db")
    with pytest.raises(DataError, match="FORETABLE_SQL_SHOP names is not there"):
        read_table("sql:shop:orders")


# -- rows as a file ------------------------------------------------------------------------


def written(tmp_path, *chunks):
    names = [f"c{i}" for i in range(len(chunks[0][0]))]
    with RowWriter(names, tmp_path / "t.parquet") as writer:
        for chunk in chunks:
            writer.write(chunk)
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]
    return pd.read_parquet(tmp_path / "t.parquet"), writer


@pytest.mark.parametrize(
    ("chunks", "values"),
    [
        ([[(1,)], [(2.5,)], [(None,)]], [1.0, 2.5, None]),
        ([[(None,)], [(7,)], [("x",)]], [None, "7", "x"]),
        ([[(True,)], [(3,)]], [1, 3]),
        ([[(True,)], [(0.5,)]], [1.0, 0.5]),
        ([[(Decimal("1.25"),)], [(Decimal("NaN"),)]], [1.25, None]),
        ([[(Decimal(7),), (Decimal("2.50"),)]], [7.0, 2.5]),
        ([[(Decimal(2**60 + 1),)], [(Decimal("8"),)]], [2**60 + 1, 8]),
        ([[(Decimal("12345678901234567890123456790"),)]], ["12345678901234567890123456790"]),
        ([[(2**70,)], [(1,)]], [str(2**70), "1"]),
        ([[(dt.date(2024, 1, 2),)], [("later",)]], ["2024-01-02 00:00:00", "later"]),
        ([[(float("inf"),)], [(1.0,)]], [None, 1.0]),
        ([[(dt.time(12, 30),)], [(None,)]], ["12:30:00", None]),
    ],
)
def test_a_column_becomes_what_all_its_cells_can_be(tmp_path, chunks, values) -> None:
    table, _ = written(tmp_path, *chunks)
    assert [None if pd.isna(v) else v for v in table["c0"]] == values


def test_dates_keep_their_time_and_lose_their_zone(tmp_path) -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    table, writer = written(tmp_path, [(dt.datetime(2024, 5, 1, 12, tzinfo=zone),), (dt.date(9999, 12, 31),)])
    assert table["c0"].tolist()[0] == pd.Timestamp("2024-05-01 10:00") and pd.isna(table["c0"][1])
    assert "outside the years 1678 to 2261" in writer.notes()[0].message
    assert rows_module.TYPES["date"] is not None
