"""The table of pages. A new page is one file in pages/ and one line here."""

from __future__ import annotations

import streamlit as st

from automl.ui import navigation

PAGES = {
    "Work": [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/data.py", title="Data", icon=":material/table:", url_path="data"),
        st.Page("pages/models.py", title="Models", icon=":material/model_training:", url_path="models"),
        st.Page("pages/build.py", title="Build", url_path="build", visibility="hidden"),
        st.Page("pages/clean.py", title="Clean the data", url_path="clean", visibility="hidden"),
        st.Page("pages/analyze.py", title="Analyze", url_path="analyze", visibility="hidden"),
        st.Page("pages/predict.py", title="Predict", url_path="predict", visibility="hidden"),
    ],
}

navigation.run(PAGES)
