"""The tab that says how a file was read, and reads it another way."""

from __future__ import annotations

import pytest

from automl.data.ingest import ingest
from tests.data.corpus import workbook
from tests.pages.conftest import texts

TEXT = "id;when;price\n" + "".join(f"{i};0{1 + i % 9}/0{1 + i % 8}/2024;{i},5\n" for i in range(30)) + "7;short\n"


@pytest.fixture
def opened(bench):
    def open_it(content: bytes = TEXT.encode(), name: str = "t.csv"):
        path = bench.workspace.staging / "came"
        path.write_bytes(content)
        dataset = ingest(bench.workspace, path, name=name, original=path)
        return dataset, bench.open("data", dataset=dataset.id, part="How it was read")

    return open_it


def box(app, label: str):
    return next(s for s in app.selectbox if s.label == label)


def test_every_decision_and_the_rows_set_aside(opened) -> None:
    dataset, app = opened()
    said = texts(app)
    assert "Read 30 rows and 3 columns, separated by semicolons, encoded as UTF-8." in said
    assert "1 row was set aside" in said
    assert app.dataframe[0].value.to_numpy().tolist() == [[32, "2 cells instead of 3", "7;short"]]
    assert box(app, "Between the cells").options[0] == "Automatic · Semicolons ( ; )"
    assert "With these choices" not in said
    download = app.get("download_button")[0]
    assert download.label == "Download these rows"


def test_a_choice_is_looked_at_then_kept_then_undone(bench, opened) -> None:
    dataset, app = opened()
    bench.checked(box(app, "Dates such as 03/04/2024").select(False).run())
    said = texts(app)
    assert "With these choices" in said and "month first" in said and "takes the place of this version" in said
    assert bench.workspace.dataset(dataset.id) == dataset
    bench.click(app, "keep-reading")
    kept = bench.workspace.dataset(dataset.id)
    assert kept.report.options["chosen"] == {"day_first": False}
    assert bench.workspace.frame(dataset.id)["when"].dt.month.iloc[1] == 2
    app = bench.open("data", dataset=dataset.id, part="How it was read")
    bench.checked(box(app, "Dates such as 03/04/2024").select("Automatic").run())
    bench.click(app, "keep-reading")
    assert "chosen" not in bench.workspace.dataset(dataset.id).report.options
    assert bench.workspace.frame(dataset.id)["when"].dt.day.iloc[1] == 2


def test_one_column_is_read_as_its_user_says(bench, opened) -> None:
    dataset, app = opened()
    box(app, "One column").select("price").run()
    bench.checked(box(app, "Is read as").select("text").run())
    assert "Chosen by you: price: text" in texts(app)
    bench.click(app, "keep-reading")
    assert bench.workspace.frame(dataset.id)["price"].iloc[0] == "0,5"


def test_a_choice_that_can_not_be_is_one_sentence(bench, opened) -> None:
    _, app = opened("a;b\n1;ä\n2;x\n".encode("cp1252"))
    bench.checked(box(app, "Encoding").select("utf-8").run())
    assert "can't be read with the encoding" in app.error[0].value.replace("\\", "")
    assert all(b.key != "keep-reading" for b in app.button)


def test_a_used_version_gets_a_next_one(bench, opened) -> None:
    dataset, app = opened()
    bench.workspace.add_model("m", dataset.id)
    bench.checked(box(app, "Names").select(False).run())
    assert "It becomes a new version" in texts(app)
    bench.click(app, "keep-reading")
    assert [d.version for d in bench.workspace.datasets()] == [2, 1]


def test_another_sheet(bench, opened) -> None:
    dataset, app = opened(workbook(One=[["a"], [1]], Two=[["b"], [2], [3]]), "book.xlsx")
    bench.checked(box(app, "Sheet").select("Two").run())
    bench.click(app, "keep-reading")
    assert [c.name for c in bench.workspace.dataset(dataset.id).columns] == ["b"]


def test_a_total_at_the_foot_is_set_aside_by_a_button(bench, opened) -> None:
    text = "shop,sold\n" + "".join(f"s{i},{i}\n" for i in range(1, 9)) + "Total,36\n"
    dataset, app = opened(text.encode())
    assert "looks like a total rather than a case" in app.warning[0].value.replace("\\", "")
    assert dataset.rows == 9
    app = bench.click(app, "total-aside")
    kept = bench.workspace.dataset(dataset.id)
    assert (kept.rows, kept.report.bad_rows) == (8, 1)
    assert kept.report.options["chosen"] == {"total_row": "aside"}
    assert "holds totals and was set aside, as you chose" in texts(app)
    assert not app.warning


def test_subtotals_and_empty_rows_can_stay_rows(bench, opened) -> None:
    text = "shop;sold\na;5\nb;6\nSubtotal;11\nc;2\nd;3\nSubtotal;5\n;\n;\n"
    dataset, app = opened(text.encode())
    assert (dataset.rows, dataset.report.bad_rows) == (4, 2)
    assert "2 rows without any value at the foot left out, from line 8 on" in texts(app)
    app = bench.checked(box(app, "Subtotals").select("kept").run())
    app = bench.checked(box(app, "Rows without any value").select("kept").run())
    bench.click(app, "keep-reading")
    assert bench.workspace.dataset(dataset.id).rows == 8
