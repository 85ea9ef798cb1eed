"""Rows of the base table alone are completed with what a model carries."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from automl.data.carried import Carried
from automl.predict.joining import Joiner
from automl.types import JoinKey, JoinPlan, JoinStep

CLIENTS = pd.DataFrame({"id": ["007", "012"], "city": ["Riga", "Oslo"], "n": [1, 2]})
STEP = JoinStep("0.parquet", "clients", (JoinKey("client", "id"),), columns={"city": "city", "n": "n"})
BUNDLE = SimpleNamespace(
    joins=Carried(JoinPlan("", "orders", (STEP,)), (CLIENTS,)), reading={}, schema={"columns": []}
)


def test_rows_stay_in_order_and_number_whatever_their_index():
    rows = pd.DataFrame({"x": [1, 2, 3], "Client": ["012", None, "007"]}, index=[5, 5, 9])
    joiner = Joiner(BUNDLE, rows.columns)
    done = joiner.complete(rows)
    assert list(done.columns) == joiner.names == ["x", "Client", "city", "n"]
    assert done["city"].fillna("-").tolist() == ["Oslo", "-", "Riga"]
    assert done.index.tolist() == [5, 5, 9]
    assert joiner.used == {1}
    assert "66.7 % of the rows found a partner" in joiner.violations()[0].sentence


def test_in_pieces_the_outcome_is_the_same():
    rows = pd.DataFrame({"client": ["012", "x", "007", "012"]})
    whole, pieces = Joiner(BUNDLE, ["client"]), Joiner(BUNDLE, ["client"])
    parts = pd.concat([pieces.complete(rows.iloc[:1]), pieces.complete(rows.iloc[1:])])
    pd.testing.assert_frame_equal(parts, whole.complete(rows), check_dtype=False)
    assert pieces.violations() == whole.violations()


def test_joined_rows_and_rows_without_a_key():
    joined = pd.DataFrame({"client": ["012"], "City": ["Rome"], "n": [5]})
    assert Joiner(BUNDLE, joined.columns).complete(joined)["City"].tolist() == ["Rome"]
    joiner = Joiner(BUNDLE, ["x"])
    assert list(joiner.complete(pd.DataFrame({"x": [1]})).columns) == ["x"]
    assert "its key 'client' is not in the table" in joiner.violations()[0].sentence
    plain = Joiner(SimpleNamespace(joins=None), ["x"])
    assert (plain.names, plain.violations()) == (["x"], [])


def test_one_row():
    row = Joiner(BUNDLE, ["client", "x"]).complete_row({"client": "007", "x": 1})
    assert (row["city"], row["n"], row["x"]) == ("Riga", 1, 1)
    assert Joiner(BUNDLE, ["client"]).complete_row({"client": "?"})["city"] is None
