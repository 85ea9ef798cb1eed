"""Analyze: how good the model is, what moves it, where it errs."""

from __future__ import annotations

import streamlit as st

from automl import notebook
from automl.ui import actions, analysis, header, reports
from automl.ui.state import go

opened = header.open_model()
if opened is not None:
    bundle = actions.open_bundle(opened.model)

    def buttons() -> None:
        reports.button(opened.model, bundle)
        if bundle.notebook.is_file():
            st.download_button(
                "Notebook",
                data=notebook.text(bundle),
                file_name=f"{actions.file_name(opened.model.name)}.ipynb",
                mime="application/x-ipynb+json",
                icon=":material/download:",
                key="notebook",
                help="Redoes the whole model without Foretable: pandas, scikit-learn and the model libraries.",
                on_click="ignore",
            )
        if st.button("Predict", type="primary", key="to-predict"):
            go("predict", model=opened.model.id)

    if bundle is None:
        header.not_built(opened, "Analyze", "Scores, column impact and charts will be here.")
    else:
        header.show(opened, "Analyze", buttons)
        analysis.show(opened.model, bundle)
