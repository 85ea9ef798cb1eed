"""Explain: what moves the prediction and which way, the effect of a column, and of two together."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from automl import insight, wording
from automl.bundle import Bundle
from automl.data import words
from automl.explain.effects import EFFECT_ROWS, PAIR_ROWS
from automl.explain.influence import Influence
from automl.types import ModelVersion
from automl.ui import effect_charts, insights, tables, widgets

SHOWN = 12
CHANGE = "Change from the first value"


def show(model: ModelVersion, bundle: Bundle) -> None:
    """All of it in one fragment: nothing else of the page moves when a column is chosen."""
    if not bundle.model.document.kinds or all(m.family == "prior" for m in bundle.model.document.members):
        widgets.muted("This model guesses the same for every row, so no column moves it. Give the build more time.")
        return
    if too_wide := insight.too_wide(bundle):
        widgets.muted(too_wide)
        return
    _panel(model, bundle)


@st.fragment
def _panel(model: ModelVersion, bundle: Bundle) -> None:
    problem = bundle.spec.problem
    output = 0
    if problem.has_probabilities:
        output = problem.positive_code
        if len(problem.classes) > 2:
            output = st.selectbox(
                "Outcome", range(len(problem.classes)), key=f"explain-outcome-{model.id}",
                index=_largest(bundle), format_func=lambda code: str(problem.classes[code]),
                help="The outcome whose chance is explained.",
            )  # fmt: skip
    found, rows, tested = insights.influence(bundle)
    found = sorted(found, key=lambda f: -f.size[output])
    names = [f.column for f in found]
    with st.container(border=True):
        _influence(bundle, found, output, rows, tested)
    with st.container(border=True):
        _effect(model, bundle, names, output)
    if len(names) > 1:
        with st.container(border=True):
            _pair(model, bundle, names, output)


def _largest(bundle: Bundle) -> int:
    """The class that most test rows have."""
    rows = bundle.test_rows()
    return 0 if rows is None else int(np.bincount(rows.y).argmax())


def _influence(bundle: Bundle, found: list[Influence], output: int, rows: int, tested: bool) -> None:
    problem = bundle.spec.problem
    losses = insights.losses(bundle)
    top = found[0]
    amount = insight.size(problem, float(top.size[output]))
    what = "the prediction" if not problem.has_probabilities else insight.outcome(problem, output)
    widgets.card_title(f"{widgets.short(top.column, 40)} moves {what} most: by {amount} on average")
    most = max(float(top.size[output]), 1e-300)
    entries = [
        tables.Moved(
            f.column,
            float(f.size[output]) / most,
            f"{insight.size(problem, float(f.size[output]))} ± {insight.size(problem, float(f.error[output]), unit=False)}",
            insight.direction(f.direction[output]) if f.size[output] > 0 else "not used",
            _loss(losses.get(f.column)),
        )
        for f in found
    ]
    tables.moved(entries[:SHOWN], losses=bool(losses))
    if len(entries) > SHOWN:
        with st.expander(words.count(len(entries) - SHOWN, "more column")):
            tables.moved(entries[SHOWN:], losses=bool(losses))
    which = f"{wording.count(rows)} {'test' if tested else 'training'} rows, a sample"
    lost = (
        " “Score lost”: its share of how much worse the score on the test rows gets when the column's values are "
        "shuffled, ± over three shuffles."
    )
    widgets.muted(
        f"“Moves it by”: the mean size of what the column adds to a prediction (Shapley values of {which}, against rows "
        f"the model has learned from), ± its standard error.{lost if losses else ''}"
    )


def _loss(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return wording.NOTHING
    points = 100 * (entry.get("std") or 0.0)
    spread = "" if not points else f" ± {points:.1f}" if points >= 0.05 else " ± under 0.1"
    return f"{wording.percent(entry['impact'])}{spread}"


def _effect(model: ModelVersion, bundle: Bundle, names: list[str], output: int) -> None:
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    column = left.selectbox(
        "Effect of", names, key=f"explain-column-{model.id}", format_func=lambda n: widgets.short(n, 40),
        help="The column is set to one value after the other in a sample of rows; the others stay as they are.",
    )  # fmt: skip
    shown = middle.segmented_control(
        "Show", ["As predicted", CHANGE], default="As predicted", required=True, key=f"explain-as-{model.id}"
    )
    lines = right.toggle(
        "Single rows", value=True, key=f"explain-lines-{model.id}",
        help="Each thin line is one row; where they cross, the column does not act the same everywhere. "
        "For categories: the middle half of the rows.",
    )  # fmt: skip
    found = insights.effect(bundle, column)
    effect_charts.effect(
        bundle.spec.problem, found, output, centred=shown == CHANGE, lines=lines, key=f"chart-effect-{model.id}"
    )
    widgets.muted(
        f"The mean over {wording.count(len(found.lines))} sampled rows"
        f"{f' of {wording.count(found.total)} that are kept with the model' if found.total > EFFECT_ROWS else ''}; the bars beneath show where the "
        "rows lie. Where there are hardly any, the line is a guess."
    )


def _pair(model: ModelVersion, bundle: Bundle, names: list[str], output: int) -> None:
    left, right = st.columns(2)
    first = left.selectbox(
        "Two columns together", names, key=f"explain-first-{model.id}", format_func=lambda n: widgets.short(n, 40)
    )
    others = [n for n in names if n != first]
    second = right.selectbox(
        "and", others, key=f"explain-second-{model.id}", format_func=lambda n: widgets.short(n, 40)
    )
    effect_charts.pair(
        bundle.spec.problem, insights.pair(bundle, (first, second)), output, key=f"chart-pair-{model.id}"
    )
    widgets.muted(f"The mean over {PAIR_ROWS} sampled rows in each cell; a cross marks cells that no row lies in.")
