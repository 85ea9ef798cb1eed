"""Compare: this model beside another one, on test rows that neither has learned from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.compare import LEAK, Comparison, MetricPair, note, verdict
from automl.errors import ForetableError
from automl.evaluate.segments import FEWEST
from automl.findings import late
from automl.types import ModelVersion
from automl.ui import actions, tables, widgets
from automl.ui.state import go, project, workspace

SEGMENTS_SHOWN = 8


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The tab."""
    others = _others(model, bundle)
    if not others:
        with st.container(border=True):
            widgets.empty(
                "Nothing to compare with yet",
                "Another built model that predicts the same column will be compared with this one, row by row. "
                "Make a new version with other choices to see what they are worth.",
            )
            if st.button("New version of this model", key="compare-new-version"):
                go("build", model=actions.new_version(model).id)
        return
    by_id = {m.id: m for m in others}
    other = st.selectbox(
        "Compare with", list(by_id), key=f"compare-with-{model.id}",
        format_func=lambda id: f"{widgets.short(by_id[id].name, 40)}, version {by_id[id].number}",
    )  # fmt: skip
    theirs = actions.open_bundle(by_id[other])
    try:
        with st.spinner("Comparing"):
            both = (theirs, bundle)
            leaks = {c for b in both for f in late.every(b) if f.code == LEAK for c in f.columns}  # also those found after a build
            found = _compared(theirs, bundle, theirs.stamp, bundle.stamp, tuple(sorted(leaks)))
    except ForetableError as e:
        st.warning(widgets.plain(str(e)), icon=":material/difference:")
        return
    _verdict(found, by_id[other], model)
    _metrics(found, by_id[other], model)
    if found.rows:
        _segments(found, bundle)
        _disagreements(found, bundle)


def _others(model: ModelVersion, bundle: Bundle) -> list[ModelVersion]:
    """Built models of the same target, versions of this one first, the newest before the others."""
    target = bundle.spec.problem.target
    found = [
        m for m in workspace().models(project())
        if m.id != model.id and m.spec and m.spec.problem.target == target and workspace().bundle_folder(m.id)
    ]  # fmt: skip
    return sorted(found, key=lambda m: m.name != model.name)


@st.cache_data(show_spinner=False, max_entries=16)
def _compared(_first: Bundle, _second: Bundle, first: str, second: str, leaks: tuple[str, ...]) -> Comparison:
    from automl.compare import compare

    return compare(_first, _second, leaks)


def _name(model: ModelVersion, beside: ModelVersion) -> str:
    """What a model is called beside another one: versions of one model by their number alone."""
    if model.name == beside.name:
        return f"Version {model.number}"
    return f"{widgets.short(model.name, 24)} v{model.number}"


def _verdict(found: Comparison, other: ModelVersion, model: ModelVersion) -> None:
    main = found.main
    with st.container(border=True):
        one, two, three = st.columns(3)
        with one:
            widgets.big_number(f"The other: {_name(other, model)}", wording.number(main.first), main.label)
        with two:
            widgets.big_number(f"This one: {_name(model, other)}", wording.number(main.second), main.label)
        with three:
            widgets.big_number("Compared on", wording.count(found.rows), "test rows of both")
        said = verdict(found).replace("The second", "This one").replace("the second", "this one")
        st.markdown(f"**{widgets.plain(said)}**")
        if remark := note(found, _name(other, model), _name(model, other)):
            widgets.muted(remark)


def _metrics(found: Comparison, other: ModelVersion, model: ModelVersion) -> None:
    with st.container(border=True):
        widgets.card_title("Every metric")
        rows = [
            (m.label, wording.number(m.first), wording.number(m.second), _gain(m), _word(m)) for m in found.metrics
        ]
        header = ("Metric", _name(other, model), _name(model, other), "Gain, 95 % interval", "What it means")
        tables.table(header, rows, right=(1, 2, 3), wide=(3,))


def _gain(pair: MetricPair) -> str:
    if pair.gain is None:
        return wording.NOTHING
    return f"{wording.number(pair.gain.low)} to {wording.number(pair.gain.high)}"


def _word(pair: MetricPair) -> str:
    if pair.gain is None:
        return "measured on other rows"
    if not pair.gain.is_clear:
        return "can't be told apart"
    return "better" if pair.gain.value > 0 else "worse"


def _segments(found: Comparison, bundle: Bundle) -> None:
    classes = bundle.spec.problem.has_probabilities
    shown: Any = wording.percent if classes else wording.number
    clear = [s for s in found.segments if s.is_clear]
    with st.container(border=True):
        if not found.segments:
            widgets.card_title("No part of the rows sets them apart")
            widgets.muted(f"Parts of at least {FEWEST} of the rows of both are compared.")
            return
        if not clear:
            widgets.card_title("No part of the rows fares clearly better or worse")
        else:
            best = clear[0]
            word = "better" if best.gain > 0 else "worse"
            widgets.card_title(f"Clearest for {widgets.short(best.column, 24)} {widgets.short(best.name, 24)}: {word}")
        widgets.muted("Rows called wrongly, by part." if classes else "Average error, by part.")
        rows = [
            (f"{s.column}: {s.name}", wording.count(s.rows), shown(s.first), shown(s.second),
             ("better" if s.gain > 0 else "worse") if s.is_clear else "may be chance")
            for s in found.segments[:SEGMENTS_SHOWN]
        ]  # fmt: skip
        tables.table(("Rows", "How many", "The other", "This one", "This one is"), rows, right=(1, 2, 3), wide=(1,))


def _disagreements(found: Comparison, bundle: Bundle) -> None:
    classes = bundle.spec.problem.has_probabilities
    with st.container(border=True):
        if classes:
            share = wording.percent(found.disagreeing / found.rows)
            widgets.card_title(f"They call {wording.count(found.disagreeing)} of {wording.count(found.rows)} rows differently ({share})")
        else:
            widgets.card_title(f"Their predictions are {wording.number(found.apart)} apart on average")
        if found.disagreements is not None and len(found.disagreements):
            apart = "chance apart" if classes else "apart"
            table = found.disagreements.assign(apart=wording.rounded(found.disagreements["apart"], share=classes))
            formats = tables.date_formats(table) | ({apart: st.column_config.NumberColumn(format="percent")} if classes else {})
            if not classes:
                table = table.assign(first=wording.rounded(table["first"]), second=wording.rounded(table["second"]))
            renamed = table.rename(columns={"first": "the other", "second": "this one", "apart": apart})
            st.dataframe(renamed, hide_index=True, key="compare-rows", column_config=formats)
