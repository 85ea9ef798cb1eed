"""What differs between two versions of a table, in sentences with the numbers in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.compare import Side, compare
from automl.data.profile import profile
from automl.types import ColumnKind, replace
from tests.conftest import customers


def side(frame: pd.DataFrame, **kinds: ColumnKind) -> Side:
    columns = tuple(replace(c, kind=kinds.get(c.name, c.kind)) for c in profile(frame))
    return Side(columns, len(frame), frame)


def changes(before: pd.DataFrame, after: pd.DataFrame) -> dict[tuple[str, str], str]:
    return {(c.code, c.column): c.message for c in compare(side(before), side(after)).changes}


def test_the_same_table_has_no_difference() -> None:
    found = compare(side(customers()), side(customers()))
    assert found.changes == ()
    assert (found.rows_before, found.rows_after, found.same) == (300, 300, 9)


def test_columns_that_come_go_and_are_called_otherwise() -> None:
    before, after = customers(300, seed=1), customers(400, seed=2)
    after = after.rename(columns={"Day Minutes": "minutes_per_day", "plan": "tariff", "churn": "Churn"})
    after = after.drop(columns="country").assign(region=["north", "south"] * 200)
    found = changes(before, after)
    assert "'Day Minutes' is probably called 'minutes_per_day' now" in found["renamed", "minutes_per_day"]
    assert found["renamed", "tariff"] == "'plan' is probably called 'tariff' now: 100 % of its values are the same."
    assert found["renamed", "Churn"] == "'churn' is called 'Churn' now: it is only written another way."
    assert found["gone", "country"] == "'country' is gone (category). Models that learned from it miss it."
    assert found["new", "region"] == "'region' is new (category, such as 'north' and 'south')."
    assert compare(side(before), side(after)).rows_after == 400


def test_a_new_column_of_other_values_is_no_renamed_one() -> None:
    rng = np.random.default_rng(0)
    before = pd.DataFrame({"a": rng.normal(0, 1, 200), "t": ["x", "y"] * 100})
    after = pd.DataFrame({"b": rng.normal(50, 1, 200), "u": ["p", "q"] * 100})
    assert {code for code, _ in changes(before, after)} == {"gone", "new"}


def test_a_number_is_never_taken_for_a_text() -> None:
    found = changes(pd.DataFrame({"a": [1, 2, 3]}), pd.DataFrame({"b": ["1", "2", "3"]}))
    assert set(found) == {("gone", "a"), ("new", "b")}


def test_of_several_the_likest_pair_is_chosen() -> None:
    before = pd.DataFrame({"city": ["Oslo", "Rome", "Riga", "Bonn"] * 5, "town": ["Oslo", "Rome", "Kyiv", "Bern"] * 5})
    after = before.rename(columns={"city": "City name", "town": "Town name"})
    found = compare(side(before), side(after)).of("renamed")
    assert {(c.was, c.column) for c in found} == {("city", "City name"), ("town", "Town name")}


def test_new_categories_and_those_that_are_gone() -> None:
    before = pd.DataFrame({"plan": ["a", "b", "c", "c"] * 10})
    after = pd.DataFrame({"plan": ["a", "b", "gold", "b"] * 10})
    found = compare(side(before), side(after)).of("categories")
    assert [c.message for c in found] == [
        "'plan' has 1 new category: 'gold' (25.0 % of its values).",
        "In 'plan' 'c' does not occur any more.",
    ]


def test_ranges_that_grew() -> None:
    before = pd.DataFrame({"age": [*range(18, 68)] * 2, "when": [*pd.date_range("2024-01-01", periods=50)] * 2})
    after = pd.DataFrame({"age": [*range(20, 70)] * 2, "when": [*pd.date_range("2024-02-01", periods=50)] * 2})
    found = changes(before, after)
    assert found["range", "age"] == "'age' goes from 20 to 69, before from 18 to 67: 4.0 % of its values lie outside."
    assert "'when' goes from 2024-02-01 to 2024-03-21, before from 2024-01-01" in found["range", "when"]
    assert changes(after, after.head(10)) == {}


def test_another_kind_and_gaps() -> None:
    before = side(pd.DataFrame({"age": [31.5, 45, 27, 60] * 10}))
    after = side(pd.DataFrame({"age": ["31", "45", "unknown", None] * 10}), age=ColumnKind.CATEGORICAL)
    found = [c.message for c in compare(before, after).changes]
    assert found == [
        "'age' was a number and is a category now.",
        "'age': 25.0 % of its cells have no value, before 0 %.",
    ]


def test_hostile_names_and_empty_columns() -> None:
    names = ["<script>", "a" * 300, "'; --", "=1"]
    before = pd.DataFrame({n: [None, None] for n in names})
    after = pd.DataFrame({f"{n}!x": [None, None] for n in names})
    found = compare(side(before), side(after))
    assert {c.code for c in found.changes} == {"gone", "new"}
    assert all(len(c.message) < 120 for c in found.changes)
