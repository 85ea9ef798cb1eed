"""What a batch's output is to hold beside the predictions, and in which files: asked alike of one batch and of all to come."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import insight, wording
from automl.bundle import Bundle
from automl.predict import Extras

REASONS = 3
FILES = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}


def how_sure(bundle: Bundle, key: str) -> float | None:
    """The share of rows whose outcome an interval or set is to hold; None where none is wished for, or can be given."""
    if not insight.can_tell_how_sure(bundle):
        return None
    classes = bundle.spec.problem.has_probabilities
    level = insight.usual_level(bundle)
    share = wording.of_100(insight.held_share(bundle, level))
    say = f"The outcomes likely enough at {share} %" if classes else f"The range that holds {share} of 100 rows"
    help = (
        f"They hold the truth for {share} of 100 rows. Where no outcome is likely enough there is none: such rows are worth a look of your own."
        if classes
        else None
    )
    return level if st.toggle(say, value=not classes, key=f"range-{key}", help=help) else None


def reasons(bundle: Bundle, key: str) -> int:
    """The number of reasons of each row."""
    too_wide = insight.too_wide(bundle)
    say = f"The {REASONS} strongest reasons of each row"
    return REASONS if st.toggle(say, key=f"reasons-{key}", disabled=too_wide is not None, help=too_wide) else 0


def warnings(key: str) -> bool:
    """Whether a column says what is doubtful about a row."""
    return st.toggle("What is doubtful about each row", value=True, key=f"warn-{key}")


def files(key: str) -> tuple[str, ...]:
    """The formats of the files."""
    chosen = st.pills(
        "Files", list(FILES), selection_mode="multi", default=["csv"], format_func=FILES.__getitem__, key=f"files-{key}"
    )
    return tuple(f for f in FILES if f in chosen)


def said(wishes: dict[str, Any]) -> str:
    """What wishes ask for, in a few words."""
    wished = [FILES[f] for f in wishes.get("formats", ()) if f in FILES]
    extras = Extras(**(wishes.get("extras") or {}))
    sure = f"how sure ({wording.of_100(extras.level)} %)" if extras.level is not None else ""
    more = [word for word in (sure, "reasons" if extras.reasons else "") if word]
    return " · ".join(filter(None, (", ".join(wished), f"with {' and '.join(more)}" if more else "")))
