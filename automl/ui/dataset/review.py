"""A proposed version: what differs from the version before, then keep or discard."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl import wording
from automl.data.append_stored import alike_in
from automl.data.compare import Difference
from automl.errors import ForetableError
from automl.types import Dataset, ModelVersion
from automl.ui import actions, append_choices, header, widgets
from automl.ui.dataset import difference, same
from automl.ui.state import go, workspace

PREVIEW_ROWS = 100


def show(dataset: Dataset) -> None:
    """The page of a table that is not kept yet."""
    versions = workspace().versions_of(dataset.series)
    before = next((v for v in versions if v.id == dataset.parent), versions[0] if versions else None)

    def buttons() -> None:
        if st.button("Discard", key="discard-version"):
            workspace().delete_dataset(dataset.id)
            st.toast("Discarded; nothing was kept.")
            go("data", **({"dataset": before.id, "part": "Versions"} if before else {}))
        if st.button("Keep this version", type="primary", key="keep-version"):
            kept = workspace().keep_version(dataset.id)
            st.toast(f"Kept as version {kept.version}.")
            go("data", dataset=kept.id, part="Versions")

    header.top(dataset.name, badges=[("new version, not kept yet", "orange")], buttons=buttons)
    if before is None:
        widgets.muted("The versions before it were deleted: it would be the first.")
    else:
        widgets.muted(f"Compared with version {before.version}. Nothing is kept until you say so.")
        _together(dataset)
        same.show(before, dataset)
        found = difference.show(before, dataset)
        _models(found, versions)
    asked = append_choices.ASKED if _is_asked(dataset) else ()
    notes = [note.message for note in dataset.report.notes if note.code not in asked]
    if notes:
        with st.expander(f"How it was read · {len(notes)} notes"):
            widgets.bullets(notes)
    with st.expander(f"First {wording.count(min(PREVIEW_ROWS, dataset.rows))} rows"):
        st.dataframe(actions.frame(dataset).head(PREVIEW_ROWS), hide_index=True, key="proposed-rows")


def _is_asked(dataset: Dataset) -> bool:
    """Whether its rows came from a file that is still here, so that they can be appended otherwise."""
    return "alike" in dataset.report.options and workspace().original(dataset.id) is not None


def _together(dataset: Dataset) -> None:
    """How the columns of appended rows were brought together, where the user may know better."""
    if not _is_asked(dataset):
        return
    options = dataset.report.options
    now = {"renamed": options.get("renamed", {}), "kinds": options.get("kinds", {})}
    chosen = {
        "renamed": append_choices.renamed(alike_in(dataset.report), dataset.id, now["renamed"]),
        "kinds": append_choices.kinds(dataset.report.notes, dataset.id, now["kinds"]),
    }
    if chosen == now:
        return
    if st.button("Append again with these choices", key="append-otherwise", icon=":material/refresh:"):
        try:
            with st.spinner("Appending"):
                id = actions.append_otherwise(dataset, chosen)
        except ForetableError as e:
            st.error(widgets.plain(str(e)), icon=":material/error:")
        else:
            if id == dataset.id:
                st.rerun()
            go("data", dataset=id)


def _models(found: Difference, versions: Sequence[Dataset]) -> None:
    """Models that learned from columns which this version lacks."""
    lost = {c.column for c in found.of("gone")} | {c.was for c in found.of("renamed")}
    ids = {v.id for v in versions}
    hit = [(m, sorted(lost & _used(m))) for m in workspace().models() if m.dataset in ids]
    for model, columns in [(m, c) for m, c in hit if c][:3]:
        names = ", ".join(widgets.short(c, 40) for c in columns[:3])
        more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
        word = "that name" if len(columns) == 1 else "those names"
        what = f"The model {widgets.short(model.name, 40)} knows {names}{more}, which this version has not under {word}."
        st.warning(widgets.plain(what), icon=":material/link_off:")


def _used(model: ModelVersion) -> set[str]:
    return {model.spec.problem.target, *model.spec.problem.features} if model.spec else set()
