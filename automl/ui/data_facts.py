"""What is known about a data set and a target, looked up once and kept by content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from automl.data.insights import Insights, Outcome, Power, Relation
from automl.data.profile import with_kept
from automl.errors import ForetableError
from automl.types import ColumnKind, Dataset, Finding, Problem, from_json, replace, to_json
from automl.ui import actions, fixes
from automl.ui.state import workspace

MOST_KEPT = 64
MOST_EXPLORED = 16


def with_kinds(dataset: Dataset, draft: dict[str, Any]) -> Dataset:
    """The data set with the kinds that a draft reads its columns as, identifiers that it keeps among them."""
    kinds, kept = draft.get("kinds") or {}, draft.get("kept")
    columns = tuple(
        replace(c, kind=ColumnKind(kinds[c.name]), reason="chosen for this model", kind_by_user=True)
        if c.name in kinds
        else c
        for c in dataset.columns
    )
    if kept:
        columns = with_kept(actions.frame(dataset), columns, kept)
    return replace(dataset, columns=columns)


@st.cache_data(show_spinner=False, max_entries=MOST_KEPT)
def _read_chart(id: str, digest: str, problem: str) -> dict[str, Any]:
    from automl.data.profile import distribution, profile
    from automl.data.target import as_learned

    settled, dataset = from_json(problem, Problem), workspace().dataset(id)
    values = as_learned(actions.frame(dataset)[[settled.target]], settled)
    column = replace(profile(values)[0], kind=ColumnKind.CATEGORICAL if settled.has_probabilities else ColumnKind.NUMERIC)
    return distribution(values, column, rows=dataset.rows)


def target_chart(dataset: Dataset, problem: Problem) -> dict[str, Any] | None:
    """The small chart of a target, as the problem reads it."""
    if problem.reading is not None:
        return _read_chart(dataset.id, dataset.digest, to_json(problem))
    kinds = actions.kinds_of(dataset)
    return actions.charts(dataset.id, dataset.digest, kinds, (problem.target,)).get(problem.target)


@st.cache_data(show_spinner=False, max_entries=MOST_KEPT)
def _second_label(id: str, digest: str, target: str) -> int:
    counts = actions.frame(workspace().dataset(id))[target].value_counts()
    return int(counts.iloc[1]) if len(counts) > 1 else 0


def second_label(dataset: Dataset, target: str) -> int:
    """Rows of the second most frequent label: with more asked for, there is nothing to tell apart."""
    return _second_label(dataset.id, dataset.digest, target)


@st.cache_resource(show_spinner=False)
def _explored() -> dict[tuple, Insights]:
    return {}


def explored(dataset: Dataset) -> Insights:
    """What hangs on no target; while it is worked out, a bar says what is done and how far it is."""
    from automl.data.insights import explore

    kept, key = _explored(), (str(workspace().home), dataset.id, dataset.digest, actions.kinds_of(dataset))
    if key not in kept:
        place = st.empty()
        bar = place.progress(0.0, "Loading the table")
        try:
            found = explore(
                actions.frame(dataset), dataset.columns, dataset.rows, lambda share, what: bar.progress(min(share, 1.0), what)
            )
        finally:
            place.empty()
        while len(kept) >= MOST_EXPLORED:
            kept.pop(next(iter(kept)), None)
        kept[key] = found
    return kept[key]


@st.cache_data(show_spinner=False, max_entries=MOST_KEPT)
def _problem(id: str, digest: str, kinds: tuple[str, ...], target: str) -> Problem | str:
    from automl.problem import infer

    dataset = workspace().dataset(id)
    try:
        return infer(actions.frame(dataset), dataset.columns, target)
    except ForetableError as e:
        return str(e)


def problem(dataset: Dataset, target: str) -> Problem | str:
    """The problem of predicting a column, or the sentence why it can't be."""
    return _problem(dataset.id, dataset.digest, actions.kinds_of(dataset), target)


@st.cache_data(show_spinner="Asking each column what it knows about the target", max_entries=MOST_KEPT)
def _power(id: str, digest: str, kinds: tuple[str, ...], target: str, number: bool) -> dict[str, Power]:
    from automl.data.insights import prediction_power

    dataset = workspace().dataset(id)
    table = actions.frame(dataset)
    return prediction_power(table, dataset.columns, Outcome.of(table, target, number=number))


def power(dataset: Dataset, target: str) -> dict[str, Power]:
    """Each column's prediction power; empty for a target that can't be predicted."""
    found = problem(dataset, target)
    if isinstance(found, str):
        return {}
    return _power(
        dataset.id, dataset.digest, actions.kinds_of(dataset), target, not found.has_probabilities
    )


@st.cache_data(show_spinner=False, max_entries=256)
def _relation(
    id: str, digest: str, kinds: tuple[str, ...], target: str, number: bool, name: str
) -> Relation | None:
    from automl.data.insights import relation

    dataset = workspace().dataset(id)
    table = actions.frame(dataset)
    return relation(table, dataset.column(name), Outcome.of(table, target, number=number))


def relation(dataset: Dataset, target: str, name: str) -> Relation | None:
    """How the target moves with a column."""
    found = problem(dataset, target)
    if isinstance(found, str) or name == target:
        return None
    return _relation(
        dataset.id, dataset.digest, actions.kinds_of(dataset), target, not found.has_probabilities, name
    )


@st.cache_resource(show_spinner=False)
def _validated() -> dict[tuple, list[Finding]]:
    return {}


def _key(dataset: Dataset, draft: dict[str, Any]) -> tuple:
    chosen = *fixes.choices(draft).values(), *sorted(fixes.steps(draft).items())
    return dataset.id, dataset.digest, actions.kinds_of(dataset), draft["target"], *chosen


def forget(dataset: Dataset, draft: dict[str, Any]) -> None:
    """Have the next `validated` look again."""
    _validated().pop(_key(dataset, draft), None)


def is_validated(dataset: Dataset, draft: dict[str, Any]) -> bool:
    """Whether the answer is there already."""
    return _key(dataset, draft) in _validated()


def validated(
    dataset: Dataset, draft: dict[str, Any], progress: Callable[[float, str], None]
) -> list[Finding]:
    """What the checks before training find in a draft's data."""
    from automl.findings.before import Table, validate

    kept, key = _validated(), _key(dataset, draft)
    if key not in kept:
        table = Table.of(
            actions.frame(dataset), dataset.columns, draft["target"], rows=dataset.rows, steps=fixes.steps(draft),
            **fixes.choices(draft),
        )  # fmt: skip
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = validate(table, progress)
    return kept[key]


def report(dataset: Dataset, target: str | None, *, as_pdf: bool = False) -> bytes:
    """The data set report as one HTML file, or as PDF."""
    from automl.report import html, pdf
    from automl.report.data import data_report

    document = data_report(
        actions.frame(dataset), dataset.columns, target,
        name=dataset.name, rows=dataset.rows, notes=dataset.report.notes,
    )  # fmt: skip
    return pdf.render(document) if as_pdf else html.render(document).encode()
