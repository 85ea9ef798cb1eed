"""A finished batch: its files, what was predicted, how it compares, what really happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.predict import Check, Extras, unsure_sentence
from automl.types import Batch, ModelVersion, from_dict
from automl.ui import charts, downloads, tables, widgets
from automl.ui.batches import beside, decide, realised
from automl.ui.batches.history import file_name
from automl.ui.state import workspace

PREVIEW_ROWS = 200
LABELS_SHOWN = 10
CHART_ROWS = 200_000
WORDS = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}


def show(model: ModelVersion, bundle: Bundle, batch: Batch) -> None:
    """Downloads first, then what is in them."""
    with st.container(horizontal=True):
        written = {f: path for f in WORDS if (path := workspace().batches.output(batch, f)) is not None}
        for at, (format, path) in enumerate(written.items()):
            word = WORDS[format] if at else f"Download {WORDS[format]}"
            downloads.button(word, path, file_name(batch, format), key=f"download-{format}", primary=not at)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True):
        _predicted(bundle, batch)
    with right:
        decide.found(from_dict({k: v for k, v in batch.contract.items() if k != "names"}, Check))
    _preview(batch)
    with st.container(border=True):
        realised.show(bundle, batch)
    beside.show(model, bundle, batch)


def _predicted(bundle: Bundle, batch: Batch) -> None:
    outcome, target = batch.outcome, widgets.short(bundle.schema["target"], 40)
    if outcome["labels"]:
        ranked = sorted(outcome["labels"].items(), key=lambda kv: -kv[1])
        label, count = ranked[0]
        widgets.card_title(f"{wording.percent(count / batch.rows)} of the rows will probably be {widgets.short(label, 30)}")
        tables.bars([(name, n / batch.rows) for name, n in ranked[:LABELS_SHOWN]])
        if len(ranked) > LABELS_SHOWN:
            widgets.muted(f"{len(ranked) - LABELS_SHOWN} more labels.")
    else:
        title = f"{target} is {wording.number(outcome['mean'])} on average"
        chart = _histogram(str(workspace().batches.output(batch, "parquet")), outcome["added"][0])
        charts.target(chart, target, title)
        widgets.muted(f"From {wording.number(outcome['low'])} to {wording.number(outcome['high'])}.")
    if outcome.get("unsure"):  # a batch of an earlier version knows none
        level = from_dict(batch.wishes["extras"], Extras).level
        widgets.hint(f"{unsure_sentence(outcome['unsure'], batch.rows, level)} Look at them yourself.")
    if outcome["warned"]:
        share = wording.percent(outcome["warned"] / batch.rows)
        widgets.muted(f"{wording.count(outcome['warned'])} rows ({share}) have a warning in their last column.")


@st.cache_data(show_spinner=False, max_entries=32)
def _histogram(path: str, column: str) -> dict[str, Any]:
    import numpy as np

    from automl.predict import open_table, pieces

    parts, rows = [], 0
    for stored, _ in pieces(open_table(Path(path)), [column]):
        parts.append(stored.column(0).to_numpy())
        rows += stored.num_rows
        if rows >= CHART_ROWS:
            break
    counts, edges = np.histogram(np.concatenate(parts), bins=30)
    return {"type": "histogram", "counts": counts.tolist(), "edges": edges.tolist()}


@st.cache_data(show_spinner=False, max_entries=8)
def _head(path: str) -> Any:
    from automl.predict import open_table, pieces

    return next(pieces(open_table(Path(path)), rows=PREVIEW_ROWS))[1]


def _preview(batch: Batch) -> None:
    head = _head(str(workspace().batches.output(batch, "parquet"))).copy()
    first = [c for c in batch.outcome["added"] if c in head]
    shares = {c: st.column_config.NumberColumn(format="percent") for c in first if c.startswith("probability_")}
    for name in first:
        if head[name].dtype.kind == "f":
            head[name] = wording.rounded(head[name], share=name in shares)
    rest = [c for c in head.columns if c not in first]
    st.dataframe(head[[*first, *rest]], hide_index=True, key="predictions", column_config=shares)
    if batch.rows > PREVIEW_ROWS:
        widgets.muted(f"The first {PREVIEW_ROWS} rows are shown; the files have all.")
