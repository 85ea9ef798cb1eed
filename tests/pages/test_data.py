from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest

from automl.types import ColumnKind
from tests.pages.conftest import texts


def test_empty_it_offers_the_upload_and_the_samples(bench) -> None:
    app = bench.open("data")
    assert app.file_uploader(key="upload").label == "Upload a table"
    assert "No tables yet" in texts(app)


@pytest.mark.parametrize(
    ("name", "content"),
    [("new.csv", b"a;b\n1,5;x\n2,5;y\n3,5;x\n"), ("new.tsv", b"a\tb\n1.5\tx\n2.5\ty\n3.5\tx\n")],
)
def test_an_upload_becomes_a_data_set(bench, name, content) -> None:
    app = bench.open("data")
    app.file_uploader(key="upload").upload(name, content).run()
    bench.checked(app)
    (dataset,) = bench.workspace.datasets()
    assert (dataset.name, dataset.rows) == (name, 3)
    assert bench.workspace.frame(dataset.id)["a"].tolist() == [1.5, 2.5, 3.5]
    assert not list(bench.workspace.staging.iterdir())
    assert "New model from this data" in texts(app)


def test_parquet_is_read_too(bench, tmp_path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_parquet(path)
    app = bench.open("data")
    app.file_uploader(key="upload").upload("t.parquet", path.read_bytes()).run()
    bench.checked(app)
    assert bench.workspace.datasets()[0].rows == 2


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(200), b"", b"a,b\n"])
def test_a_file_that_is_no_table_gets_one_sentence(bench, content) -> None:
    app = bench.open("data")
    app.file_uploader(key="upload").upload("t.csv", content).run()
    bench.checked(app)
    (error,) = app.error
    assert "Traceback" not in error.value
    assert bench.workspace.datasets() == []


def test_a_refused_file_is_mended_by_other_choices(bench) -> None:
    content = "exported,by hand\n" + "1,2\n" * 10 + "1,1,1\n1\n1,2,3,4\n" * 9 + "note\n"
    app = bench.open("data")
    bench.checked(app.file_uploader(key="upload").upload("odd.csv", content.encode()).run())
    said = texts(app)
    assert "Try odd.csv with other choices" in said
    assert app.code[0].value.splitlines()[:2] == ["exported,by hand", "1,2"]
    assert app.button(key="refused-read").disabled
    box = {s.label: s for s in app.selectbox}
    box["Between the cells"].select(",").run()
    assert app.button(key="refused-read").disabled
    assert "28 rows of 38 don't have the 2 fields" in app.warning[-1].value.replace("\\", "")  # as before
    box["Between the cells"].select(",").run()
    next(s for s in app.selectbox if s.label == "Rows that do not fit").select("aside").run()
    next(s for s in app.selectbox if s.label == "Names").select(False).run()
    next(n for n in app.number_input if n.label.startswith("Lines to leave out")).set_value(1).run()
    bench.checked(app)
    assert "With these choices: 10 rows and 2 columns" in texts(app)
    bench.click(app, "refused-read")
    (dataset,) = bench.workspace.datasets()
    assert (dataset.rows, dataset.report.bad_rows) == (10, 28)
    assert bench.workspace.frame(dataset.id)["column_2"].tolist() == [2] * 10
    assert dataset.report.options["chosen"] == {"delimiter": ",", "bad_rows": "aside", "header": False, "skip": 1}
    assert not list((bench.workspace.home / "intake").iterdir())
    app = bench.open("data", dataset=dataset.id, part="How it was read")
    assert next(n for n in app.number_input if n.label.startswith("Lines to leave out")).value == 1


def test_a_refused_file_is_discarded_or_gives_way_to_the_next(bench) -> None:
    intake = bench.workspace.home / "intake"
    app = bench.open("data")
    bench.checked(app.file_uploader(key="upload").upload("t.csv", b"a,b\n").run())
    assert len(list(intake.iterdir())) == 1
    bench.checked(app.file_uploader(key="upload").upload("p.csv", b"\x89PNG\r\n" + bytes(90)).run())
    assert not list(intake.iterdir())
    assert "with other choices" not in texts(app)
    bench.checked(app.file_uploader(key="upload").upload("u.csv", b"a,b\n").run())
    app.file_uploader(key="upload").set_value([]).run()
    bench.click(app, "refused-drop")
    assert not list(intake.iterdir())


def test_of_an_archive_with_several_tables_some_are_chosen(bench) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/one.csv", "a,b\n1,x\n2,y\n3,z\n")
        archive.writestr("two.csv", "c,d\n1,x\n2,y\n")
        archive.writestr("picture.png", b"\x89PNG\r\n")
    app = bench.open("data")
    bench.checked(app.file_uploader(key="upload").upload("both.zip", packed.getvalue()).run())
    assert "both.zip holds 2 tables" in texts(app)
    assert bench.workspace.datasets() == []
    (choice,) = app.multiselect
    assert list(choice.options) == ["in/one.csv", "two.csv"]
    choice.set_value(["two.csv"]).run()
    bench.click(app, "archive-read")
    (dataset,) = bench.workspace.datasets()
    assert (dataset.name, dataset.rows) == ("two.csv", 2)
    assert list((bench.workspace.home / "intake").iterdir()) == []


def test_a_data_set_shows_how_it_was_read_and_what_it_holds(bench, customers) -> None:
    said = texts(bench.open("data", dataset=customers.id))
    assert "Read 300 rows and 9 columns, separated by commas, encoded as UTF-8 · " in said
    for word in ("Missing cells", "Duplicate rows", "Set aside while reading", "Needs a look"):
        assert word in said
    for column in customers.columns:
        assert column.name in said
        assert column.kind.word in said
    assert "country is always the same" in said
    assert "customer_id is an identifier" in said
    assert "role=" not in said  # the histograms are drawn, not printed


def test_histograms_are_elements_that_streamlit_lets_through(bench, customers) -> None:
    bodies = [h.proto.body for h in bench.open("data", dataset=customers.id).get("html")]
    overview = next(b for b in bodies if "Distribution" in b)
    assert 'class="spark"' in overview
    assert "<svg" not in overview  # st.html drops it


def test_a_kind_is_changed(bench, customers) -> None:
    app = bench.open("data", dataset=customers.id)
    app.selectbox(key="kind-column").select("calls").run()
    app.selectbox(key="kind-of-calls-numeric").select(ColumnKind.CATEGORICAL).run()
    bench.click(app, "change-kind")
    column = bench.workspace.dataset(customers.id).column("calls")
    assert (column.kind, column.kind_by_user) == (ColumnKind.CATEGORICAL, True)
    assert "Now category: chosen by you" in texts(app)


def test_it_is_renamed_and_deleted(bench, customers) -> None:
    app = bench.open("data", dataset=customers.id)
    app.text_input(key=f"data-name-{customers.id}").input("clients").run()
    bench.click(app, "rename-data")
    assert bench.workspace.dataset(customers.id).name == "clients"
    app = bench.click(bench.open("data", dataset=customers.id), "delete-data")
    assert bench.workspace.datasets() == []
    assert "No tables yet" in texts(app)


def test_a_model_is_started_from_it(bench, customers) -> None:
    app = bench.click(bench.open("data", dataset=customers.id), "model-from-data")
    assert bench.workspace.models()[0].dataset == customers.id
    assert "What do you want to predict?" in texts(app)


def test_a_deleted_data_set_is_a_sentence(bench) -> None:
    app = bench.open("data", dataset="d0000")
    assert len(app.error) == 1
    assert "Go to Home" in [link.label for link in app.get("page_link")]


def test_a_wide_table_shows_columns_by_their_names(bench, tmp_path) -> None:
    import pandas as pd

    frame = pd.DataFrame({f"c{i}": [1.5, 2.5, i] for i in range(450)})
    frame.to_csv(tmp_path / "wide.csv", index=False)
    wide = bench.dataset(tmp_path / "wide.csv", "wide.csv")
    app = bench.open("data", dataset=wide.id)
    said = texts(app)
    assert "The first 200 of 450 columns." in said
    assert 'title="c199"' in "".join(h.body for h in app.get("html")) or "c199" in said
    app.text_input(key=f"find-column-{wide.id}").set_value("C44").run()
    assert "11 columns with “c44” in their names." in texts(bench.checked(app))
