"""Batch prediction: a file or a data set in, the same rows with predictions out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import streamlit as st

from automl import wording
from automl.bundle import Bundle
from automl.errors import ForetableError
from automl.types import ModelVersion
from automl.ui import actions, widgets
from automl.ui.state import project, workspace

PREVIEW_ROWS = 200


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Choose a table, see what was repaired, preview, download."""
    left, right = st.columns(2, gap="medium")
    with left:
        file = st.file_uploader(
            "Upload the rows to predict (CSV, Excel, Parquet or JSON lines; zipped or not)",
            key=f"predict-upload-{model.id}",
        )
    with right:
        known = {d.id: d.name for d in workspace().datasets(project())}
        chosen = st.selectbox(
            "Or take a data set",
            list(known),
            index=None,
            format_func=lambda id: widgets.short(known[id]),
            placeholder="None chosen",
            key=f"predict-data-{model.id}",
        )
    try:
        if file is not None:
            done, name = _from_upload(bundle, file, file.file_id, bundle.stamp), Path(file.name).stem
        elif chosen:
            dataset = workspace().dataset(chosen)
            done, name = (
                _from_dataset(bundle, dataset.id, dataset.digest, bundle.stamp),
                Path(dataset.name).stem,
            )
        else:
            with st.container(border=True):
                widgets.empty(
                    "Your predictions will be here",
                    "Column order and letter case don't matter, and the column to predict may be there or not. "
                    f"The model looks for {len(bundle.schema['columns'])} columns.",
                )
            return
    except ForetableError as e:
        st.error(widgets.plain(str(e)), icon=":material/error:")
        return
    _result(bundle, done, f"{actions.file_name(name)}-predictions")


@st.cache_resource(show_spinner="Predicting", max_entries=4)
def _from_upload(_bundle: Bundle, _file: Any, file_id: str, model: str) -> Any:
    from automl.predict import predict_frame

    return predict_frame(_bundle, actions.read_upload(_bundle, _file))


@st.cache_resource(show_spinner="Predicting", max_entries=4)
def _from_dataset(_bundle: Bundle, id: str, digest: str, model: str) -> Any:
    from automl.predict import predict_frame

    return predict_frame(_bundle, actions.frame(workspace().dataset(id)))


def _result(bundle: Bundle, done: Any, name: str) -> None:
    st.success(f"{wording.count(len(done.table))} rows predicted.", icon=":material/check_circle:")
    if done.repairs:
        with st.container(border=True):
            widgets.card_title("What was checked and repaired")
            widgets.bullets([note.message for note in done.repairs])
    with st.container(horizontal=True):
        st.download_button(
            "Download predictions (CSV)", data=lambda: _csv(done.table), file_name=f"{name}.csv", mime="text/csv",
            type="primary", icon=":material/download:", key="download-csv", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download as Parquet", data=lambda: _parquet(done.table), file_name=f"{name}.parquet",
            mime="application/vnd.apache.parquet", key="download-parquet", on_click="ignore",
        )  # fmt: skip
    first = list(done.added)
    rest = [c for c in done.table.columns if c not in first]
    st.dataframe(
        done.table.head(PREVIEW_ROWS)[[*first, *rest]],
        hide_index=True,
        key="predictions",
        column_config={
            c: st.column_config.NumberColumn(format="percent") for c in first if c.startswith("probability_")
        },
    )
    if len(done.table) > PREVIEW_ROWS:
        widgets.muted(f"The first {PREVIEW_ROWS} rows are shown; the download has all.")


def _csv(table: Any) -> bytes:
    from automl.predict import guard_formulas

    return guard_formulas(table).to_csv(index=False).encode("utf-8")


def _parquet(table: Any) -> bytes:
    from automl.predict import portable

    out = io.BytesIO()
    portable(table).to_parquet(out, index=False)
    return out.getvalue()
