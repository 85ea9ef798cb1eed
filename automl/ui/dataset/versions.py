"""Versions: add one by a file or by rows, what changed, which models learned from which."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from automl import wording
from automl.data.append_stored import append_again, newer_inputs
from automl.errors import ForetableError
from automl.types import Dataset, ModelVersion
from automl.ui import actions, cards, header, refused, sources_form, uploader, widgets
from automl.ui.dataset import difference, same
from automl.ui.state import go, workspace

NEW, ROWS, AGAIN = "Upload a new version", "Append rows", "Fetch again"
HINTS = {
    NEW: "The whole table as it is now. What differs is shown before anything is kept.",
    ROWS: "Further rows with the same columns, in any order. What comes out is shown before anything is kept.",
}


def show(dataset: Dataset) -> None:
    """The tab."""
    versions = workspace().versions(dataset.id)
    latest = versions[0]
    for proposal in workspace().proposals(dataset.id):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            widgets.muted(f"A new version with {wording.count(proposal.rows)} rows waits for your word.")
            if st.button("Look at it", key=f"look-at-{proposal.id}"):
                go("data", dataset=proposal.id)
    with st.container(border=True):
        _add(latest)
    before = _before(dataset, versions)
    if before is not None:
        st.header(f"What changed in version {dataset.version}, after version {before.version}", anchor=False)
        same.show(before, dataset)
        difference.show(before, dataset)
    st.header("All versions", anchor=False)
    models = [m for m in workspace().models() if m.dataset in {v.id for v in versions}]
    with st.container(border=True, gap="small"):
        for version in versions:
            _row(version, dataset, [m for m in models if m.dataset == version.id])
    old = [m for m in models if m.dataset != latest.id and header.Opened(m, None).ready]
    if old:
        st.header("Models of earlier versions", anchor=False)
        with st.container(border=True, gap="small"):
            for model in old:
                _again(model, latest, {v.id: v.version for v in versions})


def _before(dataset: Dataset, versions: Sequence[Dataset]) -> Dataset | None:
    earlier = [v for v in versions if v.version < dataset.version]
    return next((v for v in earlier if v.id == dataset.parent), earlier[0] if earlier else None)


def _add(latest: Dataset) -> None:
    fetched = "source" in latest.report.options
    ways = [AGAIN, NEW, ROWS] if fetched else [NEW, ROWS]
    first = ROWS if st.query_params.get("add") == "rows" else ways[0]
    way = st.segmented_control("Add a version", ways, default=first, required=True, key=f"add-{latest.id}")
    if (way or first) == AGAIN:
        sources_form.refresh(latest)
    else:
        _upload(latest, way or first)
    if newer := newer_inputs(workspace(), latest):
        names = ", ".join(f"{widgets.short(d.name, 40)} (version {d.version})" for d in newer)
        widgets.muted(f"Made by appending, and since then there is newer data: {names}.")
        if st.button("Append again with the newer data", key="append-again"):
            _proposed(lambda: append_again(workspace(), latest), "Appending")


def _upload(latest: Dataset, way: str) -> None:
    key = f"version-{latest.id}-{'rows' if way == ROWS else 'new'}"
    label = "Choose the file with the rows" if way == ROWS else "Choose the new file"
    about, sent = {"append_to" if way == ROWS else "version_of": latest.id}, None
    try:
        sent = uploader.show(label, key=key, hint=HINTS[way])
        if sent is not None and not refused.waits(sent, key=key):
            refused.drop(key)
            with st.spinner("Reading the file"):
                id = actions.use_upload(sent, **about)
            go("data", dataset=id)
    except ForetableError as e:
        if sent and refused.keep(e, sent, key=key, about=about):
            uploader.make_ready()
        else:
            uploader.refuse(str(e), key=key)
    refused.show(key)


def _proposed(make: Callable[[], Dataset], doing: str) -> None:
    """Make a version with its progress shown, and open it."""
    try:
        with st.spinner(doing):
            made = make()
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
    else:
        go("data", dataset=made.id)


def _row(version: Dataset, shown: Dataset, models: Sequence[ModelVersion]) -> None:
    about, button = st.columns([5, 1], vertical_alignment="center")
    with about, st.container(gap="xxsmall"):
        st.markdown(f"**Version {version.version}**" + (" · shown here" if version.id == shown.id else ""))
        came = cards.ORIGINS.get(version.origin, version.origin)
        widgets.muted(
            f"{version.created[:16].replace('T', ' ')} UTC · {wording.count(version.rows)} rows · "
            f"{wording.count(len(version.columns))} columns · {came}"
        )
        if models:
            names = ", ".join(f"{widgets.short(m.name, 30)} {m.number}" for m in models[:4])
            widgets.quiet_lines(names + (f" and {len(models) - 4} more" if len(models) > 4 else "") + " learned from it")
    if version.id != shown.id and button.button("Open", key=f"open-version-{version.id}", width="stretch"):
        go("data", dataset=version.id, part="Versions")


def _again(model: ModelVersion, latest: Dataset, numbers: dict[str, int]) -> None:
    target = model.spec.problem.target if model.spec else model.draft.get("target")
    here = target in {c.name for c in latest.columns}
    about, button = st.columns([3, 1], vertical_alignment="center")
    with about, st.container(gap="xxsmall"):
        widgets.card_title(f"{widgets.short(model.name, 40)}, version {model.number}")
        line = f"learned from version {numbers[model.dataset]} · predicts {widgets.short(str(target), 40)}"
        widgets.muted(line if here else f"{line}, which version {latest.version} has not")
    label = f"Build again on version {latest.version}"
    if button.button(label, key=f"again-{model.id}", disabled=not here, width="stretch"):
        go("build", model=actions.new_version(model, dataset=latest).id)
