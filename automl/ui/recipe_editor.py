"""The page that edits a recipe: steps in order, each with what it touches and what changes, side by side."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from automl import wording
from automl.data.clean import OPS, Issue, op_of, spoken
from automl.errors import ForetableError, RecipeError
from automl.preview import Look, Trace
from automl.types import BuildSpec, Dataset, ModelVersion, Recipe, Step, replace
from automl.ui import actions, header, recipe_draft, recipe_files, recipe_form, recipe_mend, tables, widgets
from automl.ui.boundary import failing_softly
from automl.ui.state import go

GROUPS = {
    "Done to every row": "Also to every row that is predicted, by the model itself.",
    "Learned from the training rows": "Worked out on the rows to learn from, never on those that test the model; after all steps above, and kept in the model.",
}
PREVIEW_ROWS = 50


def show(opened: header.Opened) -> None:
    """The whole page of a draft."""
    model, dataset = opened.model, header.dataset_of(opened)
    if opened.job is not None or dataset is None or not model.draft.get("target"):
        _nothing_to_edit(opened, dataset)
        return
    draft = dict(model.draft)
    try:
        spec = actions.proposal(dataset, draft)
    except ForetableError as e:
        header.show(opened, "Build")
        st.error(widgets.plain(str(e)), icon=":material/error:")
        _back(model)
        return
    recipe = recipe_draft.current(spec, draft)
    editing = st.session_state.get(_key(model))
    found = recipe_draft.look(dataset, recipe, spec.problem)

    def buttons() -> None:
        _history(model, spec, draft)
        with st.popover("More", key="recipe-more"):
            recipe_files.show(model, spec, dataset, found.recipe)
        if st.button("Done", type="primary", key="recipe-done", icon=":material/check:"):
            st.session_state.pop(_key(model), None)
            go("build", model=model.id)

    header.show(opened, "Build", buttons)
    st.subheader("Clean the data", anchor=False)
    widgets.muted(f"{_figures(found)} Your data set stays as it is; '{widgets.short(spec.problem.target, 40)}' is not touched.")
    recipe_mend.show(model, spec, dataset, found)
    if editing and editing["at"] is None:
        with st.container(border=True, key="recipe-form"):
            _form(model, spec, dataset, recipe, found, editing)
    else:
        _add(model, [*found.flows, spec.problem.target])
    _steps(model, spec, dataset, recipe, found, editing)
    with st.expander(f"The table after these steps · {len(found.flows) + 1} columns"):
        st.dataframe(found.table.head(PREVIEW_ROWS), hide_index=True, key="recipe-table")


def _nothing_to_edit(opened: header.Opened, dataset: Dataset | None) -> None:
    header.show(opened, "Build")
    with st.container(border=True):
        if dataset is None:
            widgets.empty("The data set was deleted", "Its recipe can't be shown on it any more.")
        elif opened.job is not None:
            widgets.empty(
                "This model is built or being built",
                "Its recipe stands as it is. Look at it in Analyze, or start a new version to change it.",
            )
        else:
            widgets.empty("First choose what to predict", "The steps depend on it. Choose the column on the Build page.")
        _back(opened.model)


def _back(model: ModelVersion) -> None:
    st.page_link("pages/build.py", label="Go to the build", icon=":material/arrow_back:", query_params={"model": model.id})


def _figures(found: Trace) -> str:
    if found.exact:
        return f"Figures are of all {wording.count(found.rows)} rows."
    return (
        f"Figures are of a random sample of {wording.count(found.looked_at)} rows, scaled up to all "
        f"{wording.count(found.rows)}."
    )


def _key(model: ModelVersion) -> str:
    return f"recipe-editing-{model.id}"


def _history(model: ModelVersion, spec: BuildSpec, draft: dict[str, Any]) -> None:
    st.button(
        "Undo", icon=":material/undo:", key="recipe-undo", type="tertiary", disabled=not draft.get("recipe_past"),
        on_click=failing_softly(recipe_draft.undo), args=(model, spec),
    )  # fmt: skip
    st.button(
        "Redo", icon=":material/redo:", key="recipe-redo", type="tertiary", disabled=not draft.get("recipe_future"),
        on_click=failing_softly(recipe_draft.redo), args=(model, spec),
    )  # fmt: skip


def _add(model: ModelVersion, names: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="recipe-add"):
        key = st.selectbox(
            "Add a step", list(OPS), index=None, format_func=lambda k: OPS[k].label, key="recipe-op",
            placeholder="Choose what to do", help="Formula, replace, filter, outliers and more.",
        )  # fmt: skip
        if st.button("Add", key="recipe-add-step", disabled=key is None):
            _open(model, None, OPS[key].new(tuple(names) if OPS[key].of_all_columns else ()))
            st.rerun()
    if key:
        widgets.muted(OPS[key].about)


def _open(model: ModelVersion, at: int | None, step: Step) -> None:
    """Open the form of a step; a new number for each opening, so that no widget remembers another step."""
    number = st.session_state.get("recipe-opened", 0) + 1
    st.session_state["recipe-opened"] = number
    st.session_state[_key(model)] = {"at": at, "step": step, "key": f"step-form-{number}"}


def _close(model: ModelVersion) -> None:
    st.session_state.pop(_key(model), None)


def _steps(
    model: ModelVersion, spec: BuildSpec, dataset: Dataset, recipe: Recipe, found: Trace, editing: dict[str, Any] | None
) -> None:
    steps = found.recipe.steps
    if not steps:
        with st.container(border=True):
            widgets.empty("No steps yet", "Nothing needs cleaning by itself. Add a step above, such as a computed column.")
    for learned, (title, about) in enumerate(GROUPS.items()):
        mine = [n for n, step in enumerate(steps) if op_of(step).learned == bool(learned)]
        if not mine:
            continue
        widgets.card_title(title)
        widgets.muted(about)
        for n in mine:
            with st.container(border=True, gap="xsmall", key=f"recipe-step-{n}"):
                if editing and editing["at"] == n:
                    _form(model, spec, dataset, recipe, found, editing)
                else:
                    _card(model, spec, found, n, mine)


def _card(model: ModelVersion, spec: BuildSpec, found: Trace, n: int, group: list[int]) -> None:
    step, look, recipe = found.recipe.steps[n], found.looks[n], found.recipe
    if op_of(step).learned:  # their order is settled, but among those that do the same
        group = [m for m in group if recipe.steps[m].op == step.op]
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"recipe-head-{n}"
    ):
        on = st.toggle(
            f"**{n + 1}. {widgets.plain(widgets.short(step.title, 110))}** · {touched(step, look)}", step.enabled,
            key=f"recipe-on-{n}-{mark(step)}", width="content",
        )  # fmt: skip
        with st.container(horizontal=True, gap="xxsmall", width="content", key=f"recipe-tools-{n}"):
            _tool("Move up", "arrow_upward", n, n not in group[1:], lambda: _move(recipe, n, -1), model, spec)
            _tool("Move down", "arrow_downward", n, n not in group[:-1], lambda: _move(recipe, n, 1), model, spec)
            st.button(
                "Edit", icon=":material/edit:", key=f"recipe-edit-{n}", type="tertiary", on_click=_open,
                args=(model, n, step),
            )  # fmt: skip
            _tool("Delete", "delete", n, False, lambda: _without(recipe, n), model, spec)
    if on != step.enabled:
        recipe_draft.edit(model, spec, _with(recipe, n, replace(step, enabled=on)))
        st.rerun()
    widgets.muted(step.reason)
    if look.issue:
        (st.error if look.fatal else st.info)(widgets.plain(look.issue), icon=":material/error:" if look.fatal else None)
    changes(look, f"recipe-changes-{n}")


def _tool(
    name: str, icon: str, n: int, disabled: bool, make: Any, model: ModelVersion, spec: BuildSpec
) -> None:
    st.button(
        name, icon=f":material/{icon}:", help=f"{name}, step {n + 1}", key=f"recipe-{name.split()[-1].lower()}-{n}", type="tertiary",
        disabled=disabled, on_click=failing_softly(lambda: recipe_draft.edit(model, spec, make())),
    )  # fmt: skip


def mark(step: Step) -> str:
    """Tells steps at one place apart, so that a switch does not keep another step's state."""
    return hashlib.sha256(f"{step.op}\n{step.title}\n{step.enabled}".encode()).hexdigest()[:10]


def touched(step: Step, look: Look) -> str:
    """How much a step touches, in words."""
    if not step.enabled:
        return "off"
    if look.fatal:
        return "does not fit"
    if not look.touched:
        return "nothing to change now"
    what = look.what if look.touched != 1 else look.what.removesuffix("s")
    return f"{wording.count(look.touched)} {what}"


def changes(look: Look, key: str) -> None:
    """Before and after, folded."""
    if not look.rows and not look.learned:
        return
    with st.expander("Before and after" if look.what != "rows" else "Rows that are not learned from", key=key):
        if look.learned:
            widgets.muted("Learned from the rows looked at; a build learns it again from its training rows.")
            widgets.bullets(look.learned[:12])
        if look.rows:
            right = (3,) if look.header[-1:] == ("Cells",) else ()
            tables.table(look.header, look.rows, right=right)


def _form(
    model: ModelVersion, spec: BuildSpec, dataset: Dataset, recipe: Recipe, found: Trace, editing: dict[str, Any]
) -> None:
    at, start = editing["at"], editing["step"]
    op = op_of(start)
    before = found.looks[at].flows if at is not None else found.flows
    widgets.card_title(op.label)
    widgets.muted(op.about)
    rows = found.looks[at].table if at is not None else found.table
    step = recipe_form.draw(op, start, before, editing["key"], rows)
    problem = ""
    try:
        op.check(step)
        step = op.named(replace(step, reason=start.reason if at is not None else ""))
        wanted = _with(found.recipe, at, step)
        tried = recipe_draft.look(dataset, wanted, spec.problem)
        place = next(i for i, s in enumerate(tried.recipe.steps) if _same(s, step))
        look = tried.looks[place]
        problem = look.issue if look.fatal else ""
    except RecipeError as e:
        problem = str(e)
    if problem and at is None and (step.columns, step.params) == (start.columns, {**op.defaults(), **start.params}):
        widgets.muted(problem)  # nothing was written yet
    elif problem:
        st.error(widgets.plain(problem), icon=":material/error:")
    else:
        widgets.said("Would leave out" if op.removes_rows else "Would change", touched(step, look) + (f". {look.issue}" if look.issue else ""))
        if look.learned:
            widgets.bullets(look.learned[:6])
        if look.rows:
            tables.table(look.header, look.rows, right=(3,) if look.header[-1:] == ("Cells",) else ())
    with st.container(horizontal=True):
        if st.button("Keep this step", key="recipe-save", disabled=bool(problem), icon=":material/check:"):
            recipe_draft.edit(model, spec, tried.recipe)
            _close(model)
            st.rerun()
        st.button("Cancel", key="recipe-cancel", type="tertiary", on_click=_close, args=(model,))


def _same(one: Step, other: Step) -> bool:
    """Whether a settled step is the one that was drawn."""
    skip = {"types"}
    return one.op == other.op and one.title == other.title and {
        k: v for k, v in one.params.items() if k not in skip
    } == {k: v for k, v in other.params.items() if k not in skip}  # fmt: skip


def _with(recipe: Recipe, at: int | None, step: Step) -> Recipe:
    steps = list(recipe.steps)
    if at is None:
        return Recipe((*steps, step))
    steps[at] = step
    return Recipe(tuple(steps))


def _without(recipe: Recipe, at: int) -> Recipe:
    return Recipe(tuple(s for n, s in enumerate(recipe.steps) if n != at))


def _move(recipe: Recipe, at: int, by: int) -> Recipe:
    steps = list(recipe.steps)
    learned = op_of(steps[at]).learned
    others = [n for n, s in enumerate(steps) if (s.op == steps[at].op if learned else not op_of(s).learned)]
    other = others[others.index(at) + by]
    steps[at], steps[other] = steps[other], steps[at]
    return Recipe(tuple(steps))


def problem_of(dataset: Dataset, recipe: Recipe, spec: BuildSpec) -> str:
    """Why a build with this recipe can't start; empty when it can."""
    found = recipe_draft.look(dataset, recipe, spec.problem)
    for n, look in enumerate(found.looks):
        if look.fatal:
            return f"{spoken(found.recipe, Issue(n, look.issue))} Clean the data is where it can be mended."
    return ""
