"""What only a user can say of columns that are put under each other: which are the same, and what kind they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from automl.types import Note
from automl.ui import widgets

if TYPE_CHECKING:
    from automl.data.append_alike import Alike

ASKED = ("append_alike", "append_kind")  # notes that have a control here
KINDS = {"": "As decided", "number": "Numbers", "text": "Text", "date": "Dates"}


def renamed(candidates: Sequence[Alike], key: str, now: Mapping[str, str] | None = None) -> dict[str, str]:
    """A card for each two columns that may be the same by another name, with a switch.

    Parameters
    ----------
    candidates : sequence of Alike
    key : str
        Of the tables: what was switched for others says nothing here.
    now : mapping, optional
        ``{name: name before}`` of those that are switched on at first.

    Returns
    -------
    dict
        ``{name: name before}`` of those that the user says are the same.
    """
    chosen: dict[str, str] = {}
    for number, one in enumerate(candidates):
        with st.container(border=True, key=f"append-alike-{number}"):
            st.warning(
                f"{_plain(one.name)} of {_plain(one.table)} is new, and {_plain(one.was)} is "
                f"missing there: the same column? {one.why.capitalize()}.",
                icon=":material/compare_arrows:",
            )
            on = (now or {}).get(one.name) == one.was
            if st.toggle("They are the same column", on, key=f"append-same-{key}-{one.was}-{one.name}"):
                chosen[one.name] = one.was
    return chosen


def kinds(notes: Sequence[Note], key: str, now: Mapping[str, str] | None = None) -> dict[str, str]:
    """What columns that hold one kind of values here and another there are brought to, by choice: ``{column: kind}``."""
    chosen: dict[str, str] = {}
    mixed = [note for note in notes if note.code == "append_kind" and note.column]
    if not mixed:
        return chosen
    with st.container(border=True, key="append-kinds"):
        widgets.card_title("Columns of different kinds")
        for note in mixed:
            text, choice = st.columns([3, 1], vertical_alignment="center")
            with text:
                widgets.bullets([note.message])
            kind = choice.selectbox(
                f"Read {widgets.label(note.column, 40)} as", list(KINDS), index=list(KINDS).index((now or {}).get(note.column, "")),
                format_func=KINDS.__getitem__, key=f"append-kind-{key}-{note.column}", label_visibility="collapsed",
            )  # fmt: skip
            if kind:
                chosen[note.column] = kind
    return chosen


def _plain(name: str) -> str:
    return f"“{widgets.plain(widgets.short(name, 40))}”"
