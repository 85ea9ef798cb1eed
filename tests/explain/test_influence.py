from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.explain import Explainer, influence
from automl.types import Problem, Task


class Formula:
    problem = Problem("y", Task.REGRESSION, "rmse", ())

    def predict_typed(self, t):
        word = t["word"].map({"a": 2.0, "b": -2.0}).fillna(0).to_numpy()
        return 3 * t["up"].to_numpy() - t["down"].to_numpy() + np.abs(t["bowl"].to_numpy()) + word


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(600, 4)), columns=["up", "down", "bowl", "nothing"])
    rows["word"] = pd.Series(np.array(["a", "b", "c"], dtype=object)[rng.integers(0, 3, 600)], dtype=object)
    return rows


def test_size_and_direction_of_a_known_function(rows):
    found, count = influence(Explainer(Formula(), rows, background=8), rows)
    by = {f.column: f for f in found}
    assert {n: f.direction[0] for n, f in by.items()} == {
        "up": "up", "down": "down", "bowl": "mixed", "nothing": "mixed", "word": ("a", "b"),
    }  # fmt: skip
    assert by["nothing"].size[0] == 0
    assert by["up"].size[0] > by["word"].size[0] > by["down"].size[0] > 0
    assert 0 < by["up"].error[0] < by["up"].size[0] / 4
    assert 40 <= count <= 200


def test_the_same_every_time(rows):
    first, again = (influence(Explainer(Formula(), rows, background=8), rows, seed=1)[0] for _ in range(2))
    assert [f.size.tolist() for f in first] == [f.size.tolist() for f in again]
