"""What differs between two versions of a data set: figures, then a sentence a change."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.data import renamed
from automl.data.compare import Difference, Side, compare
from automl.types import Dataset
from automl.ui import actions, widgets
from automl.ui.state import workspace

SHOWN = 8  # sentences of a kind before the rest is folded
PARTS = (
    ("Columns", ("renamed", "gone", "new", "kind")),
    ("Values", ("categories", "range", "missing")),
)


@st.cache_data(show_spinner="Comparing the versions", max_entries=32)
def _between(
    before: str, after: str, digests: tuple[str, str], kinds: tuple[tuple[str, ...], tuple[str, ...]]
) -> Difference:
    sides = []
    for id in (before, after):
        dataset = workspace().dataset(id)
        sides.append(Side(dataset.columns, dataset.rows, actions.frame(dataset)))
    return compare(*sides)


def between(before: Dataset, after: Dataset) -> Difference:
    """What differs, worked out once."""
    return _between(before.id, after.id, (before.digest, after.digest), (actions.kinds_of(before), actions.kinds_of(after)))


def show(before: Dataset, after: Dataset) -> Difference:
    """Rows and columns before and after, and each change in a sentence."""
    found = between(before, after)
    grown = found.rows_after - found.rows_before
    came, went = len(found.of("new")), len(found.of("gone"))
    values = {c.column for c in found.of("categories", "range", "missing")}
    kept = len(renamed.of_report(after.report))
    figures = (
        ("Rows", wording.count(found.rows_after), _step(grown, found.rows_before)),
        ("Columns", str(len(after.columns)), _came_and_went(came, went)),
        ("Renamed", str(len(found.of("renamed")) + kept), _renamed(len(found.of("renamed")), kept)),
        ("Other values", str(len(values)), "columns" if len(values) != 1 else "column"),
    )
    for cell, figure in zip(st.columns(4), figures, strict=True):
        with cell, st.container(border=True, height="stretch"):
            widgets.big_number(*figure)
    for title, codes in PARTS:
        changes = [c for code in codes for c in found.of(code)]
        if not changes:
            continue
        with st.container(border=True):
            widgets.card_title(title)
            widgets.bullets([c.message for c in changes[:SHOWN]])
            if len(changes) > SHOWN:
                with st.expander(f"{len(changes) - SHOWN} more"):
                    widgets.bullets([c.message for c in changes[SHOWN:]])
    if not found.changes:
        widgets.muted("The columns are the same, and so are their kinds, categories and ranges.")
    if actions.is_sampled(before) or actions.is_sampled(after):
        widgets.muted("Values were compared on random samples: rare new ones may not be listed.")
    return found


def _step(grown: int, before: int) -> str:
    if not grown:
        return "as before"
    return f"{wording.count(abs(grown))} {'more' if grown > 0 else 'fewer'} than {wording.count(before)}"


def _renamed(guessed: int, kept: int) -> str:
    parts = ["guessed by their values"] * bool(guessed) + [f"{kept} {'keeps its name' if kept == 1 else 'keep their names'}"] * bool(kept)
    return ", ".join(parts) or "none"


def _came_and_went(came: int, went: int) -> str:
    parts = [f"{came} new"] * (came > 0) + [f"{went} gone"] * (went > 0)
    return ", ".join(parts) or "as before"
