from __future__ import annotations

import numpy as np
import pytest

from automl.engine.plan import Slots, portfolio, room_mb, rows_within, slots_within
from automl.errors import ProblemError
from automl.features.rich import has_names
from automl.types import Budget, Task


def test_each_family_has_its_best_default_first():
    first = portfolio(("linear", "lightgbm", "mlp"), Task.BINARY, 1000, 10, 2)[:4]
    assert [c.family for c in first] == ["prior", "linear", "lightgbm", "mlp"]
    assert [c.number for c in first] == [0, 1, 2, 3]
    assert first[2].params.get("features") is None


def test_names_bring_rich_features_first():
    boosters = portfolio(("lightgbm", "xgboost"), Task.REGRESSION, 1000, 10, 0, True)[1:3]
    assert [c.params["features"] for c in boosters] == ["rich", "rich"]


def test_names_are_found_by_what_their_rows_have_in_common():
    rng = np.random.default_rng(0)
    shop = rng.integers(0, 150, 3000)
    own = rng.normal(size=150)[shop][:, None]
    noise = rng.normal(size=(3000, 1))
    words = np.array([f"shop {i}" for i in shop], dtype=object)
    for values, kind in [(shop.astype(float), "numeric"), (words, "categorical"), (words, "text")]:
        assert has_names({"shop": values}, {"shop": kind}, own + 0.3 * noise)
    assert not has_names({"shop": shop.astype(float)}, {"shop": "numeric"}, noise)
    assert not has_names({"shop": shop.astype(float)}, {"shop": "numeric"}, shop[:, None] + noise)  # an order
    assert not has_names({"size": noise[:, 0]}, {"size": "numeric"}, noise)


def within(memory_mb, rows, columns, **more):
    budget = Budget(memory_mb=memory_mb, threads=2, **more)
    return slots_within(budget, rows, columns), rows_within(budget, rows, columns)


def test_a_memory_limit_that_is_large_enough_changes_nothing():
    assert within(None, 4000, 20) == within(1500, 4000, 20) == (Slots(2, 1), None)
    assert within(1500, 300_000, 20) == (Slots(1, 2), None)
    assert within(1500, 300_000, 20, max_rows=50_000) == (Slots(1, 2), 50_000)


def test_no_more_processes_than_candidates():
    assert within(None, 4000, 20, candidates=1)[0] == Slots(1, 1)
    assert within(None, 4000, 20, candidates=5)[0] == Slots(2, 1)


def test_little_memory_fits_one_at_a_time_and_then_some_of_the_rows():
    assert within(500, 4000, 20) == (Slots(1, 2), None)
    slots, rows = within(700, 300_000, 20)
    assert slots == Slots(1, 2)
    assert 20_000 < rows < 150_000 and rows % 100 == 0
    assert within(800, 300_000, 20)[1] > rows
    # what is left for a fit of these rows is what the smallest fit and its features need
    assert 60 <= room_mb(700, 300_000, 20, 1, rows) < 150


def test_so_many_rows_are_learned_from_as_the_time_allows():
    assert rows_within(Budget(5, threads=2), 300_000, 100) == 150_000
    assert rows_within(Budget(5, threads=2), 300_000, 100, words=50) == 100_000
    assert rows_within(Budget(10, threads=2), 300_000, 100) is None
    assert rows_within(Budget(5, threads=2), 2_000, 30_000) == 1_000  # at least
    assert rows_within(Budget(5, candidates=3, threads=2), 300_000, 100) is None  # the same build on any machine


def test_too_little_memory_is_refused_with_what_would_do():
    with pytest.raises(ProblemError, match="50 MB of memory are too few for 4,000 rows and 20 columns"):
        within(50, 4000, 20)
    with pytest.raises(ProblemError, match="Allow at least 650 MB"):
        within(400, 300_000, 20)
    assert within(650, 300_000, 20)[1] >= 1000
