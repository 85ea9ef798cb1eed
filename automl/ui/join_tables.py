"""Join tables, one after the other: keys suggested, everything shown before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl import wording
from automl.data.doctor import JoinCheck
from automl.errors import ForetableError
from automl.types import Dataset, JoinPlan, replace
from automl.ui import join_check, join_step, join_work, widgets
from automl.ui.state import go

TAB = "Join tables"
BASE = "join-left"  # the control with the table that others are added to
TRIED = 8  # tables that are looked at for a shared key
PREVIEW_ROWS = 20


def show(datasets: Sequence[Dataset]) -> None:
    """The steps so far, the next table, what it would do, and the button that keeps the result."""
    if len(datasets) < 2:
        with st.container(border=True):
            widgets.empty(
                "Two tables are needed",
                "Rows of one table are matched to rows of another by columns they share. "
                "Upload another table, or add the flight tables from the samples.",
            )
        return
    by_id = {d.id: d for d in datasets}
    plan = join_work.chain()
    if plan is not None and any(id not in by_id for id in (plan.base, *(s.table for s in plan.steps))):
        join_work.set_chain(None)
        plan = None
    if plan is None:
        plan = _start(by_id)
    else:
        _steps(plan, by_id)
    added = _next(plan, by_id)
    if added is not None and added.steps:
        _keep(added, by_id, more=added is not plan)


def _name(dataset: Dataset) -> str:
    version = f", version {dataset.version}" if dataset.version > 1 else ""
    return f"{widgets.short(dataset.name, 40)} ({wording.count(dataset.rows)} rows{version})"


def _start(by_id: dict[str, Dataset]) -> JoinPlan:
    by_size = sorted(by_id.values(), key=lambda d: -d.rows)
    base = st.selectbox(
        "Start with", list(by_id), index=list(by_id).index(by_size[0].id), key=BASE,
        format_func=lambda id: _name(by_id[id]), help="The table whose rows you want to say more about.",
    )  # fmt: skip
    return JoinPlan(base, by_id[base].name)


def _steps(plan: JoinPlan, by_id: dict[str, Dataset]) -> None:
    """What was joined so far, with a way back."""
    with st.container(border=True, gap="xsmall", key="join-steps"):
        widgets.card_title(_name(by_id[plan.base]))
        for number, step in enumerate(plan.steps, 1):
            check = join_work.check(replace(plan, steps=plan.steps[: number - 1]), step)
            with st.container(horizontal=True, vertical_alignment="center", key=f"join-step-{number}"):
                widgets.said(
                    f"+ {widgets.short(step.name, 40)}",
                    f"{join_check.keys_text(step)} · {join_check.HOW_SHORT[step.how]} · "
                    f"{wording.percent(check.found_left)} found · {wording.count(check.rows_out)} rows",
                )
                if number == len(plan.steps):
                    st.button("Undo", key="join-undo", on_click=join_work.undo, args=(plan,), icon=":material/undo:")


def _next(plan: JoinPlan, by_id: dict[str, Dataset]) -> JoinPlan | None:
    """The plan with the table that comes next, and what that would do; None while a choice is missing."""
    used = {plan.base, *(s.table for s in plan.steps)}
    others = [id for id in by_id if id not in used]
    if not others:
        widgets.muted("All your tables are joined.")
        return plan
    first = _best(plan, [by_id[id] for id in others]) if not plan.steps else None
    right = st.selectbox(
        "Add" if plan.steps else "Add to it", others, index=others.index(first) if first else None,
        format_func=lambda id: _name(by_id[id]), placeholder="Choose another table, or keep what is there",
        key=f"join-right-{plan.base}-{len(plan.steps)}",
    )  # fmt: skip
    if right is None:
        return plan
    try:
        step = join_step.show(plan, by_id[right])
        if step is None:
            return None
        with st.container(border=True, key="join-check"):
            join_check.show(plan, step, by_id[plan.base].name)
    except ForetableError as e:
        st.warning(widgets.plain(str(e)), icon=":material/link_off:")
        return None
    return replace(plan, steps=(*plan.steps, step))


def _best(plan: JoinPlan, others: Sequence[Dataset]) -> str:
    """The first table that shares a key with the base."""
    for other in others[:TRIED]:
        if join_work.suggestions(plan, other):
            return other.id
    return others[0].id


def _keep(plan: JoinPlan, by_id: dict[str, Dataset], *, more: bool) -> None:
    """The name, the first rows, the buttons; `more` where the last step has not been added to the list yet."""
    last = replace(plan, steps=plan.steps[:-1])
    try:
        check = join_work.check(last, plan.steps[-1])
    except ForetableError as e:
        st.warning(widgets.plain(str(e)), icon=":material/link_off:")
        return
    if st.toggle("Show the first rows of the joined table", key="join-look"):
        try:
            rows = join_work.first_rows(plan, PREVIEW_ROWS)
            st.dataframe(rows, hide_index=True, key="join-preview")
        except ForetableError as e:
            st.warning(widgets.plain(str(e)), icon=":material/link_off:")
    stems = [join_step.bare(by_id[s.table].name) for s in plan.steps]
    suggestion = f"{join_step.bare(plan.name)} with {', '.join(stems)}"[:80]
    title = st.text_input("Name of the joined table", suggestion, key=f"join-name-{suggestion}", max_chars=80)
    if taken := [d for d in by_id.values() if d.name == title.strip()]:
        newest = max(d.version for d in taken)
        widgets.muted(f"There is a table of this name already: this one becomes its version {newest + 1}, and version {newest} stays.")
    nothing = check.rows_out == 0
    if nothing:
        widgets.muted("No row would be left, so there is nothing to keep.")
    with st.container(horizontal=True, key="join-end"):
        keep = st.button("Keep the joined table", type="primary", key="join-keep", disabled=nothing or not title.strip())
        if more and len(by_id) > len(plan.steps) + 1:
            add = join_work.set_chain
            st.button("Add another table", key="join-more", on_click=add, args=(plan,), disabled=nothing)
    if keep:
        try:
            id = _kept(plan, title.strip(), check)
        except ForetableError as e:
            st.error(widgets.plain(str(e)), icon=":material/error:")
            return
        join_work.set_chain(None)
        go("data", dataset=id)


def _kept(plan: JoinPlan, title: str, check: JoinCheck) -> str:
    """Join and store, what is done now named on a bar."""
    place = st.empty()
    bar = place.progress(0.0, "Joining")
    try:
        return join_work.keep(plan, title, check, lambda share, what: bar.progress(min(share, 1.0), widgets.plain(what)))
    finally:
        place.empty()
