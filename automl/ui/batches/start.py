"""The ways to start a batch: a file, or a data set."""

from __future__ import annotations

import streamlit as st

from automl.bundle import Bundle
from automl.data.ingest import is_large
from automl.errors import ForetableError
from automl.jobs import batches
from automl.types import Batch, ModelVersion
from automl.ui import uploader, widgets
from automl.ui.state import project, workspace


def show(model: ModelVersion, bundle: Bundle) -> None:
    """Choose a table; it is checked before anything is predicted."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        key = f"predict-upload-{model.id}"
        hint = "CSV, Excel, Parquet or JSON lines; zipped or not; of any number of rows."
        sent = uploader.show("Upload the rows to predict", key=key, hint=hint)
        if sent is not None:
            try:
                _open(_of_file(model, bundle, sent))
            except ForetableError as e:
                uploader.refuse(str(e), key=key)
            finally:
                sent.path.unlink(missing_ok=True)
    with right, st.container(border=True, height="stretch"):
        known = {d.id: d for d in workspace().datasets(project()) if d.version > 0}
        chosen = st.selectbox(
            "Or take a data set", list(known), index=None, placeholder="None chosen", key=f"predict-data-{model.id}",
            format_func=lambda id: f"{widgets.short(known[id].name)} · version {known[id].version}",
        )  # fmt: skip
        if st.button("Check it", key="check-data", disabled=chosen is None):
            try:
                with st.spinner("Checking"):
                    batch = batches.of_dataset(workspace(), model.id, known[chosen])
                    _read(batch, bundle)
            except ForetableError as e:
                st.error(widgets.plain(str(e)), icon=":material/error:")
            else:
                _open(batch)


def _of_file(model: ModelVersion, bundle: Bundle, sent: uploader.Sent) -> Batch:
    large = is_large(sent.path)
    batch = batches.of_upload(workspace(), model.id, sent.path, sent.name)
    if large:
        batches.submit(workspace(), batch, act="read")
    else:
        with st.spinner("Reading and checking"):
            _read(batch, bundle)
    return batch


def _read(batch: Batch, bundle: Bundle) -> None:
    try:
        batches.read(workspace(), batch, bundle)
    except ForetableError:
        workspace().batches.delete(batch.id)
        raise


def _open(batch: Batch) -> None:
    st.query_params["batch"] = batch.id
    st.rerun()
