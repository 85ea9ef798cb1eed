"""What a step of a join would do, before it is done: figures, a picture, rows without a partner."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.data.doctor import COMPARES, JoinCheck
from automl.types import JoinPlan, JoinStep
from automl.ui import charts, join_work, widgets

HOW_SHORT = {"left": "all rows kept", "inner": "only matches kept", "right": "all added rows kept", "outer": "all rows of both"}


def keys_text(step: JoinStep) -> str:
    """Keys in a few words.

    >>> from automl.types import JoinKey
    >>> keys_text(JoinStep("", "", (JoinKey("dest", "faa", "folded"), JoinKey("day", "day"))))
    'dest = faa (ignoring letter case and spaces), day'
    """
    parts = []
    for key in step.keys:
        name = key.left if key.left == key.right else f"{key.left} = {key.right}"
        way = "" if key.compare == "same" else f" ({COMPARES[key.compare].split(':')[0]})"
        parts.append(widgets.short(name, 50) + way)
    return ", ".join(parts)


def show(plan: JoinPlan, step: JoinStep, left: str) -> None:
    """The check of a step; `left` is what to call the rows so far. Raises ForetableError where it can't be done."""
    check = join_work.check(plan, step)
    left, right = widgets.short(left, 30), widgets.short(step.name, 30)
    figures = (
        ("Rows before", wording.count(check.rows_left), f"and {wording.count(check.rows_right)}"),
        ("Rows after", wording.count(check.rows_out), _change(check)),
        (f"Found, of {left}", wording.percent(check.found_left), "of its rows"),
        (f"Used, of {right}", wording.percent(check.found_right), "of its rows"),
    )
    with st.container(key="join-figures"):
        for cell, figure in zip(st.columns(4), figures, strict=True):
            with cell:
                widgets.big_number(*figure)
    if not check.matched_left:
        st.warning("No row found a partner. Choose other keys, or another way to compare them.", icon=":material/link_off:")
    charts.join_match((left, right), check, _title(check, left, right))
    if check.multiplied and step.repeats == "all":
        widgets.muted(
            f"{wording.count(check.multiplied)} rows come on top, because {wording.count(check.repeated)} "
            f"{'key repeats' if check.repeated == 1 else 'keys repeat'} in {left if step.how == 'right' else right}."
        )
    lacking = [
        f"{wording.count(n)} rows of {name}" for n, name in ((check.missing_left, left), (check.missing_right, right)) if n
    ]
    if lacking:
        widgets.muted(f"{' and '.join(lacking)} have no key; missing keys never match.")
    if check.orphans_left or check.orphans_right:
        with st.expander("Keys without a partner", key="join-orphans"):
            sides = ((check.orphans_left, left), (check.orphans_right, right))
            for cell, (orphans, name) in zip(st.columns(2), sides, strict=True):
                with cell:
                    if not orphans:
                        widgets.muted(f"All keys of {name} found a partner.")
                        continue
                    widgets.muted(f"Only in {name}, most frequent first")
                    st.dataframe(
                        {"key": [k for k, _ in orphans], "rows": [n for _, n in orphans]}, hide_index=True,
                        key=f"join-orphans-{'left' if orphans is check.orphans_left else 'right'}",
                    )  # fmt: skip


def _change(check: JoinCheck) -> str:
    change = check.rows_out - check.rows_left
    return "as many" if not change else f"{wording.count(abs(change))} {'more' if change > 0 else 'fewer'}"


def _title(check: JoinCheck, left: str, right: str) -> str:
    if not check.matched_left:
        return f"No row of {left} is found in {right}"
    if check.matched_left == check.rows_left:
        return f"Every row of {left} is found in {right}"
    return f"{wording.of_100(check.found_left)} of 100 rows of {left} are found in {right}"
