"""Validate data: what deserves a look before a build, each with its fix as a button that can be undone."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.findings.before import CHECKS
from automl.problem import DEFAULT_METRIC
from automl.types import ColumnKind, Dataset, Finding, Fix, ModelVersion, Severity, Task, from_dict
from automl.ui import actions, data_facts, fixes, widgets
from automl.ui.boundary import failing_softly
from automl.ui.state import workspace

SHOWN = 4  # of what is important or worth a look; the rest is folded
WORDS = {Severity.HIGH: "important", Severity.WARNING: "worth a look", Severity.INFO: "good to know"}
COLORS = {Severity.HIGH: "red", Severity.WARNING: "orange", Severity.INFO: "gray"}


def show(dataset: Dataset, draft: dict[str, Any], model: ModelVersion, task: Task | None) -> None:
    """The card. `task` is None where the target is refused."""
    with st.container(border=True, gap="xsmall", key="validate"):
        head = st.container(horizontal=True, vertical_alignment="center")
        with head:
            widgets.card_title("Validate data")
        made = [(r["code"], from_dict(r["fix"], Fix)) for r in draft.get("mended", ())]
        found = [f for f in _looked(dataset, draft) if (f.code, f.fix) not in made]
        with head:
            for severity, word in WORDS.items():
                if n := sum(f.severity is severity for f in found):
                    st.badge(f"{n} {word}", color=COLORS[severity])
            st.button(
                "Validate again", key="validate-again", type="tertiary", icon=":material/refresh:",
                on_click=data_facts.forget, args=(dataset, draft),
            )  # fmt: skip
        _mended(draft, model, task)
        if not found:
            rows = f"a sample of {wording.count(len(actions.frame(dataset)))}" if actions.is_sampled(dataset) else (
                wording.count(dataset.rows)
            )  # fmt: skip
            widgets.muted(f"{len(CHECKS)} checks of {rows} rows found nothing that needs a look.")
            return
        pressing = [f for f in found if f.severity is not Severity.INFO]
        first = pressing[:SHOWN] or found[:1]
        rest = found[len(first) :]
        _list(first, 0, model, task)
        if rest:
            with st.expander(f"{len(rest)} more"):
                _list(rest, len(first), model, task)


def says(dataset: Dataset, draft: dict[str, Any], sentence: str) -> bool:
    """Whether the card has this sentence, so that nobody needs to say it again."""
    return any(sentence in f.message for f in _looked(dataset, draft))


def _looked(dataset: Dataset, draft: dict[str, Any]) -> list[Finding]:
    if data_facts.is_validated(dataset, draft):
        return data_facts.validated(dataset, draft, lambda share, what: None)
    place = st.empty()
    bar = place.progress(0.0, "Looking at the data")
    found = data_facts.validated(dataset, draft, lambda share, what: bar.progress(share, what))
    place.empty()
    return found


def _list(found: list[Finding], start: int, model: ModelVersion, task: Task | None) -> None:
    for i, finding in enumerate(found, start):
        with st.container(gap="xxsmall", key=f"found-{i}"):
            text, button = st.columns([4, 1.35], vertical_alignment="center")
            with text:
                widgets.finding(finding)
            if finding.fix is not None:
                button.button(
                    widgets.label(finding.fix.label, 40), key=f"fix-{model.id}-{i}-{finding.code}", width="stretch",
                    on_click=failing_softly(_apply), args=(model.id, finding, task),
                )  # fmt: skip


def _mended(draft: dict[str, Any], model: ModelVersion, task: Task | None) -> None:
    """What was mended so far, each with its way back."""
    for i, record in enumerate(draft.get("mended", ())):
        with st.container(horizontal=True, vertical_alignment="center", key=f"mended-{i}"):
            widgets.done(fixes.said(record))
            st.button(
                "Undo", key=f"undo-{model.id}-{i}", type="tertiary", on_click=failing_softly(_undo), args=(model.id, i, task)
            )


def _apply(model: str, finding: Finding, task: Task | None) -> None:
    _keep(model, fixes.apply(workspace().model(model).draft, finding), task)


def _undo(model: str, index: int, task: Task | None) -> None:
    draft = workspace().model(model).draft
    if index < len(draft.get("mended", ())):
        _keep(model, fixes.undo(draft, index), task)


def _keep(model: str, draft: dict[str, Any], task: Task | None) -> None:
    """Store the draft, and have the controls of the page show it: else they would write their own value back."""
    workspace().update_model(model, draft=draft)
    dataset = data_facts.with_kinds(workspace().dataset(workspace().model(model).dataset), draft)
    target = draft.get("target")
    usable = {c.name for c in dataset.columns if c.name != target and c.kind is not ColumnKind.IDENTIFIER}
    excluded = [c for c in draft.get("excluded", ()) if c in usable]
    on, off = set(draft.get("on", ())), set(draft.get("off", ()))
    for key in list(st.session_state):
        name = str(key)
        if name == f"excluded-{model}-{target}":
            st.session_state[key] = excluded
        elif task is not None and name == f"metric-{model}-{task.value}":
            st.session_state[key] = draft.get("metric") or DEFAULT_METRIC[task]
        elif name.startswith(f"step-{model}-{target}-"):
            step = name.removeprefix(f"step-{model}-{target}-")
            switched = [k for k in on if k[:120] == step], [k for k in off if k[:120] == step]
            if switched[0] or switched[1]:
                st.session_state[key] = bool(switched[0])
            elif step.startswith(("drop_duplicates:", "drop_near_duplicates:")):
                st.session_state[key] = False  # the fix is only offered where the step is off
        elif name.startswith(f"own-step-{model}-") and "recipe" in draft:
            place, steps = int(name.removeprefix(f"own-step-{model}-").split("-")[0]), draft["recipe"]["steps"]
            if place < len(steps):
                st.session_state[key] = steps[place]["enabled"]
