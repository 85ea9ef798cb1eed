"""What the join page asks the engine for, cached by content: suggestions, checks, and the join itself."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from automl import config
from automl.data.doctor import JoinCheck, Way
from automl.data.suggest import Suggestion
from automl.errors import ForetableError
from automl.jobs import client
from automl.types import Dataset, JoinPlan, JoinStep, from_dict, replace, to_dict, to_json
from automl.ui import actions
from automl.ui.state import project, workspace

CHAIN, ADDRESS = "join-chain", "steps"
MOST_ADDRESS = 6_000  # characters of steps that an address may hold
LEFT_ROWS = 20_000  # of the rows so far, for suggestions


# -- the steps so far: in the session, and in the address for a refresh ---------------------------


def chain() -> JoinPlan | None:
    """The base table and the steps that were added; None before there is one."""
    if CHAIN not in st.session_state and (text := st.query_params.get(ADDRESS)):
        try:
            data = json.loads(zlib.decompress(base64.urlsafe_b64decode(text)))
            plan = from_dict(data, JoinPlan)
            tables = [plan.base, *(step.table for step in plan.steps)]
            if all(workspace().has_dataset(id) for id in tables):
                st.session_state[CHAIN] = plan
        except (ForetableError, ValueError, zlib.error, binascii.Error):
            del st.query_params[ADDRESS]
    return st.session_state.get(CHAIN)


def set_chain(plan: JoinPlan | None) -> None:
    """Remember the steps; None forgets them."""
    if plan is None or not plan.steps:
        st.session_state.pop(CHAIN, None)
        st.query_params.pop(ADDRESS, None)
        return
    st.session_state[CHAIN] = plan
    text = base64.urlsafe_b64encode(zlib.compress(json.dumps(to_dict(plan)).encode(), 9)).decode()
    if len(text) <= MOST_ADDRESS:
        st.query_params[ADDRESS] = text


def undo(plan: JoinPlan) -> None:
    """Take the last step back."""
    set_chain(replace(plan, steps=plan.steps[:-1]))


# -- questions ------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False, max_entries=24)
def _columns(home: str, id: str, digest: str, names: tuple[str, ...]) -> pd.DataFrame:
    return workspace().frame(id, columns=names)


def _load(id: str, columns: Sequence[str] | None) -> pd.DataFrame:
    dataset = workspace().dataset(id)
    names = tuple(columns) if columns is not None else tuple(c.name for c in dataset.columns)
    return _columns(str(workspace().home), id, dataset.digest, names)


def _so_far(plan: JoinPlan, names: Sequence[str]) -> pd.DataFrame:
    """Some columns of the rows so far, all rows."""
    from automl.data.join import replay

    plan = _without_idle(plan, names)
    if not plan.steps:
        return _load(plan.base, tuple(dict.fromkeys(names)))
    return replay(plan, _load, only=names)[0]


def _without_idle(plan: JoinPlan, names: Sequence[str]) -> JoinPlan:
    """The plan without the steps that change no row and give none of the columns that are asked for."""
    still, kept = set(names), []
    for at in range(len(plan.steps) - 1, -1, -1):
        step = plan.steps[at]
        gives = still & set(step.columns.values())
        if not gives and step.how == "left":
            done = check(replace(plan, steps=plan.steps[:at]), step)
            if done.rows_out == done.rows_left:
                continue
        kept.insert(0, step)
        still = (still - gives) | {k.left for k in step.keys}
    return replace(plan, steps=tuple(kept))


@st.cache_data(show_spinner="Looking for keys", max_entries=64)
def _suggest(home: str, plan: str, right: str) -> list[Suggestion]:
    from automl.data.doctor import triples
    from automl.data.merge import merge_tables
    from automl.data.suggest import suggest

    found = from_dict(json.loads(plan), JoinPlan)
    left = workspace().frame(found.base, LEFT_ROWS)
    for step in found.steps:  # a row a row: enough to see which values there are
        once = "first" if step.repeats == "all" else step.repeats
        other = _load(step.table, None)
        left = merge_tables(left, other, triples(step.keys), "left", step.columns, once, step.latest)
    dataset = workspace().dataset(right)
    return suggest(left, actions.frame(dataset), f"“{dataset.name[:40]}”")


def suggestions(plan: JoinPlan, right: Dataset) -> list[Suggestion]:
    """Ranked keys between the rows so far and a table."""
    return _suggest(str(workspace().home), to_json(plan), right.id)


@st.cache_data(show_spinner=False, max_entries=128)
def _compare(
    home: str, plan: str, right: str, a: str, b: str, compare: str
) -> tuple[str | None, tuple[Way, ...], tuple[Way, str] | None]:
    from automl.data.doctor import hint, mismatch, ways

    one = _so_far(from_dict(json.loads(plan), JoinPlan), [a])[a]
    two = _load(right, (b,))[b]
    return mismatch(one, two, (a, b)), ways(one, two), hint(one, two, compare)


def compare(
    plan: JoinPlan, right: Dataset, a: str, b: str, way: str
) -> tuple[str | None, tuple[Way, ...], tuple[Way, str] | None]:
    """Of two key columns: why they can't be compared as they are, the ways there are, and a better one than `way`."""
    return _compare(str(workspace().home), to_json(plan), right.id, a, b, way)


@st.cache_data(show_spinner="Counting matches", max_entries=128)
def _check(home: str, plan: str, step: str) -> JoinCheck:
    from automl.data.doctor import examine
    from automl.data.join import check_step, keys_of

    before, now = from_dict(json.loads(plan), JoinPlan), from_dict(json.loads(step), JoinStep)
    left = _so_far(before, [k.left for k in now.keys])
    right = _load(now.table, tuple(sorted(keys_of(now))))
    check_step(left, right, now)
    return examine(left, right, now)


def check(plan: JoinPlan, step: JoinStep) -> JoinCheck:
    """What a step would do with all rows; raises ForetableError where it can't be done."""
    return _check(str(workspace().home), to_json(plan), to_json(step))


def names_so_far(plan: JoinPlan) -> list[str]:
    """The columns of the rows so far."""
    own = [c.name for c in workspace().dataset(plan.base).columns]
    return own + [new for step in plan.steps for new in step.columns.values()]


# -- the join ----------------------------------------------------------------------------------------


@st.cache_resource(show_spinner="Joining", max_entries=1)
def _first_rows(home: str, plan: str, rows: int) -> pd.DataFrame:
    from automl.data import join
    from automl.data.joined import loader

    return join.first_rows(from_dict(json.loads(plan), JoinPlan), loader(workspace()), rows)


def first_rows(plan: JoinPlan, rows: int) -> pd.DataFrame:
    """The first rows of the joined table."""
    return _first_rows(str(workspace().home), to_json(plan), rows)


def keep(
    plan: JoinPlan, name: str, check: JoinCheck, told: Callable[[float, str], None] = lambda share, what: None
) -> str:
    """Join and store; the id of the data set. A large one is made by a job, which goes on without the page.

    `told` hears the share that is done and what comes next.
    """
    from automl.data import joined
    from automl.data.join import refuse_too_large

    columns = len(names_so_far(plan))
    refuse_too_large(check, plan.steps[-1], columns)
    if check.rows_out > config.loaded_rows(columns):
        return client.join(workspace(), plan, name=name, project=project().id).subject
    return joined.keep(workspace(), plan, name=name, project=project(), told=told).id


def refresh(dataset: Dataset) -> str:
    """The next version of a joined data set, from the latest versions of its tables; its id."""
    from automl.data import joined

    if dataset.rows > config.loaded_rows(len(dataset.columns)):
        plan = joined.refreshed_plan(joined.plan_of(dataset), joined.newer_inputs(workspace(), dataset))
        return client.join(workspace(), plan, name=dataset.name, project=project().id, before=dataset.id).subject
    return joined.refresh(workspace(), dataset, project=project()).id


def plan_of(dataset: Dataset) -> Any:
    """The steps that a data set was joined by, if it was."""
    from automl.data.joined import plan_of

    return plan_of(dataset)
