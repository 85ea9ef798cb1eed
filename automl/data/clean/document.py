"""A recipe as a JSON file: written, read, and checked with a sentence that names the step."""

from __future__ import annotations

import json
from typing import Any

from automl.data.clean.apply import op_of
from automl.data.clean.flow import in_order
from automl.data.words import shorten
from automl.errors import ForetableError, RecipeError
from automl.types import Recipe, Step, from_dict, replace, to_dict

FORMAT = 1
MOST_STEPS = 200
MOST_CHARACTERS = 5_000_000


def dump(recipe: Recipe, name: str = "") -> str:
    """A recipe as the text of a file."""
    steps = [to_dict(step) for step in recipe.steps]
    document = {"foretable_recipe": FORMAT, "name": name, "steps": steps}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def load(text: str) -> Recipe:
    """Read a file that `dump` wrote, or that was written by hand: only `op` and what it needs must be there.

    Raises
    ------
    RecipeError
        It is no recipe; the sentence names the step.
    """
    if len(text) > MOST_CHARACTERS:
        raise RecipeError("This file is too large to be a recipe.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as e:
        where = f" Line {e.lineno}: {e.msg}." if isinstance(e, json.JSONDecodeError) else ""
        raise RecipeError(f"This is no recipe: it is not JSON.{where}") from e
    if isinstance(document, list):
        document = {"steps": document}
    if not isinstance(document, dict) or not isinstance(document.get("steps"), list):
        raise RecipeError('This is no recipe: it has no list of "steps".')
    version = document.get("foretable_recipe", FORMAT)
    if not isinstance(version, int) or version > FORMAT:
        raise RecipeError("This recipe was written by a newer version of Foretable. Update Foretable.")
    if len(document["steps"]) > MOST_STEPS:
        raise RecipeError(f"This recipe has {len(document['steps']):,} steps; at most {MOST_STEPS} are read.")
    return in_order(Recipe(tuple(_step(n, given) for n, given in enumerate(document["steps"], 1))))


def _step(number: int, given: Any) -> Step:
    if not isinstance(given, dict) or not isinstance(given.get("op"), str):
        raise RecipeError(f'Step {number} of the recipe is no step: it has no "op".')
    name = f"Step {number} of the recipe, “{shorten(given.get('title') or given['op'], 60)}”"
    if isinstance(given.get("columns"), str) or not isinstance(given.get("params", {}), dict):
        raise RecipeError(f'{name}: "columns" must be a list of names and "params" an object.')
    if not all(isinstance(c, str) for c in given.get("columns", ())):
        raise RecipeError(f'{name}: every entry of "columns" must be a name.')
    try:
        step = from_dict(given, Step)
        op = op_of(step)
        step = replace(step, learned=op.learned, removes_rows=op.removes_rows)
        op.check(step)
        return step if step.title and step.reason else op.named(step, "From a recipe.")
    except ForetableError as e:
        raise RecipeError(f"{name}: {e}") from e
