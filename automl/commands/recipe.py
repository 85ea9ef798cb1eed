"""Recipes from files, for the commands that take one."""

from __future__ import annotations

from pathlib import Path

from automl.types import Recipe


def load(path: str) -> Recipe:
    """The recipe of a file; raises RecipeError, one sentence, when it is none."""
    from automl.data.clean import document
    from automl.errors import RecipeError

    try:
        return document.load(Path(path).read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as e:
        raise RecipeError(f"'{path}' is no recipe: it is not text in UTF-8.") from e
