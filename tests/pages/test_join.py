"""The join page: steps, choices, what is shown before anything is kept."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.pages.conftest import texts

TAB = "Join tables"


@pytest.fixture
def tables(bench, tmp_path):
    """Three tables in a chain; the codes of the cities are text in one and numbers in the other."""

    def add(name, frame):
        path = tmp_path / f"{name}.parquet"
        frame.to_parquet(path)
        return bench.dataset(path, f"{name}.csv")

    orders = pd.DataFrame({"order": range(1, 31), "client": [f"K{i % 10}" for i in range(30)], "sum": 5.5})
    clients = pd.DataFrame({"client": [f"K{i}" for i in range(12)], "city": [f"A00{i % 3}"[1:] for i in range(12)]})
    cities = pd.DataFrame({"city": [0, 1, 2, 2], "land": ["LV", "NO", "IT", "IT"], "people": [1.0, 2.0, 3.0, 5.0]})
    return {"orders": add("orders", orders), "clients": add("clients", clients), "cities": add("cities", cities)}


@pytest.fixture
def two(bench, tables):
    bench.workspace.delete_dataset(tables["cities"].id)
    return tables


def at(tables, number, right, first="orders"):
    return f"{tables[first].id}-{number}-{tables[right].id}"


def test_one_table_alone_can_not_be_joined(bench, customers) -> None:
    assert "Two tables are needed" in texts(bench.open("data", show=TAB))


def test_tables_are_joined_on_the_key_they_share(bench, two) -> None:
    app = bench.open("data", show=TAB)
    assert app.selectbox(key="join-left").value == two["orders"].id  # the larger one comes first
    assert app.radio(key=f"join-keys-{at(two, 0, 'clients')}").options[0] == "client"
    said = texts(app)
    assert "Found, of orders.csv 100 %" in said
    assert "Used, of clients.csv 83.3 %" in said
    assert "Every row of orders.csv is found in clients.csv" in said
    bench.click(app, "join-keep")
    joined = bench.workspace.datasets()[0]
    assert (joined.name, joined.rows, joined.origin) == ("orders with clients", 30, "join")
    assert list(bench.workspace.frame(joined.id).columns) == ["order", "client", "sum", "city"]
    assert joined.report.options["inputs"] == [two["orders"].id, two["clients"].id]
    assert joined.report.options["found"] == [1.0]


def test_the_kind_of_join_decides_the_rows(bench, two) -> None:
    app = bench.open("data", show=TAB)
    app.radio(key=f"join-how-{at(two, 0, 'clients')}").set_value("outer").run()
    assert "Rows after 32 2 more" in texts(bench.checked(app))


def test_keys_of_ones_own_that_do_not_fit_are_said_to(bench, two) -> None:
    app = bench.open("data", show=TAB)
    place = at(two, 0, "clients")
    app.radio(key=f"join-keys-{place}").set_value(1).run()
    app.selectbox(key=f"join-a-{place}-0").select("sum").run()
    app.selectbox(key=f"join-b-{place}-0").select("client").run()
    said = texts(bench.checked(app))
    assert "'sum' is a number (such as “5.5”) and 'client' is text (such as “K0”)." in said
    assert "join-keep" not in [b.key for b in app.button]  # nothing to keep before a choice is made


def test_a_chain_with_a_mismatch_fixed_by_choice_and_repeats_averaged(bench, tables) -> None:
    app = bench.open("data", show=TAB)
    bench.click(app, "join-more")
    assert "+ clients.csv · client · all rows kept · 100 % found · 30 rows" in texts(app)
    app.selectbox(key=f"join-right-{tables['orders'].id}-1").select(tables["cities"].id).run()
    place = at(tables, 1, "cities")
    said = texts(bench.checked(app))
    assert "'city' of the rows so far is text (such as “000”) and 'city' of the added table is a number (such as “0”)." in said
    assert "join-keep" not in [b.key for b in app.button]
    app.radio(key=f"join-as-{place}-city-city").set_value("number").run()
    said = texts(bench.checked(app))
    assert "1 key repeats in cities.csv: 30 rows would become 39." in said
    app.radio(key=f"join-repeats-{place}").set_value("mean").run()
    assert "Rows after 30 as many" in texts(bench.checked(app))
    bench.click(app, "join-keep")
    joined = bench.workspace.datasets()[0]
    table = bench.workspace.frame(joined.id)
    assert table.loc[table["city"] == "002", "people"].unique().tolist() == [4.0]
    step = joined.report.options["plan"]["steps"][1]
    assert (step["keys"][0]["compare"], step["repeats"]) == ("number", "mean")


def test_where_nothing_matches_as_it_is_the_way_that_does_is_chosen(bench, tmp_path) -> None:
    for name, towns in (("shops", ["RIGA", "OSLO", "BONN"] * 8), ("towns", ["Riga", "Oslo", "Bonn"])):
        pd.DataFrame({"town": towns, name: range(len(towns))}).to_csv(tmp_path / f"{name}.csv", index=False)
        bench.dataset(tmp_path / f"{name}.csv", f"{name}.csv")
    app = bench.open("data", show=TAB)
    assert next(r for r in app.radio if r.key.startswith("join-as-")).value == "folded"
    assert "Every row of shops.csv is found in towns.csv" in texts(app)


def test_undo_and_refresh_in_the_middle(bench, tables) -> None:
    app = bench.open("data", show=TAB)
    bench.click(app, "join-more")
    address = app.query_params["steps"]
    again = bench.open("data", show=TAB, steps=address if isinstance(address, str) else address[0])
    assert "+ clients.csv" in texts(again)
    bench.click(again, "join-undo")
    assert "+ clients.csv" not in texts(again)
    assert again.selectbox(key="join-left").value == tables["orders"].id
    assert "join-left" in [s.key for s in bench.open("data", show=TAB, steps="nonsense").selectbox]


def test_columns_and_suffix_are_chosen(bench, tmp_path) -> None:
    for name, size in (("trips", 30), ("cars", 10)):
        frame = pd.DataFrame({"car": [f"C{i % 10}" for i in range(size)], "year": 2000, "<b>x</b>": 1.5, "n": range(size)})
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        bench.dataset(tmp_path / f"{name}.csv", f"{name}.csv")
    app = bench.open("data", show=TAB)
    place = next(r.key for r in app.radio if r.key.startswith("join-how-")).removeprefix("join-how-")
    app.multiselect(key=f"join-columns-{place}-3").set_value(["year", "<b>x</b>"]).run()
    app.text_input(key=f"join-suffix-{place}").input("_of car").run()
    bench.click(bench.checked(app), "join-keep")
    joined = bench.workspace.datasets()[0]
    assert list(bench.workspace.frame(joined.id).columns) == ["car", "year", "<b>x</b>", "n", "year_of car", "<b>x</b>_of car"]


def test_it_is_joined_again_when_a_table_has_a_newer_version(bench, two, tmp_path) -> None:
    app = bench.click(bench.open("data", show=TAB), "join-keep")
    joined = bench.workspace.datasets()[0]
    assert "All tables are the latest versions" in texts(bench.open("data", dataset=joined.id, part="Joined from"))
    pd.DataFrame({"client": ["K0", "K1"], "city": ["000", "001"]}).to_parquet(tmp_path / "clients.parquet")
    bench.dataset(tmp_path / "clients.parquet", "clients.csv")
    app = bench.open("data", dataset=joined.id, part="Joined from")
    assert "version 1; version 2 is there" in texts(app)
    bench.click(app, "join-refresh")
    newest = bench.workspace.datasets()[0]
    assert (newest.name, newest.version) == (joined.name, 2)
    assert "clients.csv: 20.0 % of the rows found a partner, 100 % before." in [n.message for n in newest.report.notes]


def test_the_flight_samples_open_the_join(bench) -> None:
    for page in ("data", "home"):
        app = bench.open(page)
        if "sample-group-nycflights13" in [b.key for b in app.button]:
            bench.click(app, "sample-group-nycflights13")
            assert not app.error
            assert "join-left" in [s.key for s in app.selectbox]
    assert len(bench.workspace.datasets()) == 5


def test_a_name_that_is_taken_is_said_before_it_is_kept(bench, two) -> None:
    app = bench.open("data", show=TAB)
    name = next(t for t in app.text_input if t.label == "Name of the joined table")
    assert "already" not in texts(app)
    name.set_value("clients.csv").run()
    assert "There is a table of this name already: this one becomes its version 2, and version 1 stays." in texts(app)
