"""Insights: what each column holds and knows about a target, what goes together, which rows stand out."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from automl import wording
from automl.data import words
from automl.data.insights import ColumnFacts, Insights, Power
from automl.data.words import listed
from automl.types import ColumnKind, Dataset, Problem
from automl.ui import actions, data_charts, data_facts, tables, widgets
from automl.ui.state import workspace

TAB = "Insights"
NONE = "No target"
HELP = "Each column is asked what it alone knows about this one."
POWER_HELP = (
    "What a small model of this column alone knows about the target, on rows that it has not seen: 0 is a guess, 1 is "
    "always right. Near 1 it may give the answer away."
)
PAIRS_SHOWN = 8
MOST_LISTED = 200  # columns of a wide table


def show(dataset: Dataset) -> None:
    """The tab."""
    target, found = _target(dataset), data_facts.explored(dataset)
    problem = data_facts.problem(dataset, target) if target else None
    if isinstance(problem, str):
        st.warning(widgets.plain(problem), icon=":material/info:")
        problem = None
    power = data_facts.power(dataset, target) if target and problem else {}
    if found.sampled:
        widgets.muted(
            f"From a random sample of {wording.count(found.sampled)} of {wording.count(found.rows)} rows; counts are scaled up."
        )
    _cards(found)
    left, right = st.columns([5, 6])
    with left, st.container(border=True):
        chosen = _columns(dataset, found, power, target)
    with right, st.container(border=True):
        facts = next(c for c in found.columns if c.column.name == chosen)
        _column(dataset, facts, target if problem else None, problem, power.get(chosen))
    _together(found)
    _unusual(dataset, found)
    _missing(dataset, found)


def _target(dataset: Dataset) -> str | None:
    names = [c.name for c in dataset.columns]
    known = dataset.target or next(
        (m.draft["target"] for m in workspace().models() if m.dataset == dataset.id and m.draft.get("target") in names), None
    )
    options = [NONE, *names]
    one, two = st.columns([3, 2], vertical_alignment="bottom")
    target = one.selectbox(
        "Target to look at", options, index=options.index(known) if known in names else 0, format_func=widgets.short,
        key=f"insight-target-{dataset.id}", help=HELP,
    )  # fmt: skip
    chosen = None if target == NONE else target
    name = f"{actions.file_name(Path(dataset.name).stem)}-data-report"
    with two.popover("Report", icon=":material/description:", width="stretch", key="data-report"):
        widgets.muted("All of this as one file, which needs no network and prints well.")
        st.download_button(
            "Download as PDF", data=lambda: data_facts.report(dataset, chosen, as_pdf=True), mime="application/pdf",
            file_name=f"{name}.pdf", key="download-report-pdf", on_click="ignore", width="stretch",
        )  # fmt: skip
        st.download_button(
            "Download as HTML", data=lambda: data_facts.report(dataset, chosen), mime="text/html",
            file_name=f"{name}.html", key="download-report", on_click="ignore", width="stretch",
        )  # fmt: skip
    return chosen


def _cards(found: Insights) -> None:
    rows = found.sampled or found.rows
    whole, pairs = found.missingness, found.associations.pairs
    copies = sum(bool(p.same) for p in pairs)
    figures = (
        ("Complete rows", wording.percent(whole.whole / max(whole.rows, 1)), "have a value in every column"),
        ("Duplicate rows", wording.count(found.duplicates), f"of {wording.count(rows)}, exact copies"),
        ("Columns that go together", wording.count(len(pairs)), f"{'pair' if len(pairs) == 1 else 'pairs'}, {words.count(copies, 'copy or recoding', 'copies or recodings')}"),
        ("Unusual rows", wording.count(found.anomalies.count), f"of {wording.count(found.anomalies.rows)} looked at"),
    )
    for cell, figure in zip(st.columns(4), figures, strict=True):
        with cell, st.container(border=True, height="stretch"):
            widgets.big_number(*figure)


def _columns(dataset: Dataset, found: Insights, power: dict[str, Power], target: str | None) -> str:
    """The table of columns, strongest first; returns the one that is chosen."""
    ordered = sorted(found.columns, key=lambda c: -power[c.column.name].score if c.column.name in power else 1.0)
    if not power:
        ordered = list(found.columns)
    names = [c.column.name for c in ordered]
    widgets.card_title(
        f"What each column knows about {widgets.short(target, 30)}" if power else "Columns"
    )
    useful = [c.column.name for c in ordered if c.column.name != target and _is_useful(c)]
    chosen = st.selectbox(
        "Column to look at", names, index=names.index(useful[0]) if useful else 0, format_func=widgets.short, key=f"insight-column-{dataset.id}-{target}"
    )
    listed = ordered[:MOST_LISTED]
    if len(ordered) > MOST_LISTED:
        listed += [c for c in ordered[MOST_LISTED:] if c.column.name == chosen]
        first = "strongest" if power else "first"
        widgets.muted(f"The {MOST_LISTED} {first} of {wording.count(len(ordered))} columns are listed. Choose any other above.")
    tables.column_power(listed, power, POWER_HELP, chosen)
    return chosen


def _is_useful(facts: ColumnFacts) -> bool:
    """Whether there is something to see: values that differ and are no names of rows."""
    return facts.column.distinct > 1 and facts.column.kind is not ColumnKind.IDENTIFIER and bool(facts.chart["counts"])


def _column(
    dataset: Dataset, facts: ColumnFacts, target: str | None, problem: Problem | None, power: Power | None
) -> None:
    column, name = facts.column, widgets.short(facts.column.name, 40)
    if facts.chart["counts"]:
        data_charts.spread(facts.chart, column.name, name, column.kind, _how_spread(facts, name))
    else:
        widgets.card_title(name)
        widgets.muted("It holds no value.")
    for note in facts.warnings:
        widgets.hint(note.message)
    shown = [(f.name, f.value if isinstance(f.value, str) else wording.value(f.value, column.name)) for f in facts.facts]
    share = wording.percent(column.missing / max(dataset.rows, 1)) if column.missing else "none"
    tables.facts([("missing", share), ("distinct values", wording.count(column.distinct)), *shown])
    if target is None or problem is None or column.name == target:
        return
    relation = data_facts.relation(dataset, target, column.name)
    if relation is None or len(relation.parts) < 2:
        return
    goal = widgets.short(target, 30)
    if not relation.labels:
        data_charts.moves(relation, goal, f"{goal} by {name}")
        widgets.muted(_says(power))
        return
    labels = list(relation.labels)
    first = str(problem.positive_class) if str(problem.positive_class) in labels else labels[0]
    label = first
    if len(labels) > 2:
        label = st.selectbox(
            f"Class of {widgets.label(goal)}", labels, index=labels.index(first), format_func=widgets.short,
            key=f"insight-class-{dataset.id}-{target}",
        )  # fmt: skip
    data_charts.moves(relation, goal, f"How often {goal} is {widgets.short(label, 24)}, by {name}", label)
    widgets.muted(_says(power))


def _says(power: Power | None) -> str:
    if power is None:
        return "Too few rows have a target to say what it knows."
    sampled = f", from {wording.count(power.rows)} rows"
    return f"Prediction power {power.score:.2f} ({power.how}{sampled}): 0 is a guess, 1 is always right."


def _how_spread(facts: ColumnFacts, name: str) -> str:
    chart, values = facts.chart, {f.name: f.value for f in facts.facts}
    if facts.column.distinct == 1:
        return f"{name} is always the same"
    if facts.column.kind is ColumnKind.NUMERIC and "median" in values:
        low, high = (wording.value(values[f"quarter {way}"], facts.column.name) for way in ("below", "above"))
        return f"Half of {name} lie between {low} and {high}"
    if facts.column.kind is ColumnKind.DATETIME and "earliest" in values:
        return f"{name} runs from {values['earliest'][:10]} to {values['latest'][:10]}"
    if chart["type"] == "top" and facts.column.kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        total = sum(chart["counts"]) + chart.get("other", 0)
        return f"{wording.percent(chart['counts'][0] / max(total, 1))} of {name} are {widgets.short(chart['values'][0], 24)}"
    return f"How {name} is spread"


def _together(found: Insights) -> None:
    pairs = found.associations.pairs
    st.header("Columns that go together", anchor=False)
    if not pairs:
        widgets.muted("No two columns say nearly the same.")
        return
    left, right = st.columns([5, 6])
    first = pairs[0]
    with left, st.container(border=True):
        data_charts.together(
            found.associations, f"{widgets.short(first.first, 24)} and {widgets.short(first.second, 24)} go together most"
        )
    with right, st.container(border=True):
        widgets.card_title("The closest pairs")
        rows = [
            (widgets.short(p.first, 30), widgets.short(p.second, 30), f"{p.value:.2f}", p.same or p.measure)
            for p in pairs[:PAIRS_SHOWN]
        ]
        tables.table(("Column", "goes with", "Strength", "Measure"), rows, right=(2,), wide=(3,))
        more = f" {len(pairs) - PAIRS_SHOWN} more are in the figures beside." if len(pairs) > PAIRS_SHOWN else ""
        left_out = found.associations.left_out
        cut = (
            f" {words.count(left_out, 'column')} of text, identifiers or too many values {'is' if left_out == 1 else 'are'} "
            "looked at for copies only."
            if left_out
            else ""
        )
        widgets.muted(f"Strength runs from 0 to 1, where one column tells the other.{more}{cut}")


def _unusual(dataset: Dataset, found: Insights) -> None:
    shown = found.anomalies.shown
    st.header("Unusual rows", anchor=False)
    if not shown:
        widgets.muted("No row stands out from the others.")
        return
    import pandas as pd

    table = actions.frame(dataset).iloc[[a.row for a in shown]].reset_index(drop=True)
    told = pd.DataFrame(
        {
            "row": [a.row + 1 for a in shown],
            "what is unusual": ["; ".join(a.reasons) for a in shown],
        }
    )
    with st.container(border=True):
        widgets.muted(
            f"Rows that random cuts set apart quickly (isolation forest). {wording.count(found.anomalies.count)} of "
            f"{wording.count(found.anomalies.rows)} stand out; here are the first {len(shown)}. They may be mistakes, or your best cases."
        )
        tables.table(("Row", "What is unusual"), [(wording.count(r), t) for r, t in told.itertuples(index=False)], right=(0,))
        with st.expander("Show these rows"):
            st.dataframe(pd.concat([told[["row"]], table], axis=1), hide_index=True, key="unusual-rows")


def _missing(dataset: Dataset, found: Insights) -> None:
    counts = sorted(((c.name, c.missing / max(dataset.rows, 1)) for c in dataset.columns if c.missing), key=lambda n: -n[1])
    st.header("Missing values", anchor=False)
    if not counts:
        widgets.muted("No cell is missing.")
        return
    left, right = st.columns([5, 6])
    with left, st.container(border=True):
        first, share = counts[0]
        data_charts.missing(counts, f"{widgets.short(first, 24)} is missing in {wording.percent(share)} of the rows")
    with right, st.container(border=True):
        widgets.card_title("Which are missing together")
        for group in found.missingness.together:
            widgets.hint(f"{listed(group, 6, quote='')} are missing in the same rows.")
        rows = [
            (listed([widgets.short(c, 24) for c in p.columns], 4, quote=""), wording.count(p.rows))
            for p in found.missingness.patterns
        ]
        tables.table(("Missing in these columns", "Rows"), rows, right=(1,))
