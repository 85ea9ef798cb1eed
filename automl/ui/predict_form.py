"""One prediction: a field per column, the answer at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.ui import widgets

SHOWN = 15  # past so many columns, the ones that matter most are shown and the rest folded
MISSING = "(missing)"


def show(bundle: Bundle) -> None:
    """Form on the left, answer on the right."""
    from automl.predict import predict_one

    fields = sorted(bundle.schema["columns"], key=lambda c: -c["importance"])
    left, right = st.columns([2, 3])
    values: dict[str, Any] = {}
    with left, st.container(border=True):
        st.markdown("**One row**")
        for column in fields[:SHOWN]:
            values[column["name"]] = _field(column)
        if len(fields) > SHOWN:
            with st.expander(f"{len(fields) - SHOWN} more columns, at their usual values"):
                for column in fields[SHOWN:]:
                    values[column["name"]] = _field(column)
    answer = predict_one(bundle, values)
    with right, st.container(border=True):
        problem = bundle.spec.problem
        if problem.has_probabilities:
            chances = sorted(answer["probabilities"].items(), key=lambda kv: -kv[1])
            label = str(answer["prediction"])
            share = answer["probabilities"][answer["prediction"]]
            widgets.big_number(
                f"{widgets.short(problem.target, 40)} will probably be",
                widgets.short(label, 40),
                f"{wording.percent(share)} likely",
            )
            widgets.probabilities([(str(k), p) for k, p in chances[:10]])
        else:
            error = next(m for m in bundle.evaluation["metrics"] if m["name"] == "mae")["value"]
            widgets.big_number(
                f"{widgets.short(problem.target, 40)} will probably be",
                wording.number(answer["prediction"], 4),
                f"on average off by {wording.number(error)}",
            )
        for warning in answer["warnings"]:
            st.warning(widgets.plain(warning), icon=":material/info:")
        widgets.muted("The answer follows every change on the left.")


def _field(column: dict[str, Any]) -> Any:
    name, kind, key = column["name"], column["kind"], f"field-{column['name']}"
    label, default = widgets.plain(widgets.short(name)), column.get("default")
    if kind == "numeric":
        return _number(column, label, key)
    if kind in ("categorical", "boolean"):
        options = [*column.get("categories", []), MISSING]
        index = options.index(default) if default in options else len(options) - 1
        chosen = st.selectbox(
            label,
            options,
            index=index,
            key=key,
            accept_new_options=not column.get("categories_complete", True),
        )
        return None if chosen == MISSING else chosen
    if kind == "datetime":
        value = dt.datetime.fromisoformat(default).date() if default else None
        low, high = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
        value = min(max(value, low), high) if value else None
        chosen = st.date_input(label, value, key=key, min_value=low, max_value=high)
        return chosen.isoformat() if chosen else None
    return st.text_area(label, default or "", key=key, height=80) or None


def _number(column: dict[str, Any], label: str, key: str) -> float | None:
    default = column.get("default")
    help_ = None
    if column.get("q05") is not None:
        help_ = f"usually {wording.number(column['q05'])} to {wording.number(column['q95'])}"
    if column.get("integer") and (default is None or abs(default) < 2**53):
        value = None if default is None else int(default)
        return st.number_input(label, value=value, step=1, key=key, help=help_, placeholder="missing")
    span = (column.get("high") or 1.0) - (column.get("low") or 0.0)
    return st.number_input(
        label, value=default, step=_step(span), format="%.4g", key=key, help=help_, placeholder="missing"
    )


def _step(span: float) -> float:
    import math

    return 10.0 ** (math.floor(math.log10(span)) - 2) if span > 0 else 1.0
