"""An uploaded archive with several tables: which of them to read."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from automl.data.unpack import members
from automl.errors import ForetableError
from automl.store.files import new_id
from automl.ui import actions, widgets
from automl.ui.state import go, workspace
from automl.ui.uploader import Sent

KEPT = "archive"  # in the session: the id under which the archive waits, its name, its tables


def keep(sent: Sent) -> bool:
    """Keep an archive until it is known which of its tables are wanted; False where there is nothing to choose.

    Raises DataError when the file is none that could be read; it is gone then.
    """
    try:
        tables = members(sent.path, sent.name)
    except ForetableError:
        sent.path.unlink(missing_ok=True)
        raise
    if not tables:
        return False
    waiting = st.session_state.get(KEPT) or {}
    if (waiting.get("name"), waiting.get("tables")) == (sent.name, tables):  # sent once more
        sent.path.unlink(missing_ok=True)
        return True
    drop()
    st.session_state[KEPT] = {"id": workspace().new_intake(sent.path), "name": sent.name, "tables": tables}
    return True


def drop() -> None:
    """Forget the archive that waits, if there is one."""
    if kept := st.session_state.pop(KEPT, None):
        workspace().drop_intake(kept["id"])


def show() -> None:
    """Ask which tables to read, while an archive waits."""
    kept = st.session_state.get(KEPT)
    if not kept:
        return
    with st.container(border=True):
        widgets.card_title(f"{widgets.short(kept['name'], 40)} holds {len(kept['tables'])} tables")
        chosen = st.multiselect(
            "Tables to read", kept["tables"], default=kept["tables"][:1], key=f"archive-{kept['id']}",
            format_func=widgets.short,
        )  # fmt: skip
        with st.container(horizontal=True):
            if st.button("Read the chosen tables", type="primary", key="archive-read", disabled=not chosen):
                _read(kept["id"], chosen)
            st.button("Discard the file", key="archive-drop", on_click=drop)


def _read(id: str, chosen: list[str]) -> None:
    """Each chosen table becomes a data set; what can't be read is said, and the rest is kept."""
    made = []
    try:
        original = workspace().intake_folder(id) / "original"
        with st.spinner("Reading"):
            for member in chosen:
                path = workspace().staging / f"upload-{new_id('u')}"
                os.link(original, path)
                try:
                    made.append(actions.use_upload(Sent(path, Path(member).name), member=member))
                except ForetableError as e:
                    st.error(widgets.plain(str(e)), icon=":material/error:")
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
    if len(made) == len(chosen):
        drop()
        go("data", dataset=made[0]) if len(made) == 1 else st.rerun()
