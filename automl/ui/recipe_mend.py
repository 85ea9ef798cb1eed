"""Steps of a recipe from elsewhere whose columns are not in this table: say what they are called here, once for all steps."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from automl.data.clean import OPS, op_of
from automl.data.renamed import likeness
from automl.preview import Trace
from automl.types import BuildSpec, Dataset, ModelVersion, Recipe, Step, replace
from automl.ui import recipe_draft, widgets
from automl.ui.boundary import failing_softly

MOST_SHOWN = 12
LIKELY = 0.6  # from this likeness of names on, a column is offered at first
REASON = "So that the steps below find the columns that they were written for."


def missing(found: Trace, known: Collection[str]) -> list[str]:
    """Columns that switched-on steps name and the data set (`known`) has not; none where every step fits all the same."""
    fatal, other = [], []
    made = {n for step in found.recipe.steps if step.enabled for n in _made(step)}
    for step, look in zip(found.recipe.steps, found.looks, strict=True):
        if not step.enabled or step.op == "drop_columns" or not look.issue:
            continue
        lacking = [n for n in op_of(step).columns(step) if n not in known and n not in look.flows and n not in made]
        (fatal if look.fatal else other).extend(lacking)
    return list(dict.fromkeys((*fatal, *other))) if fatal else []


def _made(step: Step) -> list[str]:
    """Columns that a step makes: those that later steps want are no columns of the file."""
    names = [step.params["name"]] if step.op == "formula" else list(step.params.get("names", {}).values())
    return names + [f"{n} {part}" for n in step.columns for part in step.params.get("parts", ())]


def show(model: ModelVersion, spec: BuildSpec, dataset: Dataset, found: Trace) -> None:
    """The card, where steps do not fit for want of columns."""
    lacking = missing(found, {c.name for c in dataset.columns})
    first = found.looks[0].flows if found.looks else {}
    used = {n for step in found.recipe.steps for n in op_of(step).columns(step)}
    free = [n for n in first if n not in used] + [n for n in first if n in used]
    if not lacking or not free:
        return
    with st.container(border=True, key="recipe-mend"):
        one = len(lacking) == 1
        widgets.card_title("A column has another name here, or is gone" if one else f"{len(lacking)} columns have another name here, or are gone")
        widgets.muted("Say what it is called, and a step that renames it comes first; files to predict keep their own names. Or edit, switch off or delete the steps marked below.")
        names: dict[str, str] = {}
        for name in lacking[:MOST_SHOWN]:
            likely = max(free, key=lambda n, name=name: likeness(n, name))
            at = free.index(likely) if likeness(likely, name) >= LIKELY and likely not in names and likely not in used else None
            own = st.selectbox(
                f"{widgets.label(name, 40)} is called here", free, index=at, placeholder="Choose its column",
                format_func=widgets.short, key=f"recipe-mend-{model.id}-{name}",
            )  # fmt: skip
            if own in names:
                st.warning(f"'{widgets.plain(own)}' stands for another column already.", icon=":material/error:")
            elif own is not None:
                names[own] = name
        st.button(
            "Rename first", key="recipe-mend-rename", disabled=not names, icon=":material/drive_file_rename_outline:",
            on_click=failing_softly(_rename), args=(model, spec, found.recipe, names),
        )  # fmt: skip


def _rename(model: ModelVersion, spec: BuildSpec, recipe: Recipe, names: dict[str, str]) -> None:
    """Put a step that gives columns the names of the recipe before all others."""
    step = replace(OPS["rename"].new(names=names), reason=REASON)
    recipe_draft.edit(model, spec, Recipe((step, *recipe.steps)))
