"""One prediction: a field per column, the answer at once."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.types import ColumnKind, ModelVersion
from automl.ui import tables, widgets
from automl.ui.boundary import boundary

SHOWN = 15  # past so many columns, the ones that matter most are shown and the rest folded
CLASSES_SHOWN = 10
MISSING = "(missing)"
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
LARGEST_WHOLE = 2**53  # beyond it a browser's numbers are not exact


@st.fragment
def show(model: ModelVersion, bundle: Bundle) -> None:
    """The answer beside the form; only this part is drawn again when a field changes."""
    with boundary("one prediction"), st.container(key="one-row"):
        # The answer comes first in the page, so that a phone shows it above the fields; a rule of
        # ui.style puts it on the right where there is room.
        answer, form = st.columns([3, 2])
        with form, st.container(border=True):
            values = _form(model, bundle)
        with answer, st.container(border=True, key="answer"):
            _answer(bundle, values)


def _form(model: ModelVersion, bundle: Bundle) -> dict[str, Any]:
    fields = sorted(bundle.schema["columns"], key=lambda c: -c["importance"])
    widgets.card_title("One row")
    if len(fields) > SHOWN:
        widgets.muted("The columns that matter most come first.")
    values = {c["name"]: _field(c, model.id) for c in fields[:SHOWN]}
    if len(fields) > SHOWN:
        with st.expander(f"{len(fields) - SHOWN} more columns, at their usual values"):
            values |= {c["name"]: _field(c, model.id) for c in fields[SHOWN:]}
    return values


def _answer(bundle: Bundle, values: dict[str, Any]) -> None:
    from automl.predict import predict_one

    said, problem = predict_one(bundle, values), bundle.spec.problem
    question = f"{widgets.short(problem.target, 40)} will probably be"
    if problem.has_probabilities:
        label, chances = said["prediction"], said["probabilities"]
        widgets.big_number(
            question, widgets.short(str(label), 40), f"{wording.percent(chances[label])} likely"
        )
        ranked = sorted(chances.items(), key=lambda kv: -kv[1])
        tables.bars([(str(name), share) for name, share in ranked[:CLASSES_SHOWN]])
        if len(ranked) > CLASSES_SHOWN:
            rest = sum(share for _, share in ranked[CLASSES_SHOWN:])
            widgets.muted(f"{len(ranked) - CLASSES_SHOWN} more outcomes, {wording.percent(rest)} together.")
    else:
        widgets.big_number(question, wording.number(said["prediction"], 4), _usual_error(bundle))
    for warning in said["warnings"]:
        st.warning(widgets.plain(warning), icon=":material/info:")
    widgets.muted("The answer follows every change of a field.")


def _usual_error(bundle: Bundle) -> str:
    metrics = bundle.evaluation["metrics"] if bundle.evaluation else []
    error = next((m["value"] for m in metrics if m["name"] == "mae"), None)
    return f"on average off by {wording.number(error)}" if error is not None else ""


def _field(column: dict[str, Any], model_id: str) -> Any:
    kind, key = ColumnKind(column["kind"]), f"field-{model_id}-{column['name']}"
    label, default = widgets.label(column["name"]), column.get("default")
    if kind is ColumnKind.NUMERIC:
        return _number(column, label, key)
    if kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        options = [*column.get("categories", []), MISSING]
        chosen = st.selectbox(
            label,
            options,
            index=options.index(default) if default in options else len(options) - 1,
            key=key,
            accept_new_options=not column.get("categories_complete", True),
        )
        return None if chosen == MISSING else chosen
    if kind is ColumnKind.DATETIME:
        value = dt.datetime.fromisoformat(default).date() if default else None
        value = min(max(value, EARLIEST), LATEST) if value else None
        chosen = st.date_input(label, value, key=key, min_value=EARLIEST, max_value=LATEST)
        return chosen.isoformat() if chosen else None
    return st.text_area(label, default or "", key=key, height=80) or None


def _number(column: dict[str, Any], label: str, key: str) -> float | None:
    default, low, high = column.get("default"), column.get("q05"), column.get("q95")
    if low is not None and high is not None:
        label = f"{label} · usually {wording.number(low)} to {wording.number(high)}"
    if column.get("integer") and (default is None or abs(default) < LARGEST_WHOLE):
        value = None if default is None else int(default)
        return st.number_input(label, value=value, step=1, key=key, placeholder="missing")
    span = (column.get("high") or 1.0) - (column.get("low") or 0.0)
    step = 10.0 ** (math.floor(math.log10(span)) - 2) if span > 0 else 1.0
    return st.number_input(label, value=default, step=step, format="%.6g", key=key, placeholder="missing")
