"""Append tables: rows under rows, what comes out shown before anything is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from automl import wording
from automl.data.append_stored import append_datasets
from automl.errors import ForetableError
from automl.types import Dataset
from automl.ui import actions, append_choices, widgets
from automl.ui.state import go, project, workspace

TAB = "Append tables"
PREVIEW_ROWS = 20
KEEPS = {
    "all": "All columns",
    "common": "Columns that every table has",
    "first": "Columns of the first table",
}


@st.cache_resource(show_spinner="Appending", max_entries=4)
def _append(ids: tuple[str, ...], names: tuple[str, ...], choices: str) -> Any:
    from automl.data.append import append

    frames = [actions.frame(workspace().dataset(id)) for id in ids]
    return append(frames, names, **json.loads(choices))


def show(datasets: Sequence[Dataset]) -> None:
    """The form, what comes out, and the button that keeps it."""
    if len(datasets) < 2:
        with st.container(border=True):
            widgets.empty(
                "Two tables are needed",
                "Tables with the same columns, such as one a month, are put under each other. Upload another table.",
            )
        return
    by_id = {d.id: d for d in datasets}
    titles = {id: f"{widgets.short(d.name, 40)}{_version(d)} ({wording.count(d.rows)} rows)" for id, d in by_id.items()}
    chosen = st.multiselect(
        "Tables, in the order they are put under each other", list(by_id), default=_first(datasets),
        format_func=titles.__getitem__, key="append-tables", placeholder="Choose two or more tables",
    )  # fmt: skip
    one, two = st.columns(2, vertical_alignment="bottom")
    keep = one.selectbox("Columns to keep", list(KEEPS), format_func=KEEPS.__getitem__, key="append-keep")
    marked = two.checkbox("Add a column with the table's name", key="append-marked")
    mark = st.text_input("Name of that column", "table", key="append-mark", max_chars=80) if marked else None
    if len(chosen) < 2:
        widgets.muted("Choose at least two tables.")
        return
    picked = [by_id[id] for id in chosen]
    choices: dict[str, Any] = {"keep": keep, "mark": mark}
    try:
        _, first = _appended(chosen, picked, choices)
        choices |= {"renamed": append_choices.renamed(first.alike, "-".join(chosen))}
        _, now = _appended(chosen, picked, choices)
        choices |= {"kinds": append_choices.kinds(now.notes, "-".join(chosen))}
        table, report = _appended(chosen, picked, choices)
    except ForetableError as e:
        st.warning(widgets.plain(str(e)), icon=":material/link_off:")
        return
    sampled = any(map(actions.is_sampled, picked))
    rows, copies = sum(d.rows for d in picked), sum(report.copies)
    figures = (
        ("Tables", str(len(picked)), " + ".join(wording.count(d.rows) for d in picked[:4]) + " …" * (len(picked) > 4)),
        ("Rows after", wording.count(rows), "all of them are kept"),
        ("Columns after", str(len(report.columns)), KEEPS[keep].lower()),
        ("Rows that repeat", wording.count(copies), "in a sample" if sampled else "also in an earlier table"),
    )
    for cell, figure in zip(st.columns(4), figures, strict=True):
        with cell, st.container(border=True, height="stretch"):
            widgets.big_number(*figure)
    notes = [note for note in report.notes[int(sampled) :] if note.code not in append_choices.ASKED]
    widgets.bullets([note.message for note in notes])
    if sampled:
        widgets.muted("A table is large: the columns were matched on random samples of its rows.")
    with st.expander("First rows of the result"):
        st.dataframe(table.head(PREVIEW_ROWS), hide_index=True, key="append-preview")
    title = st.text_input("Name of the result", _title(picked), key=f"append-name-{'-'.join(chosen)}", max_chars=80)
    if st.button("Keep the appended table", type="primary", key="append-keep-it", disabled=not title.strip()):
        _keep(chosen, title.strip(), choices)


def _appended(ids: Sequence[str], picked: Sequence[Dataset], choices: dict[str, Any]) -> Any:
    return _append(tuple(ids), tuple(d.name for d in picked), json.dumps(choices, sort_keys=True))


def _keep(ids: Sequence[str], name: str, choices: dict[str, Any]) -> None:
    bar = st.progress(0.0, text="Appending")
    try:
        made = append_datasets(
            workspace(), ids, name=name, choices=choices, project=project(),
            progress=lambda share: bar.progress(min(share, 1.0), text="Appending"),
        )  # fmt: skip
    except ForetableError as e:
        bar.empty()
        st.error(widgets.plain(str(e)), icon=":material/error:")
    else:
        go("data", dataset=made.id)


def _first(datasets: Sequence[Dataset]) -> list[str]:
    """Tables to begin with: the first two that have most of their columns in common."""
    for i, one in enumerate(datasets[:20]):
        names = {c.name.casefold() for c in one.columns}
        for two in datasets[i + 1 : 20]:
            others = {c.name.casefold() for c in two.columns}
            if two.series != one.series and len(names & others) >= 0.8 * max(len(names), len(others)):
                return [two.id, one.id]
    return []


def _version(dataset: Dataset) -> str:
    return f", version {dataset.version}" if dataset.version > 1 else ""


def _title(picked: Sequence[Dataset]) -> str:
    stems = [Path(d.name).stem for d in picked]
    return f"{stems[0]} and {stems[1]}" if len(stems) == 2 else f"{stems[0]} and {len(stems) - 1} more"
