"""Which data sets get a card."""

from __future__ import annotations

from automl.types import Dataset, ReadReport
from automl.ui.cards import latest


def dataset(id: str, series: str, version: int) -> Dataset:
    return Dataset(id, "p", "t.csv", version, "", 1, (), ReadReport("csv"), series=series)


def test_only_the_latest_version_of_a_data_set_gets_one() -> None:
    entries = [dataset("d3", "a", 3), dataset("d9", "b", 1), dataset("d1", "a", 1), dataset("d2", "a", 2)]
    assert [d.id for d in latest(entries)] == ["d3", "d9"]
