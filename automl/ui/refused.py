"""A file that was refused: why, how it begins, and the choices that may mend it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from automl import wording
from automl.data import again
from automl.data.formats import Format
from automl.errors import ForetableError
from automl.store.files import is_id, new_id
from automl.types import Job, ReadReport
from automl.ui import actions, widgets
from automl.ui.reading_choices import ENCODINGS, Choices, of_file
from automl.ui.state import go, workspace
from automl.ui.uploader import Sent

KEPT = "refused"  # in the session, for each control that takes files: where the file waits, its name, why, what it is for
NOTE = "refused.json"  # beside the file: the same, for after a refresh
PREVIEW_ROWS = 20
LONGEST_LINE = 200
FORMATS = {Format.EXCEL: "excel"}


def keep(refusal: ForetableError, sent: Sent, *, key: str, about: dict[str, str] | None = None) -> bool:
    """Keep a refused file until its user has tried other choices; False where none would help.

    Parameters
    ----------
    refusal : ForetableError
        What `actions.use_upload` raised.
    sent : Sent
    key : str
        Of the control that took the file.
    about : dict, optional
        What it was for: `version_of` or `append_to`.
    """
    drop(key)
    if not isinstance(refusal, actions.RefusedUpload):
        return False
    path = _original(refusal.intake)
    kept = {
        "id": refusal.intake, "key": key, "name": sent.name, "why": str(refusal), "about": about or {},
        "bytes": path.stat().st_size,
    }  # fmt: skip
    st.session_state[f"{KEPT}-{key}"] = kept
    path.with_name(NOTE).write_text(json.dumps(kept), encoding="utf-8")
    st.query_params[KEPT] = refusal.intake  # a refresh finds it again
    return True


def keep_of(job: Job) -> str:
    """The same for a file that a job could not read; returns the key to show it by, which is none where the file is gone."""
    key = f"job-{job.id}"
    path = _original(job.subject)
    if f"{KEPT}-{key}" not in st.session_state and path.is_file():
        about = {k: job.payload[k] for k in ("version_of", "append_to") if job.payload.get(k)}
        st.session_state[f"{KEPT}-{key}"] = {
            "key": key, "id": job.subject, "name": str(job.payload.get("name", "the file")), "why": job.error or "", "about": about,
            "bytes": path.stat().st_size,
        }  # fmt: skip
    return key if f"{KEPT}-{key}" in st.session_state else ""


def waits(sent: Sent, *, key: str) -> bool:
    """Whether this very file was refused already and waits here: the same, sent once more, is dropped."""
    kept = st.session_state.get(f"{KEPT}-{key}")
    if not kept or (kept["name"], kept["bytes"]) != (sent.name, sent.path.stat().st_size):
        return False
    sent.path.unlink(missing_ok=True)
    return True


def drop(key: str) -> None:
    """Forget the file that waits, if there is one."""
    if kept := st.session_state.pop(f"{KEPT}-{key}", None):
        workspace().drop_intake(kept["id"])
        st.query_params.pop(KEPT, None)


def show(key: str) -> None:
    """The file that waits: the reason above, its first lines, the choices, what comes out, and a way on."""
    kept = st.session_state.get(f"{KEPT}-{key}") or _found_again(key)
    if not kept:
        return
    id, name = kept["id"], kept["name"]
    path = _original(id)
    if not path.is_file():
        del st.session_state[f"{KEPT}-{key}"]
        return
    st.error(widgets.plain(kept["why"]), icon=":material/error:")
    with st.container(border=True, key="refused"):
        widgets.card_title(f"Try {widgets.short(name, 40)} with other choices")
        format, parts = _looked_at(id, name)
        encoding = st.session_state.get(f"read-encoding-{id}")
        lines = again.first_lines(path, name, encoding if encoding in ENCODINGS else None)
        if lines:
            widgets.muted("The file begins like this:")
            st.code("\n".join(map(_line, lines)), language=None, line_numbers=True)
        choices = Choices(id, {}, {})
        of_file(choices, format, parts, (), everything=True)
        good = bool(choices.made) and _outcome(id, name, choices.made)
        if not choices.made:
            widgets.muted("Change what was taken for something else; what comes out is shown before anything is kept.")
        with st.container(horizontal=True):
            if st.button("Read with these choices", type="primary", key="refused-read", disabled=not good):
                _read(key, kept, choices.made)
            st.button("Discard the file", key="refused-drop", on_click=drop, args=(key,))


def _found_again(key: str) -> dict[str, Any] | None:
    """What the address names, after a refresh; None where that is of another control, or gone."""
    id = st.query_params.get(KEPT, "")
    note = _original(id).with_name(NOTE) if is_id(id) else None
    if note is None or not note.is_file():
        return None
    kept = json.loads(note.read_text(encoding="utf-8"))
    if kept["key"] != key:
        return None
    st.session_state[f"{KEPT}-{key}"] = kept
    return kept


def _original(id: str) -> Path:
    return workspace().home / "intake" / id / "original"


@st.cache_data(show_spinner=False, max_entries=16)
def _looked_at(id: str, name: str) -> tuple[str, dict[str, list[str]]]:
    """How the file is read, and the sheets or files inside."""
    path = _original(id)
    return FORMATS.get(again.may_help(path, name), "csv"), again.parts(path, name)


def _line(text: str) -> str:
    """A line of the file, cut where it is long; tabs can be seen."""
    shown = text.replace("\t", "→\t")
    return shown if len(shown) <= LONGEST_LINE else shown[: LONGEST_LINE - 1] + "…"


@st.cache_data(show_spinner="Reading the file", max_entries=16)
def _attempt(id: str, name: str, options: str) -> tuple[pd.DataFrame, ReadReport, int, int, bool] | str:
    """The first rows, the report, rows, columns and whether that is all of it; or why it can't be read so either."""
    try:
        frame, report, whole = again.attempt(_original(id), name, json.loads(options), workspace().staging)
    except ForetableError as e:
        return str(e)
    return frame.head(PREVIEW_ROWS), report, len(frame), frame.shape[1], whole


def _outcome(id: str, name: str, options: dict[str, Any]) -> bool:
    """Show what comes out; whether it is a table."""
    found = _attempt(id, name, json.dumps(options, sort_keys=True))
    if isinstance(found, str):
        st.warning(widgets.plain(found), icon=":material/info:")
        return False
    head, report, rows, columns, whole = found
    shape = f"{wording.count(columns)} columns" if columns != 1 else "1 column"
    if whole:
        shape = f"{wording.count(rows)} {'row' if rows == 1 else 'rows'} and {shape}"
    aside = f"{wording.count(report.bad_rows)} rows set aside" if report.bad_rows != 1 else "1 row set aside"
    widgets.said(f"With these choices: {shape}", aside if report.bad_rows else "every row fits")
    st.dataframe(head, hide_index=True, key="refused-preview", height=38 + 35 * min(len(head), 6))
    with st.expander(f"What is decided then · {len(report.notes)} notes"):
        widgets.bullets([note.message for note in report.notes])
    return rows > 0


def _read(key: str, kept: dict[str, Any], options: dict[str, Any]) -> None:
    """Read the file so; what is refused then takes the place of the reason above."""
    path = workspace().staging / f"upload-{new_id('u')}"
    os.link(_original(kept["id"]), path)
    sent = Sent(path, kept["name"])
    try:
        with st.spinner("Reading the file"):
            made = actions.use_upload(sent, options=options, **kept["about"])
    except ForetableError as e:
        if not keep(e, sent, key=key, about=kept["about"]):
            st.error(widgets.plain(str(e)), icon=":material/error:")
            return
        st.rerun()
    else:
        drop(key)
        go("data", dataset=made)
