"""One prediction: a field per column, the answer at once; from a usual row, a random one, or a test row."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any

import streamlit as st

from automl import insight, wording
from automl.bundle import Bundle
from automl.data import words
from automl.types import ColumnKind, ModelVersion
from automl.ui import insights, predict_answer, predict_what_if, widgets
from automl.ui.boundary import boundary

MEASURED = 60  # columns up to which it is measured what matters, within a second or two
SHOWN = 10  # past so many columns, the ones that matter most are shown and the rest folded
MISSING = "(missing)"
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
LARGEST_WHOLE = 2**53  # beyond it a browser's numbers are not exact
USUAL = "The usual values"


@st.fragment
def show(model: ModelVersion, bundle: Bundle) -> None:
    """The answer beside the form; only this part is drawn again when a field changes."""
    with boundary("one prediction"), st.container(key="one-row"):
        start = _start(model, bundle)
        # The answer comes first in the page, so that a phone shows it above the fields; a rule of
        # ui.style puts it on the right where there is room.
        answer, form = st.columns([3, 2])
        with form, st.container(border=True):
            _choose_start(model, bundle, start)
            values = _form(model, bundle, start)
        st.session_state[_kept(model)] = values
        with answer, st.container(border=True, key="answer"):
            predict_answer.show(model, bundle, values, start, lambda: put(model, bundle, start["values"]))
        predict_what_if.show(model, bundle, values, lambda changed: put(model, bundle, values | changed))


# -- where to start from ---------------------------------------------------------------------


def _kept(model: ModelVersion) -> str:
    return f"row-{model.id}"


def _start(model: ModelVersion, bundle: Bundle) -> dict[str, Any]:
    """The row that changes are held against."""
    key = f"start-{model.id}"
    if key not in st.session_state:
        st.session_state[key] = {"values": insight.usual_row(bundle), "label": USUAL, "truth": None}
    return st.session_state[key]


def _choose_start(model: ModelVersion, bundle: Bundle, start: dict[str, Any]) -> None:
    widgets.card_title("One row")
    rows = insight.rows_to_start_from(bundle)
    usual, other, by_number = st.columns([1, 1, 1])
    usual.button(
        "Usual values", key=f"start-usual-{model.id}", width="stretch", on_click=_begin, args=(model, bundle, None)
    )
    kind = "test" if bundle.test_rows() is not None else "training"
    other.button(
        "A random row", key=f"start-random-{model.id}", width="stretch", help=f"One of the {kind} rows, with what it really was.",
        on_click=lambda: _begin(model, bundle, random.randrange(rows)), disabled=not rows,
    )  # fmt: skip
    with by_number.popover("Row number", width="stretch", disabled=not rows):
        at = st.number_input(
            f"Number of the {kind} row", min_value=1, max_value=max(rows, 1), value=1, step=1, key=f"start-at-{model.id}"
        )
        st.button(
            "Start from this row", key=f"start-row-{model.id}", on_click=lambda: _begin(model, bundle, int(at) - 1)
        )
    truth = "" if start["truth"] is None else f", really {insight.shown(start['truth'])}"
    widgets.muted(f"Started from: {start['label']}{truth}")


def _begin(model: ModelVersion, bundle: Bundle, at: int | None) -> None:
    if at is None:
        values, label, truth = insight.usual_row(bundle), USUAL, None
    else:
        values, label, truth = insight.start_row(bundle, at)
    st.session_state[f"start-{model.id}"] = {"values": values, "label": label, "truth": truth}
    put(model, bundle, values)


def put(model: ModelVersion, bundle: Bundle, values: dict[str, Any]) -> None:
    """Fill the fields; for callbacks, since a field that is drawn can't be filled."""
    for column in bundle.schema["columns"]:
        st.session_state[_key(model.id, column["name"])] = _as_field(column, values.get(column["name"]))


# -- the fields ------------------------------------------------------------------------------


def _key(model_id: str, name: str) -> str:
    return f"field-{model_id}-{name}"


def _form(model: ModelVersion, bundle: Bundle, start: dict[str, Any]) -> dict[str, Any]:
    fields = _by_importance(bundle)
    known = st.session_state.get(_kept(model), start["values"])
    for column in fields:
        key = _key(model.id, column["name"])
        if key not in st.session_state:
            st.session_state[key] = _as_field(column, known.get(column["name"]))
    if len(fields) > SHOWN and fields != bundle.schema["columns"]:
        widgets.muted("The columns that matter most come first.")
    values = {c["name"]: _field(c, model.id, start) for c in fields[:SHOWN]}
    if len(fields) > SHOWN:
        with st.expander(words.count(len(fields) - SHOWN, "more column")):
            values |= {c["name"]: _field(c, model.id, start) for c in fields[SHOWN:]}
    return values


def _by_importance(bundle: Bundle) -> list[dict[str, Any]]:
    """The model's columns, the ones that matter most first; of a narrow table that is measured where the build did not."""
    columns = bundle.schema["columns"]
    if any(c["importance"] for c in columns):
        return sorted(columns, key=lambda c: -c["importance"])
    if not SHOWN < len(columns) <= MEASURED:
        return columns
    losses = insights.losses(bundle)
    return sorted(columns, key=lambda c: -losses[c["name"]]["impact"] if c["name"] in losses else 0.0)


def _as_field(column: dict[str, Any], value: Any) -> Any:
    """A value as its field holds it."""
    kind = ColumnKind(column["kind"])
    if kind is ColumnKind.NUMERIC:
        if value is None:
            return None
        whole = column.get("integer") and float(value).is_integer() and abs(value) < LARGEST_WHOLE
        return int(value) if whole else float(value)
    if kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        return MISSING if value is None else str(value)
    if kind is ColumnKind.DATETIME:
        return None if value is None else min(max(dt.datetime.fromisoformat(str(value)).date(), EARLIEST), LATEST)
    return "" if value is None else str(value)


def _field(column: dict[str, Any], model_id: str, start: dict[str, Any]) -> Any:
    kind, key = ColumnKind(column["kind"]), _key(model_id, column["name"])
    label = widgets.label(column["name"])
    if kind is ColumnKind.NUMERIC:
        return _number(column, label, key)
    if kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        options = [*column.get("categories", []), MISSING]
        now = st.session_state[key]
        if now not in options:
            options.insert(0, now)
        chosen = st.selectbox(
            label, options, key=key, accept_new_options=not column.get("categories_complete", True)
        )
        return None if chosen == MISSING else chosen
    if kind is ColumnKind.DATETIME:
        chosen = st.date_input(label, None, key=key, min_value=EARLIEST, max_value=LATEST)
        return _with_time(chosen, start["values"].get(column["name"]))
    return st.text_area(label, key=key, height=80) or None


def _with_time(chosen: dt.date | None, started: Any) -> str | None:
    """A day with the time of day that the row started with: the field has days only."""
    if chosen is None:
        return None
    time = dt.datetime.fromisoformat(str(started)).time() if started else dt.time()
    return dt.datetime.combine(chosen, time).isoformat() if time != dt.time() else chosen.isoformat()


def _number(column: dict[str, Any], label: str, key: str) -> float | None:
    low, high = column.get("q05"), column.get("q95")
    if low is not None and high is not None:
        label = f"{label} · usually {wording.value(low, column['name'])} to {wording.value(high, column['name'])}"
    if column.get("integer") and not isinstance(st.session_state[key], float):
        return st.number_input(label, value=None, step=1, key=key, placeholder="missing")
    span = (column.get("high") or 1.0) - (column.get("low") or 0.0)
    step = 10.0 ** (math.floor(math.log10(span)) - 2) if span > 0 else 1.0
    return st.number_input(label, value=None, step=step, format="%.6g", key=key, placeholder="missing")
