"""Predict: one row in a form, or a whole table."""

from __future__ import annotations

import streamlit as st

from automl.ui import actions, header, predict_file, predict_form

ONE, MANY = "One prediction", "A whole table"

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
        one, many = st.tabs([ONE, MANY], key="rows", on_change="rerun", bind="query-params")
        if many.open:
            with many:
                predict_file.show(opened.model, bundle)
        else:
            with one:
                predict_form.show(opened.model, bundle)
