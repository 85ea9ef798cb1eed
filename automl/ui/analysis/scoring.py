"""Scoring: where the model errs, and the rows behind each figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.data import words
from automl.evaluate import errors
from automl.holdout import Holdout
from automl.types import ModelVersion
from automl.ui import actions, charts, score_charts, tables, widgets

SENTENCES_SHOWN = 6
MOST_CELLS = 15  # classes of a confusion matrix that is drawn
ROWS_SHOWN = 500  # of a cell; all can be downloaded
POINTS = 1_000
WORST_ROWS = 20


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Where it errs: the confusion matrix with its rows, or residuals and error by range."""
    if bundle.spec.problem.has_probabilities:
        _classes(bundle)
    else:
        _values(bundle)


# -- classes ---------------------------------------------------------------------------------


def _classes(bundle: Bundle) -> None:
    found = actions.evaluation(bundle)
    matrix = found["confusion"]
    labels, counts = matrix["labels"], matrix["counts"]
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        picked = _matrix(labels, counts)
        if matrix.get("left_out"):
            widgets.muted(f"The {len(labels)} most frequent classes; left out: {words.count(matrix['left_out'], 'rarer class', 'rarer classes')}.")
    with right, st.container(border=True, height="stretch"):
        widgets.card_title("In words")
        if found.get("threshold") is not None:
            by = "your choice" if bundle.choices.threshold is not None else "automatic"
            widgets.muted(f"Called from a probability of {wording.percent(found['threshold'])} on ({by}).")
        sentences = found["class_sentences"]
        widgets.bullets(sentences[:SENTENCES_SHOWN])
        if len(sentences) > SENTENCES_SHOWN:
            with st.expander(words.count(len(sentences) - SENTENCES_SHOWN, "more class", "more classes")):
                widgets.bullets(sentences[SENTENCES_SHOWN:])
    held = bundle.test_rows()
    if held is not None:
        with st.container(border=True):
            _rows_of_a_cell(bundle, held, labels, counts, picked)


def _matrix(labels: list[str], counts: list[list[int]]) -> tuple[int, int] | None:
    """The matrix; returns the cell that was clicked, as (really, predicted)."""
    title = _most_common_mistake(labels, counts)
    shares = False
    if len(labels) > charts.BOTH_IN_A_CELL:
        options = ["Rows", "Share of each class"]
        shares = options[1] == st.segmented_control(
            "Show", options, default=options[0], required=True, key="confusion-as"
        )
    if len(labels) > MOST_CELLS:
        _confusion_table(labels, counts, title, shares)
        return None
    with st.container(key="many-classes" if len(labels) > charts.BOTH_IN_A_CELL else "few-classes"):
        return charts.confusion(labels, counts, title, shares=shares, pick=True)


def _most_common_mistake(labels: list[str], counts: list[list[int]]) -> str:
    pairs = [(counts[i][j], i, j) for i in range(len(labels)) for j in range(len(labels)) if i != j]
    worst, i, j = max(pairs, default=(0, 0, 0))
    if not worst:
        return "No row was predicted wrong"
    times = "once" if worst == 1 else f"{wording.count(worst)} times"
    return f"Most common mistake: {widgets.short(labels[i], 24)} taken for {widgets.short(labels[j], 24)}, {times}"


def _confusion_table(labels: list[str], counts: list[list[int]], title: str, shares: bool) -> None:
    import pandas as pd

    table = pd.DataFrame(counts, columns=[f"predicted {x}" for x in labels])
    formats = {}
    if shares:
        table = table.div(table.sum(axis=1).clip(lower=1), axis=0).round(3)
        formats = {name: st.column_config.NumberColumn(format="percent") for name in table}
    table.insert(0, "really", labels)
    widgets.card_title(title)
    st.dataframe(table, hide_index=True, key="confusion-table", column_config=formats)


@st.fragment
def _rows_of_a_cell(
    bundle: Bundle,
    held: Holdout,
    labels: list[str],
    counts: list[list[int]],
    picked: tuple[int, int] | None,
) -> None:
    """The test rows of one cell: clicked in the matrix, or chosen here."""
    size = len(labels)
    wrong = [(counts[i][j], i, j) for i in range(size) for j in range(size) if i != j]
    _, really, called = max(wrong, default=(0, 0, 0))
    if picked is not None and st.session_state.get("cell-clicked") != picked:
        st.session_state["cell-clicked"] = picked
        st.session_state["cell-really"], st.session_state["cell-called"] = (labels[k] for k in picked)
    st.session_state.setdefault("cell-really", labels[really])
    st.session_state.setdefault("cell-called", labels[called])
    widgets.card_title("Rows of one cell")
    widgets.muted("Click a cell of the matrix, or choose one.")
    left, right = st.columns(2)
    real = left.selectbox("Really", labels, key="cell-really", format_func=widgets.short)
    said = right.selectbox("Predicted", labels, key="cell-called", format_func=widgets.short)
    names = np.array([str(label) for label in bundle.spec.problem.classes])
    called_as = held.called(bundle.threshold)
    rows = np.flatnonzero((names[held.y] == real) & (names[called_as] == said))
    if not len(rows):
        widgets.muted(f"No test row is {widgets.short(real, 40)} and predicted {widgets.short(said, 40)}.")
        return
    table = held.frame(bundle.threshold).iloc[rows]
    surest = np.argsort(-held.values[rows, called_as[rows]], kind="stable")
    sampled = f" of a sample of {wording.count(len(held.y))} test rows" if held.is_sample else ""
    first = (
        f", the {wording.count(ROWS_SHOWN)} it was surest of"
        if len(rows) > ROWS_SHOWN
        else ", the surest first"
    )
    verb = "row is" if len(rows) == 1 else "rows are"
    both = f"{widgets.short(real, 40)} and predicted {widgets.short(said, 40)}"
    widgets.muted(f"{wording.count(len(rows))} {verb} {both}{sampled}{first}.")
    _rows(table.iloc[surest[:ROWS_SHOWN]], held, "cell-rows", (called_as[rows[0]], held.y[rows[0]]))


def _rows(table: Any, held: Holdout, key: str, first: tuple[int, ...] = ()) -> None:
    """Rows with the outcome before the inputs, since it is what one looks for; what the model said is rounded.

    `first` are the classes whose probabilities come before those of the others.
    """
    at = held.inputs.shape[1]
    names, formats = list(table.columns), tables.date_formats(table)
    shares = names[at + 2 :]
    shares = list(dict.fromkeys([*(shares[code] for code in first), *shares]))
    table = table[[*names[at : at + 2], *shares, *names[:at]]].copy()
    for name in names[at : at + 2] if not held.problem.has_probabilities else shares:
        table[name] = wording.rounded(table[name], share=name in shares)
    for name in shares:
        formats[name] = st.column_config.NumberColumn(format="percent")
    st.dataframe(table, hide_index=True, key=key, column_config=formats)


# -- values ----------------------------------------------------------------------------------


def _values(bundle: Bundle) -> None:
    found, held = bundle.evaluation, bundle.test_rows()
    data, target = found["regression"], widgets.short(bundle.spec.problem.target, 30)
    values = {m["name"]: m["value"] for m in found["metrics"]}
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        share = wording.percent(max(values["r2"], 0))
        charts.predicted_against_actual(
            data["actual"], data["predicted"], target, f"The model explains {share} of the variation"
        )
    with right, st.container(border=True, height="stretch"):
        half = wording.number(values["median_absolute_error"])
        charts.residuals(data["residual_histogram"], target, f"Half of the predictions are within {half} of what really was")
    if held is None:
        return
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        entries = errors.by_range(held.y, held.values)
        score_charts.error_by_range(entries, target, _range_title(entries))
    with right, st.container(border=True, height="stretch"):
        _residuals(held, target)
    with st.container(border=True):
        worst = np.argsort(-np.abs(held.values - held.y), kind="stable")[:WORST_ROWS]
        widgets.card_title(f"The {len(worst)} test rows it was furthest off")
        table = held.frame().iloc[worst]
        _rows(table, held, "worst-rows")


def _range_title(entries: list[dict[str, Any]]) -> str:
    worst = next((e for e in entries if e["worst"]), None)
    if worst is None:
        return f"Off by {wording.number(entries[0]['error'])} on average"
    side = "too low" if worst["bias"] < 0 else "too high"
    bias = f", mostly {side}" if abs(worst["bias"]) > worst["error"] / 2 else ""
    return f"Furthest off where it is {worst['label']}: by {wording.number(worst['error'])}{bias}"


def _residuals(held: Holdout, target: str) -> None:
    rows = np.arange(len(held.y))
    if len(rows) > POINTS:
        rows = np.sort(np.random.default_rng(0).choice(len(rows), POINTS, replace=False))
    off = held.values - held.y
    high = float((off > 0).mean())
    mean = float(off.mean())
    title = f"Too high for {wording.of_100(high)} of 100 rows; on average {wording.number(abs(mean))} "
    title += "too high" if mean >= 0 else "too low"
    score_charts.residuals_along(held.values[rows].tolist(), off[rows].tolist(), target, title)
