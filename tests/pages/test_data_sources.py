"""Other sources on the Data page: shown where configured, explained where not."""

from __future__ import annotations

import sqlite3

import pytest

from automl.jobs import client, worker
from automl.jobs.queue import Queue
from tests.pages.conftest import texts


@pytest.fixture
def page(bench, monkeypatch):
    """The Data page with the sources unfolded."""

    def page(source: str | None = None):
        app = bench.open("data")
        app.session_state["sources"] = True
        bench.checked(app.run())
        if source:
            app.segmented_control(key="source").set_value(source).run()
        return bench.checked(app)

    for name in ("FORETABLE_IMPORT_DIR", "FORETABLE_S3_BUCKETS"):
        monkeypatch.delenv(name, raising=False)
    return page


def run_job(bench) -> None:
    job = Queue(bench.workspace.database).claim()
    worker.run_job(bench.workspace, job.id, job.lease)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("folder", "Set FORETABLE_IMPORT_DIR to a folder on the server"),
        ("s3", "Set FORETABLE_S3_BUCKETS to the buckets"),
        ("sql", "Set FORETABLE_SQL_NAME to a database"),
    ],
)
def test_what_is_not_set_up_says_which_setting_it_needs(page, source, sentence) -> None:
    app = page(source)
    assert sentence in texts(app)
    assert not [b for b in app.button if b.key == "fetch"]


def test_a_file_of_the_folder_is_fetched_and_again(bench, page, tmp_path, monkeypatch) -> None:
    (tmp_path / "in" / "sales").mkdir(parents=True)
    file = tmp_path / "in" / "sales" / "<i>may.csv"
    file.write_text("id;price\n1;1,5\n2;2,5\n")
    monkeypatch.setenv("FORETABLE_IMPORT_DIR", str(tmp_path / "in"))
    app = page()
    app.selectbox(key="folder-file").select("sales/<i>may.csv").run()
    app = bench.click(app, "fetch")
    assert "Waiting for its turn" in "".join(p.proto.text for p in app.get("progress"))
    run_job(bench)
    (dataset,) = bench.workspace.datasets()
    file.write_text("id;price\n1;1,5\n2;2,5\n3;9,5\n")
    app = bench.open("data", dataset=dataset.id, part="Versions")
    assert "Fetched from 'sales/<i>may.csv' in the server's folder on 20" in texts(app)
    bench.click(app, "fetch-again")
    run_job(bench)
    (proposed,) = bench.workspace.proposals(dataset.id)
    said = texts(bench.open("data", dataset=proposed.id))
    assert "Rows 3 1 more than 2" in said


def test_a_query_is_fetched_and_what_may_not_be_is_a_sentence(bench, page, tmp_path, monkeypatch) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("CREATE TABLE orders (id INTEGER, city TEXT)")
        db.executemany("INSERT INTO orders VALUES (?, ?)", [(i, "Oslo") for i in range(30)])
    db.close()
    monkeypatch.setenv("FORETABLE_SQL_SHOP", f"sqlite:///{tmp_path / 'shop.db'}")
    app = page("sql")
    assert "Read only; at most 5,000,000 rows are fetched." in texts(app)
    app.text_area(key="sql-query").input("DROP TABLE orders").run()
    bench.click(app, "fetch")
    assert "must start with SELECT or WITH" in app.error[0].value.replace("\\", "")
    app.text_area(key="sql-query").input("orders").run()
    bench.click(app, "fetch")
    assert len(client.jobs(bench.workspace, active=True)) == 1
    run_job(bench)
    (dataset,) = bench.workspace.datasets()
    assert (dataset.name, dataset.rows, dataset.origin) == ("orders", 30, "sql")


def test_a_bucket_that_may_not_be_read_is_a_sentence(bench, page, monkeypatch) -> None:
    monkeypatch.setenv("FORETABLE_S3_BUCKETS", "shop")
    app = page("s3")
    app.text_input(key="s3-path").input("s3://other/x.csv").run()
    bench.click(app, "fetch")
    assert "may not be read here" in app.error[0].value.replace("\\", "")
    assert client.jobs(bench.workspace, active=True) == []
