"""The build page before the start: every choice is kept in the model's draft, so a refresh loses nothing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import config, wording
from automl.errors import ForetableError
from automl.families import USER_FAMILIES, family
from automl.metrics import METRICS, for_task
from automl.spec import step_key, switched
from automl.types import BuildSpec, ColumnKind, Dataset, ModelVersion, Recipe
from automl.ui import actions, charts, header, widgets
from automl.ui.state import go, workspace

NOT_CHOSEN = "Choose a column"


def show(opened: header.Opened) -> None:
    """Draw the form of a draft."""
    model, dataset = opened.model, header.dataset_of(opened)
    if dataset is None:
        header.show(opened, "Build")
        st.warning("The data set of this model was deleted. Start a new model from another data set.")
        st.page_link("pages/data.py", label="My data", icon=":material/table:")
        return
    draft = dict(model.draft)
    spec, problem_error = None, None
    if draft.get("target"):
        try:
            spec = actions.proposal(dataset, draft)
        except ForetableError as e:
            problem_error = str(e)
    recipe = switched(spec.recipe, draft.get("off", ()), draft.get("on", ())) if spec else None

    def start() -> None:
        preset = config.preset(draft.get("preset", "quick"))
        label = f"Start {preset.label.lower()}"
        if st.button(
            label, type="primary", key="start-build", disabled=spec is None or not spec.problem.features
        ):
            actions.start_build(model, spec, draft, recipe)
            go("build", model=model.id)

    header.show(opened, "Build", start)
    with st.container(border=True):
        _what(model, dataset, draft)
    if problem_error:
        st.error(widgets.plain(problem_error), icon=":material/error:")
    if spec is None:
        if not problem_error:
            widgets.empty("What do you want to predict?", "Choose the column above; the plan appears here.")
        return
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        _problem(spec, draft, model)
    with right, st.container(border=True, height="stretch"):
        _target_chart(dataset, spec)
    with st.container(border=True):
        _cleaning(spec.recipe, draft, model)
    _columns(dataset, spec, draft, model)
    _settings(spec, draft, model)


def _save(model: ModelVersion, draft: dict[str, Any], **changes: Any) -> None:
    """Keep changes in the draft and draw the page again with them."""
    new = {**draft, **changes}
    new = {k: v for k, v in new.items() if v is not None}
    if new != draft:
        workspace().update_model(model.id, draft=new)
        st.rerun()


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
        kept = {k: draft[k] for k in ("preset", "seconds", "families", "excluded") if k in draft}
        excluded = [c for c in kept.get("excluded", []) if c != target]
        chosen = {} if target == NOT_CHOSEN else {"target": target}
        workspace().update_model(model.id, draft={**kept, **chosen, "excluded": excluded})
        st.rerun()
    widgets.muted(
        f"From {widgets.short(dataset.name)}: {wording.count(dataset.rows)} rows, {len(dataset.columns)} columns."
    )


def _problem(spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    problem = spec.problem
    st.markdown(f"**{problem.task.label}**")
    widgets.muted(problem.reason)
    for note in problem.notes:
        widgets.muted(note.message)
    if problem.borderline:
        other = {"regression": "multiclass", "multiclass": "regression", "binary": "regression"}[
            problem.task.value
        ]
        label = {
            "regression": "Predict it as a number instead",
            "multiclass": "Predict it as categories instead",
        }[other]
        if st.button(label, key=f"switch-task-{model.id}"):
            _save(model, draft, task=other, metric=None, positive_class=None)
    elif draft.get("task") and st.button("Let Foretable decide again", key=f"auto-task-{model.id}"):
        _save(model, draft, task=None, metric=None, positive_class=None)
    if len(problem.classes) == 2 and problem.has_probabilities:
        labels = list(problem.classes)
        outcome = st.radio(
            "Outcome of interest",
            labels,
            index=labels.index(problem.positive_class) if problem.positive_class in labels else 1,
            format_func=str,
            key=f"positive-{model.id}-{problem.target}",
            horizontal=True,
            help="The outcome you want to find: precision and recall are about it.",
        )
        if outcome != problem.positive_class:
            _save(model, draft, positive_class=outcome)


def _target_chart(dataset: Dataset, spec: BuildSpec) -> None:
    chart = actions.charts(dataset.id, dataset.digest, actions.kinds_of(dataset)).get(spec.problem.target)
    if not chart:
        return
    name = widgets.short(spec.problem.target, 30)
    if spec.problem.has_probabilities and chart["type"] == "top":
        total = sum(chart["counts"]) + chart.get("other", 0)
        share = chart["counts"][0] / max(total, 1)
        title = f"{wording.percent(share)} are {widgets.short(str(chart['values'][0]), 24)}"
    else:
        title = f"How {name} is spread"
    charts.target(chart, name, widgets.plain(title))


def _cleaning(recipe: Recipe, draft: dict[str, Any], model: ModelVersion) -> None:
    st.markdown("**Cleaning plan**")
    if not recipe.steps:
        widgets.muted("Nothing to clean: no missing values, no copies, no useless columns.")
        return
    widgets.muted("Each step can be switched. Nothing is changed in your data set.")
    off, on = set(draft.get("off", ())), set(draft.get("on", ()))
    for step in recipe.steps:
        key = step_key(step)
        enabled = (step.enabled and key not in off) or key in on
        label = f"**{widgets.plain(step.title)}** · {_effect(step.effect)}"
        wanted = st.toggle(label, enabled, key=f"step-{model.id}-{draft.get('target')}-{key[:120]}")
        st.caption(widgets.plain(step.reason))
        if wanted != enabled:
            off.discard(key)
            on.discard(key)
            if wanted != step.enabled:
                (on if wanted else off).add(key)
            _save(model, draft, off=sorted(off), on=sorted(on))


def _effect(effect: dict[str, int]) -> str:
    parts = []
    for what, count in effect.items():
        parts.append(f"{wording.count(count)} {what[:-1] if count == 1 and what.endswith('s') else what}")
    return ", ".join(parts) if parts else "nothing to change"


def _columns(dataset: Dataset, spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    usable = [
        c.name
        for c in dataset.columns
        if c.name != spec.problem.target and c.kind is not ColumnKind.IDENTIFIER
    ]
    used = [c for c in usable if c in spec.problem.features]
    with st.expander(f"Columns to learn from · {len(used)} of {len(dataset.columns) - 1}"):
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
        if sorted(excluded) != sorted(draft.get("excluded", [])):
            _save(model, draft, excluded=sorted(excluded))
        ids = [c.name for c in dataset.columns if c.kind is ColumnKind.IDENTIFIER]
        if ids:
            widgets.muted(f"Left out as identifiers: {', '.join(widgets.short(i, 30) for i in ids[:8])}.")
    if not used:
        st.error("No column is left to learn from. Switch at least one on.")


def _settings(spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    preset = config.preset(draft.get("preset", "quick"))
    seconds = draft.get("seconds", {}).get(preset.key, preset.seconds)
    metric = METRICS[spec.problem.metric]
    families = draft.get("families") or list(USER_FAMILIES)
    some = "all families" if len(families) == len(USER_FAMILIES) else f"{len(families)} families"
    with st.expander(f"{preset.label} · {wording.duration(seconds)} · {metric.label} · {some}"):
        keys = list(config.PRESETS)
        one, two = st.columns(2)
        chosen = one.segmented_control(
            "Size of the build",
            keys,
            default=preset.key,
            required=True,
            format_func=lambda k: config.PRESETS[k].label,
            key=f"preset-{model.id}",
        )
        if chosen and chosen != preset.key:
            _save(model, draft, preset=chosen)
        one.caption(preset.sentence)
        limit = two.number_input(
            "Time limit in seconds",
            5,
            24 * 3600,
            int(seconds),
            step=10,
            key=f"seconds-{model.id}-{preset.key}",
        )
        if limit != int(seconds):
            _save(model, draft, seconds={**draft.get("seconds", {}), preset.key: int(limit)})
        metrics = [m.name for m in for_task(spec.problem.task)]
        name = one.selectbox(
            "Metric to optimise",
            metrics,
            index=metrics.index(metric.name),
            format_func=lambda m: METRICS[m].label,
            key=f"metric-{model.id}-{spec.problem.task.value}",
        )
        one.caption(f"{metric.sentence} {'Higher' if metric.greater_is_better else 'Lower'} is better.")
        if name != metric.name:
            _save(model, draft, metric=name)
        picked = two.pills(
            "Model families",
            USER_FAMILIES,
            selection_mode="multi",
            default=families,
            format_func=lambda k: family(k).label,
            key=f"families-{model.id}",
        )
        if not picked:
            two.error("Choose at least one family.")
        elif sorted(picked) != sorted(families):
            _save(model, draft, families=[k for k in USER_FAMILIES if k in picked])
