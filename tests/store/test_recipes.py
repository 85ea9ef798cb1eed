from __future__ import annotations

import pytest

from automl.data.clean import OPS
from automl.errors import StoreError
from automl.store import recipes
from automl.store.migrations import DEFAULT_PROJECT
from automl.types import Recipe


def test_saved_replaced_and_forgotten(workspace):
    first = Recipe((OPS["trim"].new(("a",)),))
    second = Recipe((OPS["formula"].new(name="x", formula="a * 2"),))
    recipes.save(workspace, DEFAULT_PROJECT, "  Tidy   up ", first)
    kept = recipes.save(workspace, DEFAULT_PROJECT, "Tidy up", second)
    other = recipes.save(workspace, workspace.add_project("Other").id, "Tidy up", first)
    assert [(r.name, r.recipe) for r in recipes.saved(workspace, DEFAULT_PROJECT)] == [("Tidy up", second)]
    recipes.forget(workspace, kept.id)
    assert recipes.saved(workspace, DEFAULT_PROJECT) == []
    assert recipes.saved(workspace, "nobody") == []
    assert other.recipe == first
    with pytest.raises(StoreError, match="needs a name"):
        recipes.save(workspace, DEFAULT_PROJECT, "  ", first)
