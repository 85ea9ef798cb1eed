"""What is predicted by itself: each new version of a data set, each new file in a folder."""

from __future__ import annotations

import streamlit as st

from automl import config, wording
from automl.bundle import Bundle
from automl.errors import ForetableError
from automl.jobs import batches, client, watch
from automl.predict import Choices, Extras, Fill, Wishes
from automl.types import Automation, ModelVersion, to_dict
from automl.ui import widgets
from automl.ui.batches import output
from automl.ui.boundary import boundary, failing_softly
from automl.ui.state import project, workspace

REFRESH_SECONDS = 5.0
FILLS = {
    Fill.MISSING.value: "Count it as missing in every row",
    Fill.USUAL.value: "Fill it with its usual value",
    "refuse": "Don't predict that table, and say so in the history",
}


def show(model: ModelVersion, bundle: Bundle) -> None:
    """What is switched on, and a form for another one."""
    found = workspace().batches.automations(model=model.id)
    if found:
        _cards(model.id)
    else:
        with st.container(border=True):
            widgets.empty(
                "Nothing is predicted by itself yet",
                "Choose a data set, and each new version of it is predicted; or a folder, and each new file in it is. "
                "It goes on while nobody has the app open.",
            )
    _form(model, bundle)


@st.fragment(run_every=REFRESH_SECONDS)
def _cards(model: str) -> None:
    """What is switched on, looked up again now and then: a batch appears by itself."""
    with boundary("automatic"):
        found = workspace().batches.automations(model=model)
        if not found:  # the last one was deleted: the page says what to do
            st.rerun(scope="app")
        for automation in found:
            _card(automation)


def _card(automation: Automation) -> None:
    runs = workspace().batches.of(automation=automation.id)
    with st.container(border=True, key=f"automation-{automation.id}"):
        about, last, buttons = st.columns([4, 4, 2], vertical_alignment="center")
        with about, st.container(gap="xxsmall"):
            st.toggle(
                widgets.label(f"{'Data set' if automation.kind == 'dataset' else 'Folder'} {automation.name}", 50),
                value=automation.enabled, key=f"on-{automation.id}",
                on_change=failing_softly(_switch), args=(automation.id,),
            )  # fmt: skip
            widgets.quiet_lines(f"{_times(len(runs))} · since {automation.created[:10]}", output.said(automation.wishes))
        with last:
            if automation.error:
                st.warning(widgets.plain(automation.error), icon=":material/error:")
            elif runs:
                state = batches.state(workspace(), runs[0])
                job = batches.job_of(workspace(), runs[0])
                said = f"Last: {widgets.short(runs[0].name, 30)}, {runs[0].created[:16].replace('T', ' ')} UTC, {state}"
                widgets.muted(said)
                if state == "failed" and job and job.error:
                    widgets.quiet_lines(widgets.short(job.error, 160))
            else:
                widgets.muted("It has not run yet: nothing new has come.")
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            if runs and st.button("Open the last", key=f"last-{automation.id}"):
                st.query_params["batch"] = runs[0].id
                st.session_state["rows"] = "A whole table"
                st.rerun()
            st.button(
                "Delete", key=f"forget-{automation.id}", type="tertiary", on_click=failing_softly(_forget),
                args=(automation.id,), help="Its batches stay in the history.",
            )  # fmt: skip


def _times(runs: int) -> str:
    return "has not run yet" if runs == 0 else "ran once" if runs == 1 else f"ran {wording.count(runs)} times"


def _form(model: ModelVersion, bundle: Bundle) -> None:
    with st.container(border=True):
        widgets.card_title("Predict by itself")
        kind = st.segmented_control(
            "What is looked out for", ["A data set", "A folder"], default="A data set", required=True, key="auto-kind"
        )
        left, right = st.columns(2)
        with left:
            source, name = _data_set() if kind == "A data set" else _folder()
        fill = right.selectbox("When a column is missing", list(FILLS), format_func=FILLS.__getitem__, key="auto-fill")
        present = kind == "A folder" and source is not None and st.toggle(
            "Also the files that are there now", key="auto-present"
        )  # fmt: skip
        export = config.export_dir() is not None and st.toggle(
            f"Copy each result to {config.export_dir()}", key="auto-export"
        )
        with left:
            formats = output.files(model.id)
        with right:
            level, reasons = output.how_sure(bundle, f"auto-{model.id}"), output.reasons(bundle, f"auto-{model.id}")
            warnings = output.warnings(f"auto-{model.id}")
        if "xlsx" in formats:
            widgets.muted("A table that is too large for a sheet of Excel is written as CSV instead.")
        choices = Choices(fill=None if fill == "refuse" else fill)
        wishes = to_dict(Wishes(choices, None, formats, warnings, Extras(level, reasons, quick=True)))
        if export:
            wishes["export"] = True
        if st.button("Switch it on", type="primary", key="auto-start", disabled=source is None or not formats):
            try:
                if kind == "A data set":
                    watch.watch_dataset(workspace(), model.id, source, name, wishes)
                else:
                    with st.spinner("Looking at what is there"):
                        watch.watch_folder(workspace(), model.id, source, wishes, also_present=present)
            except ForetableError as e:
                st.error(widgets.plain(str(e)), icon=":material/error:")
                return
            client.ensure_supervisor(workspace())
            st.rerun()


def _data_set() -> tuple[str | None, str]:
    latest = {}
    for dataset in workspace().datasets(project()):
        if dataset.version > 0 and (dataset.series not in latest or latest[dataset.series].version < dataset.version):
            latest[dataset.series] = dataset
    chosen = st.selectbox(
        "Data set", list(latest), index=None, placeholder="None chosen", key="auto-dataset",
        format_func=lambda s: f"{widgets.short(latest[s].name)} · now version {latest[s].version}",
    )  # fmt: skip
    return (chosen, latest[chosen].name) if chosen else (None, "")


def _folder() -> tuple[str | None, str]:
    known = watch.folders()
    if not known:
        widgets.muted(
            "No folder may be watched here. Whoever runs Foretable allows one by setting FORETABLE_IMPORT_DIR."
        )
        return None, ""
    root = config.import_dir()
    chosen = st.selectbox(
        "Folder", known, index=None, placeholder="None chosen", key="auto-folder",
        format_func=lambda f: root.name if f == "." else f"{root.name}/{f}",
    )  # fmt: skip
    return chosen, chosen or ""


def _switch(id: str) -> None:
    workspace().batches.switch(id, bool(st.session_state[f"on-{id}"]))
    client.ensure_supervisor(workspace())


def _forget(id: str) -> None:
    workspace().batches.forget(id)
