"""The folded settings of a build: preset, time limit, metric, families, fast predictions. The fold's label says how they stand."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import config, wording
from automl.families import USER_FAMILIES, family
from automl.metrics import METRICS, for_task
from automl.types import BuildSpec, ModelVersion, Task
from automl.ui import widgets
from automl.ui.state import workspace

LEAST_SECONDS, MOST_SECONDS = 5, 24 * 3600


def save(model: ModelVersion, draft: dict[str, Any], **changes: Any) -> None:
    """Keep changes in the draft and draw the page again with them; None takes a choice back."""
    new = {k: v for k, v in {**draft, **changes}.items() if v is not None}
    if new != draft:
        workspace().update_model(model.id, draft=new)
        st.rerun()


def show(spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    """Draw the fold."""
    preset = config.preset(draft.get("preset", "quick"))
    seconds = draft.get("seconds", {}).get(preset.key, preset.seconds)
    metric = METRICS[spec.problem.metric]
    families = draft.get("families") or list(USER_FAMILIES)
    some = (
        "all families"
        if len(families) == len(USER_FAMILIES)
        else "1 family" if len(families) == 1 else f"{len(families)} families"
    )  # fmt: skip
    fast = " · fast predictions" if draft.get("fast") else ""
    label = f"{preset.label} · {wording.duration(seconds)} · {metric.label} · {some}{fast}"
    with st.expander(label, key=f"settings-{model.id}"):
        one, two = st.columns(2, gap="medium")
        with one:
            _preset(preset, draft, model)
            _metric(spec, draft, model)
            _threshold(spec, draft, model)
        with two:
            _limit(preset, seconds, draft, model)
            _families(families, draft, model)
            _speed(draft, model)


def _preset(preset: config.Preset, draft: dict[str, Any], model: ModelVersion) -> None:
    chosen = st.segmented_control(
        "Size of the build",
        list(config.PRESETS),
        default=preset.key,
        required=True,
        format_func=lambda k: config.PRESETS[k].label,
        key=f"preset-{model.id}",
    )
    rows = f" Up to {wording.count(preset.max_rows)} rows." if preset.max_rows else ""
    widgets.muted(f"{preset.sentence}{rows}")
    if chosen and chosen != preset.key:
        save(model, draft, preset=chosen)


def _limit(preset: config.Preset, seconds: float, draft: dict[str, Any], model: ModelVersion) -> None:
    limit = st.number_input(
        "Time limit in seconds",
        LEAST_SECONDS,
        MOST_SECONDS,
        int(seconds),
        step=10,
        key=f"seconds-{model.id}-{preset.key}",
        help="The build ends in this time, and there is always a model once one candidate is done.",
    )
    widgets.muted(f"That is {wording.duration(limit)}.")
    if limit != int(seconds):
        save(model, draft, seconds={**draft.get("seconds", {}), preset.key: int(limit)})


def _metric(spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    metric = METRICS[spec.problem.metric]
    names = [m.name for m in for_task(spec.problem.task)]
    name = st.selectbox(
        "Metric to optimise",
        names,
        index=names.index(metric.name),
        format_func=lambda m: METRICS[m].label,
        key=f"metric-{model.id}-{spec.problem.task.value}",
    )
    widgets.muted(f"{metric.sentence} {'Higher' if metric.greater_is_better else 'Lower'} is better.")
    if name != metric.name:
        save(model, draft, metric=name)


def _threshold(spec: BuildSpec, draft: dict[str, Any], model: ModelVersion) -> None:
    problem = spec.problem
    if problem.task is not Task.BINARY:
        return
    name = widgets.plain(widgets.short(str(problem.classes[problem.positive_code]), 30))
    known = draft.get("threshold")
    percent = st.number_input(
        f"Call a row {name} from so many percent on",
        1,
        99,
        None if known is None else round(known * 100),
        placeholder="Automatic",
        key=f"threshold-{model.id}-{problem.target}",
        help="Automatic: chosen on validation rows where the metric counts labels, such as F1; else 50 %.",
    )
    wanted = None if percent is None else percent / 100
    if wanted != known:
        save(model, draft, threshold=wanted)


def _families(families: list[str], draft: dict[str, Any], model: ModelVersion) -> None:
    picked = st.pills(
        "Model families",
        USER_FAMILIES,
        selection_mode="multi",
        wrap=True,
        default=families,
        format_func=lambda k: family(k).label,
        key=f"families-{model.id}",
    )
    if not picked:
        st.error("Choose at least one family.", icon=":material/error:")
    elif sorted(picked) != sorted(families):
        save(model, draft, families=[k for k in USER_FAMILIES if k in picked])


def _speed(draft: dict[str, Any], model: ModelVersion) -> None:
    fast = st.toggle(
        "Fast predictions",
        bool(draft.get("fast")),
        key=f"fast-{model.id}",
        help="Fewer and smaller models: predictions take about a fifth of the time, and are a little less exact.",
    )
    if fast != bool(draft.get("fast")):
        save(model, draft, fast=fast or None)
