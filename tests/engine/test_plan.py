from __future__ import annotations

import numpy as np

from automl.engine.plan import portfolio
from automl.features.rich import has_names
from automl.types import Task


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
