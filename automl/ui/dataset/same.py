"""Columns of a new version that may be columns of the version before by another name: a switch for each."""

from __future__ import annotations

import streamlit as st

from automl.data import renamed
from automl.data.compare import Side
from automl.data.renamed import Candidate
from automl.errors import ForetableError
from automl.types import Dataset
from automl.ui import actions, widgets
from automl.ui.state import go, workspace

MOST_SHOWN = 12
GONE = "It is gone"


@st.cache_data(show_spinner="Looking for columns with new names", max_entries=32)
def _candidates(before: str, after: str, digests: tuple[str, str], names: tuple[str, ...]) -> list[Candidate]:
    sides = []
    for id in (before, after):
        dataset = workspace().dataset(id)
        sides.append(Side(dataset.columns, dataset.rows, actions.frame(dataset)))
    return renamed.candidates(*sides)


def show(before: Dataset, dataset: Dataset) -> None:
    """A card for each pair that may be one column, and a choice for every other column that went."""
    if dataset.report.format in ("append", "join"):  # these have their own ways
        return
    now = renamed.of_report(dataset.report)
    names = tuple(c.name for c in dataset.columns)
    known = {c.name for c in before.columns}
    found = [c for c in _candidates(before.id, dataset.id, (before.digest, dataset.digest), names) if c.name not in now]
    gone = [c.name for c in before.columns if c.name not in names and c.name not in {f.was for f in found}]
    came = [n for n in names if n not in known and n not in now and n not in {f.name for f in found}]
    if not now and not found and not (gone and came):
        return
    wanted = dict(now)
    with st.container(border=True, key="same-columns"):
        widgets.card_title("Columns with another name")
        widgets.muted(
            "A column that is the same keeps the name it had. Recipes, joins and models then go on with this version, and "
            "files to predict may use either name."
        )
        for name, was in now.items():
            if not _switch(dataset, name, was, "so you said", on=True):
                del wanted[name]
        for one in found[:MOST_SHOWN]:
            if _switch(dataset, one.name, one.was, one.why, on=False):
                wanted[one.name] = one.was
        if gone and came:
            wanted |= _others(dataset, gone, came)
    if wanted != now:
        _keep(before, dataset, wanted)


def _switch(dataset: Dataset, name: str, was: str, why: str, *, on: bool) -> bool:
    return st.toggle(
        f"**{widgets.plain(widgets.short(name, 40))}** is the same column as **{widgets.plain(widgets.short(was, 40))}** · {widgets.plain(why)}",
        on, key=f"same-{dataset.id}-{dataset.digest[:8]}-{was}-{name}",
    )  # fmt: skip


def _others(dataset: Dataset, gone: list[str], came: list[str]) -> dict[str, str]:
    """Pairs that nothing points to: the user may know."""
    chosen: dict[str, str] = {}
    with st.expander("Another column has a new name", key="same-others"):
        for was in gone[:MOST_SHOWN]:
            name = st.selectbox(
                f"What {widgets.label(was, 40)} is called now", [GONE, *came], format_func=widgets.short,
                key=f"same-{dataset.id}-{dataset.digest[:8]}-{was}",
            )  # fmt: skip
            if name != GONE and name not in chosen:
                chosen[name] = was
        if len(gone) > MOST_SHOWN:
            widgets.muted(f"{len(gone) - MOST_SHOWN} more columns are gone; they are listed below.")
    return chosen


def _keep(before: Dataset, dataset: Dataset, wanted: dict[str, str]) -> None:
    """Read the version with these names from now on; one that is in use stays, and the next version is made."""
    try:
        with st.spinner("Giving columns their names"):
            kept = renamed.keep(workspace(), dataset, wanted, before)
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
        return
    if kept.id == dataset.id:
        st.rerun()
    st.toast(f"Kept as version {kept.version}, since version {dataset.version} is in use.")
    go("data", dataset=kept.id, part="Versions")
