"""Below one prediction: what moves it most, the smallest change that flips it, the training rows like it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from automl import insight, wording
from automl.bundle import Bundle
from automl.errors import PredictionError
from automl.types import ModelVersion
from automl.ui import effect_charts, widgets

VIEWS = ("What moves it most", "Smallest change", "Rows like it")
CURVES = 6
COLUMNS_SHOWN = 6
NEIGHBOURS = 5


def show(
    model: ModelVersion, bundle: Bundle, values: dict[str, Any], put: Callable[[dict[str, Any]], None]
) -> None:
    """One of three views of the row; only the open one is computed."""
    from automl.predict import typed_row

    typed = typed_row(bundle, values)
    with st.container(border=True):
        view = st.segmented_control(
            "Look closer", VIEWS, default=VIEWS[0], required=True, key=f"closer-{model.id}"
        )
        if view == VIEWS[0]:
            _curves(model, bundle, typed)
        elif view == VIEWS[1]:
            _smallest(model, bundle, typed, values, put)
        else:
            _like(bundle, typed)


def _output(bundle: Bundle, typed: Any) -> int:
    problem = bundle.spec.problem
    if not problem.has_probabilities:
        return 0
    if len(problem.classes) == 2:
        return problem.positive_code
    return int(bundle.model.predict_typed(typed)[0].argmax())


def _curves(model: ModelVersion, bundle: Bundle, typed: Any) -> None:
    problem, output = bundle.spec.problem, _output(bundle, typed)
    found = insight.one_at_a_time(bundle, typed, output)
    what = insight.outcome(problem, output)
    widgets.muted(f"This row with one column changed at a time, and what that does to {what}. The dot is the row as it is.")
    for start in range(0, min(len(found), CURVES), 3):
        for place, each in zip(st.columns(3), found[start : start + 3], strict=False):
            with place:
                now = typed[each.column].to_numpy()[0]
                effect_charts.row_curve(problem, each, output, now, key=f"curve-{model.id}-{each.column}")


def _smallest(
    model: ModelVersion, bundle: Bundle, typed: Any, values: dict[str, Any], put: Callable[[dict[str, Any]], None]
) -> None:
    problem = bundle.spec.problem
    predicted = bundle.model.predict_typed(typed)
    called = bundle.model.decide(predicted)[0]
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    if problem.has_probabilities:
        others = [label for label in problem.classes if label != called]
        wanted = left.selectbox("So that it becomes", others, key=f"flip-to-{model.id}", format_func=str)
    else:
        wanted = left.number_input(
            "So that it reaches", value=float(f"{float(called) * 1.1:.3g}"), key=f"flip-to-{model.id}", format="%.6g",
            help="At least this, where less is predicted now; else at most this.",
        )  # fmt: skip
    importance = insight.row_weights(bundle, typed)
    names = sorted(bundle.model.free_columns(), key=lambda n: -importance.get(n, 0.0))
    allowed = right.multiselect(
        "Columns that may change", names, default=names, key=f"flip-columns-{model.id}",
        format_func=lambda n: widgets.short(n, 30), help="Take out what nobody can change, such as an age.",
    )  # fmt: skip
    asked = repr((sorted(values.items(), key=str), wanted, allowed))
    key = f"flips-{model.id}"
    if st.button("Find the smallest change", key=f"flip-find-{model.id}"):
        try:
            with st.spinner("Trying changes, one column, then two, then three"):
                found = insight.smallest_changes(bundle, typed, tuple(allowed), wanted)
        except PredictionError as e:
            st.error(widgets.plain(str(e)))
            return
        st.session_state[key] = (asked, found)
    if st.session_state.get(key, ("",))[0] != asked:
        widgets.muted("Changes to values that training rows have are tried; up to three columns at a time.")
        return
    found = st.session_state[key][1]
    if not found:
        widgets.muted("No change of up to three of these columns does it. Allow more columns, or ask for less.")
    for number, flip in enumerate(found):
        words = [
            f"{widgets.short(n, 40)} from {insight.shown(a, n)} to {insight.shown(b, n)}" for n, (a, b) in flip.changes.items()
        ]
        text, act = st.columns([4, 1], vertical_alignment="center")
        with text:
            widgets.said(" and ".join(words), _reached(bundle, flip.predicted, wanted))
        act.button(
            "Apply", key=f"flip-apply-{model.id}-{number}", on_click=put, width="stretch",
            args=({n: insight.as_value(b) for n, (_, b) in flip.changes.items()},),
        )  # fmt: skip


def _reached(bundle: Bundle, predicted: Any, wanted: Any) -> str:
    problem = bundle.spec.problem
    if not problem.has_probabilities:
        return f"{widgets.short(problem.target, 30)} is then {wording.number(float(predicted[0]))}"
    share = float(predicted[0, problem.classes.index(wanted)])
    return f"{widgets.short(str(wanted), 30)} is then {wording.percent(share)} likely"


def _like(bundle: Bundle, typed: Any) -> None:
    problem = bundle.spec.problem
    rows, truths, away, differs = insight.rows_like(bundle, typed, NEIGHBOURS)
    importance = insight.row_weights(bundle, typed)
    names = sorted(rows.columns, key=lambda n: -importance.get(n, 0.0))[:COLUMNS_SHOWN]
    head = "".join(f"<th>{widgets.breakable(n, 30)}</th>" for n in names)

    def cells(row: Any, marks: Any) -> str:
        return "".join(
            f'<td class="{"differs" if marks is not None and marks[n] else ""}">{escape(insight.shown(row[n], n))}</td>' for n in names
        )

    body = f'<tr><td class="first">this row</td><td></td>{cells({n: typed[n].to_numpy()[0] for n in names}, None)}</tr>'
    for at, truth in enumerate(truths):
        row = {n: rows[n].to_numpy()[at] for n in names}
        alike = wording.percent(1 - float(away[at]))
        body += f'<tr><td class="first">{escape(insight.shown(truth))}</td><td class="r">{alike}</td>{cells(row, differs.iloc[at])}</tr>'
    widgets.card_title(_like_title(bundle, truths))
    widgets.html(
        f'<div class="scroll"><table><thead><tr><th>{widgets.breakable(problem.target, 30)}</th><th class="r">Alike</th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )
    widgets.muted(
        f"The nearest of {wording.count(len(bundle.reference))} training rows and what they really were; columns count as much "
        "as they matter to the model. What differs is marked."
    )


def _like_title(bundle: Bundle, truths: list[Any]) -> str:
    problem = bundle.spec.problem
    if problem.has_probabilities:
        common = max(set(map(str, truths)), key=[str(t) for t in truths].count)
        return f"{[str(t) for t in truths].count(common)} of the {len(truths)} rows most like it were {widgets.short(common, 30)}"
    numbers = [float(t) for t in truths]
    return f"The {len(truths)} rows most like it were between {wording.number(min(numbers))} and {wording.number(max(numbers))}"
