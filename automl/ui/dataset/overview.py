"""Overview: how the table was read, its columns, what needs a look, its first rows."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.data import words
from automl.types import Column, ColumnKind, Dataset, Finding, Severity
from automl.ui import actions, tables, widgets
from automl.ui.state import workspace

PREVIEW_ROWS = 100
MANY_GAPS = 0.4  # from this share of missing cells on, a column is pointed out
LOOKS_SHOWN, MOST_LOOKS = 6, 60
COLUMNS_SHOWN = 200  # of a wide table; the others are found by their names


def show(dataset: Dataset) -> None:
    """The tab."""
    notes = [note.message for note in dataset.report.notes]
    read = notes[0].rstrip(".") if notes else f"{wording.count(dataset.rows)} rows"
    widgets.muted(f"{read} · {wording.filesize(dataset.bytes)}")
    facts, looks = actions.table_facts(dataset.id, dataset.digest), needs_a_look(dataset)
    _cards(dataset, facts, len(looks))
    overview, side = st.columns([3, 1]) if looks else (st.container(), None)
    with overview, st.container(border=True):
        shown = _shown(dataset)
        names = tuple(c.name for c in shown) if len(shown) < len(dataset.columns) else None
        charts = actions.charts(dataset.id, dataset.digest, actions.kinds_of(dataset), names)
        tables.column_overview(shown, dataset.rows, charts)
    if side is not None:
        with side, st.container(border=True):
            widgets.card_title("Needs a look")
            for found in looks[:LOOKS_SHOWN]:
                widgets.finding(found)
            if len(looks) > LOOKS_SHOWN:
                with st.expander(f"{len(looks) - LOOKS_SHOWN} more"):
                    for found in looks[LOOKS_SHOWN:MOST_LOOKS]:
                        widgets.finding(found)
                    if len(looks) > MOST_LOOKS:
                        widgets.muted(f"And {wording.count(len(looks) - MOST_LOOKS)} more of the same kind.")
    with st.expander("Change what a column is"):
        _change_kind(dataset)
    sampled = "of a sample, " if actions.is_sampled(dataset) else ""
    with st.expander(f"{sampled}first {min(PREVIEW_ROWS, dataset.rows)} rows".capitalize()):
        st.dataframe(actions.frame(dataset).head(PREVIEW_ROWS), hide_index=True, key="first-rows")


def _shown(dataset: Dataset) -> list[Column]:
    """The columns of the overview: all, or of a wide table the first ones with what is looked for in their names."""
    if len(dataset.columns) <= COLUMNS_SHOWN:
        return list(dataset.columns)
    looked = st.text_input("Find a column", key=f"find-column-{dataset.id}", placeholder="A part of its name").strip().casefold()
    found = [c for c in dataset.columns if looked in c.name.casefold()]
    of = f" with “{widgets.short(looked, 30)}” in their names" if looked else ""
    first = f"The first {wording.count(COLUMNS_SHOWN)} of " if len(found) > COLUMNS_SHOWN else ""
    widgets.muted(f"{first}{words.count(len(found), 'column')}{of}.")
    return found[:COLUMNS_SHOWN]


def _cards(dataset: Dataset, facts: dict[str, int], looks: int) -> None:
    columns = words.count(facts["columns_missing"], "column") if facts["columns_missing"] else "any column"
    figures = (
        ("Missing cells", wording.percent(facts["missing"] / max(facts["cells"], 1)), f"in {columns}"),
        ("Duplicate rows", wording.count(facts["duplicates"]), _copies(facts["sampled"])),
        ("Set aside while reading", wording.count(dataset.report.bad_rows), "lines that are no rows of it"),
        ("Needs a look", wording.count(looks), "see beside the columns" if looks else "nothing stands out"),
    )
    for cell, figure in zip(st.columns(4), figures, strict=True):
        with cell, st.container(border=True, height="stretch"):
            widgets.big_number(*figure)


def _copies(sampled: int) -> str:
    return f"in a sample of {wording.count(sampled)} rows" if sampled else "exact copies"


def needs_a_look(dataset: Dataset) -> list[Finding]:
    """Columns that a person may want to decide about, from what the profile knows."""
    looks = []
    for c in dataset.columns:
        name, share = widgets.short(c.name, 40), c.missing / max(dataset.rows, 1)
        if c.distinct == 0:
            looks.append((c, Severity.INFO, f"{name} is empty", "It holds no value; models leave it out."))
        elif c.distinct == 1 and not c.missing:
            looks.append(
                (
                    c,
                    Severity.INFO,
                    f"{name} is always the same",
                    "It tells nothing apart; models leave it out.",
                )
            )
        elif c.kind is ColumnKind.IDENTIFIER:
            reason = f"{c.reason[:1].upper()}{c.reason[1:]}." if c.reason else "It names rows."
            looks.append((c, Severity.INFO, f"{name} is an identifier", f"{reason} Models leave it out."))
        if c.distinct and share >= MANY_GAPS:
            looks.append(
                (
                    c, Severity.WARNING, f"{name} is often missing",
                    f"{wording.percent(share)} of its cells have no value. Check that this is meant.",
                )
            )  # fmt: skip
    looks.sort(key=lambda look: look[1] is Severity.INFO)
    return [
        Finding(f"look_{i}", severity, title, text, (c.name,))
        for i, (c, severity, title, text) in enumerate(looks)
    ]


def _change_kind(dataset: Dataset) -> None:
    names = [c.name for c in dataset.columns]
    one, two, three = st.columns([3, 2, 1], vertical_alignment="bottom")
    name = one.selectbox("Column", names, key="kind-column", format_func=widgets.short)
    column = dataset.column(name)
    kinds = list(ColumnKind)
    kind = two.selectbox(
        "Kind",
        kinds,
        index=kinds.index(column.kind),
        format_func=lambda k: k.word,
        key=f"kind-of-{name}-{column.kind.value}",
    )
    if three.button("Change", key="change-kind", disabled=kind is column.kind, width="stretch"):
        workspace().set_kind(dataset.id, name, kind)
        st.toast(f"{widgets.plain(widgets.short(name))} is now read as {kind.word}.")
        st.rerun()
    widgets.muted(f"Now {column.kind.word}" + (f": {column.reason}" if column.reason else ""))
