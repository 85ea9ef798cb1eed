"""The build page before the start: every choice is kept in the model's draft, so a refresh loses nothing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import config, wording
from automl.data import words
from automl.errors import ForetableError
from automl.problem import other_task
from automl.spec import step_key
from automl.types import BuildSpec, ColumnKind, Dataset, ModelVersion, Problem, Recipe, Step, replace
from automl.ui import (
    actions,
    build_rules,
    build_settings,
    build_validate,
    charts,
    data_facts,
    fixes,
    header,
    recipe_draft,
    recipe_editor,
    widgets,
)
from automl.ui.boundary import failing_softly
from automl.ui.build_settings import save
from automl.ui.state import go, workspace

NOT_CHOSEN = "Choose a column"


def show(opened: header.Opened) -> None:
    """Draw the form of a draft."""
    model, dataset = opened.model, header.dataset_of(opened)
    if dataset is None:
        header.show(opened, "Build")
        st.warning(
            "The data set of this model was deleted. Start a new model from another data set.",
            icon=":material/link_off:",
        )
        st.page_link("pages/data.py", label="My data", icon=":material/table:")
        return
    draft = dict(model.draft)
    dataset = data_facts.with_kinds(dataset, draft)
    spec, problem_error = None, None
    if draft.get("target"):
        try:
            spec = actions.proposal(dataset, draft)
        except ForetableError as e:
            problem_error = str(e)
    recipe = recipe_draft.current(spec, draft) if spec else Recipe()
    unfit = recipe_editor.problem_of(dataset, recipe, spec) if spec and recipe_draft.is_edited(draft) else ""

    def start() -> None:
        preset = config.preset(draft.get("preset", "quick"))
        st.button(
            f"Start {preset.label.lower()}",
            type="primary",
            icon=":material/play_arrow:",
            key="start-build",
            disabled=spec is None or not spec.problem.features or bool(unfit),
            on_click=failing_softly(actions.start_build),
            args=(model, spec, draft, recipe),
        )

    header.show(opened, "Build", start)
    left, right = st.columns([3, 2]) if spec else (st.container(), None)
    with left, st.container(border=True, height="stretch"):
        _what(model, dataset, draft)
        if spec:
            _problem(dataset, spec, draft, model)
    if problem_error and not build_validate.says(dataset, draft, problem_error):
        st.error(widgets.plain(problem_error), icon=":material/error:")
    if spec is None:
        if problem_error:
            build_validate.show(dataset, draft, model)
        else:
            widgets.empty("What do you want to predict?", "Choose the column above; the plan appears here.")
        return
    with right, st.container(border=True, height="stretch"):
        _target_chart(dataset, spec)
    build_validate.show(dataset, draft, model)
    with st.container(border=True, gap="xsmall"):
        _cleaning(spec, recipe, draft, model)
        if unfit:
            st.error(widgets.plain(unfit), icon=":material/error:")
    _columns(dataset, spec, draft, model)
    build_settings.show(spec, draft, model)
    build_rules.show(draft, model)


def _what(model: ModelVersion, dataset: Dataset, draft: dict[str, Any]) -> None:
    one, two = st.columns(2)
    name = one.text_input("Model name", model.name, key=f"name-{model.id}", max_chars=80)
    if name.strip() and name != model.name:
        workspace().update_model(model.id, name=name)
        st.rerun()
    names = [c.name for c in dataset.columns]
    options = [NOT_CHOSEN, *names]
    current = draft.get("target") if draft.get("target") in names else NOT_CHOSEN
    target = two.selectbox(
        "Column to predict",
        options,
        index=options.index(current),
        key=f"target-{model.id}",
        format_func=widgets.short,
        help="The outcome: known for past rows, wanted for new ones.",
    )
    if target != current:
        kept = {k: draft[k] for k in fixes.KEPT_WITH_TARGET if k in draft}
        chosen = fixes.for_target(draft, target)
        if target == NOT_CHOSEN:
            del chosen["target"]
        workspace().update_model(model.id, draft={**kept, **chosen})
        st.rerun()
    _from(model, dataset)


def _from(model: ModelVersion, dataset: Dataset) -> None:
    """Which table it is, and the way to its latest version."""
    latest = workspace().versions(dataset.id)[0]
    version = f", version {dataset.version}" if latest.version > 1 else ""
    widgets.muted(
        f"From {widgets.short(dataset.name)}{version}: {words.count(dataset.rows, 'row')}, {words.count(len(dataset.columns), 'column')}."
    )
    target = model.draft.get("target")
    if latest.version > dataset.version and (target is None or target in {c.name for c in latest.columns}):
        rows = f"{wording.count(latest.rows)} rows"
        st.button(
            f"Use version {latest.version}, {rows}", key=f"use-version-{model.id}", type="tertiary", icon=":material/update:",
            on_click=failing_softly(actions.use_version), args=(model, latest),
        )  # fmt: skip


def _problem(dataset: Dataset, spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    problem = spec.problem
    label, reason = problem.task.label, problem.reason
    widgets.said(label, reason.removeprefix(f"{label}: "))
    for note in problem.notes:
        widgets.muted(note.message)
    if problem.reading is not None and problem.reading.least_rows:
        _least_rows(dataset, problem, draft, model)
    if draft.get("task"):
        if st.button("Let Foretable decide again", key=f"auto-task-{model.id}"):
            save(model, draft, task=None, metric=None, positive_class=None, threshold=None)
    elif other := other_task(problem, dataset.column(problem.target), dataset.rows):
        word = "categories" if other.has_probabilities else "a number"
        close = "secondary" if problem.borderline else "tertiary"
        if st.button(f"Predict it as {word} instead", key=f"switch-task-{model.id}", type=close):
            save(model, draft, task=other.value, metric=None, positive_class=None, threshold=None)
    if len(problem.classes) == 2 and problem.has_probabilities:
        labels = list(problem.classes)
        outcome = st.radio(
            "Outcome of interest",
            labels,
            index=labels.index(problem.positive_class) if problem.positive_class in labels else 1,
            format_func=lambda v: widgets.plain(widgets.short(str(v), 40)),
            key=f"positive-{model.id}-{problem.target}",
            horizontal=True,
            help="The outcome you want to find: precision and recall are about it.",
        )
        if outcome != problem.positive_class:
            save(model, draft, positive_class=outcome)


def _least_rows(dataset: Dataset, problem: Problem, draft: dict[str, Any], model: ModelVersion) -> None:
    """How many rows a label needs for itself."""
    assert problem.reading is not None
    second = data_facts.second_label(dataset, problem.target)
    least = problem.reading.least_rows
    rows = st.number_input(
        "Rows that a label needs", 2, max(second, least), least, key=f"least-{model.id}-{problem.target}", width=220,
        help="Labels with fewer rows count as 'other'." if problem.reading.rare else "Rows of labels with fewer are left out.",
    )  # fmt: skip
    if rows != least:
        workspace().update_model(model.id, draft=fixes.with_least_rows(draft, int(rows)))
        st.rerun()


def _target_chart(dataset: Dataset, spec: BuildSpec) -> None:
    chart = data_facts.target_chart(dataset, spec.problem)
    if not chart or not chart["counts"]:
        return
    name = widgets.short(spec.problem.target, 30)
    if spec.problem.has_probabilities and chart["type"] == "top":
        total = sum(chart["counts"]) + chart.get("other", 0)
        share = wording.percent(chart["counts"][0] / max(total, 1))
        title = f"{share} are {widgets.short(str(chart['values'][0]), 24)}"
    else:
        title = f"How {name} is spread"
    charts.target(chart, name, title)


def _cleaning(spec: BuildSpec, recipe: Recipe, draft: dict[str, Any], model: ModelVersion) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="cleaning-head"
    ):
        widgets.card_title("Cleaning plan")
        if st.button("Clean the data", icon=":material/edit:", key="edit-recipe", help="Edit, add and order steps."):
            go("clean", model=model.id)
    if not recipe.steps:
        widgets.muted("Nothing to clean: no missing values, no copies, no useless columns.")
        return
    edited = recipe_draft.is_edited(draft)
    widgets.muted(
        f"{'Edited by you. ' if edited else ''}Each step can be switched. Nothing is changed in your data set."
    )
    if edited:
        _edited(spec, recipe, model)
        return
    off, on = set(draft.get("off", ())), set(draft.get("on", ()))
    for i, step in enumerate(spec.recipe.steps):
        key = step_key(step)
        if step.op == "drop_columns":
            _useless(i, step, draft, model)
            continue
        enabled = (step.enabled and key not in off) or key in on
        wanted = _switch(i, step, enabled, f"step-{model.id}-{draft.get('target')}-{key[:120]}", _effect(step.effect))
        if wanted != enabled:
            off.discard(key)
            on.discard(key)
            if wanted != step.enabled:
                (on if wanted else off).add(key)
            save(model, draft, off=sorted(off), on=sorted(on))


def _useless(i: int, step: Step, draft: dict[str, Any], model: ModelVersion) -> None:
    """The step that leaves useless columns out: switched off, they are learned from."""
    key = f"step-{model.id}-{draft.get('target')}-{step_key(step)[:120]}"
    wanted = _switch(i, step, step.enabled, key, _effect(step.effect))
    if wanted != step.enabled:
        kept = set(draft.get("kept", ()))
        save(model, draft, kept=sorted(kept - set(step.columns) if wanted else kept | set(step.columns)) or None)


def _edited(spec: BuildSpec, recipe: Recipe, model: ModelVersion) -> None:
    """The steps of a recipe of the user's own."""
    for i, step in enumerate(recipe.steps):
        key = f"own-step-{model.id}-{i}-{recipe_editor.mark(step)}"
        if _switch(i, step, step.enabled, key, "") != step.enabled:
            changed = [replace(s, enabled=not s.enabled) if n == i else s for n, s in enumerate(recipe.steps)]
            recipe_draft.edit(model, spec, Recipe(tuple(changed)))
            st.rerun()


def _switch(i: int, step: Step, enabled: bool, key: str, effect: str) -> bool:
    with st.container(gap="xxsmall", key=f"planned-{i}"):
        title = f"**{widgets.plain(widgets.short(step.title, 120))}**"
        wanted = st.toggle(f"{title} · {effect}" if effect else title, enabled, key=key)
        widgets.muted(step.reason)
    return wanted


def _effect(effect: dict[str, int]) -> str:
    parts = [
        f"{wording.count(count)} {what[:-1] if count == 1 and what.endswith('s') else what}"
        for what, count in effect.items()
        if count
    ]
    return ", ".join(parts) if parts else "nothing to change now"


def _columns(dataset: Dataset, spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    usable = [
        c.name
        for c in dataset.columns
        if c.name != spec.problem.target and c.kind is not ColumnKind.IDENTIFIER
    ]
    used = [c for c in usable if c in spec.problem.features]
    label = f"Columns to learn from · {len(used)} of {len(dataset.columns) - 1}"
    with st.expander(label, key=f"columns-{model.id}"):
        widgets.muted(
            "Switch off what is not known yet when you predict, such as a closing date or a final amount."
        )
        excluded = st.multiselect(
            "Columns that are not known at prediction time",
            usable,
            default=[c for c in draft.get("excluded", []) if c in usable],
            key=f"excluded-{model.id}-{spec.problem.target}",
            format_func=widgets.short,
            placeholder="All columns are known",
        )
        others = [c for c in draft.get("excluded", []) if c not in usable]  # identifiers, left out for good
        if sorted({*excluded, *others}) != sorted(draft.get("excluded", [])):
            save(model, draft, excluded=sorted({*excluded, *others}))
        ids = [c.name for c in dataset.columns if c.kind is ColumnKind.IDENTIFIER]
        if ids:
            more = f" and {len(ids) - 8} more" if len(ids) > 8 else ""
            widgets.muted(
                f"Left out as identifiers: {', '.join(widgets.short(i, 30) for i in ids[:8])}{more}."
            )
    if not used:
        st.error("No column is left to learn from. Switch at least one on.", icon=":material/error:")
