"""Join two tables: keys suggested, rows before and after shown before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from automl import wording
from automl.errors import ForetableError
from automl.types import Dataset, ReadReport
from automl.ui import actions, widgets
from automl.ui.state import go

TAB = "Join two tables"
MOST_KEYS = 4
TRIED = 8  # tables that are looked at for a shared key
PREVIEW_ROWS = 20
HOWS = {
    "left": "Keep all rows of the first table",
    "inner": "Keep only rows that match",
    "right": "Keep all rows of the second table",
    "outer": "Keep all rows of both",
}


@st.cache_data(show_spinner=False, max_entries=32)
def _suggest(left: str, right: str) -> list[tuple[str, str]]:
    from automl.data.suggest import suggest_keys
    from automl.ui.state import workspace

    return suggest_keys(*(actions.frame(workspace().dataset(id)) for id in (left, right)))


@st.cache_resource(show_spinner="Joining", max_entries=2)
def _join(left: str, right: str, on: tuple[tuple[str, str], ...], how: str) -> Any:
    from automl.data.join import join
    from automl.ui.state import workspace

    return join(*(actions.frame(workspace().dataset(id)) for id in (left, right)), list(on), how)


def _first_pair(datasets: Sequence[Dataset]) -> tuple[str, str]:
    """Two tables to begin with: the largest, and the first other one that shares a key with it."""
    by_size = sorted(datasets, key=lambda d: -d.rows)
    left = by_size[0]
    for right in by_size[1:TRIED]:
        if _suggest(left.id, right.id):
            return left.id, right.id
    return left.id, by_size[1].id


def show(datasets: Sequence[Dataset]) -> None:
    """The form, the check and the button that keeps the result."""
    if len(datasets) < 2:
        with st.container(border=True):
            widgets.empty(
                "Two tables are needed",
                "Rows of one table are matched to rows of another by columns they share. "
                "Upload another table, or add the flight tables from the samples.",
            )
        return
    by_id = {d.id: d for d in datasets}

    def name(id: str) -> str:
        return f"{widgets.short(by_id[id].name, 40)} ({wording.count(by_id[id].rows)} rows)"

    first, second = _first_pair(datasets)
    one, two = st.columns(2)
    left = one.selectbox(
        "First table", list(by_id), index=list(by_id).index(first), format_func=name, key="join-left"
    )
    others = [id for id in by_id if id != left]
    right = two.selectbox(
        "Second table",
        others,
        index=others.index(second) if second in others else 0,
        format_func=name,
        key=f"join-right-{left}",
    )
    suggested = _suggest(left, right)
    if not suggested:
        widgets.muted("No columns of the two hold the same values. Choose the keys that belong together.")
    left_names = [c.name for c in by_id[left].columns]
    right_names = [c.name for c in by_id[right].columns]
    count = st.segmented_control(
        "Number of key columns",
        list(range(1, MOST_KEYS + 1)),
        default=max(1, min(MOST_KEYS, len(suggested))),
        required=True,
        key=f"join-count-{left}-{right}",
    )
    keys = []
    for i in range(int(count or 1)):
        guess = suggested[i] if i < len(suggested) else (left_names[0], right_names[0])
        one, two = st.columns(2)
        a = one.selectbox(
            f"Key {i + 1} in the first table", left_names, index=left_names.index(guess[0]),
            key=f"join-a-{left}-{right}-{i}", format_func=widgets.short,
        )  # fmt: skip
        b = two.selectbox(
            f"Key {i + 1} in the second table", right_names, index=right_names.index(guess[1]),
            key=f"join-b-{left}-{right}-{i}", format_func=widgets.short,
        )  # fmt: skip
        keys.append((a, b))
    how = st.radio("Rows to keep", list(HOWS), format_func=HOWS.__getitem__, key="join-how", horizontal=True)
    try:
        table, report = _join(left, right, tuple(keys), how)
    except ForetableError as e:
        st.warning(widgets.plain(str(e)), icon=":material/link_off:")
        return
    figures = (
        ("Rows before", wording.count(report.rows_left), f"and {wording.count(report.rows_right)}"),
        ("Rows after", wording.count(len(table)), f"{len(table.columns)} columns"),
        (
            "First table matched",
            wording.percent(report.matched_left / max(report.rows_left, 1)),
            "of its rows",
        ),
        (
            "Second table matched",
            wording.percent(report.matched_right / max(report.rows_right, 1)),
            "of its rows",
        ),
    )
    for cell, figure in zip(st.columns(4), figures, strict=True):
        with cell, st.container(border=True, height="stretch"):
            widgets.big_number(*figure)
    if not report.matched_left:
        st.warning("No row found a partner. Choose other keys.", icon=":material/link_off:")
    widgets.bullets([note.message for note in report.notes])
    with st.expander("First rows of the joined table"):
        st.dataframe(table.head(PREVIEW_ROWS), hide_index=True, key="join-preview")
    suggestion = f"{Path(by_id[left].name).stem} with {Path(by_id[right].name).stem}"
    title = st.text_input("Name of the joined table", suggestion, key=f"join-name-{left}-{right}")
    if st.button(
        "Keep the joined table", type="primary", key="join-keep", disabled=not title.strip() or table.empty
    ):
        kept = ReadReport("join", {"left": left, "right": right, "on": keys, "how": how}, report.notes)
        with st.spinner("Saving"):
            dataset = actions.add_table(table, title.strip(), kept, origin="join")
        go("data", dataset=dataset.id)
