"""Versions and appended tables, as the pages show them."""

from __future__ import annotations

import pytest

from automl.data.ingest import ingest
from automl.jobs import client
from automl.types import JobState
from tests.conftest import customers
from tests.pages.conftest import texts


@pytest.fixture
def upload(bench, tmp_path):
    def upload(frame, name: str, **about):
        path = tmp_path / "upload"
        frame.to_csv(path, index=False)
        return ingest(bench.workspace, path, name=name, **about)

    return upload


@pytest.fixture
def two(bench, customers, upload):
    """A data set and its proposed next version: a column renamed, one gone, a hundred rows more."""
    table = customers_again()
    return customers, upload(table, "new.csv", version_of=customers.id)


def customers_again():
    return customers(400, seed=3).rename(columns={"plan": "tariff"}).drop(columns="country")


def test_a_new_version_is_shown_before_it_is_kept(bench, customers) -> None:
    app = bench.open("data", dataset=customers.id, part="Versions")
    app.file_uploader(key=f"version-{customers.id}-new").upload(
        "new.csv", customers_again().to_csv(index=False).encode()
    ).run()
    said = texts(bench.checked(app))
    assert "Compared with version 1. Nothing is kept until you say so." in said
    assert "'plan' is probably called 'tariff' now: 100 % of its values are the same." in said
    assert "'country' is gone" in said
    assert "Rows 400 100 more than 300" in said
    assert bench.workspace.datasets() == [customers]
    bench.click(app, "keep-version")
    latest = bench.workspace.versions(customers.id)[0]
    assert (latest.version, latest.rows, latest.name) == (2, 400, "customers.csv")
    assert "What changed in version 2, after version 1" in texts(app)


def test_a_column_with_another_name_keeps_the_one_it_had(bench, two) -> None:
    before, proposed = two
    app = bench.open("data", dataset=proposed.id)
    key = f"same-{proposed.id}-{proposed.digest[:8]}-plan-tariff"
    assert "tariff is the same column as plan · 100 % of its values are the same" in texts(app)
    app.toggle(key=key).set_value(True).run()
    bench.checked(app)
    kept = bench.workspace.dataset(proposed.id)
    assert kept.column("plan").kind is before.column("plan").kind
    assert "'plan' is probably called" not in texts(app)
    assert "'country' is gone" in texts(app)
    bench.click(app, "keep-version")
    app = bench.open("data", dataset=kept.id, part="Versions")  # here it can be taken back
    assert "so you said" in texts(app)
    app.toggle(key=key.replace(proposed.digest[:8], kept.digest[:8])).set_value(False).run()
    bench.checked(app)
    assert bench.workspace.dataset(proposed.id).column("tariff").name == "tariff"


def test_a_refused_version_is_mended_where_it_was_uploaded(bench, customers) -> None:
    app = bench.open("data", dataset=customers.id, part="Versions")
    text = customers_again().to_csv(index=False, header=False, sep="~")
    bench.checked(app.file_uploader(key=f"version-{customers.id}-new").upload("new.csv", ("x,y\n" + "1,2\n1,2,3\n1,2,3,4\n1,2,3,4,5\n" * 125 + text).encode()).run())
    assert "Try new.csv with other choices" in texts(app)
    next(n for n in app.number_input if n.label.startswith("Lines to leave out")).set_value(501).run()
    bench.click(app, "refused-read")
    (proposed,) = bench.workspace.proposals(customers.id)
    assert (proposed.rows, len(proposed.columns)) == (400, 8)


def test_it_is_discarded(bench, two) -> None:
    app = bench.click(bench.open("data", dataset=two[1].id), "discard-version")
    assert not bench.workspace.has_dataset(two[1].id)
    assert bench.workspace.datasets() == [two[0]]
    assert "All versions" in texts(app)


def test_a_proposal_that_was_left_is_found_again(bench, two) -> None:
    app = bench.open("data", dataset=two[0].id, part="Versions")
    assert "A new version with 400 rows waits for your word." in texts(app)
    assert "Nothing is kept until you say so" in texts(bench.click(app, f"look-at-{two[1].id}"))


def test_rows_are_appended(bench, customers) -> None:
    app = bench.open("data", dataset=customers.id, part="Versions")
    app.segmented_control(key=f"add-{customers.id}").set_value("Append rows").run()
    more = customers_frame().head(40)
    app.file_uploader(key=f"version-{customers.id}-rows").upload("more.csv", more.to_csv(index=False).encode()).run()
    said = texts(bench.checked(app))
    assert "Rows 340 40 more than 300" in said
    assert "Every row of 'more.csv' stands in a table before it already" in said
    bench.click(app, "keep-version")
    assert bench.workspace.versions(customers.id)[0].rows == 340


def test_a_renamed_column_of_appended_rows_is_taken_and_taken_back(bench, upload, tmp_path) -> None:
    import pandas as pd

    may = upload(pd.DataFrame({"shop": list("abcd"), "revenue_usd": [10.5, 20.5, 30.5, 4.5]}), "may.csv")
    june = tmp_path / "june.csv"
    june.write_text("shop,Revenue\na,900.5\nb,8.5\n")
    app = bench.open("data", dataset=may.id, part="Versions")
    app.segmented_control(key=f"add-{may.id}").set_value("Append rows").run()
    app.file_uploader(key=f"version-{may.id}-rows").upload("june.csv", june.read_bytes()).run()
    said = texts(bench.checked(app)).replace("\\", "")
    assert "“Revenue” of “june.csv” is new, and “revenue_usd” is missing there: the same column?" in said
    assert "perhaps the same column" not in said  # it is not said twice
    proposed = bench.workspace.proposals(may.id)[0]
    app.toggle(key=f"append-same-{proposed.id}-revenue_usd-Revenue").set_value(True).run()
    bench.click(app, "append-otherwise")
    (made,) = bench.workspace.proposals(may.id)
    assert made.id == proposed.id
    assert "Rows 6 2 more than 4" in texts(app)
    assert bench.workspace.frame(made.id)["revenue_usd"].tolist() == [10.5, 20.5, 30.5, 4.5, 900.5, 8.5]
    switch = app.toggle(key=f"append-same-{made.id}-revenue_usd-Revenue")
    assert switch.value is True
    assert not [b for b in app.button if b.key == "append-otherwise"]
    switch.set_value(False).run()
    bench.click(app, "append-otherwise")
    (back,) = bench.workspace.proposals(may.id)
    assert [c.name for c in back.columns] == ["shop", "revenue_usd", "Revenue"]
    bench.click(app, "keep-version")
    assert bench.workspace.versions(may.id)[0].id == back.id


def test_back_to_a_proposal_that_another_one_took_the_place_of(bench, customers, tmp_path) -> None:
    more = tmp_path / "more.csv"
    customers_frame().head(40).to_csv(more, index=False)
    first = ingest(bench.workspace, more, name="more.csv", append_to=customers.id)
    copy = tmp_path / "copy.csv"
    copy.write_bytes(more.read_bytes())
    job = client.ingest(
        bench.workspace, copy, name="more.csv", project=bench.workspace.project().id, append_to=customers.id, instead_of=first.id
    )
    assert "not kept yet" in texts(bench.open("data", dataset=first.id))  # while the job waits, the first one is there
    made = ingest(bench.workspace, more, name="more.csv", append_to=customers.id, instead_of=first.id, id=job.subject)
    with bench.workspace.database.write() as db:
        db.execute("UPDATE jobs SET state = ? WHERE id = ?", (JobState.SUCCEEDED, job.id))
    said = texts(bench.open("data", dataset=first.id))
    assert "this is what took its place" in said and "not kept yet" in said
    bench.workspace.delete_dataset(made.id)
    for gone in (first, made):
        said = texts(bench.open("data", dataset=gone.id))
        assert "this is what took its place" in said and "300" in said and "deleted" not in said


def customers_frame():
    return customers()


def test_a_file_that_is_no_table_is_a_sentence(bench, customers) -> None:
    app = bench.open("data", dataset=customers.id, part="Versions")
    app.file_uploader(key=f"version-{customers.id}-new").upload("x.csv", b"\x89PNG\r\n\x1a\n" + bytes(99)).run()
    assert len(bench.checked(app).error) == 1
    assert bench.workspace.datasets() == [customers]


def test_models_say_what_they_learned_from_and_are_built_again(bench, two, churn_bundle) -> None:
    model = bench.built(two[0], churn_bundle)
    said = texts(bench.open("data", dataset=two[1].id))
    assert "The model Leaving knows plan, which" in said
    latest = bench.workspace.keep_version(two[1].id)
    assert "Learned from customers.csv, version 1" in texts(bench.open("analyze", model=model.id))
    app = bench.open("data", dataset=latest.id, part="Versions")
    assert "Leaving 1 learned from it" in texts(app)
    assert "learned from version 1 · predicts churn" in texts(app)
    bench.click(app, f"again-{model.id}")
    draft = bench.workspace.models()[0]
    assert (draft.dataset, draft.number, draft.draft["target"]) == (latest.id, 2, "churn")


def test_an_older_version_opens_and_points_to_the_latest(bench, two) -> None:
    bench.workspace.keep_version(two[1].id)
    app = bench.open("data", dataset=two[0].id)
    assert "Version 2 is the latest" in [link.label for link in app.get("page_link")]
    assert "Missing cells" in texts(app)


def test_deleting_says_what_uses_it(bench, customers, churn_bundle) -> None:
    assert "Nothing was made of it yet." in texts(bench.open("data", dataset=customers.id))
    bench.built(customers, churn_bundle)
    assert "Used by the model Leaving 1." in texts(bench.open("data", dataset=customers.id))


def test_tables_are_appended(bench, customers, upload) -> None:
    may = customers_frame().sample(50, random_state=0).rename(columns=str.upper)
    other = upload(may, "may.csv")
    app = bench.open("data", show="Append tables")
    assert app.multiselect(key="append-tables").value == [customers.id, other.id]
    said = texts(app)
    assert "Rows after 350" in said
    assert "Every row of 'may.csv' stands in a table before it already" in said
    app.checkbox(key="append-marked").check().run()
    bench.click(app, "append-keep-it")
    made = bench.workspace.datasets()[0]
    assert (made.name, made.rows, made.origin) == ("customers and may", 350, "append")
    assert made.report.options["inputs"] == [customers.id, other.id]
    assert bench.workspace.frame(made.id)["table"].value_counts().to_dict() == {"customers.csv": 300, "may.csv": 50}
    newer = upload(customers_frame().head(60), "june.csv", version_of=other.id)
    bench.workspace.keep_version(newer.id)
    app = bench.open("data", dataset=made.id, part="Versions")
    assert "there is newer data: may.csv (version 2)" in texts(app)
    bench.click(app, "append-again")
    assert "Rows 360 10 more than 350" in texts(app)


def test_one_table_alone_can_not_be_appended(bench, customers) -> None:
    assert "Two tables are needed" in texts(bench.open("data", show="Append tables"))


def test_tables_without_a_common_column_are_a_sentence(bench, customers, upload) -> None:
    import pandas as pd

    other = upload(pd.DataFrame({"q": [1, 2, 3]}), "q.csv")
    app = bench.open("data", show="Append tables")
    app.multiselect(key="append-tables").set_value([customers.id, other.id]).run()
    assert "no column in common" in bench.checked(app).warning[0].value.replace("\\", "")


def test_another_name_and_another_kind_are_settled_on_the_page(bench, upload) -> None:
    import pandas as pd

    may = upload(pd.DataFrame({"shop": list("abcd"), "revenue_usd": [10.5, 20.5, 30.5, 4.5], "code": [1, 2, 3, 4]}), "may.csv")
    june = upload(pd.DataFrame({"shop": list("abc"), "Revenue": [900.5, 8.5, 1.5], "code": ["x1", "y2", "z3"]}), "june.csv")
    app = bench.open("data", show="Append tables")
    app.multiselect(key="append-tables").set_value([may.id, june.id]).run()
    said = texts(bench.checked(app)).replace("\\", "")
    assert "“Revenue” of “june.csv” is new, and “revenue_usd” is missing there: the same column?" in said
    app.toggle(key=f"append-same-{may.id}-{june.id}-revenue_usd-Revenue").set_value(True).run()
    kind = app.selectbox(key=f"append-kind-{may.id}-{june.id}-code")
    assert kind.value == ""
    kind.set_value("number").run()
    bench.click(app, "append-keep-it")
    made = bench.workspace.datasets()[0]
    table = bench.workspace.frame(made.id)
    assert table["revenue_usd"].tolist() == [10.5, 20.5, 30.5, 4.5, 900.5, 8.5, 1.5]
    assert table["code"].isna().sum() == 3
    assert made.report.options["renamed"] == {"Revenue": "revenue_usd"}
    assert made.report.options["kinds"] == {"code": "number"}
