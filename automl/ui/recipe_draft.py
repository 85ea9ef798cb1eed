"""The recipe of a draft: the proposed one until it is edited; then its own, with what undo and redo go back to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from automl.data import clean
from automl.preview import Trace, trace
from automl.spec import switched
from automl.types import (
    BuildSpec,
    Dataset,
    ModelVersion,
    Problem,
    Recipe,
    from_dict,
    from_json,
    to_dict,
    to_json,
)
from automl.ui import actions
from automl.ui.state import workspace

MOST_UNDO = 20
OURS = ("recipe", "recipe_past", "recipe_future")


def current(spec: BuildSpec, draft: dict[str, Any]) -> Recipe:
    """The recipe as the draft stands."""
    if "recipe" in draft:
        return from_dict(draft["recipe"], Recipe)
    return clean.in_order(switched(spec.recipe, draft.get("off", ()), draft.get("on", ())))


def is_edited(draft: dict[str, Any]) -> bool:
    """Whether the user made it their own."""
    return "recipe" in draft


def edit(model: ModelVersion, spec: BuildSpec, recipe: Recipe) -> None:
    """Keep a changed recipe; undo brings the one before back."""
    draft = dict(workspace().model(model.id).draft)
    before = current(spec, draft)
    past = [*draft.get("recipe_past", ()), to_dict(before)][-MOST_UNDO:]
    draft |= {"recipe": to_dict(clean.in_order(recipe)), "recipe_past": past, "recipe_future": []}
    workspace().update_model(model.id, draft=_keeping(draft, before, recipe))


def _keeping(draft: dict[str, Any], before: Recipe, after: Recipe) -> dict[str, Any]:
    """The draft, in which useless columns that the recipe leaves out no more are learned from."""

    def dropped(recipe: Recipe) -> set[str]:
        return {c for s in recipe.steps if s.op == "drop_columns" and s.enabled for c in s.columns}

    kept = (set(draft.get("kept", ())) | dropped(before)) - dropped(after)
    return {**{k: v for k, v in draft.items() if k != "kept"}, **({"kept": sorted(kept)} if kept else {})}


def undo(model: ModelVersion, spec: BuildSpec) -> None:
    """Take the last edit back."""
    _step(model, spec, "recipe_past", "recipe_future")


def redo(model: ModelVersion, spec: BuildSpec) -> None:
    """Do the edit again that was taken back last."""
    _step(model, spec, "recipe_future", "recipe_past")


def _step(model: ModelVersion, spec: BuildSpec, source: str, other: str) -> None:
    draft = dict(workspace().model(model.id).draft)
    waiting = list(draft.get(source, ()))
    if not waiting:
        return
    before = current(spec, draft)
    draft[other] = [*draft.get(other, ()), to_dict(before)][-MOST_UNDO:]
    draft["recipe"] = waiting.pop()
    draft[source] = waiting
    workspace().update_model(model.id, draft=_keeping(draft, before, current(spec, draft)))


def proposed_again(model: ModelVersion, spec: BuildSpec) -> None:
    """Go back to the proposed steps; undo brings the edited ones back."""
    edit(model, spec, spec.recipe)


def look(dataset: Dataset, recipe: Recipe, problem: Problem) -> Trace:
    """The recipe gone through on the data set, kept by content."""
    away = sorted(clean.excluded(dataset.columns, problem))
    return _trace(
        str(workspace().home), dataset.id, dataset.digest, actions.kinds_of(dataset), to_json(recipe), problem.target,
        tuple(away),
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=24)
def _trace(
    home: str, id: str, digest: str, kinds: tuple[str, ...], recipe: str, target: str, away: Iterable[str]
) -> Trace:
    dataset = workspace().dataset(id)
    return trace(
        actions.frame(dataset), dataset.columns, from_json(recipe, Recipe), target, away, rows=dataset.rows
    )
