"""Recipes as files: a mistake gets a sentence that names the step."""

from __future__ import annotations

import json

import pytest

from automl.data.clean import OPS
from automl.data.clean.document import dump, load
from automl.errors import RecipeError
from automl.types import Recipe


def test_written_by_hand_only_what_is_needed() -> None:
    steps = [{"op": "impute", "columns": ["age"]}, {"op": "formula", "params": {"name": "x", "formula": "age * 2"}}]
    recipe = load(json.dumps({"steps": steps}))
    assert [s.op for s in recipe.steps] == ["formula", "impute"]  # what is learned comes last
    assert recipe.steps[1].learned and recipe.steps[1].enabled
    assert recipe.steps[0].title == "Compute 'x'"
    assert load(json.dumps(steps)) == recipe
    assert load(dump(recipe, "two steps")) == recipe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is not JSON. Line 1"),
        ("[" * 100_000, "it is not JSON"),
        ('"a"', 'no list of "steps"'),
        ('{"steps": {}}', 'no list of "steps"'),
        ('{"foretable_recipe": 2, "steps": []}', "newer version"),
        ('{"steps": [3]}', "Step 1 of the recipe is no step"),
        ('{"steps": [{"op": "trim", "columns": ["a"]}, {"op": "dorp_columns", "columns": ["a"]}]}', "Did you mean 'drop_columns'"),
        ('{"steps": [{"op": "trim", "columns": "a"}]}', "“trim”: \"columns\" must be a list"),
        ('{"steps": [{"op": "trim", "columns": [1]}]}', "must be a name"),
        ('{"steps": [{"op": "trim", "columns": ["a"], "when": 1}]}', "Step 1 of the recipe, “trim”"),
        ('{"steps": [{"op": "formula", "title": "Sum", "params": {"name": "x", "formula": "a +* b ("}}]}', "“Sum”"),
        ('{"steps": [{"op": "formula", "params": {"name": "x", "formula": "a ` b"}}]}', "Position 3"),
        ('{"steps": [{"op": "clip_outliers", "columns": ["a"], "params": {"method": "magic"}}]}', "one of 'iqr'"),
        ('{"steps": [{"op": "clip_outliers", "columns": ["a"], "params": {"factor": -1}}]}', "from 0.1 to 100"),
        ('{"steps": [{"op": "replace", "columns": ["a"], "params": {"pairs": [["a"]]}}]}', "a list of pairs"),
    ],
)  # fmt: skip
def test_what_is_no_recipe(text, said) -> None:
    with pytest.raises(RecipeError) as found:
        load(text)
    assert said in str(found.value)
    assert str(found.value).endswith((".", "?"))


def test_too_many_steps() -> None:
    with pytest.raises(RecipeError, match="at most 200"):
        load(dump(Recipe((OPS["trim"].new(("a",)),) * 201)))
