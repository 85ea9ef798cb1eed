"""The form of one step, drawn from what its operation says it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from automl.data.clean.base import Flows, Op, Param
from automl.data.clean.formula import help_lines, spoken
from automl.data.clean.functions import word_of
from automl.data.clean.ops.filter_rows import ALONE, TESTS
from automl.data.clean.spelling import variants
from automl.types import Step
from automl.ui import tables, widgets

UNSHOWN = ("types", "keep")  # settled by the product; kept as they are
MOST_CONDITIONS = 8
MOST_VALUES, LONGEST_VALUE = 200, 200  # values that are offered, and their characters
SEVERAL = ("is one of", "is none of")


def draw(op: Op, step: Step, flows: Flows, key: str, sample: pd.DataFrame) -> Step:
    """Draw the form; returns the step as the form stands.

    Parameters
    ----------
    op : Op
    step : Step
        What the form starts with.
    flows : dict
        The columns as they come to the step.
    key : str
        The beginning of its widgets' keys.
    sample : DataFrame
        Rows to find values and spellings in.
    """
    names = list(flows)
    columns = step.columns
    if op.picks_columns:
        fitting = [n for n in names if not op.accepts or (flows[n].kind or "categorical") in op.accepts]
        options = list(dict.fromkeys([*fitting, *step.columns]))
        columns = tuple(
            st.multiselect(
                "Columns", options, default=list(step.columns), key=f"{key}-columns", format_func=widgets.short,
                placeholder="Choose columns",
            )
        )  # fmt: skip
        if not options:
            widgets.muted("No column of the table is of a kind that this step is for.")
    params = dict(step.params)
    for param in op.params:
        if (param.key in UNSHOWN and param.kind in ("names", "kept")) or not param.matters({**op.defaults(), **params}):
            continue
        rows = sample[[c for c in columns if c in sample]] if param.kind == "pairs" else sample
        params[param.key] = DRAWN[param.kind](param, params.get(param.key, param.default), flows, f"{key}-{param.key}", rows)
    return Step(
        op.key, columns, {k: v for k, v in params.items() if v is not None}, reason=step.reason, enabled=True,
        learned=op.learned, removes_rows=op.removes_rows,
    )  # fmt: skip


def _choice(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    options = list(param.choices)
    at = options.index(value) if value in options else 0
    return st.selectbox(param.label, options, index=at, format_func=param.choices.get, key=key, help=param.help or None)


def _choices(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    return st.multiselect(
        param.label, list(param.choices), default=[v for v in value or () if v in param.choices],
        format_func=param.choices.get, key=key,
    )  # fmt: skip


def _number(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    low, high = (None if v is None else float(v) for v in (param.low, param.high))
    return st.number_input(param.label, low, high, float(value), step=0.5, key=key, help=param.help or None, format="%g")


def _text(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    return st.text_input(param.label, value or "", key=key, help=param.help or None, max_chars=200)


def _flag(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    return st.checkbox(param.label, bool(value), key=key, help=param.help or None)


def _words(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    text = st.text_area(param.label, "\n".join(value or ()), key=key, help="One a line; letter case does not matter.")
    return list(dict.fromkeys(text.split("\n"))) if text or "" in (value or ()) else []


def _names(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    known = dict(value or {})
    chosen = st.multiselect(
        "Columns", list(dict.fromkeys([*flows, *known])), default=list(known), key=f"{key}-which",
        format_func=widgets.short, placeholder="Choose columns",
    )  # fmt: skip
    return {
        name: st.text_input(f"New name of {widgets.label(name, 40)}", known.get(name, name), key=f"{key}-{name}", max_chars=200)
        for name in chosen
    }


def _formula(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    text = st.text_area(
        param.label, value or "", key=key, height=80, placeholder='price / [number sold]',
        help="Names with spaces stand in brackets: [Day Minutes]. Texts stand in quotes.",
    )  # fmt: skip
    widgets.muted(f"Columns: {spoken(list(flows)[:30])}.")
    with st.expander("What can be used"):
        widgets.muted("+ - * / ^ % and & for texts; = <> < <= > >= ; and, or, not; and these:")
        tables.table(("Such as", "Gives"), help_lines())
    return text


def _pairs(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    known = {str(old): new for old, new in value or [] if old}
    chosen = st.multiselect(
        "Old values", list(dict.fromkeys([*known, *_frequent(sample)])), default=list(known), key=f"{key}-old",
        placeholder="Choose values, or write them", accept_new_options=True,
        help="The most frequent values of the columns are offered; any other can be written.",
    )  # fmt: skip
    made = []
    for old in chosen:
        new = st.text_input(
            f"{widgets.label(widgets.short(old, 40), 40)} becomes", known.get(old) or "", key=f"{key}-new-{old}",
            placeholder="Missing", max_chars=500,
        )  # fmt: skip
        made.append([old, new or None])
    return made


def _frequent(sample: pd.DataFrame) -> list[str]:
    """The most frequent values of columns as texts, those that can be read in a list."""
    counts: Counter[str] = Counter()
    for name in sample:
        for value, rows in sample[name].value_counts().head(MOST_VALUES).items():
            counts[word_of(value)] += int(rows)
    return [text for text, _ in counts.most_common(MOST_VALUES) if text and len(text) <= LONGEST_VALUE]


def _cell(value: Any) -> str | None:
    return None if value is None or value != value else str(value)


def _spellings(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    known = {c: dict(v) for c, v in (value or {}).items()}
    words = [n for n, f in flows.items() if f.holds == "text" and f.kind in ("categorical", "boolean", "text")]
    options = list(dict.fromkeys([*words, *known]))
    chosen = st.multiselect(
        "Columns", options, default=list(known), key=f"{key}-which", format_func=widgets.short,
        placeholder="Choose columns: what differs only in case, spaces or marks is found",
    )  # fmt: skip
    rows = []
    for name in chosen:
        found = known.get(name)
        if found is None and name in sample:
            found = {old: new for new, olds in variants(sample[name]).items() for old in olds}
        counts = sample[name].value_counts() if name in sample else {}
        rows += [[name, old, new, int(counts.get(old, 0))] for old, new in (found or {}).items()]
    start = pd.DataFrame(rows, columns=["Column", "Spelling", "Becomes", "Rows looked at"])
    made = st.data_editor(
        start, num_rows="dynamic", hide_index=True, key=f"{key}-{'|'.join(chosen)[:80]}", width="stretch",
        column_config={"Column": st.column_config.SelectboxColumn(options=chosen)},
        disabled=["Rows looked at"],
    )  # fmt: skip
    if chosen and not len(start):
        widgets.muted("No two values of these columns differ only in case, spaces, accents or marks. Add lines by hand.")
    out: dict[str, dict[str, str]] = {}
    for column, old, new, _ in made.to_numpy(dtype=object).tolist():
        if all(_cell(v) for v in (column, old, new)) and old != new:
            out.setdefault(str(column), {})[str(old)] = str(new)
    return out


def _conditions(param: Param, value: Any, flows: Flows, key: str, sample: pd.DataFrame) -> Any:
    known = list(value or [])
    lines = st.number_input("Number of conditions", 1, MOST_CONDITIONS, max(len(known), 1), key=f"{key}-count")
    made = []
    for i in range(int(lines)):
        start = known[i] if i < len(known) else {}
        one, two, three = st.columns([3, 2, 3])
        names = list(dict.fromkeys([*flows, *([start["column"]] if start else [])]))
        name = one.selectbox(
            "Column", names, index=names.index(start["column"]) if start else 0, key=f"{key}-{i}-column",
            format_func=widgets.short,
        )  # fmt: skip
        tests = list(TESTS)
        test = two.selectbox(
            "Test", tests, index=tests.index(start["test"]) if start.get("test") in tests else 0, key=f"{key}-{i}-test",
            format_func=TESTS.get,
        )  # fmt: skip
        condition: dict[str, Any] = {"column": name, "test": test}
        if test not in ALONE:
            given = start.get("value", "")
            shown = ", ".join(map(str, given)) if isinstance(given, list) else str(given)
            label = "Values, set apart by commas" if test in SEVERAL else "Value"
            text = three.text_input(label, shown, key=f"{key}-{i}-value", max_chars=500)
            condition["value"] = [v.strip() for v in text.split(",") if v.strip()] if test in SEVERAL else text
        made.append(condition)
    return made


DRAWN: dict[str, Callable[[Param, Any, Flows, str, pd.DataFrame], Any]] = {
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "whole": _number,
    "text": _text,
    "flag": _flag,
    "words": _words,
    "names": _names,
    "pairs": _pairs,
    "spellings": _spellings,
    "conditions": _conditions,
    "formula": _formula,
}
