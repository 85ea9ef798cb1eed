"""Recipes that were saved with a name, to be used on the next data set."""

from __future__ import annotations

import json
from dataclasses import dataclass

from automl.errors import StoreError
from automl.store import files
from automl.store.workspace import Workspace, now
from automl.types import Recipe, from_dict, to_dict

MOST_NAME = 120  # characters


@dataclass(frozen=True)
class SavedRecipe:
    """A recipe with its name."""

    id: str
    name: str
    created: str
    recipe: Recipe


def save(workspace: Workspace, project: str, name: str, recipe: Recipe) -> SavedRecipe:
    """Keep a recipe; one of the same name in the project is replaced.

    Raises StoreError when the name is empty.
    """
    name = " ".join(name.split())[:MOST_NAME]
    if not name:
        raise StoreError("The recipe needs a name.")
    saved = SavedRecipe(files.new_id("r"), name, now(), recipe)
    text = json.dumps(to_dict(recipe), ensure_ascii=False, allow_nan=False)
    with workspace.database.write() as db:
        db.execute("DELETE FROM recipes WHERE project = ? AND name = ?", (project, name))
        db.execute("INSERT INTO recipes VALUES (?, ?, ?, ?, ?)", (saved.id, project, name, saved.created, text))
    return saved


def saved(workspace: Workspace, project: str) -> list[SavedRecipe]:
    """The recipes of a project, newest first."""
    with workspace.database.read() as db:
        rows = db.execute(
            "SELECT id, name, created, recipe FROM recipes WHERE project = ? ORDER BY created DESC", (project,)
        ).fetchall()
    return [SavedRecipe(r[0], r[1], r[2], from_dict(json.loads(r[3]), Recipe)) for r in rows]


def forget(workspace: Workspace, id: str) -> None:
    """Delete a saved recipe; models that were built with it keep theirs."""
    with workspace.database.write() as db:
        db.execute("DELETE FROM recipes WHERE id = ?", (id,))
