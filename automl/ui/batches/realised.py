"""What really happened, once it is known: the realised score beside the promised one."""

from __future__ import annotations

import shutil
from pathlib import Path

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.errors import ForetableError
from automl.predict import Table, open_table, to_table, truth
from automl.types import Batch, to_dict
from automl.ui import tables, uploader, widgets
from automl.ui.state import project, workspace

ORDER = "Row by row, in the same order"


def show(bundle: Bundle, batch: Batch) -> None:
    """The score where it is known; else the ways to tell what happened."""
    if batch.truth:
        _scored(batch)
        return
    target = widgets.short(bundle.schema["target"], 40)
    widgets.card_title(f"Do you know by now what {target} really was?")
    widgets.muted("Then the score of these predictions can be held against what the model promised.")
    own = truth.truth_column(bundle, _kept(batch))
    if own is not None:
        say = f"The table itself has a column '{widgets.short(own, 40)}'."
        widgets.muted(say)
        if st.button("Score with that column", key="truth-own"):
            _score(bundle, batch, _own(batch, own), own, None)
    path = workspace().batches.folder(batch.id) / "truth"
    if not path.is_file():
        _choose(batch, path)
        return
    try:
        name = st.session_state.get(f"truth-name-{batch.id}", "the file")
        table = _table(str(path), path.stat().st_mtime_ns, name, bundle)
    except ForetableError as e:
        path.unlink(missing_ok=True)
        uploader.refuse(str(e), key=f"truth-{batch.id}")
        return
    _match(bundle, batch, table)


def _kept(batch: Batch) -> list[str]:
    """The table's own columns in the output."""
    import pyarrow.parquet as pq

    names = pq.read_schema(workspace().batches.output(batch, "parquet")).names
    return [n for n in names if n not in batch.outcome["added"]]


def _choose(batch: Batch, path: Path) -> None:
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        hint = "Any kind of table; it may hold some of the rows, in any order."
        sent = uploader.show("Upload what really happened", key=f"truth-{batch.id}", hint=hint)
        if sent is not None:
            sent.path.replace(path)
            st.session_state[f"truth-name-{batch.id}"] = sent.name
            st.rerun()
    with right:
        known = {d.id: d for d in workspace().datasets(project()) if d.version > 0}
        chosen = st.selectbox(
            "Or take a data set", list(known), index=None, placeholder="None chosen", key=f"truth-data-{batch.id}",
            format_func=lambda id: f"{widgets.short(known[id].name)} · version {known[id].version}",
        )  # fmt: skip
        if chosen and st.button("Take it", key="truth-take"):
            shutil.copyfile(workspace().data_path(chosen), path)
            st.session_state[f"truth-name-{batch.id}"] = known[chosen].name
            st.rerun()


@st.cache_data(show_spinner="Reading", max_entries=4)
def _table(path: str, stamp: int, name: str, _bundle: Bundle) -> Table:
    """The file as a table on disk, read piece by piece."""
    folder = Path(path).with_name("truth.read")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return to_table(_bundle, Path(path), folder, name=name)


def _own(batch: Batch, column: str) -> Table:
    return open_table(workspace().batches.output(batch, "parquet"))


def _match(bundle: Bundle, batch: Batch, table: Table) -> None:
    names = list(table.names)
    target = truth.truth_column(bundle, names)
    ways = [ORDER, *(n for n in _kept(batch) if n in names and n != target)]
    left, right = st.columns(2)
    column = left.selectbox(
        "The column with what really happened", names, index=names.index(target) if target else None,
        format_func=widgets.short, key=f"truth-column-{batch.id}",
    )  # fmt: skip
    usual = _key_of(str(table.path), table.path.stat().st_mtime_ns, ways[1:], table) or ORDER
    way = right.selectbox(
        "How rows are matched", ways, index=ways.index(usual), format_func=widgets.short, key=f"truth-way-{batch.id}"
    )
    with st.container(horizontal=True):
        if st.button("Score these predictions", type="primary", key="truth-score", disabled=column is None):
            _score(bundle, batch, table, column, None if way == ORDER else way)
        if st.button("Another file", key="truth-other"):
            (workspace().batches.folder(batch.id) / "truth").unlink(missing_ok=True)
            st.rerun()


@st.cache_data(show_spinner="Looking for an id", max_entries=8)
def _key_of(path: str, stamp: int, names: list[str], _table: Table) -> str | None:
    """The first of some columns that tells rows apart."""
    return next((n for n in names if truth.tells_rows_apart(_table, n)), None)


def _score(bundle: Bundle, batch: Batch, table: Table, column: str, key: str | None) -> None:
    try:
        with st.spinner("Scoring"):
            path = workspace().batches.output(batch, "parquet")
            found = truth.realised(bundle, path, batch.outcome["added"], table, column=column, key=key)
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
        return
    workspace().batches.update(batch.id, truth=to_dict(found))
    st.rerun()


def _scored(batch: Batch) -> None:
    found = batch.truth
    main = found["metrics"][0]
    widgets.card_title("What really happened")
    st.markdown(widgets.plain(found["sentence"]))
    if main["promised"] is not None:
        widgets.scale(
            main["low"], main["value"], main["high"], main["promised"],
            (f"promised {wording.number(main['promised'])}", f"realised {wording.number(main['value'])}"),
        )  # fmt: skip
    rows = [
        (m["label"], _between(m["value"], m["low"], m["high"]), _between(m["promised"], m["promised_low"], m["promised_high"]))
        for m in found["metrics"]
    ]  # fmt: skip
    with st.expander("Every metric"):
        tables.table(("Metric", "Realised", "Promised"), rows, right=(1, 2))
    widgets.muted(f"Rows were {found['how']}. The ranges hold with 95 % confidence.")
    if st.button("Score it again with other outcomes", key="truth-again", type="tertiary"):
        (workspace().batches.folder(batch.id) / "truth").unlink(missing_ok=True)
        workspace().batches.update(batch.id, truth=None)
        st.rerun()


def _between(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return wording.NOTHING
    return f"{wording.number(value)} ({wording.number(low)} to {wording.number(high)})"
