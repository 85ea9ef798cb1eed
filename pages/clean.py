"""Clean: edit the recipe of a draft, step by step."""

from __future__ import annotations

from automl.ui import header, recipe_editor

opened = header.open_model()
if opened is not None:
    recipe_editor.show(opened)
