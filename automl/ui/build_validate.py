"""Validate data: what deserves a look before a build, each with its fix as a button that can be undone."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from automl import wording
from automl.data import words
from automl.data.profile import numbers_of
from automl.errors import ForetableError
from automl.findings.before import CHECKS, PLACES
from automl.spec import step_key, switched
from automl.types import ColumnKind, Dataset, Finding, Fix, ModelVersion, Severity
from automl.ui import actions, cards, data_facts, fixes, join_tables, widgets
from automl.ui.boundary import failing_softly
from automl.ui.state import go, project, workspace

SHOWN = 4  # of what is important or worth a look; the rest is folded
ROWS_SHOWN = 200
WORDS = {Severity.HIGH: "important", Severity.WARNING: "worth a look", Severity.INFO: "good to know"}
COLORS = {Severity.HIGH: "red", Severity.WARNING: "orange", Severity.INFO: "gray"}


def show(dataset: Dataset, draft: dict[str, Any], model: ModelVersion) -> None:
    """The card, also where the target is refused."""
    with st.container(border=True, gap="xsmall", key="validate"):
        head = st.container(horizontal=True, vertical_alignment="center")
        with head:
            widgets.card_title("Validate data")
        found = _looked(dataset, draft)
        with head:
            for severity, word in WORDS.items():
                if n := sum(f.severity is severity for f in found):
                    st.badge(f"{n} {word}", color=COLORS[severity])
            st.button(
                "Validate again", key="validate-again", type="tertiary", icon=":material/refresh:",
                on_click=data_facts.forget, args=(dataset, draft),
            )  # fmt: skip
        _mended(draft, model)
        if not found:
            rows = f"a sample of {wording.count(len(actions.frame(dataset)))}" if actions.is_sampled(dataset) else (
                wording.count(dataset.rows)
            )  # fmt: skip
            widgets.muted(f"{len(CHECKS)} checks of {rows} rows found nothing that needs a look.")
            return
        pressing = [f for f in found if f.severity is not Severity.INFO]
        first = pressing[:SHOWN] or found[:1]
        rest = found[len(first) :]
        _list(first, 0, model, dataset)
        if rest:
            with st.expander(f"{len(rest)} more", key=f"found-more-{model.id}"):
                _list(rest, len(first), model, dataset)


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


def _list(found: list[Finding], start: int, model: ModelVersion, dataset: Dataset) -> None:
    for i, finding in enumerate(found, start):
        with st.container(gap="xxsmall", key=f"found-{i}"):
            text, ways = st.columns([4, 1.35], vertical_alignment="center")
            with text:
                widgets.finding(finding)
            with ways, st.container(gap="xxsmall"):
                for n, fix in enumerate(finding.fixes):
                    _button(finding, fix, n, f"fix-{model.id}-{i}-{n}-{finding.code}", model, dataset)


def _button(finding: Finding, fix: Fix, n: int, key: str, model: ModelVersion, dataset: Dataset) -> None:
    """One way to mend a finding: a change of the draft, or the way to where it can be mended."""
    label, kind = widgets.label(fix.label, 40), "tertiary" if n else "secondary"
    if fix.action not in PLACES:
        st.button(label, key=key, type=kind, width="stretch", on_click=failing_softly(_apply), args=(model.id, finding, fix))
    elif st.button(label, key=key, type=kind, width="stretch"):
        match fix.action:
            case "append_rows":
                go("data", dataset=workspace().versions(dataset.id)[0].id, part="Versions", add="rows")
            case "join_table":
                st.session_state[cards.OPEN_TAB] = join_tables.TAB
                if dataset.id in {d.id for d in workspace().datasets(project())}:
                    st.session_state[join_tables.BASE] = dataset.id
                go("data")
            case "show_rows":
                _rows(dataset, fix)


@st.dialog("These rows", width="large")
def _rows(dataset: Dataset, fix: Fix) -> None:
    """The rows that a finding counts, the target first."""
    table, target = actions.frame(dataset), fix.columns[0]
    there = table[target].notna()
    odd = ~there if fix.value == "missing" else there & numbers_of(table[target]).isna()
    rows = table[odd.to_numpy()]
    shown = rows.head(ROWS_SHOWN)
    what = "no value" if fix.value == "missing" else "no number"
    first = "" if len(rows) == len(shown) else f" The first {wording.count(len(shown))} are shown."
    of = " of a sample" if actions.is_sampled(dataset) else ""
    one = len(rows) == 1
    aside = "" if fix.value == "words" else f"; nothing is learned from {'it' if one else 'them'}"
    widgets.muted(
        f"{words.count(len(rows), 'row')}{of} {'has' if one else 'have'} {what} in {widgets.short(target, 40)}{aside}.{first}"
    )
    order = [target, *(c for c in shown.columns if c != target)]
    shown = shown[order].set_axis(shown.index + 1, axis=0).rename_axis("Row")
    st.dataframe(shown, key=f"rows-{dataset.id}-{fix.value}")


def _mended(draft: dict[str, Any], model: ModelVersion) -> None:
    """What was mended so far and still holds, each with its way back."""
    for i, record in enumerate(draft.get("mended", ())):
        if not fixes.is_in_force(draft, record):
            continue
        with st.container(horizontal=True, vertical_alignment="center", key=f"mended-{i}"):
            widgets.done(fixes.said(record))
            st.button("Undo", key=f"undo-{model.id}-{i}", type="tertiary", on_click=failing_softly(_undo), args=(model.id, i))


def _apply(model: str, finding: Finding, fix: Fix) -> None:
    _keep(model, fixes.apply(workspace().model(model).draft, finding, fix))


def _undo(model: str, index: int) -> None:
    draft = workspace().model(model).draft
    if index < len(draft.get("mended", ())):
        _keep(model, fixes.undo(draft, index))


def _keep(model: str, draft: dict[str, Any]) -> None:
    """Store the draft, and have the controls of the page show it: else they would write their own value back."""
    workspace().update_model(model, draft=draft)
    dataset = data_facts.with_kinds(workspace().dataset(workspace().model(model).dataset), draft)
    target, session = draft.get("target"), st.session_state
    usable = {c.name for c in dataset.columns if c.name != target and c.kind is not ColumnKind.IDENTIFIER}
    shows: dict[str, Any] = {
        f"target-{model}": target,
        f"excluded-{model}-{target}": [c for c in draft.get("excluded", ()) if c in usable],
        f"least-{model}-{target}": (draft.get("reading") or {}).get("least_rows"),
        f"threshold-{model}-{target}": None if draft.get("threshold") is None else round(draft["threshold"] * 100),
    }
    with suppress(ForetableError):  # a target that is refused has no plan
        spec = actions.proposal(dataset, draft)
        shows[f"metric-{model}-{spec.problem.task.value}"] = spec.problem.metric
        shows[f"positive-{model}-{target}"] = spec.problem.positive_class
        for step in switched(spec.recipe, draft.get("off", ()), draft.get("on", ())).steps:
            shows[f"step-{model}-{target}-{step_key(step)[:120]}"] = step.enabled
    for i, step in enumerate(draft.get("recipe", {}).get("steps", ())):
        shows |= {str(k): step["enabled"] for k in session if str(k).startswith(f"own-step-{model}-{i}-")}
    for key, value in shows.items():
        if key in session and value is not None:
            session[key] = value
        elif key in session and key.startswith("threshold-"):
            session[key] = None
