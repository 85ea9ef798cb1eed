"""What can be done with a whole recipe: download, upload, save, take another one, keep the cleaned table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.data import clean, words
from automl.data.clean import document
from automl.errors import ForetableError
from automl.store import recipes
from automl.types import BuildSpec, Dataset, ModelVersion, Note, ReadReport, Recipe, from_dict
from automl.ui import actions, recipe_draft, widgets
from automl.ui.boundary import failing_softly
from automl.ui.state import go, project, workspace

MOST_MODELS = 40


def show(model: ModelVersion, spec: BuildSpec, dataset: Dataset, recipe: Recipe) -> None:
    """The content of the menu "More"."""
    st.download_button(
        "Download the recipe", document.dump(recipe, model.name), f"{actions.file_name(model.name)}-recipe.json",
        mime="application/json", icon=":material/download:", key="recipe-download", on_click="ignore", width="stretch",
    )  # fmt: skip
    _upload(model, spec)
    _use(model, spec)
    _save(model, recipe)
    st.divider()
    if st.button("Keep the cleaned table", key="recipe-keep", width="stretch", icon=":material/table:"):
        with st.spinner("Writing the table"):
            made = keep(dataset, recipe)
        go("data", dataset=made.id)
    widgets.muted("A new data set with these steps done, '" + widgets.short(spec.problem.target, 30) + "' included, and "
                  "without the rows they leave out. What is learned is not done to it.")  # fmt: skip
    st.button(
        "Back to the proposed steps", key="recipe-reset", type="tertiary", width="stretch",
        on_click=failing_softly(recipe_draft.proposed_again), args=(model, spec),
    )  # fmt: skip


def _upload(model: ModelVersion, spec: BuildSpec) -> None:
    sent = st.file_uploader("Upload a recipe", type="json", key=f"recipe-upload-{model.id}", max_upload_size=5)
    if sent is None or st.session_state.get("recipe-uploaded") == sent.file_id:
        return
    try:
        loaded = document.load(sent.getvalue().decode("utf-8-sig", errors="replace"))
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
        return
    st.session_state["recipe-uploaded"] = sent.file_id
    recipe_draft.edit(model, spec, loaded)
    _taken(loaded)
    st.rerun()


def known(model: ModelVersion) -> dict[str, tuple[str, Recipe]]:
    """The recipes that can be used: saved ones, and those of other models, by a key."""
    found = {r.id: (r.name, r.recipe) for r in recipes.saved(workspace(), project().id)}
    for other in workspace().models(project())[:MOST_MODELS]:
        if other.id == model.id:
            continue
        name = f"of the model {widgets.short(other.name, 40)}, version {other.number}"
        if other.spec is not None and other.spec.recipe.steps:
            found[other.id] = (name, other.spec.recipe)
        elif "recipe" in other.draft:
            found[other.id] = (name, from_dict(other.draft["recipe"], Recipe))
    return found


def _use(model: ModelVersion, spec: BuildSpec) -> None:
    found = known(model)
    if not found:
        return
    key = st.selectbox(
        "Use the recipe", list(found), index=None, format_func=lambda k: found[k][0], key="recipe-of",
        placeholder="Choose one",
    )  # fmt: skip
    if key and st.button("Use it", key="recipe-use", width="stretch"):
        recipe_draft.edit(model, spec, found[key][1])
        _taken(found[key][1])
        st.rerun()


def _taken(recipe: Recipe) -> None:
    many = "no step" if not recipe.steps else words.count(len(recipe.steps), "step")
    st.toast(f"This recipe with {many} took the place of the one before. Undo brings that back.")


def _save(model: ModelVersion, recipe: Recipe) -> None:
    name = st.text_input("Save it with a name", model.name, key=f"recipe-name-{model.id}", max_chars=80)
    if st.button("Save", key="recipe-store", disabled=not name.strip(), width="stretch"):
        recipes.save(workspace(), project().id, name, recipe)
        st.toast(f"Saved as {widgets.plain(widgets.short(name))}.")


def keep(dataset: Dataset, recipe: Recipe) -> Dataset:
    """The table after the steps as a new data set; of one too large for memory, a sample."""
    table = actions.frame(dataset)
    kept = clean.training_row_mask(table, recipe)
    made = clean.apply_steps(table, recipe)[kept].reset_index(drop=True)
    said = [f"Made from '{widgets.short(dataset.name, 60)}', version {dataset.version}, by a cleaning recipe."]
    if actions.is_sampled(dataset):
        said.append(f"From a random sample of {wording.count(len(table))} of {wording.count(dataset.rows)} rows.")
    said += [f"{s.title}." for s in recipe.steps if s.enabled and not s.learned]
    if not kept.all():
        said.append(f"{wording.count(int((~kept).sum()))} rows left out.")
    report: dict[str, Any] = {"notes": tuple(Note("cleaned", text) for text in said)}
    return actions.add_table(made, f"{dataset.name} cleaned", ReadReport("frame", **report), origin="cleaned")
