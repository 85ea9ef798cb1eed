"""What is said of a join before it is done."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.doctor import Repeat, examine, hint, mismatch, said, ways
from automl.types import JoinKey, JoinStep

ORDERS = pd.DataFrame({"client": ["a", "a", "b", "x", "x", "y", None], "sum": range(7)})
CLIENTS = pd.DataFrame({"id": ["a", "a", "b", "c", None], "city": ["Riga", "Oslo", "Rome", "Bern", "Nice"]})
STEP = JoinStep("", "clients", (JoinKey("client", "id"),), "left")


def test_matches_missing_repeats_and_orphans():
    check = examine(ORDERS, CLIENTS, STEP)
    assert (check.rows_left, check.rows_right, check.rows_out) == (7, 5, 9)
    assert (check.matched_left, check.matched_right) == (3, 3)
    assert (check.missing_left, check.missing_right) == (1, 1)
    assert (check.repeated, check.multiplied) == (1, 2)
    assert check.top == (Repeat("a", 2, 2),)
    assert check.orphans_left == (("x", 2), ("y", 1))
    assert check.orphans_right == (("c", 1),)
    text = " ".join(t for _, t in said(check, STEP, "orders", "clients"))
    assert "42.9 % of the 7 rows of orders found a partner; 9 rows came out" in text
    assert "One key repeats in clients, which adds 2 rows" in text
    assert "1 row of orders and 1 row of clients have no key" in text


def test_bringing_a_key_down_to_one_row():
    step = JoinStep("", "clients", STEP.keys, "left", {}, "first")
    check = examine(ORDERS, CLIENTS, step)
    assert (check.rows_out, check.multiplied, check.matched_right) == (7, 0, 3)


def test_right_joins_multiply_where_the_left_repeats():
    step = JoinStep("", "clients", STEP.keys, "right")
    check = examine(ORDERS, CLIENTS, step)
    assert check.rows_out == len(ORDERS.dropna().merge(CLIENTS, left_on="client", right_on="id", how="right"))
    assert check.multiplied == 2


def test_a_mismatch_is_explained_with_values_and_ways_out():
    text, number = pd.Series(["007", "012", "x"]), pd.Series([7, 12, 13])
    assert mismatch(text, number, ("code", "id")) == (
        "'code' is text (such as “007”) and 'id' is a number (such as “7”)."
    )
    assert mismatch(pd.Series(["12", "007"]), number, ("id", "id")) == (
        "'id' of the rows so far is text (such as “007”) and 'id' of the added table is a number (such as “7”)."
    )
    assert mismatch(number, number * 1.0, ("a", "b")) is None
    found = {w.compare: w.found for w in ways(text, number)}
    assert set(found) == {"number", "zeros", "text"}
    assert found["number"] == found["zeros"] == 2 / 3
    assert found["text"] == 0
    dates = pd.Series(pd.to_datetime(["2024-01-31 10:15", "2024-02-01 11:00"]))
    assert ways(pd.Series(["31/01/2024", "01/02/2024"]), dates)[0].compare == "day"


def test_case_and_spaces_are_pointed_out():
    left, right = pd.Series(["New York ", "Riga", "oslo"]), pd.Series(["new york", "Riga", "Oslo"])
    way, why = hint(left, right, "same")
    assert way.compare == "folded"
    assert way.found == 1
    assert "“New York” and “new york” would match" in why
    assert "100 % of the rows instead of 33.3 %" in why
    assert hint(left, right, "folded") is None
    assert hint(pd.Series([1]), pd.Series(["1"]), "same") is None


def test_empty_tables():
    nothing = CLIENTS.iloc[:0]
    check = examine(ORDERS, nothing, STEP)
    assert (check.rows_out, check.matched_left, check.found_left, check.found_right) == (7, 0, 0.0, 0.0)
    assert ways(pd.Series([np.nan]), pd.Series(["a"]))[0].found == 0
