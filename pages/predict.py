"""Predict: one row in a form, or a whole table."""

from __future__ import annotations

import streamlit as st

from automl.ui import actions, header, predict_file, predict_form

opened = header.open_model()
if opened is not None:
    header.show(opened, "Predict")
    bundle = actions.open_bundle(opened.model)
    if bundle is None:
        st.info("This model is not built yet. Predictions are possible once the build has ended.")
        st.page_link("pages/build.py", label="Go to the build", query_params={"model": opened.model.id})
    else:
        one, many = st.tabs(["One prediction", "A whole table"], key="predict-tabs")
        with one:
            predict_form.show(bundle)
        with many:
            predict_file.show(opened.model, bundle)
