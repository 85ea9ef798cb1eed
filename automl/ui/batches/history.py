"""The batches of a model: when, of what, how many rows, what became of them."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.errors import ForetableError
from automl.jobs import batches
from automl.types import Batch, ModelVersion
from automl.ui import actions, downloads, widgets
from automl.ui.batches.output import FILES
from automl.ui.state import workspace

COLORS = {"done": "green", "failed": "red", "draft": "gray", "cancelled": "gray"}
SHOWN = 20


def show(model: ModelVersion) -> None:
    """The latest batches, newest first."""
    found = workspace().batches.of(model=model.id)
    if not found:
        with st.container(border=True):
            widgets.empty(
                "Your predictions will be here",
                "A table is checked first: column order, letter case and extra columns are put right, and you decide "
                "about what is missing.",
            )
        return
    by = {a.id: a.name for a in workspace().batches.automations(model=model.id)}
    widgets.card_title("Batches of this model")
    most = SHOWN if not st.session_state.get(f"all-batches-{model.id}") else len(found)
    for batch in found[:most]:
        _card(batch, by)
    if len(found) > SHOWN:
        st.toggle(f"Show all {len(found)}", key=f"all-batches-{model.id}")


def top(batch: Batch, state: str) -> None:
    """The head of an opened batch."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("All batches", icon=":material/arrow_back:", key="all-batches", type="tertiary"):
            st.query_params.pop("batch", None)
            st.rerun()
        widgets.card_title(widgets.short(batch.name, 60))
        st.badge(state, color=COLORS.get(state, "orange"))
        if batch.rows:
            widgets.muted(_rows(batch.rows))


def file_name(batch: Batch, format: str) -> str:
    """The name that a batch's output is saved under."""
    stem = batch.name.rsplit(".", 1)[0] if batch.source["kind"] != "dataset" else batch.name
    return f"{actions.file_name(stem)}-predictions.{format}"


def _rows(rows: int) -> str:
    return "1 row" if rows == 1 else f"{wording.count(rows)} rows"


def _card(batch: Batch, automations: dict[str, str]) -> None:
    state = batches.state(workspace(), batch)
    with st.container(border=True):
        about, what, buttons = st.columns([4, 3, 3], vertical_alignment="center")
        with about, st.container(gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                widgets.card_title(widgets.short(batch.name, 40))
                st.badge(state, color=COLORS.get(state, "orange"))
            widgets.quiet_lines(f"{batch.created[:16].replace('T', ' ')} UTC{_trigger(batch, automations)}")
        with what:
            widgets.muted(_outcome(batch, state))
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            written = {f: path for f in FILES if (path := workspace().batches.output(batch, f)) is not None}
            if written:
                format, path = next(iter(written.items()))
                downloads.button(FILES[format], path, file_name(batch, format), key=f"{format}-{batch.id}")
            if st.button("Go on" if state == "draft" else "Open", key=f"open-{batch.id}"):
                st.query_params["batch"] = batch.id
                st.rerun()
            if st.button("Delete", key=f"delete-{batch.id}", type="tertiary"):
                _delete(batch)


def _trigger(batch: Batch, automations: dict[str, str]) -> str:
    if batch.automation is None:
        return ""
    return f" · by itself, from {widgets.short(automations.get(batch.automation, 'what is deleted now'), 30)}"


def _outcome(batch: Batch, state: str) -> str:
    rows = _rows(batch.rows) if batch.rows else ""
    if state == "failed":
        job = batches.job_of(workspace(), batch)
        return widgets.short(job.error or "", 140) if job else ""
    if state != "done" or not batch.outcome:
        return rows
    if batch.truth:
        main = batch.truth["metrics"][0]
        return f"{rows} · {main['label']} {wording.number(main['value'])} realised"
    if batch.outcome["labels"]:
        label, count = max(batch.outcome["labels"].items(), key=lambda kv: kv[1])
        return f"{rows} · {wording.percent(count / batch.rows)} {widgets.short(label, 24)}"
    return f"{rows} · {wording.number(batch.outcome['mean'])} on average"


def _delete(batch: Batch) -> None:
    try:
        workspace().batches.delete(batch.id)
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
    else:
        st.rerun()
