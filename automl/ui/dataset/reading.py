"""How it was read: every decision as a control, the file read again another way, rows that were set aside."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from automl import wording
from automl.data import again, words
from automl.data.ingest import is_large
from automl.errors import ForetableError
from automl.jobs import client
from automl.types import BadRow, Dataset, ReadReport
from automl.ui import actions, widgets
from automl.ui.boundary import failing_softly
from automl.ui.reading_choices import AUTOMATIC, Choices, of_file
from automl.ui.state import go, project, workspace

TAB = "How it was read"
PREVIEW_ROWS = 20
NOTES_SHOWN = 8
CHANGES_SHOWN = 4
REASONS_SHOWN = 4

def show(dataset: Dataset) -> None:
    """The tab."""
    report = dataset.report
    _total(dataset)
    notes = [note.message for note in report.notes if note.code != "total_row" or not again.is_possible(workspace(), dataset)]
    widgets.bullets(notes[:NOTES_SHOWN])
    if len(notes) > NOTES_SHOWN:
        with st.expander(f"{words.count(len(notes) - NOTES_SHOWN, 'more note')}"):
            widgets.bullets(notes[NOTES_SHOWN:])
    _set_aside(dataset)
    if not again.is_possible(workspace(), dataset):
        widgets.muted(
            "This table was not read from one file that is still here, so there is nothing to read again. "
            "Upload the file to read it another way."
        )
        return
    with st.container(border=True):
        widgets.card_title("Read it another way")
        widgets.muted("Each choice starts as it was decided. Change what is wrong, look at the outcome, then keep it.")
        options = _choices(dataset)
    if options != again.chosen(report):
        _outcome(dataset, options)


def _total(dataset: Dataset) -> None:
    """What to do about a row of totals at the foot: a word from the user, nothing by itself."""
    note = next((n for n in dataset.report.notes if n.code == "total_row"), None)
    if note is None or not again.is_possible(workspace(), dataset):
        return
    with st.container(border=True, key="total-row"):
        st.warning(widgets.plain(note.message), icon=":material/functions:")
        with st.container(horizontal=True):
            if st.button("Set the last row aside", key="total-aside", icon=":material/remove_circle:"):
                _keep(dataset, {**again.chosen(dataset.report), "total_row": "aside"})
            if st.button("It is a case like the others", key="total-kept", type="tertiary"):
                _keep(dataset, {**again.chosen(dataset.report), "total_row": "kept"})


# -- rows set aside --------------------------------------------------------------------------


def _set_aside(dataset: Dataset) -> None:
    rows, total = dataset.report.set_aside, dataset.report.bad_rows
    if not rows:
        return
    with st.container(border=True):
        widgets.card_title(f"{wording.count(total)} {'row was' if total == 1 else 'rows were'} set aside")
        shown = f" The first {wording.count(len(rows))} are here." if total > len(rows) else ""
        widgets.muted(f"{'It is' if total == 1 else 'They are'} in the file and not in the table: {_why(rows, total)}.{shown}")
        table = pd.DataFrame(
            {"Line": [r.line for r in rows], "Why": [r.reason for r in rows], "Text": [r.text for r in rows]}
        )
        st.dataframe(
            table,
            hide_index=True,
            key="rows-set-aside",
            height=min(38 + 35 * len(rows), 260),
            column_config={"Line": st.column_config.NumberColumn(format="%,d", width=70), "Why": {"width": 200}},
        )
        st.download_button(
            "Download these rows",
            _as_csv(table),
            f"{actions.file_name(Path(dataset.name).stem)}-set-aside.csv",
            "text/csv",
            key="download-set-aside",
            icon=":material/download:",
            on_click="ignore",
        )


def _why(rows: tuple[BadRow, ...], total: int) -> str:
    """How many were set aside for each reason, the most frequent first."""
    found = Counter(_in_short(row.reason) for row in rows)
    said = [f"{wording.count(n)} × {reason}" for reason, n in found.most_common(REASONS_SHOWN)]
    rest = total - sum(n for _, n in found.most_common(REASONS_SHOWN))
    return " · ".join([*said, f"{wording.count(rest)} more"] if rest else said)


def _in_short(reason: str) -> str:
    """A reason without its numbers."""
    cells = re.fullmatch(r"([\d,]+) cells? instead of ([\d,]+)", reason)
    if not cells:
        return reason
    has, wants = (int(number.replace(",", "")) for number in cells.groups())
    return "too few cells" if has < wants else "too many cells"


def _as_csv(table: pd.DataFrame) -> bytes:
    from automl.predict import guard_formulas

    return guard_formulas(table).to_csv(index=False).encode()


# -- choices ---------------------------------------------------------------------------------


def _choices(dataset: Dataset) -> dict[str, Any]:
    """The controls; returns what is chosen now, automatic choices left out."""
    report, now = dataset.report, again.chosen(dataset.report)
    found = report.options
    choices = Choices(_key(dataset), now, found)
    noted = {n.code for n in report.notes}
    if any("two rows" in n.message or "row of its own" in n.message for n in report.notes if n.code == "header"):
        noted.add("under_names")
    if found.get("mended"):
        noted.add("as_written")
    of_file(choices, report.format, _alternatives(dataset.id, dataset.digest), noted)
    options = choices.made
    if same := _same(now.get("renamed") or {}, dataset):
        options["renamed"] = same
    if chosen := _one_column(dataset, now.get("columns") or {}):
        options["columns"] = chosen
    return options


def _same(now: dict[str, str], dataset: Dataset) -> dict[str, str]:
    """Columns that keep a name which the file does not give them; each can be let go."""
    if not now:
        return {}
    kept = st.multiselect(
        "Columns with another name in the file", list(now), default=list(now), key=f"read-renamed-{_key(dataset)}",
        format_func=lambda name: f"{widgets.short(name, 30)} stays {widgets.short(now[name], 30)}",
        help="They keep the name that recipes and models know. Taken away, a column has the file's own name.",
    )  # fmt: skip
    return {name: now[name] for name in kept}


def _one_column(dataset: Dataset, now: dict[str, Any]) -> dict[str, Any]:
    """What single columns are read as, by choice: kept in the session until the reading is kept."""
    state = f"read-columns-{_key(dataset)}"
    chosen: dict[str, Any] = st.session_state.setdefault(state, dict(now))
    plans = dataset.report.options.get("columns") or {}
    if not plans:
        return chosen
    words = {json.dumps(plan, sort_keys=True): word for word, plan in again.COLUMN_CHOICES.items()}
    one, two = st.columns([2, 1], vertical_alignment="bottom")
    name = one.selectbox("One column", list(plans), key=f"{state}-name", format_func=widgets.short)
    known = [AUTOMATIC, *again.COLUMN_CHOICES]
    current = words.get(json.dumps(chosen.get(name), sort_keys=True), AUTOMATIC)
    automatic = f"{AUTOMATIC} · {_plan_words(plans[name])}" if name not in now else AUTOMATIC
    way = two.selectbox(
        "Is read as", known, index=known.index(current), key=f"{state}-{list(plans).index(name)}",
        format_func=lambda v: automatic if v == AUTOMATIC else v.capitalize(),
    )  # fmt: skip
    chosen = {k: v for k, v in chosen.items() if k != name}
    if way != AUTOMATIC:
        chosen[name] = again.COLUMN_CHOICES[way]
    st.session_state[state] = chosen
    if chosen:
        said = (f"{widgets.short(n, 30)}: {words.get(json.dumps(p, sort_keys=True), 'as chosen')}" for n, p in chosen.items())
        widgets.muted(f"Chosen by you: {' · '.join(said)}")
    return chosen


def _plan_words(plan: dict[str, Any]) -> str:
    match plan["type"]:
        case "number":
            return "empty" if plan.get("empty") else "number"
        case "flag":
            return "true or false"
        case other:
            return str(other)


@st.cache_data(show_spinner=False, max_entries=32)
def _alternatives(id: str, digest: str) -> dict[str, list[str]]:
    return again.alternatives(workspace(), workspace().dataset(id))


# -- the outcome, before it is kept ----------------------------------------------------------


@st.cache_data(show_spinner="Reading the file again", max_entries=8)
def _preview(id: str, digest: str, options: str) -> tuple[pd.DataFrame, ReadReport, int, int, bool]:
    dataset = workspace().dataset(id)
    frame, report, whole = again.preview(workspace(), dataset, json.loads(options))
    return frame.head(PREVIEW_ROWS), report, len(frame), frame.shape[1], whole


def _outcome(dataset: Dataset, options: dict[str, Any]) -> None:
    with st.container(border=True):
        widgets.card_title("With these choices")
        try:
            head, report, rows, columns, whole = _preview(dataset.id, dataset.digest, json.dumps(options, sort_keys=True))
        except ForetableError as e:
            st.error(widgets.plain(str(e)), icon=":material/error:")
            _back(dataset)
            return
        was = f"{wording.count(dataset.rows)} rows and {wording.count(len(dataset.columns))} columns"
        if whole:
            widgets.said(f"{wording.count(rows)} rows and {wording.count(columns)} columns", f"now {was}")
        else:
            widgets.said(f"{wording.count(columns)} columns", f"from the head of the file; now {was}")
        known = {note.message for note in dataset.report.notes}
        widgets.bullets([note.message for note in report.notes if note.message not in known][:CHANGES_SHOWN])
        st.dataframe(head, hide_index=True, key="reading-preview", height=38 + 35 * min(len(head), 6))
        with st.expander(f"What is decided then · {len(report.notes)} notes"):
            widgets.bullets([note.message for note in report.notes])
        replaces = again.replaces(workspace(), dataset)
        widgets.muted(
            "It takes the place of this version, since nothing was made of it yet."
            if replaces
            else f"It becomes a new version of this table; version {dataset.version} stays as it is."
        )
        with st.container(horizontal=True):
            if st.button("Read again and keep", key="keep-reading", icon=":material/check:"):
                _keep(dataset, options)
            _back(dataset)


def _back(dataset: Dataset) -> None:
    st.button("Leave it as it is", key="leave-reading", on_click=failing_softly(_leave), args=(dataset,))


def _leave(dataset: Dataset) -> None:
    """New controls, as the browser keeps what was chosen in the old ones."""
    round_ = f"reading-round-{dataset.id}"
    st.session_state[round_] = st.session_state.get(round_, 0) + 1


def _key(dataset: Dataset) -> str:
    """The end of the keys of this file's controls."""
    return f"{dataset.id}-{dataset.digest[:8]}-{st.session_state.get(f'reading-round-{dataset.id}', 0)}"


def _keep(dataset: Dataset, options: dict[str, Any]) -> None:
    original = workspace().original(dataset.id)
    try:
        if original is not None and is_large(original):
            copy = again.linked(workspace(), original)
            job = client.ingest(
                workspace(), copy, name=dataset.name, project=project().id, options=options, version_of=dataset.id
            )
            go("data", dataset=job.subject)
            return
        with st.spinner("Reading the file again"):
            kept = again.keep(workspace(), dataset, options)
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
        return
    _leave(dataset)
    st.toast("The table is read with your choices now." if kept.id == dataset.id else "Kept as a new version.")
    if kept.id == dataset.id:
        st.rerun()
    go("data", dataset=kept.id)
