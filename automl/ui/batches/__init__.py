"""Many rows at once: a table chosen, checked, predicted by a job; its history; what predicts by itself."""

from __future__ import annotations

import streamlit as st

from automl.bundle import Bundle
from automl.errors import StoreError
from automl.jobs import batches
from automl.types import Batch, ModelVersion
from automl.ui import widgets
from automl.ui.batches import decide, history, progress, result, start
from automl.ui.state import workspace


def show(model: ModelVersion, bundle: Bundle) -> None:
    """The batch in the address; without one, the ways to start one and those of before."""
    batch = _opened(model)
    if batch is None:
        start.show(model, bundle)
        history.show(model)
        return
    state = batches.state(workspace(), batch)
    history.top(batch, state)
    if state == "done":
        result.show(model, bundle, batch)
    elif state == "draft" and batch.contract:
        decide.show(model, bundle, batch)
    else:
        progress.show(batch, state)


def _opened(model: ModelVersion) -> Batch | None:
    id = st.query_params.get("batch")
    if not id:
        return None
    try:
        batch = workspace().batches.get(id)
        if batch.model == model.id:
            return batch
        st.warning("This batch belongs to another model.", icon=":material/search_off:")
    except StoreError as e:
        st.warning(widgets.plain(str(e)), icon=":material/search_off:")
    return None
