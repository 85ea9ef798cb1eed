"""Keys that are proposed for a join."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.suggest import suggest, suggest_keys


def pairs(found):
    return [[(k.left, k.right, k.compare) for k in s.keys] for s in found]


def test_names_that_mean_the_same():
    orders = pd.DataFrame({"order": range(40), "customer_id": np.arange(40) % 9, "amount": 1.5})
    clients = pd.DataFrame({"id": range(10), "city": ["Riga", "Oslo"] * 5})
    found = suggest(orders, clients, "clients")
    assert pairs(found)[0] == [("customer_id", "id", "same")]
    assert found[0].reason == "100 % of the values are found, and it tells the rows of clients apart"
    planes = pd.DataFrame({"tail_number": ["N1", "N2", "N3"], "seats": [1, 2, 3]})
    assert suggest_keys(pd.DataFrame({"tailnum": ["N1", "N2", "N2"]}), planes) == [("tailnum", "tail_number")]


def test_several_columns_where_one_does_not_tell_rows_apart():
    left = pd.DataFrame({"site": ["a", "b", "a", "b"], "day": [1, 1, 2, 2], "v": [0.5] * 4})
    right = pd.DataFrame({"site": ["a", "b"] * 3, "day": [1, 1, 2, 2, 3, 3], "rain": [0.1] * 6})
    assert pairs(suggest(left, right))[0] == [("site", "site", "same"), ("day", "day", "same")]


def test_keys_that_repeat_are_said_to():
    left = pd.DataFrame({"city": ["a", "b", "c"]})
    right = pd.DataFrame({"city": ["a", "a", "b", "b", "c", "c"], "who": list("uvwxyz")})
    found = suggest(left, right, "people")
    assert pairs(found) == [[("city", "city", "same")]]
    assert not found[0].tells_apart
    assert "but 2.0 rows of people share a value on average" in found[0].reason


def test_values_alone_and_types_that_differ():
    left = pd.DataFrame({"destination": ["JFK", "LGA", "EWR", "JFK"]})
    right = pd.DataFrame({"faa": ["JFK", "LGA", "EWR", "SFO"], "alt": [1.5, 2.5, 3.5, 4.5]})
    assert suggest_keys(left, right) == [("destination", "faa")]
    codes = pd.DataFrame({"code": ["007", "012", "015"]})
    numbers = pd.DataFrame({"code": [7, 12, 15], "x": list("abc")})
    assert pairs(suggest(codes, numbers))[0] == [("code", "code", "number")]


def test_nothing_fits():
    assert suggest(pd.DataFrame({"a": [1.5]}), pd.DataFrame({"b": ["x"]})) == []
    assert suggest(pd.DataFrame({"a": [1, 2]}).iloc[:0], pd.DataFrame({"a": [1, 2]})) == []


def test_keys_that_hardly_multiply_rows_come_before_those_that_do() -> None:
    sales = pd.DataFrame({"shop": [f"{i % 11 + 1:03d}" for i in range(300)], "month": [i % 6 + 1 for i in range(300)]})
    plan = pd.DataFrame([(f"{s:03d}", m, 1.0) for s in range(1, 9) for m in range(1, 7)], columns=["shop", "month", "goal"])
    found = suggest(sales, pd.concat([plan, plan.head(5)], ignore_index=True))
    assert [k.left for k in found[0].keys] == ["shop", "month"]
    assert found[0].rows_a_key < 1.2
