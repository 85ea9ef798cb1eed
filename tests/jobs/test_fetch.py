"""A table is fetched from a source by a job, and fetched again as the next version."""

from __future__ import annotations

import sqlite3

import pytest

from automl.data.sources import sql
from automl.errors import DataError
from automl.jobs import client, worker
from automl.jobs.queue import Queue
from automl.types import JobState

PROJECT = "p0000000000000001"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    root = tmp_path / "import"
    root.mkdir()
    (root / "may.csv").write_text("id;price\n1;1,5\n2;2,5\n")
    monkeypatch.setenv("FORETABLE_IMPORT_DIR", str(root))
    return root


def run(workspace):
    job = Queue(workspace.database).claim()
    worker.run_job(workspace, job.id, job.lease)
    return client.status(workspace, job.id)


def nothing_left(workspace) -> bool:
    return not any(list((workspace.home / f).iterdir()) for f in ("intake", "datasets", "staging"))


def test_fetched_and_fetched_again_as_the_next_version(workspace, folder):
    job = client.fetch(workspace, "folder:may.csv", name="may.csv", project=PROJECT)
    assert run(workspace).state is JobState.SUCCEEDED
    first = workspace.dataset(job.subject)
    assert (first.name, first.version, first.origin, first.rows) == ("may.csv", 1, "folder", 2)
    assert workspace.original(first.id).read_text().startswith("id;price")
    assert first.report.options["source"]["location"] == "folder:may.csv"
    (folder / "may.csv").write_text("id;price\n1;1,5\n2;2,5\n3;3,5\n")
    job = client.fetch(workspace, "folder:may.csv", name="may.csv", project=PROJECT, version_of=first.id)
    assert run(workspace).state is JobState.SUCCEEDED
    again = workspace.dataset(job.subject)
    assert (again.version, again.parent, again.rows) == (0, first.id, 3)
    assert workspace.keep_version(again.id).version == 2
    assert list((workspace.home / "intake").iterdir()) == []


def test_what_is_gone_or_no_table_leaves_a_sentence_and_nothing_else(workspace, folder):
    (folder / "page.csv").write_text("<html>Sign in</html>")
    for path, sentence in (("gone.csv", "There is no file 'gone.csv'"), ("page.csv", "'page.csv' is a web page")):
        client.fetch(workspace, f"folder:{path}", name=path, project=PROJECT)
        ended = run(workspace)
        assert ended.state is JobState.FAILED and ended.error.startswith(sentence)
    assert nothing_left(workspace)


def test_what_is_not_allowed_is_refused_before_a_job_is_made(workspace, folder):
    for location in ("folder:../x.csv", "s3://bucket/x.csv", "sql:shop:orders", "file:///etc/passwd"):
        with pytest.raises(DataError):
            client.fetch(workspace, location, name="x", project=PROJECT)
    assert client.jobs(workspace) == []
    assert nothing_left(workspace)


def test_a_query_is_cancelled_while_it_is_fetched(workspace, tmp_path, monkeypatch):
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("CREATE TABLE orders (id INTEGER)")
        db.executemany("INSERT INTO orders VALUES (?)", [(i,) for i in range(100)])
    db.close()
    monkeypatch.setenv("FORETABLE_SQL_SHOP", f"sqlite:///{tmp_path / 'shop.db'}")
    monkeypatch.setattr(sql, "CHUNK_ROWS", 10)
    job = client.fetch(workspace, "sql:shop:orders", name="orders", project=PROJECT)
    assert job.payload == {"name": "orders", "location": "sql:shop:orders", "version_of": None}  # no address in it
    claimed = Queue(workspace.database).claim()
    client.cancel(workspace, job.id)
    worker.run_job(workspace, claimed.id, claimed.lease)
    assert client.status(workspace, job.id).state is JobState.CANCELLED
    assert nothing_left(workspace)
