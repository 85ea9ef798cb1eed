"""Joined from: the steps a data set was joined by, and joining again when its tables have newer versions."""

from __future__ import annotations

import streamlit as st

from automl import wording
from automl.data import joined, words
from automl.errors import ForetableError
from automl.types import Dataset, JoinPlan
from automl.ui import join_check, join_step, join_work, widgets
from automl.ui.state import go, workspace

TAB = "Joined from"


def has(dataset: Dataset) -> bool:
    """Whether there is anything to show."""
    return joined.plan_of(dataset) is not None


def show(dataset: Dataset) -> None:
    """The tab."""
    plan = joined.plan_of(dataset)
    if plan is None:
        widgets.empty("This table was not joined from others", "Join tables on the Data page; their steps are kept here.")
        return
    newer = joined.newer_inputs(workspace(), dataset)
    with st.container(border=True):
        _table(plan.base, plan.name, newer)
        for step, found in zip(plan.steps, dataset.report.options["found"], strict=True):
            _table(step.table, f"+ {step.name}", newer)
            repeats = "" if step.repeats == "all" else f" · {join_step.REPEATS[step.repeats][0].lower()}"
            widgets.quiet_lines(
                f"{join_check.keys_text(step)} · {join_check.HOW_SHORT[step.how]}{repeats}",
                f"{wording.percent(found)} of the rows found a partner · "
                f"{words.count(len(step.columns), 'column')} brought along",
            )
    _refresh(dataset, plan, newer)


def _table(id: str, name: str, newer: dict[str, Dataset]) -> None:
    known = workspace().remembered(id)
    version = f"version {known.version}" if known else "not there any more"
    if known and not workspace().has_dataset(id):
        version += ", deleted"
    if id in newer:
        version += f"; version {newer[id].version} is there"
    widgets.said(widgets.short(name, 60), version)


def _refresh(dataset: Dataset, plan: JoinPlan, newer: dict[str, Dataset]) -> None:
    if not newer:
        widgets.muted("All tables are the latest versions. When one gets a newer version, it can be joined again here.")
        return
    lacking = [id for id in (plan.base, *(s.table for s in plan.steps)) if not workspace().has_dataset(id)]
    if lacking:
        widgets.muted("One of the tables was deleted, so this table can't be joined again.")
        return
    widgets.muted("The same steps on the latest versions make the next version of this table; this one stays.")
    if st.button("Join again from the latest versions", key="join-refresh", icon=":material/refresh:"):
        try:
            with st.spinner("Joining"):
                id = join_work.refresh(dataset)
        except ForetableError as e:
            st.error(widgets.plain(str(e)), icon=":material/error:")
            return
        go("data", dataset=id)
