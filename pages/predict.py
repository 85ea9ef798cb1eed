"""Predict: one row in a form, a whole table, or whatever comes, by itself."""

from __future__ import annotations

import streamlit as st

from automl.ui import actions, batches, header, predict_form
from automl.ui.batches import automatic

ONE, MANY, ALONE = "One prediction", "A whole table", "Automatic"

opened = header.open_model()
if opened is not None:
    bundle = actions.open_bundle(opened.model)

    def buttons() -> None:
        if (st.session_state.get("rows") or st.query_params.get("rows") or ONE) == ONE:
            st.button("Predict a file", type="primary", key="predict-a-file", on_click=choose_file)

    def choose_file() -> None:
        st.session_state["rows"] = MANY

    if bundle is None:
        header.not_built(opened, "Predict", "A form for one row and an upload for many will be here.")
    else:
        header.show(opened, "Predict", buttons)
        one, many, alone = st.tabs([ONE, MANY, ALONE], key="rows", on_change="rerun", bind="query-params")
        if many.open:
            with many:
                batches.show(opened.model, bundle)
        elif alone.open:
            with alone:
                automatic.show(opened.model, bundle)
        else:
            with one:
                predict_form.show(opened.model, bundle)
